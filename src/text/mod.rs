//! Foreign text, made safe to show. A registry's answer, a log, a workflow file, an event or an input may hold anything:
//! commands for the runner, escape sequences for a terminal, Markdown, a secret. All that is shown of them goes through here.
//!
//! - [`neutral`]: no commands and nothing that a terminal acts on. For a line of a log or a terminal.
//! - [`without_tokens`]: that, for many lines, without GitHub's tokens. For what repeats a file.
//! - [`redact::without_credentials`]: that, without what may be a credential. For a line of somebody's file.
//! - [`said::said`]: words of an answer that was made with our credentials, or nothing.
//! - [`echo`]: whether a piece of a secret is in it.
//! - [`markdown`]: what is read as written, not as markup. For a job summary.

pub mod echo;
pub mod markdown;
pub mod redact;
pub mod said;

use crate::credential::token::{self, HIDDEN};

/// A line that the runner takes for no command, without characters that a terminal acts on or that are not seen.
pub fn neutral(line: &str) -> String {
    let is_plain = line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let line = if is_plain { line.to_owned() } else { line.chars().filter_map(visible).collect() };
    let line = line.replace("##[", "## [");
    if line.trim_start().starts_with("::") { line.replacen("::", ": :", 1) } else { line }
}

/// Lines, each of them [`neutral`].
pub fn neutral_lines(text: &str) -> String {
    text.lines().map(neutral).collect::<Vec<_>>().join("\n")
}

/// Lines, each of them [`neutral`], without the tokens that are read in them then: what is not seen hides none.
pub fn without_tokens(text: &str) -> String {
    let text = neutral_lines(text);
    let (mut shown, mut rest) = (String::with_capacity(text.len()), &*text);
    while let Some(place) = token::place(rest) {
        shown.push_str(&rest[..place.start]);
        shown.push_str(HIDDEN);
        rest = &rest[place.end..];
    }
    shown + rest
}

/// Whether a token is read in a text when it is shown.
pub fn shows_token(text: &str) -> bool {
    token::place(&neutral_lines(text)).is_some()
}

/// A character as it is shown: nothing in place of one that has no width or turns the direction of text, a space in place of
/// a control character or a line's end (Unicode's general categories Cc, Cf, Zl and Zp, and fillers and selectors, but for the
/// one that emoji have).
const fn visible(character: char) -> Option<char> {
    match character {
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0e}'
        | '\u{ffa0}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e01ef}' => None,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => Some(' '),
        _ => Some(character),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_line_is_a_command(line in "[ \t\r:#\\[a-z%\u{1b}\u{200b}\u{2028}\u{feff}]{0,20}") {
            let line = neutral(&line);
            prop_assert!(!line.trim_start().starts_with("::"), "{}", line);
            prop_assert!(!line.contains("##[") && !line.chars().any(char::is_control));
        }
    }

    const TOKEN: &str = "ghp_0123456789abcdefABCDEF";

    #[test]
    fn a_token_is_hidden_wherever_it_stands_and_nothing_else_is() {
        let pat = format!("github_pat_{}", &TOKEN[4..]);
        for (text, shown) in [
            (format!("a {TOKEN} b"), "a *** b"),
            (format!("if: x == '{TOKEN}' && y == \"{pat}\""), "if: x == '***' && y == \"***\""),
            (format!("acme/{}", TOKEN.to_ascii_uppercase()), "acme/***"),
            ("ghs_123456_eyJhbGciOiJIUzI1NiIsInR5cCI6.eyJzdWIi.c2ln-x_y: é".into(), "***: é"),
            (
                "acme/laughs_comedystreamingserviceforall acme/ghs_comedy-streaming-service".into(),
                "acme/laughs_comedystreamingserviceforall acme/ghs_comedy-streaming-service",
            ),
            ("ghp_ and github_pat_ begin tokens, ghp_acme does not".into(), "ghp_ and github_pat_ begin tokens, ghp_acme does not"),
        ] {
            assert_eq!(without_tokens(&text), shown);
            assert_eq!(shows_token(&text), text != shown);
        }
    }

    #[test]
    fn what_is_not_seen_hides_no_token() {
        for unseen in ["\u{200b}", "\u{ad}", "\u{34f}", "\u{feff}\u{2060}"] {
            let text = format!("a gh{unseen}p_{}{unseen}{} b\nc", &TOKEN[4..9], &TOKEN[9..]);
            assert_eq!((without_tokens(&text).as_str(), shows_token(&text)), ("a *** b\nc", true));
        }
    }

    #[test]
    fn nothing_is_left_that_a_terminal_acts_on_or_that_hides_text() {
        for (line, shown) in [
            ("\u{1b}]0;title\u{7}\u{1b}[2Jx", " ]0;title  [2Jx"),
            ("a\u{9b}2Jb", "a 2Jb"),
            ("user\u{202e}nimda\u{2066}\u{200f}", "usernimda"),
            ("gh\u{200b}p\u{ad}_\u{feff}x\u{2060}", "ghp_x"),
            (":\u{200b}:set-output name=push::true", ": :set-output name=push::true"),
            ("#\u{200d}#[add-path]/x", "## [add-path]/x"),
            ("g\u{34f}h\u{3164}p\u{fe00}_x", "ghp_x"),
            ("tag \u{e0041}\u{e007f}end", "tag end"),
            ("Grüße, 日本語 ✅ ⚠️", "Grüße, 日本語 ✅ ⚠️"),
        ] {
            assert_eq!(neutral(line), shown);
        }
    }
}
