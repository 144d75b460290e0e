//! Runners that give containers less than usual.

use ghcr_auth_testbed::front_door::Rules;
use ghcr_auth_testbed::job::{Job, Run};

use crate::container::bench::{Bench, image};

ghcr_auth_testbed::tests![
    a_read_only_root_file_system_is_enough,
    of_all_capabilities_two_are_needed,
    with_the_runners_user_no_capability_is_needed,
    without_one_of_the_two_there_is_no_login_and_no_yes,
    an_empty_directory_where_the_socket_should_be_changes_nothing,
    a_job_with_services_differs_by_its_network_alone,
];

fn run(bench: &Bench, options: &[&str]) -> Run {
    bench.action().container(|action| action.options(options)).input("GITHUB_TOKEN", "ghs_job").run()
}

#[track_caller]
fn assert_logs_in(bench: &Bench, run: &Run) {
    let outputs = ["push", "logged-in"].map(|name| run.output(name));
    assert_eq!((run.code, outputs), (0, ["true", "true"]), "{}", run.log());
    bench.assert_pushes();
}

fn a_read_only_root_file_system_is_enough() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let run = run(&bench, &["--read-only", "--security-opt", "no-new-privileges", "--pids-limit", "64", "--memory", "64m"]);
    assert_logs_in(&bench, &run);
}

fn of_all_capabilities_two_are_needed() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let options = ["--read-only", "--cap-drop", "ALL", "--cap-add", "CHOWN", "--cap-add", "DAC_OVERRIDE"];
    let run = run(&bench, &options);
    assert_logs_in(&bench, &run);
}

fn with_the_runners_user_no_capability_is_needed() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let run = run(&bench, &["--read-only", "--cap-drop", "ALL", "--user", "1001:1001"]);
    assert_logs_in(&bench, &run);
}

fn without_one_of_the_two_there_is_no_login_and_no_yes() {
    for (kept, said) in [
        ("CHOWN", "The outputs could not be written: Permission denied"),
        ("DAC_OVERRIDE", "config.json could not be written: Operation not permitted"),
    ] {
        let bench = Bench::new(Rules::default().allow("ghs_job"));
        let run = run(&bench, &["--cap-drop", "ALL", "--cap-add", kept]);
        assert!(run.log().contains(said), "{kept}: {}", run.log());
        assert_ne!(run.output("push"), "true");
        assert_eq!(bench.job.docker_config(), None);
    }
}

fn an_empty_directory_where_the_socket_should_be_changes_nothing() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let empty = bench.job.temp().join("run-docker.sock");
    std::fs::create_dir(&empty).unwrap();
    let run = bench.action().container(|action| action.without_socket(&empty)).input("GITHUB_TOKEN", "ghs_job").run();
    assert_logs_in(&bench, &run);
}

fn a_job_with_services_differs_by_its_network_alone() {
    let bench = Bench::with_job(Rules::default(), Job::of_runner_user);
    let network = Network::create(&bench);
    // The loopback registry is not in that network.
    let step = bench.job.container_step(&bench.engine, &image()).registry(&bench.door).input("verify", "false");
    let step = step.container(|action| action.entrypoint("/ghcr-auth").network(&network.name));
    let run = step.input("GITHUB_TOKEN", "ghs_job").run();
    let outputs = ["push", "reason", "logged-in"].map(|name| run.output(name));
    assert_eq!((run.code, outputs), (0, ["true", "unverified", "true"]), "{}", run.log());
}

/// The network that the runner makes for `container:` and `services:`.
struct Network<'a> {
    bench: &'a Bench,
    name: String,
}

impl<'a> Network<'a> {
    fn create(bench: &'a Bench) -> Self {
        let name = format!("github_network_{}", std::process::id());
        assert!(bench.engine.docker(&["network", "create", &name]).status.success());
        Self { bench, name }
    }
}

impl Drop for Network<'_> {
    fn drop(&mut self) {
        self.bench.engine.docker(&["network", "rm", &self.name]);
    }
}
