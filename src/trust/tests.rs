use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::registry::host::Registry;

/// A run of `event` in acme/app, id 1001.
fn run(event: &str) -> Run {
    let git_ref = if event.starts_with("pull_request") { "refs/pull/7/merge" } else { "refs/heads/main" };
    Run {
        event: event.into(),
        repository: "acme/app".into(),
        repository_id: Some(1001),
        git_ref: git_ref.into(),
        has_head_ref: event.starts_with("pull_request"),
        runner: Runner::Hosted,
        ..Run::default()
    }
}

fn payload(mut extra: Value) -> Value {
    let mut payload = json!({ "ref": "refs/heads/main", "repository": { "id": 1001, "full_name": "acme/app", "fork": false }, "sender": { "login": "alice" } });
    payload.as_object_mut().unwrap().append(extra.as_object_mut().unwrap());
    payload
}

fn pull_request(head: &Value) -> Value {
    let mut payload = payload(json!({ "action": "opened", "pull_request": { "user": { "login": "alice" }, "head": head } }));
    payload.as_object_mut().unwrap().remove("ref");
    if let Some(head) = payload["pull_request"]["head"].as_object_mut() {
        head.entry("ref").or_insert_with(|| "feature".into());
    }
    payload
}

fn workflow_run(extra: &Value) -> Value {
    let mut chain = json!({ "event": "push", "conclusion": "success", "head_branch": "main", "head_repository": { "id": 1001 }, "actor": { "login": "alice" }, "triggering_actor": { "login": "alice" } });
    chain.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    payload(json!({ "workflow_run": chain }))
}

/// Judges with one image, `acme/app`, and what `allow` lifts.
fn judge_with(run: &Run, payload: &Value, allow: &[Reason]) -> Trust {
    judge_for("acme/app", run, payload, allow, ("Actions", true))
}

fn judge_for(image: &str, run: &Run, payload: &Value, allow: &[Reason], (secret_source, has_fallback): (&str, bool)) -> Trust {
    let images = [Image::parse(image, &Registry::parse("ghcr.io").unwrap()).unwrap()];
    let allow = allow.iter().copied().collect();
    let policy = Policy { allow: &allow, images: &images, secret_source: Some(secret_source), has_fallback };
    let payload = Payload::parse(payload.to_string().as_bytes());
    judge(run, payload.as_ref().map_err(|unreadable| *unreadable), policy)
}

fn verdict(event: &str, payload: &Value) -> Trust {
    judge_with(&run(event), payload, &[])
}

fn no(reason: Reason) -> Trust {
    Trust::Untrusted(reason)
}

#[test]
fn a_push_of_somebody_with_write_access_is_trusted() {
    assert_eq!(verdict("push", &payload(json!({}))), Trust::Trusted);
}

#[test]
fn identity_is_the_numeric_id_and_the_name() {
    for (repository, reason) in [
        (json!({ "id": 1002, "full_name": "acme/app" }), Reason::PayloadMismatch),
        (json!({ "id": 1001, "full_name": "acme/other" }), Reason::PayloadMismatch),
        (json!({ "id": "1001", "full_name": "acme/app" }), Reason::PayloadIncomplete),
        (json!({ "id": 1001.0, "full_name": "acme/app" }), Reason::PayloadIncomplete),
        (json!({ "id": 1001 }), Reason::PayloadIncomplete),
        (Value::Null, Reason::PayloadIncomplete),
        (json!("acme/app"), Reason::PayloadIncomplete),
    ] {
        assert_eq!(verdict("push", &payload(json!({ "repository": repository }))), no(reason), "{repository}");
    }
    let renamed = payload(json!({ "repository": { "id": 1001, "full_name": "ACME/App", "fork": false } }));
    assert_eq!(verdict("push", &renamed), Trust::Trusted);
}

