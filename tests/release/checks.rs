//! CI's own scripts: they cannot be green by accident.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ghcr_auth_testbed::{images::said, script};
use serde_yaml::{Mapping, Value};
use tempfile::TempDir;

ghcr_auth_testbed::tests![
    the_last_line_adds_up_what_the_test_binaries_counted,
    a_log_without_tests_is_a_failure,
    what_the_network_does_not_reach_is_counted_and_on_github_a_failure,
    what_the_network_reaches_and_is_not_there_is_a_failure,
    a_finding_is_a_failure_whatever_else_can_be_had,
    this_machine_stands_for_the_base_image_only_where_no_registry_is_reached,
    one_compiler_builds_the_image_and_everything_else,
    code_that_nobody_has_read_never_runs_with_the_permission_to_push,
    every_artifact_of_a_release_comes_by_exact_name_into_a_directory_of_its_own,
];

fn checks(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci").join(name)
}

fn count(log: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    fs::write(&path, log).unwrap();
    Command::new(checks("count")).arg(path).output().unwrap()
}

fn the_last_line_adds_up_what_the_test_binaries_counted() {
    let ok = "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
    let counted = count(&format!("running 15 tests\n{ok}noise\n{ok}"));
    assert_eq!((said(&counted).as_str(), counted.status.code()), ("24 passed, 0 failed, 6 skipped\n", Some(0)));
    let red = count(&format!("{ok}test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n"));
    assert_eq!((said(&red).as_str(), red.status.code()), ("13 passed, 2 failed, 3 skipped\n", Some(1)));
}

fn a_log_without_tests_is_a_failure() {
    for log in ["", "test result: ok. 0 passed; 0 failed; 0 ignored\n"] {
        let counted = count(log);
        assert_eq!((said(&counted).as_str(), counted.status.code()), ("0 passed, 0 failed, 0 skipped\n", Some(1)));
    }
}

/// A machine with stand-ins for cargo and git, which do what their one-line scripts say.
struct Machine(TempDir);

impl Machine {
    fn with(cargo: &str, git: &str) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        for (name, line) in [("cargo", cargo), ("git", git), ("cargo-deny", "echo cargo-deny 0.0.0")] {
            script::write(machine.0.path().join(name), &format!("#!/bin/sh\necho {name} $* >>{}\n{line}\n", machine.log().display()));
        }
        machine
    }

    fn log(&self) -> PathBuf {
        self.0.path().join("asked")
    }

    fn not_checked(&self) -> String {
        fs::read_to_string(self.0.path().join("not-checked")).unwrap_or_default()
    }

    fn check(&self, github: bool) -> Output {
        let path = format!("{}:{}", self.0.path().display(), std::env::var("PATH").unwrap());
        let mut check = Command::new(checks("dependencies"));
        check.env("PATH", path).env("CI_NOT_CHECKED", self.0.path().join("not-checked")).env_remove("GITHUB_ACTIONS");
        check.env("CI_ON_GITHUB", if github { "true" } else { "" }).output().unwrap()
    }
}

/// Fails for the named subcommands.
fn failing(subcommands: &str) -> String {
    format!("case \"$*\" in {subcommands}) exit 1 ;; esac")
}

fn what_the_network_does_not_reach_is_counted_and_on_github_a_failure() {
    for (cargo, what) in [
        ("install*|info*", "NOT CHECKED: licenses, sources, and known vulnerabilities"),
        ("*'deny fetch db'", "NOT CHECKED: known vulnerabilities"),
    ] {
        let machine = Machine::with(&failing(cargo), "exit 128");
        let checked = machine.check(false);
        assert!(checked.status.success() && said(&checked).contains(what), "{}", said(&checked));
        assert!(machine.not_checked().starts_with(what), "{}", machine.not_checked());
        assert_eq!(machine.check(true).status.code(), Some(1));
    }
}

fn what_the_network_reaches_and_is_not_there_is_a_failure() {
    for cargo in ["install*", "*'deny fetch db'"] {
        let machine = Machine::with(&failing(cargo), "exit 0");
        let checked = machine.check(false);
        assert!(!checked.status.success() && machine.not_checked().is_empty(), "{}", said(&checked));
    }
}

