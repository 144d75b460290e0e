//! What the step says: outputs, log, annotations, job summary, all from one value.

pub mod console;
pub mod json;
pub mod log;
pub mod outputs;
pub mod route;
pub mod summary;

use self::route::Route;
use crate::{
    candidates::Skipped,
    credential::Source,
    decision::Decision,
    diagnosis::{Diagnosis, Fix},
    github::account::Expiry,
    reason::Reason,
    registry::{
        Access,
        trial::{Attempt, Trial},
        verdict::Verdict,
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
    /// The username of the login.
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
    /// What stood between this program and the registry.
    pub route: Route,
    /// What the workflow file says will keep the answer from coming true.
    pub own_job: Option<InFile>,
    /// Whether the user requires a yes, so that the step fails.
    pub fails_step: bool,
}

/// Something to say of a line of the workflow file.
#[derive(Clone, Debug)]
pub struct InFile {
    /// The file's path in the repository.
    pub file: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub text: String,
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
            route: Route::default(),
            own_job: None,
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
        let (credential, registry) = (self.credential(), &self.registry);
        let verb = if matches!(self.decision.access, Access::Push) { "Push" } else { "Pull" };
        match self.decision.reason {
            Reason::Allowed if self.decision.access == Access::Public => {
                format!("Anybody can pull {}.", listed(&self.images.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            Reason::Allowed => format!("{verb} allowed: {registry} accepted {credential} for {}.", self.image_list()),
            Reason::Unverified => format!("{verb} allowed with {credential}, but not verified: `verify` is false."),
            _ if self.decision.access == Access::Public => {
                let answer = if self.decision.reason == Reason::NotPublic { "Not public" } else { "Not known whether anybody can pull" };
                format!("{answer}: {title}{}.", self.rejected_list())
            }
            _ => format!("No {}: {title}{}.", verb.to_ascii_lowercase(), self.rejected_list()),
        }
    }

    /// Whether the answer is no and there is nothing to mend: images are published by another run, or by none.
    pub fn is_routine(&self) -> bool {
        const ROUTINE: [Reason; 9] = [
            Reason::ForkPr,
            Reason::ForkDeleted,
            Reason::SameRepoPr,
            Reason::Dependabot,
            Reason::MergedPr,
            Reason::UsePushEvent,
            Reason::MergeQueue,
            Reason::MergeQueueRef,
            Reason::RefDeleted,
        ];
        ROUTINE.contains(&self.decision.reason)
    }

    /// What to do. Where nothing has to be mended, only what can be pasted to have it otherwise.
    pub fn fixes(&self) -> impl Iterator<Item = &Fix> {
        let fixes = self.diagnosis.iter().flat_map(|diagnosis| &diagnosis.fixes);
        fixes.filter(|fix| !self.is_routine() || fix.paste.is_some())
    }

    /// Whether the registry could not be asked, so that the answer says nothing of credentials.
    pub fn is_outage(&self) -> bool {
        let deciding = self.trials.iter().find(|trial| trial.verdict().reason() == self.decision.reason);
        deciding.is_some_and(|trial| matches!(trial.verdict(), Verdict::Unknown(_)))
    }

    /// The images that the credential which decided was not accepted for; none where there is only one image.
    pub fn rejected(&self) -> Vec<&str> {
        let deciding = self.trials.iter().find(|trial| trial.verdict().reason() == self.decision.reason && !self.decision.pull());
        let attempts = deciding.filter(|_| self.images.len() > 1).map_or(&[][..], |trial| &trial.attempts);
        let rejected = attempts.iter().zip(&self.images).filter(|(attempt, _)| attempt.verdict != Verdict::Allowed);
        rejected.map(|(_, image)| image.as_str()).collect()
    }

    /// Which images were rejected, where there are several.
    fn rejected_list(&self) -> String {
        let rejected = self.rejected();
        if rejected.is_empty() {
            String::new()
        } else {
            format!(" ({} of {} images: {})", rejected.len(), self.images.len(), listed(&rejected))
        }
    }

    /// The images without their registry.
    fn image_list(&self) -> String {
        let names: Vec<_> = self.images.iter().map(|image| image.split_once('/').map_or(image.as_str(), |(_, name)| name)).collect();
        listed(&names)
    }
}

/// A list for a sentence, with the number of those that would make it too long.
pub fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    match names.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..MOST].join(", ")),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests;