#[test]
fn only_events_that_the_runner_makes_up_may_lack_a_repository() {
    let bare = json!({ "ref": "refs/heads/main" });
    for event in ["schedule", "workflow_dispatch", "repository_dispatch"] {
        assert_eq!(verdict(event, &bare), Trust::Trusted, "{event}");
    }
    for event in ["push", "release", "workflow_run", "merge_group", "issue_comment", "pull_request"] {
        assert_eq!(verdict(event, &bare), no(Reason::PayloadIncomplete), "{event}");
    }
    assert_eq!(judge_with(&Run { runner: Runner::Act, ..run("push") }, &bare, &[]), Trust::Trusted);
}

#[test]
fn a_run_without_a_repository_id_is_believed_only_under_act() {
    let unknown = Run { repository_id: None, ..run("push") };
    assert_eq!(judge_with(&unknown, &payload(json!({})), &[]), no(Reason::PayloadMismatch));
    assert_eq!(judge_with(&Run { runner: Runner::Act, ..unknown }, &payload(json!({})), &[]), Trust::Trusted);
}

#[test]
fn data_of_a_pull_request_in_another_event_is_a_contradiction() {
    assert_eq!(judge_with(&Run { has_head_ref: true, ..run("push") }, &payload(json!({})), &[]), no(Reason::PayloadMismatch));
    for event in ["push", "schedule", "workflow_dispatch", "release", "workflow_run", "issue_comment"] {
        assert_eq!(verdict(event, &payload(json!({ "pull_request": null }))), no(Reason::PayloadMismatch), "{event}");
    }
}

#[test]
fn a_push_is_of_the_ref_that_the_runner_names() {
    assert_eq!(verdict("push", &payload(json!({ "ref": "refs/heads/other" }))), no(Reason::PayloadMismatch));
    assert_eq!(verdict("push", &payload(json!({ "ref": null }))), no(Reason::PayloadMismatch));
    let of_pull_request = Run { git_ref: "refs/pull/7/merge".into(), ..run("push") };
    assert_eq!(judge_with(&of_pull_request, &payload(json!({ "ref": "refs/pull/7/merge" })), &[]), no(Reason::PayloadMismatch));
    assert_eq!(verdict("push", &payload(json!({ "ref": "refs/heads/gone", "deleted": true }))), no(Reason::RefDeleted));
    assert_eq!(judge_with(&Run { runner: Runner::Act, ..run("push") }, &json!({}), &[]), Trust::Trusted);
}

#[test]
fn dependabot_is_recognised_whoever_re_runs_it() {
    for extra in [
        json!({ "sender": { "login": "dependabot[bot]" } }),
        json!({ "workflow_run": { "actor": { "login": "dependabot[bot]" } } }),
        json!({ "workflow_run": { "triggering_actor": { "login": "dependabot[bot]" } } }),
        json!({ "workflow_run": { "head_branch": "dependabot/cargo/x" } }),
    ] {
        assert_eq!(verdict("push", &payload(extra.clone())), no(Reason::Dependabot), "{extra}");
    }
    let branch = Run { git_ref: "refs/heads/dependabot/cargo/x".into(), ..run("push") };
    assert_eq!(judge_with(&branch, &payload(json!({ "ref": branch.git_ref })), &[]), no(Reason::Dependabot));
    let head = pull_request(&json!({ "ref": "dependabot/x", "repo": { "id": 1001, "full_name": "acme/app" } }));
    assert_eq!(verdict("pull_request", &head), no(Reason::Dependabot));
    let similar = payload(json!({ "sender": { "login": "dependabot" } }));
    assert_eq!(verdict("push", &similar), Trust::Trusted);
}

