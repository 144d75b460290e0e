//! The image as the runner starts it, on a real docker engine, with real clients that push afterwards.
//!
//! These tests need what `.ci/image` makes; where it is missing they say so and count as skipped.

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
