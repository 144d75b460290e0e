//! What the documentation says, against the code that it speaks of.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod commands;
mod console;
mod example;
mod map;
mod picture;
mod reasons;
mod reference;
mod shells;
mod troubleshooting;
mod words;

use std::{fs, path::Path};

use ghcr_auth_testbed::documents;

/// A file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The pages that users read, with their paths.
fn pages() -> Vec<(String, String)> {
    documents::pages(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// Fails where a generated page is not what is committed; `GHCR_AUTH_UPDATE_DOCS=1` writes it instead.
#[track_caller]
fn assert_is_committed(path: &str, generated: &str) {
    // A file that is written is newer, and cargo compiles again what contains it.
    if std::env::var_os("GHCR_AUTH_UPDATE_DOCS").is_some() && read(path) != generated {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(path), generated).unwrap();
    }
    let same = read(path) == generated;
    assert!(same, "{path} is out of date: run `GHCR_AUTH_UPDATE_DOCS=1 cargo test --test program docs` and commit it");
}
