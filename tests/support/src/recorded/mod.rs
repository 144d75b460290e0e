//! GHCR's and GitHub's answers as they were recorded: one file that the front door answers from and the live check asks about.
//!
//! So the test double cannot say what the live check does not ask, and what GitHub changes is changed in one place.

use std::sync::LazyLock;

use serde_json::{Map, Value};

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let file: Map<String, Value> = serde_json::from_str(include_str!("answers.json")).expect("answers.json is an object");
    let mut rows: Vec<_> = file.iter().map(|(id, row)| Row::of(id, row)).collect();
    rows.sort_by_key(|row| row.after.is_some());
    rows
});

/// One request and its answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// What it is called in a report.
    pub id: String,
    /// What the code rests on.
    pub claim: String,
    /// The jobs that can ask it, `any` being all of them.
    pub jobs: Vec<String>,
    /// How the caller is known: the form of the credential, and whose it is. `None` for a stranger.
    pub caller: Option<(String, String)>,
    /// The request's method.
    pub method: String,
    /// Where to, with places for names in braces.
    pub target: String,
    /// The row whose answer comes before, whose `Location` is the target, or whose effect is looked for.
    pub after: Option<String>,
    /// Whether time has to pass before.
    pub settles: bool,
    /// The answer.
    pub answer: Recorded,
}

/// What is recorded of an answer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recorded {
    /// The status; where GHCR was seen to give one or the other, the front door gives the first.
    pub status: Vec<u16>,
    /// Header fields, with places for names in braces; `{any}` is whatever fits into one segment of a path.
    pub headers: Vec<(String, String)>,
    /// Code and message of a registry's error.
    pub error: Option<(String, String)>,
    /// The message of an error of GitHub's API.
    pub text: Option<String>,
    /// All keys of the JSON object.
    pub keys: Option<Vec<String>>,
    /// Whether the token in it is the base64 of the credential.
    pub echoes: bool,
}

/// All rows, those that come after others last.
pub fn rows() -> &'static [Row] {
    &ROWS
}

/// The answer of a row.
///
/// # Panics
/// If there is no such row.
pub fn recorded(id: &str) -> &'static Recorded {
    &ROWS.iter().find(|row| row.id == id).unwrap_or_else(|| panic!("answers.json has no {id}")).answer
}

impl Row {
    fn of(id: &str, row: &Value) -> Self {
        let text = |key: &str| row[key].as_str().expect("a text").to_owned();
        let (method, target) = row["ask"].as_str().and_then(|ask| ask.split_once(' ')).expect("a method and a target");
        let caller = row["as"].as_str().expect("a caller").split_once(' ');
        Self {
            id: id.to_owned(),
            claim: text("claim"),
            jobs: text("job").split(' ').map(str::to_owned).collect(),
            caller: caller.map(|(form, whose)| (form.to_owned(), whose.to_owned())),
            method: method.to_owned(),
            target: target.to_owned(),
            after: row["after"].as_str().map(str::to_owned),
            settles: row["settles"] == true,
            answer: Recorded::of(row),
        }
    }
}

impl Recorded {
    fn of(row: &Value) -> Self {
        let texts = |value: &Value| value.as_array().map(|all| all.iter().map(|one| one.as_str().expect("a text").to_owned()).collect());
        let text = |key: &str| row[key].as_str().map(str::to_owned);
        let status = row["status"].as_array().expect("a list").iter();
        Self {
            status: status.map(|status| status.as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status")).collect(),
            headers: row["headers"].as_object().map_or_else(Vec::new, |fields| {
                fields.iter().map(|(name, value)| (name.clone(), value.as_str().expect("a text").to_owned())).collect()
            }),
            error: text("code").zip(text("message")),
            text: text("text"),
            keys: texts(&row["keys"]),
            echoes: row["echoes"] == true,
        }
    }

    /// A header field as recorded.
    ///
    /// # Panics
    /// If there is none of that name.
    pub fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(field, _)| field == name).unwrap_or_else(|| panic!("no {name} is recorded")).1
    }

    /// The message of a registry's error, empty if there is none.
    pub fn message(&self) -> &str {
        self.error.as_ref().map_or("", |(_, message)| message)
    }
}
