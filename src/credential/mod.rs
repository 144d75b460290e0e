//! What a pasted secret may look like. Tokens are opaque: only what cannot be a token is refused.

pub mod account_name;
pub mod token;

use std::{ffi::OsStr, fmt};

use self::token::Token;
use crate::job::{action_yml::Input, environment::Environment};

/// The longest value a GitHub secret can have, in bytes
/// (<https://docs.github.com/actions/reference/security/secrets#limits-for-secrets>).
const LONGEST_SECRET: usize = 48 * 1024;

/// The input that a credential came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A classic personal access token.
    GhcrPat,
    /// The other common name of the same secret.
    GhcrToken,
    /// The GITHUB_TOKEN of the run.
    GithubToken,
    /// A service account's token, for self-hosted and local runners.
    LocalRunnerFallbackToken,
}

impl Source {
    /// Every source, in the order in which credentials are tried.
    pub const ALL: [Self; 4] = [Self::GhcrPat, Self::GhcrToken, Self::GithubToken, Self::LocalRunnerFallbackToken];

    /// The input.
    pub const fn input(self) -> Input {
        match self {
            Self::GhcrPat => Input::GhcrPat,
            Self::GhcrToken => Input::GhcrToken,
            Self::GithubToken => Input::GithubToken,
            Self::LocalRunnerFallbackToken => Input::LocalRunnerFallbackToken,
        }
    }

    /// The name of the input, which is also what users call the secret.
    pub const fn name(self) -> &'static str {
        self.input().name()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What one credential input holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Supplied {
    /// Nothing, or only whitespace.
    Nothing {
        /// Whether there was whitespace, which hints at a secret saved empty.
        blank: bool,
    },
    /// A value that may be a token.
    Usable {
        /// The value without surrounding spaces.
        token: Token,
        /// Whether surrounding spaces or a line break had to go.
        trimmed: bool,
    },
    /// A value that cannot be a token. It is never sent.
    Malformed(Malformation),
}

/// Why a value cannot be a token; `Display` completes "`GHCR_PAT` ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformation {
    /// Bytes that are not text.
    #[error("is not text")]
    NotText,
    /// Over 48 KiB.
    #[error("is longer than a GitHub secret can be (48 KiB)")]
    TooLong,
    /// An expression that nobody evaluated.
    #[error("holds a `${{{{ ... }}}}` expression that was not evaluated; check the quotes in the workflow file")]
    Unevaluated,
    /// What the log shows in place of a secret.
    #[error("contains `***`, which a log shows instead of a secret")]
    Masked,
    /// A quotation mark.
    #[error("contains quotation marks; save the token without them")]
    Quoted,
    /// `Bearer x` and the like.
    #[error("begins with an authentication scheme; save only the token")]
    SchemePrefix,
    /// `NAME=x`.
    #[error("begins with `NAME=`; save only what follows the equals sign")]
    NamePrefix,
    /// Whitespace within.
    #[error("contains a space or a line break; save the token again, on one line")]
    WhiteSpace,
    /// Control or non-ASCII characters, often invisible ones.
    #[error("contains control or non-ASCII characters, perhaps invisible ones; copy the token again")]
    Unprintable,
}

impl Supplied {
    /// The token, if it may be one.
    pub const fn token(&self) -> Option<&Token> {
        match self {
            Self::Usable { token, trimmed: _ } => Some(token),
            Self::Nothing { .. } | Self::Malformed(_) => None,
        }
    }

    /// Reads one input.
    pub fn read(environment: &Environment, source: Source) -> Self {
        environment.input(source.input()).map_or(Self::Nothing { blank: false }, Self::parse)
    }

    fn parse(value: &OsStr) -> Self {
        let Some(text) = value.to_str() else { return Self::Malformed(Malformation::NotText) };
        if text.trim().is_empty() {
            return Self::Nothing { blank: !text.is_empty() };
        }
        let bare = trim(text);
        malformation(bare).map_or_else(|| Self::Usable { token: Token::new(bare), trimmed: bare.len() < text.len() }, Self::Malformed)
    }
}

/// Takes off surrounding spaces and one line break at the end: what an editor or `echo` adds.
fn trim(text: &str) -> &str {
    const BLANKS: [char; 2] = [' ', '\t'];
    let text = text.trim_matches(BLANKS);
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text).trim_matches(BLANKS)
}

