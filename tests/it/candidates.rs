//! Which credential is used, and what becomes of the others.

use ghcr_auth_testbed::{
    front_door::{Answer, Denial, FrontDoor, Rules, Verdict},
    job::{Job, Run},
};

use super::{FALLBACK, JOB_TOKEN, PAT, assert_outputs, binary, open_door, to_registry};

fn run(job: &Job, door: &FrontDoor, inputs: &[(&str, &str)], env: &[(&str, &str)]) -> Run {
    let step = inputs.iter().fold(job.step(binary()).registry(door), |step, (name, value)| step.input(name, value));
    env.iter().fold(step, |step, (name, value)| step.env(name, value)).run()
}

const SELF_HOSTED: (&str, &str) = ("RUNNER_ENVIRONMENT", "self-hosted");

#[test]
fn an_expired_pat_does_not_hide_a_working_job_token() {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().allow(JOB_TOKEN)));
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)], &[]);
    assert_outputs(&run, &[("push", "true"), ("credential", "GITHUB_TOKEN"), ("reason", "allowed")]);
    assert!(run.stdout.contains("::warning title=GHCR_PAT::GHCR_PAT was rejected"), "{}", run.log());
}

#[test]
fn a_pat_under_its_other_name_is_a_pat() {
    let (job, door) = (Job::new(), open_door());
    let run = run(&job, &door, &[("GHCR_TOKEN", PAT), ("GITHUB_TOKEN", JOB_TOKEN)], &[]);
    assert_outputs(&run, &[("push", "true"), ("credential", "GHCR_TOKEN")]);
}

#[test]
fn the_fallback_is_tried_last_and_never_on_githubs_runners() {
    let rules = || Rules::default().deny(JOB_TOKEN, Denial::PackagesPermissionMissing).allow(FALLBACK);
    let inputs = [("GITHUB_TOKEN", JOB_TOKEN), ("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK)];
    let (job, door) = (Job::new(), FrontDoor::start(rules()));
    assert_outputs(&run(&job, &door, &inputs, &[SELF_HOSTED]), &[("push", "true"), ("credential", "LOCAL_RUNNER_FALLBACK_TOKEN")]);
    let (job, door) = (Job::new(), FrontDoor::start(rules()));
    assert_outputs(&run(&job, &door, &inputs, &[]), &[("push", "false"), ("reason", "packages-permission-missing")]);
    assert!(!door.credentials().contains(&FALLBACK.to_owned()));
}

#[test]
fn under_act_only_what_was_given_for_it_is_sent() {
    let (job, door) = (Job::new(), open_door());
    let inputs = [("GITHUB_TOKEN", JOB_TOKEN), ("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK)];
    assert_outputs(
        &run(&job, &door, &inputs, &[("ACT", "true"), ("RUNNER_ENVIRONMENT", "")]),
        &[("push", "true"), ("credential", "LOCAL_RUNNER_FALLBACK_TOKEN")],
    );
    assert!(to_registry(&door).iter().all(|request| request.credential.as_deref().is_none_or(|credential| credential == FALLBACK)));
}

#[test]
fn a_credential_must_be_allowed_on_every_image() {
    let rules = Rules::default().allow(PAT).rule(PAT, "acme/web", Verdict::Denied(Denial::PackageWriteDenied)).allow(JOB_TOKEN);
    let (job, door) = (Job::new(), FrontDoor::start(rules));
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN), ("images", "acme/app\nacme/web")], &[]);
    assert_outputs(&run, &[("push", "true"), ("credential", "GITHUB_TOKEN")]);
}

#[test]
fn an_outage_does_not_decide_which_credential_is_used() {
    let (job, door) = (Job::new(), open_door());
    door.always("POST uploads", Answer::status(501));
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)], &[]);
    assert_outputs(&run, &[("push", "false"), ("reason", "registry-protocol"), ("credential", "")]);
    assert!(!door.credentials().contains(&JOB_TOKEN.to_owned()));
}

