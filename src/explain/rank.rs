//! Which of several failures is the likeliest first cause.

use super::{
    Finding,
    recognise::{Failure, Reading},
};
use crate::{
    diagnosis::situation::{Held, Operation},
    reason::Reason,
};

/// Ranks the failures and drops those that were got over.
pub(super) fn rank(reading: Reading) -> Vec<Finding> {
    let Reading { failures, clues, success, names_fine_grained } = reading;
    let end = success.unwrap_or_default();
    let mut failures: Vec<_> = failures.into_iter().filter(|failure| !is_passing(failure) || failure.last >= end).collect();
    failures.sort_by_key(|failure| (weight(failure), failure.line));
    let mut findings: Vec<Finding> = Vec::new();
    for failure in failures {
        match findings.iter_mut().find(|finding| finding.reason == failure.reason) {
            Some(known) if known.image.is_none() => known.image = failure.image,
            Some(_) => {}
            None => findings.push(Finding {
                situation: clues.situation(failure.reason, failure.operation, failure.held, &failure.clues),
                reason: failure.reason,
                line: failure.text,
                image: failure.image,
                registry: failure.registry,
                repository: clues.repository().map(str::to_owned),
            }),
        }
    }
    findings.iter_mut().for_each(without_login);
    if names_fine_grained {
        fine_grained(&mut findings);
    }
    findings
}

/// A stated reason outweighs a limit, that a refusal without a reason (also the first answer of every conversation,
/// `authentication required`), and that a fault of the network; a warning and a cache that could not be used come
/// last. Among equals the first is the cause, the others follow from it.
const fn weight(failure: &Failure) -> u8 {
    let kind = match failure.reason {
        Reason::RateLimited => 1,
        Reason::Denied => 2,
        Reason::NoCredential if failure.is_bare => 2,
        Reason::BadCredential if failure.is_bare => 1,
        reason if is_transport(reason) => 3,
        _ => 0,
    };
    if failure.is_aside { kind + 4 } else { kind }
}

const fn is_transport(reason: Reason) -> bool {
    matches!(reason, Reason::RegistryUnreachable | Reason::RegistryTimeout | Reason::RegistryUnavailable | Reason::TlsError)
}

/// What clients try again or do without, so that success may follow.
fn is_passing(failure: &Failure) -> bool {
    is_transport(failure.reason) || failure.reason == Reason::RateLimited || failure.is_aside
}

/// Where the login was removed before, no login can be to blame.
fn without_login(finding: &mut Finding) {
    let situation = &finding.situation;
    if finding.reason == Reason::BadCredential && situation.operation == Operation::Pull && situation.held == Held::Nothing {
        finding.reason = Reason::Denied;
    }
}

/// A refusal of a fine-grained token can only be mended by another kind of token.
fn fine_grained(findings: &mut [Finding]) {
    let refusals = [Reason::BadCredential, Reason::MissingScope, Reason::Denied];
    if let Some(first) = findings.first_mut().filter(|first| refusals.contains(&first.reason)) {
        first.reason = Reason::FineGrainedPat;
    }
}
