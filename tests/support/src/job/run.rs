//! A started stage and what it leaves.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Job;
use super::step::COMMAND_FILES;
use crate::command_file;
use crate::engine::Container;

/// How often a running stage is asked whether it has ended.
const POLL: Duration = Duration::from_millis(2);

/// A stage that has ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// The exit code; 128 and the signal's number where a signal ended it.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// `GITHUB_OUTPUT`.
    pub outputs: BTreeMap<String, String>,
    /// `GITHUB_ENV`.
    pub env: BTreeMap<String, String>,
    /// `GITHUB_STATE`.
    pub state: BTreeMap<String, String>,
    /// `GITHUB_STEP_SUMMARY`.
    pub summary: String,
    /// The text of each command file, by variable name: `GITHUB_OUTPUT`, ...
    pub raw: BTreeMap<String, String>,
    /// Why the runner would fail the step over a command file.
    pub errors: Vec<String>,
    /// From the start of the process to its end.
    pub seconds: f64,
    /// The most memory that was seen resident, in KiB; 0 where it ended before it was looked at.
    pub peak_kib: u64,
}

impl Run {
    /// What a reader of the log sees: both streams without the commands that mask a value.
    pub fn log(&self) -> String {
        let lines = self.stdout.lines().chain(self.stderr.lines());
        let shown = lines.filter(|line| !line.trim_start().starts_with("::add-mask::"));
        shown.collect::<Vec<_>>().join("\n")
    }

    /// The output of that name, empty when it was not written.
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Asserts some outputs at once, and what no outputs may ever say.
    #[track_caller]
    pub fn assert_outputs(&self, expected: &[(&str, &str)]) {
        let actual: Vec<_> = expected.iter().map(|(name, _)| (*name, self.output(name))).collect();
        assert_eq!(actual, expected, "{}", self.log());
        assert!(self.errors.is_empty(), "{:?}", self.errors);
        for name in ["push", "pull", "logged-in"] {
            assert!(matches!(self.output(name), "true" | "false"), "{name} is {:?}", self.output(name));
        }
        assert!(self.output("push") == "false" || self.output("pull") == "true");
        // What everybody may pull needs none.
        assert!(self.output("pull") == "true" || self.output("credential").is_empty());
        assert!(self.output("push") == "false" || !self.output("credential").is_empty());
        let message = self.output("message");
        assert!(!message.is_empty() && !message.contains(['\n', '\r']), "{message:?}");
        let report: serde_json::Value = serde_json::from_str(self.output("report")).expect("the report is JSON");
        assert_eq!((report["push"].to_string(), report["reason"].as_str()), (self.output("push").to_owned(), Some(self.output("reason"))));
    }

    /// Everything but the masks: log, summary and command files.
    pub fn everything_shown(&self) -> String {
        let files = self.raw.values().cloned();
        std::iter::once(self.log()).chain(files).collect::<Vec<_>>().join("\n")
    }
}

/// A stage that is running.
pub struct Running<'a> {
    job: &'a Job,
    id: String,
    child: Child,
    container: Option<Container>,
    started: Instant,
    peak_kib: u64,
}

impl<'a> Running<'a> {
    pub(super) fn start(job: &'a Job, id: String, mut command: Command, container: Option<Container>) -> Self {
        let log = |stream: &str| std::fs::File::create(job.log(&format!("{stream}_{id}"))).expect("a new log file");
        command.stdin(Stdio::null()).stdout(log("stdout")).stderr(log("stderr"));
        let started = Instant::now();
        let child = command.spawn().expect("a program that starts");
        Self { job, id, child, container, started, peak_kib: 0 }
    }

    /// The id of the process: the program, or the docker client of a container action.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The name of the container, for a container action.
    pub fn container_name(&self) -> Option<String> {
        self.container.as_ref().map(|container| container.name().to_owned())
    }

    /// Sends SIGINT, the runner's first signal to a cancelled step.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Sends SIGTERM, the runner's second signal.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGKILL, the runner's last signal.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a running child");
    }

    /// Waits until standard output contains `text`; `false` when it does not within `limit`.
    pub fn wait_for_output(&self, text: &str, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        loop {
            if self.read_log("stdout").contains(text) {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(POLL);
        }
    }

    /// Waits for the end and processes the command files, as the runner does whatever the exit code.
    ///
    /// # Panics
    ///
    /// When it still runs after `limit`; it is then killed.
    pub fn wait(mut self, limit: Duration) -> Run {
        let deadline = self.started.max(Instant::now()) + limit;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                break status;
            }
            if Instant::now() >= deadline {
                self.abandon();
            }
            self.look_at_memory();
            std::thread::sleep(POLL);
        };
        let run = self.collect(status);
        self.job.remember(&run);
        run
    }

    /// The kernel's own high-water mark (proc(5), `VmHWM`), as far as it had come.
    fn look_at_memory(&mut self) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        if !status.starts_with("Name:\tghcr-auth\n") {
            // Until it is the program, the memory is still that of this process.
            return;
        }
        let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        self.peak_kib = self.peak_kib.max(mark.unwrap_or_default());
    }

    fn abandon(&mut self) -> ! {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(container) = &self.container {
            container.remove();
        }
        panic!("still running after the limit:\n{}{}", self.read_log("stdout"), self.read_log("stderr"));
    }

    fn collect(&self, status: ExitStatus) -> Run {
        let seconds = self.started.elapsed().as_secs_f64();
        let signalled = || 128 + status.signal().unwrap_or_default();
        let raw: BTreeMap<String, String> =
            COMMAND_FILES.iter().map(|(variable, prefix)| ((*variable).to_owned(), self.command_file(prefix))).collect();
        let mut errors = Vec::new();
        let mut values = |variable: &str| {
            let (values, error) = command_file::parse_prefix(&raw[variable]);
            errors.extend(error.map(|error| format!("{variable}: {error}")));
            values
        };
        let (env, state, outputs) = (values("GITHUB_ENV"), values("GITHUB_STATE"), values("GITHUB_OUTPUT"));
        if outputs.contains_key("") {
            errors.push("GITHUB_OUTPUT: an output without a name".to_owned());
        }
        Run {
            code: status.code().unwrap_or_else(signalled),
            stdout: self.read_log("stdout"),
            stderr: self.read_log("stderr"),
            summary: raw["GITHUB_STEP_SUMMARY"].clone(),
            outputs,
            env,
            state,
            raw,
            errors,
            seconds,
            peak_kib: self.peak_kib,
        }
    }

    fn command_file(&self, prefix: &str) -> String {
        read(&self.job.file_commands().join(format!("{prefix}{}", self.id)))
    }

    fn read_log(&self, stream: &str) -> String {
        read(&self.job.log(&format!("{stream}_{}", self.id)))
    }
}

/// A file as text; a deleted one is empty, as it is for the runner.
fn read(path: &std::path::Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
