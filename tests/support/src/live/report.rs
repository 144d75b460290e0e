//! What came of the rows: a line for each between jobs, a table for people.

use std::fmt::Write as _;

use crate::recorded::Row;

/// What came of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    /// The row.
    pub id: String,
    /// What the code rests on.
    pub claim: String,
    /// What was found.
    pub state: State,
}

/// What was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// It is as recorded.
    Same,
    /// It is not: each difference.
    Different(String),
    /// It could not be asked, so nothing is known: why.
    NotAsked(String),
}

impl Outcome {
    pub(super) fn compared(row: &Row, differences: &[String]) -> Self {
        let state = if differences.is_empty() { State::Same } else { State::Different(differences.join("; ")) };
        Self { id: row.id.clone(), claim: row.claim.clone(), state }
    }

    pub(super) fn not_asked(row: &Row, why: &str) -> Self {
        Self { id: row.id.clone(), claim: row.claim.clone(), state: State::NotAsked(why.to_owned()) }
    }

    /// One line, for the job that reports.
    pub fn line(&self) -> String {
        let (state, text) = match &self.state {
            State::Same => ("same", ""),
            State::Different(text) => ("different", text.as_str()),
            State::NotAsked(text) => ("not-asked", text.as_str()),
        };
        format!("{state}\t{}\t{}\t{}\n", self.id, self.claim, text.replace(['\t', '\n', '\r'], " "))
    }

    /// Reads such a line; a broken one is one that was not asked.
    pub fn of_line(line: &str) -> Self {
        let mut fields = line.splitn(4, '\t').map(str::to_owned);
        let mut field = || fields.next().unwrap_or_default();
        let (state, id, claim, text) = (field(), field(), field(), field());
        let state = match state.as_str() {
            "same" => State::Same,
            "different" => State::Different(text),
            _ => State::NotAsked(text),
        };
        Self { id, claim, state }
    }
}

/// The page, and whether all that was asked is as recorded (and anything was asked).
pub fn report(outcomes: &[Outcome]) -> (String, bool) {
    let of = |wanted: fn(&State) -> Option<&str>| outcomes.iter().filter_map(move |one| Some((one, wanted(&one.state)?)));
    let different: Vec<_> = of(|state| if let State::Different(text) = state { Some(text) } else { None }).collect();
    let not_asked: Vec<_> = of(|state| if let State::NotAsked(text) = state { Some(text) } else { None }).collect();
    let same = outcomes.len() - different.len() - not_asked.len();
    let mut page = format!("## Live check: {same} as recorded, {} different, {} not asked\n", different.len(), not_asked.len());
    for (title, column, rows) in [("Different", "Difference", &different), ("Not asked, so not proven", "Why", &not_asked)] {
        if !rows.is_empty() {
            let _ = write!(page, "\n### {title}\n\n| Row | What the code rests on | {column} |\n|---|---|---|\n");
            for (outcome, text) in rows {
                let _ = writeln!(page, "| `{}` | {} | {text} |", outcome.id, outcome.claim);
            }
        }
    }
    (page, different.is_empty() && same > 0)
}
