//! May this event publish at all? Decided from the event alone, without network, and closed to anything unknown.
//!
//! The rules are those of section 3 of the contract, in its order; the first that fits gives the reason.
//! Identity is the numeric ids of event.json. Actors, labels and `.fork` never grant anything.

use std::collections::BTreeSet;

use crate::{
    credential::{Source, Supplied},
    inputs::{Inputs, OPT_INS},
    job::{
        payload::{Node, Payload, Unreadable},
        run::{Run, Runner},
    },
    reason::Reason,
    registry::{Access, image::Image},
};

const DEPENDABOT: &str = "dependabot[bot]";
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
        Some(reason) if !(lifted(&reason) && can_be_lifted(reason, payload)) => Trust::Untrusted(reason),
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

/// `allow` opens a release's `created` and `edited`, not what takes it back.
fn can_be_lifted(reason: Reason, payload: Result<&Payload, Unreadable>) -> bool {
    let action = payload.ok().and_then(|payload| payload.text(&["action"]));
    OPT_INS.contains(&reason) && (reason != Reason::ReleaseAction || matches!(action, Some("created" | "edited")))
}

/// Rule 16: a fork publishes into its own owner's namespace only.
fn names_foreign_owner(run: &Run, payload: Result<&Payload, Unreadable>, images: &[Image]) -> bool {
    let fork = payload.ok().and_then(|payload| payload.at(&["repository", "fork"]));
    fork != Some(&Node::Bool(false)) && images.iter().any(|image| !image.owner().eq_ignore_ascii_case(run.owner()))
}

/// A run with its payload, of an event that rules exist for.
struct Event<'a> {
    run: &'a Run,
    payload: &'a Payload,
}

