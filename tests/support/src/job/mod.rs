//! One job on a runner: its directories, and what its steps leave for later ones.

mod run;
mod step;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::engine::Engine;
use crate::host_action::HostAction;

pub use run::{Run, Running};
pub use step::Step;

/// How long anything may take that does not wait for ever: only a test that hangs ends by it, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// The user of a GitHub-hosted runner: no mounted directory belongs to root.
pub const RUNNER_USER: u32 = 1001;

/// `$ROOT/work/{_temp/{_github_home,_github_workflow,_runner_file_commands},app/app}` and `$ROOT/user`, removed on drop.
pub struct Job {
    root: TempDir,
    owner: Option<u32>,
    /// What earlier steps wrote to `GITHUB_ENV`.
    exported: Mutex<BTreeMap<String, String>>,
    /// What earlier stages of the current step wrote to `GITHUB_STATE`.
    state: Mutex<BTreeMap<String, String>>,
}

impl Job {
    /// A job of the current user.
    #[expect(clippy::new_without_default, reason = "it creates directories")]
    pub fn new() -> Self {
        Self::create("ghcr-auth-job-", None)
    }

    /// A job of the runner's user, as containers meet it; needs root.
    pub fn of_runner_user() -> Self {
        Self::create("ghcr-auth-job-", Some(RUNNER_USER))
    }

    /// Whether this process may create [such a job](Self::of_runner_user).
    pub fn can_be_of_runner_user() -> bool {
        rustix::process::geteuid().is_root()
    }

    /// The same at a path with a blank.
    pub fn with_blank_in_path() -> Self {
        Self::create("ghcr auth job ", Some(RUNNER_USER))
    }

    fn create(prefix: &str, owner: Option<u32>) -> Self {
        let root = tempfile::Builder::new().prefix(prefix).tempdir().expect("a temporary directory");
        let job = Self { root, owner, exported: Mutex::default(), state: Mutex::default() };
        job.adopt(job.root.path());
        for path in ["logs", "user", "work", "work/_temp", "work/app", "work/app/app"] {
            job.create_directory(&job.root.path().join(path));
        }
        for directory in [job.home(), job.workflow(), job.file_commands()] {
            job.create_directory(&directory);
        }
        job
    }

    /// Prepares a stage of a step that runs `binary` on this machine.
    pub fn step(&self, binary: impl AsRef<Path>) -> Step<'_> {
        Step::on_host(self, binary.as_ref())
    }

    /// Prepares a stage of the action in `host/`: node starts its scripts, in the home of the runner's user.
    pub fn host_step<'a>(&'a self, action: &'a HostAction) -> Step<'a> {
        Step::in_home(self, action)
    }

    /// Prepares a `run:` step that starts `binary`: its inputs are what the step's `env` has, and it has no post stage.
    pub fn run_step(&self, binary: impl AsRef<Path>) -> Step<'_> {
        Step::by_hand(self, binary.as_ref())
    }

    /// Prepares a `run:` step of a job with `container:`, with a shell script.
    pub fn run_step_in_container<'a>(&'a self, engine: &'a Engine, image: &str, script: &str) -> Step<'a> {
        Step::in_job_container(self, engine, image, script)
    }

    /// Prepares a stage of a container action.
    pub fn container_step<'a>(&'a self, engine: &'a Engine, image: &str) -> Step<'a> {
        Step::in_container(self, engine, image)
    }

    /// The runner's work directory, `/__w` in a job container.
    pub fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// The runner's temporary directory, `runner.temp`.
    pub fn temp(&self) -> PathBuf {
        self.work().join("_temp")
    }

    /// The home directory of the runner's user, which `run:` steps on the machine itself have.
    pub fn user_home(&self) -> PathBuf {
        self.root.path().join("user")
    }

    /// The home directory of container actions.
    pub fn home(&self) -> PathBuf {
        self.temp().join("_github_home")
    }

    /// The directory of event.json.
    pub fn workflow(&self) -> PathBuf {
        self.temp().join("_github_workflow")
    }

    /// The directory of `GITHUB_OUTPUT` and its like.
    pub fn file_commands(&self) -> PathBuf {
        self.temp().join("_runner_file_commands")
    }

    /// `github.workspace`.
    pub fn workspace(&self) -> PathBuf {
        self.work().join("app/app")
    }

    /// The docker config.json in the home directory of container actions, if it is there.
    pub fn docker_config(&self) -> Option<Value> {
        let text = std::fs::read(self.home().join(".docker/config.json")).ok()?;
        Some(serde_json::from_slice(&text).expect("config.json is JSON"))
    }

    /// What earlier steps wrote to `GITHUB_ENV`.
    pub fn exported(&self) -> BTreeMap<String, String> {
        self.exported.lock().expect("no thread panics while it exports").clone()
    }

    /// Exports a variable as an earlier step would.
    pub fn export(&self, name: &str, value: &str) {
        let mut exported = self.exported.lock().expect("no thread panics while it exports");
        exported.insert(name.into(), value.into());
    }

    /// What the stages of the current step saved; the next stage then starts another step.
    pub fn take_state(&self) -> BTreeMap<String, String> {
        std::mem::take(&mut *self.state.lock().expect("no thread panics while it saves"))
    }

    /// Makes the next stage one of the step that saved this.
    pub fn set_state(&self, state: BTreeMap<String, String>) {
        *self.state.lock().expect("no thread panics while it saves") = state;
    }

    /// Drops what the current step saved.
    pub fn forget_state(&self) {
        drop(self.take_state());
    }

    /// Every file below the work directory, for a search for what is left.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut directories = vec![self.work()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(&directory).expect("a readable directory") {
                let entry = entry.expect("a readable entry");
                let is_directory = entry.file_type().expect("a file type").is_dir();
                if is_directory { &mut directories } else { &mut files }.push(entry.path());
            }
        }
        files.sort();
        files
    }

    pub(crate) fn owner(&self) -> Option<u32> {
        self.owner
    }

    fn log(&self, name: &str) -> PathBuf {
        self.root.path().join("logs").join(name)
    }

    fn state(&self) -> BTreeMap<String, String> {
        self.state.lock().expect("no thread panics while it saves").clone()
    }

    fn remember(&self, run: &Run) {
        let exported = run.env.iter().filter(|(name, _)| *name != "NODE_OPTIONS");
        let exported = exported.map(|(name, value)| (name.clone(), value.clone()));
        self.exported.lock().expect("no thread panics while it exports").extend(exported);
        self.state.lock().expect("no thread panics while it saves").extend(run.state.clone());
    }

    fn create_directory(&self, path: &Path) {
        std::fs::create_dir(path).expect("a new directory");
        self.adopt(path);
    }

    fn create_file(&self, path: &Path, content: &[u8]) {
        std::fs::write(path, content).expect("a written file");
        self.adopt(path);
    }

    fn adopt(&self, path: &Path) {
        if let Some(owner) = self.owner {
            std::os::unix::fs::chown(path, Some(owner), Some(owner)).expect("root may give files away");
        }
    }
}