#[test]
fn a_pull_request_is_judged_by_its_head_repository() {
    for (head, reason) in [
        (json!({ "repo": { "id": 2002, "full_name": "mallory/app" } }), Reason::ForkPr),
        (json!({ "repo": null }), Reason::ForkDeleted),
        (json!({ "repo": { "id": 1001, "full_name": "Acme/App" } }), Reason::SameRepoPr),
        (json!({ "repo": { "id": 2002, "full_name": "acme/app" } }), Reason::PayloadMismatch),
        (json!({ "repo": { "id": 1001, "full_name": "mallory/app" } }), Reason::PayloadMismatch),
        (json!({ "repo": { "id": "1001", "full_name": "acme/app" } }), Reason::PayloadIncomplete),
        (json!({ "repo": "acme/app" }), Reason::PayloadIncomplete),
        (json!({ "repo": [] }), Reason::PayloadIncomplete),
        (json!({}), Reason::PayloadIncomplete),
        (json!("acme:main"), Reason::PayloadIncomplete),
        (Value::Null, Reason::PayloadIncomplete),
    ] {
        assert_eq!(verdict("pull_request", &pull_request(&head)), no(reason), "{head}");
        assert_ne!(verdict("pull_request_target", &pull_request(&head)), Trust::Trusted);
    }
}

#[test]
fn an_event_of_a_pull_request_that_carries_none_is_incomplete() {
    for event in ["pull_request", "pull_request_target"] {
        let mut payload = pull_request(&json!({}));
        payload["pull_request"] = Value::Null;
        assert_eq!(verdict(event, &payload), no(Reason::PayloadIncomplete), "{event}");
        payload.as_object_mut().unwrap().remove("pull_request");
        assert_eq!(verdict(event, &payload), no(Reason::PayloadIncomplete), "{event}");
    }
}

#[test]
fn a_closed_pull_request_leaves_publishing_to_the_push_and_only_a_merged_one_can_be_allowed() {
    let close = |id, merged: Value| {
        let mut payload = pull_request(&json!({ "repo": { "id": id, "full_name": if id == 1001 { "acme/app" } else { "mallory/app" } } }));
        payload["action"] = "closed".into();
        payload["pull_request"]["merged"] = merged;
        (verdict("pull_request", &payload), judge_with(&run("pull_request"), &payload, &[Reason::MergedPr, Reason::SameRepoPr]))
    };
    assert_eq!(close(1001, json!(true)), (no(Reason::MergedPr), Trust::Trusted));
    assert_eq!(close(1001, json!(false)), (no(Reason::UsePushEvent), no(Reason::UsePushEvent)));
    assert_eq!(close(2002, json!(true)), (no(Reason::ForkPr), no(Reason::ForkPr)));
}

#[test]
fn a_pull_request_is_of_its_merge_commit_or_of_a_branch_and_else_of_nothing() {
    let head = json!({ "repo": { "id": 1001, "full_name": "acme/app" } });
    let open = pull_request(&head);
    let mut merged = pull_request(&head);
    (merged["action"], merged["pull_request"]["merged"]) = ("closed".into(), true.into());
    let judged = |git_ref: &str, payload| {
        let run = Run { git_ref: git_ref.into(), ..run("pull_request") };
        judge_with(&run, payload, &[Reason::MergedPr, Reason::SameRepoPr])
    };
    for payload in [&open, &merged] {
        for git_ref in ["refs/pull/7/merge", "refs/heads/main"] {
            assert_eq!(judged(git_ref, payload), Trust::Trusted, "{git_ref}");
        }
        for git_ref in
            ["", "main", "refs/heads/", "refs/heads/a..b", "refs/tags/v1", "refs/pull/7/head", "refs/pull//merge", "refs/pull/x/merge"]
        {
            assert_eq!(judged(git_ref, payload), no(Reason::PayloadMismatch), "{git_ref}");
        }
    }
}

#[test]
fn a_chain_of_workflows_is_as_good_as_its_source() {
    for (extra, reason) in [
        (json!({}), Reason::WorkflowRun),
        (json!({ "event": "pull_request" }), Reason::WorkflowRunUntrustedSource),
        (json!({ "event": null }), Reason::WorkflowRunUntrustedSource),
        (json!({ "head_repository": null }), Reason::WorkflowRunUntrustedSource),
        (json!({ "head_repository": { "id": 2002 } }), Reason::WorkflowRunUntrustedSource),
        (json!({ "head_repository": { "id": "1001" } }), Reason::PayloadIncomplete),
        (json!({ "head_branch": null }), Reason::PayloadIncomplete),
        (json!({ "head_branch": "" }), Reason::PayloadIncomplete),
        (json!({ "actor": null }), Reason::PayloadIncomplete),
        (json!({ "triggering_actor": {} }), Reason::PayloadIncomplete),
        (json!({ "head_branch": "gh-readonly-queue/main/pr-1" }), Reason::WorkflowRunUntrustedSource),
        (json!({ "conclusion": "failure" }), Reason::WorkflowRunNotSuccessful),
        (json!({ "conclusion": null }), Reason::WorkflowRunNotSuccessful),
    ] {
        assert_eq!(verdict("workflow_run", &workflow_run(&extra)), no(reason), "{extra}");
    }
    assert_eq!(verdict("workflow_run", &payload(json!({}))), no(Reason::PayloadIncomplete));
}