impl Event<'_> {
    fn is(&self, name: &str) -> bool {
        self.run.event == name
    }

    /// Rules 5 to 15.
    fn objection(&self, policy: Policy<'_>) -> Option<Reason> {
        self.identity().or_else(|| self.contradiction()).or_else(|| self.dependabot(policy)).or_else(|| match self.run.event.as_str() {
            "pull_request" | "pull_request_target" if self.payload.at(&["pull_request"]).is_none_or(|node| !is_object(node)) => {
                Some(Reason::PayloadIncomplete)
            }
            "pull_request_target" => Some(Reason::PrivilegedUntrustedTrigger),
            "issue_comment" | "pull_request_review" | "pull_request_review_comment" => Some(Reason::PrOriginUndeterminable),
            "pull_request" => Some(self.pull_request()),
            "workflow_run" => Some(self.workflow_run()),
            "merge_group" => Some(Reason::MergeQueue),
            "push" => self.push(),
            "release" => self.release(),
            _ => None,
        })
    }

    /// Rule 5: the payload is about the repository that the runner works for.
    fn identity(&self) -> Option<Reason> {
        if self.payload.at(&["repository"]).is_none() {
            let may_lack = self.run.is_act() || WITHOUT_REPOSITORY.contains(&self.run.event.as_str());
            return (!may_lack).then_some(Reason::PayloadIncomplete);
        }
        let (Some(id), Some(name)) = (self.payload.integer(&["repository", "id"]), self.payload.text(&["repository", "full_name"])) else {
            return Some(Reason::PayloadIncomplete);
        };
        let same_id = self.run.repository_id.map_or(self.run.is_act(), |expected| expected == id);
        (!same_id || !name.eq_ignore_ascii_case(&self.run.repository)).then_some(Reason::PayloadMismatch)
    }

    /// Rule 6: the payload is of the event that the runner names.
    fn contradiction(&self) -> Option<Reason> {
        let of_pull_request = self.run.event.starts_with("pull_request");
        let carries_one = self.run.has_head_ref || self.payload.at(&["pull_request"]).is_some();
        let of_other_ref = self.is("push") && (self.pushes_pull_request_ref() || self.ref_differs());
        (!of_pull_request && carries_one || of_other_ref).then_some(Reason::PayloadMismatch)
    }

    fn pushes_pull_request_ref(&self) -> bool {
        let pushed = self.payload.text(&["ref"]).unwrap_or_default();
        [pushed, &self.run.git_ref].iter().any(|git_ref| git_ref.starts_with("refs/pull/"))
    }

    fn ref_differs(&self) -> bool {
        let excused = self.deletes() || self.run.is_act() && self.payload.is_empty();
        !excused && self.payload.text(&["ref"]) != Some(&self.run.git_ref)
    }

    fn deletes(&self) -> bool {
        self.payload.at(&["deleted"]) == Some(&Node::Bool(true))
    }

    /// Rule 7: Dependabot, whoever re-runs it. Its runs may have secrets of their own.
    fn dependabot(&self, policy: Policy<'_>) -> Option<Reason> {
        let actors: [&[&str]; 4] = [
            &["sender", "login"],
            &["pull_request", "user", "login"],
            &["workflow_run", "actor", "login"],
            &["workflow_run", "triggering_actor", "login"],
        ];
        let by_actor = actors.iter().any(|path| self.payload.text(path) == Some(DEPENDABOT));
        let by_branch = self.branches().iter().any(|branch| branch.starts_with("dependabot/"));
        (policy.secret_source == Some("Dependabot") || by_actor || by_branch).then_some(Reason::Dependabot)
    }

    /// The pushed, the head and the source branch.
    fn branches(&self) -> [&str; 4] {
        [
            self.pushed_branch(self.payload.text(&["ref"])),
            self.pushed_branch(Some(&self.run.git_ref)),
            self.payload.text(&["pull_request", "head", "ref"]).unwrap_or_default(),
            self.payload.text(&["workflow_run", "head_branch"]).unwrap_or_default(),
        ]
    }

    fn pushed_branch<'a>(&self, git_ref: Option<&'a str>) -> &'a str {
        git_ref.filter(|_| self.is("push")).and_then(|git_ref| git_ref.strip_prefix("refs/heads/")).unwrap_or_default()
    }

    /// Rule 11: where the pull request's code comes from.
    fn pull_request(&self) -> Reason {
        let head: &[&str] = &["pull_request", "head", "repo"];
        match self.payload.at(head) {
            Some(Node::Null) => return Reason::ForkDeleted,
            Some(Node::Object(_)) => {}
            _ => return Reason::PayloadIncomplete,
        }
        let head_repository = (self.payload.integer(&[head, &["id"]].concat()), self.payload.text(&[head, &["full_name"]].concat()));
        let (Some(id), Some(name)) = head_repository else { return Reason::PayloadIncomplete };
        match (Some(id) == self.repository_id(), name.eq_ignore_ascii_case(&self.run.repository)) {
            (false, false) => Reason::ForkPr,
            (true, true) if self.payload.text(&["action"]) == Some("closed") => self.closed(),
            (true, true) => Reason::SameRepoPr,
            _ => Reason::PayloadMismatch,
        }
    }

    /// A merge put the code into the base branch. Any other end says nothing of it, also a `merged` that is not a boolean.
    fn closed(&self) -> Reason {
        let merged = self.payload.at(&["pull_request", "merged"]) == Some(&Node::Bool(true));
        if merged { Reason::MergedPr } else { Reason::UsePushEvent }
    }

    /// Rule 12: what the chain of workflows started from.
    fn workflow_run(&self) -> Reason {
        let path = |key| ["workflow_run", key];
        if self.payload.at(&["workflow_run"]).is_none_or(|node| !is_object(node)) {
            return Reason::PayloadIncomplete;
        }
        let head_repository = self.payload.integer(&["workflow_run", "head_repository", "id"]);
        let from_here = head_repository.is_some() && head_repository == self.repository_id();
        let source = self.payload.text(&path("event")).unwrap_or_default();
        let queued = self.payload.text(&path("head_branch")).is_some_and(|branch| branch.starts_with(MERGE_QUEUE_BRANCHES));
        if !from_here || !TRUSTED_SOURCES.contains(&source) || queued {
            return Reason::WorkflowRunUntrustedSource;
        }
        if self.payload.text(&path("conclusion")) == Some("success") { Reason::WorkflowRun } else { Reason::WorkflowRunNotSuccessful }
    }

    /// Rule 14.
    fn push(&self) -> Option<Reason> {
        let queued = self.branches().iter().any(|branch| branch.starts_with(MERGE_QUEUE_BRANCHES));
        first([(self.deletes(), Reason::RefDeleted), (queued, Reason::MergeQueueRef)])
    }

    /// Rule 15.
    fn release(&self) -> Option<Reason> {
        let publishes = matches!(self.payload.text(&["action"]), Some("published" | "released" | "prereleased"));
        (!publishes).then_some(Reason::ReleaseAction)
    }

    fn repository_id(&self) -> Option<i128> {
        self.payload.integer(&["repository", "id"]).or(self.run.repository_id)
    }
}

fn is_object(node: &Node) -> bool {
    matches!(node, Node::Object(_))
}

fn first<const N: usize>(checks: [(bool, Reason); N]) -> Option<Reason> {
    checks.into_iter().find_map(|(found, reason)| found.then_some(reason))
}

#[cfg(test)]
mod tests;
