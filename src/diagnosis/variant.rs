//! Which variant of an explanation the evidence speaks for.

use chrono::DateTime;

use super::{Permission, Subject};
use crate::{
    credential::Source,
    github::{
        Evidence,
        account::{Account, TokenKind},
        package::Package,
    },
    reason::Reason,
    registry::failure::{Distrust, Failure},
};

/// Every variant that the knowledge has to have.
#[cfg(test)]
pub(super) const VARIANTS: [(Reason, &[&str]); 10] = [
    (Reason::BadCredential, &["dead", "alive", "job-token", "sso"]),
    (Reason::MissingScope, &["has-scope", "fine-grained", "job-token"]),
    (Reason::FineGrainedPat, &["job-token"]),
    (Reason::PackagesPermissionMissing, &["job-token", "workflow", "granted", "app-token"]),
    (Reason::PackageCreationDenied, &["workflow", "granted", "pat", "sso"]),
    (Reason::PackageWriteDenied, &["unlinked", "linked-elsewhere", "linked-here", "pat", "sso"]),
    (Reason::PackageReadDenied, &["pat", "sso"]),
    (Reason::ForeignInstallation, &["fork"]),
    (Reason::Denied, &["dead", "sso"]),
    (Reason::TlsError, &["expired", "not-yet-valid", "other-host", "unknown-root"]),
];

/// The variant, or `None` where the plain entry says all that is known.
pub(super) fn of(reason: Reason, subject: &Subject, evidence: &Evidence) -> Option<&'static str> {
    let is_job_token = subject.credential == Some(Source::GithubToken);
    let is_pat = subject.credential.is_some() && !is_job_token;
    let account = evidence.account.known();
    let kind = account.map(|account| account.kind);
    let takes_sso = matches!(
        reason,
        Reason::BadCredential | Reason::PackageCreationDenied | Reason::PackageWriteDenied | Reason::PackageReadDenied | Reason::Denied
    );
    if takes_sso && needs_sso(evidence) {
        return Some("sso");
    }
    match reason {
        Reason::BadCredential | Reason::MissingScope | Reason::FineGrainedPat if is_job_token => Some("job-token"),
        Reason::BadCredential => match kind? {
            TokenKind::Dead => Some("dead"),
            TokenKind::Classic | TokenKind::FineGrained | TokenKind::Installation => Some("alive"),
        },
        Reason::MissingScope if kind == Some(TokenKind::FineGrained) => Some("fine-grained"),
        Reason::MissingScope => account.is_some_and(Account::may_write_packages).then_some("has-scope"),
        Reason::PackagesPermissionMissing if is_job_token => Some(permission(subject).unwrap_or("job-token")),
        Reason::PackagesPermissionMissing => (kind == Some(TokenKind::Installation)).then_some("app-token"),
        Reason::PackageCreationDenied if is_job_token => permission(subject),
        Reason::PackageWriteDenied if is_job_token => linked(subject, evidence.package.known()?),
        Reason::PackageCreationDenied | Reason::PackageWriteDenied | Reason::PackageReadDenied => is_pat.then_some("pat"),
        Reason::ForeignInstallation => evidence.is_fork.then_some("fork"),
        Reason::Denied => (kind == Some(TokenKind::Dead)).then_some("dead"),
        Reason::TlsError => distrust(subject.failure),
        _ => None,
    }
}

/// Whether single sign-on has to be authorized, whichever call told it.
fn needs_sso(evidence: &Evidence) -> bool {
    evidence.account.known().is_some_and(|account| account.needs_sso) || evidence.package.known() == Some(&Package::NeedsSso)
}

fn distrust(failure: Option<Failure>) -> Option<&'static str> {
    match failure? {
        Failure::Tls(Distrust::Expired(_)) => Some("expired"),
        Failure::Tls(Distrust::NotYetValid(_)) => Some("not-yet-valid"),
        Failure::Tls(Distrust::OtherHost) => Some("other-host"),
        Failure::Tls(Distrust::UnknownRoot) => Some("unknown-root"),
        _ => None,
    }
}

/// The two dates that a certificate's validity is judged by, in a sentence.
pub(super) fn dates(failure: Failure) -> Option<String> {
    let (Failure::Tls(Distrust::Expired(dates)) | Failure::Tls(Distrust::NotYetValid(dates))) = failure else { return None };
    let date = |seconds: u64| Some(DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?.format("%Y-%m-%d %H:%M").to_string());
    let Some((now, limit)) = dates.and_then(|dates| Some((date(dates.now)?, date(dates.limit)?))) else {
        return Some("This machine's clock may be wrong.".to_owned());
    };
    Some(format!("This one's limit is {limit} UTC, and the clock of this machine says {now} UTC."))
}

fn permission(subject: &Subject) -> Option<&'static str> {
    match subject.permission {
        Permission::Missing { .. } => Some("workflow"),
        Permission::Granted { .. } => Some("granted"),
        Permission::Unknown | Permission::Unsure { .. } => None,
    }
}

fn linked(subject: &Subject, package: &Package) -> Option<&'static str> {
    match package {
        Package::Exists { repository: None, visibility: _, owner: _ } => Some("unlinked"),
        Package::Exists { repository: Some(repository), visibility: _, owner: _ }
            if repository.eq_ignore_ascii_case(&subject.repository) =>
        {
            Some("linked-here")
        }
        Package::Exists { repository: Some(_), visibility: _, owner: _ } => Some("linked-elsewhere"),
        Package::NotFound | Package::NeedsSso => None,
    }
}
