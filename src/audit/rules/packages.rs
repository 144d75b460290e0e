//! Caches, job containers and calls of GitHub's API that do not work as they read.

use std::collections::BTreeSet;

use super::{Finding, Rule};
use crate::{
    audit::{
        Severity,
        calls::Calls,
        ghcr,
        job::AuditedJob,
        login::By,
        push::{Kind, Push},
        scenario::{Author, PULL_REQUEST},
        shell::{Command, commands},
    },
    workflow::{job::Step, job_path, permissions::Packages},
};

/// Actions that make the token of a GitHub App.
const APP_TOKENS: [&str; 4] = [
    "actions/create-github-app-token",
    "tibdex/github-app-token",
    "getsentry/action-github-app-token",
    "peter-murray/workflow-application-token-action",
];

/// What a private job container needs.
const CONTAINER_LOGIN: &str = "    container:
      credentials:
        username: ${{ github.actor }}
        password: ${{ github.token }}";

/// BuildKit's cache in a registry is written whatever `push` says.
pub(super) fn unguarded_cache<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>) -> Vec<Finding> {
    let id = job.around.guard_ids.first();
    let condition = id.map_or_else(|| "github.event_name != 'pull_request'".to_owned(), |id| format!("steps.{id}.outputs.push == 'true'"));
    let written = job.pushes.iter().filter(|push| push.kind == Kind::Cache);
    let unguarded = written.filter(|push| calls.reaches(job, push, PULL_REQUEST, Author::Stranger).is_unguarded());
    let finding = |push: &Push<'_>| {
        let message = format!(
            "writes a cache to ghcr.io ({}) on `pull_request`: `cache-to: type=registry` does so whatever `push` says, so the pull requests of forks fail.",
            push.what
        );
        let text = push.decision.text().unwrap_or_default().trim();
        let fix = if text.contains(['\n', '\'', '{']) {
            format!("Write the cache only when {condition}, or add `ignore-error=true` to it.")
        } else {
            format!("Write the cache only when the image is pushed:\n  cache-to: ${{{{ {condition} && '{text}' || '' }}}}")
        };
        job.finding(Rule::UnguardedCache, Severity::Warning, push.line, &message, fix)
    };
    unguarded.map(finding).collect()
}

/// Job containers of GHCR that are pulled without a login, or with one that can't; each image once.
pub(super) fn job_containers(calls: &Calls<'_, '_>) -> Vec<Finding> {
    let mut jobs: Vec<_> = calls.jobs.iter().collect();
    jobs.sort_by_key(|job| job.around.file);
    let mut seen = BTreeSet::new();
    jobs.into_iter().filter_map(|job| job_container(job, &mut seen)).collect()
}

fn job_container<'a>(job: &AuditedJob<'a>, seen: &mut BTreeSet<&'a str>) -> Option<Finding> {
    let container = job.around.job.node.get("container")?;
    let image = container.text().or_else(|| container.text_at("image")).filter(|image| ghcr::is_named(image))?;
    let is_none = job.around.workflow.effective_permission(job.around.job).packages == Packages::None;
    let is_own = |password: &str| password.contains("github.token") || password.contains("GITHUB_TOKEN");
    let (severity, message, fix) = match container.get("credentials") {
        None if seen.insert(image) => {
            let permission = if is_none { "add `packages: read` to the job's `permissions`, and " } else { "" };
            (
                Severity::Advice,
                format!(
                    "runs in {image} without `credentials`: if that package is private, the runner can't pull it, and no step can log in before."
                ),
                format!("If the package is private, {permission}give the container a login:\n{CONTAINER_LOGIN}"),
            )
        }
        Some(credentials) if is_none && credentials.text_at("password").is_some_and(is_own) => (
            Severity::Warning,
            format!(
                "pulls its container {image} with GITHUB_TOKEN, but its `permissions` set `packages` to `none`: if that package is private, the runner can't pull it."
            ),
            "Add `packages: read` to the job's `permissions`.".to_owned(),
        ),
        _ => return None,
    };
    let line = job.around.workflow.nearest_line(&job_path(job.key(), ["container".into()]));
    Some(job.finding(Rule::PrivateJobContainer, severity, line, &message, fix))
}

/// GitHub's API has no call that changes a package's visibility.
pub(super) fn visibility(job: &AuditedJob<'_>) -> Vec<Finding> {
    let is_call = |command: &Command| command.line.contains("/packages/container/") && command.line.contains("visibility");
    let calls = job.around.steps.iter().filter_map(|step| Some((*step, commands(step.run()?).into_iter().find(is_call)?)));
    let finding = |(step, command): (Step<'_>, Command)| {
        let message = "sets a package's visibility through GitHub's API, which has no such call: it answers 404.";
        let fix = "Remove the call. A person changes the visibility once, in the package's settings on github.com: Danger Zone, Change visibility.";
        job.finding(Rule::VisibilityByApi, Severity::Warning, job.around.script_line(step, &command.first), message, fix)
    };
    calls.map(finding).collect()
}

/// A login with the token of a GitHub App.
pub(super) fn app_token(job: &AuditedJob<'_>) -> Vec<Finding> {
    let makes_token = |step: &&Step<'_>| step.action().is_some_and(|action| APP_TOKENS.contains(&action.as_str()));
    let ids: BTreeSet<&str> = job.around.steps.iter().filter(makes_token).filter_map(|step| step.id()).collect();
    let is_of_app = |named: &str| named.split_once(".outputs.").is_some_and(|(id, _)| ids.contains(id));
    let is_app = |password: &str| password.split("steps.").skip(1).any(is_of_app);
    let logins = job.logins.iter().filter(|login| login.is_ghcr && login.by != By::SetupAction && is_app(&login.password));
    let message =
        "logs in to ghcr.io with the token of a GitHub App: GHCR accepts the login, and rejects pushes to an organization's packages.";
    let fix = "Give the job `packages: write` and log in with `${{ github.token }}`, or use a classic PAT of a machine user or service account with `write:packages`.";
    logins.map(|login| job.finding(Rule::AppToken, Severity::Warning, login.line, message, fix)).collect()
}
