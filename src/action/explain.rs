//! What is said beyond the decision: why a no is a no, and when a yes will end.

use std::time::Duration;

use chrono::Utc;

use super::{facts::Facts, permission};
use crate::{
    candidates::Skipped,
    credential::{Candidate, Source},
    decision::Decision,
    diagnosis::{
        self, Diagnosis, Fix, Permission, Subject,
        situation::{Clue, Operation, Place, Situation},
    },
    github::{
        Evidence, Fact, Obstacle, OwnerKind,
        account::{Account, Expiry, TokenKind},
        api::GitHub,
        package::Package,
    },
    job::field::Field,
    reason::Reason,
    registry::{Access, image::Image, trial::Trial, verdict::Verdict},
    report,
    workflow::Workflow,
};

/// What is said beyond the decision.
#[derive(Default)]
pub(super) struct Explained {
    /// Why the answer is no.
    pub(super) diagnosis: Option<Diagnosis>,
    /// Why the credentials after the first were refused too.
    pub(super) others: Vec<(Source, Diagnosis)>,
    /// When the chosen PAT expires.
    pub(super) expiry: Option<Expiry>,
    /// That it expires soon.
    pub(super) expires_soon: Option<String>,
    /// A hint.
    pub(super) note: Option<String>,
    /// Where the package's visibility is set.
    pub(super) settings: Option<String>,
}

/// What a yes rests on: how long the credential lives, and whose it is; and why those before it were rejected.
pub(super) fn granted(facts: &Facts<'_>, decision: Decision) -> Explained {
    let others = rejected(facts, 0);
    let Some(source) = decision.granted else { return Explained { others, ..Explained::default() } };
    let account = facts.inquiry.accounts.iter().find(|(of, _)| *of == source).map(|(_, account)| account);
    let expiry = expiry(facts, source, account);
    Explained {
        expires_soon: expiry.as_ref().and_then(|expiry| expiry_warning(facts, source, expiry)),
        note: account.and_then(Fact::known).and_then(|account| person_hint(facts, source, account)),
        settings: package_settings(facts, decision),
        diagnosis: None,
        others,
        expiry,
    }
}

/// When a PAT expires, as far as GitHub's API told it in time. A GITHUB_TOKEN ends with the job; nobody has to know.
fn expiry(facts: &Facts<'_>, source: Source, account: Option<&Fact<Account>>) -> Option<Expiry> {
    (source != Source::GithubToken).then(|| match account {
        Some(Fact::Known(account)) => account.expiry.clone(),
        Some(Fact::Failed(obstacle)) => Expiry::Unknown(obstacle.to_string()),
        Some(Fact::NotAsked) | None if facts.inputs.verify => Expiry::Unknown(Obstacle::Silent.to_string()),
        Some(Fact::NotAsked) | None => Expiry::Unknown("nothing was asked, since `verify` is `false`".to_owned()),
    })
}

fn expiry_warning(facts: &Facts<'_>, source: Source, expiry: &Expiry) -> Option<String> {
    let Expiry::At(expires) = expiry else { return None };
    let left = (*expires - Utc::now()).num_days();
    let soon = facts.inputs.expiry_warning_days > 0 && left <= i64::from(facts.inputs.expiry_warning_days);
    let days = if left == 1 { "1 day".to_owned() } else { format!("{} days", left.max(0)) };
    let tokens = format!("{}/settings/tokens", facts.inputs.server);
    let holder = if is_command_line(facts) { "replace" } else { "update the secret that you pass as" };
    soon.then(|| format!("{source} expires in {days}. Sign in as its owner, regenerate it at {tokens}, and {holder} {source}."))
}

fn person_hint(facts: &Facts<'_>, source: Source, account: &Account) -> Option<String> {
    let is_odd = repository_owner(facts) == Some(OwnerKind::Organization) && account.is_persons;
    let login = account.login.as_ref().map(|login| format!(" ({login})")).unwrap_or_default();
    is_odd.then(|| format!("{source} seems to belong to a person{login}. If they leave, it stops working; a service account's would not."))
}

