//! Takes out credentials whose name stands on the line before.

use super::redact::{is_credential_name, is_named, is_value};
use crate::credential::token::HIDDEN;

/// What opens a block of lines in YAML, which are one value.
const BLOCKS: [&str; 6] = ["|", ">", "|-", ">-", "|+", ">+"];

/// What can stand before a name that is given a value.
const ASSIGNING: [&str; 5] = ["", "env", "export", "set", "setx"];

/// What the lines so far announce of the next.
#[derive(Debug, Default)]
pub(crate) enum Values {
    /// Nothing.
    #[default]
    None,
    /// A value, whatever it looks like.
    Next,
    /// A value, or what a program says after it asked for one.
    Likely,
    /// Lines that begin farther right than this are a value.
    Block(usize),
}

impl Values {
    /// The next line without the value that it was to hold. It begins at a place, behind a time stamp and its like.
    pub(crate) fn hide(&mut self, line: &str, begins: usize) -> String {
        let (head, text) = line.split_at_checked(begins).unwrap_or(("", line));
        let is_in_block = matches!(self, Self::Block(left) if begins > *left);
        let value = match self {
            _ if is_in_block => text,
            Self::Next if !is_next_name(text) => first(text),
            Self::Likely if is_likely(first(text), text) => first(text),
            _ => "",
        };
        if !is_in_block {
            *self = Self::announced_by(text, begins);
        }
        if value.is_empty() { line.to_owned() } else { format!("{head}{HIDDEN}{}", &text[value.len()..]) }
    }

    fn announced_by(text: &str, begins: usize) -> Self {
        let text = text.trim_end_matches([' ', '\\', '`']);
        let block = BLOCKS.iter().find_map(|block| text.strip_suffix(block)).map(str::trim_end).filter(|text| text.ends_with(':'));
        let Some(named) = block.unwrap_or(text).strip_suffix([':', '=']) else { return Self::None };
        let named = named.trim_end_matches([' ', '"', '\'']);
        let name = named.rsplit(|end: char| !(end.is_ascii_alphanumeric() || "_-.".contains(end))).next().unwrap_or_default();
        let before = named[..named.len() - name.len()].trim_matches(|around: char| !around.is_ascii_alphanumeric());
        let is_alone = ASSIGNING.contains(&before.to_ascii_lowercase().as_str());
        match (is_credential_name(name), is_named(name)) {
            (false, false) => Self::None,
            _ if block.is_some() => Self::Block(begins),
            (true, _) if is_alone => Self::Next,
            _ if is_alone || text.ends_with('=') => Self::Likely,
            _ => Self::None,
        }
    }
}

/// The value at the beginning of a text: a word, or what stands in quotes.
fn first(text: &str) -> &str {
    let quote = text.chars().next().filter(|first| "\"'".contains(*first));
    let end = quote.and_then(|quote| text[1..].find(quote)).map(|end| end + 2);
    &text[..end.or_else(|| text.find(char::is_whitespace)).unwrap_or(text.len())]
}

/// Whether a text begins with a name of its own, or with a reference to a variable or a masked value: `IMAGE: x`, `TAG=1`.
fn is_next_name(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let is_key = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"\"'_-.".contains(&byte));
    let is_variable = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let assigned = word.split_once('=').is_some_and(|(name, value)| is_variable(name) && !value.starts_with('='));
    word.starts_with(['$', '*']) || word.strip_suffix(':').is_some_and(is_key) || assigned
}

/// Whether a word is a value rather than the first one of a sentence.
fn is_likely(value: &str, text: &str) -> bool {
    let is_only = text.trim_end().trim_end_matches(',') == value && !matches!(value, "denied" | "unauthorized");
    !is_next_name(text) && (is_only || is_value(value) || value.starts_with(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> String {
        let mut values = Values::default();
        let lines = text.lines().map(|line| values.hide(line, line.len() - line.trim_start().len()));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_value_on_the_line_after_its_name_is_hidden() {
        for text in [
            "GHCR_PAT=\n  hunter denied: denied",
            "export GHCR_PAT= \\\n  hunter",
            "token:\n  hunter",
            "Password:\nhunter",
            "{\n  \"token\":\n    \"hunter\", \"error\": \"denied\"",
            "\"registry-password\" :\n \"two hunters\"",
            "env:\n  GHCR_PAT: |\n    hunter denied: denied\n    hunter\n  IMAGE: app",
            "- password: >-\n    hunter",
            "login with token=\nhunter2022 denied",
        ] {
            let shown = hidden(text);
            assert!(!shown.contains("hunter") && shown.contains(HIDDEN), "{shown}");
        }
        assert!(hidden("GHCR_PAT: |\n  hunter\nIMAGE: app").ends_with("\nIMAGE: app"));
    }

    #[test]
    fn what_follows_a_name_and_is_no_value_is_shown() {
        for text in [
            "Password:\nLogin Succeeded",
            "Password:\nError response from daemon: denied",
            "Password:\ndenied",
            "failed to fetch anonymous token:\n   unexpected status",
            "Requesting bearer token:\ninvalid status code from registry 403",
            "env:\n  GHCR_PAT:\n  IMAGE: ghcr.io/acme/app",
            "GHCR_PAT=\nTAG=1",
            "GHCR_PAT:\n  $TOKEN",
            "run: |\n  docker push",
        ] {
            assert_eq!(hidden(text), text);
        }
    }
}
