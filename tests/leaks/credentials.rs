//! Secrets that were saved wrongly: skipped, never sent, never shown.

use ghcr_auth_testbed::front_door::Rules;

use super::{
    play, play_talkative,
    scene::Scene,
    secrets::{BEARER, CREDENTIALS, JOB_TOKEN, PAT, STRAY},
};

/// What people save instead of the bare token.
fn malformed(token: &str) -> Vec<Vec<u8>> {
    let half = token.len() / 2;
    let (first, second) = token.split_at(half);
    let texts = [
        format!("\"{token}\""),
        format!("'{token}'"),
        format!("`{token}`"),
        format!("Bearer {token}"),
        format!("basic {token}"),
        format!("token:{token}"),
        format!("GHCR_PAT={token}"),
        format!("export GHCR_PAT={token}"),
        format!("{first} {second}"),
        format!("{first}\n{second}"),
        format!("{first}\r\n{second}\r\n"),
        format!("{token}\n\n{token}"),
        format!("{first}\t{second}"),
        format!("{first}\u{200b}{second}"),
        format!("\u{feff}{token}"),
        format!("{token}\u{a0}"),
        format!("{first}\u{7f}{second}"),
        format!("{first}\u{1b}[31m{second}\u{1b}[0m"),
        format!("{{\"token\": \"{token}\"}}"),
        format!("${{{{ secrets.{token} }}}}"),
        format!("{first}***{second}"),
        format!("::error::{token} x"),
        format!("##[error]{token} x"),
        format!("{token}\n::set-output name=push::true"),
        format!("{token}\r::warning::x"),
        format!("{token}%0A::notice::x y"),
        token.repeat(49 * 1024 / token.len() + 1),
    ];
    let bytes = [[token.as_bytes(), b"\xff"].concat(), [b"\xff\xfe", token.as_bytes()].concat()];
    texts.into_iter().map(String::into_bytes).chain(bytes).collect()
}

#[test]
fn a_malformed_credential_alone() {
    play_talkative(&malformed(PAT), |value, mood| {
        let scene = Scene::open(mood);
        let run = scene.run(scene.bare_step().raw_input("GHCR_PAT", value));
        assert_eq!((run.output("push"), run.output("reason")), ("false", "credential-malformed"));
        assert!(scene.door.requests().is_empty());
    });
}

#[test]
fn a_malformed_credential_before_one_that_works() {
    play_talkative(&malformed(PAT), |value, mood| {
        let scene = Scene::new(mood, Rules::default().allow(JOB_TOKEN));
        let run = scene.run(scene.step().raw_input("GHCR_PAT", value));
        assert_eq!((run.output("push"), run.output("credential")), ("true", "GITHUB_TOKEN"));
        assert!(scene.door.credentials().iter().all(|sent| sent == JOB_TOKEN));
    });
}

#[test]
fn all_credentials_malformed_in_one_way() {
    let ways: Vec<_> = (0..malformed(PAT).len()).collect();
    play_talkative(&ways, |way, mood| {
        let scene = Scene::open(mood);
        let step = CREDENTIALS.iter().fold(scene.bare_step(), |step, (name, token)| step.raw_input(name, &malformed(token)[*way]));
        let run = scene.run(step);
        assert_eq!((run.output("push"), run.output("reason")), ("false", "credential-malformed"));
        assert!(scene.door.requests().is_empty());
    });
}

#[test]
fn a_credential_with_blanks_around_it_is_used_without_them() {
    play(&[format!(" {PAT}\n"), format!("{PAT}\r\n"), format!("\t{PAT} ")], |value, mood| {
        let scene = Scene::open(mood);
        let run = scene.run(scene.step().input("GHCR_PAT", value));
        assert_eq!(run.output("push"), "true");
        Scene::assert_masked(&run, &[PAT.to_owned()]);
    });
}

#[test]
fn tokens_of_unknown_shape_are_tokens() {
    play(&[BEARER, STRAY], |token, mood| {
        let scene = Scene::new(mood, Rules::default().allow(token));
        // A credential of the registry here, though known as something else.
        let run = scene.step().input("GHCR_PAT", token).run();
        assert_eq!((run.output("push"), run.output("credential")), ("true", "GHCR_PAT"));
        let shown = super::trace::in_streams(&run.stdout, &run.stderr);
        assert!(shown.is_empty(), "{shown:?}");
    });
}

#[test]
fn a_value_too_short_to_mask_does_not_blank_the_log() {
    play(&[()], |(), mood| {
        let scene = Scene::open(mood);
        let run = scene.bare_step().input("GHCR_PAT", "abc").run();
        assert_eq!(run.output("reason"), "bad-credential");
        assert!(!run.stdout.contains("::add-mask::abc\n"));
    });
}
