//! Whose a credential is, what it may do and until when: `GET /user` and its headers
//! (<https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps>).

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::reply::Reply;
use crate::credential::account_name;

/// The kinds of token that GitHub's API tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A classic personal access token or an OAuth token: it has scopes.
    Classic,
    /// A user's token without scopes: a fine-grained one.
    FineGrained,
    /// An installation token: the job's own or that of a GitHub App.
    Installation,
    /// GitHub does not know it any more.
    Dead,
}

/// What `GET /user` tells of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The token's kind.
    pub kind: TokenKind,
    /// Its owner.
    pub login: Option<String>,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// When it expires.
    pub expires: Option<DateTime<Utc>>,
    /// Where single sign-on is to be authorised for it.
    pub sso_url: Option<String>,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

impl Account {
    /// Reads the answer to `GET /user`; `None` when it tells nothing of the token.
    pub fn of(reply: &Reply) -> Option<Self> {
        let scopes = reply.headers.contains_key("x-oauth-scopes").then(|| scopes(&reply.headers));
        let kind = match (reply.status, &scopes) {
            (401, _) => TokenKind::Dead,
            (200, Some(_)) => TokenKind::Classic,
            (200, None) => TokenKind::FineGrained,
            (403, None) if reply.says("Resource not accessible by integration") => TokenKind::Installation,
            (403, _) if sso_url(&reply.headers).is_some() => TokenKind::Classic,
            _ => return None,
        };
        Some(Self {
            kind,
            login: reply.json::<User>().map(|user| user.login).filter(|login| is_login(login)),
            scopes: scopes.unwrap_or_default(),
            expires: reply.headers.get("github-authentication-token-expiration").and_then(|date| expiry(date.to_str().ok()?)),
            sso_url: sso_url(&reply.headers),
        })
    }

    /// What a job's own token is; nobody has to be asked.
    pub const fn of_job() -> Self {
        Self { kind: TokenKind::Installation, login: None, scopes: Vec::new(), expires: None, sso_url: None }
    }

    /// Whether one of its scopes lets it write packages.
    pub fn may_write_packages(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "write:packages")
    }

    /// Whether the owner's name looks like a person's: a guess, for a hint.
    pub fn looks_like_a_person(&self) -> bool {
        self.login.as_deref().is_some_and(account_name::looks_like_a_person)
    }

    /// When it expires, in RFC 3339.
    pub fn expires_at(&self) -> Option<String> {
        self.expires.map(|expires| expires.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    /// The findings, for people.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let kind = match self.kind {
            TokenKind::Classic => "a classic token",
            TokenKind::FineGrained => "a fine-grained token",
            TokenKind::Installation => "the token of a job or a GitHub App",
            TokenKind::Dead => "GitHub's API does not accept it",
        };
        let owner = self.login.as_ref().map(|login| ("Token's owner", login.clone()));
        let scopes = (self.kind == TokenKind::Classic)
            .then(|| ("Scopes", if self.scopes.is_empty() { "none".to_owned() } else { self.scopes.join(", ") }));
        let expires = self.expires_at().map(|expires| ("Expires", expires));
        let sso = self.sso_url.is_some().then(|| ("Single sign-on", "not authorised for this organisation".to_owned()));
        [Some(("Token", kind.to_owned())), owner, scopes, expires, sso].into_iter().flatten().collect()
    }
}

/// GitHub's rule for account names; what is not one is not shown.
fn is_login(login: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'[' | b']');
    !login.is_empty() && login.len() <= 64 && login.bytes().all(allowed)
}

/// `X-OAuth-Scopes`: a list, comma and blank between.
fn scopes(headers: &HeaderMap) -> Vec<String> {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let allowed = |scope: &&str| scope.split(':').count() <= 2 && scope.split(':').all(word);
    let text = headers.get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok()).unwrap_or_default();
    text.split(',').map(str::trim).filter(allowed).map(str::to_owned).collect()
}

/// `X-GitHub-SSO: required; url=...`
/// (<https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#personal-access-tokens-and-saml-sso>).
pub(super) fn sso_url(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("x-github-sso")?.to_str().ok()?;
    let url = text.split(';').find_map(|part| part.trim().strip_prefix("url="))?;
    let safe =
        url.starts_with("https://") && url.len() <= 512 && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'`\\|".contains(&byte));
    safe.then(|| url.to_owned())
}

/// The expiry header, in both of its forms: `2026-12-31 10:00:00 UTC` and `2026-12-31 10:00:00 +0500`.
fn expiry(text: &str) -> Option<DateTime<Utc>> {
    let offset = text.strip_suffix(" UTC").map_or_else(|| text.to_owned(), |text| format!("{text} +0000"));
    DateTime::parse_from_str(&offset, "%Y-%m-%d %H:%M:%S %z").ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Reply { status, headers, body: body.into() }
    }

    #[test]
    fn the_kind_of_a_token_shows_in_the_answer() {
        let integration = r#"{"message":"Resource not accessible by integration","status":"403"}"#;
        for (reply, kind) in [
            (reply(200, &[("x-oauth-scopes", "repo, write:packages")], r#"{"login":"octo"}"#), Some(TokenKind::Classic)),
            (reply(200, &[("x-oauth-scopes", "")], r#"{"login":"octo"}"#), Some(TokenKind::Classic)),
            (reply(200, &[], r#"{"login":"octo"}"#), Some(TokenKind::FineGrained)),
            (reply(403, &[], integration), Some(TokenKind::Installation)),
            (reply(401, &[], "{}"), Some(TokenKind::Dead)),
            (reply(403, &[], "{}"), None),
            (reply(404, &[], "{}"), None),
            (reply(500, &[], ""), None),
        ] {
            assert_eq!(Account::of(&reply).map(|account| account.kind), kind, "{} {}", reply.status, String::from_utf8_lossy(&reply.body));
        }
    }

    #[test]
    fn both_forms_of_the_expiry_are_read() {
        for (text, expected) in [
            ("2026-12-31 10:00:00 UTC", Some("2026-12-31T10:00:00Z")),
            ("2025-09-05 17:55:53 +0500", Some("2025-09-05T12:55:53Z")),
            ("2027-03-31 00:00:00 +0900", Some("2027-03-30T15:00:00Z")),
            ("soon", None),
            ("2026-13-31 10:00:00 UTC", None),
        ] {
            let account = Account::of(&reply(200, &[("github-authentication-token-expiration", text)], "{}")).unwrap();
            assert_eq!(account.expires_at().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn single_sign_on_names_its_page_only_if_it_is_one() {
        let url = |value: &str| Account::of(&reply(403, &[("x-github-sso", value)], "{}")).and_then(|account| account.sso_url);
        assert_eq!(
            url("required; url=https://github.com/orgs/acme/sso?authorization_request=x").as_deref(),
            Some("https://github.com/orgs/acme/sso?authorization_request=x")
        );
        assert_eq!(url("partial-results; organizations=1,2"), None);
        assert_eq!(url("required; url=javascript:x"), None);
    }

    #[test]
    fn what_is_not_a_name_or_a_scope_is_not_shown() {
        let account =
            Account::of(&reply(200, &[("x-oauth-scopes", "repo, ::set-output, write:packages")], r#"{"login":"a\n::error::b"}"#)).unwrap();
        assert_eq!((account.login.as_deref(), account.scopes.join(",")), (None, "repo,write:packages".to_owned()));
        assert!(account.may_write_packages());
    }
}
