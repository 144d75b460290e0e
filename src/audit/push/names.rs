//! The names in the inputs of actions that push.

use crate::audit::{
    ghcr::{self, Target, without_tag},
    surroundings::Surroundings,
};
use crate::workflow::job::Step;

/// Where texts of targets lead, and the names of those that lead to GHCR. `registry` is what the action is told beside.
pub(super) fn targets<'a>(around: &Surroundings<'a>, step: Step<'a>, texts: &[String], registry: Option<&str>) -> (Target, Vec<String>) {
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
    found.extend(metadata(around, &text));
    let target = found.iter().map(|(target, _)| *target).min().unwrap_or(Target::Unknown);
    let is_shown = |(target, name): &(Target, String)| *target == Target::Ghcr && ghcr::is_named(name);
    let mut named: Vec<String> = found.iter().filter(|one| is_shown(one)).map(|(_, name)| without_tag(name).to_owned()).collect();
    named.sort_unstable();
    named.dedup();
    (target, named)
}

/// The names in a text of tags, outputs or overrides: one a line, or separated by commas, or behind `name=` and `.tags=`.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
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
fn metadata(around: &Surroundings<'_>, text: &str) -> Vec<(Target, String)> {
    let all = around.metadata.iter().copied().take_while(|_| around.workflow.look(text.len()));
    let feeds = |other: &Step<'_>| {
        let by_id = other.id().is_some_and(|id| text.contains(&format!("steps.{id}.")));
        by_id || text.contains("DOCKER_METADATA_OUTPUT") || text.contains("cwd://")
    };
    let images = all.filter(feeds).filter_map(|other| Some((other, other.with("images")?)));
    let names = images.flat_map(|(other, images)| {
        let lines =
            images.lines().flat_map(|line| line.split(',')).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("enable="));
        lines.map(move |line| (other, line.trim_start_matches("name=").to_owned()))
    });
    names.map(|(other, name)| around.target(other, &name)).collect()
}
