//! Which tags are made, which move, and that it is all of them or none.

use std::fs;

use ghcr_auth_testbed::registry::RealRegistry;
use ghcr_auth_testbed::script;

use crate::release::image::{packaged, registry};
use crate::release::images::{Images, NATIVE, OTHER};
use crate::release::rehearsal::{Rehearsal, VERSION};

/// A release whose image is published and whose tags are not.
struct Published {
    rehearsal: Rehearsal,
    registry: RealRegistry,
    _images: Images,
}

fn published(test: &str) -> Option<Published> {
    let registry = registry(test)?;
    let (rehearsal, images) = packaged(test, registry.host())?;
    for arch in [NATIVE, OTHER] {
        rehearsal.step(&["package", arch]);
    }
    rehearsal.step(&["index"]);
    Some(Published { rehearsal, registry, _images: images })
}

/// As `published`, pinned as this version, after earlier releases with these tags.
fn pinned(test: &str, version: &str, earlier: &[&str]) -> Option<Published> {
    let published = published(test)?;
    for tag in earlier {
        published.rehearsal.release_earlier(tag);
    }
    published.rehearsal.set_version(version);
    published.rehearsal.step(&["pin"]);
    Some(published)
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

    /// Whether the tag of the remote is the release's commit.
    fn is_at_release(&self, tag: &str) -> bool {
        self.rehearsal.remote(&format!("refs/tags/{tag}")) == self.commit()
    }
}

#[test]
fn the_major_version_moves_forward_from_the_release_before() {
    let Some(published) = pinned("next release", VERSION, &["v9", "v9.8.6", "v10.0.0"]) else { return };
    assert!(!published.is_at_release("v9"));
    published.rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.8.7") && published.is_at_release("v9"));
    assert!(!published.is_at_release("v9.8.6") && !published.is_at_release("v10.0.0"));
}

#[test]
fn a_patch_of_an_older_version_does_not_move_the_major_version_back() {
    let Some(published) = pinned("older patch", VERSION, &["v9", "v9.10.0"]) else { return };
    published.rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.8.7") && !published.is_at_release("v9"));
    assert_eq!(published.page(), "release edit v9.8.7 --verify-tag --draft=false --prerelease=false --latest=false");
}

#[test]
fn a_prerelease_does_not_move_the_major_version() {
    let Some(published) = pinned("prerelease", "9.9.0-rc.1", &["v9", "v9.8.7"]) else { return };
    published.rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.9.0-rc.1") && !published.is_at_release("v9"));
    assert_eq!(published.page(), "release edit v9.9.0-rc.1 --verify-tag --draft=false --prerelease=true --latest=false");
}

#[test]
fn a_prerelease_before_does_not_hold_the_major_version_back() {
    let Some(published) = pinned("release after prerelease", VERSION, &["v9", "v9.8.7-rc.2", "v9.9.0-rc.1"]) else { return };
    published.rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.8.7") && published.is_at_release("v9"));
    assert_eq!(published.page(), "release edit v9.8.7 --verify-tag --draft=false --prerelease=false --latest=true");
}

#[test]
fn an_image_without_attestation_is_not_tagged_and_is_once_it_has_one() {
    let Some(published) = pinned("no attestation", VERSION, &["v9"]) else { return };
    let rehearsal = &published.rehearsal;
    fs::write(rehearsal.stand_in("nothing-is-attested"), "").unwrap();
    rehearsal.refused(&["tag"], "has no attestation of the release workflow for this commit. No tag was made");
    assert_eq!(rehearsal.tags(), ["v9"]);

    fs::remove_file(rehearsal.stand_in("nothing-is-attested")).unwrap();
    let first = published.commit();
    rehearsal.step(&["pin"]);
    assert_eq!(published.commit(), first, "a second attempt makes another commit");
    rehearsal.step(&["tag"]);
    assert!(published.is_at_release("v9.8.7") && published.is_at_release("v9"));
}

#[test]
fn a_second_attempt_after_the_tags_changes_nothing() {
    let Some(published) = pinned("second attempt", VERSION, &[]) else { return };
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

#[test]
fn files_are_not_put_beside_a_tag_of_another_run() {
    let Some(published) = pinned("another run's tag", VERSION, &["v9.8.7"]) else { return };
    published.rehearsal.refused(&["draft"], "the tag v9.8.7 is not the commit of this run");
    assert!(published.rehearsal.asked().is_empty());
}

#[test]
fn a_tag_that_is_another_commit_stays() {
    let Some(published) = pinned("existing tag", VERSION, &["v9.8.7"]) else { return };
    published.rehearsal.refused(&["tag"], "exists already and is another commit");
    assert_eq!(published.rehearsal.tags(), ["v9.8.7"]);
    assert!(!published.is_at_release("v9.8.7"));
}

#[test]
fn an_image_that_is_gone_before_the_tags_is_not_tagged() {
    let Some(published) = pinned("image gone", VERSION, &["v9"]) else { return };
    drop(published.registry);
    published.rehearsal.refused(&["tag"], "cannot be pulled without a login");
    assert_eq!(published.rehearsal.tags(), ["v9"]);
}

#[test]
fn a_commit_that_names_another_image_is_not_tagged() {
    let Some(published) = pinned("another commit", VERSION, &[]) else { return };
    fs::write(published.rehearsal.dist("commit"), published.rehearsal.git(&["rev-parse", "main"])).unwrap();
    published.rehearsal.refused(&["tag"], "does not name");
    assert!(published.rehearsal.tags().is_empty());
}

#[test]
fn a_remote_that_refuses_one_tag_gets_none() {
    let Some(published) = pinned("refused tag", VERSION, &["v9"]) else { return };
    let before = published.rehearsal.remote("refs/tags/v9");
    let hook = published.rehearsal.work().join("../remote.git/hooks/update");
    script::write(hook, "#!/bin/sh\ntest \"$1\" != refs/tags/v9\n");
    assert!(!published.rehearsal.release(&["tag"]).status.success());
    assert_eq!((published.rehearsal.tags(), published.rehearsal.remote("refs/tags/v9")), (vec!["v9".to_owned()], before));
}

#[test]
fn an_action_that_names_an_image_already_is_not_pinned() {
    let Some(published) = published("pinned already") else { return };
    published.rehearsal.edit("action.yml", "image: Dockerfile", "image: docker://example.com/other");
    published.rehearsal.commit();
    assert!(!published.rehearsal.release(&["pin"]).status.success());
    assert!(!published.rehearsal.dist("commit").exists());
}
