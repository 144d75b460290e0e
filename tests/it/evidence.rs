//! What GitHub's API adds to an explanation, and that it never decides anything.

use std::time::Duration;

use ghcr_auth_testbed::{
    event::Event,
    front_door::{Answer, Denial, FrontDoor, Rules},
    job::{Job, Run},
};
use serde_json::json;

use super::{JOB_TOKEN, PAT, assert_outputs, binary, open_door, with_pat};

const SSO: &str = "https://github.com/orgs/acme/sso";

fn user(scopes: &str) -> Answer {
    Answer::json(200, json!({ "login": "alice", "type": "User" })).header("X-OAuth-Scopes", scopes)
}

fn package(repository: Option<&str>) -> Answer {
    let repository = repository.map(|name| json!({ "full_name": name }));
    Answer::json(
        200,
        json!({ "name": "app", "visibility": "private", "owner": { "login": "acme", "type": "Organization" }, "repository": repository }),
    )
}

/// Runs with a PAT that is refused in one way, with what the API answers.
fn refused(denial: Option<Denial>, api: &[(&str, Answer)]) -> Run {
    let rules = denial.map_or_else(Rules::default, |denial| Rules::default().deny(PAT, denial));
    let (job, door) = (Job::new(), FrontDoor::start(rules));
    for (key, answer) in api {
        door.always(key, answer.clone());
    }
    with_pat(&job, &door).run()
}

/// The same for the job's token.
fn refused_job_token(denial: Denial, api: &[(&str, Answer)]) -> Run {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().deny(JOB_TOKEN, denial)));
    for (key, answer) in api {
        door.always(key, answer.clone());
    }
    job.step(binary()).registry(&door).input("GITHUB_TOKEN", JOB_TOKEN).run()
}

const PACKAGE: &str = "GET /orgs/acme/packages/container/app";

#[test]
fn causes_behind_one_refusal_are_told_apart() {
    let app = Answer::json(403, json!({ "message": "Resource not accessible by integration" }));
    let sso = || {
        Answer::json(403, json!({ "message": "Resource protected by organization SAML enforcement." }))
            .header("X-GitHub-SSO", &format!("required; url={SSO}?authorization_request=AAAA"))
    };
    let cases = [
        (
            refused(None, &[("GET /user", Answer::json(401, json!({ "message": "Bad credentials" })))]),
            "GitHub's API doesn't accept the token either",
        ),
        (refused(None, &[("GET /user", user("write:packages"))]), "GitHub's API accepts the token but the registry doesn't"),
        (refused(Some(Denial::MissingScope), &[("GET /user", user("repo, read:packages"))]), "Scopes: repo, read:packages"),
        (
            refused(Some(Denial::MissingScope), &[("GET /user", Answer::json(200, json!({ "login": "alice" })))]),
            "GHCR_PAT is a fine-grained PAT",
        ),
        (refused(Some(Denial::PackagesPermissionMissing), &[("GET /user", app)]), "GHCR_PAT is a GitHub App's token"),
        (refused(Some(Denial::Denied), &[("GET /user", user("write:packages")), (PACKAGE, sso())]), SSO),
        (
            refused(Some(Denial::PackageWriteDenied), &[("GET /user", user("write:packages")), (PACKAGE, package(None))]),
            "its owner has no Write role",
        ),
        (refused_job_token(Denial::PackageWriteDenied, &[(PACKAGE, package(None))]), "isn't linked to a repository"),
        (refused_job_token(Denial::PackageWriteDenied, &[(PACKAGE, package(Some("acme/old")))]), "belongs to acme/old"),
        (refused_job_token(Denial::PackageWriteDenied, &[(PACKAGE, package(Some("acme/app")))]), "doesn't let its jobs write"),
    ];
    for (run, told) in cases {
        assert_outputs(&run, &[("push", "false")]);
        assert!(run.log().contains(told), "{told}:\n{}", run.log());
        assert!(run.summary.contains(told) || run.summary.contains(&told.replace('&', "&amp;")), "{told}:\n{}", run.summary);
    }
}

