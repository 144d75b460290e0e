//! What the runner says of the run, apart from the event's payload.

use crate::job::environment::Environment;

/// Who runs the job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runner {
    /// None of those below, as far as it says.
    #[default]
    Unknown,
    /// GitHub, on a machine of its own.
    Hosted,
    /// GitHub, on a machine of the user's.
    SelfHosted,
    /// nektos/act, on a developer's machine.
    Act,
    /// Gitea or Forgejo.
    Foreign,
}

impl Runner {
    /// Reads the runner's variables.
    pub fn of(environment: &Environment) -> Self {
        if environment.is_true("GITEA_ACTIONS") || environment.is_true("FORGEJO_ACTIONS") {
            Self::Foreign
        } else {
            // A step can set ACT for later ones; what the runner itself says, it cannot change.
            match environment.text("RUNNER_ENVIRONMENT") {
                None if environment.is_true("ACT") => Self::Act,
                Some("github-hosted") => Self::Hosted,
                Some("self-hosted") => Self::SelfHosted,
                _ => Self::Unknown,
            }
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
    /// The accounts that the run names: who started it, who ran it again, and whose the repository is.
    pub accounts: Vec<String>,
}

/// The variables of [`Run::accounts`].
const ACCOUNTS: [&str; 3] = ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR", "GITHUB_REPOSITORY_OWNER"];

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
            accounts: ACCOUNTS.into_iter().filter_map(|name| environment.text(name)).map(str::to_owned).collect(),
        }
    }

    /// The branch of `GITHUB_REF`, or nothing for a tag.
    pub fn branch(&self) -> Option<&str> {
        self.git_ref.strip_prefix("refs/heads/")
    }

    pub(crate) fn is_act(&self) -> bool {
        self.runner == Runner::Act
    }

    /// The first part of the repository's name.
    pub fn owner(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_runner_says_of_itself_goes_before_what_a_step_can_set() {
        for (variables, runner) in [
            (&[("ACT", "true")][..], Runner::Act),
            (&[("ACT", "true"), ("RUNNER_ENVIRONMENT", "github-hosted")], Runner::Hosted),
            (&[("ACT", "true"), ("RUNNER_ENVIRONMENT", "self-hosted")], Runner::SelfHosted),
            (&[("ACT", "1")], Runner::Unknown),
            (&[("RUNNER_ENVIRONMENT", "self-hosted"), ("FORGEJO_ACTIONS", "true")], Runner::Foreign),
            (&[("GITEA_ACTIONS", "true"), ("ACT", "true")], Runner::Foreign),
            (&[], Runner::Unknown),
        ] {
            assert_eq!(Runner::of(&variables.iter().copied().collect()), runner, "{variables:?}");
        }
    }

    #[test]
    fn a_tag_is_no_branch() {
        let run = |git_ref: &str| Run { git_ref: git_ref.into(), repository: "acme/app".into(), ..Run::default() };
        assert_eq!([run("refs/heads/a/b").branch(), run("refs/tags/v1").branch()], [Some("a/b"), None]);
        assert_eq!((run("").owner(), Run::default().owner()), ("acme", ""));
    }
}
