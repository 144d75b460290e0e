//! `docker run` with the runner's arguments, in the runner's order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::paths::translated;
use super::{Container, Engine, SOCKET};
use crate::job::Job;

/// What distinguishes a container action from a program on the runner itself.
pub struct ContainerAction<'a> {
    engine: &'a Engine,
    image: String,
    entrypoint: Option<String>,
    network: Option<String>,
    mounts_temp: bool,
    in_pod: bool,
    socket: PathBuf,
    options: Vec<String>,
}

impl<'a> ContainerAction<'a> {
    pub(crate) fn new(engine: &'a Engine, image: &str) -> Self {
        Self {
            engine,
            image: image.into(),
            entrypoint: None,
            network: None,
            mounts_temp: true,
            in_pod: false,
            socket: SOCKET.into(),
            options: Vec::new(),
        }
    }

    /// `runs.entrypoint`.
    #[must_use]
    pub fn entrypoint(mut self, path: &str) -> Self {
        self.entrypoint = Some(path.into());
        self
    }

    /// The network of a job with `container:` or `services:`.
    #[must_use]
    pub fn network(mut self, name: &str) -> Self {
        self.network = Some(name.into());
        self
    }

    /// A runner before 2.331, which does not mount its temporary directory.
    #[must_use]
    pub fn older_runner(mut self) -> Self {
        self.mounts_temp = false;
        self
    }

    /// What an engine without a socket at the usual place mounts there: a directory that it makes.
    #[must_use]
    pub fn without_socket(mut self, empty_directory: &Path) -> Self {
        empty_directory.clone_into(&mut self.socket);
        self
    }

    /// Options that a wrapper of a hardened runner adds.
    #[must_use]
    pub fn options(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(|option| (*option).to_owned()));
        self
    }

    /// The volumes of runner-container-hooks 0.7 instead of the runner's (packages/k8s/src/k8s/utils.ts); the variables
    /// are the runner's all the same.
    #[must_use]
    pub fn in_pod(mut self) -> Self {
        self.in_pod = true;
        self
    }

    /// The client's command line; values of variables travel through its own environment.
    pub(crate) fn start(
        &self,
        job: &Job,
        mut env: BTreeMap<String, String>,
        post: bool,
        args: &[String],
        id: &str,
    ) -> (Command, Container) {
        let mounts = self.mounts(job);
        for value in env.values_mut() {
            *value = translated(value, &mounts);
        }
        let suffix = &id[id.len() - 6..];
        let name = format!("{}_{suffix}", sanitized(&self.image));
        let mut command = Command::new(&self.engine.docker);
        command.args(["run", "--name", &name, "--label", "5c0f3a"]);
        command.args(["--workdir", "/github/workspace", "--rm"]);
        for variable in env.keys() {
            command.args(["-e", variable]);
        }
        command.args(["-e", "GITHUB_ACTIONS=true"]);
        if !env.contains_key("CI") {
            command.args(["-e", "CI=true"]);
        }
        let entrypoint = if post { Some("/ghcr-auth-post") } else { self.entrypoint.as_deref() };
        if let Some(entrypoint) = entrypoint {
            command.args(["--entrypoint", entrypoint]);
        }
        if let Some(network) = &self.network {
            command.args(["--network", network]);
        }
        command.args(&self.options);
        for (host, container) in &self.volumes(job) {
            command.args(["-v", &format!("{}:{container}", host.display())]);
        }
        command.arg(&self.image).args(args);
        command.envs(env).env("GITHUB_ACTIONS", "true").current_dir(job.workspace());
        Engine::as_user_of(job, &mut command);
        (command, Container { engine: self.engine.clone(), name })
    }

    /// What the container really gets.
    fn volumes(&self, job: &Job) -> Vec<(PathBuf, &'static str)> {
        let first = if self.in_pod { (job.work(), "/__w") } else { (self.socket.clone(), SOCKET) };
        let mounts = self.mounts(job).into_iter().filter(|(_, container)| !self.in_pod || *container != "/github/runner_temp");
        std::iter::once(first).chain(mounts).collect()
    }

    /// Host directories and where the container has them, in the runner's order.
    fn mounts(&self, job: &Job) -> Vec<(PathBuf, &'static str)> {
        let temp = self.mounts_temp.then(|| (job.temp(), "/github/runner_temp"));
        let others = [
            (job.home(), "/github/home"),
            (job.workflow(), "/github/workflow"),
            (job.file_commands(), "/github/file_commands"),
            (job.workspace(), "/github/workspace"),
        ];
        temp.into_iter().chain(others).collect()
    }
}

/// The part of a container's name that comes from the image.
fn sanitized(image: &str) -> String {
    let kept = image.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '_');
    kept.collect::<String>().trim_start_matches(|char: char| char.is_ascii_digit()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_containers_name_begins_like_the_image() {
        assert_eq!(sanitized("ghcr-auth:test"), "ghcrauthtest");
        assert_eq!(sanitized("127.0.0.1:5000/x_y"), "x_y");
    }
}
