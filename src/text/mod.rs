//! Foreign text, made safe to show. A registry's answer, a log, a workflow file, an event or an input may hold anything:
//! commands for the runner, escape sequences for a terminal, Markdown, a secret. All that is shown of them goes through here.
//!
//! - [`neutral`]: no commands and nothing that a terminal acts on. For a line of a log or a terminal.
//! - [`tokens::without_tokens`]: that, for many lines, without GitHub's tokens. For what repeats a file.
//! - [`redact::without_credentials`]: that, without what may be a credential. For a line of somebody's file.
//! - [`said::said`]: words of an answer that was made with our credentials, or nothing.
//! - [`echo`]: whether a piece of a secret is in it.
//! - [`markdown`]: what is read as written, not as markup. For a job summary.

pub mod echo;
pub mod markdown;
pub mod redact;
pub mod said;
pub mod tokens;

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

/// A character as it is shown: nothing in place of one that is not seen, but for the selector that emoji have, and a space in
/// place of a control character or a line's end.
fn visible(character: char) -> Option<char> {
    match character {
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{fe0f}' => Some(character),
        _ if is_unseen(character) => None,
        _ => Some(character),
    }
}

/// A text as it is read, by people and by those who look for names and secrets in it.
pub fn without_unseen(text: &str) -> String {
    text.chars().filter(|character| !is_unseen(*character)).collect()
}

/// What has no width, turns the direction of text, or controls a terminal: Unicode's general categories Cc (but for white space)
/// and Cf, its property `Default_Ignorable_Code_Point`, and the blank Braille pattern
/// (<https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>).
static UNSEEN: [(char, char); 30] = [
    ('\0', '\u{8}'),
    ('\u{e}', '\u{1f}'),
    ('\u{7f}', '\u{84}'),
    ('\u{86}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether a character is not seen.
pub fn is_unseen(character: char) -> bool {
    !matches!(character, ' '..='~') && UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&character))
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
            ("tag \u{e0041}\u{e007f}\u{2800}\u{17b4}\u{1343f}end", "tag end"),
            ("Grüße, 日本語 ✅ ⚠️", "Grüße, 日本語 ✅ ⚠️"),
        ] {
            assert_eq!(neutral(line), shown);
        }
    }
}
