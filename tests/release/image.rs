//! What is refused before a tag exists, and what can be done again then.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::front_door::{FrontDoor, Rules};
use ghcr_auth_testbed::registry::RealRegistry;
use serde_json::{Value, json};

use crate::release::images::{Images, NATIVE, OTHER};
use crate::release::rehearsal::{Rehearsal, VERSION};

ghcr_auth_testbed::tests![
    a_registry_that_is_down_leaves_no_tag_and_no_commit,
    an_index_of_one_architecture_is_no_index,
    a_digest_that_was_never_pushed_is_not_pinned,
    an_image_that_only_its_owner_can_pull_is_not_pinned,
    a_program_of_another_version_is_not_pushed,
    an_image_of_the_wrong_architecture_is_not_pushed,
    what_is_not_committed_is_not_built,
    an_artifact_that_brings_more_than_its_own_file_is_not_taken_over,
    an_artifact_with_a_link_or_a_directory_in_it_is_not_taken_over,
    a_program_that_is_not_the_images_is_not_signed,
    a_digest_that_the_build_did_not_give_is_not_signed,
    a_list_of_another_program_is_not_signed,
    the_list_names_the_c_library_that_is_linked_in,
    an_image_that_only_its_owner_can_pull_ends_the_job_that_published_it,
];

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Both architectures' images in the registry, not yet joined.
pub(crate) fn packaged(registry: &str) -> (Rehearsal, Images) {
    let mut images = Images::detect();
    let rehearsal = Rehearsal::new(registry);
    images.take_built(&rehearsal);
    images.load_stand_in(&rehearsal);
    (rehearsal, images)
}

/// Both architectures' images pushed, and all that the jobs hand over to the one that publishes.
pub(crate) fn built(registry: &str) -> (Rehearsal, Images) {
    let (rehearsal, images) = packaged(registry);
    for arch in [NATIVE, OTHER] {
        rehearsal.step(&["package", arch]);
        fs::write(rehearsal.dist(&format!("{arch}/glibc")), "2.36-9+deb12u14\n").unwrap();
        // As an artifact comes.
        fs::set_permissions(rehearsal.dist(&program(arch)), fs::Permissions::from_mode(0o644)).unwrap();
    }
    fs::create_dir(rehearsal.dist("sbom")).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let list = json!({
        "bomFormat": "CycloneDX",
        "metadata": {"component": {"name": "ghcr-auth", "version": version, "bom-ref": "root"}},
        "components": [],
        "dependencies": [{"ref": "root", "dependsOn": []}],
    });
    fs::write(rehearsal.dist("sbom/ghcr-auth.cdx.json"), list.to_string()).unwrap();
    (rehearsal, images)
}

/// Takes over what was built, with the digests that the builds gave.
pub(crate) fn collect(rehearsal: &Rehearsal) {
    let digests = ["amd64", "arm64"].map(|arch| rehearsal.step(&["digest", arch]));
    rehearsal.step(&["collect", &digests[0], &digests[1]]);
    rehearsal.step(&["checksums"]);
}

fn a_registry_that_is_down_leaves_no_tag_and_no_commit() {
    let registry = RealRegistry::start();
    let (rehearsal, _images) = packaged(registry.host());
    for arch in [NATIVE, OTHER] {
        rehearsal.step(&["package", arch]);
    }
    rehearsal.step(&["index"]);
    drop(registry);
    assert!(!rehearsal.release(&["index"]).status.success());
    rehearsal.refused(&["pin"], "cannot be pulled without a login");
    assert!(!rehearsal.dist("commit").exists() && rehearsal.tags().is_empty());
}

fn an_index_of_one_architecture_is_no_index() {
    let registry = RealRegistry::start();
    let (rehearsal, _images) = packaged(registry.host());
    rehearsal.step(&["package", NATIVE]);
    rehearsal.refused(&["index"], "digest is missing");
    fs::copy(rehearsal.dist(&format!("{NATIVE}/digest")), rehearsal.dist("index.digest")).unwrap();
    assert!(!rehearsal.release(&["pin"]).status.success());
    assert!(!rehearsal.dist("commit").exists());
}

fn a_digest_that_was_never_pushed_is_not_pinned() {
    let registry = RealRegistry::start();
    let rehearsal = Rehearsal::new(registry.host());
    fs::create_dir_all(rehearsal.dist("")).unwrap();
    fs::write(rehearsal.dist("index.digest"), DIGEST).unwrap();
    rehearsal.refused(&["pin"], "Change visibility, Public");
    assert!(!rehearsal.dist("commit").exists() && rehearsal.tags().is_empty());
}

