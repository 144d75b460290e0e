//! docs/troubleshooting.md: each error that it shows is one that `ghcr-auth explain` takes for what the page says.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use ghcr_auth_testbed::documents::fences;
use serde_json::Value;

use crate::docs::read;

/// The code that `explain` finds in a log.
fn explained(log: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ghcr-auth"));
    command.args(["explain", "--json", "-"]).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["code"].as_str().unwrap().to_owned()
}

#[test]
fn every_error_of_the_page_is_known_by_the_code_that_stands_below_it() {
    let page = read("docs/troubleshooting.md");
    let errors: Vec<_> = fences(&page).into_iter().filter(|fence| fence.language == "text").collect();
    assert!(errors.len() > 10, "only {} errors were found", errors.len());
    for error in errors {
        let code = error.after.strip_prefix("Code: [`").and_then(|rest| rest.split('`').next());
        assert_eq!(code, Some(explained(&error.text).as_str()), "{}", error.text);
    }
}
