//! `check` and `explain`, as one would type them.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use ghcr_auth_testbed::front_door::{Denial, FrontDoor, Rules};
use serde_json::Value;

use super::{JOB_TOKEN, PAT, binary, open_door};

/// Runs the binary with nothing in the environment but these variables.
pub(crate) fn ghcr_auth(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).env_clear().envs(environment.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that reads no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn check(door: &FrontDoor, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let arguments: Vec<_> = ["check", "--registry", door.host()].into_iter().chain(arguments.iter().copied()).collect();
    let api = door.url();
    let environment: Vec<_> = [("GITHUB_API_URL", api.as_str())].into_iter().chain(environment.iter().copied()).collect();
    ghcr_auth(&arguments, &environment, "")
}

#[test]
fn check_tells_whether_a_token_may_push() {
    let output = check(&open_door(), &["acme/app", "acme/web"], &[("GHCR_TOKEN", PAT)]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.starts_with("Push allowed: ") && shown.contains("GHCR_TOKEN") && shown.contains("/acme/web  allowed"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains("::"), "no colours and no commands off a terminal: {shown}");
    assert!(output.stderr.is_empty());
}

#[test]
fn check_explains_a_refusal() {
    let door = FrontDoor::start(Rules::default().deny(PAT, Denial::MissingScope).deny(JOB_TOKEN, Denial::PackageWriteDenied));
    let output = check(&door, &["acme/app"], &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(shown.contains("select `write:packages`, and save") && shown.contains("GITHUB_TOKEN was rejected too"), "{shown}");
}

#[test]
fn check_as_json_is_the_report() {
    let output = check(&open_door(), &["acme/app", "--json", "--access", "pull"], &[("GHCR_PAT", PAT)]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((report["push"].as_bool(), report["reason"].as_str()), (Some(false), Some("allowed")));
    assert_eq!((report["credential"].as_str(), report["expiry"].is_null()), (Some("GHCR_PAT"), false));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn check_reads_an_env_file() {
    let file = std::env::temp_dir().join(format!("ghcr-auth-check-{}", std::process::id()));
    std::fs::write(&file, format!("GHCR_USERNAME=robot\nGHCR_TOKEN={PAT}\n")).unwrap();
    let output = check(&open_door(), &["acme/app", "--env-file", file.to_str().unwrap()], &[]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let missing = check(&open_door(), &["acme/app", "--env-file", "/no/such/file"], &[]);
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn wrong_usage_ends_with_2_and_shows_no_argument() {
    for arguments in [
        &["check", "--token", PAT][..],
        &["check", PAT],
        &["check", "acme/app", "--timeout", "1"],
        &["check"],
        &["explain", "--log", PAT],
        &[],
    ] {
        let output = ghcr_auth(arguments, &[], "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!text(&output.stdout).contains(PAT) && !text(&output.stderr).contains(PAT));
        assert!(!output.stderr.is_empty() && output.stdout.is_empty());
    }
}

#[test]
fn the_version_is_an_answer() {
    for argument in ["--version", "-V"] {
        let output = ghcr_auth(&[argument], &[], "");
        assert_eq!(
            (output.status.code(), text(&output.stdout)),
            (Some(0), concat!("ghcr-auth ", env!("CARGO_PKG_VERSION"), "\n").to_owned())
        );
    }
}

#[test]
fn check_without_a_token_is_wrong_usage_and_names_what_is_read() {
    for arguments in [&["acme/app"][..], &["acme/app", "--json"], &["acme/app", "--access", "pull"]] {
        let door = open_door();
        let output = check(&door, arguments, &[("GHCR_TOKEN", " \n")]);
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len(), door.connections()), (Some(2), 0, 0), "{said}");
        assert!(["error: ", "GHCR_PAT", "GHCR_TOKEN", "GITHUB_TOKEN", "--env-file"].iter().all(|name| said.contains(name)), "{said}");
    }
}

/// What `check` prints for people, on standard output alone; it says nothing that only a workflow has.
#[track_caller]
fn assert_speaks_of_no_workflow(output: &Output) {
    let shown = text(&output.stdout);
    assert!(output.stderr.is_empty() && !shown.contains("\n\n\n"), "{shown}");
    for word in ["input", "secrets", "the job", "this step", "permissions:", "unner"] {
        assert!(!shown.contains(word), "{word}: {shown}");
    }
}

#[test]
fn check_speaks_of_no_input_secret_or_job() {
    for denial in Denial::all() {
        let door = FrontDoor::start(Rules::default().deny(PAT, denial).deny(JOB_TOKEN, denial));
        for access in ["push", "pull"] {
            let arguments = ["acme/app", "--access", access];
            assert_speaks_of_no_workflow(&check(&door, &arguments, &[("GHCR_PAT", PAT)]));
            assert_speaks_of_no_workflow(&check(&door, &arguments, &[("GITHUB_TOKEN", JOB_TOKEN)]));
        }
        let one_works = FrontDoor::start(Rules::default().deny(PAT, denial).allow(JOB_TOKEN));
        assert_speaks_of_no_workflow(&check(&one_works, &["acme/app"], &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)]));
    }
    for value in
        [format!("\"{PAT}\""), format!(" {PAT}"), format!("${{{{ secrets.GHCR_PAT }}}}{PAT}"), "***".to_owned(), "x".repeat(50_000)]
    {
        assert_speaks_of_no_workflow(&check(&open_door(), &["acme/app"], &[("GHCR_PAT", &value)]));
    }
    for access in ["push", "pull"] {
        let arguments = ["check", "acme/app", "--registry", "ghcr.example", "--access", access];
        assert_speaks_of_no_workflow(&ghcr_auth(&arguments, &[("GITHUB_TOKEN", JOB_TOKEN)], ""));
    }
}

/// A repository with one workflow.
fn repository(workflow: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(directory.path().join(".github/workflows")).unwrap();
    std::fs::write(directory.path().join(".github/workflows/ci.yml"), workflow).unwrap();
    directory
}

#[test]
fn audit_finds_what_keeps_a_push_from_working() {
    let wrong = repository(
        "on: push\njobs:\n  image:\n    permissions:\n      contents: read\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker push ghcr.io/acme/app\n",
    );
    let directory = wrong.path().to_str().unwrap();
    let output = ghcr_auth(&["audit", directory, "--json"], &[], "");
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rules: Vec<_> = object["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"packages-write-missing"), "{rules:?}");
    assert_eq!(output.status.code(), Some(1));
    for key in ["rule", "file", "message", "fix"] {
        assert!(object["findings"][0][key].is_string(), "{key}");
    }
    assert!(object["findings"][0]["line"].is_u64());
    let shown = text(&ghcr_auth(&["audit", directory], &[], "").stdout);
    assert!(shown.contains(".github/workflows/ci.yml:4: ") && shown.contains("packages: write"), "{shown}");
}

#[test]
fn audit_finds_nothing_where_nothing_is_wrong_and_needs_workflows() {
    let right = repository("on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test\n");
    let output = ghcr_auth(&["audit", right.path().to_str().unwrap()], &[], "");
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "workflows: 1, findings: 0\n"));
    assert_eq!(ghcr_auth(&["audit", "/no/such/directory"], &[], "").status.code(), Some(2));
}

#[test]
fn of_several_directories_audit_skips_and_names_those_without_workflows() {
    let right = repository("on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: cargo test\n");
    let empty = tempfile::tempdir().unwrap();
    let [right, empty] = [right.path().to_str().unwrap(), empty.path().to_str().unwrap()];
    let output = ghcr_auth(&["audit", empty, right], &[], "");
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "workflows: 1, findings: 0\n"));
    assert_eq!(text(&output.stderr), format!("skipped: `{empty}` has no .github/workflows directory\n"));
    for arguments in [&["audit", empty, empty][..], &["audit", empty], &["audit", right, "/no/such/directory"]] {
        let output = ghcr_auth(arguments, &[], "");
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(2), ""), "{arguments:?}");
    }
}

