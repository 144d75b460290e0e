//! `access: public`: can anybody pull it? Nothing is sent that is not known to everybody.

use ghcr_auth_testbed::{
    event::Event,
    front_door::{Answer, FrontDoor},
    job::{Job, Run},
};
use serde_json::{Value, json};

use super::{JOB_TOKEN, PAT, assert_outputs, binary, open_door};

/// A registry that gives a stranger a token for what is public.
fn public_door() -> FrontDoor {
    let door = open_door();
    door.always("GET /token", Answer::json(200, json!({ "token": "djE6YWNtZS9hcHA6MTcwMDAwMDAwMA" })));
    door.always("HEAD manifest", Answer::status(200));
    door.always("GET tags", Answer::json(200, json!({ "name": "acme/app", "tags": ["v1"] })));
    door
}

fn run(job: &Job, door: &FrontDoor, inputs: &[(&str, &str)]) -> Run {
    let step = job.step(binary()).registry(door).input("access", "public").input("GHCR_PAT", PAT).input("GITHUB_TOKEN", JOB_TOKEN);
    inputs.iter().fold(step, |step, (name, value)| step.input(name, value)).run()
}

fn no_secret_was_sent(door: &FrontDoor) -> bool {
    door.requests().iter().all(|request| !matches!(request.credential.as_deref(), Some(PAT | JOB_TOKEN)))
}

#[test]
fn what_anybody_can_pull_is_public_by_its_tag_its_digest_or_its_name() {
    let digest = format!("acme/app@sha256:{}", "0a".repeat(32));
    for (image, key) in [("acme/app:v1", "HEAD manifest"), (digest.as_str(), "HEAD manifest"), ("acme/app", "GET tags")] {
        let (job, door) = (Job::new(), public_door());
        let run = run(&job, &door, &[("images", image)]);
        assert_outputs(&run, &[("push", "false"), ("pull", "true"), ("reason", "allowed"), ("credential", ""), ("logged-in", "false")]);
        assert_eq!(run.output("message"), format!("Anybody can pull {}/{image}.", door.host()));
        let keys: Vec<_> = door.requests().iter().map(ghcr_auth_testbed::front_door::Request::key).collect();
        assert_eq!(keys, ["GET /v2/", "GET /token", key]);
        assert_eq!(door.requests()[1].query, "service=ghcr.io&scope=repository%3Aacme%2Fapp%3Apull");
        assert!(no_secret_was_sent(&door) && job.docker_config().is_none());
    }
}

#[test]
fn what_a_stranger_is_refused_is_not_public_and_says_where_that_is_changed() {
    for (key, answer) in [
        ("GET /token", Answer::error(401, "UNAUTHORIZED", "authentication required")),
        ("GET /token", Answer::error(403, "DENIED", "requested access to the resource is denied")),
        ("HEAD manifest", Answer::status(401)),
        ("HEAD manifest", Answer::status(403)),
        ("HEAD manifest", Answer::status(404)),
    ] {
        let (job, door) = (Job::new(), public_door());
        door.always(key, answer);
        let run = run(&job, &door, &[("images", "acme/app:v1")]);
        assert_outputs(&run, &[("push", "false"), ("pull", "false"), ("reason", "not-public"), ("credential", "")]);
        assert_eq!(run.code, 0);
        let settings = "https://github.com/orgs/acme/packages/container/app/settings";
        assert!(run.log().contains(settings) && run.summary.contains(settings), "{}", run.log());
        assert!(no_secret_was_sent(&door));
    }
}

#[test]
fn a_refusal_of_a_stranger_that_passes_is_asked_about_once_more() {
    let (job, door) = (Job::new(), public_door());
    door.script("GET /token", vec![Answer::error(403, "DENIED", "denied")]);
    assert_outputs(&run(&job, &door, &[("images", "acme/app:v1")]), &[("pull", "true"), ("reason", "allowed")]);
}

#[test]
fn an_outage_or_a_rate_limit_is_not_called_private() {
    for (answer, reason) in [
        (Answer::status(429).header("Retry-After", "86400"), "rate-limited"),
        (Answer::status(404), "not-public"),
        (Answer::status(503), "registry-unavailable"),
        (Answer::status(302).header("Location", "/elsewhere"), "redirect-refused"),
        (Answer::status(418), "registry-protocol"),
    ] {
        let (job, door) = (Job::new(), public_door());
        door.always("HEAD manifest", answer);
        let run = run(&job, &door, &[("images", "acme/app:v1")]);
        assert_outputs(&run, &[("pull", "false"), ("reason", reason)]);
        assert_eq!(run.output("message").starts_with("Not public: "), reason == "not-public", "{}", run.output("message"));
    }
}

#[test]
fn a_release_fails_while_its_package_is_private_on_whatever_event() {
    for event in [Event::push(), Event::fork_pull_request()] {
        let (job, door) = (Job::new(), public_door());
        door.always("GET /token", Answer::error(401, "UNAUTHORIZED", "authentication required"));
        let step = job.step(binary()).event(&event).registry(&door).input("access", "public").input("required", "true");
        let run = step.input("images", "acme/app").run();
        assert_eq!((run.code, run.output("reason")), (1, "not-public"), "{}", run.log());
    }
    let (job, door) = (Job::new(), public_door());
    let step = job.step(binary()).event(&Event::fork_pull_request()).registry(&door).input("access", "public");
    assert_outputs(&step.input("images", "acme/app").run(), &[("pull", "true"), ("reason", "allowed")]);
}

#[test]
fn a_version_that_cannot_be_one_or_a_check_without_a_request_ends_with_2() {
    for (inputs, reason) in [
        (&[("images", "acme/app:a b")][..], "invalid-image"),
        (&[("images", "acme/app@sha256:00")], "invalid-image"),
        (&[("verify", "false")], "invalid-input"),
    ] {
        let (job, door) = (Job::new(), public_door());
        let run = run(&job, &door, inputs);
        assert_outputs(&run, &[("push", "false"), ("reason", reason)]);
        assert_eq!((run.code, door.connections()), (2, 0));
    }
}

#[test]
fn the_command_line_asks_the_same_without_a_token() {
    for (status, code, reason) in [(200, 0, "allowed"), (404, 1, "not-public")] {
        let (job, door) = (Job::new(), public_door());
        door.always("HEAD manifest", Answer::status(status));
        let step = job.step(binary()).remove_env("GITHUB_ACTIONS").env("GHCR_PAT", PAT);
        let run = step.args(&["check", "--public", "--json", "--registry", door.host(), "acme/app:v1"]).run();
        assert_eq!(run.code, code, "{}", run.log());
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let table =
            job.step(binary()).remove_env("GITHUB_ACTIONS").args(&["check", "--public", "--registry", door.host(), "acme/app:v1"]).run();
        assert!(table.stdout.contains("  anybody       ") && table.stdout.contains(reason), "{}", table.stdout);
        assert_eq!((report["reason"].as_str(), report["credential"].as_str()), (Some(reason), Some("")));
        assert_eq!(report["attempts"][0]["credential"], "");
        assert!(no_secret_was_sent(&door));
    }
}
