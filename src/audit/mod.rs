//! `ghcr-auth audit`: what in workflow files keeps a push to GHCR from working, or lets a stranger make one.
//!
//! Each file is read with [`crate::workflow`], each job looked at on its own, and every rule is a function from that
//! to findings. Pure: the caller reads the files.

pub mod command;
pub mod expression;
pub mod job;
pub mod login;
pub mod push;
pub mod rules;
pub mod scenario;
pub mod variables;

use self::{job::Scope, rules::Rule};
use crate::{
    credential::token,
    workflow::{Unreadable, Workflow},
};

/// Something to change in a workflow file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, as it was given.
    pub file: String,
    /// The line, counted from 1: that of the nearest key whose place is known.
    pub line: usize,
    /// What was found.
    pub rule: Rule,
    /// What is wrong and why.
    pub message: String,
    /// What to change: a sentence, and often lines to paste.
    pub fix: String,
}

impl Finding {
    /// Parts of the file are repeated in the texts, and somebody may have written a token there.
    fn without_tokens(self) -> Self {
        Self { message: token::hide(&self.message), fix: token::hide(&self.fix), ..self }
    }
}

/// Looks at workflow files, given as path and text. The findings are in the order of file, line and rule.
pub fn audit(files: &[(&str, &str)]) -> Vec<Finding> {
    let parsed: Vec<(&str, Result<Workflow, Unreadable>)> = files.iter().map(|(path, text)| (*path, Workflow::parse(text))).collect();
    let readable = || parsed.iter().filter_map(|(path, workflow)| Some((*path, workflow.as_ref().ok()?)));
    let scopes: Vec<Scope<'_>> = readable().flat_map(|(path, workflow)| scopes(path, workflow)).collect();
    let unreadable = parsed.iter().filter_map(|(path, workflow)| Some(rules::unreadable(path, *workflow.as_ref().err()?)));
    let mut findings: Vec<Finding> = unreadable.chain(rules::findings(&scopes)).map(Finding::without_tokens).collect();
    findings.sort();
    findings.dedup();
    findings
}

fn scopes<'a>(path: &'a str, workflow: &'a Workflow) -> Vec<Scope<'a>> {
    workflow.jobs().into_iter().map(|job| Scope::new(path, workflow, job)).collect()
}
