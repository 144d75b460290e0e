//! A package as GitHub's API shows it (<https://docs.github.com/rest/packages/packages#get-a-package-for-an-organization>).

use std::fmt;

use serde::Deserialize;

use super::{Owner, OwnerKind, account::needs_sso, reply::Reply};
use crate::{credential::token::Token, text::echo};

/// Replaces a repository whose name is not shown.
pub const ANOTHER: &str = "another repository";

/// What is known before GitHub's API is asked.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The repository of the run.
    pub repository: &'a str,
    /// The owner of the package.
    pub owner: &'a str,
    /// What the API is asked with.
    pub token: &'a Token,
}

impl Known<'_> {
    /// A repository's name as it may be shown: this run's, or one of the package's owner that does not repeat the token.
    fn shown(&self, name: String) -> String {
        let is_owners = name.split_once('/').is_some_and(|(owner, _)| owner.eq_ignore_ascii_case(self.owner));
        let is_plain = is_repository(&name) && !echo::is_in(&name, self.token.expose());
        if name.eq_ignore_ascii_case(self.repository) {
            self.repository.to_owned()
        } else if is_owners && is_plain {
            name
        } else {
            ANOTHER.to_owned()
        }
    }
}

/// What the API shows of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Package {
    /// It is there.
    Exists {
        /// The repository that it is linked to, `owner/name`, or [`ANOTHER`].
        repository: Option<String>,
        /// `public`, `private` or `internal`.
        visibility: String,
        /// What its owner is.
        owner: Option<OwnerKind>,
    },
    /// It is not there, or this credential may not see it: the API does not tell which.
    NotFound,
    /// Single sign-on stands before it.
    NeedsSso,
}

#[derive(Deserialize)]
struct Body {
    visibility: Option<String>,
    repository: Option<Repository>,
    owner: Option<Owner>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

impl Package {
    /// Reads the answer; `None` when it tells nothing of the package.
    pub fn of(reply: &Reply, known: Known<'_>) -> Option<Self> {
        match reply.status {
            200 => {
                let body: Body = reply.json()?;
                Some(Self::Exists {
                    repository: body.repository.map(|repository| known.shown(repository.full_name)),
                    visibility: body
                        .visibility
                        .filter(|kind| matches!(kind.as_str(), "public" | "private" | "internal"))
                        .unwrap_or_default(),
                    owner: body.owner.and_then(|owner| OwnerKind::parse(&owner.kind)),
                })
            }
            403 => needs_sso(&reply.headers).then_some(Self::NeedsSso),
            404 => Some(Self::NotFound),
            _ => None,
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists { repository: Some(repository), visibility, owner: _ } => {
                write!(formatter, "exists, {visibility}, linked to {repository}")
            }
            Self::Exists { repository: None, visibility, owner: _ } => {
                write!(formatter, "exists, {visibility}, not linked to a repository")
            }
            Self::NotFound => formatter.write_str("not found, or not visible to this credential"),
            Self::NeedsSso => formatter.write_str("behind the organization's single sign-on"),
        }
    }
}

fn is_repository(name: &str) -> bool {
    name.len() <= 140 && name.split_once('/').is_some() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(status: u16, body: &str) -> Option<Package> {
        let known = Known { repository: "acme/app", owner: "acme", token: &Token::new("ghp_AcceptCanaryPatXq7Zt3Lw9Rb2") };
        Package::of(&Reply { status, headers: reqwest::header::HeaderMap::new(), body: body.into() }, known)
    }

    #[test]
    fn a_package_is_linked_unlinked_or_not_to_be_seen() {
        let linked = package(200, r#"{"name":"app","visibility":"private","owner":{"type":"User"},"repository":{"full_name":"acme/app"}}"#);
        assert_eq!(
            linked,
            Some(Package::Exists { repository: Some("acme/app".into()), visibility: "private".into(), owner: Some(OwnerKind::User) })
        );
        let unlinked = package(200, r#"{"name":"app","visibility":"public"}"#).unwrap();
        assert_eq!(unlinked.to_string(), "exists, public, not linked to a repository");
        assert_eq!(package(404, r#"{"message":"Package not found."}"#), Some(Package::NotFound));
        for (status, body) in [(200, "[]"), (400, r#"{"message":"Invalid argument."}"#), (401, "{}"), (403, "{}"), (500, "")] {
            assert_eq!(package(status, body), None, "{status}");
        }
    }

    #[test]
    fn a_repository_is_named_only_if_its_name_is_plain_and_of_the_same_owner() {
        for (name, shown) in [
            ("Acme/App", "acme/app"),
            ("acme/old", "acme/old"),
            ("evil/old", ANOTHER),
            ("acme/yranaCtpecc", ANOTHER),
            ("acme/41636365707443616e617279", ANOTHER),
            ("acme/Acce/ptCa/nary", ANOTHER),
            ("acme/](https://evil.example)", ANOTHER),
            ("", ANOTHER),
        ] {
            let answer = package(200, &serde_json::json!({"visibility": "private", "repository": {"full_name": name}}).to_string());
            assert_eq!(answer.unwrap().to_string(), format!("exists, private, linked to {shown}"), "{name}");
        }
    }
}
