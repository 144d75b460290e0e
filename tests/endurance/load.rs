//! Hundreds of runs against one registry that fails now and then.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use ghcr_auth_testbed::{
    front_door::{Answer, Denial, FrontDoor, Rules},
    job::{Job, Run},
};
use serde_json::json;

use crate::endurance::{binary, figure, rounds};

/// How many run at once.
const PARALLEL: usize = 16;

/// One request of so many goes wrong.
const FAULT_EVERY: usize = 20;

/// Reasons that say nothing about permissions.
const UNKNOWN: [&str; 5] = ["registry-unreachable", "registry-unavailable", "registry-protocol", "rate-limited", "registry-timeout"];

fn token(run: usize) -> String {
    format!("ghp_LoadCanary{run:05}Q7Zt3Lw9Rb2Vn5Km8Dj1X")
}

fn image(run: usize) -> String {
    format!("acme/app{run}")
}

/// Every fifth credential may not push.
fn may_push(run: usize) -> bool {
    !run.is_multiple_of(5)
}

fn door(runs: usize) -> FrontDoor {
    let rules = (0..runs).fold(Rules::default(), |rules, run| {
        if may_push(run) { rules.allow(&token(run)) } else { rules.deny(&token(run), Denial::PackageWriteDenied) }
    });
    let door = FrontDoor::start(rules);
    let faults = [
        Answer::cut(),
        Answer::status(503),
        Answer::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"tok").then_reset(),
        Answer::status(500),
        Answer::json(429, json!({})).header("Retry-After", "1"),
        Answer::status(404),
        Answer::status(200).body(b"<html>"),
        Answer::usual().after(std::time::Duration::from_millis(200)),
    ];
    door.fail_every(FAULT_EVERY, faults.to_vec());
    door
}

fn run(number: usize, door: &FrontDoor, api: &FrontDoor) -> Run {
    let job = Job::new();
    let step = job.step(binary()).input("registry", door.host()).env("GITHUB_API_URL", &api.url());
    let run = step.input("GHCR_PAT", &token(number)).input("images", &image(number)).run();
    assert_eq!(run.code, 0, "{}", run.log());
    assert_eq!(job.docker_config().is_some(), run.output("push") == "true");
    let post = job.step(binary()).post().run();
    assert_eq!(post.code, 0, "{}", post.log());
    let left: Vec<_> =
        job.files().into_iter().filter(|file| !file.starts_with(job.file_commands()) && !file.starts_with(job.workflow())).collect();
    assert!(left.is_empty() && !job.home().join(".docker").exists(), "{left:?}");
    run
}

/// A yes needs the registry's 202 for this credential and this image; a no its refusal, or a reason that is none.
fn assert_right(number: usize, run: &Run, door: &FrontDoor) {
    let path = format!("/v2/{}/blobs/uploads/", image(number));
    let asked: Vec<_> = door.requests().into_iter().filter(|request| request.method == "POST" && request.path == path).collect();
    assert!(asked.iter().all(|request| request.credential.as_deref() == Some(&token(number))));
    let proven = asked.iter().any(|request| request.status == 202);
    assert_eq!(run.output("push") == "true", proven && may_push(number), "{}", run.log());
    let expected = if may_push(number) { "allowed" } else { "package-write-denied" };
    let reason = run.output("reason");
    assert!(reason == expected || UNKNOWN.contains(&reason), "{number}: {}", run.log());
}

#[test]
fn every_decision_is_right_under_load_while_one_request_in_twenty_fails() {
    let runs = rounds(100);
    let (door, api) = (door(runs), FrontDoor::spare());
    let (next, peaks, unknown) = (AtomicUsize::new(0), Mutex::new(Vec::new()), AtomicUsize::new(0));
    let worker = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= runs {
                return;
            }
            let run = run(number, &door, &api);
            assert_right(number, &run, &door);
            unknown.fetch_add(usize::from(UNKNOWN.contains(&run.output("reason"))), Ordering::Relaxed);
            peaks.lock().unwrap().push(run.peak_kib);
        }
    };
    std::thread::scope(|scope| (0..PARALLEL).for_each(|_| drop(scope.spawn(worker))));
    let mut peaks = peaks.into_inner().unwrap();
    assert_eq!(peaks.len(), runs);
    peaks.sort_unstable();
    let (median, most, unknown) = (peaks[runs / 2], peaks[runs - 1], unknown.into_inner());
    assert!(most < median * 3 / 2, "one run took {most} KiB, half of them at most {median}");
    assert!(unknown * 5 < runs, "{unknown} of {runs} runs came to no answer");
    let faults = door.requests().len() / FAULT_EVERY;
    figure(&format!("load: {runs} runs, {faults} faults, {unknown} without an answer, memory median {median} KiB, most {most} KiB"));
}
