//! Much at once, and ends at any moment: what holds once must hold a thousand times.
//!
//! `GHCR_AUTH_ROUNDS` multiplies the rounds; docs/reliability.md has the figures of long runs.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod crash;
mod load;

use std::io::Write as _;

use crate::binary;

/// How many rounds to make where a quick test makes `few`.
fn rounds(few: usize) -> usize {
    std::env::var("GHCR_AUTH_ROUNDS").map_or(few, |times| few * times.parse::<usize>().unwrap())
}

/// Prints a figure past the harness, which would capture it.
fn figure(text: &str) {
    // A closed handle has no reader to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
