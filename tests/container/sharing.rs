//! Later container steps that use the login.

use ghcr_auth_testbed::front_door::Rules;
use serde_json::Value;

use crate::container::bench::{Bench, base, consumer, forms, said};
use crate::container::by_hand::push_in_job_container;

ghcr_auth_testbed::tests![
    a_second_container_action_finds_the_login_at_the_translated_path,
    a_job_container_finds_the_login_in_its_home_and_by_variable,
    docker_in_a_job_container_pushes_with_the_actions_login,
];

/// The entry of the registry in a config.json that another container printed.
fn entry(bench: &Bench, printed: &str) -> Value {
    let config: Value = serde_json::from_str(printed).unwrap_or_else(|_| panic!("no config.json: {printed}"));
    config["auths"][bench.door.host()]["auth"].clone()
}

fn logged_in() -> (Bench, Value) {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let run = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(run.output("push"), "true", "{}", run.log());
    let [_, _, auth] = forms(run.output("username"), "ghs_job");
    (bench, auth.into())
}

fn a_second_container_action_finds_the_login_at_the_translated_path() {
    let (bench, auth) = logged_in();
    bench.job.forget_state();
    let step = bench.job.container_step(&bench.engine, &consumer());
    let step = step.container(|action| action.entrypoint("/bin/sh"));
    let run = step.args(&["-c", r#"echo "$DOCKER_CONFIG" >&2; cat "$DOCKER_CONFIG/config.json""#]).run();
    assert_eq!((run.code, run.stderr.as_str()), (0, "/github/home/.docker\n"));
    assert_eq!(entry(&bench, &run.stdout), auth);
}

fn a_job_container_finds_the_login_in_its_home_and_by_variable() {
    let (bench, auth) = logged_in();
    for directory in ["$HOME/.docker", "$DOCKER_CONFIG"] {
        let script = format!("cat \"{directory}/config.json\"");
        let output = bench.engine.in_job_container(&bench.job, &consumer(), &script);
        assert!(output.status.success(), "{}", said(&output));
        assert_eq!(entry(&bench, &said(&output)), auth);
    }
}

fn docker_in_a_job_container_pushes_with_the_actions_login() {
    let (bench, _) = logged_in();
    let image = base(&bench.engine);
    push_in_job_container(&bench, &image);
}
