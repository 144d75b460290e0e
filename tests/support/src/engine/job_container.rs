//! A `run:` step of a job with `container:`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use super::paths::translated;
use super::{Engine, SOCKET};
use crate::job::Job;

/// A shell script in a job container: the runner's mounts, its HOME, and the host's network, where the loopback
/// registry is. Each has a container of its own; the runner keeps one and calls `docker exec`.
pub struct JobContainer<'a> {
    engine: &'a Engine,
    image: String,
    script: String,
}

impl<'a> JobContainer<'a> {
    pub(crate) fn new(engine: &'a Engine, image: &str, script: &str) -> Self {
        Self { engine, image: image.to_owned(), script: script.to_owned() }
    }

    /// The client's command line; values of variables travel through its own environment.
    pub(crate) fn start(&self, job: &Job, mut env: BTreeMap<String, String>) -> Command {
        let mounts = mounts(job);
        for value in env.values_mut() {
            *value = translated(value, &mounts);
        }
        env.insert("HOME".to_owned(), "/github/home".to_owned());
        let mut command = Command::new(&self.engine.docker);
        command.args(["run", "--rm", "--network", "host", "--workdir", "/__w/app/app"]);
        for variable in env.keys() {
            command.args(["-e", variable]);
        }
        for (host, container) in mounts.iter().chain(&[(SOCKET.into(), SOCKET)]) {
            command.args(["-v", &format!("{}:{container}", host.display())]);
        }
        command.args([&self.image, "sh", "-e", "-c", &self.script]);
        command.envs(env).current_dir(job.workspace());
        command
    }
}

impl Engine {
    /// Runs a shell script in a job container, with what the job exported and nothing else.
    pub fn in_job_container(&self, job: &Job, image: &str, script: &str) -> Output {
        let mut command = JobContainer::new(self, image, script).start(job, job.exported());
        command.stdin(Stdio::null()).output().expect("a client that starts")
    }
}

/// Host directories and where the container has them; the runner looks at the last one first.
fn mounts(job: &Job) -> [(PathBuf, &'static str); 3] {
    [(job.work(), "/__w"), (job.home(), "/github/home"), (job.workflow(), "/github/workflow")]
}
