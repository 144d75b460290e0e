//! The ways to read a text once more.

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// The shortest run that can hold a piece of a secret, in characters: ten bytes in base64.
const SHORTEST_RUN: usize = 14;

/// Between two decoded runs: a byte of no alphabet, so that one does not continue the other.
const SEPARATOR: u8 = b'!';

/// Takes whatever has a right alphabet: runs are cut out of other text.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Everything that `text` says when it is decoded once, with the name of the decoding.
pub(super) fn views(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut views = vec![
        ("colours", without_colours(text)),
        ("percent", hex_pairs_after(text, b'%')),
        ("quoted-printable", hex_pairs_after(text, b'=')),
        ("escapes", unescaped(text)),
        ("entities", without_entities(text)),
        ("decimal", decimal_list(text)),
    ];
    let mut backwards = text.to_vec();
    backwards.reverse();
    let mut sources = vec![text.to_vec(), without_glue(text, b"\"'`|>,\\")];
    // Encoded and then turned round; what was turned round and then encoded is found without this.
    sources.extend([without_glue(&backwards, b"\"'`|>,\\")]);
    for source in sources {
        views.extend((0..4).map(|skip| ("base64", runs(&source, skip, as_base64, decode_base64))));
        views.extend((0..8).map(|skip| ("base32", runs(&source, skip, as_base32, |run| from_bits(run, 5)))));
    }
    let pairs = String::from_utf8_lossy(&without_glue(text, b"\"'`|>,\\:;-.{}[]")).replace("0x", "");
    views.extend((0..2).map(|skip| ("hex", runs(pairs.as_bytes(), skip, as_hex, |run| from_bits(run, 4)))));
    views.retain(|(_, view)| !view.is_empty() && view != text);
    views
}

/// The text without what may stand between the parts of a long value: white space, controls, frames, zero-width characters.
fn without_glue(text: &[u8], glue: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| byte.is_ascii_graphic() && !glue.contains(byte)).collect()
}

/// The values of each run's characters after the first `skip`, decoded.
fn runs(text: &[u8], skip: usize, value: fn(u8) -> Option<u8>, decode: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut decoded = Vec::new();
    for run in text.split(|byte| value(*byte).is_none()).filter(|run| run.len() >= SHORTEST_RUN) {
        let values: Vec<_> = run.iter().skip(skip).filter_map(|byte| value(*byte)).collect();
        decoded.extend(decode(&values));
        decoded.push(SEPARATOR);
    }
    decoded
}

/// Characters of both alphabets of base64, as the standard one.
fn as_base64(byte: u8) -> Option<u8> {
    match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' => Some(byte),
        _ => byte.is_ascii_alphanumeric().then_some(byte),
    }
}

fn decode_base64(run: &[u8]) -> Vec<u8> {
    // One character alone at the end holds no byte.
    let whole = if run.len() % 4 == 1 { &run[..run.len() - 1] } else { run };
    LENIENT.decode(whole).unwrap_or_default()
}

fn as_base32(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

fn as_hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The bytes that digits of `width` bits make; what is left at the end is dropped.
fn from_bits(digits: &[u8], width: u32) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in digits {
        held = held << width | u32::from(*digit);
        bits += width;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or_default());
        }
        held &= 0xff;
    }
    bytes
}

/// Replaces each place where `read` finds something: it answers with the bytes meant and the length read.
fn replaced(text: &[u8], mark: u8, read: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == mark) {
        decoded.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (meant, length) = read(rest).unwrap_or_else(|| (vec![mark], 1));
        decoded.extend(meant);
        rest = &rest[length.min(rest.len())..];
    }
    decoded.extend_from_slice(rest);
    decoded
}

/// Without what a terminal takes for colours and links (ECMA-48 control sequences and operating system commands).
fn without_colours(text: &[u8]) -> Vec<u8> {
    replaced(text, 0x1b, |rest| {
        let (is_end, longest): (fn(&u8) -> bool, _) = match rest.get(1)? {
            b'[' => (|byte| (b'@'..=b'~').contains(byte), 64),
            b']' => (|byte| *byte == 0x07 || *byte == b'\\', 4096),
            _ => return Some((Vec::new(), 2)),
        };
        let end = rest.iter().skip(2).take(longest).position(is_end)?;
        Some((Vec::new(), end + 3))
    })
}

/// `%67` in URLs and forms, `=67` in mail.
fn hex_pairs_after(text: &[u8], mark: u8) -> Vec<u8> {
    replaced(text, mark, |rest| Some((number(rest.get(1..3)?, 16)?, 3)))
}

/// `\u0067`, `\u{67}`, `\x67`, `\147` and the short ones that may stand within a value.
fn unescaped(text: &[u8]) -> Vec<u8> {
    replaced(text, b'\\', |rest| match rest.get(1)? {
        b'u' if rest.get(2) == Some(&b'{') => {
            let end = rest.iter().take(12).position(|byte| *byte == b'}')?;
            Some((number(&rest[3..end], 16)?, end + 1))
        }
        b'u' => Some((number(rest.get(2..6)?, 16)?, 6)),
        b'x' => Some((number(rest.get(2..4)?, 16)?, 4)),
        b'0'..=b'3' => Some((number(rest.get(1..4)?, 8)?, 4)),
        b'n' | b'r' | b't' => Some((b" ".to_vec(), 2)),
        other => Some((vec![*other], 2)),
    })
}

/// `&#103;`, `&#x67;` and the names for the characters of base64 and of markup.
fn without_entities(text: &[u8]) -> Vec<u8> {
    replaced(text, b'&', |rest| {
        let end = rest.iter().take(12).position(|byte| *byte == b';')?;
        let meant = match &rest[1..end] {
            [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
            [b'#', digits @ ..] => number(digits, 10)?,
            b"plus" => b"+".to_vec(),
            b"sol" => b"/".to_vec(),
            b"equals" => b"=".to_vec(),
            b"lowbar" => b"_".to_vec(),
            b"amp" => b"&".to_vec(),
            _ => b" ".to_vec(),
        };
        Some((meant, end + 1))
    })
}

/// A character by its number, in UTF-8.
fn number(digits: &[u8], radix: u32) -> Option<Vec<u8>> {
    let digits = std::str::from_utf8(digits).ok()?;
    let character = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    Some(character.to_string().into_bytes())
}

/// Numbers up to 255 with little between them, as `{:?}` prints bytes.
fn decimal_list(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut list = Vec::new();
    let mut end_of_list = |list: &mut Vec<u8>| {
        if list.len() >= super::WINDOW {
            bytes.append(list);
            bytes.push(SEPARATOR);
        }
        list.clear();
    };
    for part in text.split(|byte| b" ,;[](){}\t\r\n".contains(byte)).filter(|part| !part.is_empty()) {
        match std::str::from_utf8(part).ok().and_then(|part| part.parse().ok()) {
            Some(byte) => list.push(byte),
            None => end_of_list(&mut list),
        }
    }
    end_of_list(&mut list);
    bytes
}
