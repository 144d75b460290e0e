//! The action of `host/`: the program in the job's own home, started by node.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use ghcr_auth_testbed::{
    event::Event,
    front_door::{Answer, FrontDoor, Rules},
    harness::Test,
    host_action::{HostAction, set_mode},
    job::{Job, PATIENCE, Run, Step},
};
use serde_json::{Value, json};

use crate::binary;

/// A credential as long and as random as a real one.
const PAT: &str = "ghp_HostCanaryPatQ7Zt3Lw9Rb2Vn5Km8Dj1Xc4";

/// A registry where it may push.
fn open_door() -> FrontDoor {
    FrontDoor::start(Rules::default().allow(PAT))
}

ghcr_auth_testbed::tests![
    the_login_is_in_the_jobs_own_home_and_nothing_is_exported_and_post_takes_it_back,
    everything_that_earlier_steps_left_stays_and_is_there_afterwards,
    the_directory_that_a_job_chose_is_used_also_where_docker_would_create_it,
    a_directory_where_no_credential_belongs_is_passed_over_for_later_steps_too_until_the_end,
    what_docker_would_ask_before_the_login_is_warned_of,
    a_no_leaves_nothing_and_the_exit_code_is_the_programs,
    the_program_gets_its_stage_as_its_name_the_streams_and_its_exit_code_as_they_are,
    a_signal_reaches_the_program_and_its_end_is_the_steps,
    the_program_ends_with_the_script_that_started_it,
    a_program_without_its_permission_is_mended,
    in_a_checkout_the_built_program_is_used_and_without_one_a_sentence_says_how_to_build_it,
    another_system_or_processor_is_told_the_container_action,
];

/// The tests of this directory.
pub(crate) const ALL: &[&[Test]] = &[TESTS];

fn action() -> HostAction {
    HostAction::new(binary())
}

fn step<'a>(job: &'a Job, action: &'a HostAction, door: &FrontDoor) -> Step<'a> {
    job.host_step(action).registry(door).input("GHCR_PAT", PAT)
}

fn docker(job: &Job) -> PathBuf {
    job.user_home().join(".docker")
}

fn config(job: &Job) -> Value {
    serde_json::from_slice(&fs::read(docker(job).join("config.json")).unwrap()).unwrap()
}

fn warnings(run: &Run) -> Vec<&str> {
    run.stdout.lines().filter(|line| line.starts_with("::warning")).collect()
}

/// A program in the place of ours that says how it was started.
fn stand_in(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    ghcr_auth_testbed::script::write(path, &format!("#!/bin/sh\n{text}\n"));
}

fn the_login_is_in_the_jobs_own_home_and_nothing_is_exported_and_post_takes_it_back() {
    let action = action();
    let (job, door) = (Job::new(), open_door());
    let run = step(&job, &action, &door).run();
    let shown = docker(&job).display().to_string();
    run.assert_outputs(&[("push", "true"), ("logged-in", "true"), ("docker-config", &shown), ("credential", "GHCR_PAT")]);
    assert_eq!((run.env.len(), warnings(&run), run.stderr.as_str()), (0, vec![], ""), "{}", run.log());
    let modes = [docker(&job), docker(&job).join("config.json")].map(|path| fs::metadata(path).unwrap().permissions().mode() & 0o7777);
    assert_eq!((config(&job)["auths"].as_object().unwrap().len(), modes), (1, [0o700, 0o600]));
    let post = step(&job, &action, &door).post().run();
    assert_eq!((post.code, post.env.len()), (0, 0), "{}", post.log());
    assert!(post.stdout.contains("Logged out of") && !docker(&job).exists(), "{}", post.log());
}

