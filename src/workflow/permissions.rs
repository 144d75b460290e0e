//! What a job's `GITHUB_TOKEN` may do with packages, by the file.
//!
//! A job's `permissions` replace the workflow's, the workflow's replace the repository's setting, and naming one
//! permission sets all others to none (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions>).
//! What a fork's pull request or Dependabot may do is less than this, whatever the file says.

use super::{Workflow, job::Job, job_path, node::Node, outline::Segment};

/// What the token may do with packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packages {
    /// Pull and push.
    Write,
    /// Pull only.
    Read,
    /// Nothing.
    None,
    /// The file says nothing: what the repository's or organisation's setting says, or what the caller has.
    Default,
    /// The file does not tell.
    Unsure,
}

/// Who set the permissions that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
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
    pub source: Source,
    /// The line of `packages`, else of the `permissions` that leave it out; `None` when unsure or unset.
    pub line: Option<usize>,
    /// Whether a caller may cut it: the workflow is a reusable one.
    pub caller_caps: bool,
}

impl Workflow {
    /// What a job may do with packages. For a job that calls a reusable workflow it is the most that one can have.
    pub fn effective_permission(&self, job: Job<'_>) -> Effective {
        let (source, path) = self.permissions_path(job);
        let node = path.as_ref().and_then(|_| self.permissions_node(job, source));
        let line = path.and_then(|path| {
            let packages: Vec<Segment> = path.iter().cloned().chain([Segment::from("packages")]).collect();
            self.place(&packages).or_else(|| self.place(&path)).map(|place| place.line)
        });
        Effective { packages: node.map_or(Packages::Default, declared), source, line, caller_caps: self.is_reusable() }
    }

    /// The `permissions` that count for a job.
    pub(super) fn permissions_node<'a>(&'a self, job: Job<'a>, source: Source) -> Option<&'a Node> {
        match source {
            Source::Job => job.node.get("permissions"),
            Source::Workflow => self.root().get("permissions"),
            Source::Setting => None,
        }
    }

    /// Who sets a job's permissions, and the path of that key.
    pub(super) fn permissions_path(&self, job: Job<'_>) -> (Source, Option<Vec<Segment>>) {
        if job.node.get("permissions").is_some() {
            (Source::Job, Some(job_path(job.key, ["permissions".into()])))
        } else if self.root().get("permissions").is_some() {
            (Source::Workflow, Some(vec!["permissions".into()]))
        } else {
            (Source::Setting, None)
        }
    }
}

/// The permission for packages that a value of `permissions` gives.
fn declared(permissions: &Node) -> Packages {
    match permissions {
        Node::Scalar(all) if all == "write-all" => Packages::Write,
        Node::Scalar(all) if all == "read-all" => Packages::Read,
        Node::Map(_) => match permissions.get("packages") {
            None => Packages::None,
            Some(Node::Scalar(access)) if access == "write" => Packages::Write,
            Some(Node::Scalar(access)) if access == "read" => Packages::Read,
            Some(Node::Scalar(access)) if access == "none" => Packages::None,
            Some(_) => Packages::Unsure,
        },
        Node::Scalar(_) | Node::Null | Node::List(_) => Packages::Unsure,
    }
}
