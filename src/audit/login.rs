//! Logins to registries, by actions and by scripts.

use super::{
    command::{KO_REPOSITORY, SETUP_KO},
    expression::{Piece, expressions, pieces},
    ghcr::is_named,
    push_action::{PushAction, Registry},
    shell::{Command, commands},
    surroundings::Surroundings,
};
use crate::workflow::job::Step;

/// Actions that log in, with the input that names the registry.
const ACTIONS: [(&str, &str); 3] =
    [("docker/login-action", "registry"), ("redhat-actions/podman-login", "registry"), ("azure/docker-login", "login-server")];

/// Actions that log in to GHCR with the job's `GITHUB_TOKEN` without being told to
/// (<https://github.com/imjasonh/setup-crane/blob/main/action.yml>, <https://github.com/ko-build/setup-ko/blob/main/action.yml>,
/// <https://github.com/regclient/actions/blob/main/regctl-login/action.yml>). setup-ko does so only where nothing else names the
/// repository to push to, and then names the own one.
const UNASKED: [&str; 3] = ["imjasonh/setup-crane", SETUP_KO, "regclient/actions/regctl-login"];

/// A login to a registry.
#[derive(Clone, Debug)]
pub struct Login<'a> {
    /// The step that logs in.
    pub step: Step<'a>,
    /// Its number among the steps.
    pub at: usize,
    /// What does it.
    pub by: By,
    /// Whether the registry is GHCR.
    pub is_ghcr: bool,
    /// The username, variables filled in.
    pub username: String,
    /// The password, or the line that holds it, variables filled in.
    pub password: String,
    /// Its line.
    pub line: usize,
}

/// What logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// An action for logins.
    LoginAction,
    /// An action that pushes, for itself.
    PushAction,
    /// An action for something else.
    SetupAction,
    /// A command in a script.
    Script,
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
        Credential::of_text(&self.password)
    }

    /// The same if the password is that and nothing else, so that ghcr-auth can use the same credential.
    pub fn whole_credential(&self) -> Option<Credential> {
        Credential::of_whole(&self.password)
    }
}

/// Parts of the names of secrets that hold a registry's password.
const PASSWORD_NAMES: [&str; 6] = ["PAT", "GHCR", "CR_", "REGISTRY", "DOCKER", "PACKAGE"];

/// Whether a secret may hold a registry's password, by its name.
pub fn is_password_name(name: &str) -> bool {
    PASSWORD_NAMES.iter().any(|part| name.contains(part))
}

impl Credential {
    /// Reads a text: the first secret in its expressions counts.
    pub fn of_text(text: &str) -> Self {
        let found = expressions(text).map(Self::of).filter(|credential| *credential != Self::Unknown);
        found.min_by_key(|credential| *credential == Self::GithubToken).unwrap_or(Self::Unknown)
    }

    /// Reads a text that is the job's token, one secret, or one secret that falls back to the job's token.
    fn of_whole(text: &str) -> Option<Self> {
        let [Piece::Expression(expression)] = pieces(text.trim())[..] else { return None };
        let alternatives: Vec<&str> = expression.split("||").map(str::trim).collect();
        match alternatives[..] {
            [one] if own(one) => Some(Self::GithubToken),
            [one] => secret(one).map(Self::Secret),
            [one, last] if own(last) && !own(one) => secret(one).map(Self::Fallback),
            _ => None,
        }
    }

    /// Reads an expression.
    pub fn of(expression: &str) -> Self {
        let alternatives: Vec<&str> = expression.split("||").map(str::trim).collect();
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

/// Whether an expression is the job's own token.
fn own(text: &str) -> bool {
    text.eq_ignore_ascii_case("github.token") || secret(text).is_some_and(|name| name == "GITHUB_TOKEN")
}

/// The name of a secret, in upper case, of `secrets.NAME` or `secrets['NAME']`.
fn secret(text: &str) -> Option<String> {
    let text = text.trim();
    let (context, name) = text.split_at_checked("secrets".len())?;
    let name = name.strip_prefix('.').or_else(|| name.strip_prefix("['")?.strip_suffix("']"))?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && context.eq_ignore_ascii_case("secrets")).then(|| name.to_ascii_uppercase())
}

/// The logins of a job, in order.
pub fn logins<'a>(around: &Surroundings<'a>) -> Vec<Login<'a>> {
    let steps = around.steps.iter().copied().enumerate();
    steps.flat_map(|(at, step)| by_action(around, at, step).into_iter().chain(by_script(around, at, step))).collect()
}

