//! The release script, and CI's own, against a registry and a git remote of this machine.
//!
//! What needs GitHub itself, attestations and the release's page, is a stand-in for `gh` that writes down what it is
//! asked. The other architecture's program cannot be built here: a copy of this one's stands for it.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod checks;
mod dry_run;
mod image;
mod images;
mod live;
mod ready;
mod rehearsal;
mod tags;
mod version;

use ghcr_auth_testbed::harness::Test;

/// The tests of this directory.
pub(crate) const ALL: &[&[Test]] = &[checks::TESTS, dry_run::TESTS, image::TESTS, live::TESTS, ready::TESTS, tags::TESTS, version::TESTS];
