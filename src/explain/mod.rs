//! Why a push or pull failed, told from its log. Pure, total on any text, and linear in its length.
//!
//! 1. [`text`] turns the log into lines without colours, time stamps and other wrapping.
//! 2. [`mention`] finds the registries and images that a line names.
//! 3. [`pattern`] holds, as data, what a failure says of its reason, and whose word it has to be.
//! 4. [`recognise`] puts the three together: a message counts only when a GitHub registry said it.
//! 5. [`rank`] decides which of several failures came first.
//!
//! What comes out never shows a credential that stood in the log: [`crate::text::redact`].

mod mention;
mod pattern;
mod rank;
mod recognise;
mod text;

use crate::{diagnosis::Subject, reason::Reason, registry::ghcr};

pub use mention::ImageName;

/// What a log tells, the likeliest first cause first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// One for each reason that was found. Empty: nothing here is about a GitHub registry's permissions.
    pub findings: Vec<Finding>,
}

impl Explanation {
    /// The code of the likeliest first cause, or `none`.
    pub fn code(&self) -> &'static str {
        self.findings.first().map_or("none", |finding| finding.reason.code())
    }
}

/// One failure in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub reason: Reason,
    /// The line that tells, without colours, time stamps and credentials.
    pub line: String,
    /// The image it is about, when the line or one before it names one.
    pub image: Option<ImageName>,
    /// The registry, when the log names one.
    pub registry: Option<String>,
}

impl Finding {
    /// What [`diagnosis::explain`](crate::diagnosis::explain) has to know to put it into words.
    pub fn subject(&self) -> Subject {
        let registry = self.registry.clone().unwrap_or_else(|| ghcr::NAME.to_owned());
        let image = self.image.as_ref();
        let owner = image.map_or("OWNER", |image| &image.owner).to_owned();
        let package = image.map_or("PACKAGE", |image| &image.package).to_owned();
        Subject {
            image: image.map_or_else(|| "the image".to_owned(), ImageName::reference),
            repository: image.map_or_else(|| "the repository".to_owned(), |image| format!("{owner}/{}", image.repository())),
            server: server_of(&registry),
            detail: "an image name is not one that a registry takes; often it has upper-case letters".to_owned(),
            owner,
            package,
            registry,
            ..Subject::default()
        }
    }
}

/// The GitHub server that a registry belongs to.
fn server_of(registry: &str) -> String {
    let host = registry.strip_prefix("containers.").unwrap_or("github.com");
    format!("https://{host}")
}

/// Tells from a log why a push or pull failed.
pub fn explain(log: &str) -> Explanation {
    let lines = text::lines(log);
    Explanation { findings: rank::rank(&lines, recognise::failures(&lines)) }
}

#[cfg(test)]
mod tests;
