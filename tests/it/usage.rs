//! What is said to whoever types something else than the program understands, or asks for help.

use std::process::Output;

use super::{
    PAT,
    command_line::{ghcr_auth, text},
};

const COMMANDS: [&str; 3] = ["check", "explain", "audit"];

fn help(arguments: &[&str]) -> String {
    let output = ghcr_auth(arguments, &[], "");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{arguments:?}");
    text(&output.stdout)
}

/// What is printed for a command that cannot be understood.
fn refusal(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = ghcr_auth(arguments, &[], "");
    assert_eq!((status.code(), stdout.len()), (Some(2), 0), "{arguments:?}");
    text(&stderr)
}

#[test]
fn each_command_has_a_help_of_its_own_that_fits_a_terminal() {
    let screens = COMMANDS.map(|command| help(&[command, "--help"]));
    for (command, screen) in COMMANDS.iter().zip(&screens) {
        assert!(screen.contains(&format!("Usage: ghcr-auth {command} ")), "{screen}");
        assert!(["Options:", "Exit codes:", "Examples:", "--json"].iter().all(|part| screen.contains(part)), "{screen}");
        assert_eq!(*screen, help(&["help", command]));
        assert_eq!(*screen, help(&[command, "acme/app", "-h"]));
    }
    let of_all = help(&["--help"]);
    assert!(COMMANDS.iter().all(|command| of_all.contains(&format!("\n  {command} "))), "{of_all}");
    for screen in screens.iter().chain([&of_all]) {
        assert!(screen.lines().all(|line| line.chars().count() <= 80 && line == line.trim_end()), "{screen}");
        assert!(screen.lines().count() < 45, "{screen}");
    }
    let others: Vec<_> = ["--registry", "--strict"].into_iter().filter(|option| screens[1].contains(option)).collect();
    assert!(others.is_empty(), "options of other commands: {others:?}");
}

#[test]
fn without_a_command_the_help_is_printed_as_it_is_laid_out() {
    assert_eq!(refusal(&[]), help(&["--help"]));
}

#[test]
fn an_unknown_word_is_named_by_its_position_and_what_was_meant_is_suggested() {
    for (arguments, position, what, meant, command) in [
        (&["chek"][..], 1, "a command", "check", ""),
        (&["aduit"], 1, "a command", "audit", ""),
        (&["exp", "denied"], 1, "a command", "explain", ""),
        (&["--versino"], 1, "a command", "--version", ""),
        (&["--check"], 1, "a command", "check", ""),
        (&["help", "adit"], 2, "a command", "audit", ""),
        (&["audit", "--fx"], 2, "an option of `audit`", "--fix", " audit"),
        (&["audit", "--fromat=json"], 2, "an option of `audit`", "--format", " audit"),
        (&["check", "acme/app", "--timoeut", "9"], 3, "an option of `check`", "--timeout", " check"),
        (&["check", "acme/app", "-json"], 3, "an option of `check`", "--json", " check"),
        (&["explain", "--jsn", "-"], 2, "an option of `explain`", "--json", " explain"),
    ] {
        let told = format!(
            "error: argument {position} is not {what} (not shown, in case it is a token). Did you mean `{meant}`? \
             Run `ghcr-auth{command} --help` for usage.\n"
        );
        assert_eq!(refusal(arguments), told, "{arguments:?}");
    }
}

#[test]
fn where_nothing_close_is_known_nothing_is_suggested_and_nothing_is_shown() {
    for (arguments, position) in [
        (&[PAT][..], 1),
        (&["--token", PAT], 1),
        (&["x"], 1),
        (&["login", "ghcr.io"], 1),
        (&["check", PAT, "--token"], 3),
        (&["audit", "-x"], 2),
        (&["check", "--token", PAT], 2),
    ] {
        let said = refusal(arguments);
        assert!(said.contains(&format!("argument {position} is not ")) && !said.contains("mean") && !said.contains(PAT), "{said}");
    }
}

#[test]
fn a_value_that_is_missing_too_much_or_wrong_is_told_with_what_to_type() {
    for (arguments, told) in [
        (&["check", "acme/app", "--registry"][..], "`--registry` needs a value: --registry HOST"),
        (&["audit", "--format"], "`--format` needs a value: --format FORMAT, one of text, json, sarif, github."),
        (&["check", "acme/app", "--json=x"], "`--json` takes no value"),
        (&["check", "--access", "admin", "acme/app"], "argument 3 is not a valid ACCESS, one of push, pull, public."),
        (&["audit", "--format=xml"], "argument 2 is not a valid FORMAT, one of text, json, sarif, github."),
        (&["explain", "--strict"], "`--strict` is an option of `audit`, not of `explain`"),
        (&["check"], "no image. Name one: ghcr-auth check OWNER/NAME"),
        (&["check", "acme/app", "--timeout", "1"], "--timeout must be a whole number of seconds from 5 to 600"),
        (&["check", "acme/app", "--registry", "http://x"], "--registry must be a host"),
        (&["check", "acme/app", "acme"], "IMAGE 2 has no owner; write `owner/name`"),
        (&["check", "acme/app:v1"], "IMAGE 1 has a tag or digest; write only `owner/name`"),
        (&["check", "https://ghcr.io/acme/app"], "IMAGE 1 is a URL; write only `owner/name`"),
        (&["check", "docker.io/acme/app"], "IMAGE 1 is on another registry. Name that registry: --registry HOST"),
        (&["check", "acme/app", "--env-file", "/no/such/file"], "the --env-file can't be read: No such file"),
        (&["audit", "/no/such/directory"], "DIR 1 is not there"),
        (&["explain", "push.log"], "there is no such file. Pass the log: ghcr-auth explain < push.log"),
    ] {
        let said = refusal(arguments);
        assert!(said.starts_with("error: ") && said.contains(told), "{arguments:?}: {said}");
        assert!(!said.contains("input") && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn a_line_of_an_env_file_that_assigns_nothing_is_named_by_its_number() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("# deploy\n\nGHCR_PAT={PAT}\n{PAT}\n")).unwrap();
    let said = refusal(&["check", "acme/app", "--env-file", file.path().to_str().unwrap()]);
    assert!(said.contains("line 4 of the --env-file is not NAME=VALUE") && !said.contains(PAT), "{said}");
}

#[test]
fn what_follows_two_hyphens_is_no_option() {
    let output = ghcr_auth(&["explain", "--", "--fx denied"], &[], "");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
}

#[test]
fn colors_are_forced_and_refused_by_variables_that_are_not_empty() {
    let colored = |environment: &[(&str, &str)]| {
        let log = "#14 ERROR: failed to push ghcr.io/acme/app:v1: denied: permission_denied: write_package\n";
        text(&ghcr_auth(&["explain"], environment, log).stdout).contains('\u{1b}')
    };
    assert!(!colored(&[]) && !colored(&[("FORCE_COLOR", "")]) && !colored(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(colored(&[("FORCE_COLOR", "1")]) && colored(&[("FORCE_COLOR", "1"), ("NO_COLOR", ""), ("TERM", "dumb")]));
}
