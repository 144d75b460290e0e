//! One run of a workflow under nektos/act, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ghcr_auth_testbed::event::Event;
use ghcr_auth_testbed::images;
use serde_json::Value;
use tempfile::TempDir;

use crate::examples::scene::Scene;
use crate::examples::world::JOB_IMAGE;

/// Variables of the event that act does not set.
const MISSING_IN_ACT: [&str; 5] =
    ["GITHUB_ACTOR_ID", "GITHUB_REF_PROTECTED", "GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER_ID", "GITHUB_TRIGGERING_ACTOR"];

/// What the action takes act for.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Runner {
    /// What it is.
    Act,
    /// The same in host mode: `run:` steps are this machine's processes, and only container actions are in containers.
    ActOnHost,
    /// GitHub's: its variables, its shared directories, and no `ACT`.
    Hosted,
    /// The same on a machine of one's own.
    SelfHosted,
}

pub(crate) struct Act<'a> {
    scene: &'a Scene,
    runner: Runner,
    event: Event,
    secrets: Vec<(String, String)>,
    variables: Vec<(String, String)>,
    mounts_cache: bool,
}

impl<'a> Act<'a> {
    pub(crate) fn new(scene: &'a Scene, runner: Runner) -> Self {
        Self { scene, runner, event: Event::push(), secrets: Vec::new(), variables: Vec::new(), mounts_cache: false }
    }

    pub(crate) fn event(mut self, event: Event) -> Self {
        self.event = event;
        self
    }

    /// A secret; `GITHUB_TOKEN` is the job's token.
    pub(crate) fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.push((name.into(), value.into()));
        self
    }

    /// A variable of the repository.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// With the option that docs/runners.md has for host mode.
    pub(crate) fn mounting_its_cache(mut self) -> Self {
        self.mounts_cache = true;
        self
    }

    pub(crate) fn run(self) -> Run {
        let files = tempfile::Builder::new().prefix("ghcr-auth-act-").tempdir().unwrap();
        let output = self.command(&files).output().unwrap();
        let log = String::from_utf8(output.stdout).unwrap();
        let entries = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line))).collect();
        Run { succeeded: output.status.success(), entries, stderr: String::from_utf8_lossy(&output.stderr).into_owned() }
    }

    fn command(&self, files: &TempDir) -> Command {
        let directory = |name: &str| created(files.path().join(name));
        let event = files.path().join("event.json");
        std::fs::write(&event, self.event.payload.to_string()).unwrap();
        let pairs = |pairs: &[(String, String)]| pairs.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>();
        std::fs::write(files.path().join("variables"), pairs(&self.variables)).unwrap();

        let mut act = Command::new("act");
        act.arg(&self.event.name).args(["--json", "--rm", "--pull=false", "--action-offline-mode", "--no-cache-server"]);
        act.args(["--concurrent-jobs=1", "--strict", "--actor=alice", "--github-instance", self.scene.server()]);
        act.arg("--directory").arg(self.scene.repository.path()).arg("--workflows").arg(self.scene.workflow());
        act.arg("--eventpath").arg(event).arg("--action-cache-path").arg(directory("cache"));
        act.arg("--var-file").arg(files.path().join("variables"));
        for (name, _) in &self.secrets {
            act.args(["-s", name]);
        }
        let job = if self.runner == Runner::ActOnHost { "-self-hosted" } else { JOB_IMAGE };
        for label in ["ubuntu-latest", "ubuntu-24.04-arm", "ubuntu-slim", "self-hosted", "arc-runners"] {
            act.arg("--platform").arg(format!("{label}={job}"));
        }
        act.args(["--container-daemon-socket", &self.scene.world.engine()]);
        act.args(["--container-options", &self.options(files)]);
        for replacement in self.replacements(&directory("ghcr-auth")) {
            act.args(["--local-repository", &replacement]);
        }
        act.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", directory("home"));
        act.envs(self.secrets.iter().cloned()).env("DOCKER_HOST", self.scene.world.engine()).stdin(Stdio::null());
        act
    }

    /// `--container-options`.
    fn options(&self, files: &TempDir) -> String {
        let cache = created(files.path().join("cache"));
        match (self.runner, self.mounts_cache) {
            (Runner::ActOnHost, true) => format!("{} -v {1}:{1}", self.mounts_of_machine(), cache.display()),
            (Runner::ActOnHost, false) => self.mounts_of_machine(),
            (Runner::Act | Runner::Hosted | Runner::SelfHosted, _) => self.mounts(&created(files.path().join("temp"))),
        }
    }

    /// What every container sees: this machine's programs, the stand-ins, and the CA of the front door.
    fn mounts_of_machine(&self) -> String {
        let ca = self.scene.world.ca();
        let ca = ca.display();
        let stand_ins = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/examples/stand-ins");
        format!("-v /usr:/usr:ro -v '{stand_ins}:/opt/stand-ins:ro' -v '{ca}:/etc/ssl/certs/ca-certificates.crt:ro'")
    }

    /// The same, and on a runner its temporary directory, where container actions have their home.
    fn mounts(&self, temp: &Path) -> String {
        let mut mounts = self.mounts_of_machine();
        if self.runner != Runner::Act {
            let home = created(temp.join("_github_home"));
            mounts += &format!(" -v '{}:/tmp' -v '{}:/github/home'", temp.display(), home.display());
        }
        mounts
    }

    /// `--local-repository` for each action: ours with the tested programs, stand-ins for the others.
    fn replacements(&self, ours: &Path) -> Vec<String> {
        std::fs::write(ours.join("action.yml"), self.action()).unwrap();
        self.write_host_action(&created(ours.join("host")));
        let text = self.scene.text();
        let uses: BTreeSet<_> = text.lines().filter_map(|line| line.split_once("uses: ")?.1.split(' ').next()).collect();
        let others = uses.into_iter().filter(|uses| !uses.starts_with("./") && !uses.starts_with("actions/checkout@"));
        let replacement = |uses: &str| {
            let (path, version) = uses.split_once('@').unwrap();
            let parts: Vec<_> = path.split('/').collect();
            let (repository, inside) = (parts[..2].join("/"), &parts[2..]);
            let directory = if repository == "org/ghcr-auth" { ours.to_owned() } else { stand_in(&repository) };
            let inside: PathBuf = inside.iter().collect();
            assert!(directory.join(&inside).is_file() || directory.join(inside).join("action.yml").is_file(), "no stand-in for {uses}");
            format!("{repository}@{version}={}", directory.display())
        };
        others.map(replacement).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Variables that a runner has and act has not.
    fn variables(&self) -> BTreeMap<&'static str, &str> {
        let mut variables = BTreeMap::from([("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")]);
        if matches!(self.runner, Runner::Hosted | Runner::SelfHosted) {
            let environment = if self.runner == Runner::Hosted { "github-hosted" } else { "self-hosted" };
            variables.extend([("ACT", ""), ("RUNNER_ENVIRONMENT", environment)]);
            variables.extend(MISSING_IN_ACT.map(|name| (name, self.event.env[name].as_str())));
        }
        variables
    }

    /// Our action.yml with the tested image and these variables.
    fn action(&self) -> String {
        let released = include_str!("../../action.yml");
        let mut variables = self.variables();
        if variables.len() > 1 {
            variables.insert("HOME", "/github/home");
        }
        let variables: String = variables.iter().map(|(name, value)| format!("    {name}: '{value}'\n")).collect();
        let tested = format!("  image: docker://{}\n  env:\n{variables}", images::tested());
        assert!(released.contains("  image: Dockerfile\n"));
        released.replace("  image: Dockerfile\n", &tested)
    }

    /// The action of `host/` as a release has it, with these variables set by its script: an action.yml can give none to node.
    fn write_host_action(&self, directory: &Path) {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("host");
        let script = std::fs::read_to_string(source.join("main.js")).unwrap();
        let variables = serde_json::to_string(&self.variables()).unwrap();
        std::fs::write(directory.join("main.js"), format!("Object.assign(process.env, {variables});\n{script}")).unwrap();
        for file in ["action.yml", "post.js"] {
            std::fs::copy(source.join(file), directory.join(file)).unwrap();
        }
        std::fs::copy(crate::binary(), directory.join(format!("ghcr-auth-{}", std::env::consts::ARCH))).unwrap();
    }
}

