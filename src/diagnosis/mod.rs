//! Why the answer is no, and what to change: the knowledge is data, in `knowledge.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::reason::Reason;

const KNOWLEDGE: &str = include_str!("knowledge.yaml");

/// A refusal explained.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// What happened, without the full stop.
    pub title: String,
    /// Why.
    pub cause: String,
    /// What to do about it; the likeliest first.
    pub fixes: Vec<Fix>,
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

/// What an explanation may name.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The credential that was refused.
    pub credential: Option<&'static str>,
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
    /// Whether the owner is a user, not an organisation.
    pub owner_is_user: bool,
    /// What exactly is wrong, where the place that found it knows.
    pub detail: String,
}

impl Subject {
    /// The settings page of the package (`/` in its name as `%2F`).
    fn package_settings(&self) -> String {
        let kind = if self.owner_is_user { "users" } else { "orgs" };
        format!("{}/{kind}/{}/packages/container/{}/settings", self.server, self.owner, self.package.replace('/', "%2F"))
    }

    fn fill(&self, template: &str) -> String {
        let values = [
            ("{credential}", self.credential.unwrap_or("the credential").to_owned()),
            ("{image}", self.image.clone()),
            ("{owner}", self.owner.clone()),
            ("{registry}", self.registry.clone()),
            ("{repository}", self.repository.clone()),
            ("{server}", self.server.clone()),
            ("{event}", self.event.clone()),
            ("{detail}", self.detail.clone()),
            ("{package_settings}", self.package_settings()),
        ];
        values.into_iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, &value))
    }
}

/// What `knowledge.yaml` says of one code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    title: String,
    cause: String,
    fixes: Vec<FixEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixEntry {
    text: String,
    paste: Option<String>,
}

/// Explains a refusal. Total: a code without an entry, which a test rules out, is explained by its name.
pub fn explain(reason: Reason, subject: &Subject) -> Diagnosis {
    let entry = knowledge().ok().and_then(|mut knowledge| knowledge.remove(reason.code()));
    let Some(entry) = entry else { return Diagnosis { title: reason.code().to_owned(), ..Diagnosis::default() } };
    let fix = |fix: FixEntry| Fix { text: subject.fill(fix.text.trim_end()), paste: fix.paste.map(|lines| subject.fill(&lines)) };
    Diagnosis {
        title: subject.fill(entry.title.trim_end()),
        cause: subject.fill(entry.cause.trim_end()),
        fixes: entry.fixes.into_iter().map(fix).collect(),
    }
}

fn knowledge() -> Result<BTreeMap<String, Entry>, serde_yaml::Error> {
    serde_yaml::from_str(KNOWLEDGE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn subject() -> Subject {
        Subject {
            credential: Some("GHCR_PAT"),
            image: "ghcr.io/acme/app/cache".into(),
            owner: "acme".into(),
            package: "app/cache".into(),
            registry: "ghcr.io".into(),
            repository: "acme/app".into(),
            server: "https://github.com".into(),
            event: "push".into(),
            owner_is_user: false,
            detail: "`timeout` must be a number".into(),
        }
    }

    #[test]
    fn every_refusal_is_explained_and_nothing_else_is() {
        let granted = [Reason::Allowed, Reason::Unverified];
        let refusals: BTreeSet<_> =
            Reason::ALL.iter().filter(|reason| !granted.contains(reason)).map(|reason| reason.code().to_owned()).collect();
        assert_eq!(knowledge().unwrap().into_keys().collect::<BTreeSet<_>>(), refusals);
    }

    #[test]
    fn every_explanation_is_whole_short_and_has_a_fix() {
        for reason in Reason::ALL.iter().filter(|reason| !matches!(reason, Reason::Allowed | Reason::Unverified)) {
            let Diagnosis { title, cause, fixes } = explain(*reason, &subject());
            assert!(!title.is_empty() && !title.ends_with('.') && title.len() < 120, "{title}");
            assert!(cause.ends_with('.') && cause.len() < 400, "{cause}");
            assert!(!fixes.is_empty(), "{}", reason.code());
            for text in [&title, &cause].into_iter().chain(fixes.iter().map(|fix| &fix.text)) {
                assert!(!text.contains(['\n', '{']), "{text}");
            }
        }
    }

    #[test]
    fn the_settings_page_of_a_nested_package_is_one_click_away() {
        let fixes = explain(Reason::PackageWriteDenied, &subject()).fixes;
        assert!(fixes[0].text.contains("https://github.com/orgs/acme/packages/container/app%2Fcache/settings"), "{}", fixes[0].text);
        let users = Subject { owner_is_user: true, ..subject() };
        assert!(explain(Reason::PackageWriteDenied, &users).fixes[0].text.contains("https://github.com/users/acme/packages/"));
    }
}
