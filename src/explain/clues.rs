//! The situation that a log shows: its words for what was tried, where, and with which credential.

use std::sync::LazyLock;

use super::{
    mention::ImageName,
    phrases::Phrases,
    signs::{SIGNS, Sign},
    text::Line,
};
use crate::{
    diagnosis::situation::{Clue, Held, Operation, Place, Situation, Tool},
    reason::Reason,
};

/// What the log showed so far.
#[derive(Debug, Default)]
pub(super) struct Clues {
    /// What the last line that shows it tried.
    operation: Option<Operation>,
    places: [bool; Place::ALL.len()],
    held: Held,
    /// Whether the log says that it is a PAT.
    names_pat: bool,
    tool: Tool,
    known: Vec<Clue>,
    /// `owner/name` of the repository that a job checked out.
    repository: Option<String>,
}

impl Clues {
    /// Takes in a line. Returns what this line itself shows of the operation.
    pub(super) fn learn(&mut self, line: &Line) -> Option<Operation> {
        static TEXTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(SIGNS.iter().map(|(text, _)| *text)));
        let mut operation = None;
        for (index, at) in TEXTS.of(&line.lower) {
            let is_quoted = line.lower[..at].ends_with('\'');
            match SIGNS[index].1 {
                // `may require 'docker login'` is advice, not an event.
                Sign::To(_) | Sign::LogsIn if is_quoted => {}
                Sign::To(to) => operation = operation.or(Some(to)),
                Sign::At(place) => self.places[place as usize] |= is_sign_of(place, &line.lower, at),
                Sign::With(held) => {
                    self.names_pat |= held == Held::Pat;
                    self.hold(held);
                }
                Sign::LogsIn => self.hold(Held::Pat),
                // Every tool of rpm-ostree's prints what podman's library says.
                Sign::By(tool) if self.tool != Tool::Ostree => self.tool = tool,
                Sign::That(clue) if !self.known.contains(&clue) => self.known.push(clue),
                Sign::By(_) | Sign::That(_) => {}
            }
        }
        self.places[Place::Actions as usize] |= line.is_command || is_step(&line.lower);
        if let Some(repository) = line.lower.strip_prefix("syncing repository: ") {
            self.repository = Some(repository.trim().to_owned());
        }
        self.operation = operation.or(self.operation);
        operation
    }

    /// A later sign wins over an earlier one, but a job's token and an App's are never mistaken for another's.
    fn hold(&mut self, held: Held) {
        let is_sure = matches!(self.held, Held::JobToken | Held::App);
        if !is_sure || held == Held::App {
            self.held = held;
        }
    }

    /// What was being tried when the last line was read.
    pub(super) const fn operation(&self) -> Option<Operation> {
        self.operation
    }

    /// What was being used when the last line was read.
    pub(super) const fn held(&self) -> Held {
        self.held
    }

    /// The repository of the job, if the log names it.
    pub(super) fn repository(&self) -> Option<&str> {
        self.repository.as_deref()
    }

    /// The situation of a failure.
    pub(super) fn situation(&self, reason: Reason, operation: Option<Operation>, held: Held, own: &[Clue]) -> Situation {
        let operation = operation.or(self.operation).filter(|operation| fits(reason, *operation)).unwrap_or_else(|| usual(reason));
        let mut clues = own.to_vec();
        clues.extend(self.known.iter().filter(|clue| concerns(**clue, reason, operation)));
        let place = [Place::OtherCi, Place::Appliance, Place::Cluster, Place::Actions, Place::Desktop];
        let place = place.into_iter().find(|place| self.places[*place as usize]).unwrap_or_default();
        Situation { operation, place, held: self.held_for(reason, place, held), tool: self.tool, clues }
    }

    /// A login of a job is mostly made with `GITHUB_TOKEN`; elsewhere it is one with a PAT.
    fn held_for(&self, reason: Reason, place: Place, held: Held) -> Held {
        let held = match (held, self.held) {
            (_, Held::JobToken | Held::App) => self.held,
            (Held::Pat, _) if place == Place::Actions && !self.names_pat => Held::Unknown,
            _ => held,
        };
        match (reason, held) {
            (Reason::BadCredential, Held::Pat | Held::Unknown) => Held::Stale,
            (Reason::PackagesPermissionMissing | Reason::ForeignInstallation, Held::App) => Held::App,
            (Reason::PackagesPermissionMissing | Reason::ForeignInstallation, _) => Held::JobToken,
            (Reason::NoCredential, Held::Unknown) => Held::Nothing,
            (_, held) => held,
        }
    }
}

/// Go programs print the paths of where they were built.
fn is_sign_of(place: Place, lower: &str, at: usize) -> bool {
    match place {
        Place::Actions => !lower.contains(".go:"),
        Place::Desktop if lower[at..].starts_with("$ ") => lower[..at].len() < 60,
        _ => true,
    }
}

