//! A job, a registry and a stranger's server, and what is expected of their talk.

use std::{path::PathBuf, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::{
    front_door::{Answer, FrontDoor, Rules},
    job::{Job, PATIENCE, Run, Step},
    script,
    tls_proxy::TlsProxy,
};

use crate::faults::{JOB_TOKEN, PAT, binary, openssl::OldServer};

/// Where a fault takes place.
pub(crate) struct World {
    pub(crate) job: Job,
    /// The registry. Every credential may push.
    pub(crate) door: FrontDoor,
    /// GitHub's API.
    api: FrontDoor,
    /// A server that nobody must ask.
    pub(crate) sink: FrontDoor,
    /// The proxy that opens TLS, if there is one.
    pub(crate) proxy: Option<TlsProxy>,
    /// Whether the row itself looks at config.json.
    pub(crate) seeded: bool,
    /// What must live as long as the world does.
    kept: Vec<OldServer>,
    inputs: Vec<(String, String)>,
    env: Vec<(String, String)>,
    /// A shell script that starts the program, with `$PROGRAM` for it.
    script: Option<String>,
    requests: Vec<(&'static str, usize)>,
    /// How many requests the report counts.
    reported: Option<u64>,
    /// How long the run must take at least. At most is what the harness has patience for.
    seconds: f64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            job: Job::new(),
            door: FrontDoor::start(Rules::default().allow(PAT).allow(JOB_TOKEN)),
            api: FrontDoor::spare(),
            sink: FrontDoor::spare(),
            proxy: None,
            seeded: false,
            kept: Vec::new(),
            inputs: vec![("GHCR_PAT".to_owned(), PAT.to_owned())],
            env: Vec::new(),
            script: None,
            requests: Vec::new(),
            reported: None,
            seconds: 0.0,
        }
    }

    /// A main stage that was killed while it waited for the answer to a request.
    pub(crate) fn killed_at(key: &str) -> (Self, Run) {
        let world = Self::new();
        world.door.always(key, Answer::silence());
        let running = world.step().spawn();
        assert!(world.door.wait_for(key, PATIENCE), "{key}");
        running.kill();
        let run = running.wait(PATIENCE);
        (world, run)
    }

    /// The registry's answer to every request of a kind, and how many such requests there must be.
    pub(crate) fn answers(&mut self, key: &'static str, answer: Answer, times: usize) {
        self.door.always(key, answer);
        self.expect(key, times);
    }

    /// How many requests of a kind there must be.
    pub(crate) fn expect(&mut self, key: &'static str, times: usize) {
        self.requests.push((key, times));
    }

    /// How many requests the report must count for the first credential.
    pub(crate) fn expect_reported(&mut self, requests: u64) {
        self.reported = Some(requests);
    }

    /// How long the run must take at least.
    pub(crate) fn expect_at_least(&mut self, seconds: f64) {
        self.seconds = seconds;
    }

    /// Whoever waited for this deadline would outlast [`PATIENCE`].
    pub(crate) fn expect_no_wait(&mut self) {
        self.input("timeout", "600");
    }

    pub(crate) fn input(&mut self, name: &str, value: &str) {
        self.inputs.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the program by this shell script.
    pub(crate) fn script(&mut self, script: &str) {
        self.script = Some(script.to_owned());
    }

    /// The registry is `registry.test`, over TLS through a proxy that opens it. `trusted` is whether its CA is.
    pub(crate) fn through_proxy(&mut self, trusted: bool) {
        let proxy = TlsProxy::before(&self.door, &["registry.test"]);
        self.use_proxy(proxy, trusted);
    }

    pub(crate) fn use_proxy(&mut self, proxy: TlsProxy, trusted: bool) {
        self.door.realm("https://registry.test/token");
        self.input("registry", "registry.test");
        self.env("HTTPS_PROXY", &proxy.url());
        self.env("NO_PROXY", "127.0.0.1");
        if trusted {
            std::fs::write(self.job.workspace().join("root.pem"), proxy.ca_pem()).unwrap();
            self.input("ca-file", "root.pem");
        }
        self.proxy = Some(proxy);
    }

    /// The registry is `registry.test`, behind the front door as a proxy that answers `CONNECT` with this.
    pub(crate) fn proxy_answers(&mut self, answer: Answer) {
        self.door.always("CONNECT registry.test:443", answer);
        self.input("registry", "registry.test");
        let url = self.door.url();
        self.env("HTTPS_PROXY", &url);
    }

    /// Keeps a server running until the end.
    pub(crate) fn keep(&mut self, server: OldServer) {
        self.kept.push(server);
    }

    /// The registry as config.json spells it.
    pub(crate) fn registry(&self) -> &str {
        let given = self.inputs.iter().rfind(|(name, _)| name == "registry");
        given.map_or(self.door.host(), |(_, value)| value)
    }

    pub(crate) fn docker(&self, file: &str) -> PathBuf {
        self.job.home().join(".docker").join(file)
    }

    /// Makes the directory of config.json; the row looks at it by itself then.
    pub(crate) fn seed_directory(&mut self) {
        std::fs::create_dir(self.docker("")).unwrap();
        self.seeded = true;
    }

    /// A config.json that is there before.
    pub(crate) fn seed(&mut self, content: &[u8]) {
        self.seed_directory();
        std::fs::write(self.docker("config.json"), content).unwrap();
    }

    /// The main stage.
    pub(crate) fn step(&self) -> Step<'_> {
        let program = self.script.as_ref().map_or_else(|| binary().to_owned(), |script| self.write_script(script));
        let step = self.job.step(program).input("registry", self.door.host()).env("GITHUB_API_URL", &self.api.url());
        let step = self.inputs.iter().fold(step, |step, (name, value)| step.input(name, value));
        self.env.iter().fold(step, |step, (name, value)| step.env(name, value))
    }

    fn write_script(&self, script: &str) -> PathBuf {
        let path = self.job.temp().join("start.sh");
        script::write(&path, &format!("#!/bin/sh\nPROGRAM='{}'\n{script}\n", binary().display()));
        path
    }

    pub(crate) fn count(&self, key: &str) -> usize {
        self.door.requests().iter().filter(|request| request.key() == key).count()
    }

    pub(crate) fn assert_requests(&self, run: &Run, what: &str) {
        for (key, times) in &self.requests {
            assert_eq!(self.count(key), *times, "{key}: {what}");
        }
        if let Some(requests) = self.reported {
            let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
            assert_eq!(report["attempts"][0]["requests"], requests, "{what}");
        }
        assert!(run.seconds >= self.seconds, "{} s: {what}", run.seconds);
    }
}

/// What GHCR hands out as the bearer of a credential.
pub(crate) fn bearer(secret: &str) -> String {
    STANDARD.encode(secret)
}

/// A pause between the pieces of an answer that never ends.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// The steps of a trial: discovery, token, probe.
pub(crate) const STEPS: [&str; 3] = ["GET /v2/", "GET /token", "POST uploads"];
