//! One stage of a step, from what the workflow says to a started process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::variables::{default_inputs, display, input_variable, run_step_variables, runner_variables};
use super::{Job, PATIENCE, Run, Running};
use crate::engine::{Container, ContainerAction, Engine, JobContainer};
use crate::event::Event;
use crate::front_door::FrontDoor;
use crate::host_action::HostAction;

/// The command files of a stage: the variable that names each, and the file's prefix.
pub(super) const COMMAND_FILES: [(&str, &str); 7] = [
    ("GITHUB_PATH", "add_path_"),
    ("GITHUB_ENV", "set_env_"),
    ("GITHUB_STEP_SUMMARY", "step_summary_"),
    ("GITHUB_STATE", "save_state_"),
    ("GITHUB_OUTPUT", "set_output_"),
    ("GITHUB_ARTIFACTS", "artifacts_"),
    ("GITHUB_ARTIFACTS_LIST", "artifacts_list_"),
];

/// A stage that has not started yet.
pub struct Step<'a> {
    job: &'a Job,
    program: Program<'a>,
    post: bool,
    event: Event,
    event_file: EventFile,
    inputs: BTreeMap<String, String>,
    env: BTreeMap<String, Option<String>>,
    /// Inputs that are not text, by their variable.
    raw_inputs: BTreeMap<String, OsString>,
    args: Vec<String>,
}

/// What event.json holds.
enum EventFile {
    Absent,
    Bytes(Vec<u8>),
    /// The event's own payload.
    Payload,
}

