//! What keeps later steps from using a login although it was made.

use super::{
    config::{DockerConfig, Shadow},
    place::Place,
};
use crate::job::environment::Environment;

/// The warnings, in words.
pub(super) fn all(environment: &Environment, place: &Place, registry: &str, shadows: &[Shadow], logout: bool) -> Vec<String> {
    let auth_config = environment.raw("DOCKER_AUTH_CONFIG").is_some_and(|value| {
        let config = value.to_str().and_then(|text| DockerConfig::parse(text.as_bytes()).ok());
        config.is_none_or(|config| config.entry(registry).is_some())
    });
    let directory = place.shown.display();
    let stays = logout && place.by_hand && environment.text("RUNNER_ENVIRONMENT") == Some("self-hosted");
    let checks = [
        (
            auth_config,
            format!(
                "DOCKER_AUTH_CONFIG is set: docker 28.3 and later prefer it to this login for {registry}. Unset it for the steps that push."
            ),
        ),
        (
            shadows.contains(&Shadow::Store),
            format!(
                "`credsStore` in {directory}/config.json makes docker ask a credential store before this login. Remove it, or log in with docker/login-action."
            ),
        ),
        (
            shadows.contains(&Shadow::Helper),
            format!(
                "`credHelpers` in {directory}/config.json has a helper for {registry}, which docker asks before this login. Remove it."
            ),
        ),
        (
            shadows.contains(&Shadow::Part),
            format!(
                "{directory}/config.json has a login for a part of {registry}, too: podman, buildah and skopeo prefer that one for images there, docker prefers this one. Log out of it where it was made, or give these tools another file by REGISTRY_AUTH_FILE."
            ),
        ),
        (
            !place.shared,
            format!(
                "Later steps may not see {directory}: this runner shares no home directory. Set `login: none` and log in with docker/login-action."
            ),
        ),
        (
            place.hidden,
            format!(
                "An earlier step set DOCKER_CONFIG to a directory that cannot be seen from here. It is {directory} now; run ghcr-auth before other docker steps."
            ),
        ),
        (
            stays,
            format!(
                "No logout follows a `run:` step: the login stays in {directory}/config.json. If that outlives the job, end it with `docker logout {registry}`; `INPUT_LOGOUT: false` says that it may stay."
            ),
        ),
    ];
    checks.into_iter().filter_map(|(found, warning)| found.then_some(warning)).collect()
}
