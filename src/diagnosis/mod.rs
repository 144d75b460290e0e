//! Why the answer is no, and what to change: the knowledge is data, in `knowledge.yaml`.

mod variant;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use crate::workflow::evidence::Permission;
use crate::{
    credential::Source,
    github::{Evidence, OwnerKind, package::Package},
    project,
    reason::Reason,
    registry::failure::Failure,
};

const KNOWLEDGE: &str = include_str!("knowledge.yaml");

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
    /// The fixes for a text of fixed width: numbered, the lines to paste indented below each.
    pub fn numbered_fixes(&self) -> Vec<String> {
        numbered(self.fixes.iter())
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

/// What an explanation may name.
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
    /// What the workflow file says.
    pub permission: Permission,
    /// Why the registry gave no answer.
    pub failure: Option<Failure>,
}

impl Subject {
    /// The settings page of the package (`/` in its name as `%2F`).
    pub fn package_settings(&self, owner: OwnerKind) -> String {
        let kind = if owner == OwnerKind::User { "users" } else { "orgs" };
        format!("{}/{kind}/{}/packages/container/{}/settings", self.server, self.owner, self.package.replace('/', "%2F"))
    }

    /// What stands for each placeholder.
    fn values(&self, evidence: &Evidence) -> [(&'static str, String); 17] {
        let of_package = match evidence.package.known() {
            Some(Package::Exists { repository, visibility: _, owner }) => (repository.clone(), *owner),
            _ => (None, None),
        };
        let owner = evidence.owner.known().copied().or(of_package.1).unwrap_or(OwnerKind::Organization);
        let tokens = format!("{}/settings/tokens", self.server);
        let (place, detail) = match &self.permission {
            Permission::Missing { place, instruction, lines: _ } => (place.clone(), instruction.clone()),
            Permission::Granted { place } | Permission::Unsure { place } => (place.clone(), self.detail.clone()),
            Permission::Unknown => (String::new(), self.failure.and_then(variant::dates).unwrap_or_else(|| self.detail.clone())),
        };
        [
            ("{credential}", self.credential.map_or("the credential", Source::name).to_owned()),
            ("{image}", self.image.clone()),
            ("{owner}", self.owner.clone()),
            ("{registry}", self.registry.clone()),
            ("{repository}", self.repository.clone()),
            ("{server}", self.server.clone()),
            ("{event}", self.event.clone()),
            ("{package_settings}", self.package_settings(owner)),
            ("{new_token}", format!("{tokens}/new?scopes=write:packages")),
            ("{tokens}", tokens),
            ("{sso}", format!("{}/orgs/{}/sso", self.server, self.owner)),
            ("{linked}", of_package.0.unwrap_or_default()),
            ("{login}", evidence.account.known().and_then(|account| account.login.clone()).unwrap_or_default()),
            ("{workflow}", place),
            ("{detail}", detail),
            ("{package}", self.package.clone()),
            ("{source}", project::SOURCE.to_owned()),
        ]
    }
}

/// What `knowledge.yaml` says of one code.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    title: String,
    cause: String,
    fixes: Vec<FixEntry>,
    #[serde(default)]
    links: Vec<LinkEntry>,
    #[serde(default)]
    variants: BTreeMap<String, Variant>,
}

/// What stands in for parts of an entry.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    title: Option<String>,
    cause: Option<String>,
    fixes: Option<Vec<FixEntry>>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FixEntry {
    text: String,
    paste: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkEntry {
    label: String,
    url: String,
}

/// Explains a refusal. Total: a code without an entry, which a test rules out, is explained by its name.
pub fn explain(reason: Reason, subject: &Subject, evidence: &Evidence) -> Diagnosis {
    let shown = if *evidence == Evidence::default() { Vec::new() } else { evidence.lines() };
    let unsure = match &subject.permission {
        Permission::Unsure { place } => Some(("Workflow file".to_owned(), place.clone())),
        Permission::Unknown | Permission::Missing { .. } | Permission::Granted { .. } => None,
    };
    let shown = unsure.into_iter().chain(shown.into_iter().map(|(name, finding)| (name.to_owned(), finding))).collect();
    let entry = knowledge().ok().and_then(|mut knowledge| knowledge.remove(reason.code()));
    let Some(entry) = entry else {
        return Diagnosis {
            code: reason,
            title: reason.code().to_owned(),
            cause: String::new(),
            fixes: Vec::new(),
            evidence: shown,
            links: Vec::new(),
        };
    };
    let variant = variant::of(reason, subject, evidence).and_then(|name| entry.variants.get(name).cloned());
    let variant = variant.unwrap_or(Variant { title: None, cause: None, fixes: None });
    let values = subject.values(evidence);
    let fill = |template: &str| values.iter().fold(template.trim_end().to_owned(), |text, (name, value)| text.replace(name, value));
    let fixes = variant.fixes.unwrap_or(entry.fixes).into_iter();
    let mut fixes: Vec<_> = fixes.map(|fix| Fix { text: fill(&fix.text), paste: fix.paste.map(|lines| fill(&lines) + "\n") }).collect();
    if let Permission::Missing { place: _, instruction, lines } = &subject.permission {
        let to_paste = fixes.iter_mut().filter(|fix| fix.text == *instruction);
        to_paste.for_each(|fix| fix.paste = Some(lines.clone()));
    }
    Diagnosis {
        code: reason,
        title: fill(&variant.title.unwrap_or(entry.title)),
        cause: fill(&variant.cause.unwrap_or(entry.cause)),
        fixes,
        evidence: shown,
        links: entry.links.iter().map(|link| Link { label: fill(&link.label), url: fill(&link.url) }).collect(),
    }
}

fn knowledge() -> Result<BTreeMap<String, Entry>, serde_yaml::Error> {
    serde_yaml::from_str(KNOWLEDGE)
}

#[cfg(test)]
mod tests;
