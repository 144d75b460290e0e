//! Whose a credential is, what it may do and until when: `GET /user` and its headers
//! (<https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps>).

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
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

/// When a token expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Then.
    At(DateTime<Utc>),
    /// GitHub knows of no end.
    Never,
    /// It is not known, and why.
    Unknown(String),
}

impl Expiry {
    /// The moment in RFC 3339, if there is one.
    pub fn at(&self) -> Option<String> {
        match self {
            Self::At(expires) => Some(expires.to_rfc3339_opts(SecondsFormat::Secs, true)),
            Self::Never | Self::Unknown(_) => None,
        }
    }
}

/// The scopes that are shown; of others it is only said that they are there. Nothing that GitHub's API says is shown as it is.
const SCOPES: [&str; 14] = [
    "repo",
    "public_repo",
    "workflow",
    "write:packages",
    "read:packages",
    "delete:packages",
    "admin:org",
    "write:org",
    "read:org",
    "user",
    "read:user",
    "user:email",
    "gist",
    "delete_repo",
];

/// Replaces the scopes that are not shown.
const OTHERS: &str = "others";

/// What `GET /user` tells of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The token's kind.
    pub kind: TokenKind,
    /// Its owner, if the run names the same account.
    pub login: Option<String>,
    /// Whether its owner's name looks like a person's.
    pub is_persons: bool,
    /// Its scopes.
    pub scopes: Vec<&'static str>,
    /// When it expires.
    pub expiry: Expiry,
    /// Whether single sign-on has to be authorized for it.
    pub needs_sso: bool,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

impl Account {
    /// Reads the answer to `GET /user`; `None` when it tells nothing of the token. A login is shown only if it is among those
    /// that are known anyway.
    pub fn of(reply: &Reply, known_logins: &[String]) -> Option<Self> {
        let scopes = reply.headers.contains_key("x-oauth-scopes").then(|| scopes(&reply.headers));
        let needs_sso = needs_sso(&reply.headers);
        let kind = match (reply.status, &scopes) {
            (401, _) => TokenKind::Dead,
            (200, Some(_)) => TokenKind::Classic,
            (200, None) => TokenKind::FineGrained,
            (403, None) if reply.says("Resource not accessible by integration") => TokenKind::Installation,
            (403, _) if needs_sso => TokenKind::Classic,
            _ => return None,
        };
        let login = reply.json::<User>().map(|user| user.login);
        Some(Self {
            kind,
            is_persons: login.as_deref().is_some_and(account_name::looks_like_a_person),
            login: known_logins.iter().find(|known| login.as_ref().is_some_and(|login| login.eq_ignore_ascii_case(known))).cloned(),
            scopes: scopes.unwrap_or_default(),
            expiry: expiry(reply, kind),
            needs_sso,
        })
    }

    /// What a GITHUB_TOKEN is; nobody has to be asked.
    pub fn of_job() -> Self {
        let expiry = Expiry::Unknown("it ends with the job".to_owned());
        Self { kind: TokenKind::Installation, login: None, is_persons: false, scopes: Vec::new(), expiry, needs_sso: false }
    }

    /// Whether one of its scopes lets it write packages.
    pub fn may_write_packages(&self) -> bool {
        self.scopes.contains(&"write:packages")
    }

    /// The findings, for people.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let kind = match self.kind {
            TokenKind::Classic => "a classic PAT",
            TokenKind::FineGrained => "a fine-grained PAT",
            TokenKind::Installation => "GITHUB_TOKEN or the token of a GitHub App",
            TokenKind::Dead => "GitHub's API does not accept it",
        };
        let owner = self.login.as_ref().map(|login| ("Token's owner", login.clone()));
        let scopes = (self.kind == TokenKind::Classic)
            .then(|| ("Scopes", if self.scopes.is_empty() { "none".to_owned() } else { self.scopes.join(", ") }));
        let expires = self.expiry.at().map(|expires| ("Expires", expires));
        let sso = self.needs_sso.then(|| ("Single sign-on", "not authorized for this organization".to_owned()));
        [Some(("Token", kind.to_owned())), owner, scopes, expires, sso].into_iter().flatten().collect()
    }
}

