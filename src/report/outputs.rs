//! The values of the step's outputs.

use super::{Report, json};
use crate::job::action_yml::Output;

/// The outputs with their values, as they are written: `push` last, so that a write that breaks off leaves none.
pub fn pairs(report: &Report) -> Vec<(&'static str, String)> {
    let (push, others): (Vec<_>, Vec<_>) = Output::ALL.iter().copied().partition(|output| *output == Output::Push);
    others.into_iter().chain(push).map(|output| (output.name(), value(output, report))).collect()
}

fn value(output: Output, report: &Report) -> String {
    match output {
        Output::Push => report.decision.push().to_string(),
        Output::Pull => report.decision.pull().to_string(),
        Output::Reason => report.decision.reason.code().to_owned(),
        Output::Message => report.message(),
        Output::Credential => report.credential().to_owned(),
        Output::Username => report.username.clone(),
        Output::Registry => report.registry.clone(),
        Output::Image => report.images.first().cloned().unwrap_or_default(),
        Output::Images => report.images.join("\n"),
        Output::LoggedIn => report.login.is_some().to_string(),
        Output::DockerConfig => report.login.clone().unwrap_or_default(),
        Output::ExpiresAt => report.expires_at().unwrap_or_default(),
        Output::Report => json::of(report).to_string(),
    }
}
