//! One term for one thing, in American spelling: in all that people read.

use std::{fs, path::Path};

use crate::docs::{pages, read};

/// How a word begins that is not used, and what is said instead.
const UNUSED: [(&str, &str); 27] = [
    ("artefact", "artifact"),
    ("authoris", "authorize"),
    ("behaviour", "behavior"),
    ("colour", "color"),
    ("favour", "favor"),
    ("honour", "honor"),
    ("licence", "license"),
    ("optimis", "optimize"),
    ("organisation", "organization"),
    ("recognis", "recognize"),
    ("blank", "space"),
    ("classic token", "classic PAT"),
    ("dead credential", "expired or revoked"),
    ("dead login", "expired or revoked"),
    ("dead pat", "expired or revoked"),
    ("dead token", "expired or revoked"),
    ("fine-grained token", "fine-grained PAT"),
    ("job's own token", "GITHUB_TOKEN"),
    ("job's token", "GITHUB_TOKEN"),
    ("machine account", "service account"),
    ("may pull", "can pull"),
    ("may push", "can push"),
    ("mend", "fix"),
    ("passed over", "rejected, skipped"),
    ("unsure", "unknown"),
    ("user name", "username"),
    ("white space", "whitespace"),
];

/// Where texts for people are in the code.
const SOURCES: [&str; 5] =
    ["src/commands/mod.rs", "src/diagnosis/knowledge.rs", "src/inputs/mod.rs", "src/login/warning.rs", "src/reason.rs"];

/// The string literals of a source, without its comments.
fn literals(source: &str) -> String {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    code.split('"').skip(1).step_by(2).flat_map(|literal| [literal, "\n"]).collect()
}

/// All that people read, with its paths.
fn texts() -> Vec<(String, String)> {
    let examples = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/workflows")).unwrap();
    let examples = examples.map(|entry| format!("examples/workflows/{}", entry.unwrap().file_name().into_string().unwrap()));
    let whole = ["CONTRIBUTING.md", "action.yml", "host/action.yml"].map(str::to_owned).into_iter().chain(examples);
    let whole = whole.map(|path| (path.clone(), read(&path)));
    let sources = SOURCES.map(|path| (path.to_owned(), literals(&read(path))));
    pages().into_iter().chain(whole).chain(sources).collect()
}

/// The words of a text that are not used, with what is said instead.
fn unused(text: &str) -> Vec<(&'static str, &'static str)> {
    let text = text.to_lowercase().replace('\n', " ");
    let begins = |at: usize| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_');
    UNUSED.into_iter().filter(|(word, _)| text.match_indices(word).any(|(at, _)| begins(at))).collect()
}

#[test]
fn one_thing_has_one_name() {
    assert_eq!(unused("White\nspace is recommended, a_blank_is not."), [("white space", "whitespace")]);
    let texts = texts();
    assert!(texts.len() > 45, "only {} texts were found", texts.len());
    let found: Vec<_> = texts.iter().flat_map(|(path, text)| unused(text).into_iter().map(move |words| (path, words))).collect();
    assert!(found.is_empty(), "{found:#?}");
}
