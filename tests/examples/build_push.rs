//! The first workflow that anybody copies.

use ghcr_auth_testbed::event::Event;
use ghcr_auth_testbed::front_door::Rules;

use crate::JOB_TOKEN;
use crate::act::Runner;
use crate::scene::Scene;

#[test]
fn a_push_to_main_is_built_and_pushed_without_a_secret() {
    let Some(scene) = Scene::with(&["build-push.yml"], Rules::default().allow(JOB_TOKEN)) else { return };
    let run = scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    run.assert_outputs(&[("push", "true"), ("credential", "GITHUB_TOKEN"), ("image", "ghcr.io/acme/app")]);
    assert!(scene.registry.has("acme/app", &scene.sha()), "{}", run.log());
}

#[test]
fn a_forks_pull_request_is_built_and_stays_green() {
    let Some(scene) = Scene::with(&["build-push.yml"], Rules::default()) else { return };
    let run = scene.act(Runner::Hosted).event(Event::fork_pull_request()).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    run.assert_outputs(&[("push", "false"), ("reason", "fork-pr")]);
    scene.assert_untouched();
}
