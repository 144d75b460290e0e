//! A job with what surrounds it.

use std::collections::BTreeMap;

use super::{
    expression::{Truth, condition},
    login::{self, Login},
    push::{self, Push},
    scenario::Scenario,
    variables::Variables,
};
use crate::workflow::{
    Workflow,
    job::{Job, Step},
    job_path,
};

/// Inputs that only ghcr-auth has, by which it is known under any name.
const GUARD_INPUTS: [&str; 3] = ["GHCR_PAT", "GHCR_TOKEN", "LOCAL_RUNNER_FALLBACK_TOKEN"];

/// The most jobs that are followed through `needs`; longer chains are beyond what people write.
const MOST_NEEDED: usize = 100;

/// Functions that let a job run although one that it needs did not.
const RUNS_ANYWAY: [&str; 4] = ["always()", "cancelled()", "failure()", "result"];

/// A job, its file, and what it does with GHCR.
pub struct Scope<'a> {
    /// The file's path, as it was given.
    pub file: &'a str,
    /// The file.
    pub workflow: &'a Workflow,
    /// The job.
    pub job: Job<'a>,
    /// Its ghcr-auth steps.
    pub guards: Vec<Step<'a>>,
    /// Its logins, to any registry.
    pub logins: Vec<Login<'a>>,
    /// Its pushes to GHCR; at most one for each step.
    pub pushes: Vec<Push<'a>>,
}

impl<'a> Scope<'a> {
    /// Looks at a job.
    pub fn new(file: &'a str, workflow: &'a Workflow, job: Job<'a>) -> Self {
        let guards = job.steps().into_iter().filter(|step| is_guard(*step)).collect();
        let mut scope = Self { file, workflow, job, guards, logins: Vec::new(), pushes: Vec::new() };
        scope.logins = login::logins(&scope);
        scope.pushes = push::pushes(&scope);
        scope
    }

    /// The variables that a step sees.
    pub fn variables(&self, step: Step<'a>) -> Variables<'a> {
        Variables::of(self.workflow, self.job, Some(step))
    }

    /// Whether every login of the job, and there is one, is to GHCR, ghcr-auth's among them: what names no registry
    /// then goes there.
    pub fn only_ghcr(&self) -> bool {
        let logs_in = !self.logins.is_empty() || !self.guards.is_empty();
        logs_in && self.logins.iter().all(|login| login.is_ghcr)
    }

    /// The line of the job's key, or of something around it.
    pub fn line(&self) -> usize {
        self.workflow.nearest_line(&job_path(self.job.key, []))
    }

    /// The column of a step's keys, or of what usually is.
    pub fn step_column(&self, step: Step<'_>) -> usize {
        let keys = step.node.entries().into_iter();
        let mut places = keys.filter_map(|(key, _)| self.workflow.place(&step.path([key.into()])));
        places.next().map_or(8, |place| place.column)
    }

    /// Whether a push happens in a run of an event.
    pub fn reaches(&self, push: &Push<'a>, event: Option<&str>) -> Truth {
        let variables = self.variables(push.step);
        let guards = self.guard_ids();
        let scenario = Scenario::new(event, &variables, &guards, self.workflow.is_reusable());
        let step = push.step.condition().map_or(Truth::Yes, |text| condition(text, &scenario));
        self.runs(event).and(step).and(push.decision.truth(&scenario))
    }

    /// Whether the job runs in a run of an event, and so every job that it needs.
    pub fn runs(&self, event: Option<&str>) -> Truth {
        runs(self.workflow, self.job, event, &mut BTreeMap::new())
    }

    /// Every text that has a say in whether a push happens.
    pub fn conditions(&self, push: &Push<'a>) -> Vec<String> {
        let needed = self.job.needs().into_iter().filter_map(|key| self.workflow.job(key)?.condition());
        let own = [self.job.condition(), push.step.condition(), push.decision.text()].into_iter().flatten();
        let texts: Vec<&str> = needed.chain(own).collect();
        let variables = self.variables(push.step);
        let mentioned = texts.iter().flat_map(|text| text.split("env.").skip(1)).filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            variables.get(&rest[..end])
        });
        texts.iter().copied().chain(mentioned).map(str::to_owned).collect()
    }

    fn guard_ids(&self) -> Vec<String> {
        self.guards.iter().filter_map(|step| step.id()).map(str::to_owned).collect()
    }
}

/// Whether a step runs ghcr-auth.
fn is_guard(step: Step<'_>) -> bool {
    let action = step.action().unwrap_or_default();
    let name = action.rsplit('/').next().unwrap_or_default();
    name == "ghcr-auth"
        || name.starts_with("ghcr-auth:")
        || GUARD_INPUTS.iter().any(|input| !action.is_empty() && step.with(input).is_some())
}

fn runs(workflow: &Workflow, job: Job<'_>, event: Option<&str>, known: &mut BTreeMap<String, Truth>) -> Truth {
    if let Some(truth) = known.get(job.key) {
        return *truth;
    }
    if known.len() >= MOST_NEEDED {
        return Truth::Hidden;
    }
    known.insert(job.key.to_owned(), Truth::Hidden);
    let variables = Variables::of(workflow, job, None);
    let scenario = Scenario::new(event, &variables, &[], workflow.is_reusable());
    let own = job.condition().map_or(Truth::Yes, |text| condition(text, &scenario));
    let runs_anyway = job.condition().is_some_and(|text| RUNS_ANYWAY.iter().any(|function| text.contains(function)));
    let needed = job.needs().into_iter().filter(|_| !runs_anyway).filter_map(|key| workflow.job(key));
    let truth = needed.fold(own, |truth, needed| truth.and(runs(workflow, needed, event, known)));
    known.insert(job.key.to_owned(), truth);
    truth
}