/// `Run docker/login-action@v3`, `Run make push`: how a job's log begins a step.
fn is_step(lower: &str) -> bool {
    lower.strip_prefix("run ").is_some_and(|step| !step.starts_with('\'') && step.len() > 2)
}

/// Whether an operation can have ended so.
const fn fits(reason: Reason, operation: Operation) -> bool {
    match reason {
        Reason::PackageWriteDenied | Reason::PackageCreationDenied | Reason::PackagesPermissionMissing => {
            matches!(operation, Operation::Push)
        }
        Reason::PackageReadDenied | Reason::ForeignInstallation => matches!(operation, Operation::Push | Operation::Pull),
        _ => true,
    }
}

/// What was tried where the log does not say.
const fn usual(reason: Reason) -> Operation {
    match reason {
        Reason::PackageWriteDenied
        | Reason::PackageCreationDenied
        | Reason::PackagesPermissionMissing
        | Reason::MissingScope
        | Reason::FineGrainedPat
        | Reason::ForeignInstallation => Operation::Push,
        Reason::PackageReadDenied | Reason::BadCredential => Operation::Pull,
        _ => Operation::Other,
    }
}

/// Whether a fact about the whole log says anything of a failure.
const fn concerns(clue: Clue, reason: Reason, operation: Operation) -> bool {
    match clue {
        Clue::Signing => matches!(operation, Operation::Push),
        Clue::ManifestOnly => matches!((reason, operation), (Reason::Denied, Operation::Push)),
        Clue::ReadOnly | Clue::PullRequest => matches!(reason, Reason::PackagesPermissionMissing),
        _ => true,
    }
}

/// What the line of a failure tells beyond its reason.
pub(super) fn of_failure(line: &Line, reason: Reason, operation: Option<Operation>, image: Option<&ImageName>) -> Vec<Clue> {
    let lower = line.lower.as_str();
    let has = |texts: &[&str]| texts.iter().any(|text| lower.contains(text));
    let is_push = operation == Some(Operation::Push);
    let tests = [
        (Clue::CalledWorkflow, lower.contains("but is only allowed")),
        (Clue::OwnerNotFound, lower.contains("owner not found")),
        (Clue::Intermediary, has(&["authzd", "error from intermediary"])),
        (Clue::Cache, image.is_some_and(|image| image.package.ends_with("cache"))),
        (Clue::ManifestOnly, is_push && lower.contains("/manifests/") && has(&["put request", "put https", "put \"https"])),
        (Clue::Signing, is_push && lower.starts_with("error: signing")),
        (
            Clue::Upload,
            reason == Reason::RegistryUnavailable
                && has(&["upload", "unknown blob", "reuse body", "writing blob", "put http", "put \"http"]),
        ),
        (Clue::NotLoggedIn, is_push && matches!(reason, Reason::Denied | Reason::NoCredential) && is_said_to_strangers(lower)),
        (
            Clue::Dns,
            has(&["no such host", "lookup ", "name resolution", "enotfound", "resolve host", "server misbehaving", "name or service"]),
        ),
        (Clue::Proxy, has(&["proxyconnect", "http.docker.internal"])),
        (Clue::EmptyName, has(&["ghcr.io//", "ghcr.io/:", "ghcr.io/\"", "ghcr.io/ "]) && reason == Reason::InvalidImage),
        (Clue::BadTag, reason == Reason::InvalidImage && !lower.contains("lowercase") && tag_of(lower).is_some_and(is_bad_tag)),
        (Clue::UpperCase, reason == Reason::InvalidImage && (lower.contains("lowercase") || has_upper_case(line))),
        (Clue::SharedLimit, lower.contains("allowed: 44000") || reason == Reason::RateLimited && operation == Some(Operation::Pull)),
        (Clue::NoReason, lower.contains(" token: invalid status code from registry")),
        (Clue::TwoScopes, lower.contains("user%2fimage%3apull") && lower.matches("scope=").count() > 1),
        (Clue::NoOwner, reason == Reason::RegistryProtocol && lacks_owner(lower)),
        (Clue::BasicAuth, lower.contains("invalid token")),
        (Clue::EmptyName, reason == Reason::InvalidImage && image.is_none() && lower.contains(" token")),
        (Clue::Expired, reason == Reason::TlsError && lower.contains("has expired")),
        (Clue::OtherHost, reason == Reason::TlsError && lower.contains("certificate is valid for")),
        (
            Clue::NothingInCommon,
            reason == Reason::TlsError && has(&["handshake failure", "protocol version", "insufficient security", "no cipher suite"]),
        ),
        (Clue::Sso, reason == Reason::Denied && lower.contains("saml")),
        (Clue::Policy, reason == Reason::Denied && is_policy(lower)),
    ];
    tests.into_iter().filter(|(_, holds)| *holds).map(|(clue, _)| clue).collect()
}

