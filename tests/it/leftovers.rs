//! What the post stage leaves of the login: nothing, wherever it was copied to and however it is spelled there.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::{
    front_door::FrontDoor,
    job::{Job, Run},
};

use super::{PAT, assert_outputs, binary, open_door, with_pat};

/// A username that gives the base64 both of its signs.
const USERNAME: &str = "aa?a?>";

fn auth() -> String {
    STANDARD.encode(format!("{USERNAME}:{PAT}"))
}

fn login(job: &Job, door: &FrontDoor) {
    assert_outputs(&with_pat(job, door).input("GHCR_USERNAME", USERNAME).run(), &[("logged-in", "true")]);
}

/// Puts a text in place of config.json, with `HOST` for the registry and `AUTH` for our login.
fn write(job: &Job, door: &FrontDoor, text: &str) {
    fs::create_dir_all(job.home().join(".docker")).unwrap();
    let text = text.replace("HOST", door.host()).replace("AUTH", &auth());
    fs::write(job.home().join(".docker/config.json"), text).unwrap();
}

/// What the post stage leaves of such a text, and says.
fn left(job: &Job, door: &FrontDoor, text: &str) -> (String, Run) {
    write(job, door, text);
    let run = job.step(binary()).post().run();
    assert_eq!(run.code, 0, "{}", run.log());
    let left = fs::read_to_string(job.home().join(".docker/config.json")).unwrap_or_default();
    (left.replace(door.host(), "HOST").replace(&auth(), "AUTH"), run)
}

fn compact(json: &str) -> String {
    json.split_whitespace().collect()
}

const OTHERS: &str = r#"{"zzz":[1.50],"auths":{"quay.io":{"auth":"cQ=="},"a":7,"docker.io":{"auth":"AUTHx"}},"n":1}"#;

#[test]
fn every_entry_of_the_registry_with_our_login_goes_under_whatever_key_and_nothing_else() {
    for key in ["https://HOST", "https://HOST/v1/", "HOST/acme", "HOST/acme/app"] {
        for entry in [r#"{"auth":"AUTH"}"#, r#"{"email":"e","auth":"AUTH"}"#] {
            for own in [r#""HOST":{"auth":"AUTH"},"#, ""] {
                let (job, door) = (Job::new(), open_door());
                login(&job, &door);
                let copied = OTHERS.replace(r#""a":7,"#, &format!(r#""{key}":{entry},"a":7,{own}"#));
                let (left, run) = left(&job, &door, &copied);
                assert_eq!(compact(&left), OTHERS, "{key}");
                assert!(run.stdout.contains("Logged out of ") && !run.stdout.contains("::warning"), "{}", run.log());
            }
        }
    }
}

#[test]
fn another_registrys_entry_with_the_same_credential_is_another_jobs() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let others = r#"{"auths":{"other.example":{"auth":"AUTH"},"https://other.example/v1/":{"auth":"AUTH"}}}"#;
    let (left, run) = left(&job, &door, &others.replace("}}}", r#"},"HOST":{"auth":"AUTH"}}}"#));
    assert_eq!(compact(&left), others, "{}", run.log());
}

#[test]
fn a_copy_goes_although_the_registrys_own_entry_is_a_later_logins() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let later = r#"{"auths":{"HOST":{"auth":"bGF0ZXI="}}}"#;
    let (left, run) = left(&job, &door, &later.replace("}}}", r#"},"https://HOST":{"auth":"AUTH"}}}"#));
    assert_eq!(compact(&left), later);
    assert!(run.stdout.contains("A later step replaced the login"), "{}", run.log());
}

#[test]
fn a_copy_beside_an_earlier_login_goes_and_that_one_is_back() {
    let (job, door) = (Job::new(), open_door());
    let before = r#"{"auths":{"HOST":{"auth":"b2xk"},"quay.io":{"auth":"cQ=="}}}"#;
    write(&job, &door, before);
    login(&job, &door);
    let copied = before.replace("b2xk", "AUTH").replace("}}}", r#"},"https://HOST":{"auth":"AUTH"}}}"#);
    assert_eq!(compact(&left(&job, &door, &copied).0), before);
}

#[test]
fn a_login_that_the_file_had_under_another_key_before_stays_there() {
    let (job, door) = (Job::new(), open_door());
    let before = r#"{"auths":{"https://HOST":{"auth":"AUTH"}}}"#;
    write(&job, &door, before);
    login(&job, &door);
    let with_ours = before.replace("}}}", r#"},"HOST":{"auth":"AUTH"}}}"#);
    assert_eq!(compact(&left(&job, &door, &with_ours).0), before);
}

#[test]
fn a_broken_file_holds_our_login_in_no_spelling_afterwards() {
    for spelled in [
        auth(),
        auth().replace('/', "\\/"),
        auth().replace('/', "\\\\\\/"),
        auth().replace('/', "\\u002F").replace('=', "\\u003d"),
        auth().bytes().map(|byte| format!("\\u{byte:04x}")).collect(),
    ] {
        for broken in ["{\"auth\":\"SPELLED\"} x", "auth=SPELLED\n", "{\"auth\":\"xSPELLED", "https://HOST/SPELLED=", "\\nSPELLED,SPELLED"]
        {
            let (job, door) = (Job::new(), open_door());
            login(&job, &door);
            let (left, run) = left(&job, &door, &broken.replace("SPELLED", &spelled));
            let cut: Vec<_> = broken.split("SPELLED").map(|part| part.trim_start_matches('=')).collect();
            assert_eq!(left, cut.concat(), "{spelled}");
            assert!(run.stdout.contains("was cut out"), "{}", run.log());
        }
    }
}

#[test]
fn what_is_not_cut_out_of_a_broken_file_is_not_said_to_be() {
    let (job, door) = (Job::new(), open_door());
    write(&job, &door, r#"{"auths":{"HOST":{"auth":"AUTH"}}}"#);
    login(&job, &door);
    let broken = r#"{"auths":{"HOST":{"auth":"AUTH"}}"#;
    let (left, run) = left(&job, &door, broken);
    assert_eq!(left, broken);
    assert!(run.stdout.contains("was there before this step, so it stays") && !run.stdout.contains("cut out"), "{}", run.log());
}

#[test]
fn of_a_broken_file_that_is_too_long_to_search_it_is_said_what_may_still_be_in_it() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let long = format!("{}{}", "A".repeat(4 << 20), "AUTH");
    let (left, run) = left(&job, &door, &long);
    assert!(left == long, "it was changed");
    for told in ["::warning", "too long to search", "may still be in it", "Delete the file", "revoke"] {
        assert!(run.stdout.contains(told), "{told}: {}", run.log());
    }
}
