//! Logins with the wrong credential, or with none that can be told.

use super::{Finding, Rule, guarding};
use crate::{
    audit::{
        Severity,
        calls::Calls,
        job::AuditedJob,
        login::{By, Credential, Login},
        push,
        shell::{Command, commands},
    },
    credential::account_name::looks_like_a_person,
    workflow::{
        job::Step,
        node::Location,
        permissions::{Packages, SetBy},
    },
};

/// Parts of the names of secrets that hold a fine-grained token.
const FINE_GRAINED_NAMES: [&str; 5] = ["FINE_GRAINED", "FINEGRAINED", "FGPAT", "FG_PAT", "FG_TOKEN"];

/// How a fine-grained token begins, and how much must follow for it to be one.
const FINE_GRAINED_PREFIX: &str = "github_pat_";
const FINE_GRAINED_REST: usize = 10;

/// The most logins of a job that are spoken of: each may bring the change of the whole job.
const MOST_LOGINS: usize = 20;

/// What is to be said of a job's credentials.
pub(super) fn findings<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>) -> Vec<Finding> {
    let logins = job.logins.iter().filter(|login| login.is_ghcr).take(MOST_LOGINS);
    let of_login = |login: &Login<'a>| [fallback(calls, job, login), person(job, login), fine_grained(job, login)];
    logins.flat_map(of_login).flatten().chain(unguarded(calls, job)).chain(at_docker_hub(job)).chain(literals(job)).collect()
}

fn fallback<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>, login: &Login<'a>) -> Option<Finding> {
    let Credential::Fallback(name) = login.credential() else { return None };
    let message = format!(
        "logs in to ghcr.io with a fallback: `{name} || GITHUB_TOKEN` falls back only when {name} is empty; an expired or revoked PAT is not empty, so it wins and the login fails."
    );
    let fix = guarding::fix(calls, job, "Give both to ghcr-auth, which tries them in order and uses the first that GHCR accepts.");
    Some(job.finding(Rule::TokenFallback, Severity::Warning, login.line, &message, fix))
}

fn person(job: &AuditedJob<'_>, login: &Login<'_>) -> Option<Finding> {
    let Credential::Secret(name) = login.credential() else { return None };
    let user = login.username.trim();
    let is_actor = user.contains("github.actor") || user.contains("github.triggering_actor") || user.contains("GITHUB_ACTOR");
    let is_service = !looks_like_a_person(&name.replace("PAT", "").replace("GHCR", ""));
    let what = if is_actor {
        "as whoever started the run".to_owned()
    } else if user.contains("github.repository_owner") && name.contains("PAT") && !is_service {
        "as the repository's owner".to_owned()
    } else if looks_like_a_person(user) {
        format!("as `{user}`")
    } else {
        return None;
    };
    let why = "a person's PAT stops working when they lose access, reaches everything they reach, and pushes in their name";
    let message = format!("logs in to ghcr.io {what} with {name}, which looks like a person's PAT: {why}.");
    let fix = format!("{}\nOtherwise use a classic PAT of a service account with only `write:packages`.", own_token(job, login));
    Some(job.finding(Rule::PersonalToken, Severity::Advice, login.line, &message, fix))
}

fn own_token(job: &AuditedJob<'_>, login: &Login<'_>) -> String {
    let indent = " ".repeat(job.around.step_column(login.step) + 2);
    let advice = "If the package belongs to this repository's owner, give the job `packages: write` and log in with GITHUB_TOKEN";
    if matches!(login.by, By::LoginAction | By::PushAction) {
        format!("{advice}:\n{indent}password: ${{{{ github.token }}}}")
    } else {
        format!("{advice}, `${{{{ github.token }}}}`.")
    }
}

fn fine_grained(job: &AuditedJob<'_>, login: &Login<'_>) -> Option<Finding> {
    let (Credential::Secret(name) | Credential::Fallback(name)) = login.credential() else { return None };
    let is_fine_grained = FINE_GRAINED_NAMES.iter().any(|part| name.contains(part));
    let message = format!(
        "logs in to ghcr.io with {name}, a fine-grained PAT, judging by its name: GHCR accepts only classic PATs and GITHUB_TOKEN."
    );
    is_fine_grained.then(|| job.finding(Rule::FineGrainedToken, Severity::Warning, login.line, &message, CLASSIC))
}