#[test]
fn what_could_not_be_asked_is_said_and_changes_nothing() {
    for (answer, said) in [
        (Answer::status(500), "could not be asked: GitHub's API answered 500"),
        (Answer::status(404), "could not be asked: GitHub's API answered 404"),
        (Answer::status(403), "could not be asked: GitHub's API answered 403"),
        (Answer::status(429), "could not be asked: GitHub's API is limiting requests"),
        (Answer::json(403, json!({})).header("X-RateLimit-Remaining", "0"), "could not be asked: GitHub's API is limiting requests"),
        (Answer::cut(), "could not be asked: GitHub's API did not answer in time"),
        (Answer::status(200).body(&vec![b'x'; 300_000]), "could not be asked: GitHub's API gave an answer that could not be read"),
    ] {
        let run = refused(Some(Denial::PackageWriteDenied), &[("GET /user", answer)]);
        assert_outputs(&run, &[("push", "false"), ("reason", "package-write-denied")]);
        assert!(run.log().contains(&format!("Token: {said}")), "{}", run.log());
    }
}

#[test]
fn a_silent_api_delays_a_yes_by_a_second_and_a_no_by_its_budget() {
    let (job, door) = (Job::new(), open_door());
    door.always("GET /user", Answer::silence());
    let run = with_pat(&job, &door).run();
    assert_outputs(&run, &[("push", "true"), ("expires-at", "")]);
    let run = refused(Some(Denial::PackageWriteDenied), &[("GET /user", Answer::silence()), (PACKAGE, Answer::silence())]);
    assert_outputs(&run, &[("push", "false"), ("reason", "package-write-denied")]);
}

#[test]
fn no_more_than_four_calls_are_made() {
    let (job, door) =
        (Job::new(), FrontDoor::start(Rules::default().deny(PAT, Denial::PackageWriteDenied).deny(JOB_TOKEN, Denial::Denied)));
    let run = with_pat(&job, &door).input("GITHUB_TOKEN", JOB_TOKEN).input("images", "other/app").run();
    assert_outputs(&run, &[("push", "false"), ("reason", "package-write-denied")]);
    let calls = door.requests().len() - super::to_registry(&door).len();
    assert!((1..=4).contains(&calls), "{calls}");
}

#[test]
fn an_outage_is_not_explained_by_asking_around() {
    let (job, door) = (Job::new(), open_door());
    door.always("POST uploads", Answer::status(404));
    let run = job.step(binary()).registry(&door).input("GITHUB_TOKEN", JOB_TOKEN).run();
    assert_outputs(&run, &[("push", "false"), ("reason", "registry-protocol")]);
    assert_eq!(door.requests().len(), super::to_registry(&door).len());
}

#[test]
fn the_expiry_of_the_pat_is_told_and_warned_of_in_time() {
    let expiring = |days: i64| {
        (chrono::Utc::now() + chrono::Duration::days(days) + chrono::Duration::hours(1)).format("%Y-%m-%d %H:%M:%S UTC").to_string()
    };
    for (days, limit, warned) in [(10, "14", true), (30, "14", false), (10, "0", false)] {
        let (job, door) = (Job::new(), open_door());
        let date = expiring(days);
        door.always("GET /user", user("write:packages").header("GitHub-Authentication-Token-Expiration", &date));
        let run = with_pat(&job, &door).input("expiry-warning-days", limit).run();
        let expected = date.replacen(' ', "T", 1).replace(" UTC", "Z");
        assert_outputs(&run, &[("push", "true"), ("expires-at", &expected)]);
        let warning = run.stdout.lines().any(|line| {
            line.starts_with("::warning")
                && line.contains("GHCR_PAT expires in 10 days. Sign in as its owner, regenerate it at https://github.com/settings/tokens")
        });
        assert_eq!(warning, warned, "{}", run.log());
        assert_eq!(run.log().contains("GHCR_PAT seems to belong to a person (alice)"), run.log().contains("person"));
    }
}

/// What `report` says of a PAT's expiry when GitHub's API answers so to `GET /user`.
fn expiry(api: Answer, inputs: &[(&str, &str)]) -> (serde_json::Value, serde_json::Value) {
    expiry_at(&open_door(), api, inputs)
}

