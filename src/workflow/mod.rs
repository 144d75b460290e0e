//! The workflow file as evidence: what a job may do by it, and which lines to change.
//!
//! [`workflow_path`] says which file the run was started from, [`Workflow::parse`] reads it within GitHub's own
//! limits, [`permissions`] and [`correction`] answer from it, and [`evidence`] puts it into words. Whatever the
//! file does not tell for sure is said to be unsure: a line that is not known is `None`, a permission that is not
//! known is [`permissions::Packages::Unsure`].

pub mod correction;
pub mod evidence;
pub mod job;
pub mod node;
pub mod outline;
pub mod permissions;
pub mod reference;
mod scalar;
#[cfg(test)]
mod tests;
pub mod triggers;

use self::{
    job::Job,
    node::Node,
    outline::{Outline, Place, Segment},
};
pub use reference::{WorkflowRef, workflow_path};

/// Why a file could not be read as a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not YAML, or YAML with tags or keys that are no text.
    #[error("is not YAML that GitHub reads")]
    Syntax,
    /// The same key twice in one mapping.
    #[error("gives a key twice in one mapping")]
    KeyTwice,
    /// More than one document.
    #[error("holds more than one YAML document")]
    SeveralDocuments,
    /// Over a limit of size, with aliases expanded.
    #[error("is larger than GitHub reads (1 MiB, or 10 MiB with aliases expanded)")]
    TooLarge,
    /// Over the limit of nesting.
    #[error("is nested deeper than GitHub reads (50 levels)")]
    TooDeep,
    /// YAML, but without a mapping `jobs`.
    #[error("has no `jobs`")]
    NoJobs,
}

/// A file that could not be read. It carries nothing of the file's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Unreadable {
    /// What is wrong.
    pub problem: Problem,
    /// The line, if it is known.
    pub line: Option<usize>,
}

/// A workflow file.
#[derive(Clone, Debug)]
pub struct Workflow {
    text: String,
    root: Node,
    outline: Outline,
}

/// Where the job that `GITHUB_JOB` names is written down.
#[derive(Clone, Debug)]
pub enum Located<'a> {
    /// In this file.
    Here(Job<'a>),
    /// In a reusable workflow that one of these jobs calls; what the caller grants is all it can have.
    Called(Vec<Job<'a>>),
    /// Nowhere that this file knows of.
    Missing,
}

impl Workflow {
    /// Reads a workflow file.
    ///
    /// # Errors
    /// [`Unreadable`] for what GitHub would refuse, too: broken YAML, a key twice, too large, too deep, no jobs.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let root = Node::parse(text)?;
        if !matches!(root.get("jobs"), Some(Node::Map(_))) {
            return Err(Unreadable { problem: Problem::NoJobs, line: None });
        }
        let outline = Outline::of(text, &root);
        Ok(Self { text: text.to_owned(), root, outline })
    }

    /// The whole document.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The jobs, in order.
    pub fn jobs(&self) -> Vec<Job<'_>> {
        let jobs = self.root.get("jobs").map(Node::entries).unwrap_or_default();
        jobs.into_iter().map(|(key, node)| Job { key, node }).collect()
    }

    /// The job of a key.
    pub fn job(&self, key: &str) -> Option<Job<'_>> {
        let (key, node) = self.root.get("jobs")?.entry(key)?;
        Some(Job { key, node })
    }

    /// Finds the job that `GITHUB_JOB` names: a job's key, never its `name`, whatever its matrix makes of that.
    /// A job of a reusable workflow has its key in the file that is called, not here.
    pub fn locate(&self, github_job: &str) -> Located<'_> {
        let callers: Vec<Job<'_>> = self.jobs().into_iter().filter(|job| job.calls().is_some()).collect();
        match self.job(github_job) {
            Some(job) if job.calls().is_none() => Located::Here(job),
            Some(job) => Located::Called(vec![job]),
            None if callers.is_empty() => Located::Missing,
            None => Located::Called(callers),
        }
    }

    /// The place of a path, or `None` when unsure.
    pub fn place(&self, path: &[Segment]) -> Option<Place> {
        self.outline.place(path)
    }

    /// The line of a path, or of the nearest thing around it that is known, or 1.
    pub fn nearest_line(&self, path: &[Segment]) -> usize {
        self.outline.nearest_line(path).unwrap_or(1)
    }

    /// The first line at or after that of a path, within its value, that holds a text.
    pub fn line_with(&self, path: &[Segment], text: &str) -> usize {
        let Some(place) = self.place(path) else { return self.nearest_line(path) };
        let lines = self.text.lines().enumerate().skip(place.line - 1).take(place.last + 1 - place.line);
        lines.into_iter().find(|(_, line)| line.contains(text)).map_or(place.line, |(index, _)| index + 1)
    }

    /// The lines from `first` to `last`, as they are written.
    fn lines(&self, first: usize, last: usize) -> impl Iterator<Item = &str> {
        self.text.lines().skip(first - 1).take(last + 1 - first)
    }
}

/// The path of something within a job.
pub fn job_path<const N: usize>(job: &str, rest: [Segment; N]) -> Vec<Segment> {
    ["jobs".into(), job.into()].into_iter().chain(rest).collect()
}
