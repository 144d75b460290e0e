//! What failures say: the data in `patterns.yaml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::reason::Reason;

const PATTERNS: &str = include_str!("patterns.yaml");

/// A wording and what it means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    text: String,
    #[serde(default)]
    and: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    reason: String,
    said_by: SaidBy,
}

/// Whose word a wording has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SaidBy {
    /// Only GitHub says it.
    Anyone,
    /// The registry named last is GitHub's.
    Registry,
    /// The registry named last is GitHub's, or none is named anywhere before.
    RegistryOrNobody,
    /// The line names GitHub's registry before it.
    Line,
    /// The line names GitHub's registry right before or right after it.
    Around,
    /// The line names it before, or is a client's report of an answer of the registry named last.
    Answer,
}

/// A wording, ready to be looked for.
pub(super) struct Pattern {
    text: String,
    and: Vec<String>,
    not: Vec<String>,
    /// What it means.
    pub reason: Reason,
    /// Whose word it has to be.
    pub said_by: SaidBy,
}

impl Pattern {
    /// Where the wording stands in a line that is in lower case: begin and end.
    pub(super) fn find(&self, lower: &str) -> Option<(usize, usize)> {
        let at = lower.find(&self.text)?;
        let holds = self.and.iter().all(|text| lower.contains(text)) && !self.not.iter().any(|text| lower.contains(text));
        holds.then_some((at, at + self.text.len()))
    }
}

/// All wordings, in the order in which they are tried.
pub(super) fn all() -> &'static [Pattern] {
    static ALL: LazyLock<Vec<Pattern>> = LazyLock::new(|| parse().unwrap_or_default());
    &ALL
}

fn parse() -> Result<Vec<Pattern>, serde_yaml::Error> {
    let entries: Vec<Entry> = serde_yaml::from_str(PATTERNS)?;
    Ok(entries.into_iter().filter_map(known).collect())
}

fn known(entry: Entry) -> Option<Pattern> {
    let reason = Reason::ALL.iter().copied().find(|reason| reason.code() == entry.reason)?;
    Some(Pattern { text: entry.text, and: entry.and, not: entry.not, reason, said_by: entry.said_by })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wording_is_lower_case_and_means_a_code_that_is_about_the_registry() {
        let entries: Vec<Entry> = serde_yaml::from_str(PATTERNS).unwrap();
        assert_eq!(entries.len(), all().len());
        for entry in entries {
            let texts = [&entry.text].into_iter().chain(&entry.and).chain(&entry.not);
            assert!(texts.into_iter().all(|text| *text == text.to_ascii_lowercase()), "{}", entry.text);
        }
        assert!(all().iter().all(|pattern| !pattern.reason.is_about_the_event()));
    }

    #[test]
    fn no_wording_is_hidden_by_one_before_it() {
        for (at, pattern) in all().iter().enumerate() {
            let line = format!("{} {}", pattern.text, pattern.and.join(" "));
            let first = all().iter().position(|pattern| pattern.find(&line).is_some());
            let shadow =
                first.map(|first| &all()[first]).filter(|shadow| shadow.said_by == pattern.said_by && shadow.reason != pattern.reason);
            assert!(first == Some(at) || shadow.is_none(), "{} is hidden by {}", pattern.text, shadow.map_or("", |shadow| &shadow.text));
        }
    }
}
