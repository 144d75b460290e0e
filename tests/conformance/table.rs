//! docs/conformance.md and the tests agree.

use std::{collections::BTreeSet, path::Path};

use ghcr_auth_testbed::documents::{self, Test};

/// The files of this test.
const HERE: &str = "tests/conformance";

/// A row of one of the tables: case, what it does, us, and our tests or the reason why there are none.
struct Row {
    case: String,
    verdict: String,
    tests: Vec<Test>,
    reason: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    documents::rows(&root().join("docs/conformance.md")).iter().map(|cells| row(cells)).collect()
}

fn row(cells: &[String]) -> Row {
    let [case, _, verdict, tests] = cells else { panic!("not four cells: {cells:?}") };
    Row { case: case.clone(), verdict: verdict.clone(), tests: documents::tests(tests), reason: tests.clone() }
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let named: BTreeSet<_> = rows().into_iter().flat_map(|row| row.tests).collect();
    assert!(named.len() > 100, "only {} tests were found in the table", named.len());
    documents::assert_are_there(root(), &named);
}

#[test]
fn every_case_has_a_verdict_and_a_test_or_a_reason() {
    for row in rows() {
        match row.verdict.as_str() {
            "same" | "stricter" => assert!(!row.tests.is_empty(), "{}: no test", row.case),
            "does not apply" => assert!(!row.reason.is_empty(), "{}: no reason", row.case),
            other => panic!("{}: `{other}` is no verdict", row.case),
        }
    }
}

#[test]
fn every_test_of_this_directory_is_in_the_table() {
    let named: BTreeSet<_> = rows().into_iter().flat_map(|row| row.tests).collect();
    for (file, test) in documents::tests_in(root(), HERE).into_iter().filter(|(file, _)| !file.ends_with("/table.rs")) {
        assert!(named.contains(&(file.clone(), test.clone())), "{file}: {test} stands for no case");
    }
}
