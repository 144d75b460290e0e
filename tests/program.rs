//! The tests that need nothing but this repository and the tools that build it, in one binary.

mod audit;
mod conformance;
mod docs;
mod endurance;
mod explain;
mod it;
mod leaks;

use std::path::Path;

/// The program under test.
fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_ghcr-auth"))
}
