//! Tells the login that main made, without holding it.

use ring::digest::{SHA256, digest};
use serde_json::value::RawValue;

use super::config;
use crate::{credential::token::Token, random};

/// How many bytes are read before a search ends. Where a login could begin at each of them, they are read again for each.
const MOST_READ: usize = 16 * 1024 * 1024;

/// The SHA-256 and the length of an `auth`, without its padding. By its length it is found in the middle of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    length: usize,
    hash: String,
}

/// A text that a login was cut out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// What is left.
    pub kept: Vec<u8>,
    /// Whether all of it was searched.
    pub searched: bool,
}

impl Fingerprint {
    /// That of an `auth`.
    pub fn of(auth: &str) -> Self {
        let bare = bare(auth);
        Self { length: bare.len(), hash: hash(&bare) }
    }

    /// Its text in the state.
    pub fn text(&self) -> String {
        format!("{} {}", self.length, self.hash)
    }

    /// Reads [`Self::text`].
    pub fn parse(text: &str) -> Option<Self> {
        let (length, hash) = text.split_once(' ')?;
        Some(Self { length: length.parse().ok().filter(|length| *length > 0)?, hash: hash.to_owned() })
    }

    /// Whether that `auth` is in an entry in any form that a tool reads: under whatever name, without padding, in the alphabet
    /// of URLs, or as its two parts.
    pub fn is_in(&self, entry: &RawValue) -> bool {
        /// An entry has one username and one password; more of them are read only so far.
        const MOST: usize = 4;
        let strings = config::strings(entry);
        let named = |name| strings.windows(2).filter(move |pair| pair[0] == name).map(|pair| &pair[1]).take(MOST);
        strings.iter().any(|text| self.is_of(text))
            || named("username").any(|user| named("password").any(|password| self.is_of(&Token::new(password).basic(user))))
    }

    /// Takes the `auth` out of a text that need not be JSON, wherever it stands and however JSON may spell it.
    pub fn cut_out(&self, content: &[u8]) -> Cut {
        let (mut kept, mut rest, mut left) = (Vec::new(), content, MOST_READ);
        while !rest.is_empty() && left > 0 {
            let (word, size) = word(rest, self.length);
            left = left.saturating_sub(size);
            let stays = if word.len() < self.length {
                size
            } else if hash(&word) == self.hash {
                rest = &rest[size + padding(&rest[size..])..];
                0
            } else {
                character(rest).1
            };
            kept.extend_from_slice(&rest[..stays]);
            rest = &rest[stays..];
        }
        kept.extend_from_slice(rest);
        Cut { kept, searched: rest.is_empty() }
    }

    fn is_of(&self, text: &str) -> bool {
        let bare = bare(text);
        bare.len() == self.length && hash(&bare) == self.hash
    }
}

fn hash(bytes: &[u8]) -> String {
    random::hex(digest(&SHA256, bytes).as_ref())
}

/// Base64 without what its spellings differ in.
fn bare(text: &str) -> Vec<u8> {
    text.bytes().filter_map(in_base64).collect()
}

/// A character of base64, in its standard alphabet.
const fn in_base64(character: u8) -> Option<u8> {
    match character {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' => Some(character),
        _ if character.is_ascii_alphanumeric() => Some(character),
        _ => None,
    }
}

/// The base64 that a text begins with, at most so long, and how many bytes it takes, with what ends it.
fn word(text: &[u8], longest: usize) -> (Vec<u8>, usize) {
    let (mut word, mut size) = (Vec::new(), 0);
    while size < text.len() && word.len() < longest {
        let (character, bytes) = character(&text[size..]);
        size += bytes;
        match in_base64(character) {
            Some(character) => word.push(character),
            None if is_skipped(character) && !word.is_empty() => {}
            None => break,
        }
    }
    (word, size)
}

/// How many bytes the padding takes that a text begins with.
fn padding(text: &[u8]) -> usize {
    let mut size = 0;
    while let (b'=', bytes) = character(&text[size..]) {
        size += bytes;
    }
    size
}

/// What may stand between two characters: docker skips line breaks in base64 (Go's `encoding/base64`), and UTF-16 has zeros.
const fn is_skipped(character: u8) -> bool {
    matches!(character, b'\n' | b'\r' | 0)
}

