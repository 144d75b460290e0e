//! The job's home: its directories, and the variables that say where docker and its like keep logins.

use std::{ffi::OsStr, path::Path};

use crate::job::{
    action_yml::Input,
    environment::{Environment, STARTED_BY_HOST},
    run::Runner,
};

/// What the environment says of the job's home.
#[derive(Clone, Copy, Debug)]
pub struct Home<'a> {
    /// `HOME`
    pub directory: Option<&'a Path>,
    /// `GITHUB_WORKSPACE`
    pub workspace: Option<&'a Path>,
    /// `RUNNER_WORKSPACE`, the runner's directory of the repository, by the host's name.
    pub repository: Option<&'a Path>,
    /// The runner's temp directory, by the host's name.
    pub temp: Option<&'a Path>,
    /// `DOCKER_CONFIG`
    pub docker_config: Option<&'a Path>,
    /// `BUILDX_CONFIG`
    pub buildx_config: Option<&'a Path>,
    /// `DOCKER_AUTH_CONFIG`, a config.json itself.
    pub auth_config: Option<&'a OsStr>,
    /// `REGISTRY_AUTH_FILE` of podman and its like.
    pub auth_file: Option<&'a Path>,
    /// Who runs the job.
    pub runner: Runner,
    /// Whether the action of `host/` started the program.
    pub is_of_host: bool,
    /// Whether there is an input that action.yml always gives.
    pub has_inputs: bool,
}

impl<'a> Home<'a> {
    /// Reads the variables.
    pub fn of(environment: &'a Environment, temp: Option<&'a Path>) -> Self {
        Self {
            directory: environment.path("HOME"),
            workspace: environment.path("GITHUB_WORKSPACE"),
            repository: environment.path("RUNNER_WORKSPACE"),
            temp,
            docker_config: environment.path("DOCKER_CONFIG"),
            buildx_config: environment.path("BUILDX_CONFIG"),
            auth_config: environment.raw("DOCKER_AUTH_CONFIG"),
            auth_file: environment.path("REGISTRY_AUTH_FILE"),
            runner: Runner::of(environment),
            is_of_host: environment.is_true(STARTED_BY_HOST),
            has_inputs: environment.input(Input::RunnerTemp).is_some(),
        }
    }
}
