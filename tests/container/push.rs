//! Runs that may push.

use std::os::unix::fs::MetadataExt as _;

use ghcr_auth_testbed::engine::ContainerAction;
use ghcr_auth_testbed::front_door::{Denial, Rules};
use ghcr_auth_testbed::job::{Job, RUNNER_USER, Run};

use crate::container::bench::{Bench, forms};

ghcr_auth_testbed::tests![
    an_allowed_push_is_followed_by_real_pushes,
    a_dead_pat_does_not_hide_a_good_job_token,
    a_self_hosted_runner_uses_the_fallback_token,
    a_runner_at_a_path_with_a_blank_works_the_same,
    an_older_runner_that_mounts_no_temp_works_the_same,
];

#[track_caller]
fn assert_logged_in(bench: &Bench, run: &Run, credential: &str, token: &str) {
    assert_eq!((run.code, &run.errors), (0, &Vec::new()), "{}", run.log());
    let outputs = ["push", "logged-in", "reason", "credential"].map(|name| run.output(name));
    assert_eq!(outputs, ["true", "true", "allowed", credential], "{}", run.log());
    assert_eq!(run.output("docker-config"), bench.job.home().join(".docker").to_str().unwrap());
    for form in forms(run.output("username"), token) {
        assert!(!run.everything_shown().contains(&form), "{}", run.everything_shown());
    }
}

#[track_caller]
fn assert_owned_by_runner_user(bench: &Bench) {
    let directory = bench.job.home().join(".docker");
    for (path, mode) in [(directory.clone(), 0o700), (directory.join("config.json"), 0o600)] {
        let found = std::fs::metadata(&path).unwrap();
        let found = (found.uid(), found.gid(), found.mode() & 0o777);
        assert_eq!(found, (RUNNER_USER, RUNNER_USER, mode), "{}", path.display());
    }
}

fn an_allowed_push_is_followed_by_real_pushes() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let run = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_logged_in(&bench, &run, "GITHUB_TOKEN", "ghs_job");
    assert_owned_by_runner_user(&bench);
    bench.assert_pushes();
}

fn a_dead_pat_does_not_hide_a_good_job_token() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let run = bench.action().input("GHCR_PAT", "ghp_expired").input("GITHUB_TOKEN", "ghs_job").run();
    assert_logged_in(&bench, &run, "GITHUB_TOKEN", "ghs_job");
    let warning = run.stdout.lines().find(|line| line.starts_with("::warning") && line.contains("GHCR_PAT"));
    assert!(warning.is_some(), "{}", run.stdout);
    bench.assert_pushes();
}

fn a_self_hosted_runner_uses_the_fallback_token() {
    let rules = Rules::default().deny("ghs_job", Denial::PackagesPermissionMissing).allow("ghp_service");
    let bench = Bench::new(rules);
    let step = bench.action().env("RUNNER_ENVIRONMENT", "self-hosted").input("GITHUB_TOKEN", "ghs_job");
    let run = step.input("LOCAL_RUNNER_FALLBACK_TOKEN", "ghp_service").run();
    assert_logged_in(&bench, &run, "LOCAL_RUNNER_FALLBACK_TOKEN", "ghp_service");
    bench.assert_pushes();
}

fn a_runner_at_a_path_with_a_blank_works_the_same() {
    let rules = Rules::default().allow("ghs_job");
    let bench = Bench::with_job(rules, Job::with_blank_in_path);
    let run = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_logged_in(&bench, &run, "GITHUB_TOKEN", "ghs_job");
    bench.assert_pushes();
}

fn an_older_runner_that_mounts_no_temp_works_the_same() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let step = bench.action().input("GITHUB_TOKEN", "ghs_job");
    let run = step.container(ContainerAction::older_runner).run();
    assert_logged_in(&bench, &run, "GITHUB_TOKEN", "ghs_job");
    assert_owned_by_runner_user(&bench);
    bench.assert_pushes();
}
