//! A job's surroundings: its file, its steps, and what stands behind the names it uses.

use super::{
    command::SETUP_KO,
    composite::{Reader, in_order},
    expression::expressions,
    ghcr::{self, Target},
    variables::Variables,
};
use crate::workflow::{
    LOOK_AGAIN, Workflow,
    job::{Job, Step},
    job_path,
    node::{Location, Node, Segment},
};

/// Inputs that only ghcr-auth has, by which it is known under any name.
pub const GUARD_INPUTS: [&str; 3] = ["GHCR_PAT", "GHCR_TOKEN", "LOCAL_RUNNER_FALLBACK_TOKEN"];

/// The most ghcr-auth steps of a job that are looked at: every condition may name each of them.
const MOST_GUARDS: usize = 100;

/// The usual column of a step's keys, where the file does not show it.
const USUAL_COLUMN: usize = 8;

/// A job, its file, and its steps.
#[derive(Clone)]
pub struct Surroundings<'a> {
    /// The file's path, as it was given.
    pub file: &'a str,
    /// The file.
    pub workflow: &'a Workflow,
    /// The job.
    pub job: Job<'a>,
    /// Its steps in the order in which they run, those of local composite actions among them.
    pub steps: Vec<Step<'a>>,
    /// Reads other files of the repository.
    pub read: Reader<'a>,
    /// Its ghcr-auth steps, with their numbers among the steps.
    pub guards: Vec<(usize, Step<'a>)>,
    /// The ids of those that have one.
    pub guard_ids: Vec<&'a str>,
    /// Its docker/metadata-action steps.
    pub metadata: Vec<Step<'a>>,
    /// Whether setup-ko is among its steps.
    pub sets_up_ko: bool,
    /// The registries of its logins that the file does not show: what a step or a variable gives.
    unknown_registries: Vec<String>,
}

impl<'a> Surroundings<'a> {
    /// Looks around in a job; `expanded` are the steps of its local actions.
    pub fn new(file: &'a str, workflow: &'a Workflow, job: Job<'a>, expanded: &'a [(usize, Node)], read: Reader<'a>) -> Self {
        let steps = in_order(job, expanded);
        let mut guards: Vec<_> = steps.iter().copied().enumerate().filter(|(_, step)| is_guard(*step)).collect();
        guards.truncate(MOST_GUARDS);
        let guard_ids = guards.iter().filter_map(|(_, step)| step.id()).collect();
        let of_actions = |end| steps.iter().copied().filter(|step| step.action().is_some_and(|action| action.ends_with(end))).collect();
        let [metadata, logins]: [Vec<_>; 2] = ["/metadata-action", "/login-action"].map(of_actions);
        let registry = |step: &Step<'a>| Some(Variables::of(workflow, job, Some(*step)).resolve(step.with("registry")?));
        let unknown_registries = logins.iter().filter_map(registry).filter(|registry| registry.starts_with('$')).collect();
        let sets_up_ko = steps.iter().any(|step| step.action().is_some_and(|action| action == SETUP_KO));
        Self { file, workflow, job, steps, read, guards, guard_ids, metadata, sets_up_ko, unknown_registries }
    }