#[test]
fn the_reason_is_that_of_the_first_credential_tried() {
    let rules = Rules::default().deny(PAT, Denial::MissingScope).deny(JOB_TOKEN, Denial::PackagesPermissionMissing);
    let (job, door) = (Job::new(), FrontDoor::start(rules));
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)], &[]);
    assert_outputs(&run, &[("push", "false"), ("reason", "missing-scope")]);
    let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
    let reasons: Vec<_> = report["attempts"].as_array().unwrap().iter().map(|attempt| attempt["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["missing-scope", "packages-permission-missing"]);
}

#[test]
fn equal_values_are_one_attempt() {
    let (job, door) = (Job::new(), FrontDoor::spare());
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", PAT)], &[]);
    assert_outputs(&run, &[("push", "false"), ("reason", "bad-credential")]);
    assert_eq!(door.requests().iter().filter(|request| request.path == "/token").count(), 2, "once, and once more before the no");
}

#[test]
fn with_nothing_to_try_nothing_is_asked() {
    let (job, door) = (Job::new(), open_door());
    assert_outputs(
        &run(&job, &door, &[("GHCR_PAT", " \n")], &[]),
        &[("push", "false"), ("reason", "no-credential"), ("logged-in", "false")],
    );
    let malformed = run(&job, &door, &[("GHCR_PAT", "***")], &[]);
    assert_outputs(&malformed, &[("push", "false"), ("reason", "credential-malformed")]);
    assert!(door.requests().is_empty());
}

#[test]
fn without_verification_no_request_of_any_kind_is_made() {
    let (job, door) = (Job::new(), FrontDoor::spare());
    let run = run(&job, &door, &[("GHCR_PAT", PAT), ("verify", "false")], &[]);
    assert_outputs(&run, &[("push", "true"), ("reason", "unverified"), ("credential", "GHCR_PAT"), ("logged-in", "true")]);
    assert_eq!(door.connections(), 0);
}

#[test]
fn required_fails_the_step_on_a_refusal_and_on_nothing_else() {
    let (job, door) = (Job::new(), FrontDoor::spare());
    let refused = run(&job, &door, &[("GHCR_PAT", PAT), ("required", "true")], &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.stdout.contains("::error title=No push%3A "), "{}", refused.log());
    let (job, door) = (Job::new(), open_door());
    assert_eq!(run(&job, &door, &[("GHCR_PAT", PAT), ("required", "true")], &[]).code, 0);
}

#[test]
fn a_token_of_the_new_long_form_is_a_token() {
    let long = format!("ghs_123456_eyJhbGciOiJSUzI1NiJ9.{}.c2ln-_{}", "eyJMb25nQ2FuYXJ5".repeat(25), "Ab3".repeat(30));
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().allow(&long)));
    assert_outputs(&run(&job, &door, &[("GITHUB_TOKEN", &long)], &[]), &[("push", "true"), ("credential", "GITHUB_TOKEN")]);
}

#[test]
fn only_a_refusal_is_called_one() {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().deny(PAT, Denial::MissingScope).allow(JOB_TOKEN)));
    door.script("POST uploads", vec![Answer::usual()]);
    door.always("POST uploads", Answer::status(501));
    let outage = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)], &[]);
    assert_outputs(&outage, &[("push", "false"), ("reason", "missing-scope")]);
    assert!(!outage.log().contains("was rejected too"), "{}", outage.log());
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().deny(PAT, Denial::MissingScope).allow(JOB_TOKEN)));
    std::fs::create_dir(job.home().join(".docker")).unwrap();
    std::fs::write(job.home().join(".docker/config.json"), "[]").unwrap();
    let login = run(&job, &door, &[("GHCR_PAT", PAT), ("GITHUB_TOKEN", JOB_TOKEN)], &[]);
    assert_outputs(&login, &[("push", "false"), ("reason", "login-failed")]);
    assert!(!login.log().contains("was rejected too") && !login.log().contains("Scopes"), "{}", login.log());
}

#[test]
fn there_is_one_annotation_for_a_credential_whatever_there_is_to_say_of_it() {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().allow(JOB_TOKEN)));
    let run = run(&job, &door, &[("GHCR_PAT", &format!("{PAT}\n")), ("GITHUB_TOKEN", JOB_TOKEN)], &[]);
    assert_outputs(&run, &[("push", "true"), ("credential", "GITHUB_TOKEN")]);
    let annotations: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("::warning")).collect();
    assert_eq!(annotations.len(), 1, "{annotations:?}");
    assert!(annotations[0].contains("now stripped") && annotations[0].contains("was rejected"));
}
