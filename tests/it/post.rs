//! The post stage: what was there before is there again.

use std::fs;

use ghcr_auth_testbed::{
    front_door::FrontDoor,
    job::{Job, Run},
};
use serde_json::json;

use super::{JOB_TOKEN, PAT, assert_outputs, binary, open_door, with_pat};

#[track_caller]
fn post(job: &Job) -> Run {
    let run = job.step(binary()).post().run();
    assert_eq!(run.code, 0, "{}", run.log());
    run
}

fn login(job: &Job, door: &FrontDoor) -> Run {
    let run = with_pat(job, door).run();
    assert_outputs(&run, &[("logged-in", "true")]);
    run
}

/// Whether any file of the job still holds a credential.
#[track_caller]
fn assert_clean(job: &Job) {
    for file in job.files() {
        let content = fs::read(&file).unwrap();
        let holds = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{PAT}"));
        assert!(!holds(PAT.as_bytes()) && !holds(basic.as_bytes()), "{}", file.display());
    }
}

#[test]
fn what_main_made_is_gone() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    post(&job);
    assert!(!job.home().join(".docker").exists());
    assert_clean(&job);
}

#[test]
fn the_previous_entry_is_back() {
    let (job, door) = (Job::new(), open_door());
    let before = json!({ "auths": { door.host(): { "auth": "b2xk" } }, "keep": 1 });
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(job.home().join(".docker/config.json"), before.to_string()).unwrap();
    let run = login(&job, &door);
    assert!(run.raw.values().all(|text| !text.contains("b2xk")), "the previous entry is a secret too");
    let log = post(&job).log();
    assert!(log.contains("the login that was there before is back"), "{log}");
    assert_eq!(job.docker_config(), Some(before));
    assert_eq!(fs::read_dir(job.home().join(".docker")).unwrap().count(), 1, "the backup is left");
    assert_clean(&job);
}

#[test]
fn a_later_login_elsewhere_stays() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let path = job.home().join(".docker/config.json");
    let mut config = job.docker_config().unwrap();
    config["auths"]["quay.io"] = json!({ "auth": "cQ==" });
    fs::write(&path, config.to_string()).unwrap();
    post(&job);
    assert_eq!(job.docker_config(), Some(json!({ "auths": { "quay.io": { "auth": "cQ==" } } })));
}

#[test]
fn a_later_login_of_the_same_registry_is_not_ours_to_take() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let theirs = json!({ "auths": { door.host(): { "auth": "bGF0ZXI=" } } });
    fs::write(job.home().join(".docker/config.json"), theirs.to_string()).unwrap();
    post(&job);
    assert_eq!(job.docker_config(), Some(theirs));
}

#[test]
fn two_steps_give_back_in_either_order() {
    for first_goes_first in [false, true] {
        let (job, door) = (Job::new(), open_door());
        login(&job, &door);
        let first = job.take_state();
        let second = job.step(binary()).registry(&door).input("GITHUB_TOKEN", JOB_TOKEN).run();
        assert_outputs(&second, &[("credential", "GITHUB_TOKEN"), ("logged-in", "true")]);
        let second = job.take_state();
        let order = if first_goes_first { [first, second] } else { [second, first] };
        for state in order {
            job.set_state(state);
            post(&job);
        }
        assert!(job.docker_config().is_none_or(|config| config.get("auths").is_none_or(|auths| auths == &json!({}))));
        assert_clean(&job);
    }
}

#[test]
fn post_twice_or_without_main_changes_nothing() {
    let (job, door) = (Job::new(), open_door());
    post(&job);
    login(&job, &door);
    post(&job);
    post(&job);
    assert!(!job.home().join(".docker").exists());
}

#[test]
fn logout_false_keeps_the_login() {
    let (job, door) = (Job::new(), open_door());
    assert_outputs(&with_pat(&job, &door).input("logout", "false").run(), &[("logged-in", "true")]);
    post(&job);
    assert!(job.docker_config().unwrap()["auths"].get(door.host()).is_some());
}

#[test]
fn a_file_that_was_broken_since_is_left_alone() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let path = job.home().join(".docker/config.json");
    fs::write(&path, "broken").unwrap();
    post(&job);
    assert_eq!(fs::read(&path).unwrap(), b"broken");
}

#[test]
fn what_a_killed_writer_left_is_removed() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    fs::write(job.home().join(".docker/.ghcr-auth.unfinished"), PAT).unwrap();
    post(&job);
    assert_clean(&job);
}

#[test]
fn an_entry_that_was_there_and_is_the_same_survives_a_login_that_failed() {
    let (job, door) = (Job::new(), open_door());
    let auth = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{PAT}"));
    let before = json!({ "auths": { door.host(): { "auth": auth } } });
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(job.home().join(".docker/config.json"), before.to_string()).unwrap();
    assert_outputs(&with_pat(&job, &door).env("GITHUB_ENV", "/dev/full").run(), &[("reason", "login-failed")]);
    post(&job);
    assert_eq!(job.docker_config(), Some(before.clone()));
    login(&job, &door);
    let backup = fs::read_dir(job.home().join(".docker")).unwrap().find(|entry| entry.as_ref().unwrap().file_name() != "config.json");
    fs::remove_file(backup.unwrap().unwrap().path()).unwrap();
    post(&job);
    assert_eq!(job.docker_config(), Some(before), "main was killed before it kept the entry, so before it changed it");
}

#[test]
fn a_logout_before_ours_leaves_only_the_cleaning_up() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    fs::write(job.home().join(".docker/config.json"), r#"{"auths":{}}"#).unwrap();
    post(&job);
    assert!(!job.home().join(".docker").exists());
}

#[test]
fn a_file_that_there_is_nothing_to_take_back_from_stays_byte_for_byte() {
    let (job, door) = (Job::new(), open_door());
    let before = br#"{"auths":{"quay.io":{"auth":"cQ=="}},  "n": 12345678901234567890123}"#;
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(job.home().join(".docker/config.json"), before).unwrap();
    assert_outputs(&with_pat(&job, &door).env("GITHUB_ENV", "/dev/full").run(), &[("reason", "login-failed")]);
    post(&job);
    assert_eq!(fs::read(job.home().join(".docker/config.json")).unwrap(), before);
}
