//! `ghcr-auth audit`: what in workflow files keeps a push to GHCR from working, or lets a stranger make one.
//!
//! Each file is read with [`crate::workflow`]. Each job is seen in its [`surroundings`]: its steps, with those of local
//! [`composite`] actions among them, its [`login`]s and its [`push`]es, which come from actions, scripts and the files these
//! run. Together they are an [`job::AuditedJob`]. A [`scenario`] is a run of it that an event starts, and expressions have a
//! value in that, as far as the file tells; [`calls`] knows the runs that other workflows start. Every rule is a function from jobs
//! to findings; [`edit`] changes lines. Pure: the caller reads the files.

pub mod calls;
pub mod command;
pub mod composite;
pub mod edit;
pub mod expression;
pub mod ghcr;
pub mod job;
pub mod login;
pub mod own_job;
pub mod push;
pub mod push_action;
pub mod rules;
pub mod scenario;
pub mod script;
pub mod shell;
pub mod surroundings;
pub mod variables;

use self::{
    calls::Calls,
    composite::{Actions, Reader, within_reason},
    edit::Edit,
    job::AuditedJob,
    rules::Rule,
    scenario::Run,
    surroundings::Surroundings,
};
use crate::{
    text,
    workflow::{Unreadable, Workflow},
};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file proves it: this fails, or lets a stranger push.
    Error,
    /// It depends on something that the file does not tell, or on who starts the run.
    Warning,
    /// It works, but less well than it could.
    Advice,
}

impl Severity {
    /// Its name, as `--json` spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// Something to change in a workflow file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, as it was given.
    pub file: String,
    /// The line, counted from 1: that of the nearest key whose place is known.
    pub line: usize,
    /// What was found.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong and why.
    pub message: String,
    /// What to change: a sentence, and often lines to paste.
    pub fix: String,
    /// The same for a program: changes of the file's lines, where they are certain to be right.
    pub edits: Vec<Edit>,
}

impl Finding {
    /// Parts of the file are repeated in the texts, and somebody may have written a token there.
    fn without_tokens(self) -> Self {
        Self { message: text::without_tokens(&self.message), fix: text::without_tokens(&self.fix), ..self }
    }
}

/// Looks at workflow files, given as path and text. `read` gives other files of the repository by their paths: local actions, scripts,
/// makefiles. The findings are in the order of file, line and rule.
pub fn audit(files: &[(&str, &str)], read: Reader<'_>) -> Vec<Finding> {
    let parsed: Vec<(&str, Result<Workflow, Unreadable>)> = files.iter().map(|(path, text)| (*path, Workflow::parse(text))).collect();
    let readable = parsed.iter().filter_map(|(path, workflow)| Some((*path, workflow.as_ref().ok()?)));
    let read = within_reason(files.iter().map(|(_, text)| text.len()).sum(), read);
    let mut actions = Actions::new(&read);
    let of_files = readable.flat_map(|(path, workflow)| workflow.jobs().into_iter().map(move |job| (path, workflow, job)));
    let seen: Vec<_> = of_files.map(|(path, workflow, job)| (path, workflow, job, actions.steps(job))).collect();
    let any = Run::any();
    let around = seen.iter().map(|(path, workflow, job, steps)| Surroundings::new(path, workflow, *job, steps, &read));
    let jobs: Vec<AuditedJob<'_>> = around.map(|around| AuditedJob::new(around, &any)).collect();
    let unreadable = parsed.iter().filter_map(|(path, workflow)| Some(rules::unreadable(path, *workflow.as_ref().err()?)));
    let mut findings: Vec<Finding> = unreadable.chain(rules::findings(&Calls::new(&jobs, any))).map(Finding::without_tokens).collect();
    findings.sort();
    findings.dedup();
    findings
}
