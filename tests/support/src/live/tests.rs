use serde_json::{Value, json};

use super::*;
use crate::front_door::{Answer, Denial, FrontDoor, Rules, Verdict};
use crate::recorded::{Recorded, Row, rows};

const JOBS: [&str; 5] = ["write", "read", "none", "pat", "by-hand"];

fn world(door: &FrontDoor) -> World {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    World {
        registry: door.url(),
        api: door.url(),
        names: pairs(&[
            ("image", "acme/app"),
            ("public", "acme/public"),
            ("absent", "acme/absent"),
            ("foreign", "other/app"),
            ("unlinked", "acme/unlinked"),
        ]),
        credentials: pairs(&[
            ("job", "ghs_live"),
            ("read-pat", "ghp_read"),
            ("write-pat", "ghp_write"),
            ("fine-grained-pat", "github_pat_live"),
        ]),
        settle: 0,
    }
}

/// What the rules of a front door are for a job of this kind.
fn rules(job: &str) -> Rules {
    let denied = |denial| Verdict::Denied(denial);
    let rules = match job {
        "write" => Rules::default().allow("ghs_live").pull_rule("ghs_live", "acme/absent", denied(Denial::Denied)),
        _ => Rules::default().deny("ghs_live", Denial::PackagesPermissionMissing),
    };
    rules
        .rule("ghs_live", "other/app", denied(Denial::ForeignInstallation))
        .rule("ghs_live", "acme/unlinked", denied(Denial::PackageWriteDenied))
        .pull_rule("ghs_live", "acme/unlinked", denied(Denial::PackageReadDenied))
        .deny("ghp_read", Denial::MissingScope)
        .deny("github_pat_live", Denial::MissingScope)
        .deny("ghp_write", Denial::Denied)
}

/// A front door for a job of this kind. What it does not know of itself it says as recorded: the tokens of strangers, and the API.
fn door(job: &str) -> FrontDoor {
    let rules = if job == "write" {
        rules(job)
    } else {
        rules(job).rule("ghs_live", "acme/absent", Verdict::Denied(Denial::PackageCreationDenied))
    };
    FrontDoor::start(rules)
}

