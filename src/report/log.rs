//! The log and the annotations.

use super::{
    Report,
    console::{Annotation, Console, Level},
};
use crate::{
    credential::Source,
    diagnosis::{self, Diagnosis, Fix},
    registry::{ghcr, trial::Attempt, verdict::Verdict},
};

/// Prints the log and the annotations: the answer, how it was found folded, and what to do.
pub fn write(report: &Report, console: &Console) {
    console.print(&report.message());
    let details = details(report);
    if !details.is_empty() {
        console.group("Details", &details.join("\n"));
    }
    console.print(&explanation(report).join("\n"));
    for annotation in annotations(report) {
        console.show(&annotation);
    }
    if let Some(found) = &report.own_job {
        console.annotate_line(Level::Warning, &found.file, found.line, &found.text);
    }
}

/// What was asked, where the login is, and what else there is to know, a line each.
pub fn details(report: &Report) -> Vec<String> {
    let login = report
        .login
        .as_ref()
        .map(|directory| format!("Docker is logged in to {} as {}: {directory}/config.json", report.registry, report.username));
    report.attempts().map(attempt).chain(login).chain(report.notes.iter().cloned()).collect()
}

fn attempt((source, image, attempt): (&str, String, &Attempt)) -> String {
    let status = attempt.status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"));
    let requests = if attempt.requests == 1 { "1 request".to_owned() } else { format!("{} requests", attempt.requests) };
    let who = if source.is_empty() { "anybody" } else { source };
    // A message that the reason was read from would say it twice.
    let unknown = attempt.said.as_ref().filter(|said| ghcr::reason(said).is_none());
    let said = unknown.map(|said| format!(": {said}")).unwrap_or_default();
    format!("{who}, {image}: {} ({status}, {requests}, {} ms){said}", attempt.verdict.reason().code(), attempt.duration.as_millis())
}

/// Why the answer is no and what to do, a line each.
pub fn explanation(report: &Report) -> Vec<String> {
    let refusal = report.diagnosis.iter().flat_map(|diagnosis| refusal(report, diagnosis));
    refusal.chain(others(report).map(|other| format!("  {other}"))).collect()
}

fn refusal(report: &Report, diagnosis: &Diagnosis) -> Vec<String> {
    let mut lines = vec![format!("Why ({}): {}", diagnosis.code.code(), diagnosis.cause)];
    lines.extend(diagnosis::numbered(report.fixes()));
    lines.extend(diagnosis.evidence.iter().map(|(name, finding)| format!("  {name}: {finding}")));
    lines
}

/// What is wrong with the credentials after the first, a line each; of a yes, [`credentials`] has it.
pub fn others(report: &Report) -> impl Iterator<Item = String> {
    report.others.iter().filter(|_| !report.decision.pull()).map(|(source, other)| {
        let fix = other.fixes.first().map_or("", |fix| fix.text.as_str());
        format!("{source} was rejected too ({}): {}. {fix}", other.code.code(), other.title)
    })
}

/// The annotations: one for a no that there is something to do about, one for each credential there is something to say of,
/// one for each warning.
pub fn annotations(report: &Report) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    if let Some(diagnosis) = report.diagnosis.as_ref().filter(|_| !report.is_routine()) {
        let level = match report.objection {
            Some(reason) if reason.is_about_the_event() => Level::Notice,
            _ if report.fails_step => Level::Error,
            _ => Level::Warning,
        };
        let fix = diagnosis.fixes.first().map_or_else(String::new, Fix::with_paste);
        let title = report.message().trim_end_matches('.').to_owned();
        annotations.push(Annotation { level, title, message: format!("{} {fix}", diagnosis.cause) });
    }
    let warning = |title: String, message| Annotation { level: Level::Warning, title, message };
    let by_credential = Source::ALL.into_iter().map(|source| {
        let lines: Vec<_> = credentials(report).into_iter().filter(|(of, _)| *of == source).map(|(_, line)| line).collect();
        warning(source.name().to_owned(), lines.join(" "))
    });
    annotations.extend(by_credential.filter(|annotation| !annotation.message.is_empty()));
    annotations.extend(report.warnings.iter().map(|text| warning("ghcr-auth".to_owned(), text.clone())));
    annotations
}

/// What there is to say of single credentials: that they are odd, were not sent, or were rejected while another one was
/// accepted. What the answer itself says of the first one is not said again.
pub fn credentials(report: &Report) -> Vec<(Source, String)> {
    let told = usize::from(report.trials.is_empty() && !report.decision.pull());
    let skipped = report.skipped.iter().skip(told).map(|skipped| (skipped.source(), format!("{skipped}. It was not sent.")));
    let rejected = report.trials.iter().filter(|_| report.decision.pull()).filter_map(|trial| match trial.verdict() {
        Verdict::Denied(reason) => {
            let why = report
                .others
                .iter()
                .find(|(source, _)| Some(*source) == trial.source)
                .map_or_else(String::new, |(_, why)| why.fixes.first().map_or_else(String::new, |fix| format!(" {}", fix.text)));
            let (source, registry, instead) = (trial.source?, &report.registry, report.credential());
            Some((source, format!("{source} was rejected by {registry} ({}); this run uses {instead} instead.{why}", reason.code())))
        }
        Verdict::Allowed | Verdict::Unknown(_) => None,
    });
    report.remarks.iter().cloned().chain(skipped).chain(rejected).collect()
}
