//! What the stages found: filled while they run, read to say why.

use crate::{
    candidates::Candidates,
    credential::Source,
    github::{Fact, account::Account, api::GitHub},
    inputs::Inputs,
    job::{payload::Payload, run::Run, workflow_file::OwnJob},
    registry::probe::Trial,
    trust::Trust,
};

/// What the stages found.
pub(super) struct Found<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) run: Run,
    pub(super) own: Option<OwnJob>,
    pub(super) payload: Option<Payload>,
    pub(super) trust: Trust,
    pub(super) candidates: Candidates,
    pub(super) asked: Asked,
}

/// What the registry said, and what GitHub's API said in the meantime.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) trials: Vec<Trial>,
    pub(super) accounts: Vec<(Source, Fact<Account>)>,
    pub(super) github: Option<GitHub>,
    pub(super) warning: Option<String>,
}
