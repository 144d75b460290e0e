//! The help of the program and of each command, laid out for a terminal of 80 columns.

use super::syntax::{COMMANDS, Command, ENVIRONMENT, HELP, SUMMARY, VERSION};
use crate::project;

/// The help of the program.
pub(super) fn of_program() -> String {
    let commands = COMMANDS.iter().map(|command| (command.name.to_owned(), command.summary));
    let options = [HELP, VERSION].map(|(name, about)| (with_letter(name), about));
    [
        format!("{SUMMARY}\n\nUsage: ghcr-auth COMMAND [ARGUMENT...]\n"),
        section("Commands", commands),
        section("Options", options),
        section("Environment", ENVIRONMENT.map(|(name, about)| (name.to_owned(), about))),
        "Each command has its own help, with its exit codes: ghcr-auth check --help\n".to_owned(),
        format!("As a GitHub action, it takes its inputs from the runner:\n  - uses: {}\n    id: ghcr\n", project::action()),
    ]
    .join("\n")
}

/// The help of a command.
pub(super) fn of(command: &Command) -> String {
    let Command { name, operands, summary, about, options, environment, exits, examples } = command;
    let options = options.iter().map(|option| {
        let value = option.takes.name().map(|value| format!(" {value}")).unwrap_or_default();
        (format!("--{}{value}", option.name), option.about)
    });
    let help = (with_letter(HELP.0), HELP.1);
    let exits = exits.iter().enumerate().map(|(code, meaning)| (code.to_string(), *meaning));
    let parts = [
        format!("{summary}.\n\nUsage: ghcr-auth {name} [OPTION...] {operands}\n\n{about}"),
        section("Options", options.chain([help])),
        section("Environment", environment.iter().map(|(name, about)| ((*name).to_owned(), *about))),
        section("Exit codes", exits),
        section("Examples", examples.iter().map(|example| ((*example).to_owned(), ""))),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn with_letter(name: &str) -> String {
    let letter = &name[..1];
    format!("-{}, --{name}", if name == VERSION.0 { letter.to_uppercase() } else { letter.to_owned() })
}

/// A heading with rows of two columns below it; nothing where there are no rows.
fn section(heading: &str, rows: impl IntoIterator<Item = (String, &'static str)>) -> String {
    let rows: Vec<_> = rows.into_iter().collect();
    let width = rows.iter().map(|(term, _)| term.len()).max();
    let row = |width| move |(term, about): &(String, &str)| format!("  {term:<width$}  {about}").trim_end().to_owned() + "\n";
    width.map_or_else(String::new, |width| format!("{heading}:\n{}", rows.iter().map(row(width)).collect::<String>()))
}
