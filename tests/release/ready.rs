//! What no step of a release could mend is refused before anything is built.

use std::fs;

use crate::release::rehearsal::Rehearsal;

ghcr_auth_testbed::tests![
    a_private_repository_is_refused,
    a_release_that_nobody_would_review_is_refused,
    a_package_that_nobody_can_pull_is_refused,
    a_package_that_is_not_there_yet_is_a_warning_that_names_the_pages,
];

const NO_REGISTRY: &str = "127.0.0.1:1";

/// What the step says where GitHub answers so.
fn refused(answer: &str, value: &str, why: &str) {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    fs::write(rehearsal.stand_in(answer), value).unwrap();
    rehearsal.refused(&["ready"], why);
}

fn a_private_repository_is_refused() {
    refused("visibility", "private", "Acme/ghcr-auth is private. Attestations need a public repository");
    refused("visibility", "internal", "Settings, General, Danger Zone, Change visibility");
}

fn a_release_that_nobody_would_review_is_refused() {
    refused("reviewers", "0", "https://github.example/Acme/ghcr-auth/settings/environments");
    refused("no-environment", "", "does not show an environment 'release'");
}

fn a_package_that_nobody_can_pull_is_refused() {
    refused("package", "private", "the package ghcr-auth is private: no user's runner could pull its images");
}

fn a_package_that_is_not_there_yet_is_a_warning_that_names_the_pages() {
    let rehearsal = Rehearsal::new(NO_REGISTRY);
    let ready = rehearsal.release(&["ready"]);
    let said = String::from_utf8(ready.stderr).unwrap();
    assert!(ready.status.success() && said.contains("https://github.example/organizations/Acme/settings/packages"), "{said}");
    fs::write(rehearsal.stand_in("package"), "public").unwrap();
    assert!(rehearsal.release(&["ready"]).stderr.is_empty());
}
