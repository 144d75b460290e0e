//! Every `sh` block of the documentation is run: by `.ci/run`, by a test that is named here, or it says that it needs GitHub.

use std::{collections::BTreeSet, path::Path};

use ghcr_auth_testbed::documents::{self, fences};

use crate::docs::{pages, read};

/// The first line of a block that only GitHub can run.
const NEEDS_GITHUB: &str = "# Needs GitHub.";

/// Commands that a test runs with other paths and values: how they begin, and the test.
const RUN_BY: [(&str, &str, &str); 2] = [
    ("act push -s LOCAL_RUNNER_FALLBACK_TOKEN", "tests/examples/credentials.rs", "under_act_the_login_has_to_be_docker_login_actions"),
    ("act -P ubuntu-latest=-self-hosted", "tests/examples/local.rs", "in_host_mode_outputs_arrive_once_acts_cache_is_mounted"),
];

#[test]
fn every_shell_command_is_run_somewhere_or_needs_github() {
    let checked = read(".ci/run").replace(" --quiet", "").replace(" --locked", "");
    let mut commands = 0;
    for (path, page) in pages() {
        for block in fences(&page).into_iter().filter(|fence| fence.language == "sh" && !fence.text.starts_with(NEEDS_GITHUB)) {
            for command in block.text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let run_by = RUN_BY.iter().any(|(start, ..)| command.starts_with(start));
                assert!(run_by || checked.contains(command), "{path}: nothing runs `{command}`");
                commands += 1;
            }
        }
    }
    assert!(commands > 1, "only {commands} commands were found");
}

#[test]
fn every_test_that_runs_commands_is_there() {
    let tests: BTreeSet<_> = RUN_BY.iter().map(|(_, file, function)| ((*file).to_owned(), (*function).to_owned())).collect();
    documents::assert_are_there(Path::new(env!("CARGO_MANIFEST_DIR")), &tests);
}
