//! Pushes by scripts, and by what only sounds like one.

use super::{Certainty, Decision, Kind, Push, by_action::known_action, certainty, names::names};
use crate::audit::{
    command::KO_REPOSITORY,
    ghcr::{self, Target, without_tag},
    push_action::{PushAction, Registry},
    script::{self, ScriptPush},
    shell::{Command, commands},
    surroundings::Surroundings,
};
use crate::workflow::job::Step;

/// The first push of a script; one that is shown and that always happens counts before others.
pub(super) fn by_script<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Push<'a>> {
    let text = step.run().or_else(|| step.with("command").filter(|_| step.action().is_some_and(|action| action.contains("retry"))))?;
    let variables = around.variables(step);
    let found = script::pushes(&variables.resolve_shell(text), around.read, &|bytes| around.workflow.spend(bytes));
    let filled = found.into_iter().map(|push| {
        let names = push.names.iter().map(|name| variables.resolve_shell(name)).collect();
        ScriptPush { names, ..push }
    });
    let judged = filled.map(|push| (target(around, step, &push), push));
    let possible = judged.filter_map(|(target, push)| Some((certainty(target)?, push)));
    let (certainty, push) = possible.min_by_key(|(certainty, push)| (*certainty != Certainty::Shown, push.is_conditional))?;
    let decision = if push.is_conditional { Decision::Script } else { Decision::Always };
    let names = push.names.iter().filter(|name| ghcr::is_named(name)).map(|name| without_tag(name).to_owned()).collect();
    let written = text.lines().map(str::trim).find(|line| variables.resolve_shell(line) == *push.first);
    let line = around.script_line(step, written.unwrap_or_default());
    Some(Push { step: Some(step), at, what: push.what, kind: Kind::Image, names, decision, certainty, line })
}

/// Where a script's push goes, with what is known around it.
fn target<'a>(around: &Surroundings<'a>, step: Step<'a>, push: &ScriptPush) -> Target {
    match push.target() {
        Target::Unknown if push.names.is_empty() && around.has_variable_of_ghcr(step) => Target::Ghcr,
        Target::Unknown if sets_up_ko(around, &push.names) => Target::Ghcr,
        Target::Unknown => around.target(step, &push.names.join(" ")).0,
        target => target,
    }
}

/// Whether names are left to ko, and setup-ko set it to push to GHCR.
fn sets_up_ko(around: &Surroundings<'_>, names: &[String]) -> bool {
    let is_left = names.iter().all(|name| name.strip_prefix('$') == Some(KO_REPOSITORY));
    !names.is_empty() && is_left && around.sets_up_ko && !around.workflow.is_rewritten(around.job, KO_REPOSITORY)
}

/// A step that says that it pushes and leaves the rest to a file that is not to be seen.
pub(super) fn by_sound<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Push<'a>> {
    let (what, line) = match step.run() {
        Some(text) => {
            let command = commands(text).into_iter().find(Command::says_push)?;
            (command.words.iter().take(2).cloned().collect::<Vec<_>>().join(" "), around.script_line(step, &command.first))
        }
        None => (step.action().filter(|_| releases(step))?, around.input_line(step, "args")),
    };
    let (kind, names, decision) = (Kind::Image, Vec::new(), Decision::Script);
    Some(Push { step: Some(step), at, what, kind, names, decision, certainty: Certainty::BySound, line })
}

/// Whether a step runs `GoReleaser` for a release, which publishes images where its configuration names any
/// (<https://goreleaser.com/customization/package/docker/>).
pub fn releases(step: Step<'_>) -> bool {
    let is_goreleaser = step.action().is_some_and(|action| action == "goreleaser/goreleaser-action");
    let publishes = |args: &str| args.contains("release") && !["--snapshot", "docker", "publish"].iter().any(|word| args.contains(word));
    is_goreleaser && step.with("args").is_some_and(publishes)
}

/// A name without a registry that a step pushes, and the input that holds it or `run`.
pub fn hub_name<'a>(around: &Surroundings<'a>, step: Step<'a>) -> Option<(String, &'static str)> {
    if let Some(script) = step.run() {
        let variables = around.variables(step);
        let found = script::pushes(&variables.resolve_shell(script), &|_| None, &|bytes| around.workflow.spend(bytes));
        let name = found
            .into_iter()
            .filter(|push| push.target() == Target::Hub)
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
