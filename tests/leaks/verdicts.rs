//! Runs as they should be: allowed, refused, passed on to the next credential, not asked at all.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::{
    event::Event,
    front_door::{Answer, Denial, Rules},
    job::Step,
};
use serde_json::json;

use super::{
    play,
    scene::{Mood, Scene},
    secrets::{BEARER, CREDENTIALS, FALLBACK, JOB_TOKEN, OTHER_PAT, PAT, basic},
};

/// Every form in which a credential travels.
fn forms_on_the_way(user: &str, token: &str) -> [String; 3] {
    [token.to_owned(), STANDARD.encode(token), basic(user, token)]
}

#[test]
fn a_push_that_is_allowed() {
    type Change = fn(Step<'_>) -> Step<'_>;
    let rows: [(&str, Change); 6] = [
        ("allowed", |step| step),
        ("allowed", |step| step.input("access", "pull")),
        ("allowed", |step| step.input("login", "none")),
        ("allowed", |step| step.input("required", "true")),
        ("allowed", |step| step.input("images", "acme/app\nAcme/Web, acme/tools/cli")),
        ("unverified", |step| step.input("verify", "false")),
    ];
    play(&rows, |(reason, change), mood| {
        let scene = Scene::open(mood);
        let run = change(scene.step().input("GHCR_USERNAME", "robot")).run();
        scene.examine(&run);
        assert_eq!((run.output("reason"), run.output("credential")), (*reason, "GHCR_PAT"));
        Scene::assert_masked(&run, &CREDENTIALS.map(|(_, token)| forms_on_the_way("robot", token)).concat());
        assert_eq!(run.stdout.contains("::debug::"), mood == Mood::Talkative && *reason != "unverified");
        scene.post();
    });
}

#[test]
fn each_refusal_of_each_credential() {
    let rows: Vec<_> = Denial::all().into_iter().flat_map(|denial| CREDENTIALS.map(|credential| (denial, credential))).collect();
    play(&rows, |(denial, (name, token)), mood| {
        let scene = Scene::new(mood, Rules::default().deny(token, *denial));
        let run = scene.run(scene.bare_step().input(name, token).input("required", "true"));
        assert_eq!((run.output("reason"), run.code), (denial.reason(), 1));
        Scene::assert_masked(&run, &forms_on_the_way("alice", token));
    });
}

#[test]
fn a_credential_that_yields_to_the_next() {
    let dead = Rules::default;
    let rows = [
        (dead().deny(PAT, Denial::MissingScope).allow(JOB_TOKEN), "GITHUB_TOKEN"),
        (dead().allow(JOB_TOKEN), "GITHUB_TOKEN"),
        (dead().deny(JOB_TOKEN, Denial::PackageWriteDenied).allow(FALLBACK), "LOCAL_RUNNER_FALLBACK_TOKEN"),
        (dead().allow(OTHER_PAT), ""),
        (dead(), ""),
    ];
    play(&rows, |(rules, credential), mood| {
        let scene = Scene::new(mood, rules.clone());
        let run = scene.run(scene.step());
        assert_eq!(run.output("credential"), *credential, "{}", run.log());
        assert_eq!(run.output("push"), if credential.is_empty() { "false" } else { "true" });
    });
}

#[test]
fn an_event_that_may_not_publish_takes_no_secret_anywhere() {
    let rows = [
        (Event::fork_pull_request(), "fork-pr"),
        (Event::same_repo_pull_request(), "same-repo-pr"),
        (Event::dependabot_push(), "dependabot"),
        (Event::push().with("GITHUB_EVENT_NAME", "deployment"), "unsupported-event"),
        (Event::push().with("GITHUB_REPOSITORY_ID", "7"), "payload-mismatch"),
        (Event::push().with("GITEA_ACTIONS", "true"), "unsupported-server"),
    ];
    play(&rows, |(event, reason), mood| {
        let scene = Scene::open(mood);
        let run = scene.run(scene.step().event(event));
        assert_eq!((run.output("reason"), run.output("logged-in")), (*reason, "false"));
        assert!(scene.door.requests().is_empty());
    });
    play(&[Some("{"), None], |payload, mood| {
        let scene = Scene::open(mood);
        let step = scene.step();
        let run = scene.run(payload.map_or_else(|| scene.step().no_event(), |text| step.raw_event(text.as_bytes())));
        assert_eq!(run.output("reason"), "payload-unreadable");
        assert!(scene.door.requests().is_empty());
    });
}

#[test]
fn a_pull_on_a_fork_uses_the_jobs_token_alone() {
    play(&[()], |(), mood| {
        let scene = Scene::new(mood, Rules::default().allow(JOB_TOKEN));
        let run = scene.run(scene.step().event(&Event::fork_pull_request()).input("access", "pull"));
        assert_eq!((run.output("push"), run.output("credential")), ("false", "GITHUB_TOKEN"), "{}", run.log());
        assert!(scene.door.credentials().iter().all(|sent| sent == JOB_TOKEN));
    });
}

#[test]
fn a_developers_machine() {
    play(&["", FALLBACK], |fallback, mood| {
        let scene = Scene::new(mood, Rules::default().allow(FALLBACK));
        let run =
            scene.run(scene.step().env("ACT", "true").remove_env("RUNNER_ENVIRONMENT").input("LOCAL_RUNNER_FALLBACK_TOKEN", fallback));
        assert_eq!(run.output("push"), if fallback.is_empty() { "false" } else { "true" });
        assert!(!scene.door.credentials().iter().any(|sent| sent == JOB_TOKEN));
    });
}

#[test]
fn a_bearer_that_is_not_the_credential() {
    let token = || Answer::json(200, json!({ "token": BEARER, "expires_in": 300 }));
    let rows = [
        (Answer::status(202).header("Location", "/v2/acme/app/blobs/upload/1"), "allowed"),
        (Answer::error(403, "DENIED", &format!("denied: {BEARER}")), "denied"),
        (Answer::json(200, json!({ "token": BEARER })), "registry-protocol"),
    ];
    play(&rows, |(answer, reason), mood| {
        let scene = Scene::open(mood).answering(&[("GET /token", token()), ("POST uploads", answer.clone())]);
        let run = scene.run(scene.step().input("GITHUB_TOKEN", "").input("LOCAL_RUNNER_FALLBACK_TOKEN", ""));
        assert_eq!(run.output("reason"), *reason);
        Scene::assert_masked(&run, &[BEARER.to_owned()]);
    });
}
