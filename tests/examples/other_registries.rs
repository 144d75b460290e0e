//! Examples that push to other registries as well, or only decide.

use ghcr_auth_testbed::event::{Event, SHA};
use ghcr_auth_testbed::front_door::{Denial, Rules};

use crate::examples::act::{Act, Runner};
use crate::examples::scene::Scene;
use crate::examples::{JOB_TOKEN, OTHER, assert_fork_is_only_built};

ghcr_auth_testbed::tests![
    one_build_goes_to_two_registries_with_a_login_each,
    a_no_of_ghcr_does_not_stop_docker_hub,
    a_small_job_decides_for_one_that_builds,
];

/// A run with the secrets and variables of the other registries.
fn act(scene: &Scene) -> Act<'_> {
    let act = scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN);
    let act = ["QUAY_TOKEN", "DOCKERHUB_TOKEN"].into_iter().fold(act, |act, name| act.secret(name, OTHER));
    ["QUAY_USERNAME", "DOCKERHUB_USERNAME"].into_iter().fold(act, |act, name| act.variable(name, "acme"))
}

/// The registries that manifests were pushed to, with the credential.
fn pushes(scene: &Scene) -> Vec<(String, Option<String>)> {
    let pushes = scene.door.requests().into_iter().filter(|request| request.key() == "PUT manifest");
    let mut found: Vec<_> = pushes.map(|request| (request.headers["host"].clone(), request.credential)).collect();
    found.sort();
    found.dedup();
    found
}

fn pushed(host: &str, credential: &str) -> (String, Option<String>) {
    (host.to_owned(), Some(credential.to_owned()))
}

fn one_build_goes_to_two_registries_with_a_login_each() {
    let scene = Scene::with(&["several-registries.yml"], Rules::default().allow(JOB_TOKEN).allow(OTHER));
    let run = act(&scene).run();
    run.assert_green();
    run.assert_outputs(&[("push", "true"), ("logged-in", "true")]);
    assert_eq!(pushes(&scene), [pushed("ghcr.io", JOB_TOKEN), pushed("quay.io", OTHER)]);
    drop(scene);
    assert_fork_is_only_built(&["several-registries.yml"]);
}

fn a_no_of_ghcr_does_not_stop_docker_hub() {
    let hub = || pushed("registry-1.docker.io", OTHER);
    let refused = Rules::default().deny(JOB_TOKEN, Denial::PackagesPermissionMissing);
    for (rules, push, expected) in
        [(refused, "false", vec![hub()]), (Rules::default().allow(JOB_TOKEN), "true", vec![pushed("ghcr.io", JOB_TOKEN), hub()])]
    {
        let scene = Scene::with(&["docker-hub-too.yml"], rules.allow(OTHER));
        let run = act(&scene).run();
        run.assert_green();
        run.assert_outputs(&[("push", push)]);
        assert_eq!(pushes(&scene), expected);
    }
    assert_fork_is_only_built(&["docker-hub-too.yml"]);
}

fn a_small_job_decides_for_one_that_builds() {
    let scene = Scene::with(&["slim.yml"], Rules::default().allow(JOB_TOKEN));
    let run = act(&scene).run();
    run.assert_green();
    run.assert_outputs(&[("push", "true")]);
    scene.assert_has("acme/app", &[SHA]);
    drop(scene);
    let scene = Scene::with(&["slim.yml"], Rules::default());
    let run = act(&scene).event(Event::fork_pull_request()).run();
    run.assert_green();
    assert!(!run.log().contains("Successfully built"), "{}", run.log());
    scene.assert_untouched();
}
