//! `ghcr-auth audit`: jobs that push wrongly, found in the workflow files.

use std::path::Path;

use serde_json::json;

use super::{
    exit,
    terminal::{Colour, Terminal},
};
use crate::{
    audit::{self, Finding},
    job::regular_file,
    text::neutral,
};

/// Where workflows are.
const WORKFLOWS: &str = ".github/workflows";

/// The largest workflow file, in bytes. GitHub takes 512 KiB.
const LARGEST: u64 = 1024 * 1024;

pub(super) fn run(directory: &Path, as_json: bool, terminal: Terminal) -> u8 {
    let Some(files) = workflows(directory) else {
        return terminal.refuse("there is no .github/workflows directory to look into; name the repository's directory");
    };
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let findings: Vec<_> = audit::audit(&files).iter().map(without_commands).collect();
    let text = if as_json { to_json(&findings) } else { to_text(&findings, files.len(), terminal) };
    terminal.print(&text, if findings.is_empty() { exit::YES } else { exit::NO })
}

/// The workflow files by their path in the repository, in the order of their names.
fn workflows(directory: &Path) -> Option<Vec<(String, String)>> {
    let entries = std::fs::read_dir(directory.join(WORKFLOWS)).ok()?;
    let mut names: Vec<_> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "yml" || extension == "yaml"));
    names.sort();
    let read = |name: &String| {
        let path = format!("{WORKFLOWS}/{name}");
        // An empty file is one that the audit reports as unreadable.
        let content = regular_file::read(&directory.join(&path), LARGEST).unwrap_or_default();
        (path, String::from_utf8_lossy(&content).into_owned())
    };
    Some(names.iter().map(read).collect())
}

/// A finding repeats what the file says, and in a job the runner takes commands from what is printed.
fn without_commands(finding: &Finding) -> Finding {
    let neutral_lines = |text: &str| text.lines().map(neutral).collect::<Vec<_>>().join("\n");
    let (message, fix) = (neutral_lines(&finding.message), neutral_lines(&finding.fix));
    Finding { file: neutral(&finding.file), line: finding.line, rule: finding.rule, message, fix }
}

fn to_json(findings: &[Finding]) -> String {
    let findings = findings.iter().map(|finding| {
        json!({ "rule": finding.rule.code(), "file": finding.file, "line": finding.line, "message": finding.message, "fix": finding.fix })
    });
    format!("{}\n", json!({ "findings": findings.collect::<Vec<_>>() }))
}

fn to_text(findings: &[Finding], files: usize, terminal: Terminal) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = terminal.paint(Colour::Bold, &format!("{}:{}", finding.file, finding.line));
        text += &format!("{place}: {} ({})\n", finding.message, finding.rule.code());
        text += &finding.fix.lines().map(|line| format!("    {line}\n")).collect::<String>();
        text.push('\n');
    }
    text + &format!("workflows: {files}, findings: {}\n", findings.len())
}
