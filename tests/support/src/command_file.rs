//! The runner's grammar for `GITHUB_OUTPUT`, `GITHUB_ENV` and `GITHUB_STATE`.
//!
//! Lines end with `\n` only. `NAME=VALUE` or `NAME<<DELIMITER`, lines, `DELIMITER`; whichever of `=` and
//! `<<` comes first decides. The last of several values for one name wins.

use std::collections::BTreeMap;
use std::fmt;

/// Why the runner fails the step over such a file, in its own words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Error {
    /// The content of a multi-line value ends with the file.
    EofMarkerMissingNewLine,
    /// Neither `=` nor `<<`, or no name or delimiter around `<<`.
    InvalidFormat(String),
    /// No line equals the delimiter.
    MatchingDelimiterNotFound(String),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EofMarkerMissingNewLine => formatter.write_str("EOF marker missing new line."),
            Self::InvalidFormat(line) => write!(formatter, "Invalid format '{line}'"),
            Self::MatchingDelimiterNotFound(delimiter) => {
                write!(formatter, "Matching delimiter not found '{delimiter}'")
            }
        }
    }
}

impl std::error::Error for Error {}

/// The values in a file.
///
/// # Errors
///
/// Whatever makes the runner fail the step.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, Error> {
    let (values, error) = parse_prefix(text);
    error.map_or(Ok(values), Err)
}

/// The values before the first bad line, which the runner applies, and what is wrong with that line.
pub fn parse_prefix(text: &str) -> (BTreeMap<String, String>, Option<Error>) {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut values = BTreeMap::new();
    while let Some(line) = Line::take(&mut rest) {
        if line.text.is_empty() {
            continue;
        }
        match value(line.text, &mut rest) {
            Ok((name, value)) => values.insert(name.to_owned(), value),
            Err(error) => return (values, Some(error)),
        };
    }
    (values, None)
}

fn value<'a>(line: &'a str, rest: &mut &str) -> Result<(&'a str, String), Error> {
    let equals = line.find('=').unwrap_or(usize::MAX);
    let heredoc = line.find("<<").unwrap_or(usize::MAX);
    if equals < heredoc {
        return Ok((&line[..equals], line[equals + 1..].to_owned()));
    }
    match line.split_once("<<") {
        Some((name, delimiter)) if !name.is_empty() && !delimiter.is_empty() => Ok((name, multi_line(delimiter, rest)?)),
        _ => Err(Error::InvalidFormat(line.to_owned())),
    }
}

fn multi_line(delimiter: &str, rest: &mut &str) -> Result<String, Error> {
    let mut lines = Vec::new();
    while let Some(line) = Line::take(rest) {
        if line.text == delimiter {
            return Ok(lines.join("\n"));
        }
        if !line.ended {
            return Err(Error::EofMarkerMissingNewLine);
        }
        lines.push(line.text);
    }
    Err(Error::MatchingDelimiterNotFound(delimiter.to_owned()))
}

/// A line without its end.
struct Line<'a> {
    text: &'a str,
    ended: bool,
}

impl<'a> Line<'a> {
    fn take(rest: &mut &'a str) -> Option<Self> {
        if rest.is_empty() {
            return None;
        }
        let (text, after, ended) = match rest.split_once('\n') {
            Some((text, after)) => (text, after, true),
            None => (*rest, "", false),
        };
        *rest = after;
        Some(Self { text, ended })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_the_runners() {
        let rows = [
            ("", vec![]),
            ("\n\n", vec![]),
            ("a=1", vec![("a", "1")]),
            ("a=1\n", vec![("a", "1")]),
            ("a=1\r\n", vec![("a", "1\r")]),
            ("\u{feff}a=1\n", vec![("a", "1")]),
            ("a=b=c\n", vec![("a", "b=c")]),
            ("a=b<<c\n", vec![("a", "b<<c")]),
            ("a=1\na=2\n", vec![("a", "2")]),
            ("=v\n", vec![("", "v")]),
            ("a=\n", vec![("a", "")]),
            ("a<<E\nx\nE", vec![("a", "x")]),
            ("a<<E\nx\n\nE\n", vec![("a", "x\n")]),
            ("a<<E\nE\nb=2\n", vec![("a", ""), ("b", "2")]),
            ("a<<E\nx=y\n E\nE\n", vec![("a", "x=y\n E")]),
            ("a<<E\nx\r\nE\n", vec![("a", "x\r")]),
        ];
        for (text, expected) in rows {
            let expected = expected.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_bad_file_is_refused_in_the_runners_words() {
        let rows = [
            ("noeq\n", "Invalid format 'noeq'"),
            ("<<E\nx\nE\n", "Invalid format '<<E'"),
            ("a<<\nx\n\n", "Invalid format 'a<<'"),
            ("a<<E\nx", "EOF marker missing new line."),
            ("a<<E\nx\n", "Matching delimiter not found 'E'"),
            ("a<<E\n", "Matching delimiter not found 'E'"),
            ("a<<E\r\nx\nE\n", "Matching delimiter not found 'E\r'"),
        ];
        for (text, message) in rows {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn values_before_a_bad_line_are_kept() {
        let (values, error) = parse_prefix("a=1\nbad\nb=2\n");
        assert_eq!(values, BTreeMap::from([("a".to_owned(), "1".to_owned())]));
        assert_eq!(error, Some(Error::InvalidFormat("bad".to_owned())));
    }
}
