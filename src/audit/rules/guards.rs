//! Pushes that a stranger can bring about.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Rule, fix::Fix, guarding};
use crate::{
    audit::{
        Severity,
        calls::Calls,
        job::AuditedJob,
        push::{Certainty, Kind, Push},
        scenario::{Author, PRIVILEGED, PULL_REQUEST},
    },
    workflow::node::Node,
};

const BOT: &str = "[bot]";
const ACTORS: [&str; 2] = ["github.actor", "github.triggering_actor"];
const FORK_FLAGS: [&str; 3] = ["head.repo.fork", "event.repository.fork", "pull_request.fork"];
const ANSWER: &str = ".outputs.push";
const MERGED: &str = "pull_request.merged";

/// Which of these a text has, in any case.
pub(super) type Words = BTreeSet<&'static str>;

/// The most findings of a job that each bring the whole change; those after them name the first.
const MOST_FIXES: usize = 20;

/// The words of jobs' conditions, by the jobs: many may need one.
pub(super) type OfConditions = BTreeMap<*const Node, Words>;

/// A job's pushes in runs that a stranger's pull request or comment starts.
pub(super) fn findings<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>, known: &mut OfConditions) -> Vec<Finding> {
    let mut around = Words::new();
    for deciding in job.deciding() {
        around.extend(known.entry(deciding.node).or_insert_with(|| words(deciding.condition().unwrap_or_default())).iter());
    }
    let mut fixes: BTreeMap<&str, Fix> = BTreeMap::new();
    // The same action or command twice in a job is one thing to change.
    let mut seen = BTreeSet::new();
    let mut found: Vec<Finding> = Vec::new();
    let pushes = job.pushes.iter().filter(|push| push.certainty != Certainty::BySound && push.kind != Kind::Cache);
    for (push, problem) in pushes.flat_map(|push| problems(calls, job, push, &around).into_iter().map(move |problem| (push, problem))) {
        let (rule, severity, message, introduction) = problem;
        if !seen.insert((rule, message.clone())) {
            continue;
        }
        let fix = match found.first().filter(|_| found.len() >= MOST_FIXES) {
            Some(first) => Fix::from(format!("The change for line {} keeps this push to what ghcr-auth allows, too.", first.line)),
            None => fixes.entry(introduction).or_insert_with(|| guarding::fix(calls, job, introduction)).clone(),
        };
        found.push(job.finding(rule, severity, push.line, &message, fix));
    }
    found
}

fn introduction(rule: Rule, words: &Words) -> &'static str {
    if matches!(rule, Rule::PrivilegedTriggerPush) {
        "Build pull requests on `pull_request`, publish on `push`, and let ghcr-auth decide about the push, which it never allows on this event."
    } else if words.contains(MERGED) {
        "Let ghcr-auth decide about the push: it looks at the event's ids and keeps forks and Dependabot out. `allow` keeps publishing what was merged."
    } else {
        "Let ghcr-auth decide about the push: it looks at the event's ids and keeps forks and Dependabot out. `allow` keeps what your own branches publish today; leave it out to publish only what was merged."
    }
}

fn words(text: &str) -> Words {
    let text = text.to_ascii_lowercase();
    let known = [BOT, ANSWER, MERGED].into_iter().chain(ACTORS).chain(FORK_FLAGS);
    known.filter(|word| text.contains(word)).collect()
}

/// A rule that a push breaks, how much that matters, what is wrong, and how the change begins.
type Problem = (Rule, Severity, String, &'static str);

/// What is wrong with a push; `around` are the words of the job's conditions.
fn problems<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>, push: &Push<'a>, around: &Words) -> Vec<Problem> {
    let reached = |event, author| calls.reaches(job, push, event, author).is_unguarded();
    let mut words = around | &job.conditions(push).into_iter().flat_map(words).collect();
    if job.around.workflow.trigger(PULL_REQUEST).is_none_or(|trigger| trigger.filter("types") != ["closed"]) {
        words.remove(MERGED);
    }
    let mut problems = Vec::new();
    if let Some(event) = PRIVILEGED.into_iter().find(|event| reached(event, Author::Stranger)) {
        problems.push((Rule::PrivilegedTriggerPush, Severity::Error, privileged(push, event, &words)));
    }
    if reached(PULL_REQUEST, Author::Stranger) {
        problems.extend(pull_request(push, &words).into_iter().map(|(rule, message)| (rule, Severity::Warning, message)));
    } else if reached(PULL_REQUEST, Author::Insider) && is_guarded_by_actor(&words) {
        problems.push((Rule::ActorGuard, Severity::Warning, actor(push)));
    }
    problems.into_iter().map(|(rule, severity, message)| (rule, severity, message, introduction(rule, &words))).collect()
}

/// Whether Dependabot is recognized by who started the run.
fn is_guarded_by_actor(words: &Words) -> bool {
    words.contains(BOT) && ACTORS.iter().any(|actor| words.contains(actor))
}

fn actor(push: &Push<'_>) -> String {
    let why = "the actor is whoever caused the run, not the author of the code: another commit to the pull request makes that person the actor, a re-run changes `github.triggering_actor`, and forks are not kept out by either";
    format!("pushes to ghcr.io ({}) on `pull_request`, guarded against Dependabot by `github.actor`: {why}.", push.what)
}

fn privileged(push: &Push<'_>, event: &str, words: &Words) -> String {
    let why = "anybody can start such a run, and it has the secrets and a token that can write: one checkout of the pull request's head publishes a stranger's code";
    format!("pushes to ghcr.io ({}) on `{event}`: {why}.{}", push.what, always_true(words))
}

/// What is to be said when the guard is an output that is compared with nothing.
fn always_true(words: &Words) -> &'static str {
    if words.contains(ANSWER) {
        " The condition on `outputs.push` is always true, because an output is a string, and 'false' is not an empty one: compare it with 'true'."
    } else {
        ""
    }
}

/// What is wrong with the guard, or that there is none.
fn pull_request(push: &Push<'_>, words: &Words) -> Vec<(Rule, String)> {
    let pushes = format!("pushes to ghcr.io ({})", push.what);
    let mut found = Vec::new();
    if FORK_FLAGS.iter().any(|flag| words.contains(flag)) {
        let why = "the flag tells that a repository is a fork, not that the code is another repository's: it is empty when the fork was deleted, and true for every pull request within a fork";
        found.push((Rule::ForkFlagGuard, format!("{pushes} on `pull_request`, guarded by a `.fork` flag: {why}.")));
    }
    if is_guarded_by_actor(words) {
        found.push((Rule::ActorGuard, actor(push)));
    }
    if found.is_empty() {
        let why = if words.contains(MERGED) {
            "the run of a fork's merged pull request gets no secrets and a read-only token, so it fails after the build"
        } else {
            "a fork's run gets no secrets and a read-only token, so it fails after the build, and branches of this repository publish code before its review"
        };
        found.push((Rule::PullRequestPush, format!("{pushes} on `pull_request` without a guard: {why}.{}", always_true(words))));
    }
    found
}
