//! What GHCR's answers mean, one refusal after the other, and what is asked to find out.

use ghcr_auth_testbed::{
    front_door::{Answer, Denial, FrontDoor, Rules, Verdict},
    job::{Job, PATIENCE},
};

use super::{PAT, assert_outputs, binary, open_door, with_pat};

#[test]
fn each_refusal_of_ghcr_has_its_reason_and_a_fix() {
    for denial in Denial::all() {
        let (job, door) = (Job::new(), FrontDoor::start(Rules::default().deny(PAT, denial)));
        let run = with_pat(&job, &door).run();
        assert_outputs(&run, &[("push", "false"), ("pull", "false"), ("reason", denial.reason()), ("logged-in", "false")]);
        let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
        assert_eq!(report["attempts"][0]["verdict"], "denied");
        assert_eq!(report["attempts"][0]["status"], denial.status());
        assert!(!report["fix"].as_array().unwrap().is_empty());
        assert!(run.stdout.contains("::warning title=No push%3A "), "{}", run.log());
        assert!(!run.everything_shown().contains("errors"), "a body of the registry's was shown");
    }
}

#[test]
fn a_fine_grained_pat_is_called_by_its_name() {
    let token = format!("github_pat_{}", "11ItCanaryQ7Zt3Lw9Kp5Vd8".repeat(3));
    for rules in [Rules::default(), Rules::default().deny(&token, Denial::MissingScope)] {
        let (job, door) = (Job::new(), FrontDoor::start(rules));
        let run = job.step(binary()).registry(&door).input("GHCR_PAT", &token).run();
        assert_outputs(&run, &[("push", "false"), ("reason", "fine-grained-pat")]);
    }
}

#[test]
fn one_image_takes_three_requests_where_the_challenge_is_not_known_beforehand() {
    let (job, door, api) = (Job::new(), open_door(), FrontDoor::spare());
    assert_outputs(&with_pat(&job, &door).env("GITHUB_API_URL", &api.url()).run(), &[("push", "true")]);
    let requests: Vec<_> =
        door.requests().into_iter().map(|request| (request.key(), request.query, request.credential.is_some())).collect();
    let scope = "service=ghcr.io&scope=repository%3Aacme%2Fapp%3Apull%2Cpush".to_owned();
    let expected = [("GET /v2/", String::new(), false), ("GET /token", scope, true), ("POST uploads", String::new(), true)];
    assert_eq!(requests[..3], expected.map(|(key, query, secret)| (key.to_owned(), query, secret)));
    assert_eq!(door.requests()[2].headers["content-length"], "0");
    assert_eq!(door.connections(), 1, "one connection is kept alive");
}

#[test]
fn the_opened_session_is_cancelled_without_waiting_for_the_answer() {
    let (job, door) = (Job::new(), open_door());
    assert_outputs(&with_pat(&job, &door).run(), &[("push", "true")]);
    assert!(door.wait_for("DELETE upload", PATIENCE));
}

#[test]
fn one_token_serves_all_images_where_it_is_the_credential_itself() {
    let (job, door) = (Job::new(), open_door());
    let images = (0..10).map(|number| format!("acme/app{number}")).collect::<Vec<_>>().join("\n");
    assert_outputs(&with_pat(&job, &door).input("images", &images).run(), &[("push", "true")]);
    let count = |key: &str| door.requests().iter().filter(|request| request.key() == key).count();
    assert_eq!((count("GET /v2/"), count("GET /token"), count("POST uploads")), (1, 1, 10));
    // One that is about to become idle again may be missed.
    assert!(door.connections() <= 2 * 8, "{}", door.connections());
}

#[test]
fn elsewhere_each_image_has_its_own_token_and_scope() {
    let (job, door) = (Job::new(), open_door());
    door.challenge(&format!(r#"Bearer realm="{}/token",service="registry.example""#, door.url()));
    assert_outputs(&with_pat(&job, &door).input("images", "acme/app,acme/web").run(), &[("push", "true")]);
    let queries: Vec<_> = door.requests().into_iter().filter(|request| request.path == "/token").map(|request| request.query).collect();
    assert_eq!(queries.len(), 2);
    assert!(queries.iter().all(|query| query.matches("scope=").count() == 1));
}

#[test]
fn a_dead_credential_is_asked_about_once_and_once_more_before_the_no_however_many_images_there_are() {
    let (job, door) = (Job::new(), FrontDoor::spare());
    assert_outputs(&with_pat(&job, &door).input("images", "acme/a,acme/b,acme/c").run(), &[("reason", "bad-credential")]);
    assert_eq!(door.requests().iter().filter(|request| request.path == "/token").count(), 2);
}

#[test]
fn to_pull_tags_are_listed_and_no_session_is_opened() {
    let rules = Rules::default().deny(PAT, Denial::PackageWriteDenied).pull(PAT, Verdict::Allowed);
    let (job, door) = (Job::new(), FrontDoor::start(rules));
    let run = with_pat(&job, &door).input("access", "pull").run();
    assert_outputs(&run, &[("push", "false"), ("pull", "true"), ("reason", "allowed"), ("logged-in", "true"), ("credential", "GHCR_PAT")]);
    let last = door.requests().pop().unwrap();
    assert_eq!((last.key().as_str(), last.query.as_str()), ("GET tags", "n=1"));
    assert!(door.requests().iter().all(|request| request.method != "POST"));
}

#[test]
fn only_201_and_202_are_proof() {
    for (status, push, reason) in [
        (201, "true", "allowed"),
        (202, "true", "allowed"),
        (200, "false", "registry-protocol"),
        (204, "false", "registry-protocol"),
        (400, "false", "registry-protocol"),
        (404, "false", "registry-protocol"),
        (405, "false", "registry-protocol"),
        (501, "false", "registry-protocol"),
    ] {
        let (job, door) = (Job::new(), open_door());
        door.always("POST uploads", Answer::status(status));
        assert_outputs(&with_pat(&job, &door).run(), &[("push", push), ("reason", reason)]);
        assert_eq!(door.requests().iter().filter(|request| request.key() == "POST uploads").count(), 1, "{status} was tried again");
    }
}

#[test]
fn a_session_elsewhere_is_not_cancelled() {
    let (job, door, sink) = (Job::new(), open_door(), FrontDoor::spare());
    door.always("POST uploads", Answer::status(202).header("Location", &format!("{}/v2/acme/app/blobs/upload/1", sink.url())));
    assert_outputs(&with_pat(&job, &door).run(), &[("push", "true")]);
    assert_eq!(sink.connections(), 0);
    assert!(door.requests().iter().all(|request| request.method != "DELETE"));
}

#[test]
fn a_session_whose_place_can_be_read_in_two_ways_is_not_cancelled() {
    for place in ["..%2f..%2fmanifests%2flatest", "%2e%2e/%2e%2e/manifests/latest", "../../manifests/latest"] {
        let (job, door) = (Job::new(), open_door());
        door.always("POST uploads", Answer::status(202).header("Location", &format!("/v2/acme/app/blobs/uploads/{place}")));
        assert_outputs(&with_pat(&job, &door).run(), &[("push", "true")]);
        assert!(door.requests().iter().all(|request| request.method != "DELETE"), "{place}");
    }
}
