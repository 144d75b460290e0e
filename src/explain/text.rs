//! The lines of a log as the program that failed wrote them: without what runners, terminals, builders and
//! JSON put around them.

/// A wrapped message is joined over at most so many lines.
const LONGEST_WRAP: usize = 8;

/// A line longer than this is not joined with the next one.
const LONGEST_JOINED: usize = 2000;

/// A line of the log.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// As written, unwrapped.
    pub text: String,
    /// The same in lower case (ASCII), for searching; offsets are the same.
    pub lower: String,
}

impl Line {
    fn new(text: String) -> Self {
        Self { lower: text.to_ascii_lowercase(), text }
    }
}

/// Splits and unwraps a log.
pub(super) fn lines(log: &str) -> Vec<Line> {
    let raw = log.split(['\n', '\r']).flat_map(|line| line.split("\\n")).map(clean).filter(|line| !line.trim().is_empty());
    join_wrapped(raw).into_iter().map(|line| Line::new(unprefixed(&line).to_owned())).collect()
}

/// Puts a message that goes on in the next lines back together: one that ends in a colon, `from` or `to`.
fn join_wrapped(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut parts = 1;
    for line in lines {
        match joined.last_mut() {
            Some(last) if parts < LONGEST_WRAP && last.len() < LONGEST_JOINED && goes_on(last) && !starts_anew(&line) => {
                last.push(' ');
                last.push_str(unprefixed(&line));
                parts += 1;
            }
            _ => {
                joined.push(line);
                parts = 1;
            }
        }
    }
    joined
}

fn goes_on(line: &str) -> bool {
    let line = line.trim_end();
    let step_input = line.split_whitespace().count() == 1;
    !step_input && (line.ends_with(':') || line.ends_with(" from") || line.ends_with(" to"))
}

/// Whether a line is plainly the beginning of something else.
fn starts_anew(line: &str) -> bool {
    let line = unprefixed(line);
    ["run ", "error: ", "$ ", "> ", "{", "------", "time=", "warning"]
        .iter()
        .any(|start| line.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// Drops escape sequences and control characters, the links that pages put into copied logs, and JSON's quoting.
fn clean(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '\u{1b}' => after_escape(&rest[1..]),
            '\\' if rest[1..].starts_with(['"', '\\']) => &rest[1..],
            '\\' if rest.starts_with("\\u001b") => after_escape(&rest[6..]),
            '\\' if rest.starts_with("\\u0026") => push(&mut clean, '&', &rest[6..]),
            '[' if link(rest).is_some() => {
                let (label, after) = link(rest).unwrap_or_default();
                clean.push_str(label);
                after
            }
            '\t' => push(&mut clean, ' ', &rest[1..]),
            _ if first.is_control() => &rest[first.len_utf8()..],
            _ => push(&mut clean, first, &rest[first.len_utf8()..]),
        };
    }
    clean
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

/// `[2](https://github.com/...)`: the line numbers that GitHub's log page turns into links when a log is copied.
fn link(text: &str) -> Option<(&str, &str)> {
    let digits = text[1..].bytes().take_while(u8::is_ascii_digit).count();
    let (label, after) = (text.get(1..=digits)?, text.get(digits + 1..)?);
    let address = after.strip_prefix("](https://").filter(|_| digits > 0)?;
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
        lines(log).into_iter().map(|line| line.text).collect()
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
    fn broken_escapes_do_no_harm() {
        for log in ["\u{1b}", "\u{1b}[", "\u{1b}]x", "\\u001b", "\\", "[1](", "[", "#", "#1", "2022-06-01", "1.", "\u{1b}[é"] {
            let _ = texts(log);
        }
    }
}
