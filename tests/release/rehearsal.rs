//! A repository to release, its remote, and a registry.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use ghcr_auth_testbed::images::said;
use ghcr_auth_testbed::{needs, script};
use tempfile::TempDir;

/// What of the repository a release reads.
const PARTS: [&str; 16] = [
    ".dockerignore",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "README.md",
    "action.yml",
    "fuzz/Cargo.toml",
    "fuzz/src",
    "host",
    "live",
    "release",
    "src",
    "tests/support",
];

/// Stands for GitHub's client: writes down what it is asked, and answers from files beside it.
const STAND_IN_FOR_GH: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$*" | head -n 1 >>"$here/asked"
case "$*" in
    "api repos/"*"/environments/release "*) test ! -e "$here/no-environment" && { cat "$here/reviewers" 2>/dev/null || echo 1; } ;;
    "api repos/"*".visibility") cat "$here/visibility" 2>/dev/null || echo public ;;
    "api repos/"*".owner.type") echo Organization ;;
    "api orgs/"*"/packages/container/"*) cat "$here/package" 2>/dev/null ;;
    "api repos/"*"if .owner.type"*) echo orgs ;;
    "api --paginate "*"/jobs "*) printf '1\n2\n' ;;
    "api repos/"*"/actions/jobs/"*) cat "$here/log-$(echo "$2" | cut -d / -f 6)" ;;
    "issue list"*) test ! -e "$here/issue" || cat "$here/issue" ;;
    "attestation verify"*) test ! -e "$here/nothing-is-attested" ;;
    "release list"*) test ! -e "$here/draft" || cat "$here/draft" ;;
    "release create"*) echo true >"$here/draft" ;;
    *--draft=false*) echo false >"$here/draft" ;;
esac
"#;

/// A version that no program has; for what happens after the programs were looked at.
pub(crate) const VERSION: &str = "9.8.7";

/// A clone as the workflow has it.
pub(crate) struct Rehearsal {
    directory: TempDir,
    registry: String,
}

impl Rehearsal {
    /// A repository with one commit on main, pushed to a bare one. Needs git only.
    pub(crate) fn new(registry: &str) -> Self {
        for (program, package) in [("git", "git"), ("jq", "jq"), ("skopeo", "skopeo"), ("readelf", "binutils")] {
            needs::program(program, package);
        }
        let rehearsal = Self { directory: tempfile::tempdir().unwrap(), registry: registry.to_owned() };
        rehearsal.copy_repository();
        rehearsal.install_gh();
        rehearsal.git(&["init", "--quiet", "--bare", "../remote.git"]);
        rehearsal.git(&["init", "--quiet", "--initial-branch", "main"]);
        rehearsal.git(&["remote", "add", "origin", "../remote.git"]);
        rehearsal.commit();
        rehearsal
    }

    fn copy_repository(&self) {
        fs::create_dir(self.work()).unwrap();
        let mut copy = Command::new("cp");
        copy.current_dir(env!("CARGO_MANIFEST_DIR")).args(["--recursive", "--parents"]).args(PARTS).arg(self.work());
        assert!(copy.status().unwrap().success());
        // As its owner has to before the first release.
        self.edit("README.md", "- uses: org/ghcr-auth@", "- uses: Acme/ghcr-auth@");
    }

    fn install_gh(&self) {
        fs::create_dir(self.stand_in("")).unwrap();
        script::write(self.stand_in("gh"), STAND_IN_FOR_GH);
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    /// A file beside the stand-in for `gh`.
    pub(crate) fn stand_in(&self, name: &str) -> PathBuf {
        self.directory.path().join("gh").join(name)
    }

    /// What `gh` was asked, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        fs::read_to_string(self.stand_in("asked")).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// A file that one step leaves for the next.
    pub(crate) fn dist(&self, name: &str) -> PathBuf {
        self.work().join("target/dist").join(name)
    }

    /// The image's name, which is that of the repository in lower case.
    pub(crate) fn image(&self) -> String {
        format!("{}/acme/ghcr-auth", self.registry)
    }

    /// Commits everything to main and pushes it.
    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Change"]);
        self.git(&["push", "--quiet", "origin", "HEAD"]);
    }

