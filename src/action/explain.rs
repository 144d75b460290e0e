//! What is said beyond the decision: why a no is a no, and when a yes will end.

use chrono::Utc;

use super::{found::Found, permission};
use crate::{
    candidates::Skipped,
    credential::{Candidate, Source},
    decision::Decision,
    diagnosis::{self, Diagnosis, Permission, Subject},
    github::{
        Evidence, Fact, OwnerKind,
        account::{Account, TokenKind},
        api::GitHub,
        package::Package,
    },
    job::payload::Field,
    reason::Reason,
    registry::{image::Image, probe::Trial, verdict::Verdict},
};

/// What is said beyond the decision.
#[derive(Default)]
pub(super) struct Explained {
    /// Why the answer is no.
    pub(super) diagnosis: Option<Diagnosis>,
    /// Why the credentials after the first were refused too.
    pub(super) others: Vec<(Source, Diagnosis)>,
    /// When the chosen credential expires.
    pub(super) expires_at: Option<String>,
    /// That it expires soon.
    pub(super) expiry: Option<String>,
    /// A hint.
    pub(super) note: Option<String>,
}

/// What a yes rests on: how long the credential lives, and whose it is.
pub(super) fn granted(found: &Found<'_>, decision: Decision) -> Explained {
    let account = found.asked.accounts.iter().find(|(source, _)| Some(*source) == decision.granted);
    let Some((source, account)) = account.and_then(|(source, account)| Some((*source, account.known()?))) else {
        return Explained::default();
    };
    Explained {
        expires_at: account.expires_at(),
        expiry: expiry_warning(found, source, account),
        note: person_hint(found, source, account),
        ..Explained::default()
    }
}

fn expiry_warning(found: &Found<'_>, source: Source, account: &Account) -> Option<String> {
    let left = (account.expires? - Utc::now()).num_days();
    let soon = found.inputs.expiry_warning_days > 0 && left <= i64::from(found.inputs.expiry_warning_days);
    let days = if left == 1 { "1 day".to_owned() } else { format!("{} days", left.max(0)) };
    let tokens = format!("{}/settings/tokens", found.inputs.server);
    soon.then(|| {
        format!("{source} expires in {days}. Open {tokens} as its owner, choose the token, Regenerate token, and save the new value as the secret {source}.")
    })
}

fn person_hint(found: &Found<'_>, source: Source, account: &Account) -> Option<String> {
    let in_organization = repository_owner(found) == Some(OwnerKind::Organization);
    let login = account.login.as_ref().filter(|_| in_organization && account.looks_like_a_person())?;
    Some(format!("{source} looks like the token of a person ({login}); that of a service account outlives people who leave."))
}

/// Why the answer is no: what the registry's first refusal means, with what GitHub's API knows of it.
pub(super) async fn refused(found: &Found<'_>, decision: Decision, detail: String) -> Explained {
    let first = found.asked.trials.first();
    let (evidence, permission) = match (first, &found.asked.github) {
        (Some(trial), Some(github)) if trial.verdict() == Verdict::Denied(decision.reason) => gather(found, github, trial).await,
        _ => (Evidence::default(), Permission::Unknown),
    };
    let subject = Subject { detail, permission, ..subject(found, first) };
    let others = found.asked.trials.iter().skip(1).filter(|trial| matches!(trial.verdict(), Verdict::Denied(_)));
    let explain = |trial: &Trial| diagnosis::explain(trial.verdict().reason(), &self::subject(found, Some(trial)), &Evidence::default());
    Explained {
        diagnosis: Some(diagnosis::explain(decision.reason, &subject, &evidence)),
        others: others.map(|trial| (trial.source, explain(trial))).collect(),
        ..Explained::default()
    }
}

/// Asks the workflow file and GitHub's API what they know of a refusal.
async fn gather(found: &Found<'_>, github: &GitHub, trial: &Trial) -> (Evidence, Permission) {
    let candidate = found.candidates.usable.iter().find(|candidate| candidate.source == trial.source);
    let Some(candidate) = candidate else { return (Evidence::default(), Permission::Unknown) };
    let github = github.within_budget();
    let permission = match (trial.source, trial.verdict().reason()) {
        (Source::GithubToken, Reason::PackagesPermissionMissing | Reason::PackageCreationDenied) => {
            permission::of_job(found, &github, candidate).await
        }
        _ => Permission::Unknown,
    };
    (evidence(found, &github, candidate, trial).await, permission)
}

async fn evidence(found: &Found<'_>, github: &GitHub, candidate: &Candidate, trial: &Trial) -> Evidence {
    let is_fork = found.payload.as_ref().is_some_and(|payload| payload.boolean(Field::RepositoryFork) == Some(true));
    let account = account(found, github, candidate).await;
    if account.known().is_some_and(|account| account.kind == TokenKind::Dead) {
        return Evidence { account, is_fork, ..Evidence::default() };
    }
    let image = refused_image(found, Some(trial));
    let is_own = image.owner().eq_ignore_ascii_case(found.run.owner());
    let owner = match repository_owner(found).filter(|_| is_own) {
        Some(kind) => Fact::Known(kind),
        None => github.owner(&candidate.token, image.owner()).await,
    };
    let package = github.package(&candidate.token, image, owner.known().copied().unwrap_or(OwnerKind::Organization)).await;
    let owner = match (&owner, &package) {
        (Fact::Known(_), _) => owner,
        (_, Fact::Known(Package::Exists { repository: _, visibility: _, owner: Some(kind) })) => Fact::Known(*kind),
        _ => owner,
    };
    Evidence { account, package, owner, is_fork }
}

/// Whose the credential is. A job's token is known for what it is.
async fn account(found: &Found<'_>, github: &GitHub, candidate: &Candidate) -> Fact<Account> {
    let known = found.asked.accounts.iter().find(|(source, _)| *source == candidate.source).map(|(_, account)| account.clone());
    match known {
        Some(account) => account,
        None if candidate.source == Source::GithubToken => Fact::Known(Account::of_job()),
        None => github.account(&candidate.token).await,
    }
}

/// What a refusal is about.
fn subject(found: &Found<'_>, trial: Option<&Trial>) -> Subject {
    let image = refused_image(found, trial);
    let source = trial.map(|trial| trial.source).or_else(|| found.candidates.skipped.first().copied().map(Skipped::source));
    Subject {
        credential: source,
        image: image.reference(&found.inputs.registry),
        owner: image.owner().to_owned(),
        package: image.package().to_owned(),
        registry: found.inputs.registry.name().to_owned(),
        repository: found.run.repository.clone(),
        server: found.inputs.server.clone(),
        event: found.run.event.clone(),
        ..Subject::default()
    }
}

/// The first image that a credential failed on.
fn refused_image<'a>(found: &'a Found<'_>, trial: Option<&'a Trial>) -> &'a Image {
    let verdict = trial.map(Trial::verdict);
    let attempt = trial.and_then(|trial| trial.attempts.iter().find(|attempt| Some(attempt.verdict) == verdict));
    attempt.map_or(&found.inputs.images.names[0], |attempt| &attempt.image)
}

fn repository_owner(found: &Found<'_>) -> Option<OwnerKind> {
    OwnerKind::parse(found.payload.as_ref()?.text(Field::OwnerType)?)
}
