//! The scanner itself: one that finds nothing would let every other test pass.

use std::fs;

use ghcr_auth_testbed::front_door::Rules;

use super::{
    scene::{Mood, Scene},
    secrets::{BEARER, CREDENTIALS, IDENTITY, JOB_TOKEN, PAT, PREVIOUS, PROXY_PASSWORD, RUNTIME, STRAY, forms, leaks},
    trace,
};

#[test]
fn every_marked_secret_is_found_in_every_form() {
    let others = [PROXY_PASSWORD, RUNTIME, IDENTITY, PREVIOUS, BEARER, STRAY];
    for secret in CREDENTIALS.map(|(_, token)| token).into_iter().chain(others) {
        for form in forms(secret) {
            assert_eq!(leaks(format!("::debug::answered {form} in 3 ms").as_bytes()).len(), 1);
        }
        assert_eq!(leaks(&secret.as_bytes()[secret.len() - 12..]).len(), 1);
    }
}

#[test]
fn leaky_streams_are_reported() {
    for (stdout, stderr) in [
        (format!("Push allowed as {PAT}\n"), ""),
        (format!("Authorization: Basic {}\n", forms(JOB_TOKEN)[2]), ""),
        ("May push\n::add-mask::late\n".to_owned(), ""),
        ("  ::set-output name=push::true\n".to_owned(), ""),
        ("x\r::error::not ours\n".to_owned(), ""),
        ("no harm ##[add-mask]in this\n".to_owned(), ""),
        (String::new(), "::warning title=ghcr-auth::on the wrong stream\n"),
        (String::new(), &forms(PAT)[3]),
    ] {
        assert_eq!(trace::in_streams(&stdout, stderr).len(), 1, "{stdout:?} {stderr:?}");
    }
    let clean = format!("::add-mask::{PAT}\n::debug::answered\n::add-mask::{BEARER}\nPush allowed\n::notice title=ghcr-auth::x\n");
    assert!(trace::in_streams(&clean, "").is_empty());
}

#[test]
fn leaky_files_are_reported() {
    let scene = Scene::new(Mood::Plain, Rules::default());
    let look = || trace::in_files(&scene.job.files(), &[scene.door.host()]);
    assert_eq!(look(), Vec::<String>::new(), "the previous entry is where it belongs");
    for (number, form) in forms(PAT).iter().enumerate() {
        fs::write(scene.job.temp().join("notes"), form).unwrap();
        assert_eq!(look().len(), 1, "form {number}");
    }
    fs::write(scene.job.temp().join("notes"), "").unwrap();
    let other = serde_json::json!({ "auths": { "quay.io": { "auth": forms(PREVIOUS)[1] } } });
    scene.write_config(&other.to_string());
    assert_eq!(look().len(), 1, "an entry that is not the registry's");
    assert_eq!(trace::loosely_kept(&scene.job.files()).len(), 1, "a file that others can read");
    scene.write_config(&forms(PAT)[1]);
    assert_eq!(trace::not_taken_back(&scene.job.files(), "").len(), 1);
}

#[test]
fn leaky_requests_are_reported() {
    let scene = Scene::open(Mood::Plain);
    let run = scene.step().run();
    let mut requests = scene.door.requests();
    assert_eq!(run.output("push"), "true");
    assert!(trace::in_requests(&requests).is_empty() && requests.len() > 2);
    requests[0].query = format!("account={PAT}");
    requests[1].credential = Some(RUNTIME.to_owned());
    requests[2].headers.insert("referer".to_owned(), forms(PAT)[1].clone());
    assert_eq!(trace::in_requests(&requests).len(), 3);
}
