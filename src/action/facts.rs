//! What the stages found: filled while they run, read to say why.

use super::ask::Inquiry;
use crate::{
    candidates::Candidates,
    inputs::Inputs,
    job::{payload::Payload, run::Run, workflow_file::OwnJob},
    trust::Trust,
};

/// What the stages found.
pub(super) struct Facts<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) run: Run,
    pub(super) own: Option<OwnJob>,
    pub(super) payload: Option<Payload>,
    pub(super) trust: Trust,
    pub(super) candidates: Candidates,
    pub(super) inquiry: Inquiry,
}
