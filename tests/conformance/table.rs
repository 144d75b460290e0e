//! docs/conformance.md and the tests agree.

use std::{collections::BTreeSet, fs, path::Path};

/// The files of this test.
const HERE: &str = "tests/conformance";

/// A row of one of the tables: case, what it does, us, and our tests or the reason why there are none.
struct Row {
    case: String,
    verdict: String,
    /// File and function.
    tests: Vec<(String, String)>,
    reason: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("docs/conformance.md")).unwrap();
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let lines = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Case |"));
    lines.map(|line| row(&cells(line), line)).collect()
}

fn row(cells: &[String], line: &str) -> Row {
    let [case, _, verdict, tests] = cells else { panic!("not four cells: {line}") };
    Row { case: case.clone(), verdict: verdict.clone(), tests: named(tests), reason: tests.clone() }
}

/// The tests in a cell: `` `FILE`: `FUNCTION`, `FUNCTION`; `FILE`: ... ``.
fn named(cell: &str) -> Vec<(String, String)> {
    let mut file = String::new();
    let mut tests = Vec::new();
    for word in cell.split('`').skip(1).step_by(2) {
        if Path::new(word).extension().is_some_and(|extension| extension == "rs") {
            word.clone_into(&mut file);
        } else if !file.is_empty() {
            tests.push((file.clone(), word.to_owned()));
        }
    }
    tests
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let named: BTreeSet<_> = rows().into_iter().flat_map(|row| row.tests).collect();
    assert!(named.len() > 100, "only {} tests were found in the table", named.len());
    for (file, function) in named {
        let text = fs::read_to_string(root().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(&format!("fn {function}(")), "{file} has no `fn {function}`");
    }
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
    for entry in fs::read_dir(root().join(HERE)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let text = fs::read_to_string(root().join(HERE).join(&name)).unwrap();
        let tests = text.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next());
        for test in tests.filter(|_| name != "table.rs") {
            assert!(named.contains(&(format!("{HERE}/{name}"), test.to_owned())), "{name}: {test} stands for no case");
        }
    }
}
