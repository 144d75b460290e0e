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

use std::cell::Cell;

use self::{
    calls::Calls,
    composite::{Actions, MOST_REPEATED, Reader, may_keep, within_reason},
    edit::Edit,
    job::AuditedJob,
    rules::Rule,
    scenario::Run,
    surroundings::Surroundings,
};
use crate::{text::tokens, workflow::Workflow};

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
        Self { message: tokens::without_tokens(&self.message), fix: tokens::without_tokens(&self.fix), ..self }
    }
}

/// Looks at workflow files, given as path and text. `read` gives other files of the repository by their paths: local actions, scripts,
/// makefiles. The findings are in the order of file, line and rule.
pub fn audit(files: &[(&str, &str)], read: Reader<'_>) -> Vec<Finding> {
    let repeated_left = Cell::new(MOST_REPEATED);
    let parsed: Vec<(&str, Result<Workflow, Finding>)> =
        files.iter().map(|(path, text)| (*path, workflow(path, text, &repeated_left))).collect();
    let readable = parsed.iter().filter_map(|(path, workflow)| Some((*path, workflow.as_ref().ok()?)));
    let read = within_reason(files.iter().map(|(_, text)| text.len()).sum(), read);
    let mut actions = Actions::new(&read);
    let of_files = readable.flat_map(|(path, workflow)| workflow.jobs().into_iter().map(move |job| (path, workflow, job)));
    let seen: Vec<_> = of_files.map(|(path, workflow, job)| (path, workflow, job, actions.steps(job))).collect();
    let any = Run::any();
    let around = seen.iter().map(|(path, workflow, job, steps)| Surroundings::new(path, workflow, *job, steps, &read));
    let jobs: Vec<AuditedJob<'_>> = around.map(|around| AuditedJob::new(around, &any)).collect();
    let unread = parsed.iter().filter_map(|(_, workflow)| workflow.as_ref().err().cloned());
    let mut findings: Vec<Finding> = unread.chain(rules::findings(&Calls::new(&jobs, any))).map(Finding::without_tokens).collect();
    findings.sort_unstable();
    findings.dedup();
    findings
}

/// A workflow file, or why it was not audited.
fn workflow(path: &str, text: &str, repeated_left: &Cell<usize>) -> Result<Workflow, Finding> {
    let workflow = Workflow::parse(text).map_err(|unreadable| rules::unreadable(path, unreadable))?;
    if may_keep(repeated_left, workflow.root(), text) {
        return Ok(workflow);
    }
    let why = "repeats so much by aliases that all files together would take too much memory";
    Err(rules::unread(path, 1, why, "Audit it alone: name the file."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_that_repeat_much_are_kept_up_to_a_limit_for_all() {
        let lists = (1..6).map(|level| format!("l{level}: &l{level} [{}]\n", format!("*l{}, ", level - 1).repeat(9))).collect::<String>();
        let text = format!("l0: &l0 a\n{lists}jobs: {{}}\n");
        let size = Workflow::parse(&text).unwrap().root().memory();
        let names: Vec<String> = (0..8).map(|number| format!("{number}.yml")).collect();
        let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), text.as_str())).collect();
        let kept = names.len() - audit(&files, &|_| None).len();
        assert!(kept > 1 && (kept - 1) * size < MOST_REPEATED && kept < 8, "{kept} of {size}");
        let alone = audit(&files[7..], &|_| None);
        assert!(alone.is_empty(), "{alone:?}");
    }
}
