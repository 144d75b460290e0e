//! What keeps later steps from using a login although it was made.

use std::path::Path;

use super::{
    LoginRequest, buildx,
    config::{DockerConfig, Shadow},
    destination::{Destination, StepKind},
    home::Home,
};
use crate::job::run::Runner;

/// The warnings, in words.
pub(super) fn all(home: &Home<'_>, destination: &Destination, request: LoginRequest<'_>, shadows: &[Shadow], logout: bool) -> Vec<String> {
    let LoginRequest { registry, images, .. } = request;
    let auth_config = home.auth_config.is_some_and(|value| {
        let config = value.to_str().and_then(|text| DockerConfig::parse(text.as_bytes()).ok());
        config.is_none_or(|config| config.entry(registry).is_some())
    });
    let directory = destination.shown.display();
    let stays = logout && destination.step == StepKind::Run && home.runner == Runner::SelfHosted;
    let warnings = [
        auth_config.then(|| format!("DOCKER_AUTH_CONFIG is set: Docker 28.3, buildx 0.26, crane 0.20.7, and later versions prefer it to this login for {registry}. Set it to '' for the steps that push.")),
        is_auth_file_of_others(home.auth_file, destination).then(|| format!("REGISTRY_AUTH_FILE is set: podman, buildah, and skopeo use the login for {registry} in that file, not this one. In the steps that push, set `REGISTRY_AUTH_FILE: {directory}/config.json`.")),
        buildx::has_login(home.buildx_config, &destination.directory, registry, images).then(|| format!("buildx has a login of its own for {registry}, from docker/login-action with `scope`, and prefers it to this one. Remove `scope` from that step.")),
        shadows.contains(&Shadow::Store).then(|| format!("`credsStore` in {directory}/config.json makes Docker ask a credential store before this login. Remove it, or log in with docker/login-action.")),
        shadows.contains(&Shadow::Helper).then(|| format!("`credHelpers` in {directory}/config.json has a helper for {registry}, which Docker asks before this login. Remove it.")),
        shadows.contains(&Shadow::Part).then(|| format!("{directory}/config.json also has a login for part of {registry}. For images there, podman, buildah, and skopeo prefer it; Docker prefers this one. Log out of it where it was made, or point these tools at another file with REGISTRY_AUTH_FILE.")),
        (!destination.shared).then(|| format!("Later steps may not see {directory}: this runner shares no home directory. Set `login: none` and log in with docker/login-action.")),
        destination.hidden.map(|unfit| format!("DOCKER_CONFIG pointed to a directory that {unfit}. Until the job ends it points to {directory}, and Docker doesn't find what earlier steps left in the other one: run ghcr-auth before other Docker steps.")),
        stays.then(|| format!("No logout follows a `run:` step: the login stays in {directory}/config.json. If that outlives the job, end it with `docker logout {registry}`; set `INPUT_LOGOUT: false` if it can stay.")),
    ];
    warnings.into_iter().flatten().collect()
}

/// Whether podman and its like are sent to another file, under its name here or on the host.
fn is_auth_file_of_others(file: Option<&Path>, destination: &Destination) -> bool {
    let ours = [&destination.directory, &destination.shown].map(|directory| directory.join(super::CONFIG));
    file.is_some_and(|file| !ours.iter().any(|ours| ours == file))
}
