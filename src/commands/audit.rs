//! `ghcr-auth audit`: mistakes in workflows that push to GHCR.

use super::{
    arguments::Given,
    changes::changes,
    exit,
    findings::{self, Format},
    places::places,
    terminal::Terminal,
};
use crate::{
    audit::{Finding, Severity},
    text::neutral,
};

pub(super) fn run(given: &Given, terminal: Terminal) -> u8 {
    let (fix, diff) = (given.has("fix"), given.has("diff"));
    let (places, without) = match places(&given.operands) {
        Ok(found) => found,
        Err(missing) => return terminal.refuse(&format!("error: {missing}")),
    };
    for directory in without {
        terminal.refuse(&format!("skipped: `{}` has no .github/workflows directory", directory.display()));
    }
    let mut findings = Vec::new();
    let mut patch = String::new();
    for place in &places {
        let found = place.findings();
        if fix || diff {
            let (diff, left_alone) = changes(place, &found, fix);
            patch += &diff;
            for problem in left_alone {
                terminal.refuse(&format!("left alone: {problem}"));
            }
        }
        let shown = |finding: &Finding| Finding { file: neutral(&format!("{}{}", place.shown, finding.file)), ..without_commands(finding) };
        findings.extend(if fix { place.read_again().findings() } else { found }.iter().map(shown));
    }
    let files = places.iter().map(|place| place.files.len() + place.unread.len()).sum();
    let counts = |finding: &Finding| given.has("strict") || finding.severity != Severity::Advice;
    let code = if findings.iter().any(counts) { exit::NO } else { exit::YES };
    if diff {
        return terminal.patch(&patch, code);
    }
    let format = Format::of(given);
    let text = findings::render(&findings, files, format, terminal);
    if format == Format::Github { terminal.command(&text, code) } else { terminal.print(&text, code) }
}

/// A finding repeats what the file says, and in a job the runner takes commands from what is printed.
fn without_commands(finding: &Finding) -> Finding {
    let neutral_lines = |text: &str| text.lines().map(neutral).collect::<Vec<_>>().join("\n");
    let (message, fix) = (neutral_lines(&finding.message), neutral_lines(&finding.fix));
    Finding { file: neutral(&finding.file), message, fix, ..finding.clone() }
}
