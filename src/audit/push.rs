//! Pushes to GHCR, by actions and by scripts.

use super::{
    command::commands,
    expression::{Context, Truth, template},
    job::Scope,
    login::is_ghcr,
};
use crate::workflow::{job::Step, node::Segment};

/// Words in a script that show it to decide for itself whether to push.
const SCRIPT_GUARDS: [&str; 8] =
    ["event_name", "EVENT_NAME", "github.ref", "GITHUB_REF", "head.repo", "head_ref", "HEAD_REF", ".outputs.push"];

/// A step that pushes to GHCR, when its conditions let it.
#[derive(Clone, Debug)]
pub struct Push<'a> {
    /// The step.
    pub step: Step<'a>,
    /// What pushes: an action's name or a command.
    pub what: String,
    /// What decides, beside the `if` of the step and the job.
    pub decision: Decision<'a>,
    /// The line to name.
    pub line: usize,
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
    /// A script that looks at the event.
    Script,
}

impl<'a> Decision<'a> {
    /// Whether it decides to push.
    pub fn truth(self, context: &dyn Context) -> Truth {
        match self {
            Self::Always => Truth::Yes,
            Self::Input(text) => template(text, context).as_input(),
            Self::Outputs(text) => {
                template(text, context).text().map_or_else(|unknown| unknown.truth(), |text| exports_to_registry(&text).into())
            }
            Self::Script => Truth::Hidden,
        }
    }

    /// Its text.
    pub const fn text(self) -> Option<&'a str> {
        match self {
            Self::Input(text) | Self::Outputs(text) => Some(text),
            Self::Always | Self::Script => None,
        }
    }
}

/// The pushes of a job that can happen at all, in order.
pub fn pushes<'a>(scope: &Scope<'a>) -> Vec<Push<'a>> {
    let found = scope.job.steps().into_iter().filter_map(|step| by_action(scope, step).or_else(|| by_script(scope, step)));
    found.filter(|push| scope.reaches(push, None) != Truth::No).collect()
}

fn by_action<'a>(scope: &Scope<'a>, step: Step<'a>) -> Option<Push<'a>> {
    let action = step.action()?;
    let name = action.rsplit('/').next()?;
    let (input, decision) = match name {
        "build-push-action" | "bake-action" => by_buildkit(step)?,
        "push-to-registry" => ("registry", Decision::Always),
        "push-to-ghcr" => ("uses", Decision::Always),
        "attest" | "attest-build-provenance" | "attest-sbom" => ("push-to-registry", Decision::Input(step.with("push-to-registry")?)),
        _ => return None,
    };
    let goes_to_ghcr = match name {
        "push-to-ghcr" => true,
        "push-to-registry" => is_ghcr(&scope.variables(step).resolve(step.with("registry")?)),
        "build-push-action" | "bake-action" => builds_for_ghcr(scope, step),
        _ => is_ghcr(&scope.variables(step).resolve(step.with("subject-name")?)),
    };
    let path: Vec<Segment> = step.path(["with".into(), input.into()]);
    let line = scope.workflow.nearest_line(&path);
    goes_to_ghcr.then(|| Push { step, what: action.clone(), decision, line })
}

/// Which input makes BuildKit push.
fn by_buildkit(step: Step<'_>) -> Option<(&'static str, Decision<'_>)> {
    let outputs = step.with("outputs").or_else(|| step.with("set").filter(|set| set.contains(".output")));
    match (step.with("push"), outputs.filter(|outputs| exports_to_registry(outputs))) {
        (_, Some(outputs)) if step.with("outputs").is_some() => Some(("outputs", Decision::Outputs(outputs))),
        (_, Some(outputs)) => Some(("set", Decision::Outputs(outputs))),
        (Some(push), None) => Some(("push", Decision::Input(push))),
        (None, None) => None,
    }
}

fn exports_to_registry(outputs: &str) -> bool {
    outputs.contains("push=true") || outputs.contains("type=registry")
}

/// Whether tags, outputs or the images of the docker/metadata-action that feeds them name GHCR; what names nothing
/// goes where the job logs in.
fn builds_for_ghcr(scope: &Scope<'_>, step: Step<'_>) -> bool {
    let variables = scope.variables(step);
    let inputs = ["tags", "outputs", "set", "files"].into_iter().filter_map(|input| step.with(input));
    let text = variables.resolve(&inputs.collect::<Vec<_>>().join("\n"));
    let metadata = scope.job.steps().into_iter().filter(|other| other.action().as_deref() == Some("docker/metadata-action"));
    let feeds = |other: Step<'_>| {
        let by_id = other.id().is_some_and(|id| text.contains(&format!("steps.{id}.outputs")));
        by_id || text.contains("DOCKER_METADATA_OUTPUT") || text.contains("cwd://")
    };
    let images = metadata.filter(|other| feeds(*other)).filter_map(|other| other.with("images")).map(|images| variables.resolve(images));
    let named: String = images.collect();
    let is_unknown = if named.is_empty() { text.is_empty() || text.contains("${{") } else { named.contains("${{") };
    is_ghcr(&text) || is_ghcr(&named) || (is_unknown && scope.only_ghcr())
}

fn by_script<'a>(scope: &Scope<'a>, step: Step<'a>) -> Option<Push<'a>> {
    let script = step.run()?;
    let (command, what) = commands(script).into_iter().find_map(|command| {
        let pushing = command.pushing().filter(|pushing| goes_to_ghcr(scope, step, &pushing.targets))?;
        Some((command, pushing.what))
    })?;
    let path = step.path(["run".into()]);
    let decision = if SCRIPT_GUARDS.iter().any(|word| script.contains(word)) { Decision::Script } else { Decision::Always };
    Some(Push { step, what, decision, line: scope.workflow.line_with(&path, &command.first) })
}

/// Whether a command's targets name GHCR. A variable that is not known may, when the script or the login does.
fn goes_to_ghcr(scope: &Scope<'_>, step: Step<'_>, targets: &[String]) -> bool {
    let variables = scope.variables(step);
    let resolved = variables.resolve_shell(&targets.join(" "));
    let is_unknown = targets.is_empty() || resolved.contains('$');
    let script = variables.resolve_shell(step.run().unwrap_or_default());
    let is_named = is_ghcr(&script) || (targets.is_empty() && variables.texts().any(is_ghcr));
    is_ghcr(&resolved) || (is_unknown && (is_named || scope.only_ghcr()))
}
