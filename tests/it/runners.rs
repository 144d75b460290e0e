//! Runners that are told by their variables. docs/runners.md has the table of all, docs/tested.md their tests.

use std::{collections::BTreeSet, path::Path};

use ghcr_auth_testbed::{
    documents,
    front_door::FrontDoor,
    job::{Job, Step},
};

use super::{FALLBACK, JOB_TOKEN, assert_outputs, binary, open_door};

/// A container action under act: no home that later steps share, fewer variables, its own temp directory.
fn act<'a>(job: &'a Job, door: &FrontDoor) -> Step<'a> {
    let absent = ["RUNNER_ENVIRONMENT", "RUNNER_NAME", "RUNNER_WORKSPACE", "GITHUB_REPOSITORY_ID", "GITHUB_TRIGGERING_ACTOR"];
    let step = absent.into_iter().fold(job.step(binary()).registry(door), Step::remove_env);
    let step = step.env("ACT", "true").env("RUNNER_TEMP", "/tmp").env("HOME", job.user_home().to_str().unwrap());
    // act says `/tmp`, and that is where the directories of this test are.
    step.input("runner-temp", "host:/nowhere/tmp").input("GITHUB_TOKEN", JOB_TOKEN)
}

#[test]
fn under_act_without_a_token_of_its_own_nothing_is_asked_and_the_input_is_named() {
    let (job, door) = (Job::new(), open_door());
    let run = act(&job, &door).run();
    assert_outputs(&run, &[("push", "false"), ("reason", "local-runner"), ("logged-in", "false")]);
    assert_eq!((run.code, door.connections()), (0, 0));
    assert!(run.log().contains("LOCAL_RUNNER_FALLBACK_TOKEN: ${{ secrets.LOCAL_RUNNER_FALLBACK_TOKEN }}"), "{}", run.log());
}

#[test]
fn under_act_the_login_is_said_to_be_out_of_reach_and_login_none_says_nothing() {
    for (login, logged_in) in [("docker-config", "true"), ("none", "false")] {
        let (job, door) = (Job::new(), open_door());
        let run = act(&job, &door).input("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK).input("login", login).run();
        assert_outputs(&run, &[("push", "true"), ("credential", "LOCAL_RUNNER_FALLBACK_TOKEN"), ("logged-in", logged_in)]);
        let warning = run.stdout.lines().find(|line| line.starts_with("::warning"));
        assert_eq!(warning.is_some(), logged_in == "true", "{}", run.log());
        assert!(warning.is_none_or(|warning| warning.contains("`login: none`") && warning.contains("docker/login-action")));
        assert!(run.env.is_empty());
    }
}

/// act's host mode gives command files that it does not mount.
#[test]
fn command_files_that_are_not_mounted_fail_the_step_and_say_so() {
    let (job, door) = (Job::new(), open_door());
    let run = act(&job, &door).env("GITHUB_OUTPUT", "/nowhere/outputcmd.txt").run();
    assert_eq!(run.code, 1);
    assert!(run.log().contains("::error title=ghcr-auth::The outputs could not be written: No such file or directory"), "{}", run.log());
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The runners of docs/runners.md: the list of those that work without setup, then the table of the others.
fn runners() -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/runners.md")).unwrap();
    let (_, rest) = page.split_once("\n## Works without setup\n").unwrap();
    let (listed, rest) = rest.split_once("\n## Needs something\n").unwrap();
    let (table, _) = rest.split_once("\n## ").unwrap();
    let listed = listed.lines().filter_map(|line| line.strip_prefix("- "));
    let named = |line: &str| line.split(": ").next().map(str::to_owned);
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")).skip(1).map(|line| line.split(" |").next().map(str::to_owned));
    listed.map(named).chain(rows).flatten().collect()
}

#[test]
fn every_runner_and_every_tool_of_the_pages_has_a_test_or_says_why_there_is_none() {
    let tested = documents::rows(&root().join("docs/tested.md"));
    let tools = documents::rows(&root().join("docs/tools.md")).into_iter().map(|row| row[0].clone());
    let named: Vec<_> = runners().into_iter().chain(tools).collect();
    assert!(named.len() > 40, "only {} rows were found", named.len());
    for name in named {
        assert!(tested.iter().any(|row| row[0] == name), "docs/tested.md has no row for {name}");
    }
    for row in tested {
        let [what, shown] = &row[..] else { panic!("docs/tested.md: {row:?}") };
        let is_source = shown.contains("](https://");
        assert!(!documents::tests(shown).is_empty() || shown.starts_with("none: ") || is_source, "{what}: {shown}");
    }
}

#[test]
fn every_test_that_the_page_of_tests_names_is_there() {
    let cells = documents::rows(&root().join("docs/tested.md")).into_iter().flatten();
    let tests: BTreeSet<_> = cells.flat_map(|cell| documents::tests(&cell)).collect();
    assert!(tests.len() > 40, "only {} tests were found", tests.len());
    documents::assert_are_there(root(), &tests);
}
