//! The live check's program, which .github/workflows/live.yml calls: `live ask JOB` prints a line for each row that a job of
//! this kind can ask; `live facts FILE` compares what `live/runner` and `live/by-hand` wrote down; `live report FILE...` puts
//! such lines into a page, and ends with 1 if one is different.

#![expect(clippy::expect_used, reason = "a tool of the workflow: it ends where it cannot go on")]

use std::io::Write as _;
use std::process::ExitCode;

use ghcr_auth_testbed::live::{Outcome, World, ask, facts, report};
use ghcr_auth_testbed::recorded;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let read = |path: &String| std::fs::read_to_string(path).expect("a readable file");
    let (page, is_same) = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["ask", job] => (lines("live-row\t", &ask(recorded::rows(), job, &World::from_environment())), true),
        ["facts", _] => (lines("", &facts(&read(&arguments[1]))), true),
        ["report", _, ..] => {
            let outcomes: Vec<_> =
                arguments[1..].iter().flat_map(|path| read(path).lines().map(Outcome::of_line).collect::<Vec<_>>()).collect();
            report(&outcomes)
        }
        _ => ("usage: live ask JOB | live facts FILE | live report FILE...\n".to_owned(), false),
    };
    write!(std::io::stdout(), "{page}").expect("a reader");
    if is_same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// `prefix` is what live/collect finds them by in a job's log.
fn lines(prefix: &str, outcomes: &[Outcome]) -> String {
    outcomes.iter().map(|outcome| format!("{prefix}{}", outcome.line())).collect()
}
