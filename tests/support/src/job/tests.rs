use super::*;
use crate::event::Event;
use crate::front_door::FrontDoor;

/// A program that stands for the action.
fn script(job: &Job, text: &str) -> PathBuf {
    let path = job.workspace().join("action.sh");
    crate::script::write(&path, &format!("#!/bin/sh\n{text}\n"));
    path
}

#[test]
fn a_step_sees_what_the_runner_gives_and_nothing_else() {
    let job = Job::new();
    let door = FrontDoor::spare();
    // A shell drops names with a hyphen from `env`, so the list comes from the kernel.
    let program = script(&job, "tr '\\0' '\\n' </proc/$$/environ; echo ::add-mask::secret; exit 3");
    let run = job.step(program).input("GHCR_PAT", "secret").registry(&door).env("X", "1").remove_env("RUNNER_OS").run();
    assert_eq!(run.code, 3);
    let has = |line: String| {
        assert!(run.stdout.lines().any(|found| found == line), "{line}\n{}", run.stdout);
    };
    has(format!("INPUT_REGISTRY={}", door.host()));
    has(format!("GITHUB_API_URL={}", door.url()));
    has(format!("INPUT_RUNNER-TEMP=host:{}", job.temp().display()));
    has("INPUT_GHCR_PAT=secret".to_owned());
    has("X=1".to_owned());
    assert!(!run.stdout.contains("RUNNER_OS") && !run.stdout.contains("CARGO"));
    assert!(!run.log().contains("add-mask"));
}

#[test]
fn later_stages_get_what_earlier_ones_saved_in_new_files() {
    let job = Job::new();
    let write = r#"
        echo "push=$STATE_k:$EXPORTED" >>"$GITHUB_OUTPUT"; echo k=saved >>"$GITHUB_STATE"
        echo EXPORTED=e >>"$GITHUB_ENV"; echo summary >"$GITHUB_STEP_SUMMARY"; echo bad >>"$GITHUB_ENV""#;
    let program = script(&job, write);
    let first = job.step(&program).run();
    assert_eq!((first.output("push"), first.summary.as_str()), (":", "summary\n"));
    assert_eq!(first.errors, ["GITHUB_ENV: Invalid format 'bad'"]);
    assert_eq!(job.step(&program).run().output("push"), "saved:e");
    job.forget_state();
    assert_eq!(job.step(&program).post().run().output("push"), ":e");
}

#[test]
fn the_event_is_written_anew_for_every_stage() {
    let job = Job::new();
    let program = script(&job, "cat \"$GITHUB_EVENT_PATH\"");
    let payload = |run: &Run| serde_json::from_str::<Value>(&run.stdout).unwrap();
    assert_eq!(payload(&job.step(&program).run()), Event::push().payload);
    let fork = Event::fork_pull_request();
    assert_eq!(payload(&job.step(&program).event(&fork).run()), fork.payload);
    assert_eq!(job.step(&program).raw_event(b"{broken").run().stdout, "{broken");
    assert_eq!(job.step(&program).no_event().run().code, 1);
}

#[test]
fn a_running_stage_can_be_signalled() {
    let job = Job::new();
    let text = "mkfifo pipe; cat <>pipe & trap \"kill $!; exit 7\" TERM; echo ready; wait";
    let step = job.step(script(&job, text)).spawn();
    assert!(step.wait_for_output("ready", PATIENCE));
    step.terminate();
    assert_eq!(step.wait(PATIENCE).code, 7);

    let step = job.step(script(&job, "rm pipe; mkfifo pipe; echo ready; exec cat <>pipe")).spawn();
    assert!(step.wait_for_output("ready", PATIENCE));
    step.kill();
    assert_eq!(step.wait(PATIENCE).code, 137);
}
