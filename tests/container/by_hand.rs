//! The program in a `run:` step: on the machine, and in job containers with and without a docker client.

use std::path::PathBuf;

use ghcr_auth_testbed::front_door::Rules;
use ghcr_auth_testbed::job::{RUNNER_USER, Run};
use ghcr_auth_testbed::{images, needs, script};

use crate::container::bench::{Bench, IMAGE, base, consumer, forms, said};

ghcr_auth_testbed::tests![
    on_the_machine_later_steps_push_with_the_login,
    the_documented_lines_download_check_and_run_the_program,
    on_the_machine_dockers_own_logout_ends_it,
    in_a_job_container_without_a_docker_client_the_login_is_left_for_other_tools,
    in_a_job_container_with_a_docker_client_docker_pushes,
    a_shell_without_bash_drops_inputs_with_a_hyphen_and_env_passes_them,
    a_runner_user_who_is_not_root_owns_what_a_run_step_writes,
];

/// The download of a release, in the workspace: the very program that is in the image.
fn downloaded() -> (Bench, PathBuf) {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let program = bench.job.workspace().join("ghcr-auth");
    images::copy_program(&bench.engine, &program);
    (bench, program)
}

#[track_caller]
fn assert_logged_in(run: &Run, directory: &str) {
    let outputs = ["push", "logged-in", "reason", "credential", "docker-config"].map(|name| run.output(name));
    assert_eq!(outputs, ["true", "true", "allowed", "GITHUB_TOKEN", directory], "{}", run.log());
    assert_eq!(
        (run.code, &run.errors, run.env.len(), run.state.values().any(|value| !value.is_empty())),
        (0, &Vec::new(), 0, false),
        "{}",
        run.log()
    );
    assert!(!run.stdout.contains("::warning"), "{}", run.log());
}

fn on_the_machine_later_steps_push_with_the_login() {
    let (bench, program) = downloaded();
    let run = bench.job.run_step(program).registry(&bench.door).input("GITHUB_TOKEN", "ghs_job").run();
    assert_logged_in(&run, bench.job.user_home().join(".docker").to_str().unwrap());
    bench.assert_pushes();
}

/// Stands for GitHub's own client: a release is this program and its checksum, and its attestation is taken for good.
const GH: &str = r#"#!/bin/bash
set -e
program=ghcr-auth-$(uname -m)-unknown-linux-gnu
case "$1 $2" in
    "release download")
        [[ "$*" == *"--pattern $program --pattern SHA256SUMS"* ]]
        cp "$GITHUB_WORKSPACE/ghcr-auth" "$program"
        sha256sum "$program" >SHA256SUMS
        echo "$(printf '0%.0s' {1..64})  ghcr-auth-other" >>SHA256SUMS ;;
    "attestation verify") [ "$3" = "$program" ] ;;
    *) exit 1 ;;
esac
"#;

/// The script of the first `run:` step in docs/runners.md.
fn documented_script() -> String {
    let document = include_str!("../../docs/runners.md");
    let (_, rest) = document.split_once("  run: |\n").unwrap();
    let (script, _) = rest.split_once("```").unwrap();
    script.lines().map(|line| format!("{}\n", line.trim_start())).collect()
}

fn the_documented_lines_download_check_and_run_the_program() {
    let (bench, _) = downloaded();
    let tools = bench.job.work().join("tools");
    std::fs::create_dir(&tools).unwrap();
    script::write(tools.join("gh"), GH);
    let step = bench.job.run_step("/bin/bash").args(&["-e", "-c", &documented_script()]);
    let step = step.env("PATH", &format!("{}:/usr/bin:/bin", tools.display()));
    let run = step.registry(&bench.door).input("GITHUB_TOKEN", "ghs_job").run();
    assert_logged_in(&run, bench.job.user_home().join(".docker").to_str().unwrap());
}

fn on_the_machine_dockers_own_logout_ends_it() {
    let (bench, program) = downloaded();
    let run = bench.job.run_step(program).registry(&bench.door).input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(run.output("logged-in"), "true", "{}", run.log());
    let mut logout = bench.engine.later_step(&bench.job, needs::find("docker").unwrap());
    let logout = logout.args(["logout", bench.door.host()]).output().unwrap();
    assert!(logout.status.success(), "{}", said(&logout));
    let config = std::fs::read_to_string(bench.job.user_home().join(".docker/config.json")).unwrap();
    let [_, _, auth] = forms(run.output("username"), "ghs_job");
    assert!(!config.contains(&auth) && !config.contains(bench.door.host()), "{config}");
}

fn in_a_job_container_without_a_docker_client_the_login_is_left_for_other_tools() {
    let (bench, _) = downloaded();
    let step = bench.job.run_step_in_container(&bench.engine, &consumer(), "./ghcr-auth");
    let run = step.registry(&bench.door).input("GITHUB_TOKEN", "ghs_job").run();
    assert_logged_in(&run, "/github/home/.docker");
    let output = bench.engine.in_job_container(&bench.job, &consumer(), "cat \"$HOME/.docker/config.json\"");
    let [_, _, auth] = forms(run.output("username"), "ghs_job");
    assert!(said(&output).contains(&auth), "{}", said(&output));
}

fn in_a_job_container_with_a_docker_client_docker_pushes() {
    let (bench, _) = downloaded();
    let image = base(&bench.engine);
    let step = bench.job.run_step_in_container(&bench.engine, &image, "./ghcr-auth");
    let run = step.registry(&bench.door).input("GITHUB_TOKEN", "ghs_job").run();
    assert_logged_in(&run, "/github/home/.docker");
    push_in_job_container(&bench, &image);
}

/// `docker push` with this machine's client, which is copied to where job containers see it.
#[track_caller]
pub(crate) fn push_in_job_container(bench: &Bench, image: &str) {
    let client = bench.job.temp().join("docker");
    std::fs::copy(needs::find("docker").unwrap(), client).unwrap();
    let reference = bench.reference("inside");
    let pushed =
        bench.with_tag(&reference, || bench.engine.in_job_container(&bench.job, image, &format!("/__w/_temp/docker push {reference}")));
    assert!(pushed.status.success(), "{}", said(&pushed));
    assert!(bench.registry.has(IMAGE, "inside"));
}

fn a_shell_without_bash_drops_inputs_with_a_hyphen_and_env_passes_them() {
    let (bench, _) = downloaded();
    for (script, code) in [("./ghcr-auth", 0), ("env INPUT_CA-FILE=/dev/null ./ghcr-auth", 2)] {
        let step = bench.job.run_step_in_container(&bench.engine, &consumer(), script).registry(&bench.door);
        let run = step.input("GITHUB_TOKEN", "ghs_job").input("ca-file", "/dev/null").run();
        assert_eq!(run.code, code, "{script}: {}", run.log());
    }
}

fn a_runner_user_who_is_not_root_owns_what_a_run_step_writes() {
    use std::os::unix::fs::MetadataExt as _;
    let (bench, program) = downloaded();
    let run = bench.job.run_step(program).registry(&bench.door).input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(run.output("logged-in"), "true", "{}", run.log());
    let file = std::fs::metadata(bench.job.user_home().join(".docker/config.json")).unwrap();
    assert_eq!((file.uid(), file.mode() & 0o777), (RUNNER_USER, 0o600));
}
