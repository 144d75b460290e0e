//! Reads the arguments by the table of what can be typed. What is not in it is never shown: it may be a token.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt as _,
};

use super::{
    meant::meant,
    syntax::{COMMANDS, Command, CommandOption, Takes},
};

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// The help of a command, or of the program.
    Help(Option<&'static Command>),
    /// The program's version.
    Version,
    /// A command.
    Run(&'static Command, Given),
}

/// What a command was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    /// What is no option, in order.
    pub(super) operands: Vec<OsString>,
    /// Each option with its value; one that takes none has an empty one.
    options: Vec<(&'static str, OsString)>,
}

impl Given {
    /// Whether an option was given.
    pub(super) fn has(&self, option: &str) -> bool {
        self.value(option).is_some()
    }

    /// The value of an option; the last one counts.
    pub(super) fn value(&self, option: &str) -> Option<&OsStr> {
        self.options.iter().rfind(|(name, _)| *name == option).map(|(_, value)| value.as_os_str())
    }
}

/// What the arguments ask for is not known; says where that is and what to type.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("error: {problem} Run `ghcr-auth{} --help` for usage.", command.map(|command| format!(" {}", command.name)).unwrap_or_default())]
pub(super) struct Misunderstood {
    command: Option<&'static Command>,
    problem: String,
}

impl Misunderstood {
    /// An argument, at a position counted from 1, is none of the words that are known there.
    fn unknown(command: Option<&'static Command>, position: usize, argument: &OsStr, what: &str, known: &[String]) -> Self {
        let meant = meant(argument, known).map(|word| format!(" Did you mean `{word}`?")).unwrap_or_default();
        Self { command, problem: format!("argument {position} is not {what} (not shown, in case it is a token).{meant}") }
    }
}

/// Reads the arguments, without the program's name.
///
/// # Errors
/// The first argument that is not understood.
pub(super) fn read(arguments: &[OsString]) -> Result<Request, Misunderstood> {
    let first = arguments.first().map(OsString::as_os_str).unwrap_or_default();
    match (first.to_str(), arguments.get(1)) {
        (Some("help"), Some(name)) => Ok(Request::Help(Some(command(2, name)?))),
        (Some("help" | "--help" | "-h"), _) => Ok(Request::Help(None)),
        (Some("--version" | "-V"), _) => Ok(Request::Version),
        _ => follow(command(1, first)?, &arguments[1..]),
    }
}

/// The command of a name.
fn command(position: usize, name: &OsStr) -> Result<&'static Command, Misunderstood> {
    let known = || COMMANDS.iter().map(|command| command.name).chain(["--help", "--version"]).map(str::to_owned).collect::<Vec<_>>();
    let command = COMMANDS.iter().find(|command| name == command.name);
    command.ok_or_else(|| Misunderstood::unknown(None, position, name, "a command", &known()))
}

/// Reads what follows the name of a command.
fn follow(command: &'static Command, arguments: &[OsString]) -> Result<Request, Misunderstood> {
    let mut given = Given::default();
    let mut rest = arguments.iter().zip(2..);
    while let Some((argument, position)) = rest.next() {
        match argument.as_bytes() {
            b"--" => given.operands.extend(rest.by_ref().map(|(argument, _)| argument.clone())),
            b"-h" | b"--help" => return Ok(Request::Help(Some(command))),
            b"-" => given.operands.push(argument.clone()),
            bytes if !bytes.starts_with(b"-") => given.operands.push(argument.clone()),
            bytes => {
                let mut parts = bytes.splitn(2, |byte| *byte == b'=');
                let name = parts.next().unwrap_or_default();
                let option = command.options.iter().find(|option| name.strip_prefix(b"--") == Some(option.name.as_bytes()));
                let option = option.ok_or_else(|| unknown_option(command, position, OsStr::from_bytes(name)))?;
                let value = value(command, option, parts.next().map(|value| (OsStr::from_bytes(value), position)), &mut rest)?;
                given.options.push((option.name, value));
            }
        }
    }
    Ok(Request::Run(command, given))
}

