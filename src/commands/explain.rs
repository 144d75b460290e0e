//! `ghcr-auth explain`: a failed push or pull's log in, cause and fix out.

use std::io::{self, IsTerminal as _, Read as _};

use serde_json::json;

use super::{
    exit,
    terminal::{Colour, Terminal},
};
use crate::{
    diagnosis::{self, Diagnosis, Fix},
    explain::{self, Explanation},
    github::Evidence,
    text::neutral,
};

/// The longest log that is read, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

const NOT_OURS: &str = "Not a GHCR permission problem, as far as this text tells: nothing in it is a refusal or failure \
of a GitHub container registry. If it is one, paste more of the log.";

pub(super) fn run(text: Option<String>, as_json: bool, terminal: Terminal) -> u8 {
    let log = match text.filter(|text| text != "-") {
        Some(text) => text,
        None if io::stdin().is_terminal() => {
            return terminal.refuse("paste the log as an argument in quotes, or pipe it in: ghcr-auth explain < push.log");
        }
        None => read_standard_input(),
    };
    let explanation = explain::explain(&log);
    let diagnosis =
        explanation.findings.first().map(|finding| diagnosis::explain(finding.reason, &finding.subject(), &Evidence::default()));
    let text = if as_json { to_json(&explanation, diagnosis.as_ref()) } else { to_text(&explanation, diagnosis.as_ref(), terminal) };
    terminal.print(&text, if diagnosis.is_some() { exit::YES } else { exit::NO })
}

fn read_standard_input() -> String {
    let mut log = Vec::new();
    // What was read until then is still a log.
    let _ = io::stdin().lock().take(LONGEST).read_to_end(&mut log);
    String::from_utf8_lossy(&log).into_owned()
}

fn to_json(explanation: &Explanation, diagnosis: Option<&Diagnosis>) -> String {
    let others = explanation.findings.iter().skip(1);
    let others: Vec<_> = others.map(|finding| json!({ "code": finding.reason.code(), "line": neutral(&finding.line) })).collect();
    let links: Vec<_> =
        diagnosis.iter().flat_map(|diagnosis| &diagnosis.links).map(|link| json!({ "label": link.label, "url": link.url })).collect();
    let object = json!({
        "code": explanation.code(),
        "title": diagnosis.map_or("not a GHCR permission problem", |diagnosis| &diagnosis.title),
        "cause": diagnosis.map_or(NOT_OURS, |diagnosis| &diagnosis.cause),
        "fixes": diagnosis.iter().flat_map(|diagnosis| &diagnosis.fixes).map(Fix::with_paste).collect::<Vec<_>>(),
        "line": explanation.findings.first().map(|finding| neutral(&finding.line)),
        "links": links,
        "others": others,
    });
    format!("{object}\n")
}

fn to_text(explanation: &Explanation, diagnosis: Option<&Diagnosis>, terminal: Terminal) -> String {
    let (Some(diagnosis), Some(finding)) = (diagnosis, explanation.findings.first()) else { return format!("{NOT_OURS}\n") };
    let mut lines = vec![
        terminal.paint(Colour::Bold, &format!("{} ({})", diagnosis.title, diagnosis.code.code())),
        format!("  {}", neutral(&finding.line)),
        format!("Why: {}", diagnosis.cause),
    ];
    lines.extend(diagnosis.numbered_fixes());
    if explanation.findings.len() > 1 {
        lines.push("Less likely the first cause:".to_owned());
        lines.extend(explanation.findings.iter().skip(1).map(|finding| format!("  {}: {}", finding.reason.code(), neutral(&finding.line))));
    }
    lines.join("\n") + "\n"
}
