//! Logins with the wrong credential, or with none that can be told.

use super::{Finding, Rule};
use crate::{
    audit::{
        job::Scope,
        login::{Credential, Login},
    },
    credential::account_name::looks_like_a_person,
    project,
};

/// Parts of the names of secrets that hold a fine-grained token.
const FINE_GRAINED_NAMES: [&str; 5] = ["FINE_GRAINED", "FINEGRAINED", "FGPAT", "FG_PAT", "FG_TOKEN"];

/// How a fine-grained token begins, and how much must follow for it to be one.
const FINE_GRAINED_PREFIX: &str = "github_pat_";
const FINE_GRAINED_REST: usize = 10;

/// What is to be said of a job's credentials.
pub(super) fn findings(scope: &Scope<'_>) -> Vec<Finding> {
    let logins = scope.logins.iter().filter(|login| login.is_ghcr);
    let of_login = |login: &Login<'_>| [fallback(scope, login), person(scope, login), fine_grained(scope, login)];
    logins.flat_map(of_login).flatten().chain(unguarded(scope)).chain(literals(scope)).collect()
}

fn fallback(scope: &Scope<'_>, login: &Login<'_>) -> Option<Finding> {
    let Credential::Fallback(name) = login.credential() else { return None };
    let why = format!(
        "`{name} || GITHUB_TOKEN` falls back only when {name} is empty; an expired or revoked token is not empty, so it wins and the login fails"
    );
    let fix = format!(
        "Give both to ghcr-auth, which tries them in order and takes the first that GHCR accepts:\n{}",
        guard_step(scope, login, Some(&name))
    );
    Some(scope.finding(Rule::TokenFallback, login.line, format!("Job `{}` logs in to ghcr.io with a fallback: {why}.", scope.job.key), fix))
}

fn person(scope: &Scope<'_>, login: &Login<'_>) -> Option<Finding> {
    let Credential::Secret(name) = login.credential() else { return None };
    let user = login.username.trim();
    let is_actor = user.contains("github.actor") || user.contains("github.triggering_actor") || user.contains("GITHUB_ACTOR");
    let what = if is_actor {
        "as whoever started the run".to_owned()
    } else if looks_like_a_person(user) {
        format!("as `{user}`")
    } else {
        return None;
    };
    let why = "a person's token ends with the person's access, reaches everything they reach, and pushes in their name";
    let message = format!("Job `{}` logs in to ghcr.io {what} with {name}, which looks like a person's token: {why}.", scope.job.key);
    let fix = format!("{}\nElse use a classic token of a service account, with `write:packages` alone.", own_token(scope, login));
    Some(scope.finding(Rule::PersonalToken, login.line, message, fix))
}

fn own_token(scope: &Scope<'_>, login: &Login<'_>) -> String {
    let indent = " ".repeat(scope.step_column(login.step) + 2);
    let advice = "If the package belongs to this repository's owner, give the job `packages: write` and log in with its own token";
    if login.is_action {
        format!("{advice}:\n{indent}password: ${{{{ github.token }}}}")
    } else {
        format!("{advice}, `${{{{ github.token }}}}`.")
    }
}

fn fine_grained(scope: &Scope<'_>, login: &Login<'_>) -> Option<Finding> {
    let (Credential::Secret(name) | Credential::Fallback(name)) = login.credential() else { return None };
    let is_fine_grained = FINE_GRAINED_NAMES.iter().any(|part| name.contains(part));
    let message = format!(
        "Job `{}` logs in to ghcr.io with {name}, a fine-grained token by its name: GHCR takes only classic tokens and GITHUB_TOKEN.",
        scope.job.key
    );
    is_fine_grained.then(|| scope.finding(Rule::FineGrainedToken, login.line, message, CLASSIC.to_owned()))
}

const CLASSIC: &str = "Make a classic token with `write:packages` for a service account (https://github.com/settings/tokens/new?scopes=write:packages) and store it as a secret.";

/// Fine-grained tokens written into the job. They are never repeated.
fn literals(scope: &Scope<'_>) -> Vec<Finding> {
    let is_token = |rest: &str| rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count() >= FINE_GRAINED_REST;
    let with_token = scope.job.node.scalars().into_iter().filter(|(_, text)| text.split(FINE_GRAINED_PREFIX).skip(1).any(is_token));
    let found = with_token.map(|(place, _)| {
        let message = format!(
            "Job `{}` has a fine-grained token written into it: everybody who can read the file has it, and GHCR takes only classic tokens and GITHUB_TOKEN.",
            scope.job.key
        );
        let line = place.map_or(1, |place| scope.workflow.line_within(place, FINE_GRAINED_PREFIX));
        scope.finding(Rule::FineGrainedToken, line, message, format!("Revoke the token now. {CLASSIC}"))
    });
    found.collect()
}

/// The first login without ghcr-auth before it, in a job that pushes or that needs a secret.
fn unguarded(scope: &Scope<'_>) -> Option<Finding> {
    let login = scope.logins.iter().find(|login| login.is_ghcr && login.is_action)?;
    let is_guarded = scope.guards.iter().any(|guard| guard.index < login.step.index);
    let only_pulls = scope.pushes.is_empty() && matches!(login.credential(), Credential::GithubToken | Credential::Unknown);
    if is_guarded || only_pulls {
        return None;
    }
    let why =
        "where the credential is missing, expired or may not push, the job fails here or after the build, and the log does not say why";
    let message = format!("Advice: job `{}` logs in to ghcr.io without ghcr-auth before it; {why}.", scope.job.key);
    let name = match login.credential() {
        Credential::Secret(name) | Credential::Fallback(name) => Some(name),
        Credential::GithubToken | Credential::Unknown => None,
    };
    let fix =
        format!("Replace the login by ghcr-auth and let its answer decide about the push:\n{}", guard_step(scope, login, name.as_deref()));
    Some(scope.finding(Rule::UnguardedLogin, login.line, message, fix))
}

fn guard_step(scope: &Scope<'_>, login: &Login<'_>, secret: Option<&str>) -> String {
    let column = scope.step_column(login.step);
    let (dash, indent) = (" ".repeat(column.saturating_sub(2)), " ".repeat(column));
    let with = secret.map(|name| format!("\n{indent}with:\n{indent}  GHCR_PAT: ${{{{ secrets.{name} }}}}")).unwrap_or_default();
    format!("{dash}- uses: {}\n{indent}id: ghcr{with}", project::action())
}