    /// Sets the version, with its section in the changelog.
    pub(crate) fn set_version(&self, version: &str) {
        let before = self.version();
        let major = |version: &str| version.split('.').next().unwrap().to_owned();
        self.edit("README.md", &format!("Acme/ghcr-auth@v{}", major(&before)), &format!("Acme/ghcr-auth@v{}", major(version)));
        self.edit("Cargo.toml", &format!("version = \"{before}\""), &format!("version = \"{version}\""));
        self.edit(
            "CHANGELOG.md",
            "## [Unreleased]",
            &format!("## [Unreleased]\n\n## [{version}] - 2026-11-21\n\n- Something.\n\n## [0.0.1] - 2026-01-01\n"),
        );
        self.commit();
    }

    /// The version in Cargo.toml.
    fn version(&self) -> String {
        let manifest = fs::read_to_string(self.work().join("Cargo.toml")).unwrap();
        manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"')).unwrap().to_owned()
    }

    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.work().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Makes a tag on main in the remote, as an earlier release did.
    pub(crate) fn release_earlier(&self, tag: &str) {
        self.git(&["push", "--quiet", "origin", &format!("main:refs/tags/{tag}")]);
    }

    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.command("git").args(args).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a script of the live check as its workflow does, in run 77.
    #[track_caller]
    pub(crate) fn live(&self, args: &[&str]) -> String {
        let mut command = self.command(&format!("live/{}", args[0]));
        command.args(&args[1..]).env("GITHUB_RUN_ID", "77").env("GITHUB_REF", "refs/heads/main").env("LIVE_REGISTRY", &self.registry);
        command.env("GITHUB_OUTPUT", self.dist("output")).env("LIVE_DIGEST", "sha256:00");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn succeeds(&self, program: &str, args: &[&str]) -> bool {
        self.command(program).args(args).status().unwrap().success()
    }

    /// What a ref of the remote names; empty when it has none of that name.
    pub(crate) fn remote(&self, reference: &str) -> String {
        let line = self.git(&["ls-remote", "origin", reference]);
        line.split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// All tags of the remote.
    pub(crate) fn tags(&self) -> Vec<String> {
        let lines = self.git(&["ls-remote", "--refs", "origin", "refs/tags/*"]);
        lines.lines().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect()
    }

    pub(crate) fn release(&self, args: &[&str]) -> Output {
        self.command("release/release").args(args).output().unwrap()
    }

    /// Runs a step that must succeed, and returns what it printed.
    #[track_caller]
    pub(crate) fn step(&self, args: &[&str]) -> String {
        let output = self.release(args);
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a step that must be refused for this reason.
    #[track_caller]
    pub(crate) fn refused(&self, args: &[&str], why: &str) -> String {
        let output = self.release(args);
        assert!(!output.status.success() && said(&output).contains(why), "{args:?}: {}", said(&output));
        said(&output)
    }

    /// Runs a line that the script told people to run.
    #[track_caller]
    pub(crate) fn shell(&self, line: &str) {
        assert!(self.command("sh").args(["-c", line]).status().unwrap().success(), "{line}");
    }

    fn command(&self, program: &str) -> Command {
        let program = if program.contains('/') { self.work().join(program) } else { program.into() };
        let path = format!("{}:{}", self.stand_in("").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(program);
        command.current_dir(self.work()).env("PATH", path).env("DOCKER_CONFIG", self.directory.path().join("docker"));
        for variable in ["CARGO_TARGET_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GITHUB_REF", "RELEASE_DIST", "RELEASE_REMOTE"] {
            command.env_remove(variable);
        }
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "A maintainer").env(format!("GIT_{role}_EMAIL"), "maintainer@example.com");
        }
        command.env("GITHUB_SERVER_URL", "https://github.example").env("GITHUB_REPOSITORY", "Acme/ghcr-auth");
        command.env("RELEASE_REGISTRY", &self.registry);
        command
    }

    /// The directory that holds the login of docker and skopeo.
    pub(crate) fn docker_config(&self) -> PathBuf {
        self.directory.path().join("docker")
    }
}
