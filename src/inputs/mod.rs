//! The inputs, parsed: once, before anything else is decided.

mod pasted;
mod reader;
pub mod roots;

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use self::{reader::Reader, roots::ExtraRoots};
use crate::{
    credential::{Source, Supplied},
    job::{action_yml::Input, environment::Environment},
    reason::Reason,
    registry::{Access, host::Registry, image::Images, proxy::ProxySettings},
};

/// The reasons that the `allow` input can lift.
pub const OPT_INS: [Reason; 6] =
    [Reason::SameRepoPr, Reason::MergedPr, Reason::MergeQueue, Reason::WorkflowRun, Reason::ReleaseAction, Reason::ForeignNamespace];

/// What marks the internal `runner-temp` input, so that the runner does not translate the path in it.
const UNTRANSLATED: &str = "host:";

/// The server where the variable names none.
const GITHUB: &str = "https://github.com";

/// The longest username taken, in characters; GitHub's own have at most 39.
const LONGEST_USERNAME: usize = 255;

/// Where the login goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginMode {
    /// docker's config.json.
    DockerConfig,
    /// Nowhere: decide and report only.
    None,
}

/// The inputs, parsed.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// What each credential input holds, in the order of [`Source::ALL`].
    pub credentials: [Supplied; 4],
    /// The username of the login.
    pub username: String,
    /// The registry, given or derived from the server.
    pub registry: Registry,
    /// The web address of the job's GitHub server, without a slash at the end.
    pub server: String,
    /// The web address of its REST API.
    pub api: String,
    /// The registry of the server that GITHUB_TOKEN belongs to.
    pub home_registry: Option<Registry>,
    /// The images that the job wants to push or pull.
    pub images: Images,
    /// Push, pull or public.
    pub access: Access,
    /// The reasons that the user lifts.
    pub allow: BTreeSet<Reason>,
    /// Whether the registry is asked at all.
    pub verify: bool,
    /// Whether a refusal fails the step.
    pub required: bool,
    /// Where the login goes.
    pub login: LoginMode,
    /// Whether the post stage takes the login back.
    pub logout: bool,
    /// Days before a PAT's expiry from which on there is a warning; 0 for never.
    pub expiry_warning_days: u32,
    /// For the whole network part.
    pub timeout: Duration,
    /// The proxy between this machine and the registry.
    pub proxy: ProxySettings,
    /// Roots trusted in addition to the built-in ones.
    pub extra_roots: ExtraRoots,
    /// Which kind of secrets the run was given; `Dependabot` marks Dependabot's.
    pub secret_source: Option<String>,
    /// The host's path of the runner's temp directory.
    pub runner_temp: Option<PathBuf>,
}

/// An input that cannot be used. The text names the input and never shows its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{input}` {problem}")]
pub struct InvalidInput {
    /// `invalid-input` or `invalid-image`.
    pub reason: Reason,
    /// The input or environment variable.
    pub input: &'static str,
    /// What is wrong; completes "`input` ...".
    pub problem: String,
}

impl InvalidInput {
    fn new(input: &'static str, problem: impl Into<String>) -> Self {
        Self { reason: Reason::InvalidInput, input, problem: problem.into() }
    }

    fn of(input: Input, problem: impl Into<String>) -> Self {
        Self::new(input.name(), problem)
    }
}

impl Inputs {
    /// Parses all inputs.
    ///
    /// # Errors
    /// The first input that cannot be used.
    pub fn parse(environment: &Environment) -> Result<Self, InvalidInput> {
        let read = Reader(environment);
        let server = environment.text("GITHUB_SERVER_URL").unwrap_or(GITHUB).trim_end_matches('/');
        let home_registry = Registry::of_server(server).ok();
        let credentials = credentials(environment);
        // It is in every link that is shown.
        let server = if pasted::holds_token(&credentials, server) { GITHUB } else { server }.to_owned();
        pasted::refuse(&read, &credentials)?;
        let registry = registry(&read, home_registry.as_ref())?;
        let access = [Access::Push, Access::Pull, Access::Public][read.choice(Input::Access, ["push", "pull", "public"])?];
        let images = images(&read, &registry, access)?;
        let login = if read.choice(Input::Login, ["docker-config", "none"])? == 0 { LoginMode::DockerConfig } else { LoginMode::None };
        Ok(Self {
            username: username(&read, &images, &credentials)?,
            credentials,
            server,
            api: environment.text("GITHUB_API_URL").unwrap_or("https://api.github.com").to_owned(),
            access,
            allow: allow(&read)?,
            verify: verify(&read, access)?,
            required: read.boolean(Input::Required)?,
            login,
            logout: read.boolean(Input::Logout)?,
            expiry_warning_days: read.number(Input::ExpiryWarningDays, 0..=36_500, "a number of days, 0 for never")?,
            timeout: Duration::from_secs(read.number(Input::Timeout, 5..=600, "a whole number of seconds from 5 to 600")?.into()),
            proxy: ProxySettings::of(environment),
            extra_roots: roots::extra(environment, read.text(Input::CaFile)?)?,
            secret_source: read.text(Input::SecretSource)?.map(str::to_owned),
            runner_temp: runner_temp(read.text(Input::RunnerTemp)?, environment),
            registry,
            home_registry,
            images,
        })
    }

