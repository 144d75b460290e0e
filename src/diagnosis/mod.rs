//! Why the answer is no, and what to change: the knowledge is data, in [`knowledge`], chosen by code and [`situation`].

mod entry;
mod evidence;
mod knowledge;
pub mod situation;
mod words;

use self::{situation::Situation, words::Words};
pub use crate::workflow::evidence::Permission;
use crate::{
    credential::Source,
    github::{Evidence, OwnerKind},
    reason::Reason,
    registry::failure::Failure,
};

/// A refusal explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Its reason.
    pub code: Reason,
    /// What happened, without the full stop.
    pub title: String,
    /// Why.
    pub cause: String,
    /// What to do about it; the likeliest first.
    pub fixes: Vec<Fix>,
    /// What the explanation rests on: a name and a finding each.
    pub evidence: Vec<(String, String)>,
    /// Where to look.
    pub links: Vec<Link>,
}

impl Diagnosis {
    /// Adds the first fix of another refusal that GitHub gave a reason for.
    pub fn also(&mut self, other: &Self) {
        let Some(fix) = other.fixes.first().filter(|_| other.code.is_stated()) else { return };
        self.fixes.truncate(entry::MOST_FIXES - 1);
        self.fixes.push(Fix { text: format!("For the other refusal ({}): {}", other.code.code(), fix.text), paste: fix.paste.clone() });
    }
}

/// Fixes for a text of fixed width: numbered, the lines to paste indented below each.
pub fn numbered<'a>(fixes: impl Iterator<Item = &'a Fix>) -> Vec<String> {
    let numbered = fixes.enumerate().flat_map(|(index, fix)| {
        let paste = fix.paste.iter().flat_map(|paste| paste.lines()).map(|line| format!("       {line}"));
        std::iter::once(format!("  {}. {}", index + 1, fix.text)).chain(paste)
    });
    numbered.collect()
}

/// One thing to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to do, in a sentence.
    pub text: String,
    /// Lines to paste into the workflow.
    pub paste: Option<String>,
}

impl Fix {
    /// The sentence with the lines to paste below it.
    pub fn with_paste(&self) -> String {
        self.paste.as_ref().map_or_else(|| self.text.clone(), |lines| format!("{}\n{}", self.text, lines.trim_end()))
    }
}

/// A page to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is there.
    pub label: String,
    /// Its address.
    pub url: String,
}

/// What an explanation may name. An empty text is one that is not known.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The credential that was refused.
    pub credential: Option<Source>,
    /// The image that it was refused for, `registry/owner/name`.
    pub image: String,
    /// The image's owner.
    pub owner: String,
    /// The package: what follows the owner.
    pub package: String,
    /// The registry.
    pub registry: String,
    /// The repository of the run, `owner/name`.
    pub repository: String,
    /// The web address of the GitHub server.
    pub server: String,
    /// The event's name.
    pub event: String,
    /// What exactly is wrong, where the place that found it knows.
    pub detail: String,
    /// What the registry said, safe to show.
    pub said: String,
    /// What was tried, where and with what, as far as it is known without evidence.
    pub situation: Situation,
    /// What the workflow file says.
    pub permission: Permission,
    /// Why the registry gave no answer.
    pub failure: Option<Failure>,
}

impl Subject {
    /// The settings page of the package (`/` in its name as `%2F`).
    pub fn package_settings(&self, owner: OwnerKind) -> String {
        let kind = if owner == OwnerKind::User { "users" } else { "orgs" };
        format!("{}/{kind}/{}/packages/container/{}/settings", self.server(), self.owner, self.package.replace('/', "%2F"))
    }

    fn server(&self) -> &str {
        if self.server.is_empty() { "https://github.com" } else { &self.server }
    }
}

/// Explains a refusal. Total: a code without an entry, which a test rules out, is explained by its name.
pub fn explain(reason: Reason, subject: &Subject, evidence: &Evidence) -> Diagnosis {
    let situation = evidence::situation(reason, subject, evidence);
    let words = Words { subject, situation: &situation, evidence };
    let entry = knowledge::ENTRIES.iter().find(|entry| entry.codes.contains(&reason) && entry.fits(&situation));
    let fill = |text: &str| words.fill(text);
    let fixes = entry.into_iter().flat_map(|entry| entry.fixes(&situation));
    let links = entry.into_iter().flat_map(|entry| entry.links).map(|link| Link { label: link.label.to_owned(), url: fill(link.url) });
    Diagnosis {
        code: reason,
        title: entry.map_or_else(|| reason.code().to_owned(), |entry| fill(entry.title)),
        cause: entry.map_or_else(String::new, |entry| fill(entry.cause)),
        fixes: fixes.map(|fix| Fix { text: fill(fix.text), paste: fix.paste.map(|lines| fill(lines) + "\n") }).collect(),
        evidence: shown(reason, subject, evidence),
        links: links.filter(|link| !link.url.contains('{')).collect(),
    }
}

/// What the explanation rests on: a name and a finding each.
fn shown(reason: Reason, subject: &Subject, evidence: &Evidence) -> Vec<(String, String)> {
    let unsure = match &subject.permission {
        Permission::Unsure { place } => Some(("Workflow file".to_owned(), place.clone())),
        Permission::Unknown | Permission::Missing { .. } | Permission::Granted { .. } => None,
    };
    let known = if *evidence == Evidence::default() { Vec::new() } else { evidence.lines() };
    let known = known.into_iter().filter(|(name, _)| *name != "Package" || !evidence::contradicts(reason, evidence));
    unsure.into_iter().chain(known.map(|(name, finding)| (name.to_owned(), finding))).collect()
}

#[cfg(test)]
mod tests;
