//! Findings of `audit` as text, JSON, SARIF and annotations.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ffi::OsStr,
};

use serde_json::{Value, json};

use super::{
    arguments::Given,
    terminal::{Colour, Terminal},
};
use crate::{
    audit::{Finding, Severity, rules::Rule},
    project,
    report::console::{Level, annotation_of_line},
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
    let mut shown = BTreeMap::new();
    for finding in findings {
        let place = terminal.paint(Colour::Bold, &format!("{}:{}", finding.file, finding.line));
        let colour = match finding.severity {
            Severity::Error => Colour::Red,
            Severity::Warning => Colour::Yellow,
            Severity::Advice => Colour::Green,
        };
        let severity = terminal.paint(colour, finding.severity.name());
        text += &format!("{place}: {severity}: {} ({})\n", finding.message, finding.rule.code());
        let (introduction, lines) = finding.fix.split_once('\n').unwrap_or((&finding.fix, ""));
        text += &format!("    {introduction}\n");
        // Lines to paste say where only by the finding's own.
        let place = if finding.edits.is_empty() { finding.line } else { 0 };
        match shown.entry((&finding.file, &finding.edits, place, lines)) {
            // The same change is shown once: it settles both.
            Entry::Occupied(first) if !lines.is_empty() => text += &format!("    The change is that for line {} above.\n", first.get()),
            entry => {
                entry.or_insert(finding.line);
                text += &lines.lines().map(|line| format!("    {line}\n")).collect::<String>();
            }
        }
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
    let level = if finding.severity == Severity::Advice { "note" } else { finding.severity.name() };
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
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn annotation(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Advice => Level::Notice,
    };
    let text = format!("{}\n{}", finding.message, finding.fix);
    annotation_of_line(level, &finding.file, finding.line, finding.rule.code(), &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::edit::Edit;

    fn finding(rule: Rule, severity: Severity, file: &str) -> Finding {
        let (message, fix) = ("What is wrong.".to_owned(), "What to change.".to_owned());
        Finding { rule, severity, file: file.to_owned(), line: 7, message, fix, edits: Vec::new() }
    }

    #[test]
    fn a_change_that_settles_several_findings_is_shown_once_in_a_file() {
        let change = |introduction: &str| format!("{introduction}\nReplace line 7 with:\n  x");
        let edits = vec![Edit::insert(7, "x\n".to_owned())];
        let finding = |rule, file, fix| Finding { fix, edits: edits.clone(), ..finding(rule, Severity::Warning, file) };
        let findings = [
            finding(Rule::TokenFallback, "a.yml", change("Give both.")),
            finding(Rule::UnguardedLogin, "a.yml", change("Replace the login.")),
            finding(Rule::UnguardedLogin, "b.yml", change("Replace the login.")),
            Finding { line: 8, edits: Vec::new(), ..finding(Rule::UnguardedLogin, "b.yml", change("Replace the login.")) },
            Finding { line: 9, edits: Vec::new(), ..finding(Rule::UnguardedLogin, "b.yml", change("Replace the login.")) },
            Finding { line: 9, edits: Vec::new(), ..finding(Rule::TokenFallback, "b.yml", change("Give both.")) },
        ];
        let terminal = Terminal::of_process(&[("NO_COLOR", "1")].into_iter().collect());
        insta::assert_snapshot!(super::text(&findings, 2, terminal), @r"
        a.yml:7: warning: What is wrong. (token-fallback)
            Give both.
            Replace line 7 with:
              x

        a.yml:7: warning: What is wrong. (unguarded-login)
            Replace the login.
            The change is that for line 7 above.

        b.yml:7: warning: What is wrong. (unguarded-login)
            Replace the login.
            Replace line 7 with:
              x

        b.yml:8: warning: What is wrong. (unguarded-login)
            Replace the login.
            Replace line 7 with:
              x

        b.yml:9: warning: What is wrong. (unguarded-login)
            Replace the login.
            Replace line 7 with:
              x

        b.yml:9: warning: What is wrong. (token-fallback)
            Give both.
            The change is that for line 9 above.

        workflows: 2, findings: 6 (errors: 0, warnings: 6, advice: 0)
        ");
    }

    fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
        let text = value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        assert!(!text.is_empty(), "{pointer} of {value}");
        text
    }

    /// What the SARIF 2.1.0 schema requires, and what GitHub's code scanning needs beside it
    /// (<https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>).
    #[test]
    fn sarif_has_what_its_schema_and_code_scanning_require() {
        let findings = [
            finding(Rule::PackagesWriteMissing, Severity::Error, ".github/workflows/a b.yml"),
            finding(Rule::PullRequestPush, Severity::Warning, ".github/workflows/b.yml"),
            finding(Rule::UnguardedLogin, Severity::Advice, ".github/workflows/c.yml"),
        ];
        let log: Value = serde_json::from_str(&sarif(&findings)).unwrap();
        assert_eq!(log["version"], "2.1.0");
        assert!(text(&log, "/$schema").ends_with("sarif-2.1.0.json"));
        let [run] = &log["runs"].as_array().unwrap()[..] else { panic!("one run") };
        assert_eq!(text(run, "/tool/driver/name"), "ghcr-auth");
        assert!(text(run, "/tool/driver/informationUri").starts_with("https://"));
        assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&text(run, "/columnKind")));
        let rules = run.pointer("/tool/driver/rules").unwrap().as_array().unwrap();
        for rule in rules {
            for pointer in ["/id", "/name", "/shortDescription/text", "/fullDescription/text", "/help/text"] {
                text(rule, pointer);
            }
            assert!(text(rule, "/fullDescription/text").len() <= 1024 && text(rule, "/helpUri").starts_with("https://"));
            assert!(rule.pointer("/properties/tags").unwrap().as_array().unwrap().iter().all(Value::is_string));
        }
        let results = run["results"].as_array().unwrap();
        for (result, level) in results.iter().zip(["error", "warning", "note"]) {
            assert_eq!(text(result, "/level"), level);
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(text(result, "/ruleId"), text(rule, "/id"));
            text(result, "/message/text");
            let [place] = &result["locations"].as_array().unwrap()[..] else { panic!("one place") };
            let uri = text(place, "/physicalLocation/artifactLocation/uri");
            assert!(!uri.starts_with('/') && !uri.contains([' ', '\\', ':']), "{uri}");
            assert_eq!(place.pointer("/physicalLocation/region/startLine"), Some(&Value::from(7)));
        }
        assert_eq!(results.len(), findings.len());
        assert_eq!(sarif(&[]).matches("\"results\":[]").count(), 1, "no findings are an empty list, which closes old alerts");
    }
}
