//! Pushes to GHCR, by actions, by scripts and by workflows of other repositories.

mod by_action;
mod by_script;
mod names;

pub use self::by_script::{hub_name, releases};
use super::{
    command::exports_to_registry,
    expression::{Context, Truth, template},
    ghcr::Target,
    login::{By, Login},
    surroundings::Surroundings,
};
use crate::workflow::job::Step;

/// A push to GHCR, when its conditions let it.
#[derive(Clone, Debug)]
pub struct Push<'a> {
    /// The step; none where a workflow of another repository pushes for the job.
    pub step: Option<Step<'a>>,
    /// Its number among the steps.
    pub at: usize,
    /// What pushes: an action's name or a command.
    pub what: String,
    /// What is pushed.
    pub kind: Kind,
    /// The names that are pushed to GHCR, with variables filled in, without tags; empty when the file does not show them.
    pub names: Vec<String>,
    /// What decides, beside the `if` of the step and the job.
    pub decision: Decision<'a>,
    /// How the file shows it.
    pub certainty: Certainty,
    /// The line to name.
    pub line: usize,
}

/// What is pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An image, a chart or another artifact.
    Image,
    /// BuildKit's cache, which is written whatever `push` says.
    Cache,
    /// An attestation beside an image.
    Attestation,
}

/// How sure it is that GHCR gets something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The file, or one that it names, shows it.
    Shown,
    /// A push is shown, and where it goes is not; but the job logs in to GHCR for something.
    ByLogin,
    /// A command says so, and what it does is not to be seen.
    BySound,
}

/// What decides within a step whether it pushes.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// Nothing.
    Always,
    /// An input that is true or false.
    Input(&'a str),
    /// BuildKit's exporters, which push with `push=true` or `type=registry`.
    Outputs(&'a str),
    /// BuildKit's cache, which `type=registry` pushes.
    Cache(&'a str),
    /// The script itself.
    Script,
}

impl<'a> Decision<'a> {
    /// Whether it decides to push.
    pub fn truth(self, context: &dyn Context) -> Truth {
        let exports = |text, pushes: fn(&str) -> bool| {
            template(text, context).text().map_or_else(|unknown| unknown.truth(), |text| pushes(&text).into())
        };
        match self {
            Self::Always => Truth::Yes,
            Self::Input(text) => template(text, context).as_input(),
            Self::Outputs(text) => exports(text, exports_to_registry),
            Self::Cache(text) => exports(text, caches_in_registry),
            Self::Script => Truth::Hidden,
        }
    }

    /// Its text.
    pub const fn text(self) -> Option<&'a str> {
        match self {
            Self::Input(text) | Self::Outputs(text) | Self::Cache(text) => Some(text),
            Self::Always | Self::Script => None,
        }
    }
}

fn caches_in_registry(cache: &str) -> bool {
    cache.contains("type=registry") || (cache.contains('/') && !cache.contains('='))
}

const fn certainty(target: Target) -> Option<Certainty> {
    match target {
        Target::Ghcr => Some(Certainty::Shown),
        Target::Unknown => Some(Certainty::ByLogin),
        Target::Hub | Target::Elsewhere => None,
    }
}

/// The most pushes of a job that are looked at: each is held against all steps. The largest job known has some forty.
const MOST_PUSHES: usize = 200;

/// The pushes of a job, in order: those that can be seen, else one that can be heard of.
pub fn pushes<'a>(around: &Surroundings<'a>, logins: &[Login<'a>]) -> Vec<Push<'a>> {
    if let Some(push) = by_action::by_call(around) {
        return vec![push];
    }
    let steps = || around.steps.iter().copied().enumerate();
    let found = steps().flat_map(|(at, step)| {
        let cache = by_action::by_cache(around, at, step);
        by_action::by_action(around, at, step).or_else(|| by_script::by_script(around, at, step)).into_iter().chain(cache)
    });
    let (mut pushes, unknown): (Vec<_>, Vec<_>) = found.take(MOST_PUSHES).partition(|push| push.certainty == Certainty::Shown);
    // Who sets up a tool is logged in without having asked, and may push anywhere.
    let asked: Vec<_> = logins.iter().filter(|login| login.by != By::SetupAction).collect();
    let logs_in = asked.iter().any(|login| login.is_ghcr) || !around.guards.is_empty();
    let only_ghcr = logs_in && asked.iter().all(|login| login.is_ghcr);
    let has_image = pushes.iter().any(|push| push.kind == Kind::Image);
    if only_ghcr || (logs_in && !has_image) {
        let certainty = if only_ghcr { Certainty::Shown } else { Certainty::ByLogin };
        pushes.extend(unknown.into_iter().map(|push| Push { certainty, ..push }));
    }
    if pushes.is_empty() && logs_in {
        pushes.extend(steps().find_map(|(at, step)| by_script::by_sound(around, at, step)));
    }
    pushes.sort_by_key(|push| push.at);
    pushes
}
