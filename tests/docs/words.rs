//! One term for one thing, in American spelling: in all that people read.

use std::{fs, path::Path};

use crate::docs::{pages, read};

/// How a word begins that is not used, and what is said instead.
const UNUSED: [(&str, &str); 35] = [
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
    ("by hand", "manually"),
    ("classic token", "classic PAT"),
    ("dead credential", "expired or revoked"),
    ("dead login", "expired or revoked"),
    ("dead pat", "expired or revoked"),
    ("dead token", "expired or revoked"),
    ("fine-grained token", "fine-grained PAT"),
    ("job's own token", "GITHUB_TOKEN"),
    ("its own token", "GITHUB_TOKEN"),
    ("job's token", "GITHUB_TOKEN"),
    ("lower case", "lowercase"),
    ("machine account", "service account"),
    ("may publish", "can publish"),
    ("may pull", "can pull"),
    ("may push", "can push"),
    ("mend", "fix"),
    ("passed over", "rejected, skipped"),
    ("person's token", "person's PAT"),
    ("stands for", "means, is"),
    ("unsure", "unknown"),
    ("upper case", "uppercase"),
    ("upper-case letter", "uppercase letter"),
    ("user name", "username"),
    ("white space", "whitespace"),
];

/// The string literals of a source, without its comments and unit tests.
fn literals(source: &str) -> String {
    let code = source.split("#[cfg(test)]\nmod ").next().unwrap().replace("'\"'", "").replace("\\\"", "");
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    code.split('"').skip(1).step_by(2).flat_map(|literal| [literal, "\n"]).collect()
}

/// The sources of the program below a directory, by their paths from the repository's root.
fn sources(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)).unwrap();
    let paths = entries.map(|entry| format!("{directory}/{}", entry.unwrap().file_name().into_string().unwrap()));
    let of_path = |path: String| match path.rsplit_once('.') {
        Some((name, "rs")) if !name.ends_with("/tests") => vec![path],
        Some(_) => Vec::new(),
        None => sources(&path),
    };
    paths.flat_map(of_path).collect()
}

/// All that people read, with its paths.
fn texts() -> Vec<(String, String)> {
    let examples = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/workflows")).unwrap();
    let examples = examples.map(|entry| format!("examples/workflows/{}", entry.unwrap().file_name().into_string().unwrap()));
    let whole = ["CONTRIBUTING.md", "CHANGELOG.md", "action.yml", "host/action.yml", "examples/try.rs"]
        .map(str::to_owned)
        .into_iter()
        .chain(examples);
    let whole = whole.map(|path| (path.clone(), read(&path)));
    let sources = sources("src").into_iter().map(|path| (path.clone(), literals(&read(&path))));
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
    assert!(texts.len() > 140, "only {} texts were found", texts.len());
    let found: Vec<_> = texts.iter().flat_map(|(path, text)| unused(text).into_iter().map(move |words| (path, words))).collect();
    assert!(found.is_empty(), "{found:#?}");
}
