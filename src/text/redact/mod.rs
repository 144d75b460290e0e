//! Takes credentials out of a line before it is shown.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::neutral;
use crate::credential::token::{HIDDEN, PREFIXES};

/// How much of a line is shown.
const LONGEST: usize = 300;

/// What follows these is a credential.
const ALWAYS_NAMES: [&str; 8] = ["bearer", "basic", "-p", "--password", "identitytoken", "registrytoken", "x-registry-auth", "cookie"];

/// What follows these words may be one, or the next word of a sentence.
const NAMES: [&str; 7] = ["password", "passwd", "token", "auth", "secret", "pat", "key"];

/// A variable, header or key whose name ends so holds a credential.
const SUFFIXES: [&str; 16] = [
    "token",
    "pat",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "secret",
    "key",
    "auth",
    "authorization",
    "credentials",
    "credential",
    "creds",
    "session",
    "cookie",
];

/// An option whose name ends so is followed by a credential.
const OPTIONS: [&str; 5] = ["password", "token", "secret", "pat", "passphrase"];

/// Commands that write their arguments into a pipe.
const WRITERS: [&str; 3] = ["echo", "printf", "write-output"];

/// What is said of a password without telling it.
const SAID_OF_PASSWORDS: [&str; 14] =
    ["a", "correct", "empty", "expired", "incorrect", "invalid", "missing", "no", "not", "required", "set", "the", "too", "wrong"];

/// The shortest run of characters that can be an encoded credential.
const SHORTEST_ENCODED: usize = 20;

/// The line without credentials and neutral, cut to a length that fits a screen.
pub(crate) fn line(text: &str) -> String {
    let shown = without_credentials(text);
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &shown[..end]),
        None => shown,
    }
}

/// The line without credentials and neutral, however long it is.
pub(crate) fn without_credentials(text: &str) -> String {
    hide_words(&hide_userinfo(&neutral(&unescaped(text))))
}

/// A line with each `\u0067`, `\x67` and `&#103;` as the character that it encodes.
fn unescaped(text: &str) -> String {
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

/// The escape at the beginning of a text and what follows it: `\u0067`, `\u{67}`, `\U00000067`, `\x67`, `\147`, `&#103;`.
fn escape(text: &str) -> Option<(char, &str)> {
    let fixed = |rest: &'_ str, length| Some((rest.get(..length)?.to_owned(), rest.len() - length));
    let (radix, (digits, left)) = if let Some(rest) = text.strip_prefix("&#") {
        let (digits, after) = rest.split_once(';')?;
        digits
            .strip_prefix(['x', 'X'])
            .map_or_else(|| (10, (digits.to_owned(), after.len())), |digits| (16, (digits.to_owned(), after.len())))
    } else if let Some(rest) = text.strip_prefix("\\u{") {
        let (digits, after) = rest.split_once('}')?;
        (16, (digits.to_owned(), after.len()))
    } else if let Some(rest) = text.strip_prefix("\\u") {
        (16, fixed(rest, 4)?)
    } else if let Some(rest) = text.strip_prefix("\\U") {
        (16, fixed(rest, 8)?)
    } else if let Some(rest) = text.strip_prefix("\\x") {
        (16, fixed(rest, 2)?)
    } else {
        (8, fixed(text.strip_prefix('\\')?, 3)?)
    };
    Some((char::from_u32(u32::from_str_radix(&digits, radix).ok()?)?, &text[text.len() - left..]))
}

/// A log in which no line begins with the rest of a token that the line before ends with, as a terminal breaks it.
pub(crate) fn without_rests(log: &str) -> Cow<'_, str> {
    if !PREFIXES.iter().any(|prefix| log.contains(prefix)) {
        return Cow::Borrowed(log);
    }
    let mut hidden = String::with_capacity(log.len());
    let mut is_torn = false;
    for line in log.split_inclusive('\n') {
        let rest = line.trim_start_matches(|character: char| character.is_ascii_alphanumeric() || character == '_');
        let run = &line[..line.len() - rest.len()];
        let is_rest = is_torn && is_rest_of_token(run) && !rest.starts_with(|next: char| !next.is_whitespace());
        hidden += if is_rest { HIDDEN } else { run };
        hidden += rest;
        let last = line.split_whitespace().next_back().unwrap_or_default();
        is_torn = PREFIXES.iter().any(|prefix| last.contains(prefix)) || is_rest && rest.trim().is_empty();
    }
    Cow::Owned(hidden)
}

/// Whether letters and digits stand together, as in few words and most parts of tokens.
fn is_rest_of_token(run: &str) -> bool {
    run.len() >= 4 && run.bytes().any(|byte| byte.is_ascii_digit()) && run.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether a word holds what could be a credential, as it is or as URLs spell it.
pub(crate) fn is_secret_like(word: &str) -> bool {
    let unescaped = without_percents(&without_percents(word));
    holds_credential(word)
        || word.contains('%') && holds_credential(&unescaped)
        || word.contains(':') && decodes_to_token(&word.replace(':', ""))
}

/// A letter as it is read: forms of full width and what has no width are for disguise.
fn plain(character: char) -> Option<char> {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0),
        '\u{fe0f}' => None,
        _ => Some(character),
    }
}