fn expiry_at(door: &FrontDoor, api: Answer, inputs: &[(&str, &str)]) -> (serde_json::Value, serde_json::Value) {
    let job = Job::new();
    door.always("GET /user", api);
    let run = inputs.iter().fold(with_pat(&job, door), |step, (name, value)| step.input(name, value)).run();
    assert_outputs(&run, &[("push", "true")]);
    let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
    assert_eq!(report["expiry"]["at"].as_str().unwrap_or_default(), run.output("expires-at"));
    (report["expiry"].clone(), report["expiry_why"].clone())
}

#[test]
fn an_expiry_that_comes_after_the_answer_is_waited_for() {
    let probe = Duration::from_millis(60);
    for (times, inputs) in [(0.0, &[][..]), (1.5, &[]), (2.5, &[]), (10.0, &[]), (25.0, &[("login", "none")])] {
        let door = open_door();
        door.always("POST uploads", Answer::usual().after(probe));
        let api = user("write:packages").header("GitHub-Authentication-Token-Expiration", "2099-01-02 03:04:05 UTC");
        let (expiry, _) = expiry_at(&door, api.after(probe.mul_f64(times)), inputs);
        assert_eq!(expiry, json!({ "at": "2099-01-02T03:04:05Z" }), "{times} times the probe");
    }
}

#[test]
fn a_pat_without_an_end_is_told_from_one_whose_end_is_not_known() {
    assert_eq!(expiry(user("write:packages"), &[]), (json!("never"), json!(null)));
    for (answer, why) in [
        (Answer::silence(), "GitHub's API did not answer in time"),
        (Answer::status(500), "GitHub's API answered 500"),
        (Answer::status(429), "GitHub's API is limiting requests"),
        (Answer::json(401, json!({})), "GitHub's API does not accept the token"),
        (user("repo").header("GitHub-Authentication-Token-Expiration", "soon"), "GitHub's API gave no readable date"),
    ] {
        assert_eq!(expiry(answer, &[]), (json!("unknown"), json!(why)));
    }
    assert_eq!(expiry(user("repo"), &[("verify", "false")]).0, json!("unknown"));
}

#[test]
fn the_jobs_own_token_has_no_expiry_to_ask_for() {
    let (job, door) = (Job::new(), open_door());
    let run = job.step(binary()).registry(&door).input("GITHUB_TOKEN", JOB_TOKEN).run();
    assert_outputs(&run, &[("push", "true"), ("expires-at", "")]);
    let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
    assert_eq!(report["expiry"], json!(null));
}

#[test]
fn what_was_not_known_beforehand_is_not_shown() {
    let reversed: String = PAT.chars().rev().collect();
    for hidden in [&PAT[4..], &PAT[..30], &reversed] {
        let run = refused(
            Some(Denial::PackageWriteDenied),
            &[
                ("GET /user", Answer::json(200, json!({ "login": hidden, "type": "User" })).header("X-OAuth-Scopes", hidden)),
                (PACKAGE, package(Some(&format!("acme/{hidden}")))),
            ],
        );
        assert!(!run.everything_shown().contains(hidden), "{}", run.log());
        assert!(run.log().contains("linked to another repository"), "{}", run.log());
    }
    let evil = "required; url=https://evil.example/x)![x](https://evil.example/p.png";
    let run = refused(None, &[("GET /user", Answer::json(403, json!({})).header("X-GitHub-SSO", evil))]);
    assert!(!run.everything_shown().contains("evil.example") && run.log().contains(SSO), "{}", run.log());
}

#[test]
fn a_service_account_is_advised_only_in_an_organisation() {
    let mut event = Event::push();
    for (kind, advised) in [("Organization", true), ("User", false)] {
        event.payload["repository"]["owner"]["type"] = kind.into();
        let (job, door) = (Job::new(), open_door());
        door.always("GET /user", user("write:packages"));
        let run = with_pat(&job, &door).event(&event).run();
        assert_eq!(run.log().contains("GHCR_PAT seems to belong to a person (alice)"), advised, "{}", run.log());
    }
}

#[test]
fn an_untrusted_run_asks_the_api_nothing() {
    let (job, door) = (Job::new(), open_door());
    with_pat(&job, &door).event(&Event::fork_pull_request()).run();
    assert_eq!(door.connections(), 0);
}