const CLASSIC: &str = "Create a classic PAT with `write:packages` for a service account (https://github.com/settings/tokens/new?scopes=write:packages) and store it as a secret.";

/// Fine-grained PATs written into the job. They are never repeated.
fn literals(job: &AuditedJob<'_>) -> Vec<Finding> {
    let is_token = |rest: &str| rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count() >= FINE_GRAINED_REST;
    let with_token = job.around.job.node.scalars().into_iter().filter(|(_, text)| text.split(FINE_GRAINED_PREFIX).skip(1).any(is_token));
    let finding = |(place, _): (Option<Location>, _)| {
        let message = "has a fine-grained PAT written into it: it is exposed to everyone with read access, and GHCR accepts only classic PATs and GITHUB_TOKEN.";
        let line = place.map_or(1, |place| job.around.workflow.line_within(place, FINE_GRAINED_PREFIX));
        job.finding(Rule::FineGrainedToken, Severity::Error, line, message, format!("Revoke the PAT now. {CLASSIC}"))
    };
    with_token.map(finding).collect()
}

/// Logins that name no registry, so to Docker Hub, with what only GHCR takes.
fn at_docker_hub(job: &AuditedJob<'_>) -> Vec<Finding> {
    let names_none = |login: &&Login<'_>| {
        let is_hub_by_default = login.step.action().is_some_and(|action| action == "docker/login-action");
        is_hub_by_default
            && ["registry", "registry-auth"].iter().all(|input| login.step.with(input).is_none_or(|text| text.trim().is_empty()))
    };
    let found = job.logins.iter().filter(names_none).filter_map(|login| {
        let (severity, what) = match login.credential() {
            Credential::GithubToken => (Severity::Error, "GITHUB_TOKEN, which Docker Hub rejects".to_owned()),
            Credential::Secret(name) | Credential::Fallback(name) if name.contains("GHCR") => {
                (Severity::Warning, format!("{name}, a PAT for GHCR, judging by its name"))
            }
            _ => return None,
        };
        let indent = " ".repeat(job.around.step_column(login.step));
        let message = format!("logs in to Docker Hub, since the login names no `registry`, with {what}.");
        let fix = format!("Name the registry:\n{indent}with:\n{indent}  registry: ghcr.io");
        Some(job.finding(Rule::LoginWithoutRegistry, severity, login.line, &message, fix))
    });
    found.collect()
}

/// The first login without ghcr-auth before it, in a job that does more than pull.
fn unguarded<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>) -> Option<Finding> {
    let login = job.logins.iter().find(|login| login.is_ghcr && login.by == By::LoginAction && job.around.is_own(login.step))?;
    let is_guarded = job.around.guards.iter().any(|(at, _)| *at < login.at);
    if is_guarded || only_pulls(job, login) {
        return None;
    }
    let why = "if the credential is missing, expired or revoked, or can't push, the job fails here or after the build, and the log doesn't say why";
    let message = format!("logs in to ghcr.io without ghcr-auth before it: {why}.");
    let fix = guarding::fix(calls, job, "Replace the login with ghcr-auth, and let its answer decide whether to push.");
    Some(job.finding(Rule::UnguardedLogin, Severity::Advice, login.line, &message, fix))
}

/// Whether nothing in a job looks like a push: none is to be seen, nothing runs that may hold one, and the job does not ask to write.
fn only_pulls(job: &AuditedJob<'_>, login: &Login<'_>) -> bool {
    if !job.pushes.is_empty() || matches!(login.credential(), Credential::Secret(_) | Credential::Fallback(_)) {
        return false;
    }
    let effective = job.around.workflow.effective_permission(job.around.job);
    let after = || job.around.steps.iter().filter(|step| step.index >= login.step.index);
    let runs = |step: &Step<'_>| step.run().is_some_and(|script| commands(script).iter().any(Command::may_push));
    let may_push = || after().any(|step| runs(step) || push::releases(*step));
    match effective.packages {
        Packages::Write => effective.set_by != SetBy::Job && !may_push(),
        Packages::Default | Packages::Unsure => !may_push(),
        Packages::Read | Packages::None => true,
    }
}