fn stand_in(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/actions").join(name.replace('/', "-"))
}

fn created(path: PathBuf) -> PathBuf {
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A run that has ended.
pub(crate) struct Run {
    succeeded: bool,
    entries: Vec<Value>,
    stderr: String,
}

impl Run {
    /// Asserts that the whole run is green.
    #[track_caller]
    pub(crate) fn assert_green(&self) {
        assert!(self.succeeded, "{}", self.log());
    }

    #[track_caller]
    pub(crate) fn assert_red(&self) {
        assert!(!self.succeeded, "{}", self.log());
    }

    /// The outputs of the step with this id, of all jobs.
    pub(crate) fn outputs(&self, step: &str) -> BTreeMap<String, String> {
        let commands = self.of_step(step).filter(|entry| entry["command"] == "set-output");
        commands.map(|entry| (text(&entry["name"]), text(&entry["arg"]))).collect()
    }

    #[track_caller]
    pub(crate) fn assert_outputs(&self, expected: &[(&str, &str)]) {
        let outputs = self.outputs("ghcr");
        let found: Vec<_> = expected.iter().map(|(name, _)| (*name, outputs.get(*name).map_or("", String::as_str))).collect();
        assert_eq!(found, expected, "{}", self.log());
    }

    /// How each job ended that was not skipped.
    pub(crate) fn jobs(&self) -> BTreeMap<String, String> {
        let ended = self.entries.iter().filter(|entry| !entry["jobResult"].is_null());
        ended.map(|entry| (text(&entry["job"]), text(&entry["jobResult"]))).collect()
    }

    /// What the job summary shows.
    pub(crate) fn summary(&self) -> String {
        let summaries = self.entries.iter().filter(|entry| entry["command"] == "summary");
        summaries.filter_map(|entry| entry["content"].as_str()).collect()
    }

    /// Id, name and result of each step, in order; without their pre and post.
    pub(crate) fn steps(&self) -> Vec<(String, String, String)> {
        let of_workflow = |entry: &&Value| entry["stage"] == "Main" && entry["stepID"][1].is_null() && !entry["stepResult"].is_null();
        let ended = self.entries.iter().filter(of_workflow);
        ended.map(|entry| (text(&entry["stepID"][0]), text(&entry["step"]), text(&entry["stepResult"]))).collect()
    }

    /// What the step with this id writes, without the commands.
    pub(crate) fn log_of(&self, step: &str) -> String {
        let written = self.of_step(step).filter(|entry| entry["stage"] == "Main" && entry["raw_output"] == true);
        written.filter_map(|entry| entry["msg"].as_str()).collect()
    }

    /// What the log shows, step by step.
    pub(crate) fn log(&self) -> String {
        let shown = self.entries.iter().filter_map(|entry| entry["msg"].as_str().or_else(|| entry.as_str()));
        shown.map(|line| format!("{}\n", line.trim_end())).collect::<String>() + &self.stderr
    }

    fn of_step<'a>(&'a self, step: &'a str) -> impl Iterator<Item = &'a Value> {
        self.entries.iter().filter(move |entry| entry["stepID"][0] == step)
    }
}
