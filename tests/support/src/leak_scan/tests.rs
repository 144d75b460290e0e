use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use super::*;

const TOKEN: &str = "ghp_Rz7Qm2Xw9Lk4Vt8Nb3Hs6Yd1Pj5Gc0FaUeIo";

fn leaks(content: impl AsRef<[u8]>) -> Vec<Leak> {
    LeakScan::new(&[("other", "ghs_Ab0Cd1Ef2Gh3Ij4Kl5Mn6Op7Qr8St9UvWxYz"), ("the token", TOKEN)]).scan(content.as_ref())
}

#[track_caller]
fn assert_found(content: impl AsRef<[u8]>, path: &str) {
    assert_eq!(leaks(content), [Leak { label: "the token".into(), path: path.into() }]);
}

/// Each byte of the token, written by `write`.
fn each(write: impl Fn(u8) -> String) -> String {
    TOKEN.bytes().map(write).collect()
}

fn base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |bits: &[u8]| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap() << (5 - bits.len());
    let letter = |digit: u8| char::from(if digit < 26 { b'A' + digit } else { b'2' + digit - 26 });
    bits.as_bytes().chunks(5).map(|bits| letter(digit(bits))).collect()
}

fn lines(text: &str, width: usize, before: &str, after: &str) -> String {
    let lines = text.as_bytes().chunks(width).map(|line| format!("{before}{}{after}\n", std::str::from_utf8(line).unwrap()));
    lines.collect()
}

#[test]
fn a_token_is_found_as_it_is_in_any_case_in_pieces_and_backwards() {
    for content in [
        format!("token={TOKEN}"),
        TOKEN.to_uppercase(),
        TOKEN.to_lowercase(),
        TOKEN.chars().rev().collect(),
        format!("bad token {}...", &TOKEN[..14]),
        format!("...{}", &TOKEN[TOKEN.len() - 10..]),
        lines(TOKEN, 7, "", ""),
        lines(TOKEN, 7, "│ ", " │"),
        lines(TOKEN, 7, "> ", "\\"),
        each(|byte| format!("{}\u{200b}", char::from(byte))),
        each(|byte| format!("{:?}, ", char::from(byte))),
        each(|byte| format!("{}\0", char::from(byte))),
    ] {
        assert_found(&content, "raw");
    }
}

#[test]
fn a_token_is_found_in_base64_wherever_it_begins_and_however_it_is_wrapped() {
    for before in ["", "u", "us", "use"] {
        let plain = format!("{before}{TOKEN}");
        assert_found(STANDARD.encode(&plain), "base64");
        assert_found(format!("x{}", URL_SAFE_NO_PAD.encode(&plain)), "base64");
        assert_found(lines(&STANDARD.encode(&plain), 11, "", ""), "base64");
        assert_found(lines(&STANDARD.encode(&plain), 11, "│ ", " │"), "base64");
    }
    let wide = STANDARD.encode(TOKEN);
    assert_found(wide.trim_end_matches('=').chars().rev().collect::<String>(), "base64");
    assert_found(wide.chars().flat_map(|letter| [letter, '\0']).collect::<String>(), "base64");
    assert_found(STANDARD.encode(TOKEN.chars().rev().collect::<String>()), "base64");
    assert_found(STANDARD.encode(each(|byte| format!("{}\0", char::from(byte)))), "base64");
}

#[test]
fn a_token_is_found_in_every_other_encoding() {
    for (content, path) in [
        (base32(TOKEN.as_bytes()), "base32"),
        (base32(format!("user:{TOKEN}").as_bytes()), "base32"),
        (each(|byte| format!("{byte:02x}")), "hex"),
        (each(|byte| format!("{byte:02X}:")), "hex"),
        (each(|byte| format!("{byte:#04x}, ")), "hex"),
        (lines(&each(|byte| format!("{byte:02x} ")), 48, "| ", " |"), "hex"),
        (each(|byte| format!("%{byte:02X}")), "percent"),
        (each(|byte| format!("={byte:02X}")), "quoted-printable"),
        (each(|byte| format!("\\u{byte:04x}")), "escapes"),
        (each(|byte| format!("\\u{{{byte:x}}}")), "escapes"),
        (each(|byte| format!("\\x{byte:02x}")), "escapes"),
        (each(|byte| format!("\\{byte:03o}")), "escapes"),
        (each(|byte| format!("&#{byte};")), "entities"),
        (each(|byte| format!("&#x{byte:x};")), "entities"),
        (format!("{:?}", TOKEN.as_bytes()), "decimal"),
        (each(|byte| format!("\u{1b}[3{}m{}\u{1b}[0m", byte % 8, char::from(byte))), "colours"),
    ] {
        assert_found(format!("before {content} after"), path);
    }
}

#[test]
fn a_token_is_found_three_decodings_deep() {
    let basic = STANDARD.encode(format!("user:{TOKEN}"));
    let auths = format!(r#"{{"auths":{{"ghcr.io":{{"auth":"{basic}"}}}}}}"#);
    let each = |write: fn(u8) -> String| basic.bytes().map(write).collect::<String>();
    let hex = each(|byte| format!("{byte:02x}"));
    for (content, path) in [
        (STANDARD.encode(&basic), "base64 > base64"),
        (STANDARD.encode(STANDARD.encode(&basic)), "base64 > base64 > base64"),
        (STANDARD.encode(&auths), "base64 > base64"),
        (each(|byte| format!("%{byte:02x}")), "percent > base64"),
        (each(|byte| format!("\\u{byte:04x}")), "escapes > base64"),
        (hex.clone(), "hex > base64"),
        (STANDARD.encode(hex), "base64 > hex > base64"),
        (format!("{:?}", basic.as_bytes()), "decimal > base64"),
        (lines(&basic, 9, "\u{1b}[32m", "\u{1b}[0m"), "colours > base64"),
    ] {
        assert_found(content, path);
    }
}

#[test]
fn each_secret_is_told_apart_and_none_is_shown() {
    let found = leaks(format!("{TOKEN} {}", STANDARD.encode("ghs_Ab0Cd1Ef2Gh3Ij4Kl5Mn6Op7Qr8St9UvWxYz")));
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["other (base64)", "the token (raw)"]);
}

#[test]
fn clean_texts_are_not_flagged() {
    let report = r#"{"push":false,"reason":"package-write-denied","event":{"name":"push","trusted":true,"reason":"trusted"},
        "images":["ghcr.io/acme/app"],"attempts":[{"credential":"GHCR_PAT","image":"ghcr.io/acme/app","verdict":"denied","status":403}]}"#;
    let log = "sha256:f698428706820e407a258fef7b91e82cecfa28636a487094468a8ee12ce15b7b\nauth: b2N0b2NhdDpub3QgYSBzZWNyZXQgYXQgYWxs\n";
    for content in [report.to_owned(), log.repeat(50), format!("ghp_{}", &TOKEN[4..13]), "ghp_ github_pat_ [1, 2, 3]".repeat(20)] {
        assert_eq!(leaks(content), []);
    }
}
