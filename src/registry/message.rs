//! What an answer says in words, and how much of that is shown.

use serde_json::Value;

use super::ghcr;
use crate::{credential::token::Token, text::said::said};

/// The message of an answer: the first `errors[].message`
/// (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes>), else the first line of plain text.
pub fn of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    match serde_json::from_str::<Value>(text) {
        Ok(body) => body["errors"].as_array()?.iter().find_map(|error| error["message"].as_str()).map(str::to_owned),
        Err(_) => text.lines().next().filter(|line| !line.starts_with(['<', '{', '['])).map(|line| line.trim().to_owned()),
    }
}

/// Whether a refusal names no cause, so that it may be a passing one: an empty or a general message, a web page, or none.
pub fn names_no_cause(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let general = |text: &str| ghcr::names_no_cause(text);
    match serde_json::from_str::<Value>(text.trim()) {
        Ok(json) => of(body).or_else(|| json["message"].as_str().map(str::to_owned)).is_none_or(|message| general(&message)),
        Err(_) => general(&text),
    }
}

/// What of a message can be shown; nothing where a part of it could be one of these credentials.
pub fn shown(body: &[u8], credentials: &[Token]) -> Option<String> {
    said(&of(body)?, &credentials.iter().map(Token::expose).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_message_of_the_errors_is_the_answers_else_its_first_line() {
        for (body, message) in [
            (r#"{"errors":[{"code":"DENIED","message":"denied"},{"message":"x"}]}"#, Some("denied")),
            (r#"{"errors":[{"code":"DENIED"},{"message":"x"}]}"#, Some("x")),
            ("no such host\nmore", Some("no such host")),
            (r#"{"message":"x"}"#, None),
            (r#"{"errors":{"message":"x"}}"#, None),
            ("<html>x</html>", None),
            ("{broken", None),
            ("", None),
        ] {
            assert_eq!(of(body.as_bytes()).as_deref(), message, "{body}");
        }
        assert_eq!(of(b"\xff"), None);
    }

    #[test]
    fn a_passing_refusal_is_told_from_a_named_one() {
        for body in [
            "",
            "{}",
            "denied",
            "<html><h1>Forbidden</h1> by policy</html>",
            r#"{"errors":[]}"#,
            r#"{"errors":[{"code":"DENIED","message":"denied"}]}"#,
            r#"{"message":"Forbidden"}"#,
            r#"{"errors":[{"code":"DENIED","message":"permission_denied: Error from intermediary with HTTP status code 403 \"Forbidden\""}]}"#,
        ] {
            assert!(names_no_cause(body.as_bytes()), "{body}");
        }
        for body in [
            "You have no business here",
            r#"{"message":"Too many requests from your network"}"#,
            r#"{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}"#,
            r#"{"errors":[{"code":"DENIED","message":"The policy of acme forbids this."}]}"#,
        ] {
            assert!(!names_no_cause(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn a_message_that_repeats_a_credential_is_not_shown() {
        let token = Token::new("0123456789abcdef0123456789abcdef01234567");
        assert_eq!(shown(b"The policy of acme forbids this.", &[]).as_deref(), Some("The policy of acme forbids this."));
        assert_eq!(shown(b"no good: 0123 4567 89ab cdef", &[token]), None);
    }
}