const DENIED: &str = "#14 ERROR: failed to push ghcr.io/acme/app:v1: denied: permission_denied: write_package\n";

#[test]
fn explain_tells_the_cause_and_the_fix_from_a_log() {
    for output in
        [ghcr_auth(&["explain"], &[], DENIED), ghcr_auth(&["explain", "-"], &[], DENIED), ghcr_auth(&["explain", DENIED], &[], "")]
    {
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{shown}");
        assert!(
            shown.contains("(package-write-denied)") && shown.contains("https://github.com/orgs/acme/packages/container/app/settings"),
            "{shown}"
        );
    }
}

#[test]
fn explain_as_json_is_one_object() {
    let output = ghcr_auth(&["explain", "--json"], &[], DENIED);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["code"], "package-write-denied");
    assert!(object["cause"].is_string() && !object["fixes"].as_array().unwrap().is_empty() && object["others"].is_array());
    let other = ghcr_auth(&["explain", "--json"], &[], "npm ERR! 403 Forbidden - PUT https://registry.example/acme");
    assert_eq!(serde_json::from_slice::<Value>(&other.stdout).unwrap()["code"], "none");
    assert_eq!(other.status.code(), Some(1));
}

#[test]
fn explain_says_where_errors_are_when_the_log_is_empty() {
    let output = ghcr_auth(&["explain"], &[], " \n");
    let shown = text(&output.stdout);
    assert_eq!(
        (output.status.code(), shown.contains("The log is empty") && shown.contains("2>&1 | ghcr-auth explain")),
        (Some(1), true),
        "{shown}"
    );
}

#[test]
fn explain_shows_no_credential_of_the_log() {
    let log =
        format!("docker login ghcr.io -u alice -p {PAT}\nError response from daemon: Get \"https://ghcr.io/v2/\": denied: denied {PAT}\n");
    for arguments in [&["explain"][..], &["explain", "--json"]] {
        let output = ghcr_auth(arguments, &[], &log);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
        assert!(!text(&output.stdout).contains(&PAT[4..]), "{}", text(&output.stdout));
    }
}

#[test]
fn check_tells_what_it_passed_over_and_json_stays_json() {
    let quoted = format!("\"{PAT}\"");
    let environment = [("GHCR_PAT", quoted.as_str()), ("GITHUB_TOKEN", JOB_TOKEN), ("RUNNER_DEBUG", "1")];
    let output = check(&open_door(), &["acme/app"], &environment);
    assert!(text(&output.stdout).contains("GHCR_PAT contains quotation marks"), "{}", text(&output.stdout));
    let output = check(&open_door(), &["acme/app", "--json"], &environment);
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok(), "{}", text(&output.stdout));
}

#[test]
fn explain_passes_on_no_command_of_the_runner() {
    let log = format!("::stop-commands::x {DENIED}x ##[set-output name=push]true {DENIED}");
    for arguments in [&["explain"][..], &["explain", "--json"]] {
        let shown = text(&ghcr_auth(arguments, &[], &log).stdout);
        assert!(!shown.contains("##[") && shown.lines().all(|line| !line.trim_start().starts_with("::")), "{shown}");
    }
}
