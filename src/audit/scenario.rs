//! What expressions come to in a run of the workflow.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use super::{
    expression::{Context, Truth, Value, condition, template},
    variables::Variables,
};
use crate::workflow::{job::Job, node::Node};

/// How often variables may refer to variables.
const DEEPEST: u8 = 8;

/// Events that anybody can start and that hand out secrets and a token that may write.
pub const PRIVILEGED: [&str; 2] = ["pull_request_target", "issue_comment"];

/// The event of a fork's pull request, without secrets and with a token that may only read.
pub const PULL_REQUEST: &str = "pull_request";

/// Keys of the payloads (<https://docs.github.com/webhooks/webhook-events-and-payloads>); what an event lacks is null.
const COMMON_KEYS: [&str; 7] = ["action", "repository", "organization", "sender", "installation", "enterprise", "changes"];
const PULL_REQUEST_KEYS: [&str; 8] =
    ["pull_request", "number", "label", "before", "after", "assignee", "requested_reviewer", "requested_team"];
const COMMENT_KEYS: [&str; 2] = ["issue", "comment"];

/// A run of a workflow. Its clones know what it knows.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The event that starts it; `None` for any.
    pub event: Option<&'a str>,
    /// Whose code it is about.
    pub author: Author,
    /// The workflow's inputs.
    inputs: Inputs,
    /// Whether jobs run in it, by their definitions: many may need one.
    jobs: Rc<RefCell<BTreeMap<*const Node, Truth>>>,
}

/// Who wrote what a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Author {
    /// Anybody, in a fork.
    Stranger,
    /// Somebody who can push to this repository, in a branch of it. Dependabot does the same.
    Insider,
}

/// The inputs of a workflow's run.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// The event has none.
    None,
    /// Another workflow gives them, by their names in lower case.
    Given(BTreeMap<String, Value>),
    /// Some workflow may give them.
    Unknown,
}

impl<'a> Run<'a> {
    /// Any run at all.
    pub fn any() -> Self {
        Self { event: None, author: Author::Stranger, inputs: Inputs::Unknown, jobs: Rc::default() }
    }

    /// A run that an event starts, without inputs.
    pub fn of(event: &'a str, author: Author) -> Self {
        Self { event: Some(event), author, inputs: Inputs::None, jobs: Rc::default() }
    }

    /// The same with other inputs.
    #[must_use]
    pub fn with(&self, inputs: Inputs) -> Self {
        Self { inputs, jobs: Rc::default(), ..*self }
    }

    /// Whether a job runs in it, if that is known.
    pub fn knows(&self, job: Job<'_>) -> Option<Truth> {
        self.jobs.borrow().get(&std::ptr::from_ref(job.node)).copied()
    }

    /// Keeps in mind whether a job runs in it.
    pub fn learn(&self, job: Job<'_>, truth: Truth) {
        self.jobs.borrow_mut().insert(job.node, truth);
    }
}

/// A run, as far as a step's expressions see it.
pub struct Scenario<'a> {
    run: &'a Run<'a>,
    /// The variables in reach.
    variables: Variables<'a>,
    /// The ids of the job's ghcr-auth steps, which say `false` to strangers.
    guards: &'a [&'a str],
    depth: Cell<u8>,
}

impl<'a> Scenario<'a> {
    /// A run, seen with some variables.
    pub const fn new(run: &'a Run<'a>, variables: Variables<'a>, guards: &'a [&'a str]) -> Self {
        Self { run, variables, guards, depth: Cell::new(0) }
    }

    /// Whether what has this condition happens; without one it does.
    pub fn meets(&self, text: Option<&str>) -> Truth {
        text.map_or(Truth::Yes, |text| condition(text, self))
    }

    fn variable(&self, name: &str) -> Value {
        let Some(text) = self.variables.get(name).filter(|_| self.depth.get() < DEEPEST) else { return Value::Hidden };
        self.depth.set(self.depth.get() + 1);
        let value = template(text, self);
        self.depth.set(self.depth.get() - 1);
        value.text().map_or(value, Value::Text)
    }
}

impl Context for Scenario<'_> {
    fn property(&self, names: &[&str]) -> Value {
        match (names, self.run.event) {
            (["env", name], _) => self.variable(name),
            (["github", "event", "inputs", name] | ["inputs", name], event) => match &self.run.inputs {
                Inputs::Given(inputs) => inputs.get(*name).cloned().unwrap_or(Value::Null),
                Inputs::None | Inputs::Unknown if event.is_none() => Value::Open,
                Inputs::None => Value::Null,
                Inputs::Unknown => Value::Hidden,
            },
            (["matrix" | "job" | "runner" | "strategy", ..], _) | (_, None) => Value::Open,
            (["github", rest @ ..], Some(event)) => github(rest, event, self.run.author),
            (["secrets", "github_token"], _) => Value::Beginning(String::new()),
            (["secrets", _], Some(PULL_REQUEST)) if self.run.author == Author::Stranger => Value::Text(String::new()),
            (["secrets", _], _) => Value::Beginning(String::new()),
            (["steps", id, "outputs", "push" | "logged-in"], _) if self.guards.iter().any(|guard| guard.eq_ignore_ascii_case(id)) => {
                Value::Text("false".to_owned())
            }
            _ => Value::Hidden,
        }
    }
}

