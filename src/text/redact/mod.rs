//! Takes credentials out of a line before it is shown.

mod encoded;

pub(crate) use self::encoded::is_secret_like;
use self::encoded::unescaped;
use super::{neutral, without_unseen};
use crate::credential::token::HIDDEN;

/// What follows these is a credential.
const ALWAYS_NAMES: [&str; 8] = ["bearer", "basic", "-p", "--password", "identitytoken", "registrytoken", "x-registry-auth", "cookie"];

/// What follows these words may be one, or the next word of a sentence.
const NAMES: [&str; 7] = ["password", "passwd", "token", "auth", "secret", "pat", "key"];

/// A variable, header or key whose name ends so holds a credential.
const SUFFIXES: [&str; 17] = [
    "token",
    "pat",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "pw",
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

/// How else a sentence about a secret goes on.
const SAID_OF_SECRETS: [&str; 9] = ["attempt", "auth", "credential", "credentials", "for", "found", "from", "provided", "token"];

/// Whether a secret is given to a name in lower case, if something is: `ghcr_token_2`, `passwords`, `cr_pat`.
pub(crate) fn is_secret_name(name: &str) -> bool {
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix) || suffix.len() > 4 && name.contains(suffix))
}

/// Whether a secret follows an option or a command in lower case.
pub(crate) fn takes_secret(word: &str) -> bool {
    let is_option = word.starts_with('-') && !word.ends_with("-stdin") && (word.ends_with("bearer") || is_secret_name(word));
    is_option || ["-p", "-u", "--user", "<<<"].contains(&word) || WRITERS.contains(&word)
}

/// Whether a secret can follow a word in lower case, or the next word of a sentence.
pub(crate) fn may_precede_secret(word: &str) -> bool {
    is_credential_name(word) || SUFFIXES.contains(&word) || ALWAYS_NAMES.contains(&word)
}

/// Whether a sentence about a secret goes on with a word in lower case.
pub(crate) fn is_said_of_secrets(word: &str) -> bool {
    let word = word.trim_matches(|end: char| end.is_ascii_punctuation());
    SAID_OF_PASSWORDS.contains(&word) || SAID_OF_SECRETS.contains(&word)
}

/// The line without credentials and neutral.
pub(crate) fn without_credentials(text: &str) -> String {
    hide_words(&hide_userinfo(&neutral(&without_unseen(&unescaped(text)))))
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
            _ if is_own && assigns => Named::Always,
            _ if is_own => Named::IfAssigned,
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
mod tests;
