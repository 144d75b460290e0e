//! Later container steps that use the login.

use ghcr_auth_testbed::{front_door::Rules, needs};
use serde_json::Value;

use crate::container::bench::{Bench, base, consumer, forms, said};
use crate::container::by_hand::push_in_job_container;

/// The entry of the registry in a config.json that another container printed.
fn entry(bench: &Bench, printed: &str) -> Value {
    let config: Value = serde_json::from_str(printed).unwrap_or_else(|_| panic!("no config.json: {printed}"));
    config["auths"][bench.door.host()]["auth"].clone()
}

fn logged_in(test: &str) -> Option<(Bench, Value)> {
    let bench = Bench::new(test, Rules::default().allow("ghs_job"))?;
    let run = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(run.output("push"), "true", "{}", run.log());
    let [_, _, auth] = forms(run.output("username"), "ghs_job");
    Some((bench, auth.into()))
}

#[test]
fn a_second_container_action_finds_the_login_at_the_translated_path() {
    let Some((bench, auth)) = logged_in("second container action") else { return };
    bench.job.forget_state();
    let step = bench.job.container_step(&bench.engine, &consumer());
    let step = step.container(|action| action.entrypoint("/bin/sh"));
    let run = step.args(&["-c", r#"echo "$DOCKER_CONFIG" >&2; cat "$DOCKER_CONFIG/config.json""#]).run();
    assert_eq!((run.code, run.stderr.as_str()), (0, "/github/home/.docker\n"));
    assert_eq!(entry(&bench, &run.stdout), auth);
}

#[test]
fn a_job_container_finds_the_login_in_its_home_and_by_variable() {
    let Some((bench, auth)) = logged_in("job container") else { return };
    for directory in ["$HOME/.docker", "$DOCKER_CONFIG"] {
        let script = format!("cat \"{directory}/config.json\"");
        let output = bench.engine.in_job_container(&bench.job, &consumer(), &script);
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(entry(&bench, &said(&output)), auth);
    }
}

#[test]
fn docker_in_a_job_container_pushes_with_the_actions_login() {
    let test = "docker push in a job container after the action";
    let Some((bench, _)) = logged_in(test) else { return };
    let Some(image) = base(&bench.engine) else { return needs::skip(test, "the base image (.ci/image)") };
    push_in_job_container(&bench, &image);
}
