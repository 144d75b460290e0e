//! The image as the runner starts it, on a real docker engine, with real clients that push afterwards.
//!
//! These tests need what `.ci/image` makes; where one thing is missing they are ignored and name it.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod bench;
mod by_hand;
mod cancel;
mod clients;
mod hardened;
mod image;
mod kubernetes;
mod logout;
mod podman;
mod push;
mod refusal;
mod rootless;
mod sharing;
mod tools;
mod unpacked;

use ghcr_auth_testbed::harness::Test;

/// The tests of this directory.
pub(crate) const ALL: &[&[Test]] = &[
    by_hand::TESTS,
    cancel::TESTS,
    clients::TESTS,
    hardened::TESTS,
    image::TESTS,
    kubernetes::TESTS,
    logout::TESTS,
    podman::TESTS,
    push::TESTS,
    refusal::TESTS,
    rootless::TESTS,
    sharing::TESTS,
    tools::TESTS,
    unpacked::TESTS,
];