/// Whether a push was refused as GHCR refuses those without a login.
fn is_said_to_strangers(lower: &str) -> bool {
    let asks =
        ["requested access to the resource", "unauthorized", "authentication required", " 401"].iter().any(|text| lower.contains(text));
    asks || lower.trim_start_matches("error: ") == "denied"
}

/// Whether the registry was asked for a name of one part only.
fn lacks_owner(lower: &str) -> bool {
    let name = lower.split_once("/v2/").and_then(|(_, path)| path.split_once('/'));
    name.is_some_and(|(_, rest)| rest.starts_with("blobs/") || rest.starts_with("manifests/"))
}

/// The tag of the first image that a line names.
fn tag_of(lower: &str) -> Option<&str> {
    let reference = &lower[lower.find("ghcr.io/")?..];
    let reference = reference.split(|end: char| end.is_whitespace() || "\"'`,)]".contains(end)).next()?;
    reference.split_once(':').map(|(_, tag)| tag)
}

fn is_bad_tag(tag: &str) -> bool {
    let tag = tag.split('@').next().unwrap_or(tag).trim_end_matches(':');
    tag.is_empty() || tag.len() > 128 || tag.bytes().any(|byte| !(byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)))
}

/// Whether the name of the image has upper-case letters.
fn has_upper_case(line: &Line) -> bool {
    let Some(at) = line.lower.find("ghcr.io/") else { return false };
    let name = line.text[at..].split(|end: char| end.is_whitespace() || "\"'`:@,)]".contains(end)).next().unwrap_or_default();
    name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether GitHub says in words of its own what forbids it.
fn is_policy(lower: &str) -> bool {
    ["policy", "ruleset", "ip allow list", "saml", "single sign-on", "billing", "not been enabled", "suspended", "quota", "spending limit"]
        .iter()
        .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{super::text, *};

    fn situation(log: &str, reason: Reason) -> Situation {
        let mut clues = Clues::default();
        let own = text::lines(log).map(|line| clues.learn(&line)).last().flatten();
        clues.situation(reason, own, clues.held(), &[])
    }

    #[test]
    fn every_sign_is_in_lower_case() {
        assert!(SIGNS.iter().all(|(text, _)| *text == text.to_ascii_lowercase() && text.len() > 1));
    }

    #[test]
    fn the_operation_is_that_of_the_line_or_of_the_last_one_that_shows_it() {
        for (log, operation) in [
            ("The push refers to repository [ghcr.io/acme/app]\nunauthorized", Operation::Push),
            ("docker login ghcr.io\nLogin Succeeded\ndocker pull ghcr.io/acme/app\ndenied", Operation::Pull),
            ("Trying to pull ghcr.io/acme/base\nfailed to push ghcr.io/acme/app: 403 Forbidden", Operation::Push),
            ("Run docker/login-action@v3\nGet \"https://ghcr.io/v2/\": denied: denied", Operation::Login),
            ("Get https://ghcr.io/v2/: EOF", Operation::Other),
        ] {
            assert_eq!(situation(log, Reason::Denied).operation, operation, "{log}");
        }
        assert_eq!(situation("permission_denied: read_package", Reason::PackageReadDenied).operation, Operation::Pull);
    }

    #[test]
    fn the_place_is_told_by_what_only_it_writes() {
        for (log, place) in [
            ("Run docker/build-push-action@v6", Place::Actions),
            ("##[error]denied", Place::Actions),
            ("Warning  Failed  kubelet  Failed to pull image \"ghcr.io/acme/app\"", Place::Cluster),
            ("user@host:~$ docker pull ghcr.io/acme/app", Place::Desktop),
            ("Run 'docker run --help' for more information", Place::Unknown),
            ("/home/runner/work/trivy/trivy/pkg/oci/artifact.go:55", Place::Unknown),
            ("ERROR (MainThread) [supervisor.docker.interface] denied", Place::Appliance),
        ] {
            assert_eq!(situation(log, Reason::Denied).place, place, "{log}");
        }
    }

    #[test]
    fn the_credential_is_the_last_one_that_was_used() {
        for (log, held) in [
            ("installation not allowed to Write organization package", Held::JobToken),
            ("Login Succeeded", Held::Pat),
            ("Login Succeeded\n$ docker logout ghcr.io", Held::Nothing),
            ("Run docker/login-action@v3\nLogin Succeeded!", Held::Unknown),
            ("may require 'docker login'", Held::Unknown),
            ("failed to fetch anonymous token", Held::Nothing),
            ("denied", Held::Unknown),
        ] {
            assert_eq!(situation(log, Reason::Denied).held, held, "{log}");
        }
        assert_eq!(situation("denied: denied", Reason::BadCredential).held, Held::Stale);
    }
}
