//! Credentials in disguise: escaped, as URLs spell them, in base64, base32 or hexadecimal.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::credential::token::PREFIXES;

/// The shortest run of characters that can be an encoded credential.
const SHORTEST_ENCODED: usize = 20;

/// A line with each `\u0067`, `\x67` and `&#103;` as the character that it encodes.
pub(super) fn unescaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '&']) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let (character, after) = escape(rest).unwrap_or_else(|| (rest.chars().next().unwrap_or(' '), &rest[1..]));
        shown.push(character);
        rest = after;
    }
    shown + rest
}

/// The escapes of a fixed length: how each begins, how many digits follow, and their radix.
const ESCAPES: [(&str, usize, u32); 4] = [("\\u", 4, 16), ("\\U", 8, 16), ("\\x", 2, 16), ("\\", 3, 8)];

/// The most digits of an escape of no fixed length.
const MOST_DIGITS: usize = 20;

/// The escape at the beginning of a text and what follows it: `\u0067`, `\u{67}`, `\U00000067`, `\x67`, `\147`, `&#103;`.
fn escape(text: &str) -> Option<(char, &str)> {
    let of_length = |(start, length, radix): &(&str, usize, u32)| Some((*radix, text.strip_prefix(start)?.split_at_checked(*length)?));
    let (radix, (digits, after)) = if let Some(rest) = text.strip_prefix("&#") {
        let (digits, after) = split_at_end(rest, b';')?;
        digits.strip_prefix(['x', 'X']).map_or((10, (digits, after)), |digits| (16, (digits, after)))
    } else if let Some(rest) = text.strip_prefix("\\u{") {
        (16, split_at_end(rest, b'}')?)
    } else {
        ESCAPES.iter().find_map(of_length)?
    };
    Some((char::from_u32(u32::from_str_radix(digits, radix).ok()?)?, after))
}

/// The digits of an escape up to its end, and what follows that; there may be as many escapes without an end as there are characters.
fn split_at_end(text: &str, end: u8) -> Option<(&str, &str)> {
    let at = text.bytes().take(MOST_DIGITS + 1).position(|byte| byte == end)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Whether a word holds what could be a credential, as it is or as URLs spell it.
pub(crate) fn is_secret_like(word: &str) -> bool {
    // `%3Aacme` is no `3Aacme`.
    holds_credential(&percents(word, |_| "%".to_owned()))
        || word.contains('%') && holds_credential(&without_percents(&without_percents(word)))
        || word.contains(':') && decodes_to_token(&word.replace(':', ""))
}

/// A letter as it is read: forms of full width are for disguise.
fn plain(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        _ => character,
    }
}

fn holds_credential(word: &str) -> bool {
    let lower: String = word.chars().map(|character| plain(character).to_ascii_lowercase()).collect();
    PREFIXES.iter().any(|prefix| lower.contains(prefix)) || runs(word).any(|run| run.split('/').any(is_encoded) || decodes_to_token(run))
}

/// The runs of base64's characters in a word (RFC 4648, both alphabets), without padding.
fn runs(word: &str) -> impl Iterator<Item = &str> {
    word.split(|character: char| !(character.is_ascii_alphanumeric() || "+/_-".contains(character)))
        .filter(|run| run.len() >= SHORTEST_ENCODED)
}

/// Long, and of digits and letters of both cases, or of base32, as no name and no digest is.
fn is_encoded(part: &str) -> bool {
    let has = |is: fn(&u8) -> bool| part.bytes().any(|byte| is(&byte));
    let is_base32 = part.len() > SHORTEST_ENCODED && part.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    let is_base64 = part.len() >= SHORTEST_ENCODED && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    (is_base32 || is_base64) && has(u8::is_ascii_digit)
}

/// Whether base64 or hex that begins anywhere in a run hides one of GitHub's tokens.
fn decodes_to_token(run: &str) -> bool {
    let standard = run.replace('-', "+").replace('_', "/");
    let from_base64 = (0..4).filter_map(|skip| standard.get(skip..)).map(|text| {
        let whole = text.get(..text.len() - text.len() % 4).unwrap_or_default();
        STANDARD.decode(whole).unwrap_or_default()
    });
    let from_hex = run.split(['/', '-', '_', '+']).flat_map(|part| (0..2).filter_map(|skip| part.get(skip..))).map(from_hex);
    from_base64.chain(from_hex).any(|decoded| begins_token(&decoded))
}

/// Whether one of GitHub's tokens begins somewhere in these bytes, in any case.
fn begins_token(bytes: &[u8]) -> bool {
    PREFIXES.iter().any(|prefix| bytes.windows(prefix.len()).any(|window| window.eq_ignore_ascii_case(prefix.as_bytes())))
}

/// What pairs of hexadecimal digits stand for; nothing where another character is among them.
fn from_hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect::<Option<_>>().unwrap_or_default()
}

/// A word with each `%67` as the character that it encodes.
fn without_percents(word: &str) -> String {
    percents(word, |byte| char::from(byte).to_string())
}

/// A word with something in place of each `%67`.
fn percents(word: &str, stands_for: impl Fn(u8) -> String) -> String {
    let mut parts = word.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.get(..2).map(from_hex).as_deref() {
        Some([byte]) if byte.is_ascii() => text + &stands_for(*byte) + &part[2..],
        _ => text + "%" + part,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_read_up_to_some_digits_so_that_many_without_an_end_are_not_each_searched_to_the_end_of_the_line() {
        for (text, read) in [("&#103;", "g"), ("&#x0067;", "g"), (r"\u{000067}", "g"), ("&#1", "&#1"), ("&#\u{e9};", "&#\u{e9};")] {
            assert_eq!(unescaped(text), read);
        }
        let long = format!("&#{}103; \\u{{{}67}}", "0".repeat(MOST_DIGITS), "0".repeat(MOST_DIGITS));
        assert_eq!(unescaped(&long), long);
    }
}
