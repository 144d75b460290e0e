//! What is refused before anything is built.

use std::fs;

use crate::release::rehearsal::{Rehearsal, VERSION};

ghcr_auth_testbed::tests![
    another_version_than_that_of_the_sources_is_refused,
    a_version_that_the_changelog_does_not_know_is_refused,
    a_version_that_no_tag_can_have_is_refused,
    pages_that_name_another_owner_are_refused_and_the_line_that_helps_is_said,
    an_owner_whose_name_ends_like_the_old_one_is_written_once,
    a_version_is_released_once,
    a_remote_that_does_not_answer_is_not_one_without_tags,
    a_step_that_is_none_is_told,
];

/// Nothing is asked of it here.
const NO_REGISTRY: &str = "127.0.0.1:1";

fn another_version_than_that_of_the_sources_is_refused() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    rehearsal.set_version(VERSION);
    rehearsal.refused(&["version", "9.8.8"], "asked for 9.8.8, but Cargo.toml says 9.8.7");
    assert_eq!([rehearsal.step(&["version", "v9.8.7"]), rehearsal.step(&["version"])], [VERSION, VERSION]);
}

fn a_version_that_the_changelog_does_not_know_is_refused() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    rehearsal.set_version(VERSION);
    rehearsal.edit("CHANGELOG.md", "- Something.\n", "");
    rehearsal.refused(&["version"], "CHANGELOG.md says nothing under '## [9.8.7]'");
}

fn a_version_that_no_tag_can_have_is_refused() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    rehearsal.edit("Cargo.toml", env!("CARGO_PKG_VERSION"), "1.2");
    rehearsal.refused(&["version"], "no version that can be a tag: '1.2'");
    rehearsal.edit("Cargo.toml", "version = \"1.2\"", "version = \"1.2.3+4\"");
    rehearsal.refused(&["version"], "no version that can be a tag: '1.2.3+4'");
}

fn pages_that_name_another_owner_are_refused_and_the_line_that_helps_is_said() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    rehearsal.set_version(VERSION);
    rehearsal.edit("README.md", "Acme/ghcr-auth@v9", "org/ghcr-auth@v1");
    rehearsal.edit("README.md", "## Limits", "oci://ghcr.io/org/ghcr-auth\n\n## Limits");
    let said = rehearsal.refused(&["version"], "README.md tells users to write 'org/ghcr-auth@v1', but this will be Acme/ghcr-auth@v9");
    rehearsal.shell(said.lines().last().unwrap());
    let page = fs::read_to_string(rehearsal.work().join("README.md")).unwrap();
    assert!(page.contains("oci://ghcr.io/acme/ghcr-auth\n"), "the image's name is lowercase, whatever the owner's is");
    assert_eq!(rehearsal.step(&["version"]), VERSION);
}

fn an_owner_whose_name_ends_like_the_old_one_is_written_once() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    rehearsal.edit("README.md", "Acme/ghcr-auth@v1", "me/ghcr-auth@v1");
    let said = rehearsal.refused(&["version"], "but this will be Acme/ghcr-auth@v1");
    rehearsal.shell(said.lines().last().unwrap());
    let page = fs::read_to_string(rehearsal.work().join("README.md")).unwrap();
    assert!(page.contains("uses: Acme/ghcr-auth@v1") && !page.contains("AcAcme"), "{page}");
}

fn a_version_is_released_once() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    rehearsal.set_version(VERSION);
    rehearsal.release_earlier("v9.8.7");
    for step in [&["version"][..], &["build", "amd64"], &["package", "amd64"], &["index"]] {
        rehearsal.refused(step, "the tag v9.8.7 exists already");
    }
}

fn a_remote_that_does_not_answer_is_not_one_without_tags() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    rehearsal.set_version(VERSION);
    rehearsal.git(&["remote", "set-url", "origin", "../gone.git"]);
    rehearsal.refused(&["version"], "does not say which tags and branches it has");
}

fn a_step_that_is_none_is_told() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    assert_eq!(rehearsal.release(&["everything"]).status.code(), Some(2));
}
