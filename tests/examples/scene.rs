//! A repository with one example in it, and the registry that it meets.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::MutexGuard;
use std::time::Duration;

use ghcr_auth_testbed::delay::DelayProxy;
use ghcr_auth_testbed::front_door::{FrontDoor, Rules};
use ghcr_auth_testbed::registry::RealRegistry;
use tempfile::TempDir;

use crate::examples::act::{Act, Runner};
use crate::examples::world::{World, world};

pub(crate) struct Scene {
    pub(crate) world: &'static World,
    pub(crate) door: FrontDoor,
    pub(crate) registry: RealRegistry,
    pub(crate) repository: TempDir,
    /// The file names of the workflows.
    workflows: Vec<String>,
    server: String,
    _way: DelayProxy,
    _turn: MutexGuard<'static, ()>,
}

impl Scene {
    /// The repository acme/app of github.com with these examples as its workflows.
    pub(crate) fn with(workflows: &[&str], rules: Rules) -> Self {
        Self::on("github.com", workflows, rules)
    }

    /// The same on another server.
    pub(crate) fn on(server: &str, workflows: &[&str], rules: Rules) -> Self {
        let (world, turn) = world();
        let registry = RealRegistry::start();
        let door = FrontDoor::in_front_of(&registry, rules);
        door.realm("https://{host}/token");
        let way = DelayProxy::start(&world.inside(), door.host(), Duration::ZERO);
        let workflows: Vec<_> = workflows.iter().map(|name| (*name).to_owned()).collect();
        let repository = repository(server, &workflows);
        Self { world, door, registry, repository, workflows, server: server.into(), _way: way, _turn: turn }
    }

    /// Adds a file to the repository, as one that its owner has anyway.
    pub(crate) fn file(&self, path: &str, content: &str) {
        write(&self.repository.path().join(path), content);
        commit(self.repository.path());
    }

    /// Runs the first of the workflows.
    pub(crate) fn act(&self, runner: Runner) -> Act<'_> {
        Act::new(self, runner)
    }

    pub(crate) fn workflow(&self) -> PathBuf {
        self.repository.path().join(".github/workflows").join(&self.workflows[0])
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// The text of all workflows.
    pub(crate) fn text(&self) -> String {
        self.workflows.iter().map(|name| example(name)).collect()
    }

    #[track_caller]
    pub(crate) fn assert_has(&self, image: &str, tags: &[&str]) {
        for tag in tags {
            assert!(self.has(image, tag), "{image}:{tag}");
        }
    }

    pub(crate) fn has(&self, image: &str, tag: &str) -> bool {
        self.registry.has(image, tag)
    }

    /// Publishes an image by a way that is not the front door's.
    pub(crate) fn publish(&self, image: &str, tag: &str) {
        let context = self.repository.path().to_str().unwrap();
        let reference = format!("{}/{image}:{tag}", self.registry.host());
        for args in [["build", "--tag", &reference, context].as_slice(), &["push", &reference], &["rmi", &reference]] {
            let output = self.world.docker(args);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }

    /// Whether anything has come through the front door.
    pub(crate) fn has_nothing(&self) -> bool {
        !self.door.requests().iter().any(|request| request.key() == "PUT manifest")
    }

    /// Asserts that nobody was told a secret and nothing was pushed.
    #[track_caller]
    pub(crate) fn assert_untouched(&self) {
        assert_eq!(self.door.credentials(), Vec::<String>::new());
        assert!(self.has_nothing());
    }
}

/// The text of an example.
pub(crate) fn example(name: &str) -> String {
    std::fs::read_to_string(directory().join(name)).unwrap()
}

/// The file names of all examples.
pub(crate) fn examples() -> Vec<String> {
    let entries = std::fs::read_dir(directory()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// `examples/workflows`.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/workflows")
}

/// A repository with a Dockerfile that needs no base image.
fn repository(server: &str, workflows: &[String]) -> TempDir {
    let repository = tempfile::Builder::new().prefix("ghcr-auth-repository-").tempdir().unwrap();
    let root = repository.path();
    git(root, &["init", "--quiet", "--initial-branch=main"]);
    git(root, &["remote", "add", "origin", &format!("https://{server}/acme/app")]);
    write(&root.join("Dockerfile"), "FROM scratch\nCOPY hello.txt /\n");
    write(&root.join("hello.txt"), "hello\n");
    for name in workflows {
        write(&root.join(".github/workflows").join(name), &example(name));
    }
    commit(root);
    repository
}

pub(crate) fn write(path: &Path, content: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn commit(root: &Path) {
    let git = |args: &[&str]| git(root, args);
    git(&["add", "--all"]);
    git(&["-c", "user.name=alice", "-c", "user.email=alice@acme.example", "commit", "--quiet", "--message=Add a feature"]);
}

fn git(root: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(args).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    git.env("GIT_AUTHOR_DATE", "2026-11-20T10:00:00Z").env("GIT_COMMITTER_DATE", "2026-11-20T10:00:00Z");
    let output = git.output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}