/// The next character as JSON reads it, or else a backslash, and how many bytes it takes. JSON may stand in a string of JSON,
/// any number of times: then there are more backslashes.
fn character(text: &[u8]) -> (u8, usize) {
    let escapes = text.iter().take_while(|byte| **byte == b'\\').count();
    match &text[escapes..] {
        [b'u', rest @ ..] if escapes > 0 => code(rest).map_or((b'\\', escapes), |code| (code, escapes + 5)),
        [b'n' | b'r', ..] if escapes > 0 => (b'\n', escapes + 1),
        [b'/', ..] => (b'/', escapes + 1),
        [byte, ..] if escapes == 0 => (*byte, 1),
        _ => (b'\\', escapes),
    }
}

/// The ASCII character of four hexadecimal digits.
fn code(text: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(text.get(..4)?).ok()?;
    u8::from_str_radix(digits.strip_prefix("00")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_from_its_text_and_from_no_other() {
        let print = Fingerprint::of("dTpw");
        assert_eq!(Fingerprint::parse(&print.text()), Some(print));
        for other in ["", "4", "0 dTpw", "-1 dTpw", "x dTpw"] {
            assert_eq!(Fingerprint::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_login_is_known_in_any_form() {
        let token = Token::new("p?>p");
        let print = Fingerprint::of(&token.basic("u~"));
        assert_eq!(token.basic("u~"), "dX46cD8+cA==");
        let holds = |entry: &str| print.is_in(&RawValue::from_string(entry.to_owned()).unwrap());
        for entry in [
            r#"{"auth":"dX46cD8+cA=="}"#,
            r#"{"auth":"x","auth":"dX46cD8+cA=="}"#,
            r#"{"auth":"dX46cD8+cA==","auth":"x"}"#,
            r#"{"auth":"dX46cD8+cA"}"#,
            r#"{"auth":" dX46cD8-cA=\n"}"#,
            r#"{"auth":"dX46cD8\u002bcA=="}"#,
            r#"{"auth":"dX46\r\ncD8+cA=\n="}"#,
            r#"{"nested":["dX46cD8+cA=="]}"#,
            r#"{"password":"p?>p","email":"e","username":"u~"}"#,
        ] {
            assert!(holds(entry), "{entry}");
        }
        for entry in [r#"{"auth":"dX46cD8+cB=="}"#, r#"{"username":"u~","password":"other"}"#, "{}", "null", "\"\""] {
            assert!(!holds(entry), "{entry}");
        }
    }

    #[test]
    fn a_login_is_cut_out_of_whatever_the_file_became() {
        let print = Fingerprint::of("dTpw+/==");
        let cut = |text: &str| {
            let cut = print.cut_out(text.as_bytes());
            assert!(cut.searched);
            String::from_utf8(cut.kept).unwrap()
        };
        for (text, kept) in [
            (r#"{"auth":"dTpw+/=="} x"#, r#"{"auth":""} x"#),
            ("dTpw+/==\u{e9} dTpw+/", "\u{e9} "),
            ("auth=dTpw+/==", "auth="),
            ("adTpw+/==dTpw-_b", "ab"),
            (r#""dTpw+\/==""#, r#""""#),
            (r#"\"dTpw+\\\/\\u003D=\""#, r#"\"\""#),
            (r"\u0064\u0054pw\u002b\u002F", ""),
            (r"\u0041dTpw+/", r"\u0041"),
            ("dT\npw\\n+\\r\\n/==\n", "\n"),
            ("d\0T\0p\0w\0+\0/\0=\0", "\0=\0"),
        ] {
            assert_eq!(cut(text), kept, "{text}");
        }
        for without in ["", "broken", "dTpw +/==", r"dTpw\", r"dTpw+\u", r"dTpw+\u00", r"dTpw+\u012f", r"dTpw+\u+2f", "\\\\"] {
            assert_eq!(cut(without), without);
        }
    }

    #[test]
    fn a_text_that_would_take_long_is_said_not_to_be_searched_and_stays_as_it_is_from_there() {
        let print = Fingerprint::of(&"A".repeat(64 * 1024));
        for (more, searched) in [(10, true), (300, false)] {
            let text = [vec![b'B'; 64 * 1024 + more], b" and more".to_vec()].concat();
            assert!(print.cut_out(&text) == Cut { kept: text, searched }, "{more}");
        }
    }
}