/// The `github` context of a pull request, or of a comment on one. Other events are not told apart further.
fn github(names: &[&str], event: &str, author: Author) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    let beginning = |text: &str| Value::Beginning(text.to_owned());
    let is_merge = event == PULL_REQUEST;
    match names {
        ["event_name"] => text(event),
        ["ref"] if is_merge => text("refs/pull/1/merge"),
        ["ref"] => beginning("refs/heads/"),
        ["ref_name"] if is_merge => text("1/merge"),
        ["ref_type"] => text("branch"),
        ["ref_protected"] if is_merge => Value::Bool(false),
        ["head_ref" | "base_ref"] if event == "issue_comment" => text(""),
        ["ref_name" | "head_ref" | "base_ref" | "token" | "sha"] => beginning(""),
        ["event"] => Value::Object,
        ["event", rest @ ..] => payload(rest, event, author),
        _ => Value::Open,
    }
}

fn payload(names: &[&str], event: &str, author: Author) -> Value {
    let is_comment = event == "issue_comment";
    match names {
        ["pull_request", "head", "repo" | "user", ..] | ["pull_request", "head", "label"] if author == Author::Insider => Value::Open,
        ["pull_request", ..] if !event.starts_with(PULL_REQUEST) => Value::Null,
        ["pull_request"] | ["pull_request", "head"] => Value::Object,
        ["pull_request", "head", "repo", "fork" | "name" | "private" | "visibility"] => Value::Open,
        ["pull_request", "head", "repo" | "user", ..] | ["pull_request", "head", "label"] => Value::Stranger,
        [key, ..] if COMMON_KEYS.contains(key) => Value::Open,
        [key, ..] if is_comment && COMMENT_KEYS.contains(key) => Value::Open,
        [key, ..] if !is_comment && PULL_REQUEST_KEYS.contains(key) => Value::Open,
        _ if !is_comment && !event.starts_with(PULL_REQUEST) => Value::Open,
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::Workflow;

    fn runs(event: &str, text: &str) -> Truth {
        let workflow = Workflow::parse("env: {LOOP: '${{ env.LOOP }}', PAT: '${{ secrets.PAT }}'}\njobs: {a: {}}").unwrap();
        let variables = Variables::of(&workflow, workflow.job("a").unwrap(), None);
        Scenario::new(&Run::of(event, Author::Stranger), variables, &["ghcr"]).meets(Some(text))
    }

    #[test]
    fn a_guard_by_event_ref_or_identity_keeps_a_forks_pull_request_out() {
        for guard in [
            "github.event_name == 'push'",
            "github.ref == 'refs/heads/main'",
            "github.ref_name == github.event.repository.default_branch && github.ref_type == 'tag'",
            "startsWith(github.ref, 'refs/tags/')",
            "github.event.pull_request.head.repo.full_name == github.repository",
            "github.event.pull_request.head.repo.owner.login == github.repository_owner",
            "github.event.pull_request.head.repo.id == github.repository_id",
            "!github.event.pull_request",
            "github.head_ref == ''",
            "github.event.release",
            "env.PAT != ''",
            "inputs.push == 'true'",
            "steps.ghcr.outputs.push == 'true'",
            "steps.GHCR.outputs['logged-in'] == 'true'",
        ] {
            assert_eq!(runs(PULL_REQUEST, guard), Truth::No, "{guard}");
        }
    }

    #[test]
    fn what_anybody_can_bring_about_keeps_nobody_out() {
        for guard in [
            "github.repository == 'acme/app'",
            "github.actor != 'dependabot[bot]'",
            "!github.event.pull_request.head.repo.fork",
            "github.event.repository.fork == false",
            "contains(github.event.pull_request.labels.*.name, 'publish')",
            "github.base_ref == 'main'",
            "github.event.pull_request.merged == true",
            "matrix.push",
            "steps.ghcr.outputs.push",
        ] {
            assert!(runs(PULL_REQUEST, guard).is_unguarded(), "{guard}");
        }
        assert!(runs("pull_request_target", "github.ref == 'refs/heads/main' && env.PAT").is_unguarded());
        assert!(runs("issue_comment", "github.event.comment.author_association == 'MEMBER'").is_unguarded());
    }

    #[test]
    fn an_identity_lets_own_branches_in() {
        let workflow = Workflow::parse("jobs: {a: {}}").unwrap();
        let variables = || Variables::of(&workflow, workflow.job("a").unwrap(), None);
        let guard = "github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]'";
        let runs = |author| Scenario::new(&Run::of(PULL_REQUEST, author), variables(), &[]).meets(Some(guard));
        assert_eq!((runs(Author::Stranger), runs(Author::Insider)), (Truth::No, Truth::Open));
    }

    #[test]
    fn what_is_decided_elsewhere_is_left_to_that() {
        for guard in ["vars.PUSH == 'true'", "needs.a.outputs.b", "steps.b.outputs.c == 'd'", "env.UNKNOWN", "env.LOOP == 'x'"] {
            assert_eq!(runs(PULL_REQUEST, guard), Truth::Hidden, "{guard}");
        }
        assert_eq!(runs("issue_comment", "github.event.pull_request"), Truth::No);
    }
}
