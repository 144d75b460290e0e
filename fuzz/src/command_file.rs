//! The runner's command files: what is written is what the runner reads.

use std::collections::BTreeMap;

use ghcr_auth::job::command_file::render;
use ghcr_auth_testbed::command_file::parse;

const NAMES: [&str; 4] = ["push", "reason", "logged-in", "report"];
const DELIMITER: &str = "ghadelimiter_0123456789abcdef";

/// What is written around a name and a value at most: two delimiters, `<<`, and a line break after each of three lines.
const AROUND: usize = 2 * DELIMITER.len() + 5;

/// The values, separated by NUL bytes.
pub fn check(data: &[u8]) {
    let values = data.split(|byte| *byte == 0).map(|value| String::from_utf8_lossy(value).into_owned());
    let pairs: Vec<_> = NAMES.into_iter().zip(values).collect();
    let expected: BTreeMap<_, _> = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    match render(&pairs, DELIMITER) {
        Ok(text) => {
            let given: usize = pairs.iter().map(|(name, value)| name.len() + value.len() + AROUND).sum();
            assert!(text.len() <= given, "{} bytes are written for {given}", text.len());
            assert_eq!(parse(&text).expect("the runner takes it"), expected);
        }
        Err(_) => assert!(expected.values().any(|value| value.contains(DELIMITER))),
    }
}
