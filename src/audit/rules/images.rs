//! Image names that no registry takes.

use super::{Finding, Rule};
use crate::audit::{Severity, job::AuditedJob, shell::commands};
use crate::text::is_unseen;
use crate::workflow::{job::Step, node::Segment};

const REGISTRY: &str = "ghcr.io/";

/// The longest name that registries take, in characters (distribution, `reference.go`).
const LONGEST: usize = 255;

/// What in a script shows that it lower-cases names.
const LOWERING: [&str; 5] = [",,", "tr ", "tolower", "toLowerCase", "lower()"];

/// Programs whose arguments are image names.
const CLIENTS: [&str; 11] = ["docker", "podman", "nerdctl", "buildah", "skopeo", "crane", "regctl", "oras", "helm", "cosign", "pack"];

/// Inputs that hold image names, with the last part of their action's name. docker/metadata-action and ghcr-auth
/// lower-case theirs.
const INPUTS: [(&str, &[&str]); 3] =
    [("build-push-action", &["tags", "outputs", "cache-from", "cache-to"]), ("bake-action", &["set"]), ("push-to-registry", &["registry"])];

/// Names with upper-case letters, where nothing lower-cases them.
pub(super) fn upper_case(job: &AuditedJob<'_>) -> Vec<Finding> {
    job.around.job.steps().into_iter().flat_map(|step| by_input(job, step).into_iter().chain(by_script(job, step))).collect()
}

fn by_input(job: &AuditedJob<'_>, step: Step<'_>) -> Vec<Finding> {
    let action = step.action().unwrap_or_default();
    let name = action.rsplit('/').next().unwrap_or_default();
    let inputs = INPUTS.iter().filter(|(action, _)| *action == name).flat_map(|(_, inputs)| *inputs);
    let finding = |input: &&str| {
        let text = step.with(input)?;
        let image = upper_case_name(&job.around.variables(step).resolve(text))?;
        Some(finding(job, step, &["with".into(), (*input).into()], text, &image))
    };
    inputs.filter_map(finding).collect()
}

fn by_script(job: &AuditedJob<'_>, step: Step<'_>) -> Option<Finding> {
    let script = step.run().filter(|script| !LOWERING.iter().any(|word| script.contains(word)))?;
    let variables = job.around.variables(step);
    commands(script).into_iter().filter(|command| CLIENTS.contains(&command.words[0].as_str())).find_map(|command| {
        let image = command.words.iter().find_map(|word| upper_case_name(&variables.resolve_shell(word)))?;
        Some(finding(job, step, &["run".into()], &command.first, &image))
    })
}

fn finding(job: &AuditedJob<'_>, step: Step<'_>, rest: &[Segment], text: &str, image: &str) -> Finding {
    let path = [&step.path([])[..], rest].concat();
    let written = text.lines().find(|line| line.contains(image)).unwrap_or(text).trim();
    let line = job.around.workflow.line_with(&path, if text.contains(image) { image } else { written });
    let message = format!("names {image}: registries accept only lowercase image names, so the command or the push fails.");
    job.finding(Rule::UpperCaseImage, Severity::Error, line, &message, format!("Write {}.", image.to_ascii_lowercase()))
}

/// The first name in a text that is of GHCR and has an upper-case letter, without its tag and as far as it is written out.
fn upper_case_name(text: &str) -> Option<String> {
    text.match_indices(REGISTRY).find_map(|(start, _)| {
        // A token that was split by what is not seen stays in one piece, by which it is known.
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/') || is_unseen(c);
        let name: String = text[start + REGISTRY.len()..].chars().take(LONGEST).take_while(|c| is_name(*c)).collect();
        let is_url = text[..start].ends_with("https://");
        (name.bytes().any(|byte| byte.is_ascii_uppercase()) && !is_url).then(|| format!("{REGISTRY}{name}"))
    })
}