    /// Whether the registry is of the job's own server, so that GITHUB_TOKEN and API belong to it. What listens on this
    /// machine counts as that.
    pub fn is_home(&self) -> bool {
        self.registry.is_loopback() || self.home_registry.as_ref().is_some_and(|home| home.is_same_origin(&self.registry))
    }

    /// What was changed in silence otherwise.
    pub fn note(&self) -> Option<String> {
        self.images.lowered.then(|| "Image names were changed to lowercase: registries reject uppercase letters.".to_owned())
    }

    /// What is odd about a credential input without making it useless.
    pub fn remarks(&self) -> Vec<(Source, String)> {
        let warning = |(source, supplied): (Source, &Supplied)| match supplied {
            Supplied::Nothing { blank: true } => {
                Some((source, format!("{source} contains only whitespace; treated as empty. Save the token again.")))
            }
            Supplied::Usable { token: _, trimmed: true } => {
                let text = format!("{source} had leading or trailing whitespace, now stripped. Save the token again without it.");
                Some((source, text))
            }
            _ => None,
        };
        Source::ALL.into_iter().zip(&self.credentials).filter_map(warning).collect()
    }
}

/// What each credential input holds. Malformed ones are no reason to stop here.
pub fn credentials(environment: &Environment) -> [Supplied; 4] {
    Source::ALL.map(|source| Supplied::read(environment, source))
}

fn actor<'a>(environment: &'a Environment, credentials: &[Supplied]) -> Option<&'a str> {
    environment.text("GITHUB_ACTOR").filter(|actor| is_username(actor) && !pasted::holds_token(credentials, actor))
}

fn is_username(name: &str) -> bool {
    name.len() <= LONGEST_USERNAME && name.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b':')
}

fn username(read: &Reader<'_>, images: &Images, credentials: &[Supplied]) -> Result<String, InvalidInput> {
    match read.text(Input::GhcrUsername)?.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) if is_username(name) => Ok(name.to_owned()),
        Some(_) => Err(InvalidInput::of(Input::GhcrUsername, "contains a colon, control or non-ASCII characters, or is too long")),
        None => Ok(actor(read.0, credentials).unwrap_or_else(|| images.names[0].owner()).to_owned()),
    }
}

fn registry(read: &Reader<'_>, home: Option<&Registry>) -> Result<Registry, InvalidInput> {
    match read.text(Input::Registry)? {
        Some(text) => Registry::parse(text).map_err(|problem| InvalidInput::of(Input::Registry, problem.to_string())),
        None => home.cloned().ok_or_else(|| InvalidInput::of(Input::Registry, "must be set: GITHUB_SERVER_URL names no server")),
    }
}

fn images(read: &Reader<'_>, registry: &Registry, access: Access) -> Result<Images, InvalidInput> {
    let text = read.text(Input::Images)?.filter(|text| !text.trim().is_empty());
    let text = text.or_else(|| read.0.text("GITHUB_REPOSITORY")).unwrap_or_default();
    Images::parse(text, registry, access).map_err(|(position, problem)| InvalidInput {
        reason: Reason::InvalidImage,
        input: Input::Images.name(),
        problem: format!("entry {position} {problem}"),
    })
}

/// Without a request nothing can be said of what anybody may do.
fn verify(read: &Reader<'_>, access: Access) -> Result<bool, InvalidInput> {
    let verify = read.boolean(Input::Verify)?;
    let impossible = InvalidInput::of(Input::Verify, "must be `true` with `access: public`, which only the registry can answer");
    if verify || access != Access::Public { Ok(verify) } else { Err(impossible) }
}

fn allow(read: &Reader<'_>) -> Result<BTreeSet<Reason>, InvalidInput> {
    let words = read.text(Input::Allow)?.unwrap_or_default();
    let words = words.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    let opt_in = |word| OPT_INS.into_iter().find(|reason| reason.code() == word);
    words
        .map(opt_in)
        .collect::<Option<_>>()
        .ok_or_else(|| InvalidInput::of(Input::Allow, format!("accepts only: {}", OPT_INS.map(Reason::code).join(", "))))
}

/// The host's temp directory: as the runner's default tells it, else where actions/runner puts it
/// (`HostContext.cs`, `GetDirectory(WellKnownDirectory.Temp)`: beside the job's work directory).
fn runner_temp(input: Option<&str>, environment: &Environment) -> Option<PathBuf> {
    let given = input.map(|text| text.strip_prefix(UNTRANSLATED).unwrap_or(text)).filter(|path| path.starts_with('/'));
    given.map(PathBuf::from).or_else(|| Some(environment.path("RUNNER_WORKSPACE")?.parent()?.join("_temp")))
}

#[cfg(test)]
mod tests;
