//! Which variant of an explanation the evidence speaks for.

use super::{Permission, Subject};
use crate::{
    credential::Source,
    github::{
        Evidence,
        account::{Account, TokenKind},
        package::Package,
    },
    reason::Reason,
};

/// Every variant that the knowledge has to have.
#[cfg(test)]
pub(super) const VARIANTS: [(Reason, &[&str]); 9] = [
    (Reason::BadCredential, &["dead", "alive", "job-token", "sso"]),
    (Reason::MissingScope, &["has-scope", "fine-grained", "job-token"]),
    (Reason::FineGrainedPat, &["job-token"]),
    (Reason::PackagesPermissionMissing, &["job-token", "workflow", "granted", "app-token"]),
    (Reason::PackageCreationDenied, &["workflow", "granted", "pat", "sso"]),
    (Reason::PackageWriteDenied, &["unlinked", "linked-elsewhere", "linked-here", "pat", "sso"]),
    (Reason::PackageReadDenied, &["pat", "sso"]),
    (Reason::ForeignInstallation, &["fork"]),
    (Reason::Denied, &["dead", "sso"]),
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
    if takes_sso && sso_url(evidence).is_some() {
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
        _ => None,
    }
}

/// Where single sign-on is to be authorised, whichever call told it.
pub(super) fn sso_url(evidence: &Evidence) -> Option<&str> {
    let of_package = match evidence.package.known() {
        Some(Package::NeedsSso(url)) => Some(url.as_str()),
        _ => None,
    };
    evidence.account.known().and_then(|account| account.sso_url.as_deref()).or(of_package)
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
        Package::NotFound | Package::NeedsSso(_) => None,
    }
}
