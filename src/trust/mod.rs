//! Can this event publish at all? Decided from the event alone, without network. Fails closed.
//!
//! The rules are applied in a fixed order; the first that fits gives the reason. Identity is the numeric ids of event.json. Actors, labels
//! and `.fork` never grant anything.

mod dependabot;

use std::collections::BTreeSet;

use crate::{
    credential::{Source, Supplied},
    inputs::{Inputs, OPT_INS},
    job::{
        field::Field,
        payload::{Payload, Unreadable},
        run::{Run, Runner},
    },
    reason::Reason,
    registry::{Access, image::Image},
};

const MERGE_QUEUE_BRANCHES: &str = "gh-readonly-queue/";

/// Events that rules exist for (<https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows>).
const EVENTS: [&str; 12] = [
    "push",
    "schedule",
    "workflow_dispatch",
    "repository_dispatch",
    "release",
    "pull_request",
    "pull_request_target",
    "pull_request_review",
    "pull_request_review_comment",
    "issue_comment",
    "workflow_run",
    "merge_group",
];

/// Events that may lack `repository`: the runner makes their payload, not a webhook.
const WITHOUT_REPOSITORY: [&str; 3] = ["schedule", "workflow_dispatch", "repository_dispatch"];

/// Events that a trusted chain of workflows may start from.
const TRUSTED_SOURCES: [&str; 5] = ["push", "schedule", "workflow_dispatch", "repository_dispatch", "release"];

/// The answer of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The event may publish.
    Trusted,
    /// It may not.
    Untrusted(Reason),
}

impl Trust {
    /// The reason of a no.
    pub const fn objection(self) -> Option<Reason> {
        match self {
            Self::Trusted => None,
            Self::Untrusted(reason) => Some(reason),
        }
    }

    /// Whether nothing may be asked of the registry. A pull request's code may pull with the job's own
    /// token, which the job has anyway.
    pub const fn blocks(self, access: Access) -> bool {
        match self {
            Self::Trusted => false,
            // Nothing is sent that is not known to everybody.
            Self::Untrusted(_) if matches!(access, Access::Public) => false,
            Self::Untrusted(Reason::ForkPr | Reason::ForkDeleted | Reason::SameRepoPr | Reason::MergedPr | Reason::UsePushEvent) => {
                matches!(access, Access::Push)
            }
            Self::Untrusted(_) => true,
        }
    }
}

/// The inputs that the rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// The reasons that the user lifts.
    pub allow: &'a BTreeSet<Reason>,
    /// The images to publish.
    pub images: &'a [Image],
    /// `github.secret_source`
    pub secret_source: Option<&'a str>,
    /// Whether `LOCAL_RUNNER_FALLBACK_TOKEN` is there.
    pub has_fallback: bool,
}

impl<'a> Policy<'a> {
    /// The policy in the inputs.
    pub fn of(inputs: &'a Inputs) -> Self {
        let fallback = Source::ALL.iter().position(|source| *source == Source::LocalRunnerFallbackToken);
        Self {
            allow: &inputs.allow,
            images: &inputs.images.names,
            secret_source: inputs.secret_source.as_deref(),
            has_fallback: fallback.is_some_and(|index| !matches!(inputs.credentials[index], Supplied::Nothing { blank: _ })),
        }
    }
}

/// Applies the rules in order.
pub fn judge(run: &Run, payload: Result<&Payload, Unreadable>, policy: Policy<'_>) -> Trust {
    let objection = before_reading(run, policy).or_else(|| match payload {
        Ok(payload) => Event { run, payload }.objection(policy),
        Err(Unreadable) => Some(Reason::PayloadUnreadable),
    });
    let lifted = |reason: &Reason| policy.allow.contains(reason);
    match objection {
        Some(reason) if !(lifted(&reason) && can_be_lifted(reason, run, payload)) => Trust::Untrusted(reason),
        _ if names_foreign_owner(run, payload, policy.images) && !lifted(&Reason::ForeignNamespace) => {
            Trust::Untrusted(Reason::ForeignNamespace)
        }
        _ => Trust::Trusted,
    }
}

/// Rules 1 to 3: the kind of runner and of event.
fn before_reading(run: &Run, policy: Policy<'_>) -> Option<Reason> {
    first([
        (run.runner == Runner::Foreign, Reason::UnsupportedServer),
        (run.is_act() && !policy.has_fallback, Reason::LocalRunner),
        (!EVENTS.contains(&run.event.as_str()), Reason::UnsupportedEvent),
    ])
}

