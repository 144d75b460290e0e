//! event.json: an event that is trusted is one that a plain reading of the same JSON would trust too.

use ghcr_auth::{
    inputs::OPT_INS,
    job::{
        field::Field,
        payload::Payload,
        run::{Run, Runner},
    },
    trust::{Policy, Trust},
};
use serde::Deserialize as _;
use serde_json::Value;

/// Those that could be answered with a yes, by a rule or by `allow`.
const EVENTS: [&str; 8] =
    ["push", "release", "workflow_dispatch", "schedule", "pull_request", "workflow_run", "merge_group", "pull_request_target"];

/// The first byte chooses the event, the next whether `allow` opens all that it can; the rest is event.json.
pub fn check(data: &[u8]) {
    let [choice, allow, content @ ..] = data else { return };
    let event = EVENTS[usize::from(*choice) % EVENTS.len()];
    let allow = if allow % 2 == 1 { OPT_INS.into_iter().collect() } else { std::collections::BTreeSet::new() };
    let images = [crate::app()];
    let policy = Policy { allow: &allow, images: &images, secret_source: None, has_fallback: false };
    let payload = Payload::parse(content);
    let kept: usize = payload.iter().flat_map(|payload| Field::ALL.iter().filter_map(|field| payload.text(*field))).map(str::len).sum();
    assert!(kept <= content.len(), "{kept} bytes are kept of {}", content.len());
    let trust = ghcr_auth::trust::judge(&run(event), payload.as_ref().map_err(|unreadable| *unreadable), policy);
    if trust == Trust::Trusted {
        assert_trustworthy(event, &parse(content));
    }
}

fn run(event: &str) -> Run {
    Run {
        event: event.to_owned(),
        repository: "acme/app".to_owned(),
        repository_id: Some(1001),
        git_ref: "refs/heads/main".to_owned(),
        has_head_ref: event.starts_with("pull_request"),
        runner: Runner::Hosted,
        ..Run::default()
    }
}

fn parse(content: &[u8]) -> Value {
    let mut json = serde_json::Deserializer::from_slice(content);
    json.disable_recursion_limit();
    Value::deserialize(&mut json).expect("a trusted event is JSON")
}

fn assert_trustworthy(event: &str, payload: &Value) {
    let repository = &payload["repository"];
    assert!(repository.is_null() || repository["id"] == 1001, "another repository's event");
    for actor in ["/sender/login", "/pull_request/user/login", "/workflow_run/actor/login", "/workflow_run/triggering_actor/login"] {
        assert!(payload.pointer(actor).is_none_or(|login| login != "dependabot[bot]"), "Dependabot's");
    }
    match event {
        "pull_request" => assert_eq!(payload["pull_request"]["head"]["repo"]["id"], 1001, "a fork's"),
        "workflow_run" => {
            let run = &payload["workflow_run"];
            assert_eq!(run["head_repository"]["id"], 1001, "a fork's");
            assert_eq!(run["conclusion"], "success");
        }
        "push" => assert!(payload["ref"] == "refs/heads/main" && payload["deleted"] != true),
        "release" => assert!(payload["action"] != "deleted" && payload["action"] != "unpublished"),
        "pull_request_target" => panic!("a pull request's code with the repository's secrets"),
        _ => {}
    }
}
