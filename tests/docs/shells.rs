//! The completions and the man page are generated from the table of what can be typed.

use std::{path::Path, process::Command};

use clap::{Arg, ArgAction, ValueHint, builder::PossibleValuesParser};
use clap_complete::{Shell, generate};
use ghcr_auth::{
    commands::syntax::{self, COMMANDS, CommandOption, ENVIRONMENT, HELP, SUMMARY, Takes, VERSION},
    project,
};
use roff::{Roff, bold, italic, roman};

use crate::docs::assert_is_committed;

const FILES: [(Shell, &str); 3] =
    [(Shell::Bash, "completions/ghcr-auth.bash"), (Shell::Zsh, "completions/_ghcr-auth"), (Shell::Fish, "completions/ghcr-auth.fish")];

/// The command line as the generator of completions knows it.
fn program() -> clap::Command {
    let option = |option: &CommandOption| {
        let arg = Arg::new(option.name).long(option.name).help(option.about);
        match option.takes {
            Takes::Nothing => arg.action(ArgAction::SetTrue),
            Takes::Text(name) => arg.value_name(name),
            Takes::File(name) => arg.value_name(name).value_hint(ValueHint::FilePath),
            Takes::Word(name, words) => arg.value_name(name).value_parser(PossibleValuesParser::new(words)),
        }
    };
    let operand = |command: &syntax::Command| {
        let hint = if command.name == "check" { ValueHint::Other } else { ValueHint::AnyPath };
        Arg::new("operand").num_args(0..).value_hint(hint)
    };
    let help = || Arg::new(HELP.0).short('h').long(HELP.0).help(HELP.1).action(ArgAction::Help);
    let command = |command: &syntax::Command| {
        let subcommand = clap::Command::new(command.name).about(command.summary).disable_help_flag(true);
        subcommand.args(command.options.iter().map(option)).arg(help()).arg(operand(command))
    };
    let version = Arg::new(VERSION.0).short('V').long(VERSION.0).help(VERSION.1).action(ArgAction::Version);
    let program = clap::Command::new("ghcr-auth").version("1").disable_help_flag(true).disable_version_flag(true);
    program.disable_help_subcommand(true).arg(help()).arg(version).subcommands(COMMANDS.iter().map(command))
}

fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut program(), "ghcr-auth", &mut script);
    String::from_utf8(script).unwrap()
}

#[test]
fn the_completions_are_generated_from_the_table_of_commands() {
    for (shell, file) in FILES {
        assert_is_committed(file, &completions(shell));
    }
}

/// What bash offers for the last of some words.
fn offered(words: &[&str]) -> Vec<String> {
    const COMPLETE: &str = r#"source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        registered=$(complete -p ghcr-auth); function=${registered#*-F }
        "${function%% *}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\n' "${COMPREPLY[@]}""#;
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", COMPLETE]).arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(FILES[0].1)).arg("ghcr-auth").args(words);
    let output = bash.output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_offers_commands_their_options_and_the_words_that_these_take() {
    assert_eq!(offered(&["a"]), ["audit"]);
    for command in &COMMANDS {
        let options: Vec<_> = command.options.iter().map(|option| format!("--{}", option.name)).chain(["--help".to_owned()]).collect();
        assert_eq!(offered(&[command.name, "--"]), options);
    }
    assert_eq!(offered(&["check", "--access", "pu"]), ["push", "pull", "public"]);
    assert_eq!(offered(&["audit", "--format", "s"]), ["sarif"]);
}

/// Terms with what is said of each, below a heading.
fn list(page: &mut Roff, heading: [&str; 2], rows: impl IntoIterator<Item = (Vec<roff::Inline>, String)>) {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_some() {
        page.control(heading[0], [heading[1]]);
    }
    for (term, about) in rows {
        page.control("TP", []).text(term).text([roman(about)]);
    }
}

fn man_page() -> String {
    let mut page = Roff::new();
    page.control("TH", ["GHCR-AUTH", "1"]);
    page.control("SH", ["NAME"]).text([roman("ghcr-auth - check, explain, and audit pushes to GitHub Container Registry")]);
    page.control("SH", ["SYNOPSIS"]);
    for command in &COMMANDS {
        page.text([bold(format!("ghcr-auth {}", command.name)), roman(" ["), italic("OPTION"), roman("...] "), italic(command.operands)]);
        page.control("br", []);
    }
    page.text([bold("ghcr-auth"), roman(" "), bold("--help"), roman(" | "), bold("--version")]);
    page.control("SH", ["DESCRIPTION"]).text([roman(SUMMARY)]);
    for command in &COMMANDS {
        section(&mut page, command);
    }
    list(&mut page, ["SH", "ENVIRONMENT"], ENVIRONMENT.map(|(name, about)| (vec![bold(name)], format!("{about}."))));
    page.control("SH", ["SEE ALSO"]).text([roman(format!("{}/blob/{}/docs/command-line.md", project::SOURCE, project::TAG))]);
    page.to_roff()
}

fn section(page: &mut Roff, command: &syntax::Command) {
    let syntax::Command { name, operands, summary, about, options, environment, exits, examples } = command;
    page.control("SH", [name.to_uppercase().as_str()]);
    page.text([bold(format!("ghcr-auth {name}")), roman(" ["), italic("OPTION"), roman("...] "), italic(*operands)]);
    page.control("PP", []).text([roman(format!("{summary}. {}", about.trim_end().replace('\n', " ")))]);
    let options = options.iter().map(|option| {
        let value = option.takes.name().map(|value| [roman(" "), italic(value)]);
        let term = [bold(format!("--{}", option.name))].into_iter().chain(value.into_iter().flatten());
        (term.collect(), format!("{}.", option.about))
    });
    list(page, ["SS", "Options"], options.chain([(vec![bold("-h"), roman(", "), bold("--help")], format!("{}.", HELP.1))]));
    list(page, ["SS", "Environment"], environment.iter().map(|(name, about)| (vec![bold(*name)], format!("{about}."))));
    list(page, ["SS", "Exit codes"], exits.iter().enumerate().map(|(code, about)| (vec![bold(code.to_string())], format!("{about}."))));
    page.control("SS", ["Examples"]).control("EX", []);
    for example in *examples {
        page.text([roman(*example)]);
    }
    page.control("EE", []);
}

#[test]
fn the_man_page_is_generated_from_the_table_of_commands() {
    assert_is_committed("docs/ghcr-auth.1", &man_page());
}
