//! A package as GitHub's API shows it (<https://docs.github.com/rest/packages/packages#get-a-package-for-an-organization>).

use std::fmt;

use serde::Deserialize;

use super::{OwnerKind, account::sso_url, reply::Reply};

/// What the API shows of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Package {
    /// It is there.
    Exists {
        /// The repository that it is linked to, `owner/name`.
        repository: Option<String>,
        /// `public`, `private` or `internal`.
        visibility: String,
        /// What its owner is.
        owner: Option<OwnerKind>,
    },
    /// It is not there, or this credential may not see it: the API does not tell which.
    NotFound,
    /// Single sign-on stands before it.
    NeedsSso(String),
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

#[derive(Deserialize)]
struct Owner {
    #[serde(rename = "type")]
    kind: String,
}

impl Package {
    /// Reads the answer; `None` when it tells nothing of the package.
    pub fn of(reply: &Reply) -> Option<Self> {
        match reply.status {
            200 => {
                let body: Body = reply.json()?;
                Some(Self::Exists {
                    repository: body.repository.map(|repository| repository.full_name).filter(|name| is_repository(name)),
                    visibility: body
                        .visibility
                        .filter(|kind| matches!(kind.as_str(), "public" | "private" | "internal"))
                        .unwrap_or_default(),
                    owner: body.owner.and_then(|owner| OwnerKind::parse(&owner.kind)),
                })
            }
            403 => sso_url(&reply.headers).map(Self::NeedsSso),
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
            Self::NeedsSso(_) => formatter.write_str("behind the organisation's single sign-on"),
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
        Package::of(&Reply { status, headers: reqwest::header::HeaderMap::new(), body: body.into() })
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
}
