//! Pushes that the job's token is not allowed to make.

use super::{Finding, Rule};
use crate::{
    audit::{job::Scope, login::Credential},
    workflow::{
        permissions::{Effective, Packages, Source},
        reference::own_path,
    },
};

/// Parts of the names of secrets and inputs that hold a registry's password.
const PASSWORD_NAMES: [&str; 6] = ["PAT", "GHCR", "CR_", "REGISTRY", "DOCKER", "PACKAGE"];

/// A job that pushes with the job's token and without `packages: write`.
pub(super) fn missing(scope: &Scope<'_>) -> Vec<Finding> {
    let effective = scope.workflow.effective_permission(scope.job);
    let depends_on_caller = effective.source == Source::Setting && scope.workflow.events() == ["workflow_call"];
    match scope.pushes.first() {
        Some(push) if pushes_with_own_token(scope) && !depends_on_caller => {
            let pushes = format!("Job `{}` pushes to ghcr.io ({})", scope.job.key, push.what);
            finding(scope, effective, &pushes).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Jobs that call a pushing workflow of the same repository and do not grant it enough.
pub(super) fn callers(scopes: &[Scope<'_>]) -> Vec<Finding> {
    let calls = scopes.iter().filter_map(|scope| Some((scope, own_path(scope.job.calls()?)?)));
    let is_called = |scope: &Scope<'_>, path: &str| scope.file == path || scope.file.ends_with(&format!("/{path}"));
    let pushing =
        |path: &str| scopes.iter().any(|scope| is_called(scope, path) && !scope.pushes.is_empty() && pushes_with_own_token(scope));
    let found = calls.filter(|(_, path)| pushing(path)).filter_map(|(scope, path)| {
        let pushes = format!("Job `{}` calls {path}, which pushes to ghcr.io", scope.job.key);
        finding(scope, scope.workflow.effective_permission(scope.job), &pushes)
    });
    found.collect()
}

fn finding(scope: &Scope<'_>, effective: Effective, pushes: &str) -> Option<Finding> {
    let why = match effective.packages {
        Packages::Write | Packages::Unsure => return None,
        Packages::Read => "but its GITHUB_TOKEN may only read packages: GHCR refuses the push, after the build",
        Packages::None => "but its `permissions` leave `packages` out, which sets it to none: GHCR refuses the push, after the build",
        Packages::Default => {
            "and no `permissions` are set: the repository's setting decides, and where that is read-only GHCR refuses the push"
        }
    };
    let correction = scope.workflow.correction(scope.job)?;
    let remark = correction.remark.map(|remark| format!("\n{remark}")).unwrap_or_default();
    let fix = format!("{}\n{}{remark}", correction.instruction(scope.file, scope.job.key), correction.lines.trim_end());
    let line = effective.line.unwrap_or_else(|| scope.line());
    Some(scope.finding(Rule::PackagesWriteMissing, line, format!("{pushes}, {why}."), fix))
}

/// Whether the job's own token is what pushes, as far as the file shows.
fn pushes_with_own_token(scope: &Scope<'_>) -> bool {
    let mut logins = scope.logins.iter().filter(|login| login.is_ghcr).peekable();
    if logins.peek().is_none() {
        return !holds_a_password(scope);
    }
    logins.any(|login| matches!(login.credential(), Credential::GithubToken | Credential::Fallback(_)))
}

/// Whether a step takes a secret that may be a registry's password, as ghcr-auth does and many an own action.
fn holds_a_password(scope: &Scope<'_>) -> bool {
    let steps = scope.job.steps();
    let inputs = steps.iter().flat_map(|step| ["with", "env"].map(|key| step.node.get(key))).flatten();
    let texts = inputs.chain(scope.job.node.get("env")).flat_map(|node| node.entries()).filter_map(|(_, value)| value.text());
    let mut secrets = texts.filter_map(|text| match Credential::of(text.trim().trim_start_matches("${{").trim_end_matches("}}")) {
        Credential::Secret(name) => Some(name),
        Credential::GithubToken | Credential::Fallback(_) | Credential::Unknown => None,
    });
    secrets.any(|name| PASSWORD_NAMES.iter().any(|part| name.contains(part)))
}