#[test]
fn only_some_reasons_can_be_lifted_and_only_by_their_own_name() {
    let release = |action: &str| payload(json!({ "action": action }));
    let same_repo = pull_request(&json!({ "repo": { "id": 1001, "full_name": "acme/app" } }));
    let mut merged = same_repo.clone();
    (merged["action"], merged["pull_request"]["merged"]) = ("closed".into(), true.into());
    for (event, payload, reason, liftable) in [
        ("pull_request", merged, Reason::MergedPr, true),
        ("pull_request", same_repo, Reason::SameRepoPr, true),
        ("workflow_run", workflow_run(&json!({})), Reason::WorkflowRun, true),
        ("merge_group", payload(json!({})), Reason::MergeQueue, true),
        ("release", release("created"), Reason::ReleaseAction, true),
        ("release", release("edited"), Reason::ReleaseAction, true),
        ("release", release("deleted"), Reason::ReleaseAction, false),
        ("release", payload(json!({})), Reason::ReleaseAction, false),
        ("pull_request", pull_request(&json!({ "repo": null })), Reason::ForkDeleted, false),
        ("issues", payload(json!({})), Reason::UnsupportedEvent, false),
    ] {
        let others: Vec<_> = OPT_INS.into_iter().filter(|other| *other != reason).collect();
        assert_eq!(judge_with(&run(event), &payload, &others), no(reason), "{event}");
        let expected = if liftable { Trust::Trusted } else { no(reason) };
        assert_eq!(judge_with(&run(event), &payload, Reason::ALL), expected, "{event}");
    }
}

#[test]
fn a_pull_request_that_does_not_say_whose_it_is_is_not_lifted() {
    let same_repo = pull_request(&json!({ "repo": { "id": 1001, "full_name": "acme/app" } }));
    for (at, value) in [("user", Value::Null), ("user", json!({})), ("head", json!({ "repo": same_repo["pull_request"]["head"]["repo"] }))]
    {
        let mut payload = same_repo.clone();
        payload["pull_request"][at] = value;
        assert_eq!(judge_with(&run("pull_request"), &payload, Reason::ALL), no(Reason::SameRepoPr), "{payload}");
    }
}

#[test]
fn a_fork_publishes_into_its_own_namespace_only() {
    let of = |fork: Value| payload(json!({ "repository": { "id": 1001, "full_name": "mallory/app", "fork": fork } }));
    let fork = Run { repository: "mallory/app".into(), ..run("push") };
    for value in [json!(true), Value::Null] {
        assert_eq!(judge_with(&fork, &of(value.clone()), &[]), no(Reason::ForeignNamespace), "{value}");
    }
    assert_eq!(judge_with(&fork, &of(json!(true)), &[Reason::ForeignNamespace]), Trust::Trusted);
    assert_eq!(judge_with(&fork, &of(json!(false)), &[]), Trust::Trusted);
    assert_eq!(judge_with(&fork, &of(json!("false")), &[Reason::ForeignNamespace]), no(Reason::PayloadIncomplete));
}

#[test]
fn lifting_one_objection_does_not_lift_the_next() {
    let mut payload = pull_request(&json!({ "repo": { "id": 1001, "full_name": "mallory/app" } }));
    payload["repository"] = json!({ "id": 1001, "full_name": "mallory/app", "fork": true });
    let fork = Run { repository: "mallory/app".into(), ..run("pull_request") };
    assert_eq!(judge_with(&fork, &payload, &[Reason::SameRepoPr]), no(Reason::ForeignNamespace));
}

