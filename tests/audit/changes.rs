//! What `--fix` makes of workflows: files in which nothing is left of what it changes, nothing new, and every comment.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use ghcr_auth::{
    audit::{audit, edit},
    workflow::Workflow,
};
use serde_json::Value;

use crate::binary;

/// Runs `audit` on a repository; returns how often each rule is found in each file.
fn audited(root: &Path, option: &str) -> BTreeMap<(String, String), usize> {
    let output = Command::new(binary()).args(["audit", "--json", option]).arg(root).env_clear().output().unwrap();
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut counts = BTreeMap::new();
    for finding in object["findings"].as_array().unwrap() {
        let [file, rule] = ["file", "rule"].map(|key| finding[key].as_str().unwrap().to_owned());
        *counts.entry((file, rule)).or_default() += 1;
    }
    counts
}

fn diff(root: &Path) -> String {
    let output = Command::new(binary()).args(["audit", "--diff"]).arg(root).env_clear().output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_fixed_repository_has_nothing_new_and_nothing_to_fix() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join(".github/workflows");
    fs::create_dir_all(&directory).unwrap();
    for (name, text) in super::workflows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/workflows")) {
        fs::write(root.path().join(name), text).unwrap();
    }
    let before = audited(root.path(), "--strict");
    assert!(diff(root.path()).len() > 1000);
    let after = audited(root.path(), "--fix");
    for (key, count) in &after {
        assert!(before.get(key).is_some_and(|then| then >= count), "{key:?} is new");
    }
    assert!(after.values().sum::<usize>() < before.values().sum::<usize>());
    assert_eq!((diff(root.path()).as_str(), audited(root.path(), "--fix")), ("", after));
}

/// A workflow with a comment wherever it says the same with one: behind lines and above them.
fn commented(text: &str) -> String {
    let is_same = |changed: &str| Workflow::parse(changed).is_ok_and(|changed| changed.root() == Workflow::parse(text).unwrap().root());
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for at in 0..lines.len() {
        let indent = " ".repeat(lines[at].len() - lines[at].trim_start().len());
        let written = lines[at].clone();
        for commented in [format!("{written} # behind {at}"), format!("{indent}# above {at}\n{}", lines[at])] {
            let before = std::mem::replace(&mut lines[at], commented);
            if !is_same(&(lines.join("\n") + "\n")) {
                lines[at] = before;
            }
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_change_keeps_every_comment() {
    for (name, text) in super::workflows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/workflows")) {
        if Workflow::parse(&text).is_err() {
            continue;
        }
        let commented = commented(&text);
        let comments: Vec<&str> = commented.match_indices("# ").map(|(at, _)| commented[at..].lines().next().unwrap()).collect();
        let (plain, found) = (audit(&[(&name, &text)], &|_| None), audit(&[(&name, &commented)], &|_| None));
        assert_eq!(plain.len(), found.len(), "{commented}");
        for (plain, finding) in plain.iter().zip(&found) {
            let changed = edit::apply(&commented, &finding.edits).unwrap();
            let fixed = edit::apply(&text, &plain.edits).unwrap();
            assert_eq!(finding.edits.is_empty(), plain.edits.is_empty(), "{changed}");
            assert!(Workflow::parse(&changed).unwrap().root() == Workflow::parse(&fixed).unwrap().root(), "{changed}");
            let lost: Vec<_> = comments.iter().filter(|comment| !changed.lines().any(|line| line.ends_with(**comment))).collect();
            assert!(lost.is_empty(), "{lost:?}\n{changed}");
        }
    }
}