enum Program<'a> {
    /// A container action without its container.
    Host(PathBuf),
    Container(ContainerAction<'a>),
    /// The action of `host/`.
    InHome(&'a HostAction),
    /// A `run:` step.
    ByHand(PathBuf),
    InJobContainer(JobContainer<'a>),
}

impl Program<'_> {
    fn is_action(&self) -> bool {
        matches!(self, Self::Host(_) | Self::InHome(_) | Self::Container(_))
    }

    /// Whether its home is that of the runner's user.
    fn is_at_home(&self) -> bool {
        !matches!(self, Self::Host(_) | Self::Container(_))
    }
}

impl<'a> Step<'a> {
    pub(super) fn on_host(job: &'a Job, binary: &Path) -> Self {
        Self::new(job, Program::Host(binary.to_owned()))
    }

    pub(super) fn in_home(job: &'a Job, action: &'a HostAction) -> Self {
        Self::new(job, Program::InHome(action))
    }

    pub(super) fn by_hand(job: &'a Job, binary: &Path) -> Self {
        Self::new(job, Program::ByHand(binary.to_owned()))
    }

    pub(super) fn in_job_container(job: &'a Job, engine: &'a Engine, image: &str, script: &str) -> Self {
        Self::new(job, Program::InJobContainer(JobContainer::new(engine, image, script)))
    }

    pub(super) fn in_container(job: &'a Job, engine: &'a Engine, image: &str) -> Self {
        Self::new(job, Program::Container(ContainerAction::new(engine, image)))
    }

    fn new(job: &'a Job, program: Program<'a>) -> Self {
        Self {
            job,
            program,
            post: false,
            event: Event::push(),
            event_file: EventFile::Payload,
            inputs: BTreeMap::new(),
            env: BTreeMap::new(),
            raw_inputs: BTreeMap::new(),
            args: Vec::new(),
        }
    }

    /// The event of the run; a push without this.
    #[must_use]
    pub fn event(mut self, event: &Event) -> Self {
        self.event = event.clone();
        self
    }

    /// event.json with exactly these bytes.
    #[must_use]
    pub fn raw_event(mut self, bytes: &[u8]) -> Self {
        self.event_file = EventFile::Bytes(bytes.to_vec());
        self
    }

    /// No event.json.
    #[must_use]
    pub fn no_event(mut self) -> Self {
        self.event_file = EventFile::Absent;
        self
    }

    /// An input under `with:`.
    #[must_use]
    pub fn input(mut self, name: &str, value: &str) -> Self {
        self.inputs.insert(input_variable(name), value.into());
        self
    }

    /// An input of any bytes; on this machine only, since a container's variables go through a command line.
    #[must_use]
    pub fn raw_input(mut self, name: &str, value: &[u8]) -> Self {
        self.raw_inputs.insert(input_variable(name), OsString::from_vec(value.to_vec()));
        self
    }

    /// The registry and GitHub's REST API are behind this front door.
    #[must_use]
    pub fn registry(self, door: &FrontDoor) -> Self {
        self.input("registry", door.host()).env("GITHUB_API_URL", &door.url())
    }

    /// A variable, whatever the runner itself would give.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.into(), Some(value.into()));
        self
    }

    /// No such variable, whatever the runner itself would give.
    #[must_use]
    pub fn remove_env(mut self, name: &str) -> Self {
        self.env.insert(name.into(), None);
        self
    }

    /// Arguments of the program.
    #[must_use]
    pub fn args(mut self, args: &[&str]) -> Self {
        self.args = args.iter().map(|arg| (*arg).to_owned()).collect();
        self
    }

    /// The post stage instead of the main one.
    #[must_use]
    pub fn post(mut self) -> Self {
        self.post = true;
        self
    }

    /// Changes what only a container action has.
    #[must_use]
    pub fn container(mut self, change: impl FnOnce(ContainerAction<'a>) -> ContainerAction<'a>) -> Self {
        if let Program::Container(action) = self.program {
            self.program = Program::Container(change(action));
        }
        self
    }

    /// Runs the stage to its end.
    pub fn run(self) -> Run {
        self.spawn().wait(PATIENCE)
    }

    /// Starts the stage.
    pub fn spawn(self) -> Running<'a> {
        let id = unique_id();
        self.write_event(&id);
        for (_, prefix) in COMMAND_FILES {
            self.job.create_file(&self.job.file_commands().join(format!("{prefix}{id}")), b"");
        }
        let (command, container) = self.command(&id);
        Running::start(self.job, id, command, container)
    }

    fn command(&self, id: &str) -> (Command, Option<Container>) {
        let env = self.environment(id);
        match &self.program {
            Program::Host(binary) | Program::ByHand(binary) => (self.host_command(binary, &[], env), None),
            Program::InHome(action) => (self.host_command(action.node(), &[action.script(self.post)], env), None),
            Program::InJobContainer(container) => (container.start(self.job, env), None),
            Program::Container(action) => {
                let (command, container) = action.start(self.job, env, self.post, &self.args, id);
                (command, Some(container))
            }
        }
    }

    fn host_command(&self, binary: &Path, scripts: &[PathBuf], env: BTreeMap<String, String>) -> Command {
        let mut command = Command::new(binary);
        command.args(scripts);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(env).envs(&self.raw_inputs);
        command.args(&self.args).current_dir(self.job.workspace());
        if self.post && scripts.is_empty() {
            command.arg0("ghcr-auth-post");
        }
        if let Some(user) = self.job.owner {
            command.uid(user).gid(user);
        }
        command
    }

    /// The variables in the runner's order, later ones winning.
    fn environment(&self, id: &str) -> BTreeMap<String, String> {
        let mut env = self.job.exported();
        env.extend(self.job.state().into_iter().map(|(name, value)| (format!("STATE_{name}"), value)));
        if self.program.is_action() {
            env.extend(default_inputs(self.job, &self.event));
        }
        env.extend(self.event.env.clone());
        env.extend(self.inputs.clone());
        env.extend(runner_variables(self.job));
        if !self.program.is_action() {
            env.extend(run_step_variables());
        }
        if self.program.is_at_home() {
            env.insert("HOME".into(), display(&self.job.user_home()));
        }
        for (variable, prefix) in COMMAND_FILES {
            env.insert(variable.into(), display(&self.job.file_commands().join(format!("{prefix}{id}"))));
        }
        if !matches!(self.program, Program::Container(_)) {
            // `docker run` gets these two as arguments.
            env.extend(["GITHUB_ACTIONS", "CI"].map(|name| (name.to_owned(), "true".to_owned())));
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => env.insert(name.clone(), value.clone()),
                None => env.remove(name),
            };
        }
        env
    }

    /// Writes event.json; renamed, because another step of the job may be reading the old one.
    fn write_event(&self, id: &str) {
        let path = self.job.workflow().join("event.json");
        let content = match &self.event_file {
            EventFile::Absent => return remove_file(&path),
            EventFile::Bytes(bytes) => bytes.clone(),
            EventFile::Payload => serde_json::to_vec_pretty(&self.event.payload).expect("JSON is writable"),
        };
        let draft = self.job.workflow().join(id);
        self.job.create_file(&draft, &content);
        std::fs::rename(draft, path).expect("a renamed file");
    }
}

fn remove_file(path: &Path) {
    let removed = std::fs::remove_file(path);
    assert!(removed.is_ok() || !path.exists(), "event.json cannot be removed");
}

/// Names that no other stage of any test process has.
fn unique_id() -> String {
    static STAGES: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos());
    let stage = STAGES.fetch_add(1, Ordering::Relaxed);
    format!("{now:024x}{:08x}{stage:08x}", std::process::id())
}
