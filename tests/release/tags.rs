//! Which tags are made, which move, and that it is all of them or none.

use std::fs;

use ghcr_auth_testbed::registry::RealRegistry;
use ghcr_auth_testbed::script;

use crate::release::image::{built, collect};
use crate::release::images::Images;
use crate::release::rehearsal::{Rehearsal, VERSION};

ghcr_auth_testbed::tests![
    the_major_version_moves_forward_from_the_release_before,
    a_patch_of_an_older_version_does_not_move_the_major_version_back,
    a_prerelease_does_not_move_the_major_version,
    a_prerelease_before_does_not_hold_the_major_version_back,
    an_image_without_attestation_is_not_tagged_and_is_once_it_has_one,
    a_second_attempt_after_the_tags_changes_nothing,
    files_are_not_put_beside_a_tag_of_another_run,
    a_tag_that_is_another_commit_stays,
    an_image_that_is_gone_before_the_tags_is_not_tagged,
    a_commit_that_names_another_image_is_not_tagged,
    a_remote_that_refuses_one_tag_gets_none,
    an_action_that_names_an_image_already_is_not_pinned,
    each_release_descends_from_all_before_it_and_from_main,
    a_patch_of_an_older_line_moves_nothing_back_and_has_a_branch_of_its_own,
    a_release_carries_the_programs_for_the_host_action_and_no_workflow,
    a_program_that_changed_after_the_commit_is_not_tagged,
    a_major_version_that_stands_elsewhere_is_not_moved,
    sums_of_other_files_are_not_published,
    attestations_count_from_this_branch_and_githubs_machines_only,
];

/// A release whose image is published and whose tags are not.
struct Published {
    rehearsal: Rehearsal,
    registry: RealRegistry,
    _images: Images,
}

fn published() -> Published {
    let registry = RealRegistry::start();
    let (rehearsal, images) = built(registry.host());
    collect(&rehearsal);
    rehearsal.step(&["index"]);
    Published { rehearsal, registry, _images: images }
}

/// As `published`, pinned as this version, after earlier releases with these tags.
fn pinned(version: &str, earlier: &[&str]) -> Published {
    let published = published();
    for tag in earlier {
        published.rehearsal.release_earlier(tag);
    }
    published.rehearsal.set_version(version);
    published.rehearsal.step(&["pin"]);
    published
}

impl Published {
    fn commit(&self) -> String {
        fs::read_to_string(self.rehearsal.dist("commit")).unwrap().trim().to_owned()
    }

    /// What `gh` is asked when the release's page is published.
    fn page(&self) -> String {
        self.rehearsal.step(&["publish"]);
        self.rehearsal.asked().pop().unwrap()
    }

    /// Makes and pushes the release's commit and refs, and returns the commit.
    fn release(&self, version: &str) -> String {
        self.rehearsal.set_version(version);
        self.rehearsal.step(&["pin"]);
        self.rehearsal.step(&["tag"]);
        self.commit()
    }

    fn is_ancestor(&self, before: &str, after: &str) -> bool {
        self.rehearsal.succeeds("git", &["merge-base", "--is-ancestor", before, after])
    }

    /// Whether the tag of the remote is the release's commit.
    fn is_at_release(&self, tag: &str) -> bool {
        self.rehearsal.remote(&format!("refs/tags/{tag}")) == self.commit()
    }
}

fn the_major_version_moves_forward_from_the_release_before() {
    let published = pinned(VERSION, &["v9", "v9.8.6", "v10.0.0"]);
    assert!(!published.is_at_release("v9"));
    published.rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.8.7") && published.is_at_release("v9"));
    assert!(!published.is_at_release("v9.8.6") && !published.is_at_release("v10.0.0"));
}

fn a_patch_of_an_older_version_does_not_move_the_major_version_back() {
    let published = pinned(VERSION, &["v9", "v9.10.0"]);
    published.rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.8.7") && !published.is_at_release("v9"));
    assert_eq!(published.page(), "release edit v9.8.7 --verify-tag --draft=false --prerelease=false --latest=false");
}

fn a_prerelease_does_not_move_the_major_version() {
    let published = pinned("9.9.0-rc.1", &["v9", "v9.8.7"]);
    published.rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.9.0-rc.1") && !published.is_at_release("v9"));
    assert_eq!(published.page(), "release edit v9.9.0-rc.1 --verify-tag --draft=false --prerelease=true --latest=false");
}

