//! The command line: the same questions outside a workflow.

mod audit;
mod check;
mod explain;
mod findings;
mod log_file;
pub mod terminal;

use std::{ffi::OsString, path::PathBuf};

use lexopt::{Arg, Parser, ValueExt as _};

use self::terminal::Terminal;
use crate::{job::environment::Environment, project, registry::Access};

/// Exit codes of the command line.
pub mod exit {
    /// Allowed, recognized, or nothing found.
    pub const YES: u8 = 0;
    /// Not allowed, not recognized, or something found.
    pub const NO: u8 = 1;
    /// The command cannot be understood.
    pub const USAGE: u8 = 2;
}

const HELP: &str = "\
Check whether you can push to GitHub Container Registry, and why not if you can't.

Usage:
  ghcr-auth check [IMAGE...]     ask the registry, with the credentials in the environment
  ghcr-auth explain [TEXT | -]   explain a failed log: cause and fix (reads standard input without TEXT)
  ghcr-auth audit [DIR...]       find mistakes in workflows that push to GHCR (default: the current repository)

Options:
  --json              print JSON
  --registry HOST     check: the registry (default: ghcr.io)
  --access ACCESS     check: `push` (default), `pull`, or `public`
  --public            check: whether anybody can pull IMAGE[:TAG]; sends no credential
  --timeout SECONDS   check: for all requests together, 5 to 600 (default: 45)
  --env-file FILE     check: read NAME=VALUE lines from FILE first
  --format FORMAT     audit: `text` (default), `json`, `sarif`, or `github`
  --strict            audit: exit with 1 on advice too
  --fix               audit: make the changes that are certain to be right
  --diff              audit: show those changes
  -h, --help          print this
  -V, --version       print the version

Credentials come from GHCR_PAT, GHCR_TOKEN, and GITHUB_TOKEN, the username from GHCR_USERNAME; never from arguments.
Exit codes: check 0 can push, 1 can't; explain 0 recognized, 1 not; audit 0 nothing or advice only, 1 errors or warnings; 2 wrong usage.

As a GitHub action it takes its inputs from the runner:
";

/// What `--help` prints.
fn help() -> String {
    format!("{HELP}\n  - uses: {}\n    id: ghcr\n", project::action())
}

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Help,
    Version,
    Check(CheckOptions),
    Explain { text: Option<String>, json: bool },
    Audit(audit::Options),
}

/// The options of `check`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct CheckOptions {
    images: Vec<String>,
    registry: Option<String>,
    access: Option<Access>,
    timeout: Option<String>,
    env_file: Option<PathBuf>,
    json: bool,
}

/// The arguments make no command. They are not shown: one may be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown command or option (not shown, in case it is a token)")]
struct Misunderstood;

impl From<lexopt::Error> for Misunderstood {
    fn from(_: lexopt::Error) -> Self {
        Self
    }
}

/// Whether the arguments, the program's name first, begin with a command of ours.
pub fn is_command(arguments: &[OsString]) -> bool {
    const COMMANDS: [&str; 8] = ["check", "explain", "audit", "help", "--help", "-h", "--version", "-V"];
    arguments.get(1).and_then(|argument| argument.to_str()).is_some_and(|argument| COMMANDS.contains(&argument))
}

/// Runs a command and returns its exit code.
pub async fn run(arguments: &[OsString], environment: &Environment) -> u8 {
    let terminal = Terminal::of_process(environment);
    match parse(arguments) {
        Ok(Command::Help) => terminal.print(&help(), exit::YES),
        Ok(Command::Version) => terminal.print(concat!("ghcr-auth ", env!("CARGO_PKG_VERSION"), "\n"), exit::YES),
        Ok(Command::Check(options)) => check::run(&options, environment, terminal).await,
        Ok(Command::Explain { text, json }) => explain::run(text, json, terminal),
        Ok(Command::Audit(options)) => audit::run(&options, terminal),
        Err(misunderstood) => terminal.refuse(&format!("{misunderstood}. Run `ghcr-auth --help` for usage.")),
    }
}

/// What a call without a command is told.
pub fn usage(environment: &Environment) -> u8 {
    Terminal::of_process(environment).refuse(help().trim_end())
}

