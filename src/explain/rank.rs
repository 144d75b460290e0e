//! Which of several failures is the likeliest first cause.

use super::{Finding, recognise::Failure, text::Line};
use crate::{reason::Reason, text::redact};

/// Words that say that what went wrong before went well after all.
const SUCCESS: [&str; 7] = [
    "login succeeded",
    "status: downloaded newer image",
    "status: image is up to date",
    "successfully pulled image",
    "pushed: ",
    "pulled: ",
    "digest: sha256:",
];

/// Words that say that it did not.
const FAILURE: [&str; 5] = ["error:", "error ", "failed", "exit code", "denied"];

/// Ranks the failures and drops those that were got over.
pub(super) fn rank(lines: &[Line], failures: Vec<Failure>) -> Vec<Finding> {
    let end = end_of_trouble(lines);
    let mut failures: Vec<_> = failures.into_iter().filter(|failure| !is_passing(failure, lines) || failure.line >= end).collect();
    failures.sort_by_key(|failure| (weight(failure, lines), failure.line));
    let mut findings: Vec<Finding> = Vec::new();
    for failure in failures {
        match findings.iter_mut().find(|finding| finding.reason == failure.reason) {
            Some(known) if known.image.is_none() => known.image = failure.image,
            Some(_) => {}
            None => findings.push(finding(failure, lines)),
        }
    }
    fine_grained(lines, &mut findings);
    findings
}

fn finding(failure: Failure, lines: &[Line]) -> Finding {
    let line = lines.get(failure.line).map_or_else(String::new, |line| redact::line(&line.text));
    Finding { reason: failure.reason, line, image: failure.image, registry: failure.registry }
}

/// A stated reason outweighs a limit, that a refusal without a reason (also the first answer of every conversation,
/// `authentication required`), and that a fault of the network; a warning and a cache that could not be used come
/// last. Among equals the first is the cause, the others follow from it.
fn weight(failure: &Failure, lines: &[Line]) -> u8 {
    let kind = match failure.reason {
        Reason::RateLimited => 1,
        Reason::Denied => 2,
        Reason::NoCredential if lower(failure, lines).contains("authentication required") => 2,
        reason if is_transport(reason) => 3,
        _ => 0,
    };
    if is_aside(failure, lines) { kind + 4 } else { kind }
}

fn lower<'a>(failure: &Failure, lines: &'a [Line]) -> &'a str {
    lines.get(failure.line).map_or("", |line| line.lower.as_str())
}

const fn is_transport(reason: Reason) -> bool {
    matches!(reason, Reason::RegistryUnreachable | Reason::RegistryTimeout | Reason::RegistryUnavailable | Reason::TlsError)
}

/// A warning, or a cache that could not be used: clients go on without it.
fn is_aside(failure: &Failure, lines: &[Line]) -> bool {
    let lower = lower(failure, lines);
    let warning = ["warning:", "warn[", "warn:"].iter().any(|start| lower.starts_with(start)) || lower.contains("level=warn");
    warning || lower.contains("cache importer") || lower.contains("cache exporter")
}

/// What clients try again or do without, so that success may follow.
fn is_passing(failure: &Failure, lines: &[Line]) -> bool {
    is_transport(failure.reason) || failure.reason == Reason::RateLimited || is_aside(failure, lines)
}

/// The line of the last success that no failure follows; 0 without one.
fn end_of_trouble(lines: &[Line]) -> usize {
    let is = |line: &Line, words: &[&str]| words.iter().any(|words| line.lower.contains(words)) || is_pushed(line) && words == SUCCESS;
    let success = lines.iter().rposition(|line| is(line, &SUCCESS));
    success.filter(|success| !lines[success + 1..].iter().any(|line| is(line, &FAILURE))).unwrap_or_default()
}

/// BuildKit's `pushing manifest for ... done`.
fn is_pushed(line: &Line) -> bool {
    line.lower.starts_with("pushing manifest for ") && line.lower.ends_with(" done")
}

/// A refusal of a fine-grained token can only be mended by another kind of token.
fn fine_grained(lines: &[Line], findings: &mut [Finding]) {
    let refusals = [Reason::BadCredential, Reason::MissingScope, Reason::Denied];
    let given = lines.iter().any(|line| line.lower.contains("github_pat_"));
    if let Some(first) = findings.first_mut().filter(|first| given && refusals.contains(&first.reason)) {
        first.reason = Reason::FineGrainedPat;
    }
}
