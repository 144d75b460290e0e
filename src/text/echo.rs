//! Whether a text repeats a piece of a secret, in whatever encoding: what is shown of an answer is searched for what was sent.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::credential::token::PREFIXES;

/// So many letters and digits of an encoded secret in a row are a piece of it.
const PIECE: usize = 8;

/// A shorter secret is no secret: it stands in words by chance.
const SHORTEST: usize = 5;

/// RFC 4648, base32.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Whether a text has a piece of the secret in it: as it is, backwards, in base64, base32, hexadecimal or as a list of
/// numbers, whatever stands between the characters and in whatever case.
pub fn is_in(text: &str, secret: &str) -> bool {
    let forward = views(text);
    let backward = forward.iter().map(|view| view.chars().rev().collect());
    let views: Vec<String> = backward.chain(forward.iter().cloned()).collect();
    // Sought by their place among all, since there are many of both.
    let seen: HashSet<&str> = views.iter().flat_map(|view| pieces(view)).collect();
    let is_seen = |encoded: &String| match encoded.len() {
        0..SHORTEST => false,
        SHORTEST..PIECE => views.iter().any(|view| view.contains(encoded)),
        _ => pieces(encoded).any(|piece| seen.contains(piece)),
    };
    let reversed = bare(secret).chars().rev().collect();
    [bare(secret).to_owned(), reversed, STANDARD.encode(secret)].iter().any(|secret| encodings(secret).iter().any(is_seen))
}

/// The pieces of letters and digits.
fn pieces(letters: &str) -> impl Iterator<Item = &str> {
    (PIECE..=letters.len()).map(|end| &letters[end - PIECE..end])
}

/// A token without the prefix, which everybody knows.
fn bare(token: &str) -> &str {
    PREFIXES.iter().find_map(|prefix| token.strip_prefix(prefix)).unwrap_or(token)
}

/// A text as those may mean it who want it misread: without escapes and separators, and numbers as characters.
fn views(text: &str) -> [String; 4] {
    let escapes = ["\\u00", "u+00", "\\x", "0x", "&#x"];
    let unescaped = escapes.iter().fold(text.to_ascii_lowercase(), |text, escape| text.replace(escape, ""));
    let numbers = |radix| {
        let bytes = text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| u8::from_str_radix(number, radix).ok());
        letters(&bytes.map(char::from).collect::<String>())
    };
    [letters(text), letters(&unescaped), numbers(10), numbers(8)]
}

/// What decides in each encoding: letters and digits, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// What a text becomes when it is encoded, whatever is encoded before it.
fn encodings(text: &str) -> Vec<String> {
    let base64 = (0..3).map(|skipped| STANDARD.encode(&text.as_bytes()[skipped.min(text.len())..]));
    let base32 = (0..5).map(|skipped| base32(&text.as_bytes()[skipped.min(text.len())..]));
    let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    [text.to_owned(), hex].into_iter().chain(base64).chain(base32).map(|encoded| letters(&encoded)).collect()
}

fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let digits = (0..bytes.len() * 8 / 5).map(|digit| (0..5).fold(0, |value, at| value << 1 | bit(digit * 5 + at)));
    digits.map(|value| char::from(BASE32[usize::from(value)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ghp_AcceptCanaryPatXq7Zt3Lw9Rb2Vn5Km8Dj1";

    fn spaced(text: &str, every: usize, with: &str) -> String {
        text.as_bytes().chunks(every).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect::<Vec<_>>().join(with)
    }

    #[test]
    fn a_piece_is_found_in_every_encoding() {
        use crate::credential::token::Token;
        let token = Token::new(SECRET);
        let hex: String = SECRET.bytes().map(|byte| format!("{byte:02X}")).collect();
        let listed = |radix: fn(u8) -> String| SECRET.bytes().map(radix).collect::<String>();
        for text in [
            SECRET.to_owned(),
            SECRET[10..20].to_owned(),
            SECRET.to_uppercase(),
            SECRET.chars().rev().collect(),
            spaced(SECRET, 1, " "),
            spaced(SECRET, 3, "\u{200b}"),
            token.base64(),
            token.base64().chars().rev().collect(),
            spaced(&token.base64(), 4, "\n"),
            token.basic("octocat"),
            token.basic("octocats"),
            STANDARD.encode(token.base64()),
            base32(SECRET.as_bytes()),
            base32(format!("xy{SECRET}").as_bytes()),
            hex.clone(),
            spaced(&hex, 2, ":"),
            spaced(&hex, 2, "%"),
            listed(|byte| format!("\\x{byte:02x}")),
            listed(|byte| format!("\\u{byte:04x}")),
            listed(|byte| format!("&#{byte};")),
            listed(|byte| format!("&#x{byte:x};")),
            listed(|byte| format!("{byte}, ")),
            listed(|byte| format!("\\{byte:03o}")),
        ] {
            assert!(is_in(&format!("the token {text} is no good"), SECRET), "{text}");
        }
    }

    #[test]
    fn what_only_looks_so_is_not_found() {
        for (text, token) in [
            ("permission_denied: The token provided does not match expected scopes.", SECRET),
            ("github_pat_ tokens are not supported", "github_pat_11AcceptCanaryQ7Zt3Lw9"),
            ("retry-after: 10.305464ms, allowed: 2000/minute", SECRET),
            ("", SECRET),
        ] {
            assert!(!is_in(text, token), "{text}");
        }
    }
}
