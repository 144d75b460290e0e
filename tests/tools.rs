//! The tests that need more than that: clients, engines, root. One binary, since each takes its time to link.

mod container;
mod examples;
mod faults;
mod release;

use std::path::Path;

/// The program under test.
fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_ghcr-auth"))
}
