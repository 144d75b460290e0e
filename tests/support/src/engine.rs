//! The docker engine, and `docker run` as the runner calls it for a container action.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::job::{Job, RUNNER_USER};
use crate::needs;

const SOCKET: &str = "/var/run/docker.sock";

/// A running docker engine and its client.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: PathBuf,
}

impl Engine {
    /// The engine of this machine, if one is running.
    pub fn detect() -> Option<Self> {
        let engine = Self {
            docker: needs::find("docker")?,
        };
        engine.docker(&["info"]).status.success().then_some(engine)
    }

    /// Whether the image is on this machine.
    pub fn has_image(&self, image: &str) -> bool {
        self.docker(&["image", "inspect", image]).status.success()
    }

    /// Runs the client as the current user.
    pub fn docker(&self, args: &[&str]) -> Output {
        let mut command = Command::new(&self.docker);
        command
            .args(args)
            .stdin(Stdio::null())
            .output()
            .expect("a client that starts")
    }

    /// A program that the runner's user starts in a later `run:` step: its home, what the job exported, no more.
    pub fn later_step(&self, job: &Job, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", "/home/runner");
        command
            .envs(job.exported())
            .current_dir(job.workspace())
            .stdin(Stdio::null());
        Self::as_runner_user(&mut command);
        command
    }

    /// The runner's user reaches the engine through the group of its socket.
    fn as_runner_user(command: &mut Command) {
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
    /// Ends and deletes it.
    pub fn remove(&self) {
        self.engine.docker(&["rm", "--force", &self.name]);
    }
}

/// What distinguishes a container action from a program on the runner itself.
pub struct ContainerAction<'a> {
    engine: &'a Engine,
    image: String,
    entrypoint: Option<String>,
    network: Option<String>,
    mounts_temp: bool,
}

impl<'a> ContainerAction<'a> {
    pub(crate) fn new(engine: &'a Engine, image: &str) -> Self {
        Self {
            engine,
            image: image.into(),
            entrypoint: None,
            network: None,
            mounts_temp: true,
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
        let entrypoint = if post {
            Some("/ghcr-auth-post")
        } else {
            self.entrypoint.as_deref()
        };
        if let Some(entrypoint) = entrypoint {
            command.args(["--entrypoint", entrypoint]);
        }
        if let Some(network) = &self.network {
            command.args(["--network", network]);
        }
        command.args(["-v", &format!("{SOCKET}:{SOCKET}")]);
        for (host, container) in &mounts {
            command.args(["-v", &format!("{}:{container}", host.display())]);
        }
        command.arg(&self.image).args(args);
        command
            .envs(env)
            .env("GITHUB_ACTIONS", "true")
            .current_dir(job.workspace());
        Engine::as_runner_user(&mut command);
        (
            command,
            Container {
                engine: self.engine.clone(),
                name,
            },
        )
    }

    /// Host directories and where the container has them, in the runner's order.
    fn mounts(&self, job: &Job) -> Vec<(PathBuf, &'static str)> {
        let temp = self
            .mounts_temp
            .then(|| (job.temp(), "/github/runner_temp"));
        let others = [
            (job.home(), "/github/home"),
            (job.workflow(), "/github/workflow"),
            (job.file_commands(), "/github/file_commands"),
            (job.workspace(), "/github/workspace"),
        ];
        temp.into_iter().chain(others).collect()
    }
}

/// A host path as the container has it: the last mount that is the path or a parent of it decides.
fn translated(value: &str, mounts: &[(PathBuf, &'static str)]) -> String {
    let inside = |(host, container): &(PathBuf, &'static str)| {
        let rest = value.strip_prefix(host.to_str()?)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{container}{rest}"))
    };
    mounts
        .iter()
        .rev()
        .find_map(inside)
        .unwrap_or_else(|| value.to_owned())
}

/// The part of a container's name that comes from the image.
fn sanitized(image: &str) -> String {
    let kept = image
        .chars()
        .filter(|char| char.is_ascii_alphanumeric() || *char == '_');
    kept.collect::<String>()
        .trim_start_matches(|char: char| char.is_ascii_digit())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_paths_are_translated_and_the_deepest_mount_first() {
        let mounts = [
            (PathBuf::from("/work/_temp"), "/github/runner_temp"),
            (PathBuf::from("/work/_temp/_github_home"), "/github/home"),
        ];
        let rows = [
            ("/work/_temp", "/github/runner_temp"),
            ("/work/_temp/x", "/github/runner_temp/x"),
            ("/work/_temp/_github_home/.docker", "/github/home/.docker"),
            ("/work/_temporary", "/work/_temporary"),
            ("host:/work/_temp", "host:/work/_temp"),
            ("/work", "/work"),
        ];
        for (host, container) in rows {
            assert_eq!(translated(host, &mounts), container);
        }
    }

    #[test]
    fn a_containers_name_begins_like_the_image() {
        assert_eq!(sanitized("ghcr-auth:test"), "ghcrauthtest");
        assert_eq!(sanitized("127.0.0.1:5000/x_y"), "x_y");
    }
}
