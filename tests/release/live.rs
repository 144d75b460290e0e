//! The scripts of the live check; what asks the registry is tested beside its code.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use ghcr_auth_testbed::live::{Outcome, State, facts};
use ghcr_auth_testbed::registry::RealRegistry;

use crate::release::images::Images;
use crate::release::rehearsal::Rehearsal;

ghcr_auth_testbed::tests![
    what_is_made_by_hand_is_told_and_deleted,
    what_is_refused_by_hand_is_told_as_different,
    the_report_reads_what_the_jobs_left_in_their_logs,
    differences_open_one_issue_and_later_ones_are_comments_on_it,
    a_runner_as_it_is_known_gives_the_recorded_facts,
    a_log_that_hides_nothing_is_different,
];

/// What came of the facts that a script wrote down, by name.
fn found(lines: &str) -> Vec<(String, State)> {
    let lines: String = lines.lines().filter_map(|line| Some(format!("{}\n", line.strip_prefix("live-fact\t")?))).collect();
    facts(&lines)
        .into_iter()
        .filter(|outcome: &Outcome| !matches!(outcome.state, State::NotAsked(_)))
        .map(|outcome| (outcome.id, outcome.state))
        .collect()
}

fn same(names: &[&str]) -> Vec<(String, State)> {
    names.iter().map(|name| ((*name).to_owned(), State::Same)).collect()
}

fn what_is_made_by_hand_is_told_and_deleted() {
    let registry = RealRegistry::start();
    let images = Images::detect();
    let rehearsal = Rehearsal::new(registry.host());
    fs::create_dir_all(rehearsal.dist("")).unwrap();
    fs::write(rehearsal.stand_in("package"), "public").unwrap();
    assert_eq!(found(&rehearsal.live(&["by-hand", "first_push"])), same(&["first-push by hand"]));
    let output = fs::read_to_string(rehearsal.dist("output")).unwrap();
    assert!(output.contains("/acme/live-check-77\ndigest=sha256:"), "{output}");
    let visible = ["first-push-visibility by hand", "first-push-anonymous-pull by hand"];
    assert_eq!(found(&rehearsal.live(&["by-hand", "visibility"])), same(&visible));
    assert_eq!(found(&rehearsal.live(&["by-hand", "double_push"])), same(&["double-push by hand"]));
    assert_eq!(found(&rehearsal.live(&["by-hand", "attestation"])), same(&["attestation-verified by hand"]));
    let tagged = ["tag-without-workflows by hand", "draft-release by hand"];
    assert_eq!(found(&rehearsal.live(&["by-hand", "tag_without_workflows"])), same(&tagged));
    assert_eq!(rehearsal.tags(), ["live-check-77"]);
    assert_eq!(found(&rehearsal.live(&["by-hand", "delete"])), same(&["deleted by hand"]));
    assert!(rehearsal.tags().is_empty() && rehearsal.remote("refs/heads/live-check-77").is_empty());
    for tag in ["first", "double"] {
        images.docker(&["rmi", &format!("{}/acme/live-check-77:{tag}", registry.host())]);
    }
}

fn what_is_refused_by_hand_is_told_as_different() {
    let rehearsal = Rehearsal::new("127.0.0.1:1");
    fs::write(rehearsal.stand_in("nothing-is-attested"), "").unwrap();
    let told = found(&rehearsal.live(&["by-hand", "attestation"]));
    assert!(matches!(told.as_slice(), [(_, State::Different(text))] if text.contains("`not verified`")), "{told:?}");
    let told = found(&rehearsal.live(&["by-hand", "visibility"]));
    assert!(told.iter().all(|(_, state)| matches!(state, State::Different(_))) && told.len() == 2, "{told:?}");
    let told = found(&rehearsal.live(&["by-hand", "delete"]));
    assert!(matches!(told.as_slice(), [(_, State::Different(text))] if text.contains("but `release`")), "{told:?}");
}

fn the_report_reads_what_the_jobs_left_in_their_logs() {
    let rehearsal = Rehearsal::new("127.0.0.1:1");
    let time = "2026-11-26T02:00:00.0000000Z";
    fs::write(rehearsal.stand_in("log-1"), format!("{time} live-row\tsame\tchallenge\tA claim\t\r\n{time} other\n")).unwrap();
    fs::write(rehearsal.stand_in("log-2"), format!("{time} live-fact\tmask-of-token\t***\tslim\n{time} echo live-fact\n")).unwrap();
    assert_eq!(rehearsal.live(&["collect", "live-row"]), "same\tchallenge\tA claim\t\n");
    assert_eq!(rehearsal.live(&["collect", "live-fact"]), "mask-of-token\t***\tslim\n");
}

fn differences_open_one_issue_and_later_ones_are_comments_on_it() {
    let rehearsal = Rehearsal::new("127.0.0.1:1");
    let page = rehearsal.work().join("page.md");
    fs::write(&page, "## Live check\n").unwrap();
    rehearsal.live(&["issue", page.to_str().unwrap()]);
    fs::write(rehearsal.stand_in("issue"), "12\n").unwrap();
    rehearsal.live(&["issue", page.to_str().unwrap()]);
    let asked = rehearsal.asked();
    let asked: Vec<_> = asked.iter().filter(|line| !line.starts_with("issue list")).collect();
    assert!(asked[0].starts_with("issue create --title Live check: ") && asked[1].starts_with("issue comment 12 "), "{asked:?}");
}

/// What `live/runner` says of a fact, with these variables.
fn runner(fact: &str, variables: &[(&str, &str)]) -> String {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("live/runner");
    let mut look = Command::new(script);
    look.args([fact, "here"]).env_clear().env("PATH", std::env::var_os("PATH").unwrap()).envs(variables.iter().copied());
    let output = look.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn a_runner_as_it_is_known_gives_the_recorded_facts() {
    let temp = tempfile::tempdir().unwrap();
    let login = temp.path().join("_github_home/.docker");
    fs::create_dir_all(&login).unwrap();
    fs::set_permissions(&login, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(login.join("config.json"), r#"{"auths":{"ghcr.io":{}}}"#).unwrap();
    fs::set_permissions(login.join("config.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let (temp, login) = (temp.path().to_str().unwrap(), login.to_str().unwrap());
    let variables =
        [("RUNNER_TEMP", temp), ("DOCKER_CONFIG", login), ("HOME", temp), ("LIVE_REGISTRY", "ghcr.io"), ("LIVE_VALUE", "Actions")];
    for fact in ["docker-config-in-run-step", "docker-config-in-javascript-step", "login-modes-and-owner", "secret-source"] {
        assert_eq!(found(&runner(fact, &variables)), same(&[&format!("{fact} here")]), "{fact}");
    }
    let restored = found(&runner("post-restored", &variables));
    assert!(matches!(&restored[0].1, State::Different(text) if text.contains("a login, DOCKER_CONFIG")), "{restored:?}");
    fs::remove_file(format!("{login}/config.json")).unwrap();
    let without = variables.iter().copied().filter(|(name, _)| *name != "DOCKER_CONFIG").collect::<Vec<_>>();
    assert_eq!(found(&runner("post-restored", &without)), same(&["post-restored here"]));
}

fn a_log_that_hides_nothing_is_different() {
    let told = found(&runner("mask-of-basic", &[("LIVE_USERNAME", "alice"), ("LIVE_TOKEN", "made-up")]));
    assert!(matches!(&told[0].1, State::Different(text) if text.contains("YWxpY2U6bWFkZS11cA")), "{told:?}");
    let masked = found("live-fact\tmask-of-basic\t***\there\n");
    assert_eq!(masked, same(&["mask-of-basic here"]));
}
