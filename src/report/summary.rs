//! The job summary: Markdown that people would rather read than a log.

use super::{Report, log};
use crate::{project, registry::verdict::Verdict};

/// The longest summary, in bytes. The runner takes 1 MiB; nobody reads that.
const LONGEST: usize = 64 * 1024;

/// The summary.
pub fn markdown(report: &Report) -> String {
    let mut text = headline(report);
    text += &explanation(report);
    text += &table(report);
    text += &details(report);
    truncated(text)
}

fn headline(report: &Report) -> String {
    let sign = if report.decision.pull() { "✅" } else { "⛔" };
    let expiry = report.expires_at().map(|date| format!("{} expires on {date}.\n\n", report.credential())).unwrap_or_default();
    format!("### {sign} {}\n\n{expiry}", escape(report.message().trim_end_matches('.')))
}

fn explanation(report: &Report) -> String {
    let Some(diagnosis) = &report.diagnosis else { return String::new() };
    let code = report.decision.reason.code();
    let page = format!("{}/blob/{}/docs/reasons.md#{code}", project::SOURCE, project::TAG);
    let mut text = format!("**Why** ([`{code}`]({page})): {}\n\n**What to do**\n\n", escape(&diagnosis.cause));
    for (number, fix) in diagnosis.fixes.iter().enumerate() {
        text += &format!("{}. {}\n", number + 1, escape(&fix.text));
        if let Some(paste) = &fix.paste {
            let lines: String = paste.lines().map(|line| format!("   {line}\n")).collect();
            text += &format!("   ```yaml\n{lines}   ```\n");
        }
    }
    for other in log::others(report) {
        text += &format!("\n{}\n", escape(&other));
    }
    if !diagnosis.links.is_empty() {
        let links: Vec<_> = diagnosis.links.iter().map(|link| format!("[{}]({})", escape(&link.label), link.url)).collect();
        text += &format!("\nSee {}.\n", links.join(", "));
    }
    text + "\n"
}

fn table(report: &Report) -> String {
    if report.trials.is_empty() {
        return String::new();
    }
    let mut text = String::from("| Credential | Image | Verdict | Reason |\n|---|---|---|---|\n");
    for (source, image, attempt) in report.attempts() {
        let sign = match attempt.verdict {
            Verdict::Allowed => "✅",
            Verdict::Denied(_) => "⛔",
            Verdict::Unknown(_) => "❔",
        };
        let (verdict, reason) = (attempt.verdict.word(), attempt.verdict.reason().code());
        let source = if source.is_empty() { "nobody's" } else { source };
        text += &format!("| {source} | `{image}` | {sign} {verdict} | `{reason}` |\n");
    }
    text + "\n"
}

fn details(report: &Report) -> String {
    let login =
        report.login.as_ref().map(|directory| format!("docker is logged in to {} as {} in {directory}.", report.registry, report.username));
    let event = format!("Event `{}`: {}.", report.event, report.objection.map_or("trusted", |reason| reason.code()));
    let images = (!report.images.is_empty()).then(|| format!("Images: {}.", report.images.join(", ")));
    let lines = images
        .into_iter()
        .chain(login)
        .chain(log::credentials(report).into_iter().map(|(_, line)| line))
        .chain(report.notes.iter().chain(&report.warnings).cloned());
    let evidence = report.diagnosis.iter().flat_map(|diagnosis| &diagnosis.evidence).map(|(name, finding)| format!("{name}: {finding}"));
    let visibility = report.package_settings.iter().map(|page| format!("A new package may be private: check its visibility at {page}."));
    let said = report.attempts().filter_map(|(source, image, attempt)| {
        let who = if source.is_empty() { "a stranger" } else { source };
        Some(format!("{} said to {who} at {image}: `{}`", report.registry, attempt.said.as_ref()?))
    });
    let lines: String = lines.chain(visibility).chain(said).chain(evidence).map(|line| format!("- {}\n", escape(&line))).collect();
    format!("<details><summary>Details</summary>\n\n- {event}\n{lines}\n</details>\n")
}

/// Keeps text from being read as HTML or as a table's cell end.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|").replace(['\r', '\n'], " ")
}

fn truncated(mut text: String) -> String {
    const END: &str = "\n\n(cut)\n";
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST - END.len()));
        text += END;
    }
    text
}
