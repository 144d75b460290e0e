//! What is refused before a tag exists, and what can be done again then.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::front_door::{FrontDoor, Rules};
use ghcr_auth_testbed::needs;
use ghcr_auth_testbed::registry::RealRegistry;

use crate::release::images::{Images, NATIVE, OTHER};
use crate::release::rehearsal::{Rehearsal, VERSION};

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Both architectures' images in the registry, not yet joined.
pub(crate) fn packaged(test: &str, registry: &str) -> Option<(Rehearsal, Images)> {
    let mut images = Images::detect(test)?;
    let rehearsal = Rehearsal::new(test, registry)?;
    images.take_built(&rehearsal);
    images.load_stand_in(&rehearsal);
    Some((rehearsal, images))
}

pub(crate) fn registry(test: &str) -> Option<RealRegistry> {
    let registry = RealRegistry::start();
    if registry.is_none() {
        needs::skip(test, "docker-registry (apt-get install docker-registry)");
    }
    registry
}

#[test]
fn a_registry_that_is_down_leaves_no_tag_and_no_commit() {
    let Some(registry) = registry("registry down") else { return };
    let Some((rehearsal, _images)) = packaged("registry down", registry.host()) else { return };
    for arch in [NATIVE, OTHER] {
        rehearsal.step(&["package", arch]);
    }
    rehearsal.step(&["index"]);
    drop(registry);
    assert!(!rehearsal.release(&["index"]).status.success());
    rehearsal.refused(&["pin"], "cannot be pulled without a login");
    assert!(!rehearsal.dist("commit").exists() && rehearsal.tags().is_empty());
}

#[test]
fn an_index_of_one_architecture_is_no_index() {
    let Some(registry) = registry("half an index") else { return };
    let Some((rehearsal, _images)) = packaged("half an index", registry.host()) else { return };
    rehearsal.step(&["package", NATIVE]);
    rehearsal.refused(&["index"], "digest is missing");
    fs::copy(rehearsal.dist(&format!("{NATIVE}.digest")), rehearsal.dist("index.digest")).unwrap();
    assert!(!rehearsal.release(&["pin"]).status.success());
    assert!(!rehearsal.dist("commit").exists());
}

#[test]
fn a_digest_that_was_never_pushed_is_not_pinned() {
    let Some(registry) = registry("unknown digest") else { return };
    let Some(rehearsal) = Rehearsal::new("unknown digest", registry.host()) else { return };
    fs::create_dir_all(rehearsal.dist("")).unwrap();
    fs::write(rehearsal.dist("index.digest"), DIGEST).unwrap();
    rehearsal.refused(&["pin"], "Change visibility, Public");
    assert!(!rehearsal.dist("commit").exists() && rehearsal.tags().is_empty());
}

#[test]
fn an_image_that_only_its_owner_can_pull_is_not_pinned() {
    let Some(registry) = registry("private image") else { return };
    let door = FrontDoor::in_front_of(&registry, Rules::default().allow("ghs_job"));
    let Some((rehearsal, _images)) = packaged("private image", door.host()) else { return };
    let login = format!(r#"{{"auths":{{"{}":{{"auth":"{}"}}}}}}"#, door.host(), STANDARD.encode("robot:ghs_job"));
    fs::create_dir_all(rehearsal.docker_config()).unwrap();
    fs::write(rehearsal.docker_config().join("config.json"), login).unwrap();
    for arch in [NATIVE, OTHER] {
        rehearsal.step(&["package", arch]);
    }
    rehearsal.step(&["index"]);
    rehearsal.refused(&["pin"], "https://github.example/Acme/ghcr-auth/pkgs/container/ghcr-auth");
    assert!(!rehearsal.dist("commit").exists() && rehearsal.tags().is_empty());
}

#[test]
fn a_program_of_another_version_is_not_pushed() {
    let Some(registry) = registry("another program") else { return };
    let Some((rehearsal, mut images)) = packaged("another program", registry.host()) else { return };
    rehearsal.set_version(VERSION);
    let name = format!("{}:{VERSION}-{NATIVE}", rehearsal.image());
    let built = images.name(&rehearsal, NATIVE);
    images.docker(&["tag", &built, &name]);
    rehearsal.refused(&["package", NATIVE], "not 9.8.7");
    images.docker(&["rmi", &name]);
    assert!(!rehearsal.dist(&format!("{NATIVE}.digest")).exists());
}

#[test]
fn an_image_of_the_wrong_architecture_is_not_pushed() {
    let Some(registry) = registry("wrong machine") else { return };
    let Some((rehearsal, images)) = packaged("wrong machine", registry.host()) else { return };
    let name = |arch: &str| format!("{}:{}-{arch}", rehearsal.image(), env!("CARGO_PKG_VERSION"));
    images.docker(&["tag", &name(NATIVE), &name(OTHER)]);
    assert!(!rehearsal.release(&["package", OTHER]).status.success());
    assert!(!rehearsal.dist(&format!("{OTHER}.digest")).exists());
}

#[test]
fn what_is_not_committed_is_not_built() {
    let Some(rehearsal) = Rehearsal::new("uncommitted", "127.0.0.1:1") else { return };
    rehearsal.edit("Dockerfile", "FROM scratch", "FROM scratch\n# Another.");
    rehearsal.refused(&["build", NATIVE], "uncommitted changes");
}
