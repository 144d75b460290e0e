//! The pages of the documentation: their blocks, and tables whose rows name tests.

use std::collections::BTreeSet;
use std::path::Path;

/// A test: its file, from the repository's root, and its function.
pub type Test = (String, String);

/// The pages that users read, by their paths from the repository's root.
pub fn pages(root: &Path) -> Vec<(String, String)> {
    let names = std::fs::read_dir(root.join("docs")).expect("a readable directory");
    let names = names.map(|entry| entry.expect("a readable entry").file_name().into_string().expect("a UTF-8 name"));
    let docs = names.filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"));
    let mut paths: Vec<_> = docs.map(|name| format!("docs/{name}")).collect();
    paths.extend(["README.md", "SECURITY.md", "examples/README.md"].map(str::to_owned));
    paths.sort();
    let read = |path: String| (path.clone(), std::fs::read_to_string(root.join(path)).expect("a page"));
    paths.into_iter().map(read).collect()
}

/// A fenced block of a page.
pub struct Fence {
    /// The number of its first line, from 1.
    pub line: usize,
    /// What stands after the three backticks.
    pub language: String,
    /// What it holds, without the indentation that a list gives it.
    pub text: String,
    /// The next line of the page that is not empty.
    pub after: String,
}

/// The fenced blocks of a page.
pub fn fences(page: &str) -> Vec<Fence> {
    let mut fences = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, opening)) = lines.next() {
        let Some(language) = opening.trim_start().strip_prefix("```") else { continue };
        let indent = opening.len() - opening.trim_start().len();
        let mut text = String::new();
        loop {
            let (_, line) = lines.next().unwrap_or_else(|| panic!("the block of line {} does not end", at + 1));
            if line.trim() == "```" {
                break;
            }
            text += line.get(indent..).unwrap_or_default();
            text += "\n";
        }
        let after = lines.clone().map(|(_, line)| line).find(|line| !line.is_empty()).unwrap_or_default();
        fences.push(Fence { line: at + 1, language: language.to_owned(), text, after: after.to_owned() });
    }
    fences
}

/// The cells of every row of every table in a document, without the tables' heads.
pub fn rows(document: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(document).unwrap_or_else(|error| panic!("{}: {error}", document.display()));
    let lines: Vec<_> = text.lines().collect();
    let is_head = |at: usize| lines.get(at + 1).is_some_and(|next| next.starts_with("|--"));
    let is_row = |at: &usize| lines[*at].starts_with("| ") && !is_head(*at);
    (0..lines.len()).filter(is_row).map(|at| cells(lines[at])).collect()
}

fn cells(line: &str) -> Vec<String> {
    let inside = line.trim_start_matches('|').trim_end().trim_end_matches('|');
    inside.split(" |").map(|cell| cell.trim().to_owned()).collect()
}

/// The tests in a cell: `` `FILE`: `FUNCTION`, `FUNCTION`; `FILE`: ... ``.
pub fn tests(cell: &str) -> Vec<Test> {
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

/// Asserts that every one of these tests is there.
#[track_caller]
pub fn assert_are_there(root: &Path, tests: &BTreeSet<Test>) {
    for (file, function) in tests {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        // A test, or the name of one in a macro's list.
        let found = text.contains(&format!("fn {function}(")) || text.contains(&format!("\n    {function}: "));
        assert!(found, "{file} has no `fn {function}`");
    }
}

/// The tests that a directory of the repository holds.
pub fn tests_in(root: &Path, directory: &str) -> BTreeSet<Test> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(root.join(directory)).expect("a readable directory") {
        let name = entry.expect("a readable entry").file_name().into_string().expect("a UTF-8 name");
        let text = std::fs::read_to_string(root.join(directory).join(&name)).expect("a source file");
        let names = text.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next());
        found.extend(names.map(|test| (format!("{directory}/{name}"), test.to_owned())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_names_tests_of_several_files() {
        let cell = "`tests/a.rs`: `one`, `two`; `tests/b.rs`: `three`";
        let expected = [("tests/a.rs", "one"), ("tests/a.rs", "two"), ("tests/b.rs", "three")];
        assert_eq!(tests(cell), expected.map(|(file, test)| (file.to_owned(), test.to_owned())));
        assert_eq!(tests("`pull` without a file"), []);
    }

    #[test]
    fn blocks_in_lists_lose_their_indentation() {
        let page = "# A\n\n```sh\none\n```\n\nCode: x\n1. two\n\n   ```yaml\n   a:\n     b\n\n   ```\n";
        let fences = fences(page);
        let found: Vec<_> = fences.iter().map(|fence| (fence.line, &*fence.language, &*fence.text, &*fence.after)).collect();
        assert_eq!(found, [(3, "sh", "one\n", "Code: x"), (10, "yaml", "a:\n  b\n\n", "")]);
    }

    #[test]
    #[should_panic(expected = "the block of line 2 does not end")]
    fn a_block_that_does_not_end_is_told() {
        fences("A\n```sh\none\n");
    }

    #[test]
    fn the_head_of_a_table_is_no_row() {
        let document = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(document.path(), "| A | B |\n|---|---|\n| 1 | 2 |\n| | `a|b` |\n\n| C |\n|--:|\n| 3 |\n").expect("a written file");
        assert_eq!(rows(document.path()), [vec!["1", "2"], vec!["", "`a|b`"], vec!["3"]]);
    }
}