fn a_prerelease_before_does_not_hold_the_major_version_back() {
    let published = pinned(VERSION, &["v9", "v9.8.7-rc.2", "v9.9.0-rc.1"]);
    published.rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.8.7") && published.is_at_release("v9"));
    assert_eq!(published.page(), "release edit v9.8.7 --verify-tag --draft=false --prerelease=false --latest=true");
}

fn an_image_without_attestation_is_not_tagged_and_is_once_it_has_one() {
    let published = pinned(VERSION, &["v9"]);
    let rehearsal = &published.rehearsal;
    fs::write(rehearsal.stand_in("nothing-is-attested"), "").unwrap();
    rehearsal.refused(&["tag"], "has no attestation of the release workflow for this commit on refs/heads/main. No tag was made");
    assert_eq!(rehearsal.tags(), ["v9"]);

    fs::remove_file(rehearsal.stand_in("nothing-is-attested")).unwrap();
    let first = published.commit();
    rehearsal.step(&["pin"]);
    assert_eq!(published.commit(), first, "a second attempt makes another commit");
    rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.8.7") && published.is_at_release("v9"));
}

fn a_second_attempt_after_the_tags_changes_nothing() {
    let published = pinned(VERSION, &[]);
    let rehearsal = &published.rehearsal;
    for step in ["tag", "draft", "pin", "draft"] {
        rehearsal.step(&[step]);
    }
    assert_eq!(rehearsal.asked().last().unwrap().split(' ').nth(1), Some("upload"), "the draft is not used again");
    assert!(rehearsal.step(&["tag"]).contains("v9.8.7 is this very commit already"));
    rehearsal.step(&["publish"]);
    assert_eq!(rehearsal.step(&["draft"]), "v9.8.7 is published already");
    assert!(published.is_at_release("v9.8.7") && published.is_at_release("v9"));
}

fn files_are_not_put_beside_a_tag_of_another_run() {
    let published = pinned(VERSION, &["v9.8.7"]);
    published.rehearsal.refused(&["draft"], "the tag v9.8.7 is not the commit of this run");
    assert!(published.rehearsal.asked().is_empty());
}

fn a_tag_that_is_another_commit_stays() {
    let published = pinned(VERSION, &["v9.8.7"]);
    published.rehearsal.refused(&["tag"], "exists already and is another commit");
    assert_eq!(published.rehearsal.tags(), ["v9.8.7"]);
    assert!(!published.is_at_release("v9.8.7"));
}

fn an_image_that_is_gone_before_the_tags_is_not_tagged() {
    let published = pinned(VERSION, &["v9"]);
    drop(published.registry);
    published.rehearsal.refused(&["tag"], "cannot be pulled without a login");
    assert_eq!(published.rehearsal.tags(), ["v9"]);
}

fn a_commit_that_names_another_image_is_not_tagged() {
    let published = pinned(VERSION, &[]);
    fs::write(published.rehearsal.dist("commit"), published.rehearsal.git(&["rev-parse", "main"])).unwrap();
    published.rehearsal.refused(&["tag"], "does not name");
    assert!(published.rehearsal.tags().is_empty());
}

fn a_remote_that_refuses_one_tag_gets_none() {
    let published = pinned(VERSION, &["v9"]);
    let before = published.rehearsal.remote("refs/tags/v9");
    let hook = published.rehearsal.work().join("../remote.git/hooks/update");
    script::write(hook, "#!/bin/sh\ntest \"$1\" != refs/tags/v9\n");
    assert!(!published.rehearsal.release(&["tag"]).status.success());
    assert_eq!((published.rehearsal.tags(), published.rehearsal.remote("refs/tags/v9")), (vec!["v9".to_owned()], before));
}

fn an_action_that_names_an_image_already_is_not_pinned() {
    let published = published();
    published.rehearsal.edit("action.yml", "image: Dockerfile", "image: docker://example.com/other");
    published.rehearsal.commit();
    assert!(!published.rehearsal.release(&["pin"]).status.success());
    assert!(!published.rehearsal.dist("commit").exists());
}

