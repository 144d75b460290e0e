//! An answer of GitHub's API.

use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::credential::token::Token;

/// An answer of the API, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; what does not fit is nothing.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the body has a text in it.
    pub fn says(&self, text: &str) -> bool {
        self.body.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// Whether the token is in it, so that none of it may be shown.
    pub(super) fn repeats(&self, token: &Token) -> bool {
        token.is_in(&self.body) || self.headers.values().any(|value| token.is_in(value.as_bytes()))
    }

    /// Primary and secondary limits (<https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api>).
    pub(super) fn is_rate_limited(&self) -> bool {
        let spent = self.headers.get("x-ratelimit-remaining").is_some_and(|remaining| remaining == "0");
        self.status == 429 || self.status == 403 && (spent || self.headers.contains_key("retry-after") || self.says("rate limit"))
    }
}
