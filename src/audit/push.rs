//! Pushes to GHCR, by actions, by scripts and by workflows of other repositories.

use super::{
    command::commands,
    expression::{Context, Truth, template},
    ghcr::{self, Target, without_tag},
    login::Login,
    push_action::{PushAction, Registry, When},
    script,
    surroundings::Surroundings,
};
use crate::workflow::{job::Step, job_path, reference::own_path};

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

/// The most pushes of a job that are looked at: each is held against all steps. The largest job known has some forty.
const MOST_PUSHES: usize = 200;

/// The pushes of a job, in order: those that can be seen, else one that can be heard of.
pub fn pushes<'a>(around: &Surroundings<'a>, logins: &[Login<'a>]) -> Vec<Push<'a>> {
    if let Some(push) = by_call(around) {
        return vec![push];
    }
    let steps = || around.steps.iter().copied().enumerate();
    let found = steps().flat_map(|(at, step)| {
        let cache = by_cache(around, at, step);
        by_action(around, at, step).or_else(|| by_script(around, at, step)).into_iter().chain(cache)
    });
    let (shown, unknown): (Vec<_>, Vec<_>) = found.partition(|push| push.certainty == Certainty::Shown);
    let logs_in = logins.iter().any(|login| login.is_ghcr) || around.guards().next().is_some();
    let only_ghcr = logs_in && logins.iter().all(|login| login.is_ghcr);
    let has_image = shown.iter().any(|push| push.kind == Kind::Image);
    let mut pushes = shown;
    if only_ghcr || (logs_in && !has_image) {
        pushes.extend(
            unknown.into_iter().map(|push| Push { certainty: if only_ghcr { Certainty::Shown } else { Certainty::ByLogin }, ..push }),
        );
    }
    if pushes.is_empty() && logs_in {
        pushes.extend(steps().find_map(|(at, step)| by_sound(around, at, step)));
    }
    pushes.sort_by_key(|push| push.at);
    pushes.truncate(MOST_PUSHES);
    pushes
}

/// What `with` of a job or step says of a known action, if it pushes to GHCR or nobody can tell where.
fn by_action<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Push<'a>> {
    let action = step.action()?;
    let known = PushAction::of(&action);
    let is_local = own_path(&action).is_some();
    let (decision, input, texts) = match known {
        Some(known) => known_action(step, known, &action)?,
        None if is_local => local_action(around, step)?,
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

const fn certainty(target: Target) -> Option<Certainty> {
    match target {
        Target::Ghcr => Some(Certainty::Shown),
        Target::Unknown => Some(Certainty::ByLogin),
        Target::Hub | Target::Elsewhere => None,
    }
}

type Acting<'a> = (Decision<'a>, &'static str, Vec<String>);

fn known_action<'a>(step: Step<'a>, known: PushAction, action: &str) -> Option<Acting<'a>> {
    let texts = || known.targets().filter_map(|input| step.with(input)).map(str::to_owned).collect();
    if action.ends_with("build-push-action") || action.ends_with("bake-action") {
        let outputs = [("outputs", step.with("outputs")), ("set", step.with("set").filter(|set| set.contains(".output")))];
        let exporting = outputs.into_iter().find_map(|(input, text)| Some((input, text.filter(|text| may_export(text))?)));
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
fn local_action<'a>(around: &Surroundings<'a>, step: Step<'a>) -> Option<Acting<'a>> {
    let position = around.steps.iter().position(|other| std::ptr::eq(other.node, step.node))?;
    let is_expanded = position.checked_sub(1).and_then(|before| around.steps.get(before)).is_some_and(|before| before.index == step.index);
    let push = step.with("push").filter(|_| !is_expanded)?;
    let texts: Vec<String> = ["tags", "images", "image"].into_iter().filter_map(|input| step.with(input)).map(str::to_owned).collect();
    (!texts.is_empty()).then_some((Decision::Input(push), "push", texts))
}

/// Whether some run of these outputs may push: an expression may come to anything.
fn may_export(outputs: &str) -> bool {
    exports_to_registry(outputs) || outputs.contains("push=${{")
}

fn exports_to_registry(outputs: &str) -> bool {
    outputs.contains("push=true") || outputs.contains("type=registry")
}

fn caches_in_registry(cache: &str) -> bool {
    cache.contains("type=registry") || (cache.contains('/') && !cache.contains('='))
}

/// Where texts of targets lead, and the names of those that lead to GHCR. `registry` is what the action is told beside.
fn targets(around: &Surroundings<'_>, step: Step<'_>, texts: &[String], registry: Option<&str>) -> (Target, Vec<String>) {
    let step = around.steps.iter().copied().find(|own| std::ptr::eq(own.node, step.node));
    let Some(step) = step else { return (Target::Unknown, Vec::new()) };
    let text = around.variables(step).resolve(&texts.join("\n"));
    if let Some(registry) = registry.filter(|_| !ghcr::is_named(&text)) {
        let target = if ghcr::is_named(registry) {
            Target::Ghcr
        } else if registry.contains('$') {
            Target::Unknown
        } else {
            Target::Elsewhere
        };
        return (target, Vec::new());
    }
    let mut found: Vec<(Target, String)> = names(&text).map(|name| around.target(step, name)).collect();
    found.extend(metadata(around, step, &text));
    let target = if found.is_empty() { Target::Unknown } else { Target::of_all(found.iter().map(|(target, _)| *target)) };
    let is_shown = |(target, name): &(Target, String)| *target == Target::Ghcr && ghcr::is_named(name);
    let mut named: Vec<String> = found.iter().filter(|one| is_shown(one)).map(|(_, name)| without_tag(name).to_owned()).collect();
    named.sort();
    named.dedup();
    (target, named)
}

/// The names in a text of tags, outputs or overrides: one a line, or separated by commas, or behind `name=` and `.tags=`.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let plain = |line: &str| !line.contains("name=") && !line.contains("type=") && !line.contains("push=");
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).flat_map(move |line| {
        let named = line.split("name=").skip(1).map(|rest| rest.split([',', '"']).find(|part| !part.is_empty()).unwrap_or_default());
        let tags = line.split_once(".tags=").map(|(_, tag)| tag.trim_start_matches('+'));
        let is_override = line.starts_with('*') || line.split_once('=').is_some_and(|(key, _)| key.contains('.') && !key.contains('/'));
        let is_file = |name: &str| name.starts_with("cwd://") || [".hcl", ".json", ".yml", ".yaml"].iter().any(|end| name.ends_with(end));
        let listed = line.split(',').map(str::trim).filter(move |name| plain(line) && !is_override && !name.is_empty() && !is_file(name));
        named.filter(|name| *name != "canonical" && !name.starts_with("true")).chain(tags).chain(listed)
    })
}