/// `allow` opens a release's `created` and `edited`, not what takes it back; and no run of the merge queue's branch, which a
/// push of it could not open either, unless it is the queue's own event. A pull request that does not say whose it is could be
/// Dependabot's.
fn can_be_lifted(reason: Reason, run: &Run, payload: Result<&Payload, Unreadable>) -> bool {
    let Ok(payload) = payload else { return false };
    let action_can = reason != Reason::ReleaseAction || matches!(payload.text(Field::Action), Some("created" | "edited"));
    let told_apart = !matches!(reason, Reason::SameRepoPr | Reason::MergedPr)
        || [Field::AuthorLogin, Field::HeadRef].iter().all(|field| payload.text(*field).is_some_and(|text| !text.is_empty()));
    let branch_can = reason == Reason::MergeQueue || !Event { run, payload }.is_of_merge_queue();
    OPT_INS.contains(&reason) && action_can && told_apart && branch_can
}

/// Rule 16: a fork publishes into its own owner's namespace only.
fn names_foreign_owner(run: &Run, payload: Result<&Payload, Unreadable>, images: &[Image]) -> bool {
    let fork = payload.ok().and_then(|payload| payload.boolean(Field::RepositoryFork));
    fork != Some(false) && images.iter().any(|image| !image.owner().eq_ignore_ascii_case(run.owner()))
}

/// A run with its payload, of an event that rules exist for.
struct Event<'a> {
    run: &'a Run,
    payload: &'a Payload,
}

impl<'a> Event<'a> {
    fn is(&self, name: &str) -> bool {
        self.run.event == name
    }

    /// Whether the event is about a pull request, so that `GITHUB_REF` may be its merge commit.
    fn is_of_pull_request(&self) -> bool {
        self.run.event.starts_with("pull_request")
    }

    /// Rules 5 to 15.
    fn objection(&self, policy: Policy<'_>) -> Option<Reason> {
        self.identity().or_else(|| self.contradiction()).or_else(|| self.dependabot(policy)).or_else(|| match self.run.event.as_str() {
            "pull_request" | "pull_request_target" if !self.payload.is_object(Field::PullRequest) => Some(Reason::PayloadIncomplete),
            "pull_request_target" => Some(Reason::PrivilegedUntrustedTrigger),
            "issue_comment" | "pull_request_review" | "pull_request_review_comment" => Some(Reason::PrOriginUndeterminable),
            "pull_request" => Some(self.pull_request()),
            "workflow_run" => Some(self.workflow_run()),
            "merge_group" => Some(Reason::MergeQueue),
            _ => self.ref_of_nothing_lasting().or_else(|| self.release()),
        })
    }

    /// Rule 5: the payload is about the repository that the runner works for.
    fn identity(&self) -> Option<Reason> {
        if !self.payload.has(Field::Repository) {
            let may_lack = self.run.is_act() || WITHOUT_REPOSITORY.contains(&self.run.event.as_str());
            return (!may_lack).then_some(Reason::PayloadIncomplete);
        }
        let (Some(id), Some(name)) = (self.payload.integer(Field::RepositoryId), self.payload.text(Field::RepositoryName)) else {
            return Some(Reason::PayloadIncomplete);
        };
        let same_id = self.run.repository_id.map_or(self.run.is_act(), |expected| expected == id);
        (!same_id || !name.eq_ignore_ascii_case(&self.run.repository)).then_some(Reason::PayloadMismatch)
    }

    /// Rule 6: the payload is of the event and the ref that the runner names, and can be read in one way only.
    fn contradiction(&self) -> Option<Reason> {
        let carries_pull_request = self.run.has_head_ref || self.payload.has(Field::PullRequest);
        first([
            (!self.is_of_pull_request() && carries_pull_request, Reason::PayloadMismatch),
            (!self.payload.is_well_typed, Reason::PayloadIncomplete),
            (
                !self.has_ref_of_its_kind() || self.names_a_pull_request() || self.is("push") && self.pushes_another_ref(),
                Reason::PayloadMismatch,
            ),
        ])
    }

    /// Whether `GITHUB_REF` is of a branch or tag, as it is for every event that is not about a pull request or a comment.
    fn has_ref_of_its_kind(&self) -> bool {
        let needs_none = self.is_of_pull_request() || self.is("issue_comment") || self.has_no_payload();
        let name = self.run.branch().or_else(|| self.run.git_ref.strip_prefix("refs/tags/"));
        needs_none || name.is_some_and(is_name_of_ref)
    }

    fn pushes_another_ref(&self) -> bool {
        self.payload.text(Field::Ref) != Some(&self.run.git_ref) && !self.deletes() && !self.has_no_payload()
    }

    /// Whether the payload's ref is one of a pull request, whatever the event.
    fn names_a_pull_request(&self) -> bool {
        self.payload.text(Field::Ref).is_some_and(|git_ref| git_ref.starts_with("refs/pull/"))
    }

    /// act's payload, when it is given none.
    fn has_no_payload(&self) -> bool {
        self.run.is_act() && self.payload.is_empty
    }

    fn deletes(&self) -> bool {
        self.payload.boolean(Field::Deleted) == Some(true)
    }