fn each_release_descends_from_all_before_it_and_from_main() {
    let published = published();
    let rehearsal = &published.rehearsal;
    let mut releases = Vec::new();
    for version in ["9.8.7", "9.9.0", "9.10.0-rc.1", "9.10.0"] {
        let commit = published.release(version);
        let main = rehearsal.git(&["rev-parse", "main"]);
        assert_eq!((rehearsal.remote("refs/heads/releases/v9"), rehearsal.remote("refs/heads/main")), (commit.clone(), main.clone()));
        releases.push((main, commit));
    }
    for (number, (main, commit)) in releases.iter().enumerate() {
        assert!(published.is_ancestor(main, commit));
        for (_, earlier) in &releases[..number] {
            assert!(published.is_ancestor(earlier, commit) && !published.is_ancestor(commit, earlier));
        }
    }
    assert_eq!(rehearsal.remote("refs/tags/v9"), releases[3].1);
}

fn a_patch_of_an_older_line_moves_nothing_back_and_has_a_branch_of_its_own() {
    let published = published();
    let rehearsal = &published.rehearsal;
    let [first, newest] = ["9.8.7", "9.9.0"].map(|version| published.release(version));
    rehearsal.git(&["checkout", "--quiet", "-b", "patches/9.8", "main~1"]);
    let patches = ["9.8.8", "9.8.9"].map(|version| {
        let commit = published.release(version);
        assert_eq!(rehearsal.remote("refs/heads/releases/v9.8"), commit);
        assert!(published.page().ends_with("--latest=false"));
        commit
    });
    assert!(published.is_ancestor(&first, &patches[0]) && published.is_ancestor(&patches[0], &patches[1]));
    assert_eq!((rehearsal.remote("refs/heads/releases/v9"), rehearsal.remote("refs/tags/v9")), (newest.clone(), newest.clone()));

    rehearsal.git(&["checkout", "--quiet", "main"]);
    let next = published.release("9.9.1");
    assert!(published.is_ancestor(&newest, &next) && published.is_at_release("v9"));
}

fn a_release_carries_the_programs_for_the_host_action_and_no_workflow() {
    let published = published();
    let rehearsal = &published.rehearsal;
    let commit = published.release(VERSION);
    let listed = rehearsal.git(&["ls-tree", "-r", &commit, "host", ".github/workflows"]);
    let programs: Vec<_> =
        listed.lines().filter(|line| line.contains("host/ghcr-auth-")).map(|line| line.split('\t').next_back()).collect();
    assert_eq!(programs, [Some("host/ghcr-auth-aarch64"), Some("host/ghcr-auth-x86_64")]);
    assert!(listed.lines().filter(|line| line.contains("host/ghcr-auth-")).all(|line| line.starts_with("100755 ")), "{listed}");
    assert!(listed.contains("host/action.yml") && !listed.contains(".github"), "{listed}");
    let sum = |path: &str| rehearsal.git(&["hash-object", "--no-filters", path]);
    let carried = rehearsal.git(&["rev-parse", &format!("{commit}:host/ghcr-auth-x86_64")]);
    assert_eq!(carried, sum("target/dist/ghcr-auth-x86_64-unknown-linux-gnu"));
}

fn a_program_that_changed_after_the_commit_is_not_tagged() {
    let published = pinned(VERSION, &[]);
    fs::write(published.rehearsal.dist("ghcr-auth-aarch64-unknown-linux-gnu"), "another").unwrap();
    published.rehearsal.refused(&["tag"], "is not the released program");
    assert!(published.rehearsal.tags().is_empty());
}

fn a_major_version_that_stands_elsewhere_is_not_moved() {
    let published = pinned(VERSION, &[]);
    let rehearsal = &published.rehearsal;
    let strange = rehearsal.git(&["commit-tree", "-m", "Strange", "main^{tree}"]);
    rehearsal.git(&["push", "--quiet", "origin", &format!("{strange}:refs/tags/v9")]);
    rehearsal.refused(&["tag"], "is not part of this release's history");
    assert_eq!((rehearsal.tags(), rehearsal.remote("refs/heads/releases/v9")), (vec!["v9".to_owned()], String::new()));
}

fn sums_of_other_files_are_not_published() {
    let published = pinned(VERSION, &[]);
    published.rehearsal.step(&["tag"]);
    fs::write(published.rehearsal.dist("SHA256SUMS"), "0 another\n").unwrap();
    published.rehearsal.refused(&["draft"], "does not have the sums of these files");
}

fn attestations_count_from_this_branch_and_githubs_machines_only() {
    let published = pinned(VERSION, &[]);
    published.rehearsal.step(&["tag"]);
    let asked = published.rehearsal.asked();
    assert!(
        asked.len() == 5
            && asked.iter().all(|line| line.contains("--source-ref refs/heads/main ") && line.ends_with("--deny-self-hosted-runners")),
        "{asked:?}"
    );
}
