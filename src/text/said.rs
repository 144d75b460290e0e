//! What a registry or an API said of a request that carried a credential: its words, or nothing.
//!
//! Such an answer can hold the credential in any encoding. So only what reads like a sentence is shown, and nothing at all of
//! an answer that has a piece of a secret in it.

use super::{echo, neutral};
use crate::credential::token;

/// How much is shown, in characters.
const LONGEST: usize = 200;

/// How much of a line is looked at, in characters.
const LONGEST_LINE: usize = 2000;

/// The longest word that is shown; GHCR's longest is `TOOMANYREQUESTS`.
const LONGEST_WORD: usize = 20;

/// The most numbers in a sentence. Bytes in decimal would be more.
const MOST_NUMBERS: usize = 4;

/// The most words of up to three letters in a row. Pieces of a secret would be more.
const MOST_SHORT_WORDS: usize = 5;

/// Replaces a word that is not shown.
const ELIDED: &str = "…";

/// The first line of what was said, made safe for the log, a terminal and Markdown; `None` where there is nothing to show,
/// or where it could hold one of the secrets.
pub fn said(text: &str, secrets: &[&str]) -> Option<String> {
    let line: String = neutral(text.trim().lines().next()?).chars().take(LONGEST_LINE).collect();
    let mut words: Vec<_> = line.split_whitespace().map(|word| if is_plain(word) { word } else { ELIDED }).collect();
    let numbers = words.iter().filter(|word| word.contains(|character: char| character.is_ascii_digit())).count();
    let is_long = |word: &&str| word.chars().filter(char::is_ascii_alphanumeric).count() > 3;
    let longest_run = words.split(is_long).map(<[_]>::len).max();
    let nothing = words.iter().all(|word| *word == ELIDED);
    if nothing || numbers > MOST_NUMBERS || longest_run > Some(MOST_SHORT_WORDS) || secrets.iter().any(|secret| echo::is_in(&line, secret))
    {
        return None;
    }
    words.dedup_by(|next, word| *next == ELIDED && *word == ELIDED);
    let shown = words.join(" ");
    Some(match shown.char_indices().nth(LONGEST - 1) {
        Some((end, _)) => format!("{}{ELIDED}", &shown[..end]),
        None => shown,
    })
}

/// Whether a word is of a sentence, a name or a code: parts of letters in one case, or short numbers, and few signs between.
fn is_plain(word: &str) -> bool {
    const KNOWN: [&str; 2] = ["GitHub", "OAuth"];
    let is_known = |part: &str| KNOWN.contains(&part);
    word.len() <= 2 * LONGEST_WORD
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".,:;!?'\"()-_/".contains(&byte))
        && !word.contains("//")
        && !word.contains("::")
        && !word.starts_with(':')
        && token::PREFIXES.iter().all(|prefix| !word.to_ascii_lowercase().contains(prefix))
        && word.split(|character: char| !character.is_ascii_alphanumeric()).all(|part| is_known(part) || is_word(part) || is_number(part))
}

/// Letters in lower case, in upper case, or with the first in upper case.
fn is_word(part: &str) -> bool {
    let rest = part.get(1..).unwrap_or_default();
    let is = |case: fn(&u8) -> bool, text: &str| text.bytes().all(|byte| case(&byte));
    let in_one_case = is(u8::is_ascii_lowercase, rest) || is(u8::is_ascii_uppercase, part);
    part.len() <= LONGEST_WORD && is(u8::is_ascii_alphabetic, part) && in_one_case
}

/// Digits, perhaps with a unit: `403`, `305464ms`.
fn is_number(part: &str) -> bool {
    let unit = part.trim_start_matches(|character: char| character.is_ascii_digit());
    part.len() - unit.len() <= 6 && unit.len() <= 2 && unit.bytes().all(|byte| byte.is_ascii_lowercase()) && part.len() > unit.len()
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "ghp_Xq7Zt3Lw9Rb2Vn5Km8Dj1AcceptCanary";

    #[test]
    fn what_github_says_is_shown() {
        for text in [
            "permission_denied: The token provided does not match expected scopes.",
            "installation not allowed to Create organization package",
            "unauthenticated: User cannot be authenticated with the token provided.",
            "retry-after: 10.305464ms, allowed: 2000/minute",
            "denied: permission_denied: write_package",
            "GitHub Packages is read-only during maintenance (see the status page), please try again at 14:00",
            "TOOMANYREQUESTS: slow down",
        ] {
            assert_eq!(said(text, &[SECRET]).as_deref(), Some(text));
        }
    }

    #[test]
    fn only_the_first_line_is_shown_and_only_words() {
        for (text, shown) in [
            ("  denied\nsecond", Some("denied")),
            ("::set-output name=push::true", Some("…")),
            ("see https://evil.example/x ![a](b) for more", Some("see … for more")),
            ("<b>denied</b> now", Some("… now")),
            ("request 0A1B:2C3D:4E5F6A7B was denied", Some("request … was denied")),
            ("\u{1b}[31mdenied\u{1b}[0m for all", Some("… for all")),
            ("https://evil.example/", None),
            ("", None),
            ("\n", None),
        ] {
            let shown = shown.filter(|shown| *shown != "…");
            assert_eq!(said(text, &[SECRET]).as_deref(), shown, "{text}");
        }
        let long = said(&"denied always ".repeat(40), &[]).unwrap();
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST, true));
    }

    #[test]
    fn nothing_is_shown_of_an_answer_with_a_piece_of_a_secret() {
        let reversed: String = SECRET.chars().rev().collect();
        let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
        let spaced = |text: &str, length: usize| {
            text.as_bytes().chunks(length).map(|chunk| std::str::from_utf8(chunk).unwrap()).collect::<Vec<_>>().join(" ")
        };
        let decimal: Vec<_> = SECRET.bytes().map(|byte| byte.to_string()).collect();
        for form in [
            SECRET.to_owned(),
            reversed.clone(),
            STANDARD.encode(SECRET),
            STANDARD.encode(format!("user:{SECRET}")),
            STANDARD.encode(reversed),
            hex,
        ] {
            for text in [
                form.clone(),
                form.to_lowercase(),
                spaced(&form, 1),
                spaced(&form, 2),
                spaced(&form, 5),
                spaced(&form, 12),
                form[form.len() / 2..].to_owned(),
            ] {
                assert_eq!(said(&format!("The token {text} is bad"), &[SECRET]), None, "{text}");
            }
        }
        assert_eq!(said(&decimal.join(", "), &[SECRET]), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_plain(text in "(?s).{0,60}") {
            if let Some(shown) = said(&text, &[SECRET]) {
                let markup = shown.contains(['<', '>', '[', ']', '`', '*', '|', '\\', '&', '#', '\n', '\u{1b}']);
                prop_assert!(shown.chars().count() <= LONGEST && !markup);
                prop_assert!(!shown.starts_with("::") && !shown.contains("//"));
            }
        }
    }
}
