//! Examples with a credential of their own, or with a login that is not docker's.

use ghcr_auth_testbed::event::{Event, SHA};
use ghcr_auth_testbed::front_door::{Answer, Denial, Rules, Verdict};
use serde_json::json;

use crate::examples::act::Runner;
use crate::examples::scene::Scene;
use crate::examples::{FALLBACK, JOB_TOKEN, PAT, assert_fork_is_only_built};

ghcr_auth_testbed::tests![
    an_expired_pat_does_not_hide_the_jobs_token,
    the_fallback_token_serves_runners_of_ones_own_alone,
    under_act_the_login_has_to_be_docker_login_actions,
    without_docker_login_action_act_cannot_push,
    charts_files_and_signatures_are_pushed_with_the_same_login,
    an_attestation_is_pushed_with_the_login_of_the_runners_home,
    a_private_image_is_pulled_for_a_deployment,
    one_build_goes_to_the_enterprises_registry_and_to_ghcr_io,
];

fn an_expired_pat_does_not_hide_the_jobs_token() {
    for (rules, credential) in [(Rules::default().allow(PAT), "GHCR_PAT"), (Rules::default().allow(JOB_TOKEN), "GITHUB_TOKEN")] {
        let scene = Scene::with(&["pat-with-fallback.yml"], rules);
        let run = scene.act(Runner::Hosted).secret("GHCR_PAT", PAT).secret("GITHUB_TOKEN", JOB_TOKEN).run();
        run.assert_green();
        run.assert_outputs(&[("push", "true"), ("credential", credential)]);
        // The proxy to this world is warned of, too.
        let is_warned = run.log().lines().any(|line| line.contains("::warning") && line.contains("GHCR_PAT"));
        assert_eq!(is_warned, credential == "GITHUB_TOKEN", "{}", run.log());
        scene.assert_has("acme/app", &["latest"]);
    }
}

/// The job's token is refused, the fallback is not.
fn only_the_fallback() -> Rules {
    Rules::default().deny(JOB_TOKEN, Denial::PackageWriteDenied).allow(FALLBACK)
}

