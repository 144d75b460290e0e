//! Runs that may not push.

use ghcr_auth_testbed::event::Event;
use ghcr_auth_testbed::front_door::{Denial, Rules};
use ghcr_auth_testbed::job::{Run, Step};

use crate::container::bench::{Bench, IMAGE, image};

ghcr_auth_testbed::tests![a_fork_pull_request_sends_and_writes_nothing, a_denied_push_leaves_no_login,];

#[track_caller]
fn assert_nothing_happened(bench: &Bench, run: &Run) {
    assert_eq!((run.code, &run.errors), (0, &Vec::new()), "{}", run.log());
    let outputs = ["push", "pull", "logged-in", "credential"].map(|name| run.output(name));
    assert_eq!(outputs, ["false", "false", "false", ""]);
    assert_eq!(run.env.get("DOCKER_CONFIG"), None);
    let home = bench.job.home();
    assert_eq!(std::fs::read_dir(home).unwrap().count(), 0, "something was written to the home directory");
}

#[track_caller]
fn assert_push_fails_unauthenticated(bench: &Bench) {
    bench.assert_docker_push_is_refused("docker");
    assert!(!bench.skopeo_copy("skopeo").status.success());
    assert!(!bench.registry.has(IMAGE, "docker") && !bench.registry.has(IMAGE, "skopeo"));
    assert_eq!(bench.door.credentials(), Vec::<String>::new());
}

fn with_all_secrets(step: Step<'_>) -> Step<'_> {
    let step = step.event(&Event::fork_pull_request());
    step.input("GHCR_PAT", "ghp_live").input("GITHUB_TOKEN", "ghs_job")
}

fn a_fork_pull_request_sends_and_writes_nothing() {
    let rules = Rules::default().allow("ghp_live").allow("ghs_job");
    let bench = Bench::new(rules);
    // The runner's usual network: no `--network` at all.
    let step = bench.job.container_step(&bench.engine, &image()).registry(&bench.door);
    let run = with_all_secrets(step).run();
    assert_eq!(run.output("reason"), "fork-pr", "{}", run.log());
    assert_nothing_happened(&bench, &run);

    // Here the registry could be reached.
    let run = with_all_secrets(bench.action()).run();
    assert_nothing_happened(&bench, &run);
    assert_eq!(bench.door.connections(), 0);
    assert_push_fails_unauthenticated(&bench);
}

fn a_denied_push_leaves_no_login() {
    let rules = Rules::default().deny("ghs_job", Denial::PackagesPermissionMissing);
    let bench = Bench::new(rules);
    let run = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(run.output("reason"), "packages-permission-missing", "{}", run.log());
    assert_nothing_happened(&bench, &run);
}
