//! The workflow file as evidence: what a job may do by it, and which lines to change.
//!
//! [`workflow_path`] says which file the run was started from, [`Workflow::parse`] reads it within GitHub's own
//! limits, [`permissions`] and [`correction`] answer from it, and [`evidence`] puts it into words. Whatever the
//! file does not tell for sure is said to be unsure: a line that is not known is `None`, a permission that is not
//! known is [`permissions::Packages::Unsure`].

mod comments;
pub mod correction;
mod environment;
pub mod evidence;
pub mod job;
pub mod node;
pub mod permissions;
mod reader;
pub mod reference;
pub mod scalar;
mod source_text;
#[cfg(test)]
mod tests;
pub mod triggers;

use std::cell::{Cell, OnceCell};

use self::{
    job::Job,
    node::{Location, Node, Segment},
};
pub use reference::{WorkflowRef, workflow_path};

/// Why a file could not be read as a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not YAML, or YAML with tags or keys that are no text.
    #[error("is not YAML that GitHub reads")]
    Syntax,
    /// No document at all.
    #[error("is empty or has only comments")]
    Empty,
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
    /// The byte at which each line begins.
    lines: Vec<usize>,
    root: Node,
    rewritten: OnceCell<environment::Rewritten>,
    comments: OnceCell<Vec<comments::Comment>>,
    /// What is left of [`MOST_FILLED_IN`].
    left: Cell<usize>,
    /// What is left to be searched.
    unsearched: Cell<usize>,
}

/// The most that is filled in for variables of one file, in bytes; a variable in a variable would else grow without end.
pub const MOST_FILLED_IN: usize = 1024 * 1024;

/// How often every byte of a file is looked at again: what one thing in it means often depends on all others.
const MOST_LOOKS: usize = 64;

/// The same for small files, in bytes.
const LOOKS_ANYWAY: usize = 1024 * 1024;

/// What it costs to look at a step, a login or the like again, as if it were so many bytes.
pub const LOOK_AGAIN: usize = 32;

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
        let root = reader::read(text)?;
        if !root.get("jobs").is_some_and(Node::is_map) {
            return Err(Unreadable { problem: Problem::NoJobs, line: None });
        }
        Ok(Self {
            text: text.to_owned(),
            lines: line_starts(text),
            root,
            rewritten: OnceCell::new(),
            comments: OnceCell::new(),
            left: Cell::new(MOST_FILLED_IN),
            unsearched: Cell::new(LOOKS_ANYWAY + MOST_LOOKS * text.len()),
        })
    }

    /// The file without a byte order mark; places count its bytes.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes bytes out of the file's one budget for filling in variables.
    pub fn spend(&self, bytes: usize) -> bool {
        take(&self.left, bytes)
    }

    /// Takes bytes out of the file's one budget for looking at what is known already.
    pub fn look(&self, bytes: usize) -> bool {
        take(&self.unsearched, bytes)
    }

    /// The whole document.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The jobs, in order.
    pub fn jobs(&self) -> Vec<Job<'_>> {
        let jobs = self.root.get("jobs").into_iter().flat_map(Node::entries);
        jobs.map(|(key, node)| Job { key, node }).collect()
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

    /// The place of a path; `None` when it is not there, or only by an alias or `<<`.
    pub fn place(&self, path: &[Segment]) -> Option<Location> {
        self.root.at(path)?.place
    }

    /// The line of a path, or of the nearest thing around it that has a place, or 1.
    pub fn nearest_line(&self, path: &[Segment]) -> usize {
        let (mut node, mut line) = (&self.root, 1);
        for segment in path {
            let Some(next) = node.at(std::slice::from_ref(segment)) else { break };
            (node, line) = (next, next.place.map_or(line, |place| place.line));
        }
        line
    }

    /// Whether a line, counted from 1, is there and has no text.
    pub fn is_empty_line(&self, line: usize) -> bool {
        let start = line.checked_sub(1).and_then(|before| self.lines.get(before));
        start.and_then(|start| self.text[*start..].lines().next()).is_some_and(|text| text.trim().is_empty())
    }

    /// The first line at or after that of a path, within its value, that holds a text.
    pub fn line_with(&self, path: &[Segment], text: &str) -> usize {
        self.place(path).map_or_else(|| self.nearest_line(path), |place| self.line_within(place, text))
    }

    /// The first line of a place, to the end of its value, that holds a text, else its first.
    pub fn line_within(&self, place: Location, text: &str) -> usize {
        let lines = self.lines(place.line, place.last).take_while(|line| self.look(line.len() + 1)).enumerate();
        lines.into_iter().find(|(_, line)| line.contains(text)).map_or(place.line, |(index, _)| place.line + index)
    }

    /// The lines from `first` to `last`, as they are written.
    pub fn lines(&self, first: usize, last: usize) -> impl Iterator<Item = &str> {
        let start = self.lines.get(first - 1).copied().unwrap_or(self.text.len());
        self.text[start..].lines().take(last + 1 - first)
    }
}

/// Takes bytes out of a budget; `false` when it is used up, and then for good.
pub fn take(left: &Cell<usize>, bytes: usize) -> bool {
    let rest = left.get().checked_sub(bytes);
    left.set(rest.unwrap_or_default());
    rest.is_some()
}

/// Reads the one document of another YAML file, an action's, within the same limits.
///
/// # Errors
/// As for [`Workflow::parse`], which also wants jobs.
pub fn document(text: &str) -> Result<Node, Unreadable> {
    reader::read(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The byte at which each line of a text begins.
fn line_starts(text: &str) -> Vec<usize> {
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(breaks.filter(|at| *at < text.len())).collect()
}

/// The path of something within a job.
pub fn job_path<const N: usize>(job: &str, rest: [Segment; N]) -> Vec<Segment> {
    ["jobs".into(), job.into()].into_iter().chain(rest).collect()
}
