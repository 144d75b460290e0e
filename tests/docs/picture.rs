//! docs/images/summary.md is the job summary of a real run; the picture in the README is made of it.

use ghcr_auth_testbed::{
    front_door::{Answer, Denial, FrontDoor, Rules},
    job::{Job, Run},
    tls_proxy::TlsProxy,
};
use serde_json::json;

use crate::docs::{assert_is_committed, console::WORKFLOW};

const JOB_TOKEN: &str = "ghs_exampleOnlyNotARealTokenAtAll0000002";

/// The refusal that most people meet: the job lacks `packages: write`.
fn refusal() -> Run {
    let door = FrontDoor::start(Rules::default().deny(JOB_TOKEN, Denial::PackagesPermissionMissing));
    door.always("GET /repos/acme/app", Answer::json(200, json!({ "owner": { "type": "Organization" } })));
    let proxy = TlsProxy::as_github(&door);
    let job = Job::new();
    let workflows = job.workspace().join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join("image.yml"), WORKFLOW).unwrap();
    std::fs::write(job.workspace().join("root.pem"), proxy.ca_pem()).unwrap();
    let step = job.step(env!("CARGO_BIN_EXE_ghcr-auth")).env("HTTPS_PROXY", &proxy.url()).input("ca-file", "root.pem");
    let step = step.env("GITHUB_WORKFLOW_REF", "acme/app/.github/workflows/image.yml@refs/heads/main").env("GITHUB_JOB", "image");
    step.input("GITHUB_TOKEN", JOB_TOKEN).run()
}

#[test]
fn the_summary_in_the_picture_is_that_of_a_run() {
    let run = refusal();
    assert_eq!(run.output("reason"), "packages-permission-missing", "{}", run.log());
    // How the test reaches its registry is nothing that a reader has.
    let is_of_test = |part: &&str| part.contains("went through the proxy") || part.contains("TLS also trusts");
    let parts: Vec<_> = run.summary.split("\n\n").filter(|part| !is_of_test(part)).collect();
    assert_is_committed("docs/images/summary.md", &parts.join("\n\n"));
}
