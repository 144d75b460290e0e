//! `tests/cases/peers.json` and the tests agree: each case of a peer has a verdict, and our tests or the reason why there are none.

use std::{collections::BTreeSet, path::Path};

use ghcr_auth_testbed::documents::{self, Test};
use serde::Deserialize;

/// The files of this test.
const HERE: &str = "tests/conformance";

/// A case, or a table of cases, that a peer tests of itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    peer: String,
    /// The peer's file, where one has several cases.
    #[serde(default, rename = "file")]
    _file: String,
    case: String,
    /// What the peer does, and what is different here.
    does: String,
    /// `same`; `stricter`, where ghcr-auth rejects what the peer accepts or asks less often; or `does not apply`.
    verdict: String,
    /// Each as `FILE FUNCTION`.
    #[serde(default)]
    tests: Vec<String>,
    /// Why it does not apply.
    #[serde(default)]
    why: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("../cases/peers.json")).unwrap()
}

fn named() -> BTreeSet<Test> {
    let test = |test: String| test.split_once(' ').map(|(file, function)| (file.to_owned(), function.to_owned())).unwrap();
    rows().into_iter().flat_map(|row| row.tests).map(test).collect()
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let named = named();
    assert!(named.len() > 100, "only {} tests were found in the table", named.len());
    documents::assert_are_there(root(), &named);
}

#[test]
fn every_case_has_a_verdict_and_a_test_or_a_reason() {
    for row in rows() {
        assert!(!row.peer.is_empty() && !row.does.is_empty(), "{}", row.case);
        let applies = match row.verdict.as_str() {
            "same" | "stricter" => true,
            "does not apply" => false,
            other => panic!("{}: `{other}` is no verdict", row.case),
        };
        assert_eq!((row.tests.is_empty(), row.why.is_empty()), (!applies, applies), "{}", row.case);
    }
}

#[test]
fn every_test_of_this_directory_is_in_the_table() {
    let named = named();
    for (file, test) in documents::tests_in(root(), HERE).into_iter().filter(|(file, _)| !file.ends_with("/table.rs")) {
        assert!(named.contains(&(file.clone(), test.clone())), "{file}: {test} is of no case");
    }
}

#[test]
fn the_page_counts_the_cases() {
    let rows = rows();
    let count = |verdict: &str| rows.iter().filter(|row| row.verdict == verdict).count();
    let counted = format!(
        "| {} cases: {} the same, {} stricter here, {} do not apply |",
        rows.len(),
        count("same"),
        count("stricter"),
        count("does not apply")
    );
    let page = std::fs::read_to_string(root().join("docs/reliability.md")).unwrap();
    assert!(page.contains(&counted), "docs/reliability.md should say: {counted}");
}
