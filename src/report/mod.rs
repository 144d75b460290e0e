//! What the step says: outputs, log, annotations, job summary, all from one value.

pub mod console;
pub mod json;
pub mod log;
pub mod outputs;
pub mod summary;

use crate::{
    candidates::Skipped,
    credential::Source,
    decision::Decision,
    diagnosis::Diagnosis,
    github::account::Expiry,
    reason::Reason,
    registry::{
        Access,
        probe::{Attempt, Trial},
    },
};

/// Everything that is said of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The answer.
    pub decision: Decision,
    /// What is wrong and what to change; `None` when the answer is yes.
    pub diagnosis: Option<Diagnosis>,
    /// Why the credentials after the first were refused too.
    pub others: Vec<(Source, Diagnosis)>,
    /// The event's name.
    pub event: String,
    /// The reason of the event, or `None` if it is trusted.
    pub objection: Option<Reason>,
    /// The registry, as image references spell it.
    pub registry: String,
    /// The user name of the login.
    pub username: String,
    /// `registry/owner/name`, in order.
    pub images: Vec<String>,
    /// What was asked of the registry.
    pub trials: Vec<Trial>,
    /// Credentials that were not sent.
    pub skipped: Vec<Skipped>,
    /// The directory of config.json as later steps see it, if docker was logged in.
    pub login: Option<String>,
    /// When the chosen credential expires; `None` where it is no PAT.
    pub expiry: Option<Expiry>,
    /// Where the visibility of the package is set that was pushed, if it is known.
    pub package_settings: Option<String>,
    /// Things to know.
    pub notes: Vec<String>,
    /// What is odd about a credential without making it useless.
    pub remarks: Vec<(Source, String)>,
    /// Things to mend that did not decide anything.
    pub warnings: Vec<String>,
    /// Whether the user requires a yes, so that the step fails.
    pub fails_step: bool,
}

impl Report {
    /// A report of a run that came to nothing before it knew its inputs.
    pub fn bare(decision: Decision, diagnosis: Diagnosis) -> Self {
        Self {
            decision,
            diagnosis: Some(diagnosis),
            others: Vec::new(),
            event: String::new(),
            objection: Some(decision.reason),
            registry: String::new(),
            username: String::new(),
            images: Vec::new(),
            trials: Vec::new(),
            skipped: Vec::new(),
            login: None,
            expiry: None,
            package_settings: None,
            notes: Vec::new(),
            remarks: Vec::new(),
            warnings: Vec::new(),
            fails_step: false,
        }
    }

    /// Every attempt with its credential and the image's whole name, in order.
    pub fn attempts(&self) -> impl Iterator<Item = (&'static str, String, &Attempt)> {
        self.trials.iter().flat_map(move |trial| {
            let source = trial.source.map_or("", Source::name);
            trial.attempts.iter().zip(&self.images).map(move |(attempt, image)| (source, image.clone(), attempt))
        })
    }

    /// When the chosen credential expires (RFC 3339), if GitHub told it.
    pub fn expires_at(&self) -> Option<String> {
        self.expiry.as_ref()?.at()
    }

    /// The input whose credential is used, or nothing.
    pub fn credential(&self) -> &'static str {
        self.decision.granted.map_or("", |source| source.name())
    }

    /// The answer in one sentence, without line break.
    pub fn message(&self) -> String {
        let title = self.diagnosis.as_ref().map_or("", |diagnosis| diagnosis.title.as_str());
        let verb = if self.decision.push() { "push to" } else { "pull" };
        match self.decision.reason {
            Reason::Allowed if self.decision.access == Access::Public => format!("Anybody can pull {}.", self.image_list()),
            Reason::Allowed => format!("May {verb} {}: the registry proved that {} can.", self.image_list(), self.credential()),
            Reason::Unverified => {
                format!("May {verb} {} with {}: not verified, since `verify` is false.", self.image_list(), self.credential())
            }
            _ if self.decision.access == Access::Public => format!("Not public: {title}."),
            _ if self.decision.access == Access::Pull => format!("No pull: {title}."),
            _ => format!("No push: {title}."),
        }
    }

    /// The first image, and how many more there are.
    fn image_list(&self) -> String {
        match self.images.as_slice() {
            [] => String::from("no image"),
            [image] => image.clone(),
            [image, rest @ ..] => format!("{image} and {} more", rest.len()),
        }
    }
}

#[cfg(test)]
mod tests;
