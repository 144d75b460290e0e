//! Where the value of a secret can stand: after its name. A password can be made of the very words that errors are told in, so
//! its looks say nothing.

use super::text::Line;
use crate::text::redact;

/// What errors tell of credentials before a colon, and the path of a registry's tokens.
const TOLD: [&str; 7] = [
    "fetch oauth token:",
    "fetch anonymous token:",
    "retrieve auth token:",
    "requesting bearer token:",
    "requesting bear token:",
    "invalid username/password:",
    "/token:",
];

/// These stand between a name and its value.
const ASSIGNS: &[u8] = b":=>";

/// What is known of a value before a word.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing names one.
    #[default]
    No,
    /// It comes next, unless a sentence goes on.
    May,
    /// It comes next.
    Next,
    /// It has begun; nobody knows how many words it has.
    Begun,
}

impl Value {
    /// What is known after a line, where a value can stand alone in the next one.
    pub(super) fn after(line: &Line) -> Self {
        let end = line.text.bytes().rposition(|byte| byte.is_ascii_alphanumeric()).map_or(0, |last| last + 1);
        let (named, rest) = (&line.lower[..end], &line.lower[end..]);
        // What is typed after docker's prompt is not shown.
        if assigns(rest) && redact::is_secret_name(last_name(named)) && line.text != "Password:" { Self::Next } else { Self::No }
    }

    /// What is known after a word in lower case with which a text ends; `Begun` if it can be of a value. What names a registry or an
    /// image ends a value.
    pub(super) fn then(self, text: &str, word: &str, is_named: bool) -> Self {
        let is_sign = given(word) == Self::Next;
        match self {
            Self::Begun if !is_named => Self::Begun,
            Self::Next if is_sign => Self::Next,
            Self::Next => Self::Begun,
            Self::May if is_sign && assigns(word) => Self::Next,
            Self::May if is_sign || matches!(word, "is" | "was") => Self::May,
            Self::May if !redact::is_said_of_secrets(word) => Self::Begun,
            Self::No | Self::May | Self::Begun => of_word(text, word),
        }
    }
}

/// What a word names, and whether it holds the value as well.
fn of_word(text: &str, word: &str) -> Value {
    for (at, _) in word.bytes().enumerate().filter(|(_, byte)| ASSIGNS.contains(byte)) {
        // The query of an address ends with the word, which is not shown.
        let is_query = || word[..at].contains("://") && word[..at].contains('?');
        if redact::is_secret_name(last_name(&word[..at])) && !is_query() {
            let value = given(&word[at..]);
            let is_told = value == Value::Next && TOLD.iter().any(|told| text.ends_with(told));
            return if is_told { Value::No } else { value };
        }
    }
    let name = last_name(word);
    if ["-p", "-u", "<<<"].iter().any(|option| word.len() > option.len() && word.starts_with(option)) {
        Value::Begun
    } else if redact::takes_secret(name) {
        Value::Next
    } else if redact::may_precede_secret(name) {
        Value::May
    } else {
        Value::No
    }
}

/// Whether a text has a sign that gives something to a name.
fn assigns(text: &str) -> bool {
    text.bytes().any(|byte| ASSIGNS.contains(&byte))
}

/// Whether a value begins in a text or after it.
fn given(text: &str) -> Value {
    if text.bytes().any(|byte| byte.is_ascii_alphanumeric()) { Value::Begun } else { Value::Next }
}

/// The name with which a text ends, before quotes and what ends a list.
fn last_name(text: &str) -> &str {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-<".contains(byte);
    let end = text.bytes().rposition(|byte| !b"\"'`\\)],-".contains(&byte)).map_or(0, |last| last + 1);
    let start = text[..end].bytes().rposition(|byte| !is_of_name(&byte)).map_or(0, |before| before + 1);
    &text[start..end]
}
