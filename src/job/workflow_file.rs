//! The workflow file that the run was started from, as it lies in the workspace. No request is made for it.

use super::{environment::Environment, regular_file};
use crate::workflow::{WorkflowRef, workflow_path};

/// The largest workflow file, in bytes. GitHub takes 512 KiB.
const LARGEST: u64 = 1024 * 1024;

/// Which file it is, and which of its jobs is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnJob {
    /// The file, by `GITHUB_WORKFLOW_REF`.
    pub file: WorkflowRef,
    /// The job's key, by `GITHUB_JOB`; that of a called workflow's job when this is one.
    pub job: String,
}

impl OwnJob {
    /// The job by the environment; `None` outside a workflow.
    pub fn of(environment: &Environment) -> Option<Self> {
        let file = environment.text("GITHUB_WORKFLOW_REF").and_then(workflow_path)?;
        Some(Self { file, job: environment.text("GITHUB_JOB")?.to_owned() })
    }

    /// The file's text, when it is of this repository and in the workspace. What lies there may be of another revision
    /// than the run's, and of anybody's making.
    pub fn in_workspace(&self, environment: &Environment, repository: &str) -> Option<String> {
        let workspace = environment.path("GITHUB_WORKSPACE").filter(|_| self.file.repository.eq_ignore_ascii_case(repository))?;
        String::from_utf8(regular_file::read(&workspace.join(&self.file.path), LARGEST).ok()?).ok()
    }
}
