//! No secret in anything that is shown or written, however talkative the run.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::{
    front_door::{Denial, FrontDoor, Rules},
    job::{Job, Run},
};

use super::{PAT, open_door, with_pat};

/// The secret, whole and in pieces of ten bytes, as it is, backwards and in base64 at each alignment.
fn needles() -> Vec<String> {
    let secret = &PAT["ghp_".len()..];
    let backwards: String = secret.chars().rev().collect();
    let windows = |text: &str| (0..=text.len() - 10).map(|start| text[start..start + 10].to_owned()).collect::<Vec<_>>();
    let base64 = |prefix: &str| {
        let encoded = STANDARD.encode(format!("{prefix}{PAT}"));
        encoded[8..encoded.len() - 4].to_owned()
    };
    let encoded = ["", "x", "xy"].map(base64);
    windows(secret).into_iter().chain(windows(&backwards)).chain(encoded).collect()
}

#[track_caller]
fn assert_silent(run: &Run) {
    let shown = run.everything_shown();
    for needle in needles() {
        assert!(!shown.contains(&needle), "{needle} was shown:\n{shown}");
    }
}

#[test]
fn a_talkative_run_still_shows_no_secret() {
    let talkative = [("RUNNER_DEBUG", "1"), ("ACTIONS_STEP_DEBUG", "true"), ("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")];
    for rules in [Rules::default().allow(PAT), Rules::default().deny(PAT, Denial::PackageWriteDenied), Rules::default()] {
        let (job, door) = (Job::new(), FrontDoor::start(rules));
        let step = talkative.iter().fold(with_pat(&job, &door), |step, (name, value)| step.env(name, value));
        let run = step.run();
        assert!(run.stdout.contains("::debug::"), "{}", run.log());
        assert_silent(&run);
    }
}

#[test]
fn every_form_in_which_a_secret_travels_is_masked_before_anything_is_said() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).input("GHCR_USERNAME", "robot").run();
    let masks: Vec<_> = run.stdout.lines().map_while(|line| line.strip_prefix("::add-mask::")).collect();
    for value in [PAT.to_owned(), STANDARD.encode(PAT), STANDARD.encode(format!("robot:{PAT}"))] {
        assert!(masks.contains(&value.as_str()));
    }
    assert!(!run.log().contains("add-mask"), "a mask came after the log began");
    assert_eq!(run.stderr, "");
}

#[test]
fn a_bearer_that_is_not_the_credential_is_masked_too() {
    let (job, door) = (Job::new(), open_door());
    door.always("GET /token", ghcr_auth_testbed::front_door::Answer::status(200).body(br#"{"token":"OpaqueBearerCanary42"}"#));
    let run = with_pat(&job, &door).run();
    assert!(run.stdout.starts_with("::add-mask::") && run.stdout.contains("::add-mask::OpaqueBearerCanary42\n"));
    assert!(!run.everything_shown().contains("OpaqueBearerCanary42"));
}

#[test]
fn a_value_too_short_to_mask_does_not_blank_the_log() {
    let (job, door) = (Job::new(), FrontDoor::spare());
    let run = with_pat(&job, &door).input("GHCR_PAT", "abc").run();
    assert_eq!(run.output("reason"), "bad-credential");
    assert!(!run.stdout.contains("::add-mask::abc\n"));
}
