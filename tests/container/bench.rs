//! What every container test stands on.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::engine::Engine;
use ghcr_auth_testbed::front_door::{FrontDoor, Rules};
pub(crate) use ghcr_auth_testbed::images::{BASE, consumer, said, tested as image};
use ghcr_auth_testbed::job::{Job, RUNNER_USER, Step};
use ghcr_auth_testbed::registry::RealRegistry;
use ghcr_auth_testbed::{images, needs};

pub(crate) const IMAGE: &str = "acme/app";

/// An engine with the images under test, a registry behind GHCR's front door, and a job.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) registry: RealRegistry,
    pub(crate) door: FrontDoor,
    pub(crate) job: Job,
}

impl Bench {
    /// Sets everything up, or ends the test with what is missing.
    pub(crate) fn new(rules: Rules) -> Self {
        Self::with_job(rules, Job::of_runner_user)
    }

    pub(crate) fn with_job(rules: Rules, job: fn() -> Job) -> Self {
        let engine = images::engine();
        if !engine.has_image(&consumer()) {
            needs::missing(&format!("the image {}", consumer()), ".ci/image");
        }
        needs::program("skopeo", "skopeo");
        if !Job::can_be_of_runner_user() {
            needs::not_permitted("giving directories to the runner's user, which root has");
        }
        let registry = RealRegistry::start();
        let door = FrontDoor::in_front_of(&registry, rules);
        Self { engine, registry, door, job: job() }
    }

    /// The action on the host's network, where the loopback registry is.
    pub(crate) fn action(&self) -> Step<'_> {
        let step = self.job.container_step(&self.engine, &image());
        step.container(|action| action.entrypoint("/ghcr-auth").network("host")).registry(&self.door)
    }

    /// A reference below the front door.
    pub(crate) fn reference(&self, tag: &str) -> String {
        format!("{}/{IMAGE}:{tag}", self.door.host())
    }

    /// `docker push` in a later `run:` step of the runner's user.
    pub(crate) fn docker_push(&self, tag: &str) -> Output {
        self.with_local_image(tag, |mut push| push.output().unwrap())
    }

    /// Asserts that `docker push` asks for a token and gets none; ended then, because it would ask for 50 s.
    #[track_caller]
    pub(crate) fn assert_docker_push_is_refused(&self, tag: &str) {
        self.with_local_image(tag, |mut push| {
            let mut client = push.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            assert!(self.door.wait_for("GET /token", Duration::from_secs(30)), "docker asks for no token");
            client.kill().unwrap();
            assert!(!client.wait().unwrap().success());
        });
    }

    /// Gives the image its name below the front door for as long as `push` runs.
    fn with_local_image<T>(&self, tag: &str, push: impl FnOnce(Command) -> T) -> T {
        let reference = self.reference(tag);
        let mut command = self.engine.later_step(&self.job, needs::find("docker").unwrap());
        command.args(["push", &reference]);
        self.with_tag(&reference, || push(command))
    }

    /// Gives the small image a name for as long as `work` runs.
    pub(crate) fn with_tag<T>(&self, reference: &str, work: impl FnOnce() -> T) -> T {
        assert!(self.engine.docker(&["tag", &consumer(), reference]).status.success());
        let result = work();
        self.engine.docker(&["rmi", reference]);
        result
    }

    /// An archive of these images.
    pub(crate) fn archive_of(&self, images: &[&str]) -> PathBuf {
        let archive = self.job.workspace().join("images.tar");
        let saved = self.engine.docker(&[&["save", "--output", archive.to_str().unwrap()], images].concat());
        assert!(saved.status.success(), "{}", said(&saved));
        std::os::unix::fs::chown(&archive, Some(RUNNER_USER), Some(RUNNER_USER)).unwrap();
        archive
    }

    /// `skopeo copy` in a later `run:` step of the runner's user.
    pub(crate) fn skopeo_copy(&self, tag: &str) -> Output {
        let archive = self.archive_of(&[&consumer()]);
        let skopeo = needs::find("skopeo").unwrap();
        let mut command = self.engine.later_step(&self.job, skopeo);
        command.args(["--insecure-policy", "copy", "--dest-tls-verify=false"]);
        command.arg(format!("docker-archive:{}", archive.display()));
        command.arg(format!("docker://{}", self.reference(tag)));
        command.output().unwrap()
    }

    /// Asserts that both clients can push, and that the images are there.
    #[track_caller]
    pub(crate) fn assert_pushes(&self) {
        let pushed = self.docker_push("docker");
        assert!(pushed.status.success(), "docker push: {}", said(&pushed));
        let copied = self.skopeo_copy("skopeo");
        assert!(copied.status.success(), "skopeo copy: {}", said(&copied));
        assert!(self.registry.has(IMAGE, "docker") && self.registry.has(IMAGE, "skopeo"));
    }
}

/// The image that the program is built in, which has the C library.
pub(crate) fn base(engine: &Engine) -> String {
    if !engine.has_image(BASE) {
        needs::missing("the base image", ".ci/image");
    }
    BASE.to_owned()
}

/// The forms in which a token could be found.
pub(crate) fn forms(user: &str, token: &str) -> [String; 3] {
    [token.to_owned(), STANDARD.encode(token), STANDARD.encode(format!("{user}:{token}"))]
}
