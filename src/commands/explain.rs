//! `ghcr-auth explain`: a failed push or pull's log in, cause and fix out.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, IsTerminal as _},
    path::Path,
};

use serde_json::json;

use super::{
    arguments::Given,
    exit,
    log_file::Log,
    terminal::{Colour, Terminal},
};
use crate::{
    diagnosis::{self, Diagnosis, Fix},
    explain::{self, Elsewhere, Explanation, Finding},
    github::Evidence,
    text::neutral,
};

const NOT_OURS: &str = "No GHCR error found. If GHCR did reject the push or pull, paste more of the log: the lines that name \
ghcr.io matter most.";

/// What is said of a log with nothing in it, and what to do.
const EMPTY: Elsewhere = Elsewhere {
    cause: "The log is empty. Programs print errors on standard error, which a pipe leaves out.",
    fixes: &["Pass on both: docker push IMAGE 2>&1 | ghcr-auth explain"],
};

/// What a log comes to.
struct Answer {
    explanation: Explanation,
    diagnosis: Option<Diagnosis>,
    /// The cause that is told where no failure of GHCR's was found.
    elsewhere: Option<Elsewhere>,
    /// What was not read.
    note: Option<String>,
}

pub(super) fn run(given: &Given, terminal: Terminal) -> Result<u8, String> {
    // A text that was not quoted is taken together.
    let answer = answer(&log(&given.operands.join(OsStr::new(" ")).to_string_lossy())?);
    let text = if given.has("json") { to_json(&answer) } else { to_text(&answer, terminal) };
    Ok(terminal.print(&text, if answer.diagnosis.is_some() { exit::YES } else { exit::NO }))
}

/// The log: the text itself, the one file that it names, or standard input.
fn log(text: &str) -> Result<Log, &'static str> {
    if text.is_empty() || text == "-" {
        if io::stdin().is_terminal() {
            return Err("no log. Paste it in quotes, or pipe it in: ghcr-auth explain < push.log");
        }
        return Log::read(io::stdin().lock())
            .map_err(|_| "standard input can't be read (a directory?). Pipe one log in: ghcr-auth explain < push.log");
    }
    let is_path = |word: &str| Path::new(word).exists();
    if Path::new(text).is_dir() {
        return Err("that is a directory. Pass one log: ghcr-auth explain < push.log");
    }
    if is_path(text) {
        return File::open(text).and_then(Log::read).map_err(|_| "that file can't be read. Pass the log: ghcr-auth explain < push.log");
    }
    if text.contains(' ') && text.split(' ').all(is_path) {
        return Err("those are several files. Pass one log at a time: ghcr-auth explain < push.log");
    }
    if !text.contains(char::is_whitespace) && Path::new(text).extension().is_some_and(|end| end == "log" || end == "txt") {
        return Err("there is no such file. Pass the log: ghcr-auth explain < push.log");
    }
    Ok(Log::of(text.to_owned()))
}

fn answer(log: &Log) -> Answer {
    let explanation = explain::explain(&log.text);
    let mut diagnosis = explanation.findings.first().map(explained);
    if let (Some(diagnosis), Some(also)) = (&mut diagnosis, explanation.findings.get(1)) {
        diagnosis.also(&explained(also));
    }
    let elsewhere = match diagnosis {
        _ if log.text.trim().is_empty() => Some(EMPTY),
        None => explain::elsewhere(&log.text),
        Some(_) => None,
    };
    Answer { explanation, diagnosis, elsewhere, note: log.note() }
}

fn explained(finding: &Finding) -> Diagnosis {
    diagnosis::explain(finding.reason, &finding.subject(), &Evidence::default())
}

fn to_json(answer: &Answer) -> String {
    let Answer { explanation, diagnosis, elsewhere, note } = answer;
    let first = explanation.findings.first();
    let said = explanation.findings.iter().skip(1).map(|finding| json!({ "code": finding.reason.code(), "line": neutral(&finding.line) }));
    let possible =
        explanation.possible().into_iter().map(|reason| json!({ "code": reason.code(), "line": null, "cause": reason.meaning() }));
    let links = diagnosis.iter().flat_map(|diagnosis| &diagnosis.links).map(|link| json!({ "label": link.label, "url": link.url }));
    let fixes = diagnosis.iter().flat_map(|diagnosis| &diagnosis.fixes).map(Fix::with_paste);
    let theirs = elsewhere.iter().flat_map(|elsewhere| elsewhere.fixes);
    let situation = first.map(|finding| finding.situation.clone()).unwrap_or_default();
    let object = json!({
        "code": explanation.code(),
        "operation": situation.operation.name(),
        "place": situation.place.name(),
        "credential": situation.held.name(),
        "title": diagnosis.as_ref().map_or("not a GHCR permission problem", |diagnosis| &diagnosis.title),
        "cause": diagnosis.as_ref().map_or(elsewhere.map_or(NOT_OURS, |elsewhere| elsewhere.cause), |diagnosis| &diagnosis.cause),
        "fixes": fixes.chain(theirs.map(|fix| (*fix).to_owned())).collect::<Vec<_>>(),
        "line": first.map(|finding| neutral(&finding.line)),
        "links": links.collect::<Vec<_>>(),
        "others": said.chain(possible).collect::<Vec<_>>(),
        "note": note,
    });
    format!("{object}\n")
}

fn to_text(answer: &Answer, terminal: Terminal) -> String {
    let Answer { explanation, diagnosis, elsewhere, note } = answer;
    let mut lines = match (diagnosis, explanation.findings.first(), elsewhere) {
        (Some(diagnosis), Some(finding), _) => {
            let mut lines = vec![
                terminal.paint(Colour::Bold, &format!("{} ({})", diagnosis.title, diagnosis.code.code())),
                format!("  {}", neutral(&finding.line)),
                format!("Why: {}", diagnosis.cause),
            ];
            lines.extend(diagnosis::numbered(diagnosis.fixes.iter()));
            lines
        }
        (_, _, Some(Elsewhere { cause, fixes })) => {
            let numbered = fixes.iter().zip(1..).map(|(fix, number)| format!("  {number}. {fix}"));
            std::iter::once((*cause).to_owned()).chain(numbered).collect()
        }
        _ => vec![NOT_OURS.to_owned()],
    };
    if explanation.findings.len() > 1 {
        lines.push("Also in this log:".to_owned());
        lines.extend(explanation.findings.iter().skip(1).map(|finding| format!("  {}: {}", finding.reason.code(), neutral(&finding.line))));
    }
    lines.extend(note.clone());
    lines.join("\n") + "\n"
}