fn holds_credential(word: &str) -> bool {
    let lower: String = word.chars().filter_map(plain).map(|character| character.to_ascii_lowercase()).collect();
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
    let of = Cues { logs_in: text.contains("login"), pipes_password: text.contains("--password-stdin") };
    let mut shown = String::with_capacity(text.len());
    let mut named = Named::No;
    for piece in text.split_inclusive(|character| !is_of_word(character)) {
        let word = piece.trim_end_matches(|end: char| !is_of_word(end));
        let separator = &piece[word.len()..];
        let is_option_of_echo = named == Named::Always && matches!(word, "-n" | "-e");
        let kept = if word.is_empty() || is_option_of_echo { word.len() } else { of.shown(word, named) };
        shown.push_str(&word[..kept]);
        if kept < word.len() {
            shown.push_str(HIDDEN);
        }
        shown.push_str(separator);
        named = if is_option_of_echo { named } else { of.named(named, word, separator) };
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
    /// If it is given to the name by `=` or `:`.
    IfAssigned,
    /// If it is not what people say of a password.
    IfTold,
    /// If it is `user:password`.
    IfPair,
    No,
}

/// What else is in the line.
#[derive(Clone, Copy)]
struct Cues {
    logs_in: bool,
    pipes_password: bool,
}

impl Cues {
    /// How much of a word is shown, in bytes.
    fn shown(self, word: &str, named: Named) -> usize {
        let hides = match named {
            // A reference to a variable or a masked value.
            _ if word.starts_with(['$', '*']) => false,
            // `bearer token: invalid status`
            Named::Always => !word.trim_end_matches(':').eq_ignore_ascii_case("token"),
            Named::IfLikely => is_value(word),
            Named::IfTold => !SAID_OF_PASSWORDS.contains(&word.trim_matches(|end: char| end.is_ascii_punctuation())),
            Named::IfPair => word.contains(':'),
            Named::IfAssigned | Named::No => self.pipes_password && is_value(word) && !word.contains(['/', '.']),
        };
        if hides || is_secret_like(word) {
            return 0;
        }
        let attached = word.strip_prefix("-p").filter(|rest| !rest.is_empty() && (self.logs_in || is_value(rest)));
        let pair = word.strip_prefix("-u").filter(|rest| rest.contains(':'));
        let assigned =
            word.split_once(':').filter(|(name, value)| !value.is_empty() && is_credential_name(name) || is_named(name) && is_value(value));
        match (attached.or(pair), assigned) {
            (Some(_), _) => 2,
            (None, Some((name, _))) => name.len() + 1,
            (None, None) if holds_userinfo(word) => 0,
            (None, None) => word.len(),
        }
    }

    /// What a word says of the next one.
    fn named(self, before: Named, word: &str, separator: &str) -> Named {
        let name = word.trim_end_matches(':').rsplit(':').next().unwrap_or_default();
        let is_own = is_credential_name(name);
        let name = name.to_ascii_lowercase();
        let option = name.strip_prefix("--");
        let assigns = separator.starts_with('=') || word.ends_with(':');
        match name.as_str() {
            "" if assigns && before == Named::IfAssigned => Named::Always,
            "" if self.pipes_password && separator == "<" => Named::Always,
            _ if name.bytes().all(|byte| b"-:>".contains(&byte)) => before,
            "is" | "was" if matches!(before, Named::IfLikely | Named::IfAssigned) => Named::IfTold,
            "-u" | "--user" => Named::IfPair,
            writer if self.pipes_password && WRITERS.contains(&writer) => Named::Always,
            _ if ALWAYS_NAMES.contains(&name.as_str()) => Named::Always,
            _ if separator.starts_with('=') && SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) => Named::Always,
            _ if option.is_some_and(|name| OPTIONS.iter().any(|end| name.ends_with(end))) => Named::Always,
            _ if option.is_some_and(|name| name.ends_with("creds")) && !assigns => Named::IfPair,
            _ if is_own => {
                if assigns {
                    Named::Always
                } else {
                    Named::IfAssigned
                }
            }
            _ if is_named(&name) => Named::IfLikely,
            _ => Named::No,
        }
    }
}

/// Whether it is the name of a variable, header or key that holds a credential: `GHCR_PAT`, `X-GitHub-Token`, `ghcrPat`.
fn is_credential_name(name: &str) -> bool {
    let name = name.trim_start_matches('-');
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let ends = |suffix: &&str| {
        let (rest, end) = name.split_at_checked(name.len().wrapping_sub(suffix.len())).unwrap_or_default();
        let is_apart = rest.ends_with(['_', '-', '.'])
            || rest.ends_with(|c: char| c.is_ascii_lowercase()) && end.starts_with(|c: char| c.is_ascii_uppercase());
        end.eq_ignore_ascii_case(suffix) && is_apart
    };
    is_name && SUFFIXES.iter().any(ends)
}

