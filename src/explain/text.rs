//! The lines of a log as the program that failed wrote them: without what runners, terminals, builders and
//! JSON put around them.

use crate::text::is_unseen;

/// A wrapped message is joined over at most so many lines.
const LONGEST_WRAP: usize = 8;

/// A line longer than this is not joined with the next one.
const LONGEST_JOINED: usize = 2000;

/// A longer line is read in pieces, in bytes.
const LONGEST_LINE: usize = 16 * 1024;

/// A line of the log.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// As written, unwrapped.
    pub text: String,
    /// The same in lower case (ASCII), for searching; offsets are the same.
    pub lower: String,
    /// Whether it is a command to the runner of a job, as `##[error]` is.
    pub is_command: bool,
}

impl Line {
    fn new(line: &str) -> Self {
        let text = unprefixed(line).to_owned();
        Self { lower: text.to_ascii_lowercase(), text, is_command: line.contains("##[") || line.contains("::error::") }
    }
}

/// The lines of a log, without what surrounds them.
pub(super) fn lines(log: &str) -> impl Iterator<Item = Line> {
    let pieces = log.split(['\n', '\r']).flat_map(|line| line.split("\\n")).flat_map(chunks);
    Joined { pieces: pieces.map(without_names).map(clean).filter(|line| !line.trim().is_empty()), next: None }
}

/// A line in pieces of a length that can be worked on.
fn chunks(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let (piece, after) = text.split_at(text.floor_char_boundary(LONGEST_LINE));
        rest = Some(after).filter(|after| !after.is_empty());
        Some(piece)
    })
}

/// Puts a message that goes on in the next lines back together: one that ends in a colon, `from` or `to`.
struct Joined<I> {
    pieces: I,
    next: Option<String>,
}

impl<I: Iterator<Item = String>> Iterator for Joined<I> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let mut line = self.next.take().or_else(|| self.pieces.next())?;
        for _ in 1..LONGEST_WRAP {
            if line.len() >= LONGEST_JOINED || !goes_on(&line) {
                break;
            }
            self.next = self.pieces.next();
            let Some(next) = self.next.take_if(|next| !starts_anew(next)) else { break };
            line.push(' ');
            line.push_str(unprefixed(&next));
        }
        Some(Line::new(&line))
    }
}

fn goes_on(line: &str) -> bool {
    let line = line.trim_end();
    let step_input = line.split_whitespace().count() == 1;
    !step_input && (line.ends_with(':') || line.ends_with(" from") || line.ends_with(" to"))
}

/// Whether a line is plainly the beginning of something else.
pub(super) fn starts_anew(line: &str) -> bool {
    let line = unprefixed(line);
    ["run ", "error: ", "$ ", "> ", "{", "------", "time=", "warning"]
        .iter()
        .any(|start| line.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// A line of a job without the names of job and step that `gh run view --log` puts before it.
fn without_names(line: &str) -> &str {
    let written = line.splitn(3, '\t').nth(2).map(|written| written.trim_start_matches('\u{feff}'));
    written.filter(|written| timestamp(written).is_some()).unwrap_or(line)
}

/// Drops escape sequences and what is not seen, the links that pages put into copied logs, typographic and JSON's quoting.
fn clean(line: &str) -> String {
    if line.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control() && !matches!(byte, b'\\' | b'[')) {
        return line.to_owned();
    }
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '\u{1b}' => after_escape(&rest[1..]),
            '\\' if rest[1..].starts_with(['"', '\\']) => &rest[1..],
            '\\' if rest.starts_with("\\u001b") => after_escape(&rest[6..]),
            '\\' if escaped(rest).is_some() => {
                let (character, after) = escaped(rest).unwrap_or_default();
                push(&mut clean, character, after)
            }
            '[' if link(rest).is_some() => {
                let (label, after) = link(rest).unwrap_or_default();
                clean.push_str(label);
                after
            }
            '\t' => push(&mut clean, ' ', &rest[1..]),
            '\u{2018}' | '\u{2019}' => push(&mut clean, '\'', &rest[3..]),
            '\u{201c}' | '\u{201d}' => push(&mut clean, '"', &rest[3..]),
            _ if first.is_control() || is_unseen(first) => &rest[first.len_utf8()..],
            _ => push(&mut clean, first, &rest[first.len_utf8()..]),
        };
    }
    clean
}

/// JSON's `\\u0026`, if it encodes a visible ASCII character.
fn escaped(text: &str) -> Option<(char, &str)> {
    let digits = text.strip_prefix("\\u00")?.get(..2)?;
    let byte = u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii_graphic)?;
    Some((char::from(byte), &text[6..]))
}

fn push<'a>(text: &mut String, character: char, rest: &'a str) -> &'a str {
    text.push(character);
    rest
}

/// What follows an escape sequence (ECMA-48) whose escape character is already behind us.
fn after_escape(text: &str) -> &str {
    let end = match text.as_bytes().first() {
        Some(b'[') => text.bytes().skip(1).position(|byte| (0x40..=0x7e).contains(&byte)).map(|at| at + 2),
        Some(b']') => text.bytes().position(|byte| byte == 0x07).map(|at| at + 1),
        _ => Some(0),
    };
    end.and_then(|end| text.get(end..)).unwrap_or_default()
}

