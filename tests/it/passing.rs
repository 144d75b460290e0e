//! Refusals that GHCR gives in passing: before a no, the credential is asked once more, and the second answer counts.

use ghcr_auth_testbed::{
    front_door::{Answer, Denial, FrontDoor, Rules},
    job::{Job, Run},
};
use serde_json::Value;

use super::{FALLBACK, JOB_TOKEN, PAT, assert_outputs, binary, open_door, to_registry};

/// What GHCR was seen to answer to credentials that it accepted a moment later.
fn passing() -> [Answer; 4] {
    [
        Answer::error(403, "DENIED", "denied"),
        Answer::error(403, "DENIED", "permission_denied: Error from intermediary with HTTP status code 403 \"Forbidden\""),
        Answer::status(403).header("Content-Type", "text/html").body(b"<html><body>Whoa there!</body></html>"),
        Answer::status(403),
    ]
}

fn run(job: &Job, door: &FrontDoor, inputs: &[(&str, &str)]) -> Run {
    let step = job.step(binary()).registry(door).env("RUNNER_ENVIRONMENT", "self-hosted");
    inputs.iter().fold(step, |step, (name, value)| step.input(name, value)).run()
}

/// How often an endpoint was asked with a credential.
fn asked(door: &FrontDoor, key: &str, credential: &str) -> usize {
    door.requests().iter().filter(|request| request.key() == key && request.credential.as_deref() == Some(credential)).count()
}

fn attempts(run: &Run) -> Vec<Value> {
    let report: Value = serde_json::from_str(run.output("report")).unwrap();
    report["attempts"].as_array().unwrap().clone()
}

#[test]
fn a_passing_refusal_at_either_place_ends_with_a_yes_for_each_credential() {
    for (input, credential) in [("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN), ("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK)] {
        for key in ["GET /token", "POST uploads"] {
            for answer in passing() {
                let (job, door) = (Job::new(), FrontDoor::start(Rules::default().allow(credential)));
                door.script(key, vec![answer]);
                let run = run(&job, &door, &[(input, credential)]);
                assert_outputs(&run, &[("push", "true"), ("reason", "allowed"), ("credential", input)]);
                let requests: u64 = attempts(&run).iter().map(|attempt| attempt["requests"].as_u64().unwrap()).sum();
                let sent = to_registry(&door).iter().filter(|request| request.method != "DELETE").count();
                assert_eq!(requests, sent as u64, "each request is counted: {}", run.log());
            }
        }
    }
}

#[test]
fn the_second_answer_counts_and_there_is_no_third_question() {
    for key in ["GET /token", "POST uploads"] {
        let (job, door) = (Job::new(), open_door());
        let [first, ..] = passing();
        door.script(key, vec![first.clone(), first.clone(), first]);
        let run = run(&job, &door, &[("GHCR_PAT", PAT)]);
        assert_outputs(&run, &[("push", "false"), ("reason", if key == "GET /token" { "bad-credential" } else { "denied" })]);
        assert_eq!(asked(&door, key, PAT).max(door.requests().iter().filter(|request| request.key() == key).count()), 2);
    }
    let (job, door) = (Job::new(), open_door());
    let [first, ..] = passing();
    door.script("POST uploads", vec![first, Denial::PackageWriteDenied.answer()]);
    assert_outputs(&run(&job, &door, &[("GHCR_PAT", PAT)]), &[("push", "false"), ("reason", "package-write-denied")]);
}

#[test]
fn a_named_cause_is_not_asked_about_again() {
    for denial in Denial::all().into_iter().filter(|denial| *denial != Denial::Denied) {
        let (job, door) = (Job::new(), FrontDoor::start(Rules::default().deny(PAT, denial)));
        assert_outputs(&run(&job, &door, &[("GHCR_PAT", PAT)]), &[("push", "false"), ("reason", denial.reason())]);
        assert_eq!((asked(&door, "GET /token", PAT), asked(&door, "POST uploads", PAT)), (1, 1), "{}", denial.reason());
    }
    let (job, door) = (Job::new(), open_door());
    door.always("POST uploads", Answer::error(403, "DENIED", "The policy of acme forbids this."));
    assert_outputs(&run(&job, &door, &[("GHCR_PAT", PAT)]), &[("push", "false"), ("reason", "denied")]);
    assert_eq!(asked(&door, "POST uploads", PAT), 1);
}

#[test]
fn a_dead_pat_yields_to_a_token_that_works_without_being_asked_again() {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().allow(JOB_TOKEN)));
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)]);
    assert_outputs(&run, &[("push", "true"), ("credential", "GITHUB_TOKEN")]);
    assert_eq!(asked(&door, "GET /token", PAT), 1);
}

#[test]
fn a_refusal_that_passed_goes_before_the_credentials_that_were_tried_after_it() {
    let rules = Rules::default().allow(PAT).deny(JOB_TOKEN, Denial::PackagesPermissionMissing);
    let (job, door) = (Job::new(), FrontDoor::start(rules));
    door.script("GET /token", vec![Answer::error(403, "DENIED", "denied")]);
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)]);
    assert_outputs(&run, &[("push", "true"), ("credential", "GHCR_PAT")]);
    assert_eq!(asked(&door, "POST uploads", JOB_TOKEN), 1);
}

#[test]
fn of_several_images_only_those_are_asked_about_again_that_were_refused_in_passing() {
    let (job, door) = (Job::new(), open_door());
    door.script("POST /v2/acme/b/blobs/uploads/", vec![Answer::status(403)]);
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("images", "acme/a,acme/b,acme/c")]);
    assert_outputs(&run, &[("push", "true"), ("credential", "GHCR_PAT")]);
    let opened = |image: &str| door.requests().iter().filter(|request| request.path == format!("/v2/acme/{image}/blobs/uploads/")).count();
    assert_eq!(["a", "b", "c"].map(opened), [1, 2, 1]);
}

#[test]
fn where_one_image_is_refused_for_a_cause_the_others_are_not_asked_about_again() {
    let (job, door) = (Job::new(), open_door());
    door.always("POST /v2/acme/a/blobs/uploads/", Denial::PackageWriteDenied.answer());
    door.always("POST /v2/acme/b/blobs/uploads/", Answer::status(403));
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("images", "acme/a,acme/b")]);
    assert_outputs(&run, &[("push", "false"), ("reason", "package-write-denied")]);
    assert_eq!(door.requests().iter().filter(|request| request.key() == "POST uploads").count(), 2);
}