#[test]
fn pulling_with_the_jobs_own_token_is_open_to_pull_requests() {
    let open: Vec<_> = Reason::ALL.iter().filter(|reason| !no(**reason).blocks(Access::Pull)).collect();
    assert_eq!(open, [&Reason::ForkPr, &Reason::ForkDeleted, &Reason::SameRepoPr, &Reason::MergedPr, &Reason::UsePushEvent]);
    assert!(Reason::ALL.iter().all(|reason| no(*reason).blocks(Access::Push)));
}

#[test]
fn what_is_public_may_be_asked_for_by_any_event() {
    assert!(Reason::ALL.iter().all(|reason| !no(*reason).blocks(Access::Public)));
    for access in [Access::Push, Access::Pull, Access::Public] {
        assert!(!Trust::Trusted.blocks(access), "{access:?}");
    }
}

#[test]
fn only_a_no_has_an_objection() {
    assert_eq!(Trust::Trusted.objection(), None);
    assert_eq!(no(Reason::ForkPr).objection(), Some(Reason::ForkPr));
}

#[test]
fn the_policy_is_that_of_the_inputs_and_knows_a_fallback_from_other_credentials() {
    let has_fallback = |name: &str, value: &str| {
        let environment =
            [(name, value), ("GITHUB_REPOSITORY", "acme/app"), ("INPUT_ALLOW", "merge-queue"), ("INPUT_SECRET-SOURCE", "Actions")];
        let inputs = Inputs::parse(&environment.into_iter().collect()).unwrap();
        let policy = Policy::of(&inputs);
        assert_eq!((policy.images[0].name(), policy.secret_source), ("acme/app", Some("Actions")));
        assert_eq!(policy.allow.iter().collect::<Vec<_>>(), [&Reason::MergeQueue]);
        policy.has_fallback
    };
    assert!(has_fallback("INPUT_LOCAL_RUNNER_FALLBACK_TOKEN", "ghp_x"));
    for (name, value) in [
        ("INPUT_GHCR_PAT", "ghp_x"),
        ("INPUT_GHCR_TOKEN", "ghp_x"),
        ("INPUT_GITHUB_TOKEN", "ghs_x"),
        ("INPUT_LOCAL_RUNNER_FALLBACK_TOKEN", " "),
    ] {
        assert!(!has_fallback(name, value), "{name}");
    }
}

#[test]
fn what_a_rule_reads_has_its_type() {
    for extra in [
        json!({ "deleted": "true" }),
        json!({ "deleted": 1 }),
        json!({ "ref": ["refs/heads/main"] }),
        json!({ "sender": "dependabot[bot]" }),
        json!({ "sender": { "login": ["dependabot[bot]"] } }),
        json!({ "workflow_run": [] }),
    ] {
        assert_eq!(verdict("push", &payload(extra.clone())), no(Reason::PayloadIncomplete), "{extra}");
    }
    let unknown = payload(json!({ "deleted": null, "sender": null }));
    assert_eq!(verdict("push", &unknown), Trust::Trusted, "null is nothing");
}

/// Refs of which a push never publishes.
const REFUSED: [&str; 11] = [
    "",
    "main",
    "refs/heads",
    "refs/notes/commits",
    "refs/pull/7/merge",
    "refs/pull/7/head",
    "refs/PULL/7/merge",
    "refs/heads/gh-readonly-queue/main/pr-7-abc",
    "refs/heads/dependabot/cargo/serde-1",
    "refs/heads/dependabot-npm_and_yarn-lodash-4",
    "refs/heads/dependabot_docker_debian",
];