    /// Rule 7: Dependabot, whoever re-runs it. Its runs may have secrets of their own.
    fn dependabot(&self, policy: Policy<'_>) -> Option<Reason> {
        let actors = [Field::SenderLogin, Field::AuthorLogin, Field::SourceActor, Field::SourceTriggeringActor];
        let by_actor = actors.into_iter().any(|actor| self.payload.text(actor).is_some_and(dependabot::is_login));
        let by_branch = self.branches().any(dependabot::is_branch);
        (policy.secret_source == Some("Dependabot") || by_actor || by_branch).then_some(Reason::Dependabot)
    }

    /// The branches whose code the run may be of: that of `GITHUB_REF`, the pushed, the head and the source branch.
    fn branches(&self) -> impl Iterator<Item = &'a str> {
        let pushed = self.payload.text(Field::Ref).and_then(|git_ref| git_ref.strip_prefix("refs/heads/"));
        let others = [Field::HeadRef, Field::SourceBranch].map(|branch| self.payload.text(branch));
        [self.run.branch(), pushed].into_iter().chain(others).flatten()
    }

    fn is_of_merge_queue(&self) -> bool {
        self.branches().any(|branch| branch.starts_with(MERGE_QUEUE_BRANCHES))
    }

    /// Rule 11: where the pull request's code comes from.
    fn pull_request(&self) -> Reason {
        if self.payload.is_null(Field::HeadRepository) {
            return Reason::ForkDeleted;
        }
        let head = (self.payload.integer(Field::HeadRepositoryId), self.payload.text(Field::HeadRepositoryName));
        let (Some(id), Some(name)) = head else { return Reason::PayloadIncomplete };
        match (Some(id) == self.repository_id(), name.eq_ignore_ascii_case(&self.run.repository)) {
            (false, false) => Reason::ForkPr,
            (true, true) if !self.has_ref_of_pull_request() => Reason::PayloadMismatch,
            (true, true) if self.payload.text(Field::Action) == Some("closed") => self.closed(),
            (true, true) => Reason::SameRepoPr,
            _ => Reason::PayloadMismatch,
        }
    }

    /// Whether `GITHUB_REF` is a pull request's merge commit, or the branch into which it was merged.
    fn has_ref_of_pull_request(&self) -> bool {
        let number = self.run.git_ref.strip_prefix("refs/pull/").and_then(|rest| rest.strip_suffix("/merge"));
        let is_number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number.is_some_and(is_number) || self.run.branch().is_some_and(is_name_of_ref)
    }

    /// A merge put the code into the base branch. Any other end says nothing of it.
    fn closed(&self) -> Reason {
        if self.payload.boolean(Field::Merged) == Some(true) { Reason::MergedPr } else { Reason::UsePushEvent }
    }

    /// Rule 12: what the chain of workflows started from.
    fn workflow_run(&self) -> Reason {
        if !self.payload.is_object(Field::SourceRun) {
            return Reason::PayloadIncomplete;
        }
        let head_repository = self.payload.integer(Field::SourceRepositoryId);
        let from_here = head_repository.is_some() && head_repository == self.repository_id();
        let source = self.payload.text(Field::SourceEvent).unwrap_or_default();
        let branch = self.payload.text(Field::SourceBranch);
        if !from_here || !TRUSTED_SOURCES.contains(&source) || branch.is_some_and(|branch| branch.starts_with(MERGE_QUEUE_BRANCHES)) {
            return Reason::WorkflowRunUntrustedSource;
        }
        let actors = [Field::SourceActor, Field::SourceTriggeringActor].map(|actor| self.payload.text(actor));
        match self.payload.text(Field::SourceConclusion) {
            // Without these, a run of Dependabot's or the queue's could not be told from others.
            Some("success") if branch.is_none_or(str::is_empty) || actors.contains(&None) => Reason::PayloadIncomplete,
            Some("success") => Reason::WorkflowRun,
            _ => Reason::WorkflowRunNotSuccessful,
        }
    }

    /// Rule 14: a ref that was deleted, or that the merge queue will delete.
    fn ref_of_nothing_lasting(&self) -> Option<Reason> {
        first([(self.is("push") && self.deletes(), Reason::RefDeleted), (self.is_of_merge_queue(), Reason::MergeQueueRef)])
    }

    /// Rule 15.
    fn release(&self) -> Option<Reason> {
        let publishes = matches!(self.payload.text(Field::Action), Some("published" | "released" | "prereleased"));
        (self.is("release") && !publishes).then_some(Reason::ReleaseAction)
    }

    fn repository_id(&self) -> Option<i128> {
        self.payload.integer(Field::RepositoryId).or(self.run.repository_id)
    }
}

/// Whether git takes a text for the name of a branch or tag, as far as another reading of the name could be another ref
/// (<https://git-scm.com/docs/git-check-ref-format>).
fn is_name_of_ref(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.');
    name.split('/').all(is_part) && !name.contains("..") && !name.contains(|c: char| c == ' ' || c == '\\' || c.is_control())
}

fn first<const N: usize>(checks: [(bool, Reason); N]) -> Option<Reason> {
    checks.into_iter().find_map(|(found, reason)| found.then_some(reason))
}

#[cfg(test)]
mod tests;
