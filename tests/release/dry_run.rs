//! A whole release.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use ghcr_auth_testbed::images::{BASE, tested};
use ghcr_auth_testbed::needs;
use ghcr_auth_testbed::registry::RealRegistry;
use serde_json::Value;

use crate::release::image::collect;
use crate::release::images::{Images, NATIVE, OTHER};
use crate::release::rehearsal::Rehearsal;

ghcr_auth_testbed::tests![a_release_goes_from_one_commit_to_tags_that_everybody_can_pull,];

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Has `build` take the program from the built image instead of compiling it again; the rest of the Dockerfile stays.
/// The first stage is what `.ci/image` makes the Dockerfile begin with, so that it has the C library.
fn without_compiling(rehearsal: &Rehearsal) {
    let dockerfile = fs::read_to_string(rehearsal.work().join("Dockerfile")).unwrap();
    let (_, image) = dockerfile.rsplit_once("FROM scratch\n").unwrap();
    let stages = format!("FROM {BASE} AS build\nCOPY --from={} / /image/\nFROM scratch\n{image}", tested());
    fs::write(rehearsal.work().join("Dockerfile"), stages).unwrap();
}

fn platforms(rehearsal: &Rehearsal) -> BTreeSet<String> {
    let mut inspect = Command::new("skopeo");
    inspect.args(["inspect", "--tls-verify=false", "--raw", &format!("docker://{}:{VERSION}", rehearsal.image())]);
    let index: Value = serde_json::from_slice(&inspect.output().unwrap().stdout).unwrap();
    index["manifests"].as_array().unwrap().iter().map(|image| image["platform"]["architecture"].as_str().unwrap().to_owned()).collect()
}

fn a_release_goes_from_one_commit_to_tags_that_everybody_can_pull() {
    let mut images = Images::detect();
    if needs::find("cargo-cyclonedx").is_none() {
        needs::missing("cargo-cyclonedx", "release/release tools");
    }
    let registry = RealRegistry::start();
    let rehearsal = Rehearsal::new(registry.host());
    rehearsal.edit("CHANGELOG.md", "## [Unreleased]", &format!("## [Unreleased]\n\n## [{VERSION}] - 2026-11-21\n"));
    without_compiling(&rehearsal);
    rehearsal.commit();

    assert_eq!(rehearsal.step(&["version", VERSION]), VERSION);
    rehearsal.step(&["ready"]);
    let native = images.name(&rehearsal, NATIVE);
    rehearsal.step(&["build", NATIVE]);
    images.load_stand_in(&rehearsal);
    rehearsal.step(&["package", OTHER]);
    let glibc = |arch: &str| rehearsal.dist(&format!("{arch}/glibc"));
    fs::copy(glibc(NATIVE), glibc(OTHER)).unwrap();
    rehearsal.step(&["sbom"]);
    collect(&rehearsal);
    for step in ["index", "pullable", "pin", "tag", "draft", "publish"] {
        rehearsal.step(&[step]);
    }

    assert_eq!(platforms(&rehearsal), BTreeSet::from(["amd64".to_owned(), "arm64".to_owned()]));
    let source = images.docker(&["inspect", "--format", r#"{{index .Config.Labels "org.opencontainers.image.source"}}"#, &native]);
    assert_eq!(source, "https://github.example/Acme/ghcr-auth");
    assert_tags(&rehearsal);
    assert_downloads(&rehearsal, &images);
    assert_sbom(&rehearsal);
    assert_asked(&rehearsal.asked());
}

/// The tagged commit is main's with another image and without workflows, and main is as it was.
fn assert_tags(rehearsal: &Rehearsal) {
    let digest = fs::read_to_string(rehearsal.dist("index.digest")).unwrap();
    let tagged = rehearsal.remote(&format!("refs/tags/v{VERSION}"));
    let major = VERSION.split('.').next().unwrap();
    let moved = if VERSION.contains('-') { "" } else { &tagged };
    assert_eq!(rehearsal.remote(&format!("refs/tags/v{major}")), *moved);

    let main = rehearsal.git(&["rev-parse", "main"]);
    assert_eq!((rehearsal.remote("refs/heads/main"), rehearsal.git(&["rev-parse", &format!("{tagged}^")])), (main.clone(), main));
    assert!(rehearsal.git(&["show", "main:action.yml"]).contains("\n  image: Dockerfile\n"));
    assert!(rehearsal.git(&["show", &format!("{tagged}:action.yml")]).contains(&format!(
        "\n  image: docker://{}@{}\n",
        rehearsal.image(),
        digest.trim()
    )));
    let changes = rehearsal.git(&["diff", "--name-status", "main", &tagged, "--", ".", ":!.github/workflows"]);
    assert_eq!(changes.lines().collect::<Vec<_>>(), ["M\taction.yml", "A\thost/ghcr-auth-aarch64", "A\thost/ghcr-auth-x86_64"]);
    assert_eq!(rehearsal.git(&["ls-tree", &tagged, ".github/workflows"]), "");
}

/// The sums are right, this machine's program is the image's and runs.
fn assert_downloads(rehearsal: &Rehearsal, images: &Images) {
    let mut check = Command::new("sha256sum");
    let checked = check.args(["--check", "--strict", "SHA256SUMS"]).current_dir(rehearsal.dist("")).output().unwrap();
    let listed = String::from_utf8(checked.stdout).unwrap();
    let files = ["ghcr-auth-x86_64-unknown-linux-gnu", "ghcr-auth-aarch64-unknown-linux-gnu", "ghcr-auth.cdx.json"];
    assert_eq!(listed.lines().collect::<Vec<_>>(), files.map(|file| format!("{file}: OK")));

    let program = rehearsal.dist(&format!("ghcr-auth-{}-unknown-linux-gnu", std::env::consts::ARCH));
    assert_eq!(fs::read(&program).unwrap(), images.program());
    let said = Command::new(program).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8(said.stdout).unwrap(), format!("ghcr-auth {VERSION}\n"));
}

/// GitHub takes the list for `CycloneDX`, and it has what the program is made of, not what its tests need.
fn assert_sbom(rehearsal: &Rehearsal) {
    let sbom: Value = serde_json::from_slice(&fs::read(rehearsal.dist("ghcr-auth.cdx.json")).unwrap()).unwrap();
    assert!(sbom["bomFormat"] == "CycloneDX" && sbom["specVersion"].is_string() && sbom["serialNumber"].is_string());
    assert_eq!((&sbom["metadata"]["component"]["name"], &sbom["metadata"]["component"]["version"]), (&"ghcr-auth".into(), &VERSION.into()));
    let listed: BTreeSet<_> = sbom["components"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    for dependency in ["tokio", "reqwest", "rustls", "ring", "octocrab", "saphyr-parser", "glibc"] {
        assert!(listed.contains(dependency), "{dependency} is missing: {listed:?}");
    }
    assert!(!listed.contains("proptest") && !listed.contains("ghcr-auth-testbed"), "{listed:?}");
}

/// The tag waits for the attestations, and the page for the tag.
fn assert_asked(asked: &[String]) {
    let asked = asked.iter().filter(|line| !line.starts_with("api "));
    let commands: Vec<_> = asked.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    let verified = ["attestation verify"; 5];
    assert_eq!(commands, [&verified[..], &["release list", "release create", "release edit"]].concat());
}
