//! Logins to registries, by actions and by scripts.

use super::{
    command::{Command, commands},
    expression::{Piece, pieces},
    job::Scope,
};
use crate::{
    registry::ghcr,
    workflow::{job::Step, node::Segment},
};

/// Actions that log in, with the input that names the registry.
const ACTIONS: [(&str, &str); 3] =
    [("docker/login-action", "registry"), ("redhat-actions/podman-login", "registry"), ("azure/docker-login", "login-server")];

/// A login to a registry.
#[derive(Clone, Debug)]
pub struct Login<'a> {
    /// The step that logs in.
    pub step: Step<'a>,
    /// Whether an action does it, rather than a script.
    pub is_action: bool,
    /// Whether the registry is GHCR.
    pub is_ghcr: bool,
    /// The user name, variables filled in.
    pub username: String,
    /// The password, or the line that holds it, variables filled in.
    pub password: String,
    /// Where the password, or else the login, stands in the job.
    pub path: Vec<Segment>,
    /// Its line.
    pub line: usize,
}

/// What a password is, by its expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The job's own token.
    GithubToken,
    /// A secret.
    Secret(String),
    /// A secret, or the job's token when the secret is empty.
    Fallback(String),
    /// Neither is to be seen.
    Unknown,
}

impl Login<'_> {
    /// What the password is.
    pub fn credential(&self) -> Credential {
        let expressions = pieces(&self.password).into_iter().filter_map(|piece| match piece {
            Piece::Expression(expression) => Some(Credential::of(expression)),
            Piece::Text(_) => None,
        });
        let mut found: Vec<Credential> = expressions.filter(|credential| *credential != Credential::Unknown).collect();
        found.sort_by_key(|credential| matches!(credential, Credential::GithubToken));
        found.into_iter().next().unwrap_or(Credential::Unknown)
    }
}

impl Credential {
    /// Reads an expression.
    pub fn of(expression: &str) -> Self {
        let alternatives: Vec<&str> = expression.split("||").map(str::trim).collect();
        let own = |text: &str| text.eq_ignore_ascii_case("github.token") || secret(text).is_some_and(|name| name == "GITHUB_TOKEN");
        let foreign = alternatives.iter().find_map(|text| text.split("&&").last().and_then(secret).filter(|name| name != "GITHUB_TOKEN"));
        let are_plain = alternatives.iter().all(|text| own(text) || text.split("&&").all(|part| part.trim().starts_with("secrets")));
        match foreign {
            Some(_) if own(alternatives.first().copied().unwrap_or_default()) => Self::GithubToken,
            Some(name) if are_plain && alternatives.last().is_some_and(|last| own(last)) => Self::Fallback(name),
            Some(name) => Self::Secret(name),
            None if alternatives.iter().any(|text| own(text)) => Self::GithubToken,
            None => Self::Unknown,
        }
    }
}

/// The name of a secret, in upper case, of `secrets.NAME` or `secrets['NAME']`.
fn secret(text: &str) -> Option<String> {
    let text = text.trim();
    let (context, name) = text.split_at_checked("secrets".len())?;
    let name = name.strip_prefix('.').or_else(|| name.strip_prefix("['")?.strip_suffix("']"))?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && context.eq_ignore_ascii_case("secrets")).then(|| name.to_ascii_uppercase())
}

/// Whether a text names GHCR.
pub fn is_ghcr(text: &str) -> bool {
    text.to_ascii_lowercase().contains(ghcr::NAME)
}

/// The logins of a job, in order.
pub fn logins<'a>(scope: &Scope<'a>) -> Vec<Login<'a>> {
    scope.job.steps().into_iter().flat_map(|step| by_action(scope, step).into_iter().chain(by_script(scope, step))).collect()
}

fn by_action<'a>(scope: &Scope<'a>, step: Step<'a>) -> Option<Login<'a>> {
    let action = step.action()?;
    let (_, registry) = ACTIONS.into_iter().find(|(name, _)| *name == action)?;
    let variables = scope.variables(step);
    let input = |name: &str| step.with(name).map(|text| variables.resolve(text)).unwrap_or_default();
    let several = input("registry-auth");
    let password = if several.is_empty() { "password" } else { "registry-auth" };
    let path = step.path(["with".into(), password.into()]);
    Some(Login {
        step,
        is_action: true,
        is_ghcr: is_ghcr(&input(registry)) || is_ghcr(&several),
        username: input("username"),
        password: input(password),
        line: scope.workflow.nearest_line(&path),
        path,
    })
}

fn by_script<'a>(scope: &Scope<'a>, step: Step<'a>) -> Vec<Login<'a>> {
    let variables = scope.variables(step);
    let path = step.path(["run".into()]);
    let logins = commands(step.run().unwrap_or_default()).into_iter().filter(Command::is_login);
    let login = |command: Command| Login {
        step,
        is_action: false,
        is_ghcr: is_ghcr(&variables.resolve_shell(&command.words.join(" "))),
        username: command.values(&["-u", "--username"]).first().map(|user| variables.resolve_shell(user)).unwrap_or_default(),
        password: variables
            .resolve_shell(&command.line.replace(command.values(&["-u", "--username"]).first().copied().unwrap_or("\0"), "")),
        line: scope.workflow.line_with(&path, &command.first),
        path: path.clone(),
    };
    logins.map(login).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_told_by_its_expression() {
        let secret = |name: &str| Credential::Secret(name.to_owned());
        let fallback = |name: &str| Credential::Fallback(name.to_owned());
        for (expression, expected) in [
            (" secrets.GITHUB_TOKEN ", Credential::GithubToken),
            ("github.token", Credential::GithubToken),
            ("secrets.github_token", Credential::GithubToken),
            ("secrets.CR_PAT", secret("CR_PAT")),
            ("secrets['cr_pat']", secret("CR_PAT")),
            ("secrets.CR_PAT || secrets.GITHUB_TOKEN", fallback("CR_PAT")),
            ("secrets.A || secrets.B || github.token", fallback("A")),
            ("secrets.A != '' && secrets.A || github.token", fallback("A")),
            ("secrets.GITHUB_TOKEN || secrets.A", Credential::GithubToken),
            ("github.event_name == 'push' && secrets.A || github.token", secret("A")),
            ("steps.app.outputs.token", Credential::Unknown),
            ("inputs.token || github.token", Credential::GithubToken),
        ] {
            assert_eq!(Credential::of(expression), expected, "{expression}");
        }
    }
}