fn parse(arguments: &[OsString]) -> Result<Command, Misunderstood> {
    let mut parser = Parser::from_args(arguments.iter().skip(1));
    let command = match parser.next()?.ok_or(Misunderstood)? {
        Arg::Value(name) => name.string()?,
        Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
        Arg::Long("version") | Arg::Short('V') => return Ok(Command::Version),
        _ => return Err(Misunderstood),
    };
    match command.as_str() {
        "help" => Ok(Command::Help),
        "check" => check_options(parser),
        "explain" => one_value(parser, |text, json| Command::Explain { text, json }),
        "audit" => Ok(audit::Options::parse(parser)?.map_or(Command::Help, Command::Audit)),
        _ => Err(Misunderstood),
    }
}

fn check_options(mut parser: Parser) -> Result<Command, Misunderstood> {
    let mut options = CheckOptions::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(image) => options.images.push(image.string()?),
            Arg::Long("registry") => options.registry = Some(parser.value()?.string()?),
            Arg::Long("timeout") => options.timeout = Some(parser.value()?.string()?),
            Arg::Long("env-file") => options.env_file = Some(parser.value()?.into()),
            Arg::Long("json") => options.json = true,
            Arg::Long("access") => {
                options.access = Some(match parser.value()?.string()?.as_str() {
                    "push" => Access::Push,
                    "pull" => Access::Pull,
                    "public" => Access::Public,
                    _ => return Err(Misunderstood),
                });
            }
            Arg::Long("public") => options.access = Some(Access::Public),
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            _ => return Err(Misunderstood),
        }
    }
    Ok(Command::Check(options))
}

/// A command with at most one value and `--json`; values that were not quoted are taken together.
fn one_value(mut parser: Parser, command: impl Fn(Option<String>, bool) -> Command) -> Result<Command, Misunderstood> {
    let (mut values, mut json) = (Vec::new(), false);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(value) => values.push(value.string()?),
            Arg::Long("json") => json = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            _ => return Err(Misunderstood),
        }
    }
    Ok(command((!values.is_empty()).then(|| values.join(" ")), json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, Misunderstood> {
        let arguments: Vec<_> = std::iter::once("ghcr-auth").chain(line.split(' ')).map(OsString::from).collect();
        assert_eq!(is_command(&arguments), !line.starts_with("--token") && !line.starts_with("login"), "{line}");
        parse(&arguments)
    }

    #[test]
    fn commands_are_understood() {
        assert_eq!(parsed("--version"), Ok(Command::Version));
        assert_eq!(parsed("check --help"), Ok(Command::Help));
        assert_eq!(parsed("explain denied: denied"), Ok(Command::Explain { text: Some("denied: denied".into()), json: false }));
        assert_eq!(parsed("explain - --json"), Ok(Command::Explain { text: Some("-".into()), json: true }));
        assert_eq!(parsed("audit"), Ok(Command::Audit(audit::Options::default())));
        assert!(matches!(parsed("audit a b --format sarif --strict --fix --diff"), Ok(Command::Audit(_))));
        let options = CheckOptions {
            images: vec!["acme/app".into(), "acme/web".into()],
            registry: Some("ghcr.io".into()),
            access: Some(Access::Pull),
            timeout: Some("9".into()),
            env_file: Some(".env.deploy".into()),
            json: true,
        };
        let public = CheckOptions { images: vec!["acme/app:v1".into()], access: Some(Access::Public), ..CheckOptions::default() };
        assert_eq!(parsed("check --public acme/app:v1"), Ok(Command::Check(public.clone())));
        assert_eq!(parsed("check --access public acme/app:v1"), Ok(Command::Check(public)));
        let line = "check acme/app --registry ghcr.io --access=pull --timeout 9 --env-file .env.deploy --json acme/web";
        assert_eq!(parsed(line), Ok(Command::Check(options)));
    }

    #[test]
    fn a_token_is_no_argument() {
        for line in ["check --token x", "--token x", "check --access admin", "check --registry", "audit --format xml", "login ghcr.io"] {
            assert_eq!(parsed(line), Err(Misunderstood), "{line}");
        }
    }
}
