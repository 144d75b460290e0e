//! Pushes that a stranger can bring about.

use super::{Finding, Rule};
use crate::{
    audit::{
        job::Scope,
        push::{Decision, Push},
        scenario::{PRIVILEGED, PULL_REQUEST},
    },
    project,
};

const ACTORS: [&str; 2] = ["github.actor", "github.triggering_actor"];
const FORK_FLAGS: [&str; 3] = ["head.repo.fork", "event.repository.fork", "pull_request.fork"];

/// Pushes in runs that a stranger's pull request or comment starts.
pub(super) fn findings(scope: &Scope<'_>) -> Vec<Finding> {
    scope.pushes.iter().flat_map(|push| of_push(scope, push)).collect()
}

fn of_push(scope: &Scope<'_>, push: &Push<'_>) -> Vec<Finding> {
    let events = scope.workflow.events();
    let reached = |event: &&str| events.contains(event) && scope.reaches(push, Some(event)).is_unguarded();
    let mut rules: Vec<(Rule, String)> = Vec::new();
    if let Some(event) = PRIVILEGED.iter().find(|event| reached(event)) {
        rules.push((Rule::PrivilegedTriggerPush, privileged(scope, push, event)));
    }
    if reached(&PULL_REQUEST) {
        rules.extend(pull_request(scope, push));
    }
    let finding = |(rule, message)| scope.finding(rule, push.line, message, fix(scope, push, rule));
    rules.into_iter().map(finding).collect()
}

fn pushes(scope: &Scope<'_>, push: &Push<'_>) -> String {
    format!("Job `{}` pushes to ghcr.io ({})", scope.job.key, push.what)
}

fn privileged(scope: &Scope<'_>, push: &Push<'_>, event: &str) -> String {
    let why = "anybody can start such a run, and it has the secrets and a token that may write: one checkout of the pull request's head publishes a stranger's code";
    format!("{} on `{event}`: {why}.{}", pushes(scope, push), always_true(scope, push))
}

/// What is to be said when the guard is an output that is compared with nothing.
fn always_true(scope: &Scope<'_>, push: &Push<'_>) -> &'static str {
    if scope.conditions(push).iter().any(|text| text.contains(".outputs.push")) {
        " The condition on `outputs.push` is always true, because an output is a string, and 'false' is not an empty one: compare it with 'true'."
    } else {
        ""
    }
}

/// What is wrong with the guard, or that there is none.
fn pull_request(scope: &Scope<'_>, push: &Push<'_>) -> Vec<(Rule, String)> {
    let conditions = scope.conditions(push).concat().to_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| conditions.contains(word));
    let pushes = pushes(scope, push);
    let mut found = Vec::new();
    if mentions(&FORK_FLAGS) {
        let why = "the flag tells that a repository is a fork, not that the code is another repository's: it is empty when the fork was deleted, and true for every pull request within a fork";
        found.push((Rule::ForkFlagGuard, format!("{pushes} on `pull_request`, guarded by a `.fork` flag: {why}.")));
    }
    if mentions(&ACTORS) && mentions(&["[bot]"]) {
        let why = "the actor is whoever started the run last, not the author, so a re-run or another commit changes it, and forks are not kept out";
        found.push((Rule::ActorGuard, format!("{pushes} on `pull_request`, guarded by `github.actor`: {why}.")));
    }
    if found.is_empty() {
        let why = "a fork's run gets no secrets and a read-only token, so it fails after the build, and branches of this repository publish code before its review";
        found.push((Rule::PullRequestPush, format!("{pushes} on `pull_request` without a guard: {why}.{}", always_true(scope, push))));
    }
    found
}

fn fix(scope: &Scope<'_>, push: &Push<'_>, rule: Rule) -> String {
    let indent = " ".repeat(scope.step_column(push.step));
    let dash = " ".repeat(scope.step_column(push.step).saturating_sub(2));
    let id = scope.guards.iter().find_map(|step| step.id());
    let guard = if id.is_some() { String::new() } else { format!("{dash}- uses: {}\n{indent}id: ghcr\n", project::action()) };
    let id = id.unwrap_or("ghcr");
    let (place, step) = match (push.decision, push.step.uses()) {
        (Decision::Input(_) | Decision::Outputs(_), Some(action)) => {
            ("push", format!("- uses: {action}\n{indent}with:\n{indent}  push: ${{{{ steps.{id}.outputs.push }}}}"))
        }
        _ => ("step", format!("- if: steps.{id}.outputs.push == 'true'{}", rest_of_condition(push))),
    };
    let instruction = match rule {
        Rule::PrivilegedTriggerPush => "Build pull requests on `pull_request` and publish on `push`, and let ghcr-auth decide about the",
        _ => "Let ghcr-auth, which looks at the event's ids and keeps forks and Dependabot out, decide about the",
    };
    format!("{instruction} {place}:\n{guard}{dash}{step}\n{indent}# the rest of the step stays as it is")
}

/// What else the step's `if` says, to be kept.
fn rest_of_condition(push: &Push<'_>) -> String {
    let condition = push.step.condition().unwrap_or_default().trim();
    let inner = condition.strip_prefix("${{").and_then(|inner| inner.strip_suffix("}}")).unwrap_or(condition).trim();
    let is_simple = !inner.is_empty() && !inner.contains(['\n', '#', '{']) && !inner.contains(".outputs.push");
    if is_simple { format!(" && ({inner})") } else { String::new() }
}
