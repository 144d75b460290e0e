//! A token: opaque, and never shown.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

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
