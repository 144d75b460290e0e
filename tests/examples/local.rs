//! Every example under act as it is, without the token that is meant for it: nothing is asked and nothing is pushed.

use ghcr_auth_testbed::event::Event;
use ghcr_auth_testbed::front_door::Rules;
use serde_yaml::Value;

use crate::examples::act::{Run, Runner};
use crate::examples::scene::{Scene, example, examples};
use crate::examples::{JOB_TOKEN, NOT_UNDER_ACT, OTHER, PAT};

ghcr_auth_testbed::tests![in_host_mode_outputs_arrive_once_acts_cache_is_mounted, without_the_fallback_token_act_builds_and_pushes_nothing,];

/// An event that starts the workflow; none for one that only others call.
fn event_of(workflow: &str) -> Option<Event> {
    let workflow: Value = serde_yaml::from_str(workflow).unwrap();
    let on = &workflow["on"];
    let is = |name: &str| on.as_str() == Some(name) || on.get(name).is_some();
    match () {
        () if is("push") && on["push"].get("branches").is_none() => Some(Event::tag_push("v1.2.3")),
        () if is("push") => Some(Event::push()),
        () if is("pull_request") => Some(Event::same_repo_pull_request()),
        () if is("release") => Some(Event::release("v1.2.3")),
        () if is("schedule") => Some(Event::schedule()),
        () if is("workflow_dispatch") => Some(Event::workflow_dispatch()),
        () => None,
    }
}

/// What a run under act ends with, and whether it is green: a deployment without its image is not.
fn assert_local_runner(name: &str, event: Event) {
    let scene = Scene::with(&[name, "reusable-image.yml"], Rules::default().allow(JOB_TOKEN).allow(PAT).allow(OTHER));
    let ours = [("GITHUB_TOKEN", JOB_TOKEN), ("GHCR_PAT", PAT), ("GHCR_TOKEN", PAT)];
    let act = ours.iter().fold(scene.act(Runner::Act).event(event), |act, (name, value)| act.secret(name, value));
    let pushes_elsewhere = name == "several-registries.yml" || name == "docker-hub-too.yml";
    let others: &[&str] = if pushes_elsewhere { &["QUAY_TOKEN", "DOCKERHUB_TOKEN"] } else { &[] };
    let act = others.iter().fold(act, |act, name| act.secret(name, OTHER));
    let run = act.variable("QUAY_USERNAME", "acme").variable("DOCKERHUB_USERNAME", "acme").run();
    run.assert_outputs(&[("push", "false"), ("pull", "false"), ("reason", "local-runner")]);
    if name == "private-pull.yml" {
        run.assert_red();
    } else {
        run.assert_green();
    }
    if !pushes_elsewhere {
        return scene.assert_untouched();
    }
    let to_ghcr: Vec<_> = scene.door.requests().into_iter().filter(|request| request.headers["host"] == "ghcr.io").collect();
    assert!(to_ghcr.iter().all(|request| request.credential.is_none() && request.key() != "PUT manifest"));
    assert!(scene.door.credentials().iter().all(|credential| credential == OTHER));
}

fn in_host_mode_outputs_arrive_once_acts_cache_is_mounted() {
    let scene = Scene::with(&["build-push.yml"], Rules::default().allow(JOB_TOKEN));
    // The stand-ins of the later steps are in the job's image, which this mode does not have.
    let ended = |run: &Run| run.steps().into_iter().find(|(id, ..)| id == "ghcr").map(|(.., result)| result);
    let run = scene.act(Runner::ActOnHost).run();
    assert!(run.log().contains("The outputs could not be written: No such file or directory"), "{}", run.log());
    assert_eq!(ended(&run).as_deref(), Some("failure"));
    let run = scene.act(Runner::ActOnHost).mounting_its_cache().run();
    run.assert_outputs(&[("push", "false"), ("reason", "local-runner")]);
    assert_eq!(ended(&run).as_deref(), Some("success"));
    scene.assert_untouched();
}

fn without_the_fallback_token_act_builds_and_pushes_nothing() {
    let started = |name: String| event_of(&example(&name)).map(|event| (name, event));
    let runs: Vec<_> = examples().into_iter().filter(|name| !NOT_UNDER_ACT.contains(&name.as_str())).filter_map(started).collect();
    std::thread::scope(|scope| {
        for half in runs.chunks(runs.len().div_ceil(2)) {
            scope.spawn(|| half.iter().for_each(|(name, event)| assert_local_runner(name, event.clone())));
        }
    });
}
