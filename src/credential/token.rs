//! A token: opaque, and never shown.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

/// GitHub's tokens begin so
/// (<https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats>).
pub const PREFIXES: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

/// What is shown in place of a token.
pub const HIDDEN: &str = "***";

/// The shortest piece of base64 that is taken for a token's.
const SHORTEST: usize = 20;

/// A secret that authenticates: a credential of the user's or a bearer of the registry's.
///
/// Its length, alphabet and prefix decide nothing; `Debug` shows none of it.
#[derive(Clone, Debug)]
pub struct Token(SecretString);

impl Token {
    /// Takes a value that the caller has found to be visible ASCII.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The value itself, for the few places that must send, mask or store it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// `base64(token)`: what GHCR hands out as the bearer, so a live credential too.
    pub fn base64(&self) -> String {
        STANDARD.encode(self.expose())
    }

    /// `base64(user:token)`: HTTP Basic (RFC 7617) and docker's `auth` entry.
    pub fn basic(&self, username: &str) -> String {
        STANDARD.encode(format!("{username}:{}", self.expose()))
    }

    /// Whether the token is in some bytes, as it is or in base64, whatever stands around it there.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        let contains = |part: &str| !part.is_empty() && bytes.windows(part.len()).any(|window| window == part.as_bytes());
        contains(self.expose()) || (0..3).any(|skipped| contains(&self.inner_base64(skipped)))
    }

    /// The part of the base64 of `skipped` other bytes and the token that only the token decides; empty if it is short.
    fn inner_base64(&self, skipped: usize) -> String {
        let encoded = STANDARD.encode(format!("{}{}", &"..."[..skipped], self.expose()));
        let whole = (skipped + self.expose().len()) / 3 * 4;
        let inner = encoded.get([0, 2, 3][skipped]..whole).unwrap_or_default();
        if inner.len() >= SHORTEST { inner.to_owned() } else { String::new() }
    }

    /// Whether the prefix is a fine-grained PAT's. It words a refusal, it never makes one.
    pub fn looks_fine_grained(&self) -> bool {
        self.expose().starts_with("github_pat_")
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ghp_0123456789abcdefABCDEF";

    #[test]
    fn a_token_is_recognised_raw_and_in_base64_at_each_alignment() {
        let token = Token::new(TOKEN);
        for before in ["", "u", "us", "user:"] {
            let text = format!("{before}{TOKEN} and more");
            assert!(token.is_in(text.as_bytes()) && token.is_in(STANDARD.encode(text).as_bytes()));
        }
        assert!(!token.is_in(b"") && !token.is_in(STANDARD.encode("ghp_another").as_bytes()) && !Token::new("a").is_in(b"YQ=="));
    }
}