/// The settings of the first image's package, where the event tells whose it is.
fn package_settings(facts: &Facts<'_>, decision: Decision) -> Option<String> {
    let subject = subject(facts, None);
    let owner = repository_owner(facts).filter(|_| decision.push() && subject.owner.eq_ignore_ascii_case(facts.run.owner()))?;
    Some(subject.package_settings(owner))
}

/// Why the answer is no: what the registry's first refusal means, with what GitHub's API knows of it.
pub(super) async fn refused(facts: &Facts<'_>, decision: Decision, detail: String) -> Explained {
    let first = facts.inquiry.trials.first();
    let (evidence, permission) = match (first, &facts.inquiry.github) {
        (Some(trial), Some(github)) if trial.verdict() == Verdict::Denied(decision.reason) => gather(facts, github, trial).await,
        _ => (Evidence::default(), Permission::Unknown),
    };
    let mut subject = Subject { detail, permission, ..subject(facts, first.map(|trial| (trial, trial.verdict()))) };
    if promises_a_push(decision.reason) {
        subject.situation.clues.extend(runs_on_push(facts).await.map(|runs| if runs { Clue::RunsOnPush } else { Clue::NeverRunsOnPush }));
    }
    let mut diagnosis = diagnosis::explain(decision.reason, &subject, &evidence);
    diagnosis
        .fixes
        .extend(first.filter(|trial| trial.verdict().reason() == decision.reason).and_then(|trial| same_for_others(facts, trial)));
    Explained { diagnosis: Some(diagnosis), others: rejected(facts, 1), ..Explained::default() }
}

/// Why the credentials after the first few were rejected, as far as the refusal itself tells; of those few, what else was said
/// of other images.
fn rejected(facts: &Facts<'_>, skipped: usize) -> Vec<(Source, Diagnosis)> {
    let trials = facts.inquiry.trials.iter().enumerate();
    let denied = trials.flat_map(|(index, trial)| denials(trial).into_iter().map(move |denial| (index, trial, denial)));
    let other = denied.filter(|(index, trial, denial)| *index >= skipped || *denial != trial.verdict());
    let explained = other.filter_map(|(_, trial, denial)| {
        let subject = subject(facts, Some((trial, denial)));
        Some((trial.source?, diagnosis::explain(denial.reason(), &subject, &Evidence::default())))
    });
    explained.collect()
}

/// The images after the first that were rejected for the same reason: what is to be done is to be done for each.
fn same_for_others(facts: &Facts<'_>, trial: &Trial) -> Option<Fix> {
    let same = trial.attempts.iter().filter(|attempt| attempt.verdict == trial.verdict() && matches!(attempt.verdict, Verdict::Denied(_)));
    let names: Vec<_> = same.skip(1).map(|attempt| attempt.image.reference(&facts.inputs.registry)).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| Fix { text: format!("The same goes for {}.", report::listed(&names)), paste: None })
}

/// Why a credential was denied: each reason once, in the order of the images.
fn denials(trial: &Trial) -> Vec<Verdict> {
    let mut denials = Vec::new();
    for attempt in &trial.attempts {
        if matches!(attempt.verdict, Verdict::Denied(_)) && !denials.contains(&attempt.verdict) {
            denials.push(attempt.verdict);
        }
    }
    denials
}

/// Whether what is said of an event depends on what the workflow does after the merge.
const fn promises_a_push(reason: Reason) -> bool {
    matches!(reason, Reason::ForkPr | Reason::ForkDeleted | Reason::SameRepoPr | Reason::Dependabot | Reason::MergeQueue | Reason::MergedPr)
}

/// Whether the workflow runs on `push`, too, if its file is there and can be read in time: it may be made to be hard to read.
async fn runs_on_push(facts: &Facts<'_>) -> Option<bool> {
    let text = facts.own.as_ref()?.in_workspace()?;
    let read = tokio::task::spawn_blocking(move || Workflow::parse(&text).ok().map(|workflow| workflow.events().contains(&"push")));
    tokio::time::timeout(Duration::from_secs(1), read).await.ok()?.ok()?
}

