//! The outputs of the step, each declared once: action.yml, host/action.yml, and docs/reference.md are written from this table.

use super::{Report, json};

/// Declares each output: its name, and what action.yml says of it.
macro_rules! outputs {
    ($($output:ident = $name:literal: $description:literal;)+) => {
        /// An output of the step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Output {
            $(#[doc = $description] $output,)+
        }

        impl Output {
            /// Every output, in action.yml's order.
            pub const ALL: &[Self] = &[$(Self::$output,)+];

            /// The name, as workflows spell it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$output => $name,)+
                }
            }

            /// What action.yml says of it.
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$output => $description,)+
                }
            }
        }
    };
}

outputs! {
    Push = "push": "`true` or `false`: whether the job can push. Fits `push:` of docker/build-push-action.";
    Pull = "pull": "`true` or `false`: whether the job can pull. `true` whenever `push` is.";
    Reason = "reason": "Why, as a code. docs/reasons.md lists them all.";
    Message = "message": "Why, in one sentence.";
    Credential = "credential": "Name of the input whose credential is used, such as `GITHUB_TOKEN`; empty when there is none. Never the credential itself.";
    Username = "username": "Username of the login.";
    Registry = "registry": "Registry host of the login, for example `ghcr.io`.";
    Image = "image": "The first image, in lowercase and with its registry, for example `ghcr.io/owner/name`.";
    Images = "images": "All images in the same form, one per line.";
    LoggedIn = "logged-in": "`true` or `false`: whether Docker was logged in.";
    DockerConfig = "docker-config": "Directory of the config.json with the login, as later steps see it. Empty when Docker was not logged in.";
    ExpiresAt = "expires-at": "Expiry date of the PAT in use (RFC 3339). Empty if the PAT does not expire, or if GitHub's API did not answer in time.";
    Report = "report": "The whole answer as JSON on one line, with an entry for each credential and image that was tried.";
}

impl Output {
    fn value(self, report: &Report) -> String {
        match self {
            Self::Push => report.decision.push().to_string(),
            Self::Pull => report.decision.pull().to_string(),
            Self::Reason => report.decision.reason.code().to_owned(),
            Self::Message => report.message(),
            Self::Credential => report.credential().to_owned(),
            Self::Username => report.username.clone(),
            Self::Registry => report.registry.clone(),
            Self::Image => report.images.first().cloned().unwrap_or_default(),
            Self::Images => report.images.join("\n"),
            Self::LoggedIn => report.login.is_some().to_string(),
            Self::DockerConfig => report.login.clone().unwrap_or_default(),
            Self::ExpiresAt => report.expires_at().unwrap_or_default(),
            Self::Report => json::of(report).to_string(),
        }
    }
}

/// The outputs with their values, as they are written: `push` last, so that a write that breaks off leaves none.
pub fn pairs(report: &Report) -> Vec<(&'static str, String)> {
    let (push, others): (Vec<_>, Vec<_>) = Output::ALL.iter().copied().partition(|output| *output == Output::Push);
    others.into_iter().chain(push).map(|output| (output.name(), output.value(report))).collect()
}