/// The value of an option: what is attached to it, or else the argument that follows, each with its position.
fn value<'a>(
    command: &'static Command,
    option: &CommandOption,
    attached: Option<(&'a OsStr, usize)>,
    mut rest: impl Iterator<Item = (&'a OsString, usize)>,
) -> Result<OsString, Misunderstood> {
    let misunderstood = |problem| Err(Misunderstood { command: Some(command), problem });
    let (option, name, words) = match option.takes {
        Takes::Nothing if attached.is_none() => return Ok(OsString::new()),
        Takes::Nothing => return misunderstood(format!("`--{}` takes no value.", option.name)),
        Takes::Text(name) | Takes::File(name) => (option.name, name, &[][..]),
        Takes::Word(name, words) => (option.name, name, words),
    };
    let one_of = if words.is_empty() { String::new() } else { format!(", one of {}", words.join(", ")) };
    match attached.or_else(|| rest.next().map(|(value, position)| (value.as_os_str(), position))) {
        None => misunderstood(format!("`--{option}` needs a value: --{option} {name}{one_of}.")),
        Some((value, position)) if !words.is_empty() && !words.iter().any(|word| value == *word) => {
            misunderstood(format!("argument {position} is not a valid {name}{one_of}."))
        }
        Some((value, _)) => Ok(value.to_owned()),
    }
}

fn unknown_option(command: &'static Command, position: usize, name: &OsStr) -> Misunderstood {
    let spelled = |option: &CommandOption| format!("--{}", option.name);
    if let Some(other) = COMMANDS.iter().find(|other| other.options.iter().any(|option| name == spelled(option).as_str())) {
        let problem = format!("`{}` is an option of `{}`, not of `{}`.", name.display(), other.name, command.name);
        return Misunderstood { command: Some(command), problem };
    }
    let known: Vec<_> = command.options.iter().map(spelled).chain(["--help".to_owned()]).collect();
    Misunderstood::unknown(Some(command), position, name, &format!("an option of `{}`", command.name), &known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(line: &str) -> Result<Request, Misunderstood> {
        read(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    fn given(line: &str) -> Given {
        match reads(line) {
            Ok(Request::Run(_, given)) => given,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn operands_and_options_may_come_in_any_order() {
        let given = given("check acme/app --registry ghcr.io --access=pull --env-file .env.deploy --json acme/web --access push");
        assert_eq!(given.operands, ["acme/app", "acme/web"]);
        assert_eq!(given.value("registry"), Some(OsStr::new("ghcr.io")));
        assert_eq!(given.value("access"), Some(OsStr::new("push")), "the last one counts");
        assert!(given.has("json") && given.has("env-file") && !given.has("public") && !given.has("timeout"));
    }

    #[test]
    fn a_hyphen_alone_and_what_follows_two_is_no_option() {
        assert_eq!(given("explain - --json").operands, ["-"]);
        assert_eq!(given("audit -- --json -h").operands, ["--json", "-h"]);
    }

    #[test]
    fn bytes_that_are_not_text_are_a_value_too() {
        let path = OsStr::from_bytes(b"/tmp/\xff=x");
        for arguments in [vec!["--env-file".into(), path.to_owned()], vec![OsString::from_iter([OsStr::new("--env-file="), path])]] {
            let Ok(Request::Run(_, given)) = read(&[vec!["check".into()], arguments].concat()) else { panic!("not understood") };
            assert_eq!(given.value("env-file"), Some(path));
        }
    }

    #[test]
    fn every_option_of_the_table_is_read_with_what_it_takes() {
        for command in &COMMANDS {
            for CommandOption { name, takes, about } in command.options {
                assert!(!about.ends_with('.') && about.starts_with(char::is_uppercase) || name == &"format", "{about}");
                let value = match takes {
                    Takes::Nothing => String::new(),
                    Takes::Text(_) | Takes::File(_) => " x".to_owned(),
                    Takes::Word(_, words) => format!(" {}", words[words.len() - 1]),
                };
                assert!(given(&format!("{} --{name}{value}", command.name)).has(name));
            }
        }
    }

    #[test]
    fn help_and_version_are_requests() {
        assert_eq!(reads("-V"), Ok(Request::Version));
        assert_eq!(reads("help"), Ok(Request::Help(None)));
        assert_eq!(reads("audit x --help"), Ok(Request::Help(Some(&COMMANDS[2]))));
    }
}
