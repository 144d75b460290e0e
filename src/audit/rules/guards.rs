//! Pushes that a stranger can bring about.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Rule, fix::Fix, guarding};
use crate::audit::{
    Severity,
    calls::Calls,
    job::AuditedJob,
    push::{Certainty, Kind, Push},
    scenario::{Author, PRIVILEGED, PULL_REQUEST},
};

const ACTORS: [&str; 2] = ["github.actor", "github.triggering_actor"];
const FORK_FLAGS: [&str; 3] = ["head.repo.fork", "event.repository.fork", "pull_request.fork"];

/// The most findings of a job that each bring the whole change; those after them name the first.
const MOST_FIXES: usize = 20;

/// A job's pushes in runs that a stranger's pull request or comment starts.
pub(super) fn findings<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>) -> Vec<Finding> {
    let mut fixes: BTreeMap<&str, Fix> = BTreeMap::new();
    // The same action or command twice in a job is one thing to change.
    let mut seen = BTreeSet::new();
    let mut found: Vec<Finding> = Vec::new();
    let pushes = job.pushes.iter().filter(|push| push.certainty != Certainty::BySound && push.kind != Kind::Cache);
    for (push, problem) in pushes.flat_map(|push| problems(calls, job, push).into_iter().map(move |problem| (push, problem))) {
        let (rule, severity, message) = problem;
        if !seen.insert((rule, message.clone())) {
            continue;
        }
        let fix = match found.first().filter(|_| found.len() >= MOST_FIXES) {
            Some(first) => Fix::from(format!("The change for line {} keeps this push to what ghcr-auth allows, too.", first.line)),
            None => fixes.entry(introduction(rule)).or_insert_with(|| guarding::fix(calls, job, introduction(rule))).clone(),
        };
        found.push(job.finding(rule, severity, push.line, &message, fix));
    }
    found
}

const fn introduction(rule: Rule) -> &'static str {
    if matches!(rule, Rule::PrivilegedTriggerPush) {
        "Build pull requests on `pull_request`, publish on `push`, and let ghcr-auth decide about the push, which it never allows on this event."
    } else {
        "Let ghcr-auth decide about the push: it looks at the event's ids and keeps forks and Dependabot out. `allow` keeps what your own branches publish today; leave it out to publish only what was merged."
    }
}

/// What is wrong with a push.
fn problems<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>, push: &Push<'a>) -> Vec<(Rule, Severity, String)> {
    let reached = |event, author| calls.reaches(job, push, event, author).is_unguarded();
    let mut problems = Vec::new();
    if let Some(event) = PRIVILEGED.into_iter().find(|event| reached(event, Author::Stranger)) {
        problems.push((Rule::PrivilegedTriggerPush, Severity::Error, privileged(job, push, event)));
    }
    if reached(PULL_REQUEST, Author::Stranger) {
        problems.extend(pull_request(job, push).into_iter().map(|(rule, message)| (rule, Severity::Warning, message)));
    } else if reached(PULL_REQUEST, Author::Insider) && is_guarded_by_actor(job, push) {
        problems.push((Rule::ActorGuard, Severity::Warning, actor(push)));
    }
    problems
}

/// Whether Dependabot is recognized by who started the run.
fn is_guarded_by_actor(job: &AuditedJob<'_>, push: &Push<'_>) -> bool {
    let conditions = job.conditions(push).concat().to_lowercase();
    conditions.contains("[bot]") && ACTORS.iter().any(|actor| conditions.contains(actor))
}

fn actor(push: &Push<'_>) -> String {
    let why = "the actor is whoever caused the run, not the author of the code: another commit to the pull request makes that person the actor, a re-run changes `github.triggering_actor`, and forks are not kept out by either";
    format!("pushes to ghcr.io ({}) on `pull_request`, guarded against Dependabot by `github.actor`: {why}.", push.what)
}

fn privileged(job: &AuditedJob<'_>, push: &Push<'_>, event: &str) -> String {
    let why = "anybody can start such a run, and it has the secrets and a token that can write: one checkout of the pull request's head publishes a stranger's code";
    format!("pushes to ghcr.io ({}) on `{event}`: {why}.{}", push.what, always_true(job, push))
}

/// What is to be said when the guard is an output that is compared with nothing.
fn always_true(job: &AuditedJob<'_>, push: &Push<'_>) -> &'static str {
    if job.conditions(push).iter().any(|text| text.contains(".outputs.push")) {
        " The condition on `outputs.push` is always true, because an output is a string, and 'false' is not an empty one: compare it with 'true'."
    } else {
        ""
    }
}

/// What is wrong with the guard, or that there is none.
fn pull_request(job: &AuditedJob<'_>, push: &Push<'_>) -> Vec<(Rule, String)> {
    let conditions = job.conditions(push).concat().to_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| conditions.contains(word));
    let pushes = format!("pushes to ghcr.io ({})", push.what);
    let mut found = Vec::new();
    if mentions(&FORK_FLAGS) {
        let why = "the flag tells that a repository is a fork, not that the code is another repository's: it is empty when the fork was deleted, and true for every pull request within a fork";
        found.push((Rule::ForkFlagGuard, format!("{pushes} on `pull_request`, guarded by a `.fork` flag: {why}.")));
    }
    if is_guarded_by_actor(job, push) {
        found.push((Rule::ActorGuard, actor(push)));
    }
    if found.is_empty() {
        let why = "a fork's run gets no secrets and a read-only token, so it fails after the build, and branches of this repository publish code before its review";
        found.push((Rule::PullRequestPush, format!("{pushes} on `pull_request` without a guard: {why}.{}", always_true(job, push))));
    }
    found
}
