//! What a job's `GITHUB_TOKEN` may do with packages, by the file.
//!
//! A job's `permissions` replace the workflow's, the workflow's replace the repository's setting, and naming one
//! permission sets all others to none (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions>).
//! What a fork's pull request or Dependabot may do is less than this, whatever the file says.

use super::{
    Workflow,
    job::Job,
    node::{Content, Node},
};

/// What the token may do with packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packages {
    /// Pull and push.
    Write,
    /// Pull only.
    Read,
    /// Nothing.
    None,
    /// The file says nothing: what the repository's or organization's setting says, or what the caller has.
    Default,
    /// The file does not tell.
    Unsure,
}

/// Who set the permissions that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// `permissions` of the job.
    Job,
    /// `permissions` of the workflow.
    Workflow,
    /// Neither.
    Setting,
}

/// A job's permission for packages and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The permission.
    pub packages: Packages,
    /// Who set it.
    pub set_by: SetBy,
    /// The line of `packages`, else of the `permissions` that leave it out; `None` when unsure or unset.
    pub line: Option<usize>,
    /// Whether a caller may cut it: the workflow is a reusable one.
    pub caller_caps: bool,
}

/// The most permissions that are looked at. GitHub has some twenty, and no list of them is repeated for each job if it is longer.
pub const MOST: usize = 100;

impl Workflow {
    /// What a job may do with packages. For a job that calls a reusable workflow it is the most that one can have.
    pub fn effective_permission(&self, job: Job<'_>) -> Effective {
        let (set_by, node) = self.permissions(job);
        let place = node.and_then(|node| node.get("packages").and_then(|packages| packages.place).or(node.place));
        let packages = node.map_or(Packages::Default, declared);
        Effective { packages, set_by, line: place.map(|place| place.line), caller_caps: self.is_reusable() }
    }

    /// The `permissions` that count for a job, and who sets them.
    pub(super) fn permissions<'a>(&'a self, job: Job<'a>) -> (SetBy, Option<&'a Node>) {
        let of_job = job.node.get("permissions").map(|node| (SetBy::Job, node));
        let found = of_job.or_else(|| Some((SetBy::Workflow, self.root().get("permissions")?)));
        found.map_or((SetBy::Setting, None), |(set_by, node)| (set_by, Some(node)))
    }
}

/// The permission for packages that a value of `permissions` gives.
fn declared(permissions: &Node) -> Packages {
    let access = match &permissions.content {
        Content::Scalar(all) if all == "write-all" => Some("write"),
        Content::Scalar(all) if all == "read-all" => Some("read"),
        Content::Map(entries) if entries.len() > MOST => None,
        Content::Map(_) => permissions.get("packages").map_or(Some("none"), Node::text),
        Content::Scalar(_) | Content::Null | Content::List(_) => None,
    };
    match access {
        Some("write") => Packages::Write,
        Some("read") => Packages::Read,
        Some("none") => Packages::None,
        _ => Packages::Unsure,
    }
}