fn a_finding_is_a_failure_whatever_else_can_be_had() {
    for cargo in ["*licenses*", "*advisories"] {
        assert!(!Machine::with(&failing(cargo), "exit 0").check(false).status.success());
    }
    assert!(Machine::with("", "exit 0").check(true).status.success());
}

/// A docker whose `pull` says this and fails.
fn base_image(refusal: &str, runner: &str) -> (Output, String) {
    let directory = tempfile::tempdir().unwrap();
    let asked = directory.path().join("asked");
    let docker = format!(
        "#!/bin/sh\necho \"$*\" >>{}\ncase $1 in info) exit 0 ;; pull) echo '{refusal}' >&2; exit 1 ;; import) cat >/dev/null; exit 3 ;; *) exit 1 ;; esac\n",
        asked.display()
    );
    script::write(directory.path().join("docker"), &docker);
    script::write(directory.path().join("tar"), "#!/bin/sh\nexit 0\n");
    let path = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap());
    let built = Command::new(checks("image"))
        .env("PATH", path)
        .env("RUNNER_ENVIRONMENT", runner)
        .env("CARGO_TARGET_DIR", directory.path())
        .output()
        .unwrap();
    (built, fs::read_to_string(asked).unwrap())
}

fn this_machine_stands_for_the_base_image_only_where_no_registry_is_reached() {
    let out_of_reach = "dial tcp: lookup registry.example: no such host";
    for (refusal, runner, imported) in [
        (out_of_reach, "", true),
        (out_of_reach, "self-hosted", true),
        (out_of_reach, "github-hosted", false),
        ("toomanyrequests: You have reached your pull rate limit", "", false),
        ("manifest unknown", "", false),
    ] {
        let (built, asked) = base_image(refusal, runner);
        assert!(!built.status.success());
        assert_eq!(asked.contains("import "), imported, "{refusal} on '{runner}': {}\n{asked}", said(&built));
        assert!(imported || said(&built).contains("this machine is no stand-in for it"), "{}", said(&built));
    }
}

fn one_compiler_builds_the_image_and_everything_else() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let (dockerfile, toolchain, manifest) = (read("Dockerfile"), read("rust-toolchain.toml"), read("Cargo.toml"));
    let between = |text: &str, before: &str, after: &str| {
        text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map(|(found, _)| found.to_owned()).unwrap()
    };
    let (compiler, digest) = (between(&dockerfile, "FROM rust:", "-slim"), between(&dockerfile, "@sha256:", " AS build"));
    assert_eq!(compiler, between(&toolchain, "channel = \"", "\""), "move Dockerfile and rust-toolchain.toml together");
    assert!(compiler.starts_with(&between(&manifest, "rust-version = \"", "\"")), "{compiler}");
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "the base image is named by its digest");
}

/// The jobs of a workflow of this repository, by name.
fn jobs(workflow: &str) -> Mapping {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows").join(workflow);
    let file: Value = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    file["jobs"].as_mapping().unwrap().clone()
}

fn code_that_nobody_has_read_never_runs_with_the_permission_to_push() {
    let able = jobs("ci.yml").into_iter().filter(|(_, job)| job["permissions"]["packages"] == "write").collect::<Vec<_>>();
    assert_eq!(able.len(), 1);
    assert_eq!(able[0].1["if"], "github.event_name != 'pull_request' && github.event_name != 'merge_group'");
}

fn every_artifact_of_a_release_comes_by_exact_name_into_a_directory_of_its_own() {
    let mut places = Vec::new();
    for (_, job) in jobs("release.yml") {
        let steps = job["steps"].as_sequence().cloned().unwrap_or_default();
        let downloads: Vec<_> =
            steps.iter().filter(|step| step["uses"].as_str().is_some_and(|uses| uses.contains("/download-artifact@"))).collect();
        for download in &downloads {
            let with = download["with"].as_mapping().unwrap();
            assert_eq!(with.keys().filter_map(Value::as_str).collect::<Vec<_>>(), ["name", "path"]);
            places.push(with["path"].as_str().unwrap().to_owned());
        }
        let unique: std::collections::BTreeSet<_> = downloads.iter().map(|download| download["with"]["path"].as_str().unwrap()).collect();
        assert_eq!(unique.len(), downloads.len());
    }
    assert_eq!(places, ["target/dist/amd64", "target/dist/arm64", "target/dist/sbom", "target/dist"]);
}
