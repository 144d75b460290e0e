//! The job summary: Markdown that people would rather read than a log.

use super::{Report, log};
use crate::{
    project,
    registry::verdict::Verdict,
    text::markdown::{code, escape, fenced},
};

/// The longest summary, in bytes. The runner takes 1 MiB; nobody reads that.
const LONGEST: usize = 64 * 1024;

/// The summary: a line for a yes and for a no that nothing is to be done about, and what to look at.
pub fn markdown(report: &Report) -> String {
    let mut text = headline(report) + &warnings(report);
    if let Some(expiry) = &report.expires_at() {
        text += &format!("{} expires on {}.\n\n", report.credential(), escape(expiry));
    }
    if !report.decision.pull() && !report.is_routine() {
        text += &explanation(report);
        text += &table(report);
    }
    text += &details(report);
    truncated(text)
}

fn headline(report: &Report) -> String {
    let message = escape(report.message().trim_end_matches('.'));
    if report.is_routine() {
        let cause = report.diagnosis.as_ref().map_or_else(String::new, |diagnosis| escape(&diagnosis.cause));
        return format!("ℹ️ **{message}.** {cause} ({})\n\n", reason_link(report));
    }
    let sign = match (report.decision.pull(), report.is_outage()) {
        (true, _) => "✅",
        (false, true) => "⚠️",
        (false, false) => "⛔",
    };
    format!("### {sign} {message}\n\n")
}

fn reason_link(report: &Report) -> String {
    let code = report.decision.reason.code();
    format!("[`{code}`]({}/blob/{}/docs/reasons.md#{code})", project::SOURCE, project::TAG)
}

/// What to look at although it did not decide: a credential that was rejected, one that expires.
fn warnings(report: &Report) -> String {
    let lines = log::credentials(report).into_iter().map(|(_, line)| line).chain(report.warnings.iter().cloned());
    lines.map(|line| format!("⚠️ {}\n\n", escape(&line))).collect()
}

fn explanation(report: &Report) -> String {
    let Some(diagnosis) = &report.diagnosis else { return String::new() };
    let mut text = format!("**Why** ({}): {}\n\n**What to do**\n\n", reason_link(report), escape(&diagnosis.cause));
    text += &fixes(report);
    for other in log::others(report) {
        text += &format!("\n{}\n", escape(&other));
    }
    if !diagnosis.links.is_empty() {
        let links: Vec<_> = diagnosis.links.iter().map(|link| format!("[{}]({})", escape(&link.label), address(&link.url))).collect();
        text += &format!("\nSee {}.\n", links.join(", "));
    }
    text + "\n"
}

fn fixes(report: &Report) -> String {
    let numbered = report.fixes().enumerate().map(|(index, fix)| {
        let paste = fix.paste.as_ref().map_or_else(String::new, |lines| fenced("yaml", lines, "   "));
        format!("{}. {}\n{paste}", index + 1, escape(&fix.text))
    });
    numbered.collect()
}

/// An address that ends where the link does.
fn address(url: &str) -> String {
    let is_of_url = |character: &char| character.is_ascii_alphanumeric() || "/:.?=&%#+-_~".contains(*character);
    url.chars().filter(is_of_url).collect()
}

fn table(report: &Report) -> String {
    if report.trials.is_empty() {
        return String::new();
    }
    let mut text = String::from("| Credential | Image | Answer | Reason |\n|---|---|---|---|\n");
    for (source, image, attempt) in report.attempts() {
        let sign = match attempt.verdict {
            Verdict::Allowed => "✅ allowed",
            Verdict::Denied(_) => "⛔ denied",
            Verdict::Unknown(_) => "⚠️ unknown",
        };
        let source = if source.is_empty() { "nobody's" } else { source };
        text += &format!("| {source} | {} | {sign} | `{}` |\n", code(&image), attempt.verdict.reason().code());
    }
    text + "\n"
}

/// What few look for, folded. Of a yes there is nothing more to know.
fn details(report: &Report) -> String {
    let in_file = report.own_job.iter();
    let in_file = in_file.map(|found| format!("{}, line {}: {}", found.file, found.line, found.text.lines().next().unwrap_or_default()));
    let notes: String = report.notes.iter().cloned().chain(in_file).map(|note| format!("- {}\n", escape(&note))).collect();
    let several = if report.images.len() > 1 { format!("- Images: {}.\n", escape(&report.images.join(", "))) } else { String::new() };
    let visibility = report.package_settings.iter().map(|page| format!("A new package may be private: check its visibility at {page}."));
    let visibility: String = visibility.map(|line| format!("- {}\n", escape(&line))).collect();
    let said = report.attempts().filter_map(|(source, image, attempt)| {
        let who = if source.is_empty() { "a stranger" } else { source };
        Some(format!("- {} answered {who} for {}: {}\n", escape(&report.registry), code(&image), code(attempt.said.as_ref()?)))
    });
    let said: String = said.collect();
    let lines = if report.decision.pull() {
        several + &visibility + &notes
    } else {
        let what_to_do = if report.is_routine() && report.fixes().next().is_some() { fixes(report) + "\n" } else { String::new() };
        let event = format!("- Event {}: {}.\n", code(&report.event), report.objection.map_or("trusted", |reason| reason.code()));
        let evidence = report.diagnosis.iter().flat_map(|diagnosis| &diagnosis.evidence);
        let evidence: String = evidence.map(|(name, finding)| format!("- {}: {}\n", escape(name), escape(finding))).collect();
        what_to_do + &event + &several + &notes + &said + &evidence
    };
    if lines.is_empty() { lines } else { format!("<details><summary>Details</summary>\n\n{lines}\n</details>\n") }
}

fn truncated(mut text: String) -> String {
    const END: &str = "\n\n(cut)\n";
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST - END.len()));
        text += END;
    }
    text
}
