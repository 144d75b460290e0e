//! What GitHub's API knows of a credential and a package. It explains; it never decides.
//!
//! Everything that was not found out is said as such: [`Fact`] has a word for it.

pub mod account;
pub mod api;
pub mod package;
pub mod reply;

use self::{account::Account, package::Package};

/// Something that was asked of GitHub, or was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fact<T> {
    /// The answer.
    Known(T),
    /// Nobody asked.
    #[default]
    NotAsked,
    /// There was no answer.
    Failed(Obstacle),
}

impl<T> Fact<T> {
    /// The answer, if there is one.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(fact) => Some(fact),
            Self::NotAsked | Self::Failed(_) => None,
        }
    }
}

/// Why GitHub gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The API of the registry's server is not known.
    #[error("the API of the registry's server is not known here")]
    OtherServer,
    /// The run has made as many calls as it may.
    #[error("enough calls were made in this run")]
    CallsUsedUp,
    /// No connection, or no answer in time.
    #[error("GitHub's API did not answer in time")]
    Silent,
    /// The API limits requests.
    #[error("GitHub's API is limiting requests")]
    RateLimited,
    /// It answered, but not with an answer.
    #[error("GitHub's API answered {0}")]
    Status(u16),
    /// Its answer could not be read.
    #[error("GitHub's API gave an answer that could not be read")]
    Unreadable,
}

/// Who owns the packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerKind {
    /// A user account.
    User,
    /// An organization.
    Organization,
}

impl OwnerKind {
    /// From the API's or the event's `type`.
    pub fn parse(kind: &str) -> Option<Self> {
        match kind {
            "User" => Some(Self::User),
            "Organization" => Some(Self::Organization),
            _ => None,
        }
    }
}

/// An owner as the API shows one.
#[derive(serde::Deserialize)]
struct Owner {
    #[serde(rename = "type")]
    kind: String,
}

/// What is known of a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Whose the credential is.
    pub account: Fact<Account>,
    /// The package that was refused.
    pub package: Fact<Package>,
    /// What its owner is.
    pub owner: Fact<OwnerKind>,
    /// Whether the repository of the run is a fork, by the event.
    pub is_fork: bool,
}

impl Evidence {
    /// The findings as lines: what was asked, and what came of it.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let kind = |owner: &OwnerKind| if *owner == OwnerKind::User { "a user" } else { "an organization" }.to_owned();
        let account = shown("Token", &self.account, Account::lines);
        let package = shown("Package", &self.package, |package| vec![("Package", package.to_string())]);
        let owner = shown("Owner", &self.owner, |owner| vec![("Owner", kind(owner))]);
        let fork = self.is_fork.then(|| ("Repository", "a fork".to_owned()));
        account.into_iter().chain(package).chain(owner).chain(fork).collect()
    }
}

/// The lines of a fact, or the line that says why there are none.
fn shown<T>(name: &'static str, fact: &Fact<T>, lines: impl Fn(&T) -> Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    match fact {
        Fact::Known(fact) => lines(fact),
        Fact::NotAsked => vec![(name, "not asked".to_owned())],
        Fact::Failed(obstacle) => vec![(name, format!("could not be asked: {obstacle}"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_found_out_is_said() {
        let evidence = Evidence {
            account: Fact::Failed(Obstacle::RateLimited),
            package: Fact::Failed(Obstacle::Status(502)),
            owner: Fact::NotAsked,
            is_fork: true,
        };
        let lines: Vec<_> = evidence.lines().into_iter().map(|(name, line)| format!("{name}: {line}")).collect();
        assert_eq!(
            lines,
            [
                "Token: could not be asked: GitHub's API is limiting requests",
                "Package: could not be asked: GitHub's API answered 502",
                "Owner: not asked",
                "Repository: a fork"
            ]
        );
    }
}