fn an_image_that_only_its_owner_can_pull_is_not_pinned() {
    let registry = RealRegistry::start();
    let door = FrontDoor::in_front_of(&registry, Rules::default().allow("ghs_job"));
    let (rehearsal, _images) = packaged(door.host());
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

fn a_program_of_another_version_is_not_pushed() {
    let registry = RealRegistry::start();
    let (rehearsal, mut images) = packaged(registry.host());
    rehearsal.set_version(VERSION);
    let name = format!("{}:{VERSION}-{NATIVE}", rehearsal.image());
    let built = images.name(&rehearsal, NATIVE);
    images.docker(&["tag", &built, &name]);
    rehearsal.refused(&["package", NATIVE], "not 9.8.7");
    images.docker(&["rmi", &name]);
    assert!(!rehearsal.dist(&format!("{NATIVE}/digest")).exists());
}

fn an_image_of_the_wrong_architecture_is_not_pushed() {
    let registry = RealRegistry::start();
    let (rehearsal, images) = packaged(registry.host());
    let name = |arch: &str| format!("{}:{}-{arch}", rehearsal.image(), env!("CARGO_PKG_VERSION"));
    images.docker(&["tag", &name(NATIVE), &name(OTHER)]);
    assert!(!rehearsal.release(&["package", OTHER]).status.success());
    assert!(!rehearsal.dist(&format!("{OTHER}/digest")).exists());
}

fn what_is_not_committed_is_not_built() {
    let rehearsal = Rehearsal::new("127.0.0.1:1");
    rehearsal.edit("Dockerfile", "FROM scratch", "FROM scratch\n# Another.");
    rehearsal.refused(&["build", NATIVE], "uncommitted changes");
}

/// Runs `collect` after one of its jobs handed over something else, and expects these words.
fn assert_not_collected(why: &str, tamper: impl FnOnce(&Rehearsal)) {
    let registry = RealRegistry::start();
    let (rehearsal, _images) = built(registry.host());
    let digests = ["amd64", "arm64"].map(|arch| rehearsal.step(&["digest", arch]));
    tamper(&rehearsal);
    rehearsal.refused(&["collect", &digests[0], &digests[1]], why);
    assert!(!rehearsal.dist("SHA256SUMS").exists() && !rehearsal.dist("ghcr-auth.cdx.json").exists());
}

fn program(arch: &str) -> String {
    let machine = if arch == "amd64" { "x86_64" } else { "aarch64" };
    format!("{arch}/ghcr-auth-{machine}-unknown-linux-gnu")
}

fn an_artifact_that_brings_more_than_its_own_file_is_not_taken_over() {
    assert_not_collected("must hold just these files: ghcr-auth.cdx.json", |rehearsal| {
        fs::copy(rehearsal.dist(&program("amd64")), rehearsal.dist("sbom/ghcr-auth-x86_64-unknown-linux-gnu")).unwrap();
    });
}

fn an_artifact_with_a_link_or_a_directory_in_it_is_not_taken_over() {
    assert_not_collected("must hold just these files", |rehearsal| {
        fs::remove_file(rehearsal.dist("amd64/glibc")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", rehearsal.dist("amd64/glibc")).unwrap();
    });
}

fn a_program_that_is_not_the_images_is_not_signed() {
    assert_not_collected("is not the program in", |rehearsal| {
        let path = rehearsal.dist(&program(OTHER));
        let mut bytes = fs::read(&path).unwrap();
        bytes.push(0);
        fs::write(path, bytes).unwrap();
    });
}

fn a_digest_that_the_build_did_not_give_is_not_signed() {
    assert_not_collected("is not the one that its build gave", |rehearsal| {
        fs::write(rehearsal.dist("amd64/digest"), DIGEST).unwrap();
    });
}

fn a_list_of_another_program_is_not_signed() {
    assert_not_collected("the list of parts is broken", |rehearsal| {
        fs::write(rehearsal.dist("sbom/ghcr-auth.cdx.json"), r#"{"bomFormat": "CycloneDX"}"#).unwrap();
    });
}

fn the_list_names_the_c_library_that_is_linked_in() {
    let registry = RealRegistry::start();
    let (rehearsal, _images) = built(registry.host());
    collect(&rehearsal);
    let list: Value = serde_json::from_slice(&fs::read(rehearsal.dist("ghcr-auth.cdx.json")).unwrap()).unwrap();
    let part = &list["components"][0];
    assert_eq!((part["name"].as_str(), part["version"].as_str()), (Some("glibc"), Some("2.36-9+deb12u14")));
    assert_eq!(list["dependencies"][0]["dependsOn"][0], part["bom-ref"]);
}

fn an_image_that_only_its_owner_can_pull_ends_the_job_that_published_it() {
    let rehearsal = Rehearsal::new("127.0.0.1:1");
    fs::create_dir_all(rehearsal.dist("")).unwrap();
    fs::write(rehearsal.dist("index.digest"), DIGEST).unwrap();
    rehearsal.refused(&["pullable"], "Change visibility, Public");
}