/// The images of the docker/metadata-action that feeds a text.
fn metadata<'a>(around: &Surroundings<'a>, step: Step<'a>, text: &str) -> Vec<(Target, String)> {
    let all = around.steps.iter().copied().filter(|other| other.action().is_some_and(|action| action.ends_with("/metadata-action")));
    let feeds = |other: Step<'a>| {
        let by_id = other.id().is_some_and(|id| text.contains(&format!("steps.{id}.")));
        by_id || text.contains("DOCKER_METADATA_OUTPUT") || text.contains("cwd://")
    };
    let images = all.filter(|other| feeds(*other)).filter_map(|other| Some((other, other.with("images")?)));
    let names = images.flat_map(|(other, images)| {
        let lines =
            images.lines().flat_map(|line| line.split(',')).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("enable="));
        lines.map(move |line| (other, line.trim_start_matches("name=").to_owned()))
    });
    let _ = step;
    names.map(|(other, name)| around.target(other, &name)).collect()
}

/// BuildKit's cache in a registry.
fn by_cache<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Push<'a>> {
    let action = step.action()?;
    let input = if action.ends_with("/build-push-action") {
        "cache-to"
    } else if action.ends_with("/bake-action") {
        "set"
    } else {
        return None;
    };
    let text = step.with(input).filter(|text| text.contains("cache-to") || input == "cache-to")?;
    let resolved = around.variables(step).resolve(text);
    let lines: Vec<&str> = resolved.lines().filter(|line| input == "cache-to" || line.contains("cache-to")).collect();
    let writes = |line: &&&str| line.contains("type=registry") && ghcr::is_named(line) && !line.contains("ignore-error=true");
    let cached: Vec<&&str> = lines.iter().filter(writes).collect();
    let named =
        |line: &&&str| line.split("ref=").nth(1).map(|name| without_tag(name.split([',', '\'']).next().unwrap_or_default()).to_owned());
    let packages: Vec<String> = cached.iter().filter_map(named).collect();
    let line = around.input_line(step, input);
    let push = Push {
        step: Some(step),
        at,
        what: action,
        kind: Kind::Cache,
        names: packages,
        decision: Decision::Cache(text),
        certainty: Certainty::Shown,
        line,
    };
    (!cached.is_empty()).then_some(push)
}

