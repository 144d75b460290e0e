//! Who calls whom: jobs and the reusable workflows of the same repository.

use std::collections::BTreeMap;

use super::{
    expression::{Truth, Value, template},
    job::AuditedJob,
    push::Push,
    scenario::{Author, Inputs, PRIVILEGED, PULL_REQUEST, Run, Scenario},
    variables::Variables,
};
use crate::workflow::{node::Node, reference::own_path};

/// How deep workflows may call workflows
/// (<https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations#limitations-of-reusable-workflows>),
/// and the most ways into one that are looked at.
const DEEPEST: usize = 10;
const MOST_RUNS: usize = 50;

/// The jobs of a repository.
pub struct Calls<'j, 'a> {
    /// All of them.
    pub jobs: &'j [AuditedJob<'a>],
}

impl<'j, 'a> Calls<'j, 'a> {
    /// The jobs of the workflow that a job calls, if that is one of this repository.
    pub fn called(&self, caller: &AuditedJob<'a>) -> Vec<&'j AuditedJob<'a>> {
        let Some(path) = caller.around.job.calls().and_then(own_path) else { return Vec::new() };
        self.jobs.iter().filter(|job| is_file(job.around.file, path)).collect()
    }

    /// Every job that runs because of a job, and that job itself; those it calls first.
    pub fn family(&self, caller: &'j AuditedJob<'a>) -> Vec<&'j AuditedJob<'a>> {
        let mut family = Vec::new();
        self.collect(caller, DEEPEST, &mut family);
        family
    }

    fn collect(&self, job: &'j AuditedJob<'a>, depth: usize, family: &mut Vec<&'j AuditedJob<'a>>) {
        if depth == 0 || family.len() > MOST_RUNS || family.iter().any(|known| std::ptr::eq(*known, job)) {
            return;
        }
        family.push(job);
        for called in self.called(job) {
            self.collect(called, depth - 1, family);
        }
    }

    /// The jobs that run because a job calls their workflow, each with its runs; those that can't come to run are left out.
    pub fn called_runs(&self, caller: &'j AuditedJob<'a>) -> Vec<(&'j AuditedJob<'a>, Run<'a>)> {
        let mut found = Vec::new();
        for run in own_runs(caller) {
            self.follow(caller, &run, DEEPEST, &mut found);
        }
        found
    }

    fn follow(&self, caller: &'j AuditedJob<'a>, run: &Run<'a>, depth: usize, found: &mut Vec<(&'j AuditedJob<'a>, Run<'a>)>) {
        if depth == 0 || caller.runs(run) == Truth::No {
            return;
        }
        for called in self.called(caller) {
            if found.len() >= MOST_RUNS {
                return;
            }
            let run = Run { inputs: Inputs::Given(inputs(caller, called, run)), ..run.clone() };
            self.follow(called, &run, depth - 1, found);
            if called.runs(&run) != Truth::No {
                found.push((called, run));
            }
        }
    }

    /// Whether a push happens in a run of an event, started for the workflow itself or for one that calls it.
    pub fn reaches(&self, job: &'j AuditedJob<'a>, push: &Push<'a>, event: &'a str, author: Author) -> Truth {
        let runs = self.runs(job, event, author, DEEPEST);
        runs.into_iter().fold(Truth::No, |truth, (run, called)| strongest(truth, called.and(job.reaches(push, &run))))
    }

    /// The runs of an event that a job is part of, each with whether its callers come to call it.
    fn runs(&self, job: &AuditedJob<'a>, event: &'a str, author: Author, depth: usize) -> Vec<(Run<'a>, Truth)> {
        let own = job.around.workflow.events().contains(&event).then(|| (Run::of(event, author), Truth::Yes));
        let mut runs: Vec<(Run<'a>, Truth)> = own.into_iter().collect();
        if depth == 0 || !job.around.workflow.is_reusable() {
            return runs;
        }
        let calls =
            |caller: &&AuditedJob<'a>| caller.around.job.calls().and_then(own_path).is_some_and(|path| is_file(job.around.file, path));
        for caller in self.jobs.iter().filter(calls) {
            for (run, truth) in self.runs(caller, event, author, depth - 1) {
                if runs.len() < MOST_RUNS {
                    let inputs = Inputs::Given(inputs(caller, job, &run));
                    runs.push((Run { inputs, ..run.clone() }, truth.and(caller.runs(&run))));
                }
            }
        }
        runs
    }
}

/// The runs of a job's workflow: one for each event that expressions are known for, one for all others.
fn own_runs<'a>(job: &AuditedJob<'a>) -> Vec<Run<'a>> {
    let is_known = |event: &&str| *event == PULL_REQUEST || PRIVILEGED.contains(event);
    let (known, others): (Vec<&str>, Vec<&str>) = job.around.workflow.events().into_iter().partition(is_known);
    let any = (!others.is_empty() || known.is_empty()).then_some(Run::ANY);
    known.into_iter().map(|event| Run::of(event, Author::Insider)).chain(any).collect()
}

/// The more telling of two: that something happens for anybody, that nobody can tell, that it does not.
const fn strongest(one: Truth, other: Truth) -> Truth {
    match (one, other) {
        (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
        (Truth::Open, _) | (_, Truth::Open) => Truth::Open,
        (Truth::Hidden, _) | (_, Truth::Hidden) => Truth::Hidden,
        (Truth::No, Truth::No) => Truth::No,
    }
}

fn is_file(file: &str, path: &str) -> bool {
    file == path || file.strip_suffix(path).is_some_and(|before| before.ends_with('/'))
}

/// The inputs of a called workflow: as its caller gives them, else their defaults.
fn inputs(caller: &AuditedJob<'_>, target: &AuditedJob<'_>, run: &Run<'_>) -> BTreeMap<String, Value> {
    let variables = Variables::of(caller.around.workflow, caller.around.job, None);
    let scenario = Scenario::new(run, &variables, &[]);
    let on = target.around.workflow.root().get("on").or_else(|| target.around.workflow.root().get("true"));
    let declared = on.and_then(|on| on.get("workflow_call")?.get("inputs")).into_iter().flat_map(Node::entries);
    let typed = |input: &Node, text: &str| match (input.text_at("type"), text) {
        (Some("boolean"), "true") => Value::Bool(true),
        (Some("boolean"), "false") => Value::Bool(false),
        _ => template(text, &scenario),
    };
    let given = |name: &str| caller.around.job.node.get("with").and_then(|with| with.text_at(name));
    let value = |name: &str, input: &Node| match given(name).or_else(|| input.text_at("default")) {
        Some(text) => typed(input, text),
        None if input.text_at("type") == Some("boolean") => Value::Bool(false),
        None => Value::Text(String::new()),
    };
    declared.into_iter().map(|(name, input)| (name.to_ascii_lowercase(), value(name, input))).collect()
}
