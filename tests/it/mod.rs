//! The binary as the runner starts it, against a registry that answers as GHCR does.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod action_yml;
mod bounds;
mod candidates;
mod command_line;
mod evidence;
mod forged_state;
mod ghcr_io;
mod leftovers;
mod login;
mod network;
mod outputs;
mod own_job;
mod passing;
mod post;
mod proof;
mod public;
mod run_step;
mod runners;
mod signals;
mod trust_cases;
mod usage;
mod verdicts;
mod written;

use crate::binary;

use ghcr_auth_testbed::{
    front_door::{FrontDoor, Request, Rules},
    job::{Job, Run, Step},
};

/// The credentials of the tests, each as long and as random as a real one.
const PAT: &str = "ghp_ItCanaryPatQ7Zt3Lw9Rb2Vn5Km8Dj1Xc4Yf";
const JOB_TOKEN: &str = "ghs_ItCanaryJobTokenWm4Hs6Yp0Ge8Uc3Fi7Ko";
const FALLBACK: &str = "ghp_ItCanaryFallbackTz5Nx1Qa9Jd3Sr6Bv8Ph";

/// A registry where all credentials of the tests may push.
fn open_door() -> FrontDoor {
    FrontDoor::start([PAT, JOB_TOKEN, FALLBACK].into_iter().fold(Rules::default(), Rules::allow))
}

/// A main stage with a PAT only.
fn with_pat<'a>(job: &'a Job, door: &FrontDoor) -> Step<'a> {
    job.step(binary()).registry(door).input("GHCR_PAT", PAT)
}

/// What the registry was asked, without what GitHub's API behind the same door was.
fn to_registry(door: &FrontDoor) -> Vec<Request> {
    door.requests().into_iter().filter(|request| request.path.starts_with("/v2") || request.path.starts_with("/token")).collect()
}

/// Asserts some outputs at once, and what no outputs may ever say.
#[track_caller]
fn assert_outputs(run: &Run, expected: &[(&str, &str)]) {
    run.assert_outputs(expected);
}
