//! What the action says of its own job in the workflow file, which lies in the workspace.

use std::fs;

use ghcr_auth_testbed::{
    front_door::{FrontDoor, Rules},
    job::{Job, Run, Step},
};

use super::{PAT, binary, open_door, with_pat};

const HEAD: &str = "\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: org/ghcr-auth@v1
        with:
          GHCR_PAT: ${{ secrets.GHCR_PAT }}
";

/// A run whose job goes on with some steps.
fn run(steps: &str, door: &FrontDoor) -> Run {
    let job = Job::new();
    step(&job, steps, door).run()
}

fn step<'a>(job: &'a Job, steps: &str, door: &FrontDoor) -> Step<'a> {
    let workflows = job.workspace().join(".github/workflows");
    fs::create_dir_all(&workflows).unwrap();
    fs::write(workflows.join("image.yml"), format!("{HEAD}{steps}")).unwrap();
    let step = with_pat(job, door).env("GITHUB_JOB", "image");
    step.env("GITHUB_WORKFLOW_REF", "acme/app/.github/workflows/image.yml@refs/heads/main")
}

fn in_files(run: &Run) -> Vec<String> {
    let log = run.log();
    log.lines().filter(|line| line.starts_with("::") && line.contains(" file=")).map(str::to_owned).collect()
}

#[test]
fn what_will_defeat_a_yes_is_said_once_with_its_file_and_line() {
    let found = run("      - uses: imjasonh/setup-crane@v0.4\n      - run: docker push ghcr.io/Acme/App:1\n", &open_door());
    let annotations = in_files(&found);
    assert_eq!(annotations.len(), 1, "{annotations:?}");
    let expected = "::warning file=.github/workflows/image.yml,line=10,title=ghcr-auth::Job `image` names ghcr.io/Acme/App: ";
    assert!(annotations[0].starts_with(expected), "{}", annotations[0]);
    assert_eq!(found.output("push"), "true", "it never changes the answer");
}

#[test]
fn nothing_is_said_of_a_job_that_is_sound_or_not_to_be_told_or_of_a_no() {
    for steps in [
        "      - run: docker push ghcr.io/acme/app:1\n",
        "      - run: docker push $IMAGE\n",
        "      - uses: docker/setup-buildx-action@v4\n",
    ] {
        assert_eq!(in_files(&run(steps, &open_door())), Vec::<String>::new(), "{steps}");
    }
    let refused = run("      - uses: imjasonh/setup-crane@v0.4\n", &FrontDoor::start(Rules::default()));
    assert_eq!((in_files(&refused), refused.output("push")), (Vec::new(), "false"));
    let elsewhere = Job::new();
    let step = elsewhere.step(binary()).registry(&open_door()).input("GHCR_PAT", PAT).env("GITHUB_JOB", "image");
    let run = step.env("GITHUB_WORKFLOW_REF", "other/app/.github/workflows/image.yml@refs/heads/main").run();
    assert_eq!(in_files(&run), Vec::<String>::new());
}

#[test]
fn a_look_that_ends_the_process_leaves_no_login() {
    let job = Job::new();
    let run = step(&job, "", &open_door()).env("GHCR_AUTH_TEST_PANIC_IN_LOOK", "x").run();
    assert_eq!((run.code, run.output("push"), job.docker_config()), (70, "false", None));
}
