//! Who calls whom: jobs and the reusable workflows of the same repository.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use super::{
    expression::{Truth, Value, template},
    job::AuditedJob,
    push::Push,
    scenario::{Author, Inputs, PRIVILEGED, PULL_REQUEST, Run, Scenario},
    variables::Variables,
};
use crate::workflow::{LOOK_AGAIN, node::Node, reference::own_path};

/// How deep workflows may call workflows
/// (<https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations#limitations-of-reusable-workflows>),
/// and the most ways into one that are looked at.
const DEEPEST: usize = 10;
const MOST_RUNS: usize = 50;

/// The runs that a workflow is part of, each with whether its callers come to call it.
type Runs<'a> = Rc<Vec<(Run<'a>, Truth)>>;

/// The jobs of a repository.
pub struct Calls<'j, 'a> {
    /// All of them.
    pub jobs: &'j [AuditedJob<'a>],
    /// Those of a file, by each end of its path.
    of_file: BTreeMap<&'a str, Vec<&'j AuditedJob<'a>>>,
    /// Those that call a file, by the path that they name.
    callers: BTreeMap<&'a str, Vec<&'j AuditedJob<'a>>>,
    runs: RefCell<BTreeMap<(&'a str, &'a str, Author), Runs<'a>>>,
    /// Any run.
    pub any: Run<'a>,
    /// The runs that events start.
    started: RefCell<Vec<Run<'a>>>,
}

