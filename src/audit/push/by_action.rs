//! Pushes by actions and by workflows of other repositories.

use super::{Certainty, Decision, Kind, Push, certainty, names::targets};
use crate::audit::{
    command::exports_to_registry,
    ghcr::{self, without_tag},
    push_action::{PushAction, Registry, When},
    surroundings::Surroundings,
    variables::Variables,
};
use crate::workflow::{job::Step, job_path, reference::own_path};

/// What `with` of a job or step says of a known action, if it pushes to GHCR or nobody can tell where.
pub(super) fn by_action<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Push<'a>> {
    let action = step.action()?;
    let known = PushAction::of(&action);
    let is_local = own_path(&action).is_some();
    let (decision, input, texts) = match known {
        Some(known) => known_action(step, known, &action)?,
        None if is_local => local_action(around, at, step)?,
        None => return None,
    };
    let fixed = match known.map(|known| known.registry) {
        Some(Registry::Fixed(host)) => Some(host.to_owned()),
        Some(Registry::Input(input)) => Some(around.variables(step).resolve(step.with(input).unwrap_or_default())),
        Some(Registry::Targets) | None => None,
    };
    let (target, names) = targets(around, step, &texts, fixed.as_deref());
    let certainty = certainty(target)?;
    let kind = if action.contains("/attest") { Kind::Attestation } else { Kind::Image };
    let line = around.input_line(step, input);
    Some(Push { step: Some(step), at, what: action, kind, names, decision, certainty, line })
}

type Acting<'a> = (Decision<'a>, &'static str, Vec<String>);

pub(super) fn known_action<'a>(step: Step<'a>, known: PushAction, action: &str) -> Option<Acting<'a>> {
    let texts = || known.targets().filter_map(|input| step.with(input)).map(str::to_owned).collect();
    if action.ends_with("build-push-action") || action.ends_with("bake-action") {
        let outputs = [("outputs", step.with("outputs")), ("set", step.with("set").filter(|set| set.contains(".output")))];
        // An expression may come to anything.
        let may_export = |text: &&str| exports_to_registry(text) || text.contains("push=${{");
        let exporting = outputs.into_iter().find_map(|(input, text)| Some((input, text.filter(may_export)?)));
        return match (step.with("push"), exporting) {
            (_, Some((input, outputs))) => Some((Decision::Outputs(outputs), input, texts())),
            (Some(push), None) => Some((Decision::Input(push), "push", texts())),
            (None, None) => None,
        };
    }
    match known.when {
        When::Always => Some((Decision::Always, "uses", texts())),
        When::Input(input) => Some((Decision::Input(step.with(input)?), input, texts())),
        When::UnlessFalse(input) => Some((step.with(input).map_or(Decision::Always, Decision::Input), input, texts())),
        When::ByItself(input) => {
            step.with(input).filter(|text| text.eq_ignore_ascii_case("true")).map(|_| (Decision::Script, input, texts()))
        }
    }
}

/// A local action that is no composite one: what its inputs `push` and `tags`, or the like, say.
fn local_action<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Acting<'a>> {
    let is_expanded = at.checked_sub(1).and_then(|before| around.steps.get(before)).is_some_and(|before| before.index == step.index);
    let push = step.with("push").filter(|_| !is_expanded)?;
    let texts: Vec<String> = ["tags", "images", "image"].into_iter().filter_map(|input| step.with(input)).map(str::to_owned).collect();
    (!texts.is_empty()).then_some((Decision::Input(push), "push", texts))
}

/// The inputs that name BuildKit's caches, by the ends of their actions' names.
const CACHE_INPUTS: [(&str, &str); 2] = [("/build-push-action", "cache-to"), ("/bake-action", "set")];

/// BuildKit's cache in a registry.
pub(super) fn by_cache<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Push<'a>> {
    let action = step.action()?;
    let input = CACHE_INPUTS.iter().find(|(end, _)| action.ends_with(end)).map(|(_, input)| *input)?;
    let text = step.with(input)?;
    let resolved = around.variables(step).resolve(text);
    let writes = |line: &&str| {
        (input == "cache-to" || line.contains("cache-to"))
            && line.contains("type=registry")
            && ghcr::is_named(line)
            && !line.contains("ignore-error=true")
    };
    let cached: Vec<&str> = resolved.lines().filter(writes).collect();
    let package = |line: &&str| Some(without_tag(line.split("ref=").nth(1)?.split([',', '\'']).next()?).to_owned());
    // In a call of `format`, names have holes.
    let is_whole = |name: &String| name.matches('{').count() == 2 * name.matches("${{").count();
    let names = cached.iter().filter_map(package).filter(is_whole).collect();
    let (kind, decision, line) = (Kind::Cache, Decision::Cache(text), around.input_line(step, input));
    let push = Push { step: Some(step), at, what: action, kind, names, decision, certainty: Certainty::Shown, line };
    (!cached.is_empty()).then_some(push)
}

/// A reusable workflow of another repository that is known to push.
pub(super) fn by_call<'a>(around: &Surroundings<'a>) -> Option<Push<'a>> {
    let calls = around.job.calls()?;
    let name = calls.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let known = PushAction::of(&name)?;
    let with = around.job.node.get("with")?;
    let variables = Variables::of(around.workflow, around.job, None);
    let names: Vec<String> = known.targets().filter_map(|input| with.text_at(input)).map(|text| variables.resolve(text)).collect();
    let pushes = match known.when {
        When::Always => Decision::Always,
        When::Input(input) | When::UnlessFalse(input) | When::ByItself(input) => Decision::Input(with.text_at(input)?),
    };
    let line = around.workflow.nearest_line(&job_path(around.job.key, ["uses".into()]));
    let of_ghcr = names.iter().flat_map(|text| text.lines()).filter(|name| ghcr::is_named(name));
    let names: Vec<String> = of_ghcr.map(|name| without_tag(name).to_owned()).collect();
    let (kind, certainty) = (Kind::Image, Certainty::Shown);
    (!names.is_empty()).then_some(Push { step: None, at: 0, what: name, kind, names, decision: pushes, certainty, line })
}
