//! `tests/cases/trust.json`: events that may publish and events that may not, through the whole program.

use std::collections::BTreeMap;

use ghcr_auth_testbed::{event::Event, job::Job};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{FALLBACK, JOB_TOKEN, PAT, assert_outputs, binary, open_door};

#[derive(Deserialize)]
struct Case {
    id: String,
    event: String,
    situation: String,
    env: BTreeMap<String, String>,
    payload: Value,
    expected: String,
    reason: String,
    #[serde(default)]
    raw: bool,
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    image: Option<String>,
}

const OPT_INS: [&str; 6] = ["same-repo-pr", "merged-pr", "merge-queue", "workflow-run", "release-action", "foreign-namespace"];

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../cases/trust.json")).unwrap()
}

impl Case {
    /// Runs the case with all credentials there are and something in `allow`; checks the answer and, on a no,
    /// that no secret was sent.
    fn check(&self, allow: &str, yes: bool) {
        let door = open_door();
        let job = Job::new();
        let event = Event { name: self.event.clone(), payload: self.payload.clone(), env: self.env.clone() };
        let mut step = job.step(binary()).event(&event).registry(&door).input("allow", allow).input("required", "true");
        step = match (&self.payload, self.raw) {
            (Value::Null, _) => step.no_event(),
            (Value::String(bytes), true) => step.raw_event(bytes.as_bytes()),
            _ => step,
        };
        for (name, value) in [("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)] {
            step = step.input(name, value);
        }
        if !self.env.contains_key("ACT") {
            step = step.input("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK);
        }
        for (name, value) in &self.inputs {
            step = step.input(name, if value == "<token>" { FALLBACK } else { value });
        }
        if let Some(image) = &self.image {
            step = step.input("images", image.trim_start_matches("ghcr.io/"));
        }
        for (name, value) in &self.env {
            step = step.env(name, value);
        }
        if self.reason == "registry-server-mismatch" {
            // Only the job's token is bound to the server, and only to a registry that is not on loopback.
            step = step.input("registry", "ghcr.io").input("GHCR_PAT", "").input("LOCAL_RUNNER_FALLBACK_TOKEN", "");
        }
        let run = step.run();
        let (push, reason) = if yes { ("true", "allowed") } else { ("false", self.reason.as_str()) };
        assert_outputs(&run, &[("push", push), ("pull", push), ("reason", reason), ("logged-in", push)]);
        let code = match self.reason.as_str() {
            "invalid-image" => 2,
            "registry-server-mismatch" => 1,
            _ => 0,
        };
        assert_eq!(run.code, code, "{} {}", self.id, self.situation);
        assert!(yes || door.credentials().is_empty(), "{} sent a secret", self.id);
    }
}

#[test]
fn every_case_ends_as_it_should() {
    for case in cases() {
        case.check("", case.expected == "yes");
    }
}

#[test]
fn opt_in_lifts_only_what_it_names_and_nothing_else_is_ever_lifted() {
    for case in cases() {
        let can_be_lifted = case.expected == "opt-in" || case.reason == "foreign-namespace";
        let others: Vec<_> = OPT_INS.into_iter().filter(|word| *word != case.reason).collect();
        match case.expected.as_str() {
            "yes" => {}
            _ if can_be_lifted => {
                case.check(&case.reason, true);
                case.check(&others.join(","), false);
            }
            _ => case.check(&OPT_INS.join(" "), false),
        }
    }
}

#[test]
fn pulling_is_open_to_pull_requests_with_the_jobs_own_token_only() {
    for event in [Event::fork_pull_request(), Event::same_repo_pull_request()] {
        let door = open_door();
        let job = Job::new();
        let step = job.step(binary()).event(&event).registry(&door).input("access", "pull").input("GHCR_PAT", PAT);
        let run = step.input("GITHUB_TOKEN", JOB_TOKEN).run();
        assert_outputs(&run, &[("push", "false"), ("pull", "true"), ("credential", "GITHUB_TOKEN"), ("logged-in", "true")]);
        assert!(door.credentials().iter().all(|credential| credential == JOB_TOKEN));
    }
}

#[test]
fn a_pull_request_that_may_not_pull_does_not_fail_the_step() {
    let door = ghcr_auth_testbed::front_door::FrontDoor::spare();
    let job = Job::new();
    let step = job.step(binary()).event(&Event::fork_pull_request()).registry(&door).input("access", "pull");
    let run = step.input("GITHUB_TOKEN", JOB_TOKEN).input("required", "true").run();
    assert_outputs(&run, &[("pull", "false"), ("reason", "bad-credential")]);
    assert_eq!(run.code, 0, "forks never fail");
}

#[test]
fn dependabots_secrets_mark_a_run_as_dependabots() {
    let door = open_door();
    let job = Job::new();
    let run = job.step(binary()).registry(&door).input("GHCR_PAT", PAT).input("secret-source", "Dependabot").run();
    assert_outputs(&run, &[("push", "false"), ("reason", "dependabot")]);
    let report: Value = serde_json::from_str(run.output("report")).unwrap();
    assert_eq!(report["event"], json!({ "name": "push", "trusted": false, "reason": "dependabot" }));
}
