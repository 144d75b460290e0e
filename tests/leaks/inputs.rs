//! A token that was pasted where no token belongs.

use ghcr_auth::{credential::Source, job::action_yml::Input};
use ghcr_auth_testbed::job::Step;

use super::{
    play, play_talkative,
    scene::Scene,
    secrets::{JOB_TOKEN, PAT, STRAY},
};

/// How a token gets into another input.
fn pasted(token: &str) -> [String; 8] {
    [
        token.to_owned(),
        format!("{token}\n"),
        format!("acme/{token}"),
        format!("https://alice:{token}@ghcr.io"),
        format!("ghcr.io/acme/app:{token}"),
        format!("true {token}"),
        format!("/{token}"),
        format!("{token}\n::add-mask::x ##[error]x"),
    ]
}

/// Each input that is no credential, with each of these.
fn rows(token: &str) -> Vec<(&'static str, String)> {
    let is_credential = |input: Input| Source::ALL.iter().any(|source| source.input() == input);
    let others = Input::ALL.iter().filter(|input| !is_credential(**input));
    others.flat_map(|input| pasted(token).map(|value| (input.name(), value))).collect()
}

#[test]
fn a_credential_in_another_input_too() {
    for token in [PAT, JOB_TOKEN] {
        play_talkative(&rows(token), |(input, value), mood| {
            let scene = Scene::open(mood);
            scene.run(scene.step().input(input, value));
        });
    }
}

#[test]
fn a_token_in_another_input_only() {
    play_talkative(&rows(STRAY), |(input, value), mood| {
        let scene = Scene::open(mood);
        scene.run(scene.step().input(input, value));
    });
}

#[test]
fn a_token_in_an_argument() {
    play(&[STRAY, PAT], |token, mood| {
        let scene = Scene::open(mood);
        let run = scene.run(scene.step().args(&["--token", token]));
        assert_eq!((run.code, run.output("reason")), (2, "invalid-input"));
        assert!(scene.door.requests().is_empty());
    });
}

#[test]
fn a_token_in_a_variable_that_the_runner_sets() {
    let names = ["GITHUB_ACTOR", "GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_JOB", "SSL_CERT_FILE", "NO_PROXY"];
    play_talkative(&names, |name, mood| {
        let scene = Scene::open(mood);
        let step: Step<'_> = scene.step().env(name, &format!("https://{PAT}"));
        scene.run(step);
    });
}

#[test]
fn a_name_that_is_a_command_is_none() {
    let names = ["##[error]x", "x ##[add-mask]y", "::error::x", "  ::set-output name=push::true", "##[group]::stop-commands::x"];
    let places = ["GHCR_USERNAME", "GITHUB_ACTOR", "GITHUB_EVENT_NAME", "GITHUB_REPOSITORY", "RUNNER_TEMP", "GITHUB_JOB"];
    let rows: Vec<_> = places.into_iter().flat_map(|place| names.map(|name| (place, name))).collect();
    play(&rows, |(place, name), mood| {
        let scene = Scene::open(mood);
        let step =
            if *place == "GHCR_USERNAME" { scene.step().input(place, &name.replace(':', "")) } else { scene.step().env(place, name) };
        scene.run(step);
    });
}