#[test]
fn what_git_takes_for_no_ref_is_none() {
    for git_ref in
        ["refs/heads/", "refs/tags/", "refs/heads//main", "refs/heads/../pull/7/merge", "refs/heads/a b", "refs/tags/.", "refs/heads/a\\b"]
    {
        for event in ["push", "workflow_dispatch", "schedule", "release"] {
            let run = Run { git_ref: git_ref.into(), ..run(event) };
            let payload = payload(json!({ "ref": git_ref, "action": "published" }));
            assert_eq!(judge_with(&run, &payload, Reason::ALL), no(Reason::PayloadMismatch), "{event} of {git_ref}");
        }
    }
}

#[test]
fn no_run_of_what_a_push_refuses_is_trusted_under_another_events_name() {
    for git_ref in REFUSED {
        for event in EVENTS {
            let mut situation = Situation::of(event);
            let branch = git_ref.strip_prefix("refs/heads/").unwrap_or(git_ref);
            // Of a pull request and a finished run, the payload names the branch; `GITHUB_REF` is another one.
            let elsewhere = matches!(event, "pull_request" | "pull_request_target");
            if elsewhere && git_ref.starts_with("refs/heads/") {
                situation.set("/pull_request/head/ref", json!(branch));
            } else if elsewhere {
                continue;
            } else {
                situation.run.git_ref = git_ref.to_owned();
                situation.set("/ref", json!(git_ref));
            }
            let queue = event == "merge_group" && branch.starts_with(MERGE_QUEUE_BRANCHES);
            assert_eq!(situation.judge(Reason::ALL) == Trust::Trusted, queue, "{event} of `{git_ref}`");
        }
    }
}

#[test]
fn the_queues_branch_says_so_whatever_starts_a_run_there() {
    for event in ["push", "schedule", "workflow_dispatch", "repository_dispatch", "release"] {
        let mut situation = Situation::of(event);
        situation.run.git_ref = "refs/heads/gh-readonly-queue/main/pr-7".into();
        situation.set("/ref", json!(situation.run.git_ref));
        assert_eq!(situation.judge(&[]), no(Reason::MergeQueueRef), "{event}");
    }
}

#[test]
fn a_payload_that_names_a_pull_requests_ref_fits_no_event_of_a_branch() {
    for event in ["push", "schedule", "workflow_dispatch", "repository_dispatch"] {
        let mut situation = Situation::of(event);
        situation.set("/ref", json!("refs/pull/7/merge"));
        assert_eq!(situation.judge(&[]), no(Reason::PayloadMismatch), "{event}");
    }
}

#[test]
fn only_act_without_an_event_needs_no_ref() {
    let nowhere = Run { git_ref: String::new(), runner: Runner::Act, repository_id: None, ..run("push") };
    let own = |run: &Run, payload: &Value| judge_with(run, payload, &[Reason::ForeignNamespace]);
    assert_eq!(own(&nowhere, &json!({})), Trust::Trusted);
    assert_eq!(own(&nowhere, &payload(json!({ "ref": "" }))), no(Reason::PayloadMismatch));
    assert_eq!(own(&Run { runner: Runner::Hosted, ..nowhere }, &json!({})), no(Reason::PayloadIncomplete));
}

proptest! {
    /// Whatever else a payload says, one that is a stranger's stays one.
    #[test]
    fn no_fact_turns_a_fork_into_something_else(key in "[a-z_]{1,12}", value in "[a-z\\[\\]/0-9]{0,12}", allow in proptest::sample::subsequence(Reason::ALL, 0..Reason::ALL.len())) {
        prop_assume!(key != "pull_request" && key != "repository");
        let mut payload = pull_request(&json!({ "repo": { "id": 2002, "full_name": "mallory/app" } }));
        payload[key] = value.into();
        prop_assert_ne!(judge_with(&run("pull_request"), &payload, &allow), Trust::Trusted);
    }

    /// Rubbish is never trusted, and never makes the rules fail.
    #[test]
    fn rubbish_is_not_trusted(content in proptest::collection::vec(any::<u8>(), 0..64)) {
        let allow = BTreeSet::new();
        let policy = Policy { allow: &allow, images: &[], secret_source: None, has_fallback: true };
        let payload = Payload::parse(&content);
        prop_assert_ne!(judge(&run("push"), payload.as_ref().map_err(|unreadable| *unreadable), policy), Trust::Trusted);
    }

    /// One more reason to doubt never makes up for another.
    #[test]
    fn an_untrusted_fact_never_turns_a_no_into_a_yes(
        event in 0..EVENTS.len(),
        facts in proptest::sample::subsequence((0..FACTS.len()).collect::<Vec<_>>(), 0..4).prop_shuffle(),
        allow in proptest::sample::subsequence(OPT_INS.to_vec(), 0..=OPT_INS.len()),
    ) {
        let mut situation = Situation::of(EVENTS[event]);
        let mut before = situation.judge(&allow);
        for fact in facts {
            FACTS[fact](&mut situation);
            let after = situation.judge(&allow);
            prop_assert!(before == Trust::Trusted || after != Trust::Trusted, "fact {fact}: {before:?} became a yes, {:?}", situation.payload);
            before = after;
        }
    }
}

