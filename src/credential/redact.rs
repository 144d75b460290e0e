//! Takes credentials out of a line before it is shown.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::token::{HIDDEN, PREFIXES};

/// How much of a line is shown.
const LONGEST: usize = 300;

/// What follows these is a credential.
const ALWAYS_NAMES: [&str; 6] = ["bearer", "basic", "-p", "--password", "identitytoken", "x-registry-auth"];

/// What follows these words may be one, or the next word of a sentence.
const NAMES: [&str; 5] = ["password", "passwd", "token", "auth", "secret"];

/// The shortest run of characters that can be an encoded credential.
const SHORTEST_ENCODED: usize = 20;

/// The line without credentials and without control characters, cut to a length that fits a screen.
pub(crate) fn line(text: &str) -> String {
    let text: String = text.chars().filter(|character| !character.is_control()).collect();
    let shown = hide_words(&hide_userinfo(&text));
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &shown[..end]),
        None => shown,
    }
}

/// Whether a word holds what could be a credential, as it is or as URLs spell it.
pub(crate) fn is_secret_like(word: &str) -> bool {
    holds_credential(word) || word.contains('%') && holds_credential(&without_percents(word))
}

fn holds_credential(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    PREFIXES.iter().any(|prefix| lower.contains(prefix)) || runs(word).any(|run| run.split('/').any(is_encoded) || decodes_to_token(run))
}

/// The runs of base64's characters in a word (RFC 4648, both alphabets), without padding.
fn runs(word: &str) -> impl Iterator<Item = &str> {
    word.split(|character: char| !(character.is_ascii_alphanumeric() || "+/_-".contains(character)))
        .filter(|run| run.len() >= SHORTEST_ENCODED)
}

/// Long, and of digits and letters of both cases, as no name and no digest is.
fn is_encoded(part: &str) -> bool {
    let has = |is: fn(&u8) -> bool| part.bytes().any(|byte| is(&byte));
    part.len() >= SHORTEST_ENCODED && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
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

/// A word with each `%67` as the character that it stands for.
fn without_percents(word: &str) -> String {
    let mut parts = word.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.get(..2).map(from_hex).as_deref() {
        Some([byte]) if byte.is_ascii() => text + &char::from(*byte).to_string() + &part[2..],
        _ => text + "%" + part,
    })
}

/// Hides `user:password@` of URLs.
fn hide_userinfo(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let authority = after.split(|end: char| end.is_whitespace() || "/\"'?#".contains(end)).next().unwrap_or(after);
        rest = match authority.rfind('@') {
            Some(at) => {
                shown.push_str(HIDDEN);
                &after[at..]
            }
            None => after,
        };
    }
    shown + rest
}

/// Hides words that are credentials, and words that follow a credential's name.
fn hide_words(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut named = Named::No;
    let words = text.split_inclusive([' ', '"', '\'', ',', '=', '{', '}', '(', ')', '[', ']', '<', '>', ';', '|', '&', '?']);
    for piece in words {
        let word = piece.trim_end_matches(|end: char| !is_of_word(end));
        let hidden = !word.is_empty() && (is_secret_like(word) || named == Named::Always || named == Named::IfLikely && is_value(word));
        shown.push_str(if hidden { HIDDEN } else { word });
        shown.push_str(&piece[word.len()..]);
        named = if word.is_empty() || word == ":" { named } else { name(word) };
    }
    shown
}

fn is_of_word(character: char) -> bool {
    !" \"',={}()[]<>;|&?".contains(character)
}

/// Whether the word after a name is a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// Whatever it looks like.
    Always,
    /// If it does not look like the next word of a sentence.
    IfLikely,
    No,
}

fn name(word: &str) -> Named {
    let name = word.trim_end_matches(':').to_ascii_lowercase();
    if ALWAYS_NAMES.contains(&name.as_str()) {
        Named::Always
    } else if NAMES.contains(&name.trim_start_matches("--")) {
        Named::IfLikely
    } else {
        Named::No
    }
}

/// Whether a word can be the value of a credential rather than the next word of a sentence.
fn is_value(word: &str) -> bool {
    word.len() >= 8 && word.bytes().any(|byte| byte.is_ascii_digit()) && !word.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_only_be_a_credential_is_hidden_whatever_it_looks_like() {
        for text in [
            "Authorization: Basic dXNlcjpwdw==",
            "Bearer abcdefghijkl",
            "login -u me -p secretword",
            "login --password=hunter",
            "identitytoken: abcd",
        ] {
            let shown = line(text);
            assert!(shown.contains(HIDDEN), "{shown}");
            for secret in ["dXNlcjpwdw", "abcdefghijkl", "secretword", "hunter", "abcd"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }

    #[test]
    fn credentials_are_hidden_in_every_form() {
        for (text, secret) in [
            ("docker login -p ghp_0123456789abcdef ghcr.io", "ghp_0"),
            ("echo github_pat_11AAA_bbb|docker login", "github_pat_"),
            ("https://octocat:hunter2@ghcr.io/v2/: denied", "hunter2"),
            (r#""auth":"b2N0b2NhdDpnaHBfMDEyMzQ1Njc4OWFi""#, "b2N0"),
            (r#""auth": "b2N0b2NhdDpn/aHBfMDEyMzQ1N+jc4OWFi==""#, "aHBf"),
            ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "eyJ"),
            ("password: correct1horse", "correct1horse"),
            ("--password hunter22 ghcr.io", "hunter22"),
            ("password=hunter22", "hunter22"),
            ("Z2hwXzAxMjM0NTY3ODlhYmNkZWY=", "Z2hw"),
            ("token 6768705f30313233343536373839616263646566", "3031"),
            ("ghcr.io/acme/6768705f30313233343536373839616263646566: denied", "3031"),
            ("at 06768705F3031323334353637383961626364 bytes", "3031"),
            ("?t=%67%68%70%5F%30%31%32%33%34%35%36%37%38%39 %", "%30%31"),
            ("?t=ghp%5F0123456789abcdef", "0123"),
        ] {
            assert!(!line(text).contains(secret), "{}", line(text));
        }
    }

    #[test]
    fn what_tells_the_cause_stays() {
        for text in [
            r#"Error response from daemon: Get "https://ghcr.io/v2/": denied: denied"#,
            "unexpected status from HEAD request to https://ghcr.io/v2/acme/app/blobs/sha256:f698428706820e407a258fef7b91e82cecfa28636a487094468a8ee12ce15b7b: 403 Forbidden",
            "failed to fetch oauth token: denied: denied",
            "permission_denied: The token provided does not match expected scopes.",
            "PUT https://ghcr.io/v2/acme/app/blobs/upload/03f854c2-5b37-4809-9506-6803fd7f5332: DENIED",
            r#"invalid tag "ghcr.io/OctoCat/App:latest": repository name must be lowercase"#,
            "Error: Username and password required",
        ] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn a_line_is_cut_and_has_no_control_characters() {
        let shown = line(&"é\u{1b}\u{7}".repeat(1000));
        assert!(shown.chars().count() == LONGEST + 3 && !shown.contains(char::is_control));
    }
}
