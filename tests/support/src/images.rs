//! The images that `.ci/image` makes, and what docker's client says.

use std::path::Path;
use std::process::Output;

use crate::engine::Engine;
use crate::needs;

/// What the Dockerfile begins with, or what stands for it where no registry can be reached.
pub const BASE: &str = "ghcr-auth-base:test";

/// The image under test.
pub fn tested() -> String {
    std::env::var("GHCR_AUTH_TEST_IMAGE").unwrap_or_else(|_| "ghcr-auth:test".to_owned())
}

/// The engine of this machine, which has the image under test; without either the test is ignored.
pub fn engine() -> Engine {
    let engine = Engine::detect();
    if !engine.has_image(&tested()) {
        needs::missing(&format!("the image {}", tested()), ".ci/image");
    }
    engine
}

/// An image with a shell, for other container steps of a job.
pub fn consumer() -> String {
    std::env::var("GHCR_AUTH_TEST_CONSUMER_IMAGE").unwrap_or_else(|_| "ghcr-auth-consumer:test".to_owned())
}

/// Copies the program out of the image under test.
#[track_caller]
pub fn copy_program(engine: &Engine, to: &Path) {
    let created = engine.docker(&["create", &tested()]);
    let container = String::from_utf8_lossy(&created.stdout).trim().to_owned();
    let copied = engine.docker(&["cp", &format!("{container}:/ghcr-auth"), to.to_str().expect("a UTF-8 path")]);
    engine.docker(&["rm", &container]);
    assert!(created.status.success() && copied.status.success(), "{}{}", said(&created), said(&copied));
}

/// All that a program wrote.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