/// All that a judgement looks at.
struct Situation {
    run: Run,
    payload: Value,
    secret_source: &'static str,
    has_fallback: bool,
}

impl Situation {
    /// An event as good as it can be.
    fn of(event: &str) -> Self {
        let payload = match event {
            "pull_request" | "pull_request_target" | "pull_request_review" | "pull_request_review_comment" => {
                pull_request(&json!({ "ref": "feature", "repo": { "id": 1001, "full_name": "acme/app" } }))
            }
            "workflow_run" => workflow_run(&json!({})),
            "release" => payload(json!({ "action": "published" })),
            _ => payload(json!({})),
        };
        Self { run: run(event), payload, secret_source: "Actions", has_fallback: true }
    }

    fn judge(&self, allow: &[Reason]) -> Trust {
        judge_for("other/app", &self.run, &self.payload, allow, (self.secret_source, self.has_fallback))
    }

    fn set(&mut self, pointer: &str, value: Value) {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        if let Some(Value::Object(parent)) = self.payload.pointer_mut(parent) {
            parent.insert(key.to_owned(), value);
        }
    }
}

/// Each makes an event less to be trusted, whatever else is known of it.
const FACTS: [fn(&mut Situation); 24] = [
    |s| s.set("/sender", json!({ "login": "dependabot[bot]" })),
    |s| s.set("/pull_request/user", json!({ "login": "dependabot[bot]" })),
    |s| s.set("/workflow_run/actor", json!({ "login": "dependabot[bot]" })),
    |s| s.set("/pull_request/head/repo", Value::Null),
    |s| s.set("/pull_request/head/repo", json!({ "id": 2002, "full_name": "mallory/app" })),
    |s| s.set("/pull_request/head/repo/id", json!(2002)),
    |s| s.set("/pull_request/head/ref", json!("dependabot/cargo/x")),
    |s| s.set("/pull_request", json!({})),
    |s| s.set("/action", json!("closed")),
    // Of a pull request it would say nothing, but hide that it was closed.
    |s| {
        if s.run.event == "release" {
            s.set("/action", json!("deleted"));
        }
    },
    |s| s.set("/deleted", json!(true)),
    |s| s.set("/ref", json!("refs/pull/7/merge")),
    // In the place of a pull request's ref it would hide that one.
    |s| {
        if s.payload["ref"] != "refs/pull/7/merge" {
            s.set("/ref", json!("refs/heads/gh-readonly-queue/main/pr-7"));
        }
    },
    |s| s.set("/repository", json!({ "id": 2002, "full_name": "mallory/app" })),
    |s| s.set("/repository/id", json!("1001")),
    |s| s.set("/repository/fork", json!(true)),
    |s| s.set("/workflow_run/head_repository", Value::Null),
    |s| s.set("/workflow_run/event", json!("pull_request_target")),
    |s| s.set("/workflow_run/conclusion", json!("failure")),
    |s| s.set("/workflow_run/head_branch", json!("gh-readonly-queue/main/pr-7")),
    |s| s.run.has_head_ref = true,
    |s| s.run.runner = Runner::Foreign,
    |s| s.secret_source = "Dependabot",
    |s| s.has_fallback = false,
];
