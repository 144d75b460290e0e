//! What replaces the names in braces in the knowledge.

use chrono::DateTime;

use super::{
    Permission, Subject,
    situation::{Clue, Held, Operation, Place, Situation, Tool},
};
use crate::{
    credential::Source,
    github::{Evidence, OwnerKind, package::Package},
    project,
    registry::failure::{Distrust, Failure},
};

/// The case that an explanation is for.
pub(super) struct Words<'a> {
    pub(super) subject: &'a Subject,
    pub(super) situation: &'a Situation,
    pub(super) evidence: &'a Evidence,
}

impl Words<'_> {
    /// A text with the names in it replaced. What is put in is not looked at again.
    pub(super) fn fill(&self, template: &str) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let named = after.split_once('}').and_then(|(name, after)| Some((self.value(name)?, after)));
            let (value, following) = named.unwrap_or_else(|| ("{".to_owned(), after));
            text.push_str(&value);
            rest = following;
        }
        text.push_str(rest);
        text.truncate(text.trim_end().len());
        text
    }

    fn value(&self, name: &str) -> Option<String> {
        let subject = self.subject;
        Some(match name {
            "credential" => self.credential().to_owned(),
            "image" => or(&subject.image, "the image"),
            "owner" => or(&subject.owner, "the owner"),
            "package" => or(&subject.package, "the package"),
            "registry" => or(&subject.registry, "ghcr.io"),
            "repository" => or(&subject.repository, "the repository that runs the workflow"),
            "server" => self.server().to_owned(),
            "event" => or(&subject.event, "such"),
            "said" => subject.said.clone(),
            "lower" => format!("`{}`", or(&subject.image, "ghcr.io/owner/name")),
            "again" => self.again().to_owned(),
            "Again" => capitalized(self.again()),
            "here" => self.here().to_owned(),
            "role" => self.by_operation("Read", "Write").to_owned(),
            "scope" => self.scope().to_owned(),
            "level" => self.by_operation("read", "write").to_owned(),
            "log_in" => self.log_in(),
            "log_out" => self.log_out(),
            "registry_name" => self.registry_name().to_owned(),
            "tokens" => format!("{}/settings/tokens", self.server()),
            "new_token" => format!("{}/settings/tokens/new?scopes={}", self.server(), self.scope()),
            "packages" => self.of_owner("", "the owner's Packages tab on GitHub", " (Packages tab)"),
            "package_settings" => self.package_settings(),
            "settings_page" => self.settings_page()?,
            "package_creation" => self.of_owner("settings/packages", "the settings page of the organization (Packages)", ""),
            "workflow_settings" => {
                self.of_owner("settings/actions", "the settings page of the organization (Actions, Workflow permissions)", "")
            }
            "sso" => format!("{}/orgs/{}/sso", self.server(), or(&subject.owner, "OWNER")),
            "dates" => subject.failure.and_then(dates).unwrap_or_default(),
            "linked" => self.linked().unwrap_or_default().to_owned(),
            "workflow" => self.permission_place(),
            "detail" => match &subject.permission {
                Permission::Missing { place: _, instruction, lines: _ } => instruction.clone(),
                Permission::Unknown | Permission::Unsure { .. } | Permission::Granted { .. } => subject.detail.clone(),
            },
            "permission_lines" => match &subject.permission {
                Permission::Missing { place: _, instruction: _, lines } => lines.clone(),
                Permission::Unknown | Permission::Unsure { .. } | Permission::Granted { .. } => String::new(),
            },
            "read_only" => self.if_known(Clue::ReadOnly, "The log shows that it can only read (`Packages: read`)."),
            "source" => project::SOURCE.to_owned(),
            _ => return None,
        })
    }

    fn credential(&self) -> &'static str {
        match (self.subject.credential, self.situation.held) {
            (Some(source), _) => Source::name(source),
            (None, Held::JobToken) => "GITHUB_TOKEN",
            (None, Held::Pat) => "the PAT",
            (None, Held::App) => "the token",
            (None, Held::Stale) => "the login",
            (None, Held::Nothing | Held::Unknown) => "the credential",
        }
    }

    fn server(&self) -> &str {
        self.subject.server()
    }

    const fn by_operation(&self, to_read: &'static str, to_write: &'static str) -> &'static str {
        match self.situation.operation {
            Operation::Pull => to_read,
            Operation::Push | Operation::Login | Operation::Delete | Operation::Other => to_write,
        }
    }

    const fn scope(&self) -> &'static str {
        self.by_operation("read:packages", "write:packages")
    }

    const fn again(&self) -> &'static str {
        match self.situation.place {
            Place::Actions => "rerun the job",
            Place::OtherCi => "run the CI job again",
            Place::Desktop | Place::Cluster | Place::Appliance | Place::Unknown => "try again",
        }
    }

    const fn here(&self) -> &'static str {
        match self.situation.place {
            Place::Actions => "on the runner",
            Place::OtherCi => "on the CI machine",
            Place::Cluster => "on the node",
            Place::Appliance => "on this device",
            Place::Desktop | Place::Unknown => "on this machine",
        }
    }

    /// Where the registry's name was given.
    fn registry_name(&self) -> &'static str {
        if self.situation.has(Clue::OwnRun) { "the `registry` input" } else { "the registry's name" }
    }

    fn log_in(&self) -> String {
        let registry = or(&self.subject.registry, "ghcr.io");
        match self.situation.tool {
            Tool::Docker => format!("`docker login {registry}`"),
            Tool::Podman => format!("`podman login {registry}`"),
            Tool::Helm => format!("`helm registry login {registry}`"),
            Tool::Ostree => format!("`sudo podman login {registry} --authfile /etc/ostree/auth.json`"),
            Tool::Renovate => format!("in Renovate's `hostRules`, with `matchHost` {registry}, `username`, and `password`"),
            Tool::Ecs => "in the container's `repositoryCredentials` (a secret in Secrets Manager)".to_owned(),
            Tool::Dependabot => "in `registries` of dependabot.yml, with a Dependabot secret".to_owned(),
        }
    }

    fn log_out(&self) -> String {
        let registry = or(&self.subject.registry, "ghcr.io");
        match self.situation.tool {
            Tool::Docker => format!("`docker logout {registry}`"),
            Tool::Podman => format!("`podman logout {registry}`, and `docker logout {registry}` (podman reads Docker's logins too)"),
            Tool::Helm => format!("`helm registry logout {registry}`, and `docker logout {registry}` (helm reads Docker's logins too)"),
            Tool::Renovate => "in `hostRules`".to_owned(),
            Tool::Dependabot => "in `registries`".to_owned(),
            Tool::Ecs => "in `repositoryCredentials`".to_owned(),
            Tool::Ostree => {
                format!("remove {registry} from /etc/ostree/auth.json and /run/ostree/auth.json, and `sudo podman logout {registry}`")
            }
        }
    }

    /// A page of the owner's; `unknown` if nobody knows the owner.
    fn of_owner(&self, page: &str, unknown: &str, hint: &str) -> String {
        let owner = &self.subject.owner;
        match (owner.is_empty(), page) {
            (true, _) => unknown.to_owned(),
            (false, "") => format!("{}/{owner}{hint}", self.server()),
            (false, _) => format!("{}/organizations/{owner}/{page}", self.server()),
        }
    }

    /// Where access to the package is given, in words that can follow "Open".
    fn package_settings(&self) -> String {
        let owner = &self.subject.owner;
        match (self.settings_page(), self.owner_kind()) {
            (None, _) => "the package's settings (the owner's Packages tab on GitHub, the package, Package settings)".to_owned(),
            (Some(page), Some(_)) => page,
            (Some(page), None) => format!("{page} (personal account: /users/{owner}/)"),
        }
    }

    /// The settings page of the package (`/` in its name as `%2F`).
    fn settings_page(&self) -> Option<String> {
        let known = !self.subject.owner.is_empty() && !self.subject.package.is_empty();
        known.then(|| self.subject.package_settings(self.owner_kind().unwrap_or(OwnerKind::Organization)))
    }

    fn owner_kind(&self) -> Option<OwnerKind> {
        let of_package = match self.evidence.package.known() {
            Some(Package::Exists { repository: _, visibility: _, owner }) => *owner,
            _ => None,
        };
        self.evidence.owner.known().copied().or(of_package)
    }

    fn linked(&self) -> Option<&str> {
        match self.evidence.package.known() {
            Some(Package::Exists { repository, visibility: _, owner: _ }) => repository.as_deref(),
            _ => None,
        }
    }

    fn permission_place(&self) -> String {
        match &self.subject.permission {
            Permission::Missing { place, .. } | Permission::Granted { place } | Permission::Unsure { place } => place.clone(),
            Permission::Unknown => String::new(),
        }
    }

    fn if_known(&self, clue: Clue, text: &str) -> String {
        if self.situation.has(clue) { text.to_owned() } else { String::new() }
    }
}

fn or(known: &str, otherwise: &str) -> String {
    if known.is_empty() { otherwise } else { known }.to_owned()
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The two dates that a certificate's validity is judged by, in a sentence.
fn dates(failure: Failure) -> Option<String> {
    let Failure::Tls(Distrust::Expired(dates) | Distrust::NotYetValid(dates)) = failure else { return None };
    let date = |seconds: u64| Some(DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?.to_string());
    let Some((now, limit)) = dates.and_then(|dates| Some((date(dates.now)?, date(dates.limit)?))) else {
        return Some("This machine's clock may be wrong.".to_owned());
    };
    Some(format!("This one's limit is {limit}, and the clock of this machine says {now}."))
}
