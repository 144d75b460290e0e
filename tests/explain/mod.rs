//! Real logs of failed pushes and pulls, as users pasted them, against what `explain` says of them.
//!
//! A third of them, chosen by a hash of the file name, is not looked at when the patterns are changed.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]
#![expect(clippy::print_stdout, reason = "the figures are what the test is for")]

use std::{collections::BTreeMap, fs, path::Path};

use ghcr_auth::explain::explain;
use serde::Deserialize;

/// What a log is known to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    file: String,
    code: String,
    tool: String,
    source: String,
}

/// How often an answer was right.
#[derive(Default)]
struct Score {
    right: usize,
    of: usize,
    false_alarms: Vec<String>,
}

impl Score {
    fn count(&mut self, expected: &Expected, got: &str) {
        self.of += 1;
        self.right += usize::from(expected.code == got);
        if expected.code == "none" && got != "none" {
            self.false_alarms.push(format!("{}: {got}", expected.file));
        }
    }

    fn is_good_enough(&self) -> bool {
        self.right * 100 >= self.of * 95 && self.false_alarms.is_empty()
    }
}

fn expected() -> Vec<Expected> {
    serde_yaml::from_str(&fs::read_to_string(folder().join("expected.yaml")).unwrap()).unwrap()
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/explain"))
}

fn log(expected: &Expected) -> String {
    fs::read_to_string(folder().join("corpus").join(format!("{}.txt", expected.file))).unwrap()
}

/// FNV-1a: the same third on every machine.
fn is_held_back(name: &str) -> bool {
    name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) % 3 == 0
}

#[test]
fn at_least_95_of_100_logs_are_recognised_and_none_is_a_false_alarm() {
    let (mut development, mut held_back) = (Score::default(), Score::default());
    let mut confusion: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for expected in expected() {
        let got = explain(&log(&expected)).code();
        let part = if is_held_back(&expected.file) { &mut held_back } else { &mut development };
        part.count(&expected, got);
        confusion.entry((expected.code.clone(), got)).or_default().push(if is_held_back(&expected.file) {
            "(held back)".into()
        } else {
            format!("{} ({})", expected.file, expected.source)
        });
    }
    for ((code, got), files) in &confusion {
        let wrong = if code == got { String::new() } else { format!("  <-- {}", files.join(", ")) };
        println!("{code:30} {got:30} {:4}{wrong}", files.len());
    }
    for (part, score) in [("development", &development), ("held back", &held_back)] {
        println!(
            "{part}: {} of {} right, {} false alarms {}",
            score.right,
            score.of,
            score.false_alarms.len(),
            score.false_alarms.join(", ")
        );
    }
    assert!(development.is_good_enough() && held_back.is_good_enough());
}

#[test]
fn the_collection_is_large_and_covers_every_tool() {
    let expected = expected();
    let negatives = expected.iter().filter(|expected| expected.code == "none").count();
    assert!(expected.len() >= 100 && negatives >= 30, "{} logs, {negatives} negative", expected.len());
    assert_eq!(fs::read_dir(folder().join("corpus")).unwrap().count(), expected.len());
    for tool in
        ["docker", "buildx", "podman", "skopeo", "buildah", "kaniko", "crane", "ko", "helm", "oras", "cosign", "containerd", "kubelet"]
    {
        assert!(expected.iter().any(|expected| expected.tool == tool), "{tool}");
    }
    assert!(expected.iter().all(|expected| expected.source.contains('#')));
}

#[test]
fn time_stamps_colours_and_noise_around_change_nothing() {
    for expected in expected() {
        let log = log(&expected);
        let stamped: String = log.lines().map(|line| format!("2026-01-02T03:04:05.6789012Z \u{1b}[31m{line}\u{1b}[0m\r\n")).collect();
        let noisy = format!("{NOISE_BEFORE}{stamped}{NOISE_AFTER}");
        assert_eq!(explain(&noisy).code(), explain(&log).code(), "{}", expected.file);
    }
}

const NOISE_BEFORE: &str = "\
Run actions/checkout@v4\n\
Syncing repository: acme/app\n\
From https://github.com/acme/app\n\
npm warn deprecated inflight@1.0.6: this module is not supported\n\
#7 [2/4] RUN go build -o /app golang.org/x/tools/cmd/stringer\n\
#7 DONE 12.3s\n";

const NOISE_AFTER: &str = "\
##[error]Process completed with exit code 1.\n\
Post job cleanup.\n\
[command]/usr/bin/git version\n\
Cleaning up orphan processes\n";
