//! The workflow file that the run was started from, as it lies in the workspace. No request is made for it.

use std::path::{Path, PathBuf};

use super::{environment::Environment, regular_file};
use crate::workflow::{WorkflowRef, workflow_path};

/// The largest file that is read, in bytes. GitHub takes 512 KiB for a workflow.
const LARGEST: u64 = 1024 * 1024;

/// The value of `github.NAME` in expressions of the file, by its variable.
const CONTEXT: [(&str, &str); 6] = [
    ("repository", "GITHUB_REPOSITORY"),
    ("repository_owner", "GITHUB_REPOSITORY_OWNER"),
    ("event_name", "GITHUB_EVENT_NAME"),
    ("actor", "GITHUB_ACTOR"),
    ("ref_name", "GITHUB_REF_NAME"),
    ("sha", "GITHUB_SHA"),
];

/// Which file it is, and which of its jobs is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnJob {
    /// The file, by `GITHUB_WORKFLOW_REF`.
    pub file: WorkflowRef,
    /// The job's key, by `GITHUB_JOB`; that of a called workflow's job when this is one.
    pub job: String,
    /// The revision of the file, by `GITHUB_WORKFLOW_SHA`.
    pub sha: Option<String>,
    /// The workspace, if the file is of the repository that it holds.
    pub workspace: Option<PathBuf>,
    /// The value of `github.NAME` in expressions of the file.
    pub context: Vec<(&'static str, String)>,
}

impl OwnJob {
    /// The job by the environment; `None` outside a workflow.
    pub fn of(environment: &Environment) -> Option<Self> {
        let text = |name: &str| environment.text(name).map(str::to_owned);
        let file = environment.text("GITHUB_WORKFLOW_REF").and_then(workflow_path)?;
        let is_here = environment.text("GITHUB_REPOSITORY").is_some_and(|here| file.repository.eq_ignore_ascii_case(here));
        Some(Self {
            job: text("GITHUB_JOB")?,
            sha: text("GITHUB_WORKFLOW_SHA"),
            workspace: environment.path("GITHUB_WORKSPACE").filter(|_| is_here).map(Path::to_owned),
            context: CONTEXT.into_iter().filter_map(|(name, variable)| Some((name, text(variable)?))).collect(),
            file,
        })
    }

    /// The file's text, when it is in the workspace. What lies there may be of another revision than the run's, and of
    /// anybody's making.
    pub fn in_workspace(&self) -> Option<String> {
        self.read(&self.file.path)
    }

    /// The text of another file in the workspace.
    pub fn read(&self, path: &str) -> Option<String> {
        String::from_utf8(regular_file::read_within(self.workspace.as_ref()?, path, LARGEST)?).ok()
    }
}
