//! What the runner gives a step, and what becomes of a step that lacks it.

use std::fs;

use super::Bench;

/// configure-aws-credentials `index.test.ts` "fails when github env vars are missing": without any one of the runner's
/// variables nothing is pushed and nothing is logged in, and a credential is sent only where the event is beyond doubt.
#[test]
fn without_a_variable_of_the_runners_there_is_no_push() {
    for (variable, reason, is_asked) in [
        ("GITHUB_EVENT_NAME", "unsupported-event", false),
        ("GITHUB_EVENT_PATH", "payload-unreadable", false),
        ("GITHUB_REPOSITORY", "invalid-image", false),
        ("GITHUB_REPOSITORY_ID", "payload-mismatch", false),
        ("GITHUB_REF", "payload-mismatch", false),
        ("HOME", "login-failed", true),
        ("GITHUB_ENV", "login-failed", true),
        ("GITHUB_STATE", "login-failed", true),
    ] {
        let bench = Bench::open();
        let step = bench.step().remove_env(variable);
        let step = if variable == "GITHUB_REPOSITORY" { step.input("images", "") } else { step };
        let run = step.run();
        assert_eq!(["push", "reason", "logged-in"].map(|name| run.output(name)), ["false", reason, "false"], "{variable}: {}", run.log());
        assert_eq!(!bench.door.credentials().is_empty(), is_asked, "{variable}");
        assert!(!bench.job.home().join(".docker/config.json").exists(), "{variable}");
    }
    let bench = Bench::open();
    let run = bench.step().remove_env("GITHUB_OUTPUT").run();
    assert_eq!(run.code, 1, "an answer that nobody gets fails the step");
}

/// actions/runner `SetOutputFileCommandL0` "multiple values", actions/toolkit `core.test.ts` delimiter as value: what earlier
/// commands of the step left in the files stays, and each run has a delimiter of its own.
#[test]
fn the_runners_files_are_appended_to_with_a_delimiter_that_nobody_can_know() {
    let delimiters = [(); 2].map(|()| {
        let bench = Bench::open();
        let file = bench.job.temp().join("output");
        fs::write(&file, "earlier=1\n").unwrap();
        bench.step().input("images", "acme/app,acme/web").env("GITHUB_OUTPUT", file.to_str().unwrap()).run();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("earlier=1\n"), "{text}");
        let outputs = ghcr_auth_testbed::command_file::parse(&text).unwrap();
        assert_eq!(outputs["images"].lines().count(), 2);
        let (_, rest) = text.split_once("images<<").unwrap();
        rest.lines().next().unwrap().to_owned()
    });
    assert_ne!(delimiters[0], delimiters[1]);
    assert!(delimiters.iter().all(|delimiter| delimiter.len() >= "ghadelimiter_".len() + 32), "{delimiters:?}");
}
