//! The program in a `run:` step, where no container action can be had: inputs in the step's `env`, no post stage.

use std::{fs, path::PathBuf};

use ghcr_auth_testbed::{
    front_door::FrontDoor,
    job::{Job, Run, Step},
};
use serde_json::{Value, json};

use super::{JOB_TOKEN, assert_outputs, binary, open_door};

fn step<'a>(job: &'a Job, door: &FrontDoor) -> Step<'a> {
    job.run_step(binary()).registry(door).input("GITHUB_TOKEN", JOB_TOKEN)
}

fn directory(job: &Job) -> PathBuf {
    job.user_home().join(".docker")
}

fn config(job: &Job) -> Value {
    serde_json::from_slice(&fs::read(directory(job).join("config.json")).unwrap()).unwrap()
}

fn warnings(run: &Run) -> Vec<&str> {
    run.stdout.lines().filter(|line| line.starts_with("::warning")).collect()
}

#[test]
fn the_login_is_where_later_steps_look_anyway_and_nothing_is_exported() {
    let (job, door) = (Job::new(), open_door());
    let run = step(&job, &door).run();
    let shown = directory(&job).display().to_string();
    assert_outputs(&run, &[("push", "true"), ("logged-in", "true"), ("docker-config", &shown), ("credential", "GITHUB_TOKEN")]);
    assert!(config(&job)["auths"].get(door.host()).is_some());
    assert_eq!((run.env.len(), warnings(&run)), (0, vec![]), "{}", run.log());
}

#[test]
fn nothing_is_kept_for_a_post_stage_that_does_not_come() {
    let (job, door) = (Job::new(), open_door());
    fs::create_dir(directory(&job)).unwrap();
    let before = json!({"auths": {door.host(): {"auth": "b2xk"}, "quay.io": {"auth": "cQ=="}}});
    fs::write(directory(&job).join("config.json"), before.to_string()).unwrap();
    let run = step(&job, &door).run();
    assert_outputs(&run, &[("logged-in", "true")]);
    assert!(run.state.values().all(String::is_empty), "{:?}", run.state);
    let names: Vec<_> = fs::read_dir(directory(&job)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["config.json"]);
    assert_eq!(config(&job)["auths"].as_object().unwrap().len(), 2);
}

#[test]
fn on_a_machine_that_outlives_the_job_the_logout_is_asked_for() {
    for (variable, value, asked) in [("X", "", true), ("INPUT_LOGOUT", "false", false), ("RUNNER_ENVIRONMENT", "github-hosted", false)] {
        let (job, door) = (Job::new(), open_door());
        let run = step(&job, &door).env("RUNNER_ENVIRONMENT", "self-hosted").env(variable, value).run();
        let command = format!("docker logout {}", door.host());
        assert_eq!(warnings(&run).iter().any(|warning| warning.contains(&command)), asked, "{}", run.log());
        assert_eq!(warnings(&run).len(), usize::from(asked));
    }
}

#[test]
fn a_docker_config_of_the_job_that_is_not_there_is_replaced_and_said_so() {
    let (job, door) = (Job::new(), open_door());
    let gone = job.work().join("gone/docker").display().to_string();
    let run = step(&job, &door).env("DOCKER_CONFIG", &gone).run();
    let shown = directory(&job).display().to_string();
    assert_outputs(&run, &[("logged-in", "true"), ("docker-config", &shown)]);
    assert_eq!(run.env.into_iter().collect::<Vec<_>>(), [("DOCKER_CONFIG".to_owned(), shown)]);
    assert!(run.stdout.contains("::warning"));
}

#[test]
fn a_docker_config_of_the_job_that_docker_would_create_is_created() {
    let (job, door) = (Job::new(), open_door());
    let wanted = job.temp().join("docker");
    let run = step(&job, &door).env("DOCKER_CONFIG", wanted.to_str().unwrap()).run();
    assert_outputs(&run, &[("logged-in", "true"), ("docker-config", wanted.to_str().unwrap())]);
    assert!(wanted.join("config.json").exists() && run.env.is_empty(), "{}", run.log());
}

#[test]
fn without_its_inputs_the_answer_is_no() {
    let (job, door) = (Job::new(), open_door());
    let run = job.run_step(binary()).registry(&door).env("GITHUB_TOKEN", JOB_TOKEN).run();
    assert_outputs(&run, &[("push", "false"), ("reason", "no-credential"), ("logged-in", "false")]);
    assert_eq!((run.code, door.connections()), (0, 0));
}
