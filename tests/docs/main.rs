//! What the documentation says, against the code that it speaks of.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod commands;
mod console;
mod picture;
mod reasons;
mod reference;
mod troubleshooting;

use std::{fs, path::Path};

/// A file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// README.md and every page of docs, with their paths.
fn pages() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages = names.filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"));
    let mut paths: Vec<_> = pages.map(|name| format!("docs/{name}")).collect();
    paths.push("README.md".to_owned());
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

/// Fails where a generated page is not what is committed; `GHCR_AUTH_UPDATE_DOCS=1` writes it instead.
#[track_caller]
fn assert_is_committed(path: &str, generated: &str) {
    if std::env::var_os("GHCR_AUTH_UPDATE_DOCS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(path), generated).unwrap();
    }
    let same = read(path) == generated;
    assert!(same, "{path} is out of date: run `GHCR_AUTH_UPDATE_DOCS=1 cargo test --test docs` and commit it");
}

/// A fenced block of a Markdown page.
struct Fence {
    language: String,
    text: String,
    /// The page after it.
    after: String,
}

/// The fenced blocks of a page that are not in a list.
fn fences(page: &str) -> Vec<Fence> {
    let (mut found, mut rest) = (Vec::new(), page);
    while let Some((_, after_mark)) = rest.split_once("\n```") {
        let (language, body) = after_mark.split_once('\n').unwrap();
        let (text, after) = body.split_once("\n```\n").unwrap_or_else(|| panic!("a fence that does not end: {body}"));
        found.push(Fence { language: language.to_owned(), text: format!("{text}\n"), after: after.to_owned() });
        rest = after;
    }
    found
}
