//! `ghcr-auth audit`: mistakes in workflows that push to GHCR.

use super::{
    arguments::Given,
    changes::{budget, changes},
    exit,
    findings::{self, Format},
    places::{Place, places},
    terminal::Terminal,
};
use crate::{
    audit::{Finding, Severity},
    text::tokens::without_tokens,
};

pub(super) fn run(given: &Given, terminal: Terminal) -> Result<u8, String> {
    let (fix, diff) = (given.has("fix"), given.has("diff"));
    let (places, without) = places(&given.operands)?;
    for directory in without {
        terminal.refuse(&format!("skipped: `{}` has no .github/workflows directory", directory.display()));
    }
    let mut findings = Vec::new();
    let (mut patch, left) = (String::new(), budget(&places));
    for place in &places {
        let found = place.findings();
        if fix || diff {
            let (diff, left_alone) = changes(place, &found, fix, &left);
            patch += &diff;
            for problem in left_alone {
                terminal.refuse(&format!("left alone: {problem}"));
            }
        }
        findings.extend(if fix { place.read_again().findings() } else { found }.iter().map(|finding| shown(finding, place)));
    }
    let files = places.iter().map(|place| place.files.len() + place.unread.len()).sum();
    let counts = |finding: &Finding| given.has("strict") || finding.severity != Severity::Advice;
    let code = if findings.iter().any(counts) { exit::NO } else { exit::YES };
    if diff {
        return Ok(terminal.patch(&patch, code));
    }
    let format = Format::of(given);
    let text = findings::render(&findings, files, format, terminal);
    Ok(if format == Format::Github { terminal.command(&text, code) } else { terminal.print(&text, code) })
}

/// A finding as it is shown, with its file as it was given: in a job the runner takes commands from what is printed.
fn shown(finding: &Finding, place: &Place) -> Finding {
    Finding { file: without_tokens(&format!("{}{}", place.shown, finding.file)), ..finding.clone() }
}
