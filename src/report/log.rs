//! The log and the annotations.

use super::{
    Report,
    console::{Console, Level},
};
use crate::{
    credential::Source,
    diagnosis::{Diagnosis, Fix},
    registry::{ghcr, probe::Attempt, verdict::Verdict},
};

/// Prints the log and the annotations.
pub fn write(report: &Report, console: &Console) {
    console.print(&text(report));
    for (level, message) in annotations(report) {
        console.annotate(level, &message);
    }
}

/// The log.
pub fn text(report: &Report) -> String {
    let lines = [vec![report.message()], attempts(report), explanation(report)];
    lines.concat().join("\n")
}

fn attempts(report: &Report) -> Vec<String> {
    let line = |(source, image, attempt): (&str, String, &Attempt)| {
        let status = attempt.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let (reason, requests, millis) = (attempt.verdict.reason().code(), attempt.requests, attempt.duration.as_millis());
        let who = if source.is_empty() { "anybody" } else { source };
        // A message that the reason was read from would say it twice.
        let unknown = attempt.said.as_ref().filter(|said| ghcr::reason(said).is_none());
        let said = unknown.map(|said| format!(", said: {said}")).unwrap_or_default();
        format!("  {who} at {image}: {reason} ({status}, requests: {requests}, {millis} ms){said}")
    };
    report.attempts().map(line).collect()
}

/// What follows from the attempts, a line each.
pub fn explanation(report: &Report) -> Vec<String> {
    let login = report
        .login
        .as_ref()
        .map(|directory| format!("  docker is logged in to {} as {}: {directory}/config.json", report.registry, report.username));
    let notes = report.notes.iter().map(|note| format!("  {note}"));
    let refusal = report.diagnosis.iter().flat_map(refusal);
    login.into_iter().chain(notes).chain(refusal).chain(others(report).map(|other| format!("  {other}"))).collect()
}

fn refusal(diagnosis: &Diagnosis) -> Vec<String> {
    let mut lines = vec![format!("Why ({}): {}", diagnosis.code.code(), diagnosis.cause)];
    lines.extend(diagnosis.numbered_fixes());
    lines.extend(diagnosis.evidence.iter().map(|(name, finding)| format!("  {name}: {finding}")));
    lines
}

/// What is wrong with the credentials after the first, a line each.
pub fn others(report: &Report) -> impl Iterator<Item = String> {
    report.others.iter().map(|(source, other)| {
        let fix = other.fixes.first().map_or("", |fix| fix.text.as_str());
        format!("{source} was refused too ({}): {}. {fix}", other.code.code(), other.title)
    })
}

/// The annotations: one for the answer if it is no, one for each credential there is something to say of, one for each
/// warning.
pub fn annotations(report: &Report) -> Vec<(Level, String)> {
    let mut annotations = Vec::new();
    if let Some(diagnosis) = &report.diagnosis {
        let level = match report.objection {
            Some(reason) if reason.is_about_the_event() => Level::Notice,
            _ if report.fails_step => Level::Error,
            _ => Level::Warning,
        };
        let fix = diagnosis.fixes.first().map_or_else(String::new, Fix::with_paste);
        annotations.push((level, format!("{} {} {fix}", report.message(), diagnosis.cause)));
    }
    let by_credential = Source::ALL.into_iter().map(|source| {
        let lines: Vec<_> = credentials(report).into_iter().filter(|(of, _)| *of == source).map(|(_, line)| line).collect();
        lines.join(" ")
    });
    annotations.extend(by_credential.filter(|lines| !lines.is_empty()).map(|lines| (Level::Warning, lines)));
    annotations.extend(report.warnings.iter().map(|warning| (Level::Warning, warning.clone())));
    annotations
}

/// What there is to say of single credentials: that they are odd, were not sent, or yielded to a later one. What the
/// answer itself says of the first one is not said again.
pub fn credentials(report: &Report) -> Vec<(Source, String)> {
    let told = usize::from(report.trials.is_empty() && !report.decision.pull());
    let skipped = report.skipped.iter().skip(told).map(|skipped| (skipped.source(), format!("{skipped}. It was passed over.")));
    let yielded = report.trials.iter().filter(|_| report.decision.pull()).filter_map(|trial| match trial.verdict() {
        Verdict::Denied(reason) => {
            trial.source.map(|source| (source, format!("{source} was passed over: {} answered {}.", report.registry, reason.code())))
        }
        Verdict::Allowed | Verdict::Unknown(_) => None,
    });
    report.remarks.iter().cloned().chain(skipped).chain(yielded).collect()
}