fn by_action<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Option<Login<'a>> {
    let action = step.action()?;
    let variables = around.variables(step);
    let input = |name: &str| step.with(name).map(|text| variables.resolve(text)).unwrap_or_default();
    let login = |by, is_ghcr, username, password: &str| Login {
        step,
        at,
        by,
        is_ghcr,
        username: input(username),
        password: input(password),
        line: around.input_line(step, password),
    };
    if let Some((_, registry)) = ACTIONS.into_iter().find(|(name, _)| *name == action) {
        let several = input("registry-auth");
        let password = if several.is_empty() { "password" } else { "registry-auth" };
        return Some(login(By::LoginAction, is_named(&input(registry)) || is_named(&several), "username", password));
    }
    if UNASKED.contains(&action.as_str()) {
        let is_off = action == SETUP_KO && variables.get(KO_REPOSITORY).is_some();
        let token = Login { password: "${{ github.token }}".to_owned(), ..login(By::SetupAction, true, "", "") };
        return (!is_off).then_some(token);
    }
    let known = PushAction::of(&action)?;
    let password = known.password.filter(|password| step.with(password).is_some())?;
    let is_ghcr = match known.registry {
        Registry::Input(registry) => is_named(&input(registry)),
        Registry::Fixed(host) => is_named(host),
        Registry::Targets => known.targets().any(|target| is_named(&input(target))),
    };
    let username = ["username", "registry_username", "registry-username"].into_iter().find(|name| step.with(name).is_some());
    Some(login(By::PushAction, is_ghcr, username.unwrap_or_default(), password))
}

fn by_script<'a>(around: &Surroundings<'a>, at: usize, step: Step<'a>) -> Vec<Login<'a>> {
    let variables = around.variables(step);
    let logins = commands(step.run().unwrap_or_default()).into_iter().filter(Command::is_login);
    let login = |command: Command| {
        let user = command.values(&["-u", "--username"]).first().copied().unwrap_or_default();
        let password = if user.is_empty() { command.line.to_string() } else { command.line.replace(user, "") };
        Login {
            step,
            at,
            by: By::Script,
            is_ghcr: is_named(&variables.resolve_shell(&command.words.join(" "))),
            username: variables.resolve_shell(user),
            password: variables.resolve_shell(&password),
            line: around.script_line(step, &command.first),
        }
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

    #[test]
    fn a_whole_password_is_the_job_s_token_or_one_secret() {
        for (text, expected) in [
            ("${{ secrets.GITHUB_TOKEN }}", Some(Credential::GithubToken)),
            ("${{github.token}}", Some(Credential::GithubToken)),
            ("${{ secrets['cr_pat'] }}", Some(Credential::Secret("CR_PAT".to_owned()))),
            ("${{ secrets.A || secrets.GITHUB_TOKEN }}", Some(Credential::Fallback("A".to_owned()))),
            ("${{ secrets.A || secrets.B }}", None),
            ("${{ secrets.A || secrets.B || github.token }}", None),
            ("${{ secrets.GITHUB_TOKEN || secrets.A }}", None),
            ("${{ github.token || github.token }}", None),
            ("${{ github.ref == 'x' && secrets.A || secrets.B }}", None),
            ("${{ github.ref == 'x' && secrets.A || github.token }}", None),
            ("${{ steps.vault.outputs.pat }}", None),
            ("${{ inputs.token || github.token }}", None),
            ("${{ secrets[format('{0}_PAT', matrix.o)] }}", None),
            ("a${{ secrets.A }}", None),
            ("${{ secrets.A }}${{ secrets.B }}", None),
            ("hunter2", None),
            ("", None),
        ] {
            assert_eq!(Credential::of_whole(text), expected, "{text}");
        }
    }
}
