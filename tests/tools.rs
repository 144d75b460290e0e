//! The tests that need more than that: clients, engines, root. What is missing ends a test as ignored, by its name.

mod container;
mod examples;
mod faults;
mod growth;
mod host;
mod release;

use std::{path::Path, process::ExitCode};

use ghcr_auth_testbed::harness;

fn main() -> ExitCode {
    if growth::was_asked_for_work() {
        return ExitCode::SUCCESS;
    }
    harness::run(&[faults::ALL, growth::ALL, host::ALL, container::ALL, examples::ALL, release::ALL].concat())
}

/// The program under test.
fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_ghcr-auth"))
}
