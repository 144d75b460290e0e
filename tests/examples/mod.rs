//! `examples/workflows` as their readers copy them, run by nektos/act on a docker engine of their own against GHCR's front
//! door. Actions of others are replaced by the stand-ins in `actions`, which do the same with this machine's clients.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod act;
mod build_push;
mod check_credential;
mod credentials;
mod first_run;
mod local;
mod other_registries;
mod pages;
mod scene;
mod world;

use crate::binary;
use ghcr_auth_testbed::harness::Test;

use ghcr_auth_testbed::event::Event;
use ghcr_auth_testbed::front_door::Rules;

use crate::examples::act::Runner;
use crate::examples::scene::Scene;

/// The credentials of the tests, each as long and as random as a real one.
const PAT: &str = "ghp_ExamplesCanaryPatQ7Zt3Lw9Rb2Vn5Km8Dj";
const JOB_TOKEN: &str = "ghs_ExamplesCanaryJobTokenWm4Hs6Yp0Ge8Uc";
const FALLBACK: &str = "ghp_ExamplesCanaryFallbackTz5Nx1Qa9Jd3Sr";
const OTHER: &str = "ExamplesCanaryOtherRegistryHk2Tv7Bq9Mw";

/// What act does not run: a pod, an image's parts on several machines, and a workflow of others. Only its ghcr-auth steps are run.
const NOT_UNDER_ACT: [&str; 3] = ["github-builder.yml", "kubernetes.yml", "multi-platform.yml"];

/// A pull request from a fork, which has the job's token and no other secret.
fn assert_fork_is_only_built(workflows: &[&str]) {
    let scene = Scene::with(workflows, Rules::default());
    let run = scene.act(Runner::Hosted).event(Event::fork_pull_request()).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    run.assert_outputs(&[("push", "false"), ("reason", "fork-pr")]);
    assert!(run.log().contains("Successfully built"), "{}", run.log());
    scene.assert_untouched();
}

/// The tests of this directory.
pub(crate) const ALL: &[&[Test]] = &[
    build_push::TESTS,
    check_credential::TESTS,
    credentials::TESTS,
    first_run::TESTS,
    local::TESTS,
    other_registries::TESTS,
    pages::TESTS,
];