impl<'j, 'a> Calls<'j, 'a> {
    /// Sorts jobs by who calls whom.
    pub fn new(jobs: &'j [AuditedJob<'a>], any: Run<'a>) -> Self {
        let (of_file, callers) = (BTreeMap::new(), BTreeMap::new());
        let mut calls = Self { jobs, of_file, callers, runs: RefCell::default(), any, started: RefCell::default() };
        for job in jobs {
            for end in ends(job.around.file) {
                calls.of_file.entry(end).or_default().push(job);
            }
            if let Some(path) = job.around.job.calls().and_then(own_path) {
                calls.callers.entry(path).or_default().push(job);
            }
        }
        calls
    }

    /// The run that an event starts.
    pub fn run(&self, event: &'a str, author: Author) -> Run<'a> {
        let mut started = self.started.borrow_mut();
        if let Some(run) = started.iter().find(|run| (run.event, run.author) == (Some(event), author)) {
            return run.clone();
        }
        let run = Run::of(event, author);
        started.push(run.clone());
        run
    }

    /// The jobs of the workflow that a job calls, if that is one of this repository.
    pub fn called(&self, caller: &AuditedJob<'a>) -> &[&'j AuditedJob<'a>] {
        let path = caller.around.job.calls().and_then(own_path);
        path.and_then(|path| self.of_file.get(path)).map(Vec::as_slice).unwrap_or_default()
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
        for called in self.called(job).iter().take(MOST_RUNS) {
            self.collect(called, depth - 1, family);
        }
    }

    /// The jobs that run because a job calls their workflow, each with its runs; those that can't come to run are left out.
    pub fn called_runs(&self, caller: &'j AuditedJob<'a>) -> Vec<(&'j AuditedJob<'a>, Run<'a>)> {
        let (mut found, mut left) = (Vec::new(), MOST_RUNS);
        for run in self.own_runs(caller) {
            self.follow(caller, &run, DEEPEST, &mut left, &mut found);
        }
        found
    }

    /// The runs of a job's workflow: one for each event that expressions are known for, one for all others.
    fn own_runs(&self, job: &AuditedJob<'a>) -> Vec<Run<'a>> {
        let is_known = |event: &&str| *event == PULL_REQUEST || PRIVILEGED.contains(event);
        let (known, others): (Vec<&str>, Vec<&str>) = job.around.workflow.events().into_iter().partition(is_known);
        let any = (!others.is_empty() || known.is_empty()).then(|| self.any.clone());
        known.into_iter().map(|event| self.run(event, Author::Insider)).chain(any).collect()
    }

    fn follow(
        &self,
        caller: &'j AuditedJob<'a>,
        run: &Run<'a>,
        depth: usize,
        left: &mut usize,
        found: &mut Vec<(&'j AuditedJob<'a>, Run<'a>)>,
    ) {
        if depth == 0 || caller.runs(run) == Truth::No {
            return;
        }
        let targets = self.called(caller);
        for of_file in targets.get(..MOST_RUNS).unwrap_or(targets).chunk_by(|one, other| one.around.file == other.around.file) {
            let run = run.with(inputs(caller, of_file[0], run));
            for called in of_file {
                let Some(rest) = left.checked_sub(1) else { return };
                *left = rest;
                self.follow(called, &run, depth - 1, left, found);
                if called.runs(&run) != Truth::No {
                    found.push((called, run.clone()));
                }
            }
        }
    }

    /// Whether a push happens in a run of an event, started for the workflow itself or for one that calls it.
    pub fn reaches(&self, job: &AuditedJob<'a>, push: &Push<'a>, event: &'a str, author: Author) -> Truth {
        let runs = self.runs_of(job, event, author);
        runs.iter().fold(Truth::No, |truth, (run, called)| truth.or(called.and(job.reaches(push, run))))
    }

    /// The runs of an event that a job's workflow is part of.
    fn runs_of(&self, job: &AuditedJob<'a>, event: &'a str, author: Author) -> Runs<'a> {
        let key = (job.around.file, event, author);
        if let Some(known) = self.runs.borrow().get(&key) {
            return Rc::clone(known);
        }
        let runs = Rc::new(self.runs(job, event, author, &mut vec![job.around.file], &mut MOST_RUNS.clone()));
        self.runs.borrow_mut().insert(key, Rc::clone(&runs));
        runs
    }

    /// The same. `path` are the files on the way, of which none calls itself again; `left` is how many more ways are looked at.
    fn runs(
        &self,
        job: &AuditedJob<'a>,
        event: &'a str,
        author: Author,
        path: &mut Vec<&'a str>,
        left: &mut usize,
    ) -> Vec<(Run<'a>, Truth)> {
        let own = job.around.workflow.events().contains(&event).then(|| (self.run(event, author), Truth::Yes));
        let mut runs: Vec<(Run<'a>, Truth)> = own.into_iter().collect();
        if path.len() > DEEPEST || !job.around.workflow.is_reusable() {
            return runs;
        }
        for caller in ends(job.around.file).filter_map(|end| self.callers.get(end)).flatten() {
            let Some(rest) = left.checked_sub(1).filter(|_| !path.contains(&caller.around.file)) else { continue };
            *left = rest;
            path.push(caller.around.file);
            let ways = self.runs(caller, event, author, path, left);
            path.pop();
            for (run, truth) in ways {
                if runs.len() < MOST_RUNS {
                    runs.push((run.with(inputs(caller, job, &run)), truth.and(caller.runs(&run))));
                }
            }
        }
        runs
    }
}

/// The ends of a path by which a job may call the file: itself, and what follows each slash.
fn ends(file: &str) -> impl Iterator<Item = &str> {
    std::iter::once(file).chain(file.match_indices('/').map(|(at, _)| &file[at + 1..]))
}

/// The inputs of a called workflow: as its caller gives them, else their defaults.
fn inputs(caller: &AuditedJob<'_>, target: &AuditedJob<'_>, run: &Run<'_>) -> Inputs {
    let scenario = Scenario::new(run, Variables::of(caller.around.workflow, caller.around.job, None), &[]);
    let call = target.around.workflow.trigger("workflow_call");
    let declared = call.and_then(|call| call.get("inputs")).into_iter().flat_map(Node::entries);
    let typed = |input: &Node, text: &str| match (input.text_at("type"), text) {
        (Some("boolean"), "true") => Value::Bool(true),
        (Some("boolean"), "false") => Value::Bool(false),
        _ => template(text, &scenario),
    };
    let written = |name: &str| caller.around.job.node.get("with").and_then(|with| with.text_at(name));
    let value = |name: &str, input: &Node| match written(name).or_else(|| input.text_at("default")) {
        Some(text) => typed(input, text),
        None if input.text_at("type") == Some("boolean") => Value::Bool(false),
        None => Value::Text(String::new()),
    };
    let mut given = BTreeMap::new();
    for (name, input) in declared {
        if !target.around.workflow.look(LOOK_AGAIN) {
            return Inputs::Unknown;
        }
        given.insert(name.to_ascii_lowercase(), value(name, input));
    }
    Inputs::Given(given)
}
