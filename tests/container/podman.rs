//! podman under docker's name: the runner's own command line, given to podman.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ghcr_auth_testbed::engine::Engine;
use ghcr_auth_testbed::front_door::Rules;
use ghcr_auth_testbed::job::{Job, Run};
use ghcr_auth_testbed::{needs, script};
use tempfile::TempDir;

use crate::container::bench::{Bench, image, said};

ghcr_auth_testbed::tests![
    podman_of_root_runs_the_action_as_docker_does,
    dockers_own_client_runs_the_action_on_podmans_socket,
    podman_makes_no_directory_where_there_is_no_socket,
    podman_without_root_has_no_home_when_the_runner_calls_it,
];

/// What podman sets by default needs more rights than root has on some machines that tests run on.
const LIMITS: [&str; 4] = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];

fn bench(job: fn() -> Job) -> Bench {
    needs::program("podman", "podman");
    Bench::with_job(Rules::default().allow("ghs_job"), job)
}

/// A program `docker` that is podman with a storage of its own, which has the image.
fn podman_as_docker(bench: &Bench) -> (TempDir, Engine) {
    let directory = TempDir::new().unwrap();
    let (client, state) = (directory.path().join("docker"), directory.path().display());
    let options = format!("--root {state}/images --runroot {state}/run --storage-driver vfs");
    script::write(&client, &format!("#!/bin/sh\nexec podman {options} \"$@\"\n"));
    let engine = Engine::of_client(client);
    let loaded = engine.docker(&["load", "--quiet", "--input", bench.archive_of(&[&image()]).to_str().unwrap()]);
    assert!(loaded.status.success(), "{}", said(&loaded));
    (directory, engine)
}

/// podman's stand-in for docker's engine, at a socket in the directory of its images; dropping it ends it.
struct Service(Child);

impl Service {
    fn start(podman: &Path, socket: &Path) -> Self {
        let mut command = Command::new(podman);
        command.args(["system", "service", "--time", "0"]).arg(format!("unix://{}", socket.display()));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while UnixStream::connect(socket).is_err() {
            assert!(Instant::now() < deadline, "podman's service does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self(child)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Only a process that has already ended cannot be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(bench: &Bench, engine: &Engine, socket: &Path) -> Run {
    let step = bench.job.container_step(engine, &image()).registry(&bench.door).input("GITHUB_TOKEN", "ghs_job");
    step.container(|action| action.entrypoint("/ghcr-auth").network("host").options(&LIMITS).without_socket(socket)).run()
}

fn podman_of_root_runs_the_action_as_docker_does() {
    let bench = bench(Job::new);
    let (_directory, engine) = podman_as_docker(&bench);
    let run = run(&bench, &engine, &bench.job.temp());
    assert_eq!((run.code, ["push", "logged-in"].map(|name| run.output(name))), (0, ["true", "true"]), "{}", run.log());
    assert!(bench.job.docker_config().is_some());
}

fn dockers_own_client_runs_the_action_on_podmans_socket() {
    let bench = bench(Job::new);
    let (directory, _) = podman_as_docker(&bench);
    let socket = directory.path().join("podman.sock");
    let _service = Service::start(&directory.path().join("docker"), &socket);
    let client = directory.path().join("client");
    let docker = needs::find("docker").unwrap();
    script::write(&client, &format!("#!/bin/sh\nexec {} -H unix://{} \"$@\"\n", docker.display(), socket.display()));
    let run = run(&bench, &Engine::of_client(client), &socket);
    assert_eq!((run.code, ["push", "logged-in"].map(|name| run.output(name))), (0, ["true", "true"]), "{}", run.log());
}

fn podman_makes_no_directory_where_there_is_no_socket() {
    let bench = bench(Job::new);
    let (_directory, engine) = podman_as_docker(&bench);
    let run = run(&bench, &engine, &bench.job.temp().join("docker.sock"));
    assert!(run.code == 125 && run.stderr.contains("docker.sock: no such file or directory"), "{}", run.log());
}

/// The runner gives the client the container's HOME, which podman without root needs for its images.
fn podman_without_root_has_no_home_when_the_runner_calls_it() {
    let bench = bench(Job::of_runner_user);
    let engine = Engine::of_client(needs::find("podman").unwrap());
    let run = run(&bench, &engine, &bench.job.temp());
    assert!(run.code != 0 && run.stderr.contains("cannot resolve /github/home"), "{}", run.log());
}
