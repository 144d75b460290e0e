//! Findings of `audit` as text, JSON, SARIF and annotations.

use std::ffi::OsStr;

use serde_json::{Value, json};

use super::{
    arguments::Given,
    terminal::{Colour, Terminal},
};
use crate::{
    audit::{Finding, Severity, rules::Rule},
    project,
};

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    Text,
    /// One object, see docs/audit.md.
    Json,
    /// SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>), which GitHub's code scanning takes.
    Sarif,
    /// Commands from which the runner makes annotations.
    Github,
}

impl Format {
    /// The format that was asked for.
    pub(super) fn of(given: &Given) -> Self {
        let name = if given.has("json") { Some(OsStr::new("json")) } else { given.value("format") };
        match name.and_then(OsStr::to_str) {
            Some("json") => Self::Json,
            Some("sarif") => Self::Sarif,
            Some("github") => Self::Github,
            _ => Self::Text,
        }
    }
}

/// Findings in `files` workflow files, as they are printed.
pub(super) fn render(findings: &[Finding], files: usize, format: Format, terminal: Terminal) -> String {
    match format {
        Format::Text => text(findings, files, terminal),
        Format::Json => json(findings),
        Format::Sarif => sarif(findings),
        Format::Github => findings.iter().map(annotation).collect(),
    }
}

fn text(findings: &[Finding], files: usize, terminal: Terminal) -> String {
    let mut text = String::new();
    for finding in findings {
        let place = terminal.paint(Colour::Bold, &format!("{}:{}", finding.file, finding.line));
        let colour = match finding.severity {
            Severity::Error => Colour::Red,
            Severity::Warning => Colour::Yellow,
            Severity::Advice => Colour::Green,
        };
        let severity = terminal.paint(colour, finding.severity.name());
        text += &format!("{place}: {severity}: {} ({})\n", finding.message, finding.rule.code());
        text += &finding.fix.lines().map(|line| format!("    {line}\n")).collect::<String>();
        text.push('\n');
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let [errors, warnings, advice] = [Severity::Error, Severity::Warning, Severity::Advice].map(count);
    let kinds = if findings.is_empty() { String::new() } else { format!(" (errors: {errors}, warnings: {warnings}, advice: {advice})") };
    text + &format!("workflows: {files}, findings: {}{kinds}\n", findings.len())
}

fn json(findings: &[Finding]) -> String {
    let findings = findings.iter().map(|finding| {
        json!({
            "rule": finding.rule.code(), "severity": finding.severity.name(), "file": finding.file, "line": finding.line,
            "message": finding.message, "fix": finding.fix,
        })
    });
    format!("{}\n", json!({ "findings": findings.collect::<Vec<_>>() }))
}

fn sarif(findings: &[Finding]) -> String {
    let help = format!("{}/blob/{}/docs/audit.md", project::SOURCE, project::TAG);
    let rule = |rule: &Rule| {
        json!({
            "id": rule.code(), "name": rule.code(), "shortDescription": { "text": rule.summary() }, "fullDescription": { "text": rule.summary() },
            "helpUri": help, "help": { "text": format!("{} See {help}", rule.summary()) }, "properties": { "tags": ["security", "ghcr"] },
        })
    };
    let driver = json!({
        "name": "ghcr-auth", "semanticVersion": env!("CARGO_PKG_VERSION"), "informationUri": project::SOURCE,
        "rules": Rule::ALL.iter().map(rule).collect::<Vec<_>>(),
    });
    let results: Vec<Value> = findings.iter().map(result).collect();
    let run = json!({ "tool": { "driver": driver }, "results": results, "columnKind": "utf16CodeUnits" });
    let log = json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run] });
    format!("{log}\n")
}

fn result(finding: &Finding) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    };
    let place = json!({ "artifactLocation": { "uri": uri(&finding.file) }, "region": { "startLine": finding.line } });
    let index = Rule::ALL.iter().position(|rule| *rule == finding.rule);
    json!({
        "ruleId": finding.rule.code(), "ruleIndex": index, "level": level, "message": { "text": format!("{}\n\n{}", finding.message, finding.fix) },
        "locations": [{ "physicalLocation": place }],
    })
}

/// A path as a relative reference (RFC 3986, section 4.2).
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let escaped = |byte: u8| match byte {
        b'/' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    path.bytes().map(escaped).collect()
}

/// A workflow command that makes an annotation
/// (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>).
fn annotation(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "notice",
    };
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let (file, text) = (property(&finding.file), data(&format!("{}\n{}", finding.message, finding.fix)));
    format!("::{level} file={file},line={},title={}::{text}\n", finding.line, finding.rule.code())
}
