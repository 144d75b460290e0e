//! The docker engine, and `docker run` as the runner calls it for a container action.

mod action;
mod job_container;
mod paths;

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::job::{Job, RUNNER_USER};
use crate::needs;

pub use action::ContainerAction;
pub use job_container::JobContainer;

const SOCKET: &str = "/var/run/docker.sock";

/// A running docker engine and its client.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: PathBuf,
}

impl Engine {
    /// The engine of this machine; where none is running the test is ignored.
    pub fn detect() -> Self {
        let engine = Self { docker: needs::program("docker", "docker.io") };
        if !engine.docker(&["info"]).status.success() {
            needs::missing("a running docker engine", ".ci/image");
        }
        engine
    }

    /// The engine that a client reaches, whichever it is.
    pub fn of_client(client: impl Into<PathBuf>) -> Self {
        Self { docker: client.into() }
    }

    /// Whether the image is on this machine.
    pub fn has_image(&self, image: &str) -> bool {
        self.docker(&["image", "inspect", image]).status.success()
    }

    /// Whether a container of that name is there, running or not.
    pub fn has_container(&self, name: &str) -> bool {
        self.docker(&["container", "inspect", name]).status.success()
    }

    /// Runs the client as the current user.
    pub fn docker(&self, args: &[&str]) -> Output {
        let mut command = Command::new(&self.docker);
        command.args(args).stdin(Stdio::null()).output().expect("a client that starts")
    }

    /// A program that the runner's user starts in a later `run:` step: their home, what the job exported, no more.
    pub fn later_step(&self, job: &Job, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", job.user_home());
        command.envs(job.exported()).current_dir(job.workspace()).stdin(Stdio::null());
        Self::as_user_of(job, &mut command);
        command
    }

    /// The runner's user reaches the engine through the group of its socket; a runner of root needs none.
    fn as_user_of(job: &Job, command: &mut Command) {
        if job.owner().is_none() {
            return;
        }
        let group = std::fs::metadata(SOCKET).map_or(RUNNER_USER, |socket| socket.gid());
        command.uid(RUNNER_USER).gid(group);
    }
}

/// A container that has been started.
pub struct Container {
    engine: Engine,
    name: String,
}

impl Container {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Ends and deletes it.
    pub fn remove(&self) {
        self.engine.docker(&["rm", "--force", &self.name]);
    }
}