fn everything_that_earlier_steps_left_stays_and_is_there_afterwards() {
    let action = action();
    let (job, door) = (Job::new(), open_door());
    let before = json!({
        "auths": { "https://index.docker.io/v1/": { "auth": "aHViOnB3" }, door.host(): { "auth": "b2xk" } },
        "proxies": { "default": { "httpProxy": "http://p" } }, "currentContext": "ci", "cliPluginsExtraDirs": ["/opt/plugins"],
    });
    fs::create_dir_all(docker(&job).join("buildx/instances")).unwrap();
    fs::write(docker(&job).join("buildx/instances/one"), "{}").unwrap();
    fs::write(docker(&job).join("config.json"), before.to_string()).unwrap();
    let run = step(&job, &action, &door).run();
    run.assert_outputs(&[("logged-in", "true")]);
    let mut expected = before.clone();
    expected["auths"][door.host()] = config(&job)["auths"][door.host()].clone();
    assert_eq!(config(&job), expected);
    assert_eq!(step(&job, &action, &door).post().run().code, 0);
    assert_eq!(config(&job), before);
    assert!(docker(&job).join("buildx/instances/one").exists());
}

fn the_directory_that_a_job_chose_is_used_also_where_docker_would_create_it() {
    let action = action();
    let (job, door) = (Job::new(), open_door());
    let chosen = job.temp().join("docker");
    job.export("DOCKER_CONFIG", chosen.to_str().unwrap());
    let run = step(&job, &action, &door).run();
    run.assert_outputs(&[("logged-in", "true"), ("docker-config", chosen.to_str().unwrap())]);
    assert!(run.env.is_empty() && chosen.join("config.json").exists() && !docker(&job).exists());
    let post = step(&job, &action, &door).post().run();
    assert!(post.env.is_empty() && !chosen.exists(), "{}", post.log());
}

fn a_directory_where_no_credential_belongs_is_passed_over_for_later_steps_too_until_the_end() {
    let action = action();
    let (job, door) = (Job::new(), open_door());
    let unfit = job.workspace().join(".docker").display().to_string();
    fs::create_dir(&unfit).unwrap();
    job.export("DOCKER_CONFIG", &unfit);
    let run = step(&job, &action, &door).run();
    assert_eq!(run.env["DOCKER_CONFIG"], docker(&job).to_str().unwrap());
    assert!(warnings(&run).iter().any(|line| line.contains("workspace")), "{}", run.log());
    let post = step(&job, &action, &door).post().run();
    assert_eq!(post.env["DOCKER_CONFIG"], unfit);
    assert_eq!(fs::read_dir(&unfit).unwrap().count(), 0);
}

