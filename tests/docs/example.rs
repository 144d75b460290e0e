//! `cargo run --example try`, the first thing that a newcomer runs.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

/// Builds it as `cargo run` does, and says which crates had to be compiled.
fn build() -> (Vec<String>, PathBuf) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline", "--locked", "--example", "try", "--message-format=json"]);
    cargo.args(if cfg!(debug_assertions) { None } else { Some("--release") }).current_dir(env!("CARGO_MANIFEST_DIR"));
    // Cargo gives these to a test; a build script that reads one would run again.
    let ours = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    for name in ours.filter(|name| ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix))) {
        cargo.env_remove(name);
    }
    let built = cargo.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8(built.stdout).unwrap();
    let artifacts: Vec<Value> = messages.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let compiled = artifacts.iter().filter(|artifact| artifact["fresh"] == false).map(|artifact| artifact["package_id"].to_string());
    let example = artifacts.iter().find(|artifact| artifact["target"]["name"] == "try").unwrap();
    (compiled.collect(), example["executable"].as_str().unwrap().into())
}

#[test]
fn nothing_is_compiled_again_for_the_example_and_it_shows_the_line_to_change() {
    build();
    let (compiled, example) = build();
    assert_eq!(compiled, Vec::<String>::new());

    let run = Command::new(example).env_clear().output().unwrap();
    let shown = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{shown}{}", String::from_utf8_lossy(&run.stderr));
    let lines = [
        "replace lines 5 to 6 with:",
        "packages: write",
        "image=ghcr.io/acme/app",
        "reason=fork-pr",
        "credential=LOCAL_RUNNER_FALLBACK_TOKEN",
    ];
    for told in lines {
        assert!(shown.contains(told), "{told}:\n{shown}");
    }
    assert!(!shown.contains("127.0.0.1") && !shown.contains("exampleOnly"), "{shown}");
    assert!(shown.lines().all(|line| line.len() < 300), "{shown}");
}