fn asked(row: &Row, job: &str, change: Option<Answer>) -> State {
    let door = door(job);
    let path = |target: &str| target.split('?').next().unwrap().replace("{api}", "");
    let usual = match row.id.as_str() {
        "token-of-nobody" => Some(Answer::json(200, json!({"token": "djE6"}))),
        "user-of-job" | "user-of-dead" => Some(Answer::recorded(&row.answer)),
        _ => None,
    };
    let key = match row.target.as_str() {
        "{location}" => "DELETE upload".to_owned(),
        target => {
            let target = world(&door).names.iter().fold(path(target), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
            format!("{} {target}", row.method)
        }
    };
    if let Some(answer) = change.or(usual) {
        door.always(&key, answer);
    }
    let before = row.after.iter().flat_map(|id| rows().iter().filter(move |row| row.id == *id));
    let asked: Vec<_> = before.chain([row]).cloned().collect();
    ask(&asked, job, &world(&door)).pop().unwrap().state
}

fn job_of(row: &Row) -> &str {
    JOBS.into_iter().find(|job| row.jobs.iter().any(|of| of == job)).unwrap_or("write")
}

/// The recorded answer, with one thing in it changed.
fn changes(recorded: &Recorded) -> Vec<(&'static str, Answer)> {
    let with_headers = |answer: Answer| {
        recorded.headers.iter().fold(answer, |answer, (name, value)| {
            let value = value.replace("{realm}", "x").replace("{image}", "acme/app").replace("{absent}", "acme/absent");
            answer.header(name, &value.replace("{any}", "0-0"))
        })
    };
    let mut changes = vec![("status", with_headers(Answer::status(418)))];
    if let Some((code, message)) = &recorded.error {
        changes.push(("code", with_headers(Answer::error(recorded.status[0], "OTHER", message))));
        changes.push(("message", with_headers(Answer::error(recorded.status[0], code, "other words"))));
    }
    if recorded.text.is_some() {
        changes.push(("message", Answer::json(recorded.status[0], json!({"message": "other words"}))));
    }
    if recorded.keys.is_some() {
        changes.push(("keys", Answer::json(recorded.status[0], json!({"token": "x", "expires_in": 300}))));
    }
    if recorded.echoes {
        changes.push(("token", Answer::json(recorded.status[0], json!({"token": "x"}))));
    }
    let names: Vec<&'static str> = recorded
        .headers
        .iter()
        .map(|(name, _)| {
            if name == "location" {
                "location"
            } else if name == "www-authenticate" {
                "www-authenticate"
            } else {
                "docker-distribution-api-version"
            }
        })
        .collect();
    changes.extend(names.into_iter().map(|name| (name, Answer::recorded(recorded).header(name, "https://elsewhere.example/"))));
    changes
}

#[test]
fn the_front_door_answers_every_row_as_recorded() {
    for row in rows() {
        assert_eq!(asked(row, job_of(row), None), State::Same, "{}", row.id);
    }
}

#[test]
fn each_answer_that_changes_is_found_and_named() {
    for row in rows() {
        for (what, answer) in changes(&row.answer) {
            let state = asked(row, job_of(row), Some(answer));
            assert!(
                matches!(&state, State::Different(text) if text.contains(&format!("{what}: recorded "))),
                "{} {what}: {state:?}",
                row.id
            );
        }
    }
}

#[test]
fn what_cannot_be_asked_is_no_proof() {
    let door = door("pat");
    let nothing = World { credentials: BTreeMap::new(), ..world(&door) };
    let outcomes = ask(rows(), "pat", &nothing);
    let not_asked = outcomes.iter().filter(|outcome| matches!(outcome.state, State::NotAsked(_))).count();
    assert!(not_asked >= 3 && outcomes.iter().any(|outcome| outcome.state == State::Same));
    let (page, _) = report(&outcomes);
    assert!(page.contains("Not asked, so not proven") && page.contains("no read-pat is given"), "{page}");

    let gone = World { registry: "http://127.0.0.1:1".to_owned(), api: "http://127.0.0.1:1".to_owned(), ..world(&door) };
    let (page, is_same) = report(&ask(rows(), "pat", &gone));
    assert!(!is_same && page.starts_with("## Live check: 0 as recorded, 0 different"), "{page}");
}

#[test]
fn every_row_belongs_to_a_job_and_no_row_is_asked_twice() {
    for row in rows() {
        assert!(row.jobs.iter().all(|job| job == "any" || JOBS.contains(&job.as_str())), "{}", row.id);
    }
    for job in JOBS {
        let door = door(job);
        ask(rows(), job, &world(&door));
        let requests = door.requests().len();
        let own = rows().iter().filter(|row| row.jobs.iter().any(|of| of == job || of == "any")).count();
        assert!(requests <= own, "{job}: {requests} requests for {own} rows");
    }
}

#[test]
fn no_credential_is_in_what_is_said() {
    let row = rows().iter().find(|row| row.id == "upload").unwrap();
    let secret = Answer::error(403, "DENIED", "the token Z2hzX2xpdmU= is wrong").header("location", "/ghs_live|<b>");
    let State::Different(text) = asked(row, "write", Some(secret)) else { panic!("it is different") };
    assert!(!text.contains("Z2hz") && !text.contains("ghs_live") && text.contains("(hidden)"), "{text}");
}

#[test]
fn lines_between_jobs_keep_what_was_found() {
    let door = door("read");
    let outcomes = ask(rows(), "read", &world(&door));
    let read: Vec<_> = outcomes.iter().map(|outcome| Outcome::of_line(outcome.line().trim_end_matches('\n'))).collect();
    assert_eq!(read, outcomes);
    assert!(matches!(Outcome::of_line("garbage").state, State::NotAsked(_)));
}

#[test]
fn facts_are_compared_and_those_that_no_job_wrote_down_are_not_asked() {
    let outcomes = facts("secret-source\tActions\tubuntu-24.04\nmask-of-token\tZ2hz|x\tslim\nunknown\tx\n");
    let state = |id: &str| outcomes.iter().find(|outcome| outcome.id.starts_with(id)).map(|outcome| outcome.state.clone());
    assert_eq!(state("secret-source ubuntu-24.04"), Some(State::Same));
    assert_eq!(state("mask-of-token slim"), Some(State::Different("recorded `***`, but `Z2hz?x`".to_owned())));
    assert!(matches!(state("first-push"), Some(State::NotAsked(_))) && state("unknown").is_none());
}

#[test]
fn what_is_recorded_is_whole() {
    let file: Value = serde_json::from_str(include_str!("../recorded/answers.json")).unwrap();
    assert_eq!(file.as_object().unwrap().len(), rows().len());
    for row in rows() {
        assert!(
            row.claim.len() > 20 && !row.answer.status.is_empty() && ["GET", "POST", "DELETE"].contains(&row.method.as_str()),
            "{}",
            row.id
        );
    }
}
