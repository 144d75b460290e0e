//! A job with every secret in its place, and what may be left of them: nothing.

use std::{fs, path::Path};

use ghcr_auth_testbed::{
    front_door::{Answer, FrontDoor, Rules},
    job::{Job, Run, Step},
};
use serde_json::json;

use super::{
    binary,
    secrets::{CREDENTIALS, IDENTITY, PREVIOUS, PROXY_PASSWORD, RUNTIME, basic},
    trace,
};

/// How much the environment asks the program to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Plain,
    Talkative,
}

impl Mood {
    /// The variables by which people make programs talk.
    pub(crate) fn variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Plain => &[],
            Self::Talkative => &[("RUNNER_DEBUG", "1"), ("ACTIONS_STEP_DEBUG", "true"), ("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full")],
        }
    }
}

/// A job on a runner of one's own, its registry, and a server that must never be asked anything.
pub(crate) struct Scene {
    pub(crate) job: Job,
    pub(crate) door: FrontDoor,
    pub(crate) stranger: FrontDoor,
    mood: Mood,
}

impl Scene {
    pub(crate) fn new(mood: Mood, rules: Rules) -> Self {
        let scene = Self { job: Job::new(), door: FrontDoor::start(rules), stranger: FrontDoor::spare(), mood };
        fs::create_dir(scene.temporary()).unwrap();
        fs::create_dir(scene.job.home().join(".docker")).unwrap();
        scene.write_config(&json!({ "auths": { scene.door.host(): { "auth": basic("previous", PREVIOUS) } } }).to_string());
        scene
    }

    /// A registry where the first credential may push.
    pub(crate) fn open(mood: Mood) -> Self {
        Self::new(mood, Rules::default().allow(CREDENTIALS[0].1))
    }

    /// The same with some answers that are always given.
    pub(crate) fn answering(self, answers: &[(&str, Answer)]) -> Self {
        for (key, answer) in answers {
            self.door.always(key, answer.clone());
        }
        self
    }

    /// The directory that `TMPDIR` names.
    fn temporary(&self) -> std::path::PathBuf {
        self.job.work().join("tmp")
    }

    pub(crate) fn config(&self) -> std::path::PathBuf {
        self.job.home().join(".docker/config.json")
    }

    pub(crate) fn write_config(&self, text: &str) {
        fs::write(self.config(), text).unwrap();
    }

    /// A stage with all secrets but the credentials.
    pub(crate) fn bare_step(&self) -> Step<'_> {
        let proxy = self.stranger.url().replace("http://", &format!("http://robot:{PROXY_PASSWORD}@"));
        let step = self.job.step(binary()).registry(&self.door).env("HTTPS_PROXY", &proxy).env("http_proxy", &proxy);
        let step = step.env("ACTIONS_RUNTIME_TOKEN", RUNTIME).env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", IDENTITY);
        let step = step.env("RUNNER_ENVIRONMENT", "self-hosted").env("TMPDIR", self.temporary().to_str().unwrap());
        self.mood.variables().iter().fold(step, |step, (name, value)| step.env(name, value))
    }

    /// A main stage with all secrets.
    pub(crate) fn step(&self) -> Step<'_> {
        CREDENTIALS.iter().fold(self.bare_step(), |step, (name, token)| step.input(name, token))
    }

    /// Runs a main stage, then the post stage, and looks at what each leaves.
    #[track_caller]
    pub(crate) fn run(&self, step: Step<'_>) -> Run {
        let run = step.run();
        self.examine(&run);
        self.post();
        run
    }

    /// Runs the post stage and looks at what is left.
    #[track_caller]
    pub(crate) fn post(&self) -> Run {
        let run = self.bare_step().post().run();
        assert_eq!(run.code, 0, "{}", run.log());
        self.examine(&run);
        assert_eq!(trace::not_taken_back(&self.job.files(), &run.log()), Vec::<String>::new());
        run
    }

    /// Looks at everything that is there after a stage.
    #[track_caller]
    pub(crate) fn examine(&self, run: &Run) {
        let mut found = trace::in_streams(&run.stdout, &run.stderr);
        found.extend(trace::in_files(&self.job.files(), &[self.door.host(), "ghcr.io"]));
        found.extend(trace::in_requests(&self.door.requests()));
        if self.stranger.connections() > 0 {
            found.push("another server than the registry was connected to".to_owned());
        }
        if run.output("logged-in") == "true" {
            found.extend(trace::loosely_kept(&self.job.files()));
        }
        assert!(found.is_empty(), "{:?}: {found:#?}\n{}", self.mood, run.log());
    }

    /// Asserts that the runner was told to hide each form of these credentials, and the bearer.
    #[track_caller]
    pub(crate) fn assert_masked(run: &Run, values: &[String]) {
        let masks: Vec<_> = run.stdout.lines().filter_map(|line| line.strip_prefix("::add-mask::")).collect();
        let missing = values.iter().filter(|value| !masks.contains(&value.as_str())).count();
        assert_eq!(missing, 0, "so many of {} values are not masked", values.len());
    }
}

/// The permission bits of a file.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).map_or(0, |file| file.permissions().mode() & 0o777)
}
