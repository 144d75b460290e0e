//! What is left after the post stage.

use ghcr_auth_testbed::front_door::Rules;

use crate::container::bench::{Bench, forms, said};

ghcr_auth_testbed::tests![
    post_leaves_no_credential_and_nothing_that_the_runner_cannot_delete,
    without_post_the_runner_can_still_delete_everything,
];

#[track_caller]
fn assert_no_credential_is_left(bench: &Bench, user: &str, token: &str) {
    for file in bench.job.files() {
        let content = std::fs::read(&file).unwrap();
        let content = String::from_utf8_lossy(&content);
        for form in forms(user, token) {
            assert!(!content.contains(&form), "a credential in {}", file.display());
        }
    }
}

#[track_caller]
fn assert_the_runner_can_clean_up(bench: &Bench) {
    let temp = bench.job.temp();
    let mut find = bench.engine.later_step(&bench.job, "/usr/bin/find");
    let output = find.arg(&temp).args(["-mindepth", "1", "-delete"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(std::fs::read_dir(temp).unwrap().count(), 0);
}

fn post_leaves_no_credential_and_nothing_that_the_runner_cannot_delete() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let main = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(main.output("push"), "true", "{}", main.log());
    let post = bench.action().input("GITHUB_TOKEN", "ghs_job").post().run();
    assert_eq!((post.code, &post.errors), (0, &Vec::new()), "{}", post.log());
    assert_no_credential_is_left(&bench, main.output("username"), "ghs_job");
    assert_eq!(bench.job.docker_config(), None, "main created it, post deletes it");
    assert_the_runner_can_clean_up(&bench);
}

fn without_post_the_runner_can_still_delete_everything() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let main = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(main.output("push"), "true", "{}", main.log());
    assert_the_runner_can_clean_up(&bench);
}
