//! The outputs of the step.

use super::{Report, json};

/// Every output, in the order in which it is written. `push` goes last: a write that breaks off leaves none.
pub const OUTPUTS: [&str; 13] = [
    "pull",
    "reason",
    "message",
    "credential",
    "username",
    "registry",
    "image",
    "images",
    "logged-in",
    "docker-config",
    "expires-at",
    "report",
    "push",
];

/// The outputs' values, in the order of [`OUTPUTS`].
pub fn pairs(report: &Report) -> Vec<(&'static str, String)> {
    let decision = report.decision;
    let values = [
        decision.pull().to_string(),
        decision.reason.code().to_owned(),
        report.message(),
        report.credential().to_owned(),
        report.username.clone(),
        report.registry.clone(),
        report.images.first().cloned().unwrap_or_default(),
        report.images.join("\n"),
        report.login.is_some().to_string(),
        report.login.clone().unwrap_or_default(),
        report.expires_at().unwrap_or_default(),
        json::of(report).to_string(),
        decision.push().to_string(),
    ];
    OUTPUTS.into_iter().zip(values).collect()
}
