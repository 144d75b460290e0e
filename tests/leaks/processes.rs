//! The process itself: its command line, its limits, its signals, its bugs.

use std::fs;

use ghcr_auth_testbed::{
    front_door::{Answer, Rules},
    job::{PATIENCE, Running},
};
use rustix::process::{Pid, Signal, kill_process};

use super::{
    play,
    scene::{Mood, Scene},
    secrets::{CREDENTIALS, PAT, forms},
    trace,
};

/// What the system shows everybody of a running process, and whether the process would leave a core dump.
#[track_caller]
pub(crate) fn inspect(pid: u32) {
    let of_process = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap();
    let arguments = of_process("cmdline");
    assert!(!arguments.is_empty(), "the process is still there");
    for name in ["cmdline", "comm", "status"] {
        assert_eq!(trace::in_text(name, &of_process(name)), Vec::<String>::new());
    }
    let limits = String::from_utf8(of_process("limits")).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"], "the soft and the hard limit");
    for task in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        // Where the kernel does not tell, there is nothing to see.
        let children = fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
        assert_eq!(children, "", "a child, whose command line would show too");
    }
}

fn signal(running: &Running<'_>, signal: Signal) {
    kill_process(Pid::from_raw(running.pid().try_into().unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn a_running_process_shows_no_secret_and_a_signal_leaves_none() {
    let signals = [Signal::TERM, Signal::INT, Signal::KILL, Signal::ABORT, Signal::QUIT];
    let rows: Vec<_> = ["GET /v2/", "GET /token", "POST uploads"].into_iter().flat_map(|key| signals.map(|signal| (key, signal))).collect();
    play(&rows, |(key, how), mood| {
        let scene = Scene::open(mood).answering(&[(key, Answer::silence())]);
        let running = scene.step().spawn();
        assert!(scene.door.wait_for(key, PATIENCE));
        inspect(running.pid());
        signal(&running, *how);
        let run = running.wait(PATIENCE);
        assert_eq!(run.code, 128 + how.as_raw());
        assert!(run.outputs.is_empty());
        scene.examine(&run);
        scene.post();
    });
}

#[test]
fn a_process_that_asks_githubs_api_shows_no_secret() {
    play(&[()], |(), mood| {
        let scene = Scene::new(mood, Rules::default()).answering(&[("GET /user", Answer::silence())]);
        let running = scene.step().spawn();
        assert!(scene.door.wait_for("GET /user", PATIENCE));
        inspect(running.pid());
        signal(&running, Signal::TERM);
        scene.examine(&running.wait(PATIENCE));
    });
}

#[cfg(debug_assertions)]
#[test]
fn a_bug_ends_with_a_fixed_text_and_a_no() {
    let rows: Vec<_> = CREDENTIALS.iter().flat_map(|(_, token)| forms(token)).collect();
    play(&rows, |text, mood| {
        let scene = Scene::open(mood);
        let run = scene.run(scene.step().env("GHCR_AUTH_TEST_PANIC", text));
        assert_eq!((run.code, run.stderr.as_str()), (70, ""));
        assert_eq!(run.log(), "::error title=ghcr-auth::ghcr-auth itself failed; this is a bug. Nothing is pushed.");
        assert_eq!((run.output("push"), run.output("reason"), run.outputs.len()), ("false", "internal", 13));
        assert!(scene.door.requests().is_empty());
    });
    let scene = Scene::open(Mood::Plain);
    let run = scene.step().env("GHCR_AUTH_TEST_PANIC", PAT).env("GITHUB_OUTPUT", "/dev/full").run();
    assert_eq!(run.code, 70);
    scene.examine(&run);
}

#[test]
fn a_log_that_cannot_be_written_is_no_bug() {
    for stream in ["/dev/full", "/dev/null"] {
        let scene = Scene::open(Mood::Talkative);
        let open = || fs::OpenOptions::new().write(true).open(stream).unwrap();
        let mut command = std::process::Command::new(super::binary());
        command.env_clear().env("GITHUB_ACTIONS", "true").env("INPUT_GHCR_PAT", PAT).env("RUST_BACKTRACE", "full");
        command.current_dir(scene.job.workspace()).stdout(open());
        let output = command.stderr(std::process::Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(trace::in_streams("", &String::from_utf8_lossy(&output.stderr)), Vec::<String>::new());
        assert_eq!(output.stderr, b"");
    }
}