fn what_docker_would_ask_before_the_login_is_warned_of() {
    let action = action();
    for (text, word) in [(r#"{"credsStore":"pass"}"#, "credsStore"), (r#"{"credHelpers":{"HOST":"gh"}}"#, "credHelpers")] {
        let (job, door) = (Job::new(), open_door());
        fs::create_dir(docker(&job)).unwrap();
        fs::write(docker(&job).join("config.json"), text.replace("HOST", door.host())).unwrap();
        let run = step(&job, &action, &door).run();
        assert!(warnings(&run).iter().any(|line| line.contains(word)), "{word}: {}", run.log());
    }
}

fn a_no_leaves_nothing_and_the_exit_code_is_the_programs() {
    let action = action();
    let (job, door) = (Job::new(), open_door());
    let fork = step(&job, &action, &door).event(&Event::fork_pull_request()).run();
    fork.assert_outputs(&[("push", "false"), ("reason", "fork-pr"), ("logged-in", "false")]);
    assert_eq!((fork.code, door.connections(), docker(&job).exists()), (0, 0, false));
    let invalid = step(&job, &action, &door).input("verify", "perhaps").run();
    assert_eq!((invalid.code, invalid.output("reason")), (2, "invalid-input"));
    let required = job.host_step(&action).registry(&door).input("GITHUB_TOKEN", "ghs_unknown").input("required", "true").run();
    assert_eq!(required.code, 1, "{}", required.log());
}

fn the_program_gets_its_stage_as_its_name_the_streams_and_its_exit_code_as_they_are() {
    let action = HostAction::without_program();
    // A script loses its name to its interpreter; a shell in the place of the program does not.
    fs::copy("/bin/sh", action.program()).unwrap();
    let job = Job::new();
    for (post, stage) in [(false, "ghcr-auth"), (true, "ghcr-auth-post")] {
        let text = r#"printf '%s\n' "$0" "$GHCR_AUTH_HOST" "$(tr '\0' ' ' </proc/$$/cmdline)"; printf err >&2; exit 7"#;
        let step = job.host_step(&action).input("GHCR_PAT", PAT).args(&["-c", text]);
        let run = if post { step.post().run() } else { step.run() };
        assert_eq!((run.code, run.stderr.as_str()), (7, "err"));
        assert_eq!(run.stdout.lines().take(2).collect::<Vec<_>>(), [stage, "true"], "{}", run.stdout);
        assert!(!run.stdout.contains(PAT));
    }
    let killed = job.host_step(&action).args(&["-c", "kill -9 $$"]).run();
    assert_eq!(killed.code, 137);
}

fn a_signal_reaches_the_program_and_its_end_is_the_steps() {
    let action = HostAction::without_program();
    let job = Job::new();
    let text = "mkfifo pipe; trap 'rm pipe; exit 143' TERM; trap 'rm pipe; exit 130' INT; echo ready; read x <>pipe & wait";
    stand_in(&action.program(), text);
    for (terminate, code) in [(true, 143), (false, 130)] {
        let running = job.host_step(&action).spawn();
        assert!(running.wait_for_output("ready", PATIENCE));
        if terminate {
            running.terminate();
        } else {
            running.interrupt();
        }
        assert_eq!(running.wait(PATIENCE).code, code);
    }
}

fn the_program_ends_with_the_script_that_started_it() {
    let action = action();
    let (job, door) = (Job::new(), open_door());
    door.always("GET /token", Answer::usual().after(Duration::from_mins(1)));
    let running = step(&job, &action, &door).spawn();
    assert!(door.wait_for("GET /token", PATIENCE));
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", running.pid())).unwrap();
    let program = format!("/proc/{}/stat", children.trim());
    running.kill();
    assert_eq!(running.wait(PATIENCE).code, 137);
    // In parentheses stands the name, then the state; a zombie has ended.
    let runs = || fs::read_to_string(&program).is_ok_and(|stat| !stat.contains(") Z "));
    let end = Instant::now() + PATIENCE;
    while runs() {
        assert!(Instant::now() < end, "the program still waits for an answer");
        std::thread::yield_now();
    }
}

fn a_program_without_its_permission_is_mended() {
    let action = HostAction::without_program();
    stand_in(&action.program(), "echo started");
    set_mode(&action.program(), 0o644);
    let run = Job::new().host_step(&action).run();
    assert_eq!((run.code, run.stdout.as_str()), (0, "started\n"), "{}", run.log());
}

fn in_a_checkout_the_built_program_is_used_and_without_one_a_sentence_says_how_to_build_it() {
    let action = HostAction::without_program();
    let job = Job::new();
    let run = job.host_step(&action).run();
    assert_eq!((run.code, run.stdout.lines().count()), (1, 1), "{}", run.log());
    assert!(run.stdout.starts_with("::error") && run.stdout.contains("cargo build --release --locked"), "{}", run.log());
    let post = job.host_step(&action).post().run();
    assert!(post.code == 0 && post.stdout.starts_with("::warning"), "{}", post.log());
    stand_in(&action.built_program(), "echo built");
    assert_eq!(job.host_step(&action).run().stdout, "built\n");
}

fn another_system_or_processor_is_told_the_container_action() {
    let action = action();
    for pretended in ["{platform:'darwin',arch:'arm64'}", "{platform:'win32',arch:'x64'}", "{platform:'linux',arch:'s390x'}"] {
        let job = Job::new();
        let script = job.workspace().join("pretend.js");
        let text = format!("for (const [k, v] of Object.entries({pretended})) Object.defineProperty(process, k, {{ value: v }});");
        fs::write(&script, text).unwrap();
        let options = format!("--require={}", script.display());
        let run = job.host_step(&action).env("NODE_OPTIONS", &options).run();
        assert_eq!((run.code, run.stdout.lines().count(), run.outputs.len()), (1, 1, 0), "{}", run.log());
        assert!(run.stdout.contains("org/ghcr-auth@v1") && run.stdout.contains("Linux"), "{}", run.log());
    }
}
