//! What people and workflows read after a run.

use ghcr_auth_testbed::{
    event::Event,
    front_door::{Denial, FrontDoor, Rules},
    job::{Job, Run},
    script,
};

use super::{JOB_TOKEN, PAT, assert_outputs, binary, open_door, with_pat};

/// A run's log and summary with what differs from run to run replaced.
fn shown(run: &Run, job: &Job, door: &FrontDoor) -> String {
    let digits = |text: &str| {
        let mut text = text
            .replace(door.host(), "ghcr.test")
            .replace(&door.host().replace(':', "%3A"), "ghcr.test")
            .replace(&job.temp().display().to_string(), "/temp");
        while let Some(end) = text.find(" ms)") {
            let start = text[..end].rfind(' ').unwrap() + 1;
            text.replace_range(start..end + 4, "N-ms)");
        }
        text
    };
    digits(&format!("{}\n---\n{}", run.log(), run.summary))
}

#[test]
fn an_allowed_run_reads_well() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).run();
    insta::assert_snapshot!(shown(&run, &job, &door));
}

#[test]
fn a_fork_reads_well() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).event(&Event::fork_pull_request()).run();
    insta::assert_snapshot!(shown(&run, &job, &door));
}

#[test]
fn a_refusal_reads_well() {
    let rules = Rules::default().deny(JOB_TOKEN, Denial::PackageWriteDenied);
    let (job, door) = (Job::new(), FrontDoor::start(rules));
    let run = with_pat(&job, &door).input("GITHUB_TOKEN", JOB_TOKEN).input("images", "Acme/App, acme/app/cache").run();
    insta::assert_snapshot!(shown(&run, &job, &door));
}

#[test]
fn images_are_normalised_and_listed() {
    let (job, door) = (Job::new(), open_door());
    let full = format!("{}/acme/app/cache", door.host());
    let run = with_pat(&job, &door).input("images", &format!("Acme/App,{full}\nacme/app")).run();
    assert_outputs(&run, &[("image", &format!("{}/acme/app", door.host())), ("images", &format!("{}/acme/app\n{full}", door.host()))]);
}

#[test]
fn the_report_has_what_the_reference_says() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).run();
    let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
    assert!(!run.output("report").contains('\n'));
    let image = format!("{}/acme/app", door.host());
    assert_eq!(report["images"], serde_json::json!([image]));
    assert_eq!(report["event"], serde_json::json!({ "name": "push", "trusted": true, "reason": "trusted" }));
    let attempt = &report["attempts"][0];
    assert_eq!((attempt["credential"].as_str(), attempt["image"].as_str()), (Some("GHCR_PAT"), Some(image.as_str())));
    assert_eq!(
        (attempt["verdict"].as_str(), attempt["status"].as_u64(), attempt["requests"].as_u64()),
        (Some("allowed"), Some(202), Some(3))
    );
    assert!(attempt["millis"].is_u64());
    assert_eq!(report["fix"], serde_json::json!([]));
}

#[test]
fn a_summary_that_cannot_be_written_is_no_reason_to_fail() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).env("GITHUB_STEP_SUMMARY", "/dev/full").run();
    assert_outputs(&run, &[("push", "true")]);
    assert_eq!(run.code, 0);
}

#[test]
fn a_reader_that_went_away_changes_nothing() {
    let (job, door) = (Job::new(), open_door());
    let script = job.temp().join("closed.sh");
    script::write(&script, &format!("#!/bin/sh\nexec {} >/dev/full 2>&1\n", binary().display()));
    let run = job.step(&script).registry(&door).input("GHCR_PAT", PAT).run();
    assert_outputs(&run, &[("push", "true")]);
    assert_eq!(run.code, 0);
}
