//! The binary: one file for the main and the post stage.

use std::process::ExitCode;

use ghcr_auth::{job::environment::Environment, process};

fn main() -> ExitCode {
    process::run(&std::env::args_os().collect::<Vec<_>>(), Environment::of_process())
}