/// The first thing in a value that no token can have.
fn malformation(value: &str) -> Option<Malformation> {
    let checks = [
        (value.len() > LONGEST_SECRET, Malformation::TooLong),
        (value.contains("${{"), Malformation::Unevaluated),
        (value.contains("***"), Malformation::Masked),
        (value.contains(['"', '\'', '`']), Malformation::Quoted),
        (has_scheme_prefix(value), Malformation::SchemePrefix),
        (has_name_prefix(value), Malformation::NamePrefix),
        (value.contains(|c: char| c.is_ascii_whitespace()), Malformation::WhiteSpace),
        (!value.bytes().all(|byte| byte.is_ascii_graphic()), Malformation::Unprintable),
    ];
    checks.into_iter().find_map(|(found, malformation)| found.then_some(malformation))
}

fn has_scheme_prefix(value: &str) -> bool {
    ["bearer", "basic", "token"].iter().any(|scheme| {
        let (head, tail) = value.split_at_checked(scheme.len()).unwrap_or((value, ""));
        head.eq_ignore_ascii_case(scheme) && tail.starts_with([' ', '\t', ':'])
    })
}

/// Whether an assignment was pasted. `=` at the end alone may be the padding of a token.
fn has_name_prefix(value: &str) -> bool {
    value.split_once('=').is_some_and(|(name, rest)| {
        let identifier = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        identifier && starts && !rest.is_empty() && !rest.starts_with('=')
    })
}

/// A credential that may be sent to the registry.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The input it came from.
    pub source: Source,
    /// The credential.
    pub token: Token,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Supplied {
        Supplied::parse(OsStr::new(value))
    }

    #[test]
    fn tokens_of_any_shape_and_length_are_usable() {
        let long = "a".repeat(LONGEST_SECRET);
        for value in ["ghp_x", "a", "ghx_future", "ghs_1_eyJh.eyJi.c2ln-_", "0123456789abcdef", "YWJj==", "YWI=", "a+b/c", long.as_str()] {
            assert_eq!(parse(value), Supplied::Usable { token: Token::new(value), trimmed: false }, "{value}");
        }
    }

    #[test]
    fn surrounding_blanks_and_one_line_break_are_taken_off() {
        for value in ["ghp_x\n", "ghp_x\r\n", "  ghp_x ", "\tghp_x \n"] {
            assert_eq!(parse(value), Supplied::Usable { token: Token::new("ghp_x"), trimmed: true }, "{value:?}");
        }
    }

    #[test]
    fn white_space_alone_is_no_credential() {
        for value in [" ", "\n", " \r\n\n"] {
            assert_eq!(parse(value), Supplied::Nothing { blank: true }, "{value:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_malformed() {
        let huge = "a".repeat(LONGEST_SECRET + 1);
        for (value, malformation) in [
            (huge.as_str(), Malformation::TooLong),
            ("${{ secrets.GHCR_PAT }}", Malformation::Unevaluated),
            ("***", Malformation::Masked),
            ("\"ghp_x\"", Malformation::Quoted),
            ("'ghp_x'", Malformation::Quoted),
            ("{\"token\":1}", Malformation::Quoted),
            ("Bearer ghp_x", Malformation::SchemePrefix),
            ("basic ghp_x", Malformation::SchemePrefix),
            ("token:ghp_x", Malformation::SchemePrefix),
            ("GHCR_PAT=ghp_x", Malformation::NamePrefix),
            ("password=ghp_x", Malformation::NamePrefix),
            ("ghp x", Malformation::WhiteSpace),
            ("ghp_\nx", Malformation::WhiteSpace),
            ("ghp_x\n\n", Malformation::WhiteSpace),
            ("ghp_\u{a0}x", Malformation::Unprintable),
            ("\u{feff}ghp_x", Malformation::Unprintable),
            ("ghp_\u{200b}x", Malformation::Unprintable),
            ("ghp_\u{7f}x", Malformation::Unprintable),
            ("ｇｈｐ", Malformation::Unprintable),
        ] {
            assert_eq!(parse(value), Supplied::Malformed(malformation), "{malformation}");
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_malformed() {
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(Supplied::parse(OsStr::from_bytes(b"ghp_\xff")), Supplied::Malformed(Malformation::NotText));
    }
}
