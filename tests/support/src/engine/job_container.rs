//! A `run:` step of a job with `container:`.

use std::process::Output;

use super::Engine;
use super::paths::translated;
use crate::job::Job;

impl Engine {
    /// Runs a shell script in a job container: the runner's mounts, its HOME, and what the job exported.
    pub fn in_job_container(&self, job: &Job, image: &str, script: &str) -> Output {
        // The runner looks at the last one first.
        let mounts = [(job.work(), "/__w"), (job.home(), "/github/home"), (job.workflow(), "/github/workflow")];
        let mut args = ["run", "--rm", "--workdir", "/__w/app/app"].map(str::to_owned).to_vec();
        args.extend(["-e", "HOME=/github/home"].map(str::to_owned));
        for (name, value) in job.exported() {
            args.extend(["-e".to_owned(), format!("{name}={}", translated(&value, &mounts))]);
        }
        for (host, container) in &mounts {
            args.extend(["-v".to_owned(), format!("{}:{container}", host.display())]);
        }
        args.extend([image, "sh", "-c", script].map(str::to_owned));
        self.docker(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }
}