/// Whether it is the word for a credential.
fn is_named(name: &str) -> bool {
    NAMES.contains(&name.trim_start_matches('-').to_ascii_lowercase().as_str())
}

/// Whether it is `user:password@host`, which an image with a tag and a digest is not.
fn holds_userinfo(word: &str) -> bool {
    let user = word.trim_start_matches('/').split_once('@').filter(|(_, host)| !host.starts_with("sha256:"));
    user.is_some_and(|(user, _)| user.contains(':') && !user.contains('/'))
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
    fn what_tools_say_of_a_bearer_token_is_shown() {
        let said = "Requesting bearer token: invalid status code from registry 403 (Forbidden)";
        assert_eq!(line(said), said);
        assert!(!line("Bearer token: abcdefgh1jkl").contains("abcdefgh1jkl"));
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
    fn a_value_is_hidden_by_the_name_before_it() {
        let classic = "0123456789abcdef0123456789abcdef01234567";
        for text in [
            format!("GHCR_PAT={classic}"),
            "export CR_PAT=hunterhorse".into(),
            "  GHCR_TOKEN: hunterhorse".into(),
            r#""REGISTRY_PASSWORD": "hunterhorse","#.into(),
            "MY_SECRET = hunterhorse".into(),
            "api-key:hunterhorse".into(),
            "X-GitHub-Token: hunterhorse".into(),
            format!("Authorization: token {classic}"),
            "curl -u user:hunterhorse https://ghcr.io/v2/".into(),
            "docker login ghcr.io -u me -phunterhorse".into(),
            "docker login -p=hunterhorse".into(),
            "my password is hunterhorse".into(),
            "the token was: hunterhorse1".into(),
            "echo -n hunterhorse | docker login ghcr.io --password-stdin".into(),
            r"\u0067hp_hunterhorse".into(),
            r"\x67\x68p_hunterhorse".into(),
            "&#103;hp&#x5f;hunterhorse".into(),
            "?access_token=hunterhorse&x=1".into(),
            "gh\u{200b}p_hunterhorse".into(),
            "g\u{fe0f}h\u{fe0f}p\u{fe0f}_hunterhorse".into(),
            "\u{ff47}\u{ff48}\u{ff50}\u{ff3f}hunterhorse".into(),
            r"\u{67}\u{68}p_hunterhorse \U00000067hp_hunterhorse \147hp_hunterhorse".into(),
            "67:68:70:5f:68:75:6e:74 %2567%2568p_hunterhorse".into(),
            "M5UHAX3IOVXHIZLSNBXXE43FG5IXU2DVNZ2GK4TIN5ZHGZJXKF5GQ5LO hunterhors".into(),
            "ghcrPat: hunterhorse".into(),
            "DOCKER_PASS=hunterhorse PASSPHRASE=hunterhorse MY_CREDS=hunterhorse".into(),
            "authorization:Basic hunterhorse".into(),
            "Set-Cookie: user_session=hunterhorse".into(),
            "curl -uuser:hunterhorse https://ghcr.io".into(),
            "wget --http-password hunterhorse x".into(),
            "skopeo copy --dest-creds me:hunterhorse docker://ghcr.io/a/b".into(),
            "podman login --creds=me:hunterhorse ghcr.io".into(),
            "docker login ghcr.io --password-stdin <<< hunterhorse".into(),
            "Write-Output hunterhorse | docker login ghcr.io --password-stdin".into(),
            "my PAT is hunterhorse, pat: hunterhorse1, API key hunterhorse1".into(),
            r#""registrytoken":"hunterhorse""#.into(),
            "//user:hunterhorse@ghcr.io user:hunterhorse@ghcr.io/a/b".into(),
            "Password:hunterhorse1 password -> hunterhorse1".into(),
        ] {
            let shown = line(&text);
            assert!(!shown.contains("hunterhorse") && !shown.contains(classic), "{shown}");
        }
    }

    #[test]
    fn a_token_that_a_line_break_tears_is_hidden_to_its_end() {
        let log = "login -p ghp_aB3dE5gH7jK9\r\nmN1pQ3sT5vW7\r\nxY9zA1 denied: denied\r\nghp_aB3dE5gH7jK9\ndenied: 403 x\nv1beta1: x\n";
        let expected = "login -p ghp_aB3dE5gH7jK9\r\n***\r\n*** denied: denied\r\nghp_aB3dE5gH7jK9\ndenied: 403 x\nv1beta1: x\n";
        assert_eq!(without_rests(log), expected);
        assert_eq!(without_rests("token\nabcd1234 is an id\n"), "token\nabcd1234 is an id\n");
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
            "your password is incorrect",
            "GITHUB_TOKEN has no packages: write",
            "GHCR_PAT: ${{ secrets.GHCR_PAT }}",
            "GHCR_PAT: ***",
            "docker build --push -platform linux/amd64 -t ghcr.io/acme/app .",
            "cd a && make; echo done",
            "ERROR: failed to push ghcr.io/acme/app:1@sha256:f698428706820e407a258fef7b91e82cecfa28636a487094468a8ee12ce15b7b: denied",
            "key: value, cache key is missing",
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