fn the_fallback_token_serves_runners_of_ones_own_alone() {
    let scene = Scene::with(&["self-hosted.yml"], only_the_fallback());
    let act = |runner| scene.act(runner).secret("GITHUB_TOKEN", JOB_TOKEN).secret("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK);
    let run = act(Runner::Hosted).run();
    run.assert_green();
    run.assert_outputs(&[("push", "false"), ("reason", "package-write-denied")]);
    assert!(scene.has_nothing() && !scene.door.credentials().contains(&FALLBACK.to_owned()));
    let run = act(Runner::SelfHosted).run();
    run.assert_green();
    run.assert_outputs(&[("push", "true"), ("credential", "LOCAL_RUNNER_FALLBACK_TOKEN"), ("logged-in", "true")]);
    scene.assert_has("acme/app", &["latest"]);
}

fn under_act_the_login_has_to_be_docker_login_actions() {
    let scene = Scene::with(&["act.yml"], only_the_fallback());
    let run = scene.act(Runner::Act).secret("GITHUB_TOKEN", JOB_TOKEN).secret("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK).run();
    run.assert_green();
    run.assert_outputs(&[("push", "true"), ("credential", "LOCAL_RUNNER_FALLBACK_TOKEN"), ("logged-in", "false")]);
    scene.assert_has("acme/app", &["latest"]);
    let credentials = scene.door.credentials();
    assert!(credentials.iter().all(|credential| credential.contains(FALLBACK)), "{credentials:?}");
    drop(scene);

    let scene = Scene::with(&["act.yml"], Rules::default().allow(JOB_TOKEN));
    let run = scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    run.assert_outputs(&[("push", "true"), ("credential", "GITHUB_TOKEN")]);
    scene.assert_has("acme/app", &["latest"]);
}

fn without_docker_login_action_act_cannot_push() {
    let scene = Scene::with(&["self-hosted.yml"], only_the_fallback());
    // Refused a token, docker would ask again for a minute; so it gets one that may do nothing.
    scene.door.script("GET /token", vec![Answer::usual()]);
    scene.door.always("GET /token", Answer::json(200, json!({"token": "bm9ib2R5"})));
    let run = scene.act(Runner::Act).secret("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK).run();
    run.assert_red();
    run.assert_outputs(&[("push", "true"), ("reason", "allowed")]);
    let warning = "this runner shares no home directory. Set `login: none` and log in with docker/login-action.";
    assert!(run.log().contains(warning), "{}", run.log());
    assert!(scene.has_nothing());
}

fn charts_files_and_signatures_are_pushed_with_the_same_login() {
    let scene = Scene::with(&["helm-oras-cosign.yml"], Rules::default().allow(JOB_TOKEN));
    scene.file("charts/hello/Chart.yaml", "apiVersion: v2\nname: hello\nversion: 0.1.0\n");
    scene.file("NOTES.md", "# Hello\n");
    let run = scene.act(Runner::Hosted).event(Event::tag_push("v1.2.3")).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    let signature = run.outputs("build")["digest"].replace(':', "-") + ".sig";
    scene.assert_has("acme/app", &["v1.2.3", &signature]);
    scene.assert_has("acme/app/charts/hello", &["1.2.3"]);
    scene.assert_has("acme/app/notes", &["v1.2.3"]);
    assert!(scene.door.credentials().iter().all(|credential| credential == JOB_TOKEN));
}

fn an_attestation_is_pushed_with_the_login_of_the_runners_home() {
    for (rules, credential, token) in
        [(Rules::default().allow(PAT), "GHCR_PAT", PAT), (Rules::default().allow(JOB_TOKEN), "GITHUB_TOKEN", JOB_TOKEN)]
    {
        let scene = Scene::with(&["attestation.yml"], rules);
        let run = scene.act(Runner::Hosted).secret("GHCR_PAT", PAT).secret("GITHUB_TOKEN", JOB_TOKEN).run();
        run.assert_green();
        run.assert_outputs(&[("push", "true"), ("credential", credential), ("logged-in", "true")]);
        scene.assert_has("acme/app", &[SHA, &run.outputs("build")["digest"].replace(':', "-")]);
        let pushes = scene.door.requests().into_iter().filter(|request| request.key() == "PUT manifest");
        assert!(pushes.into_iter().all(|request| request.credential.as_deref() == Some(token)));
    }
    assert_fork_is_only_built(&["attestation.yml"]);
}

fn a_private_image_is_pulled_for_a_deployment() {
    let rules = Rules::default().deny(PAT, Denial::MissingScope).pull(PAT, Verdict::Allowed);
    let scene = Scene::with(&["private-pull.yml"], rules);
    scene.publish("acme/backend", "latest");
    let act = || scene.act(Runner::Hosted).event(Event::workflow_dispatch());
    let run = act().secret("GHCR_TOKEN", PAT).variable("GHCR_USERNAME", "acme-deploy").run();
    run.assert_green();
    run.assert_outputs(&[("push", "false"), ("pull", "true"), ("credential", "GHCR_TOKEN"), ("username", "acme-deploy")]);
    assert!(run.log().contains("Status: Downloaded newer image for ghcr.io/acme/backend:latest"), "{}", run.log());
    act().run().assert_red();
}

fn one_build_goes_to_the_enterprises_registry_and_to_ghcr_io() {
    for server in ["ghes.acme.example", "acme.ghe.com"] {
        let rules = Rules::default().allow(JOB_TOKEN).allow(PAT);
        let scene = Scene::on(server, &["enterprise.yml"], rules);
        let run = scene.act(Runner::SelfHosted).secret("GHCR_PAT", PAT).secret("GITHUB_TOKEN", JOB_TOKEN).run();
        run.assert_green();
        let own = format!("containers.{server}");
        run.assert_outputs(&[("push", "true"), ("registry", &own), ("credential", "GITHUB_TOKEN")]);
        assert_eq!(run.outputs("public")["image"], "ghcr.io/acme/app");
        scene.assert_has("acme/app", &[SHA]);
        for request in scene.door.requests().into_iter().filter(|request| request.key() == "PUT manifest") {
            let expected = if request.headers["host"] == own { JOB_TOKEN } else { PAT };
            assert_eq!(request.credential.as_deref(), Some(expected), "{}", request.headers["host"]);
        }
    }
}