#[test]
fn what_the_api_says_is_never_shown_as_it_is() {
    let hostile = json!({ "login": "a\n::set-output name=push::true", "message": "##[add-path]/evil" });
    let run = refused(Some(Denial::Denied), &[("GET /user", Answer::json(200, hostile).header("X-OAuth-Scopes", "::error::x, repo"))]);
    assert!(!run.everything_shown().contains("set-output") && !run.everything_shown().contains("add-path"));
    assert!(run.log().contains("Scopes: repo"), "{}", run.log());
}

const WORKFLOW: &str = "on: push\njobs:\n  build:\n    permissions:\n      contents: read\n    runs-on: ubuntu-latest\n    steps: []\n";

/// The job's token without permission, in a job whose workflow file is known by its name.
fn without_permission(in_workspace: bool, api: &[(&str, Answer)]) -> Run {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().deny(JOB_TOKEN, Denial::PackagesPermissionMissing)));
    for (key, answer) in api {
        door.always(key, answer.clone());
    }
    if in_workspace {
        std::fs::create_dir_all(job.workspace().join(".github/workflows")).unwrap();
        std::fs::write(job.workspace().join(".github/workflows/ci.yml"), WORKFLOW).unwrap();
    }
    let step = job.step(binary()).registry(&door).input("GITHUB_TOKEN", JOB_TOKEN).env("GITHUB_JOB", "build");
    step.env("GITHUB_WORKFLOW_REF", "acme/app/.github/workflows/ci.yml@refs/heads/main").env("GITHUB_WORKFLOW_SHA", "0123abcd").run()
}

#[test]
fn the_workflow_file_names_the_line_wherever_it_is_found() {
    let content = json!({ "encoding": "base64", "content": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, WORKFLOW) });
    let contents = [("GET /repos/acme/app/contents/.github/workflows/ci.yml", Answer::json(200, content))];
    for run in [without_permission(true, &[]), without_permission(false, &contents)] {
        assert_outputs(&run, &[("push", "false"), ("reason", "packages-permission-missing")]);
        assert!(run.log().starts_with("No push: the job lacks `packages: write`."), "{}", run.log());
        for told in [".github/workflows/ci.yml, line 4, job `build`", "replace lines 4 to 5 with:", "      packages: write"] {
            assert!(run.log().contains(told) && run.summary.contains(told.trim_start()), "{told}:\n{}", run.log());
        }
    }
}

#[test]
fn a_workflow_file_that_cannot_be_had_is_not_guessed_at() {
    let run = without_permission(false, &[]);
    assert!(run.log().starts_with("No push: GITHUB_TOKEN can't write packages in this job."), "{}", run.log());
}

#[test]
fn after_a_rate_limit_nothing_more_is_asked() {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().deny(PAT, Denial::PackageWriteDenied)));
    door.always("GET /user", Answer::status(429));
    assert_outputs(&with_pat(&job, &door).run(), &[("push", "false")]);
    assert_eq!(door.requests().len() - super::to_registry(&door).len(), 1);
}

#[test]
fn a_fork_that_names_the_originals_owner_is_told_so() {
    let mut event = Event::push();
    event.payload["repository"]["fork"] = true.into();
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().deny(JOB_TOKEN, Denial::ForeignInstallation)));
    let step = job.step(binary()).event(&event).registry(&door).input("GITHUB_TOKEN", JOB_TOKEN);
    let run = step.input("images", "upstream/app").input("allow", "foreign-namespace").run();
    assert_outputs(&run, &[("push", "false"), ("reason", "foreign-installation")]);
    assert!(run.log().contains("acme/app is a fork"), "{}", run.log());
}

#[test]
fn an_answer_that_repeats_the_token_is_not_read() {
    let echo = Answer::json(200, json!({ "login": PAT })).header("X-OAuth-Scopes", "repo");
    let run = refused(Some(Denial::Denied), &[("GET /user", echo)]);
    assert!(!run.everything_shown().contains(PAT), "{}", run.log());
    assert!(run.log().contains("Token: could not be asked: GitHub's API gave an answer that could not be read"), "{}", run.log());
}