/// `[2](https://github.com/...)`: the links that GitHub's log page and editors put into copied logs.
fn link(text: &str) -> Option<(&str, &str)> {
    let length = text[1..].bytes().take(300).position(|byte| matches!(byte, b'[' | b']' | b' '))?;
    let (label, after) = (text.get(1..=length)?, text.get(length + 1..)?);
    let address = after.strip_prefix("](http").filter(|_| length > 0)?;
    let length = address.bytes().take(300).position(|byte| byte == b')')?;
    Some((label, address.get(length + 1..)?))
}

/// A line without time stamp, BuildKit's step number and seconds, and the runner's `##[error]`.
fn unprefixed(line: &str) -> &str {
    let mut rest = line.trim();
    for strip in [timestamp, step, seconds, command] {
        rest = strip(rest).unwrap_or(rest).trim_start();
    }
    rest
}

/// Whether a line has a time stamp or a step's number of its own.
pub(super) fn is_stamped(line: &str) -> bool {
    timestamp(line).is_some() || step(line).is_some()
}

/// `2022-06-01T13:10:25.3197070Z ` and `[2024-03-28 10:46:05] `
fn timestamp(line: &str) -> Option<&str> {
    let bare = line.strip_prefix('[').unwrap_or(line);
    let date = bare.as_bytes().get(..10)?;
    let is_date = date.iter().enumerate().all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() });
    let time = bare.get(11..).filter(|time| is_date && time.as_bytes().get(2) == Some(&b':'))?;
    let end = time.bytes().position(|byte| !byte.is_ascii_digit() && !b":.,Z+-".contains(&byte)).unwrap_or(time.len());
    time.get(end..).map(|rest| rest.strip_prefix(']').unwrap_or(rest))
}

/// `#12 `
fn step(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('#')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(digits..).filter(|rest| digits > 0 && rest.starts_with(' '))
}

/// `5.415 `
fn seconds(line: &str) -> Option<&str> {
    let length = line.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    line.get(length..).filter(|rest| length > 2 && line[..length].contains('.') && rest.starts_with(' '))
}

/// `##[error]`, `::error::`
fn command(line: &str) -> Option<&str> {
    ["##[error]", "::error::", "***[command]", "##[group]"].iter().find_map(|prefix| line.strip_prefix(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(log: &str) -> Vec<String> {
        lines(log).map(|line| line.text).collect()
    }

    #[test]
    fn what_surrounds_a_message_is_dropped() {
        for wrapped in [
            "2022-06-01T13:10:25.3197070Z ERROR: denied",
            "[2024-03-28 10:46:05] ERROR: denied",
            "2024-03-28 10:46:05,123 ERROR: denied",
            "#12 ERROR: denied",
            "#19 5.415 ERROR: denied",
            "\u{1b}[31;1mERROR:\u{1b}[0m denied\r",
            "2022-06-01T13:10:25Z ##[error]ERROR: denied",
            "Build and push\tpush\t\u{feff}2022-06-01T13:10:25.3197070Z ##[error]ERROR: denied",
            "\u{1b}]0;title\u{7}ERROR: denied",
            r"\u001b[31mERROR: denied\u001b[0m",
        ] {
            assert_eq!(texts(wrapped), ["ERROR: denied"], "{wrapped}");
        }
    }

    #[test]
    fn links_put_in_by_the_log_page_are_taken_out() {
        assert_eq!(
            texts("status: 50[3](https://github.com/acme/app/runs/1#step:2:3) Service Unavailable"),
            ["status: 503 Service Unavailable"]
        );
        assert_eq!(texts("[909](https://github.com/acme"), ["[909](https://github.com/acme"]);
        assert_eq!(texts("[x] [ ]"), ["[x] [ ]"]);
    }

    #[test]
    fn what_editors_make_of_quotes_and_links_is_undone() {
        assert_eq!(texts("Can\u{2019}t install \u{201c}ghcr.io/acme/app\u{201d}"), ["Can't install \"ghcr.io/acme/app\""]);
        assert_eq!(texts("[ghcr.io/acme/app:1:](http://ghcr.io/acme/app:1:) denied"), ["ghcr.io/acme/app:1: denied"]);
        assert_eq!(texts("[ghcr.io/acme/app] (https://x)"), ["[ghcr.io/acme/app] (https://x)"]);
    }

    #[test]
    fn json_quoting_is_undone_and_its_line_breaks_split() {
        assert_eq!(
            texts(r#"{"error":"Get \"https://ghcr.io/v2/\": EOF\nnext"}"#),
            [r#"{"error":"Get "https://ghcr.io/v2/": EOF"#, r#"next"}"#]
        );
    }

    #[test]
    fn a_wrapped_message_is_one_line_again() {
        let log = "failed to authorize: failed to fetch anonymous token:\n   unexpected status from GET request to\n  https://ghcr.io/token:\n   403 Forbidden\n";
        let joined = "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden";
        assert_eq!(texts(log), [joined]);
        assert_eq!(texts("2026-01-02T03:04:05Z 403 Forbidden"), ["403 Forbidden"]);
        assert_eq!(texts("  with:\n    registry: ghcr.io"), ["with:", "registry: ghcr.io"]);
    }

    #[test]
    fn a_line_of_any_length_is_read_in_pieces() {
        assert!(lines(&"é".repeat(100_000)).all(|line| line.text.len() <= LONGEST_LINE));
    }

    #[test]
    fn broken_escapes_do_no_harm() {
        for log in ["\u{1b}", "\u{1b}[", "\u{1b}]x", "\\u001b", "\\", "[1](", "[", "#", "#1", "2022-06-01", "1.", "\u{1b}[é"] {
            let _ = texts(log);
        }
    }
}
