//! What the evidence of a run adds to its situation.

use super::{
    Permission, Subject,
    situation::{Clue, Held, Place, Situation},
};
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

/// The situation with what the credential, GitHub's API and the workflow file tell. A clue that contradicts the reason
/// is left out.
pub(super) fn situation(reason: Reason, subject: &Subject, evidence: &Evidence) -> Situation {
    let mut situation = subject.situation.clone();
    let account = evidence.account.known();
    situation.held = held(subject, account).unwrap_or(situation.held);
    situation.clues.extend(needs_sso(evidence).then_some(Clue::Sso));
    situation.clues.extend(subject.failure.and_then(of_failure));
    situation.clues.extend(account.and_then(|account| of_account(reason, account, situation.held)));
    situation.clues.extend(of_permission(&subject.permission));
    if situation.held == Held::JobToken {
        situation.clues.extend(evidence.package.known().and_then(|package| of_package(subject, package)));
        situation.clues.extend(evidence.is_fork.then_some(Clue::Fork));
    }
    situation
}

/// Outside a job the variable `GITHUB_TOKEN` holds whatever its owner put there.
fn held(subject: &Subject, account: Option<&Account>) -> Option<Held> {
    match (subject.credential?, subject.situation.place) {
        (Source::GithubToken, Place::Actions) => Some(Held::JobToken),
        _ if account.is_some_and(|account| account.kind == TokenKind::Installation) => Some(Held::App),
        _ => Some(Held::Pat),
    }
}

/// Whether single sign-on has to be authorized, whichever call told it.
fn needs_sso(evidence: &Evidence) -> bool {
    evidence.account.known().is_some_and(|account| account.needs_sso) || evidence.package.known() == Some(&Package::NeedsSso)
}

const fn of_failure(failure: Failure) -> Option<Clue> {
    match failure {
        Failure::Tls(Distrust::Expired(_)) => Some(Clue::Expired),
        Failure::Tls(Distrust::NotYetValid(_)) => Some(Clue::NotYetValid),
        Failure::Tls(Distrust::OtherHost) => Some(Clue::OtherHost),
        Failure::Tls(Distrust::UnknownRoot) => Some(Clue::UnknownRoot),
        Failure::Tls(Distrust::NothingInCommon) => Some(Clue::NothingInCommon),
        _ => None,
    }
}

fn of_account(reason: Reason, account: &Account, held: Held) -> Option<Clue> {
    match (reason, account.kind) {
        _ if held == Held::JobToken => None,
        (_, TokenKind::Dead) => Some(Clue::Dead),
        (Reason::BadCredential, _) => Some(Clue::Alive),
        (Reason::MissingScope, TokenKind::FineGrained) => Some(Clue::FineGrained),
        (Reason::MissingScope, _) => account.may_write_packages().then_some(Clue::HasScope),
        _ => None,
    }
}

const fn of_permission(permission: &Permission) -> Option<Clue> {
    match permission {
        Permission::Missing { .. } => Some(Clue::PermissionMissing),
        Permission::Granted { .. } => Some(Clue::PermissionGranted),
        Permission::Unknown | Permission::Unsure { .. } => None,
    }
}

fn of_package(subject: &Subject, package: &Package) -> Option<Clue> {
    match package {
        Package::Exists { repository: None, visibility: _, owner: _ } => Some(Clue::Unlinked),
        Package::Exists { repository: Some(repository), visibility: _, owner: _ }
            if repository.eq_ignore_ascii_case(&subject.repository) =>
        {
            Some(Clue::LinkedHere)
        }
        Package::Exists { repository: Some(_), visibility: _, owner: _ } => Some(Clue::LinkedElsewhere),
        Package::NotFound | Package::NeedsSso => None,
    }
}

/// Whether the API shows the package as what the registry's reason rules out: it may show an old state, or hide what the
/// credential cannot see.
pub(super) fn contradicts(reason: Reason, evidence: &Evidence) -> bool {
    matches!(
        (reason, evidence.package.known()),
        (Reason::PackageCreationDenied, Some(Package::Exists { .. }))
            | (Reason::PackageWriteDenied | Reason::PackageReadDenied, Some(Package::NotFound))
    )
}