    /// The variables that a step sees.
    pub fn variables(&self, step: Step<'a>) -> Variables<'a> {
        Variables::of(self.workflow, self.job, Some(step))
    }

    /// Whether a variable that a step sees names GHCR.
    pub fn has_variable_of_ghcr(&self, step: Step<'a>) -> bool {
        self.variables(step).texts().take_while(|text| self.may_read(text)).any(ghcr::is_named)
    }

    /// Whether a step stands in the workflow itself, rather than in an action that it uses.
    pub fn is_own(&self, step: Step<'_>) -> bool {
        self.workflow.root().at(&step.path([])).is_some_and(|own| std::ptr::eq(own, step.node))
    }

    /// The place of a path whose lines hold nothing else: a key or element of a block.
    pub fn block(&self, path: &[Segment]) -> Option<Location> {
        self.workflow.place(path).filter(|place| place.is_block)
    }

    /// The same, if it is one line.
    pub fn line_block(&self, path: &[Segment]) -> Option<Location> {
        self.block(path).filter(|place| place.line == place.last)
    }

    /// The line of the job's key, or of something around it.
    pub fn line(&self) -> usize {
        self.workflow.nearest_line(&job_path(self.job.key, []))
    }

    /// The line of an input of a step's action, or of the step.
    pub fn input_line(&self, step: Step<'_>, input: &str) -> usize {
        let own = step.node.get("with").into_iter().flat_map(Node::entries);
        let written = own.into_iter().map(|(name, _)| name).find(|name| name.eq_ignore_ascii_case(input)).unwrap_or(input);
        self.workflow.nearest_line(&step.path(["with".into(), written.into()]))
    }

    /// The line of a step's script that holds a text, or of the step.
    pub fn script_line(&self, step: Step<'_>, text: &str) -> usize {
        self.workflow.line_with(&step.path(["run".into()]), text)
    }

    /// The column of a step's keys, or of what usually is.
    pub fn step_column(&self, step: Step<'_>) -> usize {
        let keys = step.node.entries();
        let mut places = keys.filter_map(|(key, _)| self.block(&step.path([key.into()])));
        let after_dash = || self.block(&step.path([])).map(|dash| dash.column + 2);
        places.next().map(|place| place.column).or_else(after_dash).unwrap_or(USUAL_COLUMN)
    }

    /// Where a name leads that a step uses, and the name with its variables filled in.
    pub fn target(&self, step: Step<'a>, name: &str) -> (Target, String) {
        if !self.may_read(name) {
            return (Target::Unknown, name.to_owned());
        }
        let name = self.variables(step).resolve(name);
        let target = match Target::of(&name) {
            Target::Unknown if self.is_behind(step, &name) => Target::Ghcr,
            Target::Unknown if self.is_of_other_login(&name) => Target::Elsewhere,
            target => target,
        };
        (target, name)
    }

    /// Whether what the expressions of a name take from steps, by outputs or variables, is there already at a step.
    pub fn is_known_at(&self, name: &str, at: usize) -> bool {
        let before = || self.steps.iter().take(at);
        let sets = |script: &str, name: &str| script.contains("GITHUB_ENV") && script.to_ascii_lowercase().contains(name);
        expressions(&name.to_ascii_lowercase()).flat_map(references).all(|names| match names[..] {
            ["steps", id, ..] => before().any(|step| is_named(step.id(), id)),
            ["env", name] => before().filter_map(|step| step.run()).any(|script| sets(script, name)),
            _ => true,
        })
    }

    /// Whether an unknown name begins with what a login to another registry names.
    fn is_of_other_login(&self, name: &str) -> bool {
        let registries = || self.unknown_registries.iter();
        let is_affordable = self.workflow.look(registries().map(String::len).sum());
        is_affordable && registries().any(|registry| name.trim_start().starts_with(registry))
    }

    /// Whether what an unknown name comes from names GHCR.
    fn is_behind(&self, step: Step<'a>, name: &str) -> bool {
        let is_of_ghcr = |names: Vec<&str>| self.sources(step, &names).iter().any(|text| ghcr::is_named(text));
        expressions(&name.to_ascii_lowercase()).flat_map(references).any(is_of_ghcr)
    }

    /// The texts from which a property comes, as far as the file shows them, and as far as it may be searched.
    fn sources(&self, step: Step<'a>, names: &[&str]) -> Vec<String> {
        if !self.workflow.look(LOOK_AGAIN * self.steps.len()) {
            return Vec::new();
        }
        match names {
            ["steps", id, ..] => self.steps.iter().filter(|other| is_named(other.id(), id)).flat_map(|other| self.texts(*other)).collect(),
            ["env", name] => self.exports(step, name),
            ["needs", job, ..] => {
                let is_affordable = || self.workflow.look(LOOK_AGAIN);
                let mut jobs = self.workflow.jobs().into_iter().take_while(|_| is_affordable());
                let job = self.workflow.job(job).or_else(|| jobs.find(|other| other.key.eq_ignore_ascii_case(job)));
                let steps = job.map(Job::steps).unwrap_or_default().into_iter().take_while(|_| is_affordable());
                steps.flat_map(|other| self.texts(other)).collect()
            }
            ["matrix", name, ..] => self.matrix(name),
            ["inputs", name] => self.defaults(name),
            _ => Vec::new(),
        }
    }

    /// What a step works with: its script and its inputs.
    fn texts(&self, step: Step<'a>) -> Vec<String> {
        let variables = self.variables(step);
        let inputs = step.node.get("with").into_iter().flat_map(Node::entries).filter_map(|(_, value)| value.text());
        let inputs = inputs.filter(|text| self.may_read(text)).map(|text| variables.resolve(text));
        inputs.chain(step.run().filter(|script| self.may_read(script)).map(|script| variables.resolve_shell(script))).collect()
    }

    fn may_read(&self, text: &str) -> bool {
        self.workflow.look(text.len() + LOOK_AGAIN)
    }

    /// The lines of scripts that set an environment variable for later steps.
    fn exports(&self, before: Step<'a>, name: &str) -> Vec<String> {
        let scripts = self.steps.iter().take_while(|step| step.index <= before.index).filter_map(|step| Some((*step, step.run()?)));
        let exporting = scripts.filter(|(_, script)| self.may_read(script) && script.contains("GITHUB_ENV"));
        let sets = |line: &&str| line.to_ascii_lowercase().contains(&format!("{}=", name.to_ascii_lowercase()));
        let lines = exporting.flat_map(|(step, script)| script.lines().filter(sets).map(move |line| (step, line)));
        lines.map(|(step, line)| self.variables(step).resolve_shell(line)).collect()
    }

    fn matrix(&self, name: &str) -> Vec<String> {
        let Some(matrix) = self.job.node.get("strategy").and_then(|strategy| strategy.get("matrix")) else { return Vec::new() };
        let include = matrix.get("include").map(Node::items).unwrap_or_default().iter();
        let values = matrix.get(name).into_iter().chain(include.filter_map(|item| item.get(name)));
        let texts = values.flat_map(|value| value.scalars().into_iter().map(|(_, text)| text));
        texts.take_while(|text| self.may_read(text)).map(str::to_owned).collect()
    }

    fn defaults(&self, name: &str) -> Vec<String> {
        let events = ["workflow_call", "workflow_dispatch"].into_iter().filter_map(|event| self.workflow.root().get("on")?.get(event));
        events.filter_map(|event| Some(event.get("inputs")?.get(name)?.text_at("default")?.to_owned())).collect()
    }
}

/// Whether a step runs ghcr-auth.
fn is_guard(step: Step<'_>) -> bool {
    let action = step.action().unwrap_or_default();
    let names = ["ghcr-auth", "ghcr-auth/host"];
    names.iter().any(|name| action == *name || action.ends_with(&format!("/{name}")))
        || action.rsplit('/').next().is_some_and(|name| name.starts_with("ghcr-auth:"))
        || GUARD_INPUTS.iter().any(|input| !action.is_empty() && step.with(input).is_some())
}

fn is_named(id: Option<&str>, name: &str) -> bool {
    id.is_some_and(|id| id.eq_ignore_ascii_case(name))
}

/// The properties that an expression names, each as its names: `steps`, `meta`, `outputs`, `tags`.
fn references(expression: &str) -> impl Iterator<Item = Vec<&str>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let words = expression.split(move |c: char| !is_part(c)).filter(|word| word.contains('.'));
    words.map(|word| word.split('.').collect())
}
