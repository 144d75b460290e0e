//! What is built and pushed, by the examples that need no credential of their own.

use ghcr_auth_testbed::event::{Event, SHA};
use ghcr_auth_testbed::front_door::{Denial, Rules, Verdict};

use crate::examples::act::Runner;
use crate::examples::scene::Scene;
use crate::examples::{JOB_TOKEN, assert_fork_is_only_built};

ghcr_auth_testbed::tests![
    a_push_to_main_is_built_and_pushed_without_a_secret,
    a_forks_pull_request_is_built_and_stays_green,
    a_pull_request_of_the_repository_is_pushed_as_a_preview,
    an_image_is_published_under_two_names_with_its_cache,
    a_release_fails_while_its_package_is_private,
    a_release_is_pushed_with_its_tag,
    a_release_that_may_not_be_pushed_fails_before_it_is_built,
    a_reusable_workflow_tells_its_caller_what_it_pushed,
    one_job_decides_for_all_components,
];

fn a_push_to_main_is_built_and_pushed_without_a_secret() {
    let scene = Scene::with(&["build-push.yml"], Rules::default().allow(JOB_TOKEN));
    let act = || scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN);
    let run = act().run();
    run.assert_green();
    run.assert_outputs(&[("push", "true"), ("credential", "GITHUB_TOKEN"), ("image", "ghcr.io/acme/app")]);
    scene.assert_has("acme/app", &["latest"]);
    act().event(Event::tag_push("v1.2.3")).run().assert_green();
    scene.assert_has("acme/app", &["v1.2.3"]);
}

fn a_forks_pull_request_is_built_and_stays_green() {
    assert_fork_is_only_built(&["build-push.yml"]);
}

fn a_pull_request_of_the_repository_is_pushed_as_a_preview() {
    let scene = Scene::with(&["pull-requests.yml"], Rules::default().allow(JOB_TOKEN));
    let run = scene.act(Runner::Hosted).event(Event::same_repo_pull_request()).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    scene.assert_has("acme/app", &["pr-7"]);
    drop(scene);
    assert_fork_is_only_built(&["pull-requests.yml"]);
}

fn an_image_is_published_under_two_names_with_its_cache() {
    let scene = Scene::with(&["several-images.yml"], Rules::default().allow(JOB_TOKEN));
    let act = || scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN);
    act().run().assert_green();
    scene.assert_has("acme/app", &["main", "cache"]);
    scene.assert_has("acme/app-classic", &["main"]);
    act().event(Event::tag_push("v1.2.3")).run().assert_green();
    scene.assert_has("acme/app-classic", &["v1.2.3", "latest"]);
    drop(scene);
    assert_fork_is_only_built(&["several-images.yml"]);
}

fn a_release_fails_while_its_package_is_private() {
    for is_public in [false, true] {
        let rules = Rules::default().allow(JOB_TOKEN);
        let scene = Scene::with(&["public.yml"], if is_public { rules.public("acme/app") } else { rules });
        let run = scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN).event(Event::release("v1.2.3")).run();
        scene.assert_has("acme/app", &["v1.2.3"]);
        if is_public {
            run.assert_green();
        } else {
            assert!(run.log().contains("acme/packages/container/app/settings"), "{}", run.log());
            run.assert_red();
        }
    }
}

fn a_release_is_pushed_with_its_tag() {
    let scene = Scene::with(&["release.yml"], Rules::default().allow(JOB_TOKEN));
    let act = || scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN);
    let mut picked = Event::workflow_dispatch();
    act().event(picked.clone()).run().assert_green();
    assert!(scene.has_nothing(), "a branch is no release");
    picked.payload["ref"] = "refs/tags/v1.2.2".into();
    act().event(picked).run().assert_green();
    assert!(scene.has("acme/app", "v1.2.2") && !scene.has("acme/app", "latest"));
    act().event(Event::release("v1.2.3")).run().assert_green();
    scene.assert_has("acme/app", &["v1.2.3", "latest"]);
}

fn a_release_that_may_not_be_pushed_fails_before_it_is_built() {
    let rules = Rules::default().deny(JOB_TOKEN, Denial::PackagesPermissionMissing);
    let scene = Scene::with(&["release.yml"], rules);
    let run = scene.act(Runner::Hosted).event(Event::release("v1.2.3")).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_red();
    run.assert_outputs(&[("push", "false"), ("reason", "packages-permission-missing")]);
    assert!(!run.log().contains("FROM scratch") && scene.has_nothing(), "{}", run.log());
}

fn a_reusable_workflow_tells_its_caller_what_it_pushed() {
    let workflows = ["reusable-caller.yml", "reusable-image.yml"];
    let scene = Scene::with(&workflows, Rules::default().allow(JOB_TOKEN));
    let run = scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    scene.assert_has("acme/app", &[SHA]);
    assert!(run.summary().contains("Published ghcr.io/acme/app@sha256:"), "{}", run.log());
    drop(scene);
    assert_fork_is_only_built(&workflows);
}

fn one_job_decides_for_all_components() {
    let scene = Scene::with(&["matrix.yml"], Rules::default().allow(JOB_TOKEN));
    for component in ["api", "worker"] {
        scene.file(&format!("{component}/Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
    }
    let run = scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    scene.assert_has("acme/app/api", &[SHA]);
    scene.assert_has("acme/app/worker", &[SHA]);
    assert_eq!(run.jobs().len(), 3, "{}", run.log());
    drop(scene);
    let rules = Rules::default().allow(JOB_TOKEN).rule(JOB_TOKEN, "acme/app/worker", Verdict::Denied(Denial::PackageWriteDenied));
    let scene = Scene::with(&["matrix.yml"], rules);
    let run = scene.act(Runner::Hosted).secret("GITHUB_TOKEN", JOB_TOKEN).run();
    run.assert_green();
    run.assert_outputs(&[("push", "false"), ("reason", "package-write-denied")]);
    assert!(run.jobs().len() == 1 && scene.has_nothing(), "{}", run.log());
}