/// Asks the workflow file and GitHub's API what they know of a refusal.
async fn gather(facts: &Facts<'_>, github: &GitHub, trial: &Trial) -> (Evidence, Permission) {
    let candidate = facts.candidates.usable.iter().find(|candidate| Some(candidate.source) == trial.source);
    let Some(candidate) = candidate else { return (Evidence::default(), Permission::Unknown) };
    let github = github.within_budget();
    let permission = match (&facts.own, candidate.source, trial.verdict().reason()) {
        (Some(own), Source::GithubToken, Reason::PackagesPermissionMissing | Reason::PackageCreationDenied) => {
            permission::of_job(own, &github, candidate).await
        }
        _ => Permission::Unknown,
    };
    (evidence(facts, &github, candidate, trial).await, permission)
}

async fn evidence(facts: &Facts<'_>, github: &GitHub, candidate: &Candidate, trial: &Trial) -> Evidence {
    let is_fork = facts.payload.as_ref().is_some_and(|payload| payload.boolean(Field::RepositoryFork) == Some(true));
    let account = account(facts, github, candidate).await;
    if account.known().is_some_and(|account| account.kind == TokenKind::Dead) {
        return Evidence { account, is_fork, ..Evidence::default() };
    }
    let image = refused_image(facts, Some((trial, trial.verdict())));
    let is_own = image.owner().eq_ignore_ascii_case(facts.run.owner());
    let owner = match repository_owner(facts).filter(|_| is_own) {
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

/// Whose the credential is. A GITHUB_TOKEN is known for what it is.
async fn account(facts: &Facts<'_>, github: &GitHub, candidate: &Candidate) -> Fact<Account> {
    let known = facts.inquiry.accounts.iter().find(|(source, _)| *source == candidate.source).map(|(_, account)| account.clone());
    match known {
        Some(account) => account,
        None if candidate.source == Source::GithubToken => Fact::Known(Account::of_job()),
        None => github.account(&candidate.token).await,
    }
}

/// What a refusal is about.
fn subject(facts: &Facts<'_>, refusal: Option<(&Trial, Verdict)>) -> Subject {
    let image = refused_image(facts, refusal);
    let source = refusal.and_then(|(trial, _)| trial.source).or_else(|| facts.candidates.skipped.first().copied().map(Skipped::source));
    Subject {
        credential: source,
        image: image.reference(&facts.inputs.registry),
        owner: image.owner().to_owned(),
        package: image.package().to_owned(),
        registry: facts.inputs.registry.name().to_owned(),
        repository: facts.run.repository.clone(),
        server: facts.inputs.server.clone(),
        event: facts.run.event.clone(),
        failure: refusal.and_then(|(trial, _)| trial.attempts.iter().find_map(|attempt| attempt.failure)),
        situation: situation(facts),
        ..Subject::default()
    }
}

/// A run without an event is the command line's.
const fn is_command_line(facts: &Facts<'_>) -> bool {
    facts.run.event.is_empty()
}

/// What is tried, and where: certain, since this run tries it.
fn situation(facts: &Facts<'_>) -> Situation {
    let operation = if facts.inputs.access == Access::Push { Operation::Push } else { Operation::Pull };
    if is_command_line(facts) {
        return Situation { operation, place: Place::Desktop, ..Situation::default() };
    }
    Situation::own_run(operation)
}

/// The first image that a credential failed on in one way; the first of all where none did.
fn refused_image<'a>(facts: &'a Facts<'_>, refusal: Option<(&'a Trial, Verdict)>) -> &'a Image {
    let attempt = refusal.and_then(|(trial, verdict)| trial.attempts.iter().find(|attempt| attempt.verdict == verdict));
    attempt.map_or(&facts.inputs.images.names[0], |attempt| &attempt.image)
}

fn repository_owner(facts: &Facts<'_>) -> Option<OwnerKind> {
    OwnerKind::parse(facts.payload.as_ref()?.text(Field::OwnerType)?)
}