/// `X-OAuth-Scopes`: a list, comma and blank between.
fn scopes(headers: &HeaderMap) -> Vec<&'static str> {
    let text = headers.get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok()).unwrap_or_default();
    let named: Vec<_> = text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).collect();
    let shown = SCOPES.into_iter().filter(|scope| named.contains(scope));
    let others = named.iter().any(|scope| !SCOPES.contains(scope)).then_some(OTHERS);
    shown.chain(others).collect()
}

/// Whether there is an `X-GitHub-SSO: required; url=...`. Its address is not passed on: it is one that nobody here knows.
/// (<https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#personal-access-tokens-and-saml-sso>).
pub(super) fn needs_sso(headers: &HeaderMap) -> bool {
    headers.get("x-github-sso").is_some_and(|value| value.as_bytes().starts_with(b"required"))
}

/// What an answer to `GET /user` says of the token's end: a header that is left out where there is none.
fn expiry(reply: &Reply, kind: TokenKind) -> Expiry {
    let header = reply.headers.get("github-authentication-token-expiration");
    let unknown = |why: &str| Expiry::Unknown(why.to_owned());
    match (header, kind) {
        (Some(date), _) => date.to_str().ok().and_then(moment).map_or_else(|| unknown("GitHub's API gave no readable date"), Expiry::At),
        (None, TokenKind::Classic | TokenKind::FineGrained) if reply.status == 200 => Expiry::Never,
        (None, TokenKind::Classic | TokenKind::FineGrained) => unknown("GitHub's API asks for single sign-on first"),
        (None, TokenKind::Installation) => unknown("GitHub's API doesn't report it for a GitHub App's token"),
        (None, TokenKind::Dead) => unknown("GitHub's API does not accept the token"),
    }
}

/// The expiry header, in both of its forms: `2026-12-31 10:00:00 UTC` and `2026-12-31 10:00:00 +0500`.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    text.parse::<DateTime<FixedOffset>>().ok().map(|date| date.to_utc())
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
            assert_eq!(
                Account::of(&reply, &[]).map(|account| account.kind),
                kind,
                "{} {}",
                reply.status,
                String::from_utf8_lossy(&reply.body)
            );
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
            let account = Account::of(&reply(200, &[("github-authentication-token-expiration", text)], "{}"), &[]).unwrap();
            assert_eq!(account.expiry.at().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_token_without_an_end_is_told_from_one_whose_end_is_not_known() {
        let date = ("github-authentication-token-expiration", "soon");
        let scopes = ("x-oauth-scopes", "repo");
        let integration = r#"{"message":"Resource not accessible by integration"}"#;
        for (reply, never) in [
            (reply(200, &[scopes], "{}"), true),
            (reply(200, &[], "{}"), true),
            (reply(200, &[scopes, date], "{}"), false),
            (reply(403, &[scopes, ("x-github-sso", "required; url=x")], "{}"), false),
            (reply(403, &[], integration), false),
            (reply(401, &[], "{}"), false),
        ] {
            let expiry = Account::of(&reply, &[]).unwrap().expiry;
            assert_eq!(expiry == Expiry::Never, never, "{expiry:?}");
            assert_eq!(expiry.at(), None);
        }
    }

    #[test]
    fn single_sign_on_is_required_or_not() {
        let needs = |value: &str| Account::of(&reply(403, &[("x-github-sso", value)], "{}"), &[]).is_some_and(|account| account.needs_sso);
        assert!(needs("required; url=https://github.com/orgs/acme/sso?authorization_request=x"));
        assert!(!needs("partial-results; organizations=1,2"));
    }

    #[test]
    fn only_what_was_known_beforehand_is_shown() {
        let answer = |login: &str| {
            let body = serde_json::json!({ "login": login }).to_string();
            Account::of(&reply(200, &[("x-oauth-scopes", "repo, ghp_secret, ::set-output, write:packages")], &body), &["alice".into()])
                .unwrap()
        };
        for (login, shown, is_persons) in
            [("Alice", Some("alice"), true), ("mallory", None, true), ("acme-packages", None, false), ("a\n::error::b", None, false)]
        {
            let account = answer(login);
            assert_eq!((account.login.as_deref(), account.is_persons), (shown, is_persons), "{login}");
            assert_eq!(account.scopes, ["repo", "write:packages", "others"]);
            assert!(account.may_write_packages());
        }
    }
}