/// A reusable workflow of another repository that is known to push.
fn by_call<'a>(around: &Surroundings<'a>) -> Option<Push<'a>> {
    let calls = around.job.calls()?;
    let name = calls.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let known = PushAction::of(&name)?;
    let with = around.job.node.get("with")?;
    let variables = super::variables::Variables::of(around.workflow, around.job, None);
    let names: Vec<String> = known.targets().filter_map(|input| with.text_at(input)).map(|text| variables.resolve(text)).collect();
    let pushes = match known.when {
        When::Always => Decision::Always,
        When::Input(input) | When::UnlessFalse(input) | When::ByItself(input) => Decision::Input(with.text_at(input)?),
    };
    let line = around.workflow.nearest_line(&job_path(around.job.key, ["uses".into()]));
    names.iter().any(|name| ghcr::is_named(name)).then(|| Push {
        step: None,
        at: 0,
        what: name,
        kind: Kind::Image,
        names: names
            .iter()
            .flat_map(|text| text.lines())
            .filter(|name| ghcr::is_named(name))
            .map(|name| without_tag(name).to_owned())
            .collect(),
        decision: pushes,
        certainty: Certainty::Shown,
        line,
    })
}

fn by_script<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Push<'a>> {
    let text = step.run().or_else(|| step.with("command").filter(|_| step.action().is_some_and(|action| action.contains("retry"))))?;
    let variables = around.variables(step);
    let found = script::pushes(&variables.resolve_shell(text), around.read);
    let judged = found.into_iter().map(|push| {
        let target = match push.target {
            Target::Unknown if around.target(step, &push.names.join(" ")).0 == Target::Ghcr => Target::Ghcr,
            Target::Unknown if push.names.is_empty() && variables.texts().any(ghcr::is_named) => Target::Ghcr,
            target => target,
        };
        (target, push)
    });
    let mut judged: Vec<_> = judged.filter(|(target, _)| matches!(target, Target::Ghcr | Target::Unknown)).collect();
    judged.sort_by_key(|(target, push)| (*target != Target::Ghcr, push.is_conditional));
    let (target, push) = judged.into_iter().next()?;
    let decision = if push.is_conditional { Decision::Script } else { Decision::Always };
    let names = push.names.iter().filter(|name| ghcr::is_named(name)).map(|name| without_tag(name).to_owned()).collect();
    let written = text.lines().map(str::trim).find(|line| variables.resolve_shell(line) == *push.first);
    let line = around.script_line(step, written.unwrap_or_default());
    Some(Push { step: Some(step), at, what: push.what, kind: Kind::Image, names, decision, certainty: certainty(target)?, line })
}

/// A command that says that it pushes and leaves the rest to a file that is not to be seen.
fn by_sound<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Push<'a>> {
    let text = step.run()?;
    let command = commands(text).into_iter().find(super::command::Command::says_push)?;
    let line = around.script_line(step, &command.first);
    let what = command.words.iter().take(2).cloned().collect::<Vec<_>>().join(" ");
    let push = Push {
        step: Some(step),
        at,
        what,
        kind: Kind::Image,
        names: Vec::new(),
        decision: Decision::Script,
        certainty: Certainty::BySound,
        line,
    };
    Some(push)
}

/// A name without a registry that a step pushes, and the input that holds it or `run`.
pub fn hub_name<'a>(around: &Surroundings<'a>, step: Step<'a>) -> Option<(String, &'static str)> {
    if let Some(script) = step.run() {
        let variables = around.variables(step);
        let found = script::pushes(&variables.resolve_shell(script), &|_| None);
        let name = found
            .into_iter()
            .filter(|push| push.target == Target::Hub)
            .find_map(|push| push.names.into_iter().find(|name| is_hub_name(name)));
        return Some((without_tag(&name?).to_owned(), "run"));
    }
    let action = step.action()?;
    let known = PushAction::of(&action).filter(|known| known.registry == Registry::Targets)?;
    let (_, input, texts) = known_action(step, known, &action)?;
    let text = around.variables(step).resolve(&texts.join("\n"));
    let all: Vec<&str> = names(&text).collect();
    let name = all.iter().find(|name| is_hub_name(name))?;
    let is_only = all.iter().all(|name| around.target(step, name).0 == Target::Hub);
    let input = if input == "push" { known.targets().find(|input| step.with(input).is_some())? } else { input };
    is_only.then(|| (without_tag(name).to_owned(), input))
}

/// Whether a name is an owner's and a package's, and nothing else.
fn is_hub_name(name: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@');
    Target::of(name) == Target::Hub && name.matches('/').count() == 1 && name.chars().all(is_name)
}
