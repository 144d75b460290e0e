//! What the runner says of the run, apart from the event's payload.

use crate::job::environment::Environment;

/// Who runs the job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runner {
    /// GitHub, on a machine of its own.
    #[default]
    Hosted,
    /// GitHub, on a machine of the user's.
    SelfHosted,
    /// nektos/act, on a developer's machine.
    Act,
    /// Gitea or Forgejo.
    Foreign,
}

impl Runner {
    fn of(environment: &Environment) -> Self {
        if environment.is_true("GITEA_ACTIONS") || environment.is_true("FORGEJO_ACTIONS") {
            Self::Foreign
        } else if environment.is_true("ACT") {
            Self::Act
        } else if environment.text("RUNNER_ENVIRONMENT") == Some("self-hosted") {
            Self::SelfHosted
        } else {
            Self::Hosted
        }
    }
}

/// What the runner says of the run, apart from the payload.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// `GITHUB_EVENT_NAME`
    pub event: String,
    /// `GITHUB_REPOSITORY`
    pub repository: String,
    /// `GITHUB_REPOSITORY_ID`; act sets none.
    pub repository_id: Option<i128>,
    /// `GITHUB_REF`
    pub git_ref: String,
    /// Whether `GITHUB_HEAD_REF` is set.
    pub has_head_ref: bool,
    /// Who runs the job.
    pub runner: Runner,
}

impl Run {
    /// Reads the runner's variables.
    pub fn of(environment: &Environment) -> Self {
        let text = |name| environment.text(name).unwrap_or_default().to_owned();
        Self {
            event: text("GITHUB_EVENT_NAME"),
            repository: text("GITHUB_REPOSITORY"),
            repository_id: environment.text("GITHUB_REPOSITORY_ID").and_then(|id| id.parse().ok()),
            git_ref: text("GITHUB_REF"),
            has_head_ref: environment.raw("GITHUB_HEAD_REF").is_some(),
            runner: Runner::of(environment),
        }
    }

    pub(crate) fn is_act(&self) -> bool {
        self.runner == Runner::Act
    }

    /// The first part of the repository's name.
    pub fn owner(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }
}
