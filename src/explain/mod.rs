//! Why a push or pull failed, told from its log. Pure, total on any text, and linear in its length.
//!
//! 1. [`text`] turns the log into lines without colours, time stamps and other wrapping; [`wrapped`] mends broken ones.
//! 2. [`mention`] finds the registries and images that a line names.
//! 3. [`wordings`] holds, as data, what a failure says of its reason, and whose word it has to be.
//! 4. [`clues`] finds out what was tried, where and with which credential.
//! 5. [`recognise`] puts them together: a message counts only when a GitHub registry said it.
//! 6. [`rank`] decides which of several failures came first.
//!
//! 7. [`quote`] shows of a line what is known to be no credential; [`value`] tells where one can stand.

mod clues;
mod elsewhere;
mod mention;
mod phrases;
mod quote;
mod rank;
mod recognise;
mod signs;
mod speaker;
mod text;
mod value;
mod wordings;
mod wrapped;

use crate::{
    diagnosis::{
        Subject,
        situation::{Operation, Situation},
    },
    reason::Reason,
    registry::ghcr,
};

pub use elsewhere::{Elsewhere, elsewhere};
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

    /// How much the first finding tells: what the registry said, then what it was about.
    fn exactness(&self) -> Option<(bool, bool, bool, bool)> {
        let first = self.findings.first()?;
        let is_known = first.situation.operation != Operation::Other;
        Some((first.reason.is_stated(), first.reason != Reason::Denied, first.image.is_some(), is_known))
    }

    /// What else the first refusal can be, beside what the log itself says.
    pub fn possible(&self) -> Vec<Reason> {
        let said = |reason: &Reason| self.findings.iter().any(|finding| finding.reason == *reason);
        let first = self.findings.first().map(|first| possible(first.reason, first.situation.operation)).unwrap_or_default();
        first.iter().copied().filter(|reason| !said(reason)).collect()
    }
}

/// What else a refusal can be, the likeliest first, where the registry's words do not tell.
const fn possible(reason: Reason, operation: Operation) -> &'static [Reason] {
    match (reason, operation) {
        (Reason::Denied, Operation::Push) => {
            &[Reason::PackagesPermissionMissing, Reason::PackageWriteDenied, Reason::BadCredential, Reason::MissingScope]
        }
        (Reason::Denied | Reason::NoCredential, Operation::Pull) => &[Reason::PackageReadDenied, Reason::BadCredential],
        (Reason::BadCredential, Operation::Pull) => &[Reason::PackageReadDenied, Reason::NoCredential],
        (Reason::BadCredential, Operation::Push) => &[Reason::NoCredential, Reason::MissingScope],
        (Reason::PackagesPermissionMissing, _) => &[Reason::ForkPr, Reason::Dependabot],
        (Reason::PackageCreationDenied, _) => &[Reason::PackagesPermissionMissing],
        (Reason::MissingScope, _) => &[Reason::FineGrainedPat],
        _ => &[],
    }
}

/// One failure in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub reason: Reason,
    /// What is shown of the line that tells.
    pub line: String,
    /// The image it is about, when the line or one before it names one.
    pub image: Option<ImageName>,
    /// The registry, when the log names one.
    pub registry: Option<String>,
    /// The repository of the job, when the log names it.
    pub repository: Option<String>,
    /// What was tried, where, and with what.
    pub situation: Situation,
}

impl Finding {
    /// What [`diagnosis::explain`](crate::diagnosis::explain) has to know to put it into words.
    pub fn subject(&self) -> Subject {
        let registry = self.registry.clone().unwrap_or_else(|| ghcr::NAME.to_owned());
        let image = self.image.as_ref();
        Subject {
            image: image.map_or_else(String::new, ImageName::reference),
            owner: image.map_or_else(String::new, |image| image.owner.clone()),
            package: image.map_or_else(String::new, |image| image.package.clone()),
            repository: self.repository.clone().unwrap_or_default(),
            server: server_of(&registry),
            said: self.line.clone(),
            situation: self.situation.clone(),
            registry,
            ..Subject::default()
        }
    }
}

/// The GitHub server that a registry belongs to. Whose a host of a log's making is nobody knows: no page of it is named.
fn server_of(registry: &str) -> String {
    match registry.strip_prefix("containers.") {
        None => "https://github.com".to_owned(),
        Some(host) if host.ends_with(".ghe.com") => format!("https://{host}"),
        Some(_) => "https://HOSTNAME".to_owned(),
    }
}

/// Tells from a log why a push or pull failed.
pub fn explain(log: &str) -> Explanation {
    let told = |log: &str| Explanation { findings: rank::rank(recognise::read(log)) };
    wrapped::unbroken(log).fold(told(log), |best, log| {
        let mended = told(&log);
        if mended.exactness() > best.exactness() { mended } else { best }
    })
}

#[cfg(test)]
mod tests;
