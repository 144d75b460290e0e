//! actions-runner-controller's kubernetes mode, as far as an engine can show it: the volumes and commands of
//! runner-container-hooks. No cluster and no hook is part of these tests.

use ghcr_auth_testbed::engine::ContainerAction;
use ghcr_auth_testbed::front_door::Rules;

use crate::container::bench::{Bench, consumer, forms, image, said};

ghcr_auth_testbed::tests![
    with_the_hooks_volume_the_job_finds_outputs_and_login,
    a_post_stage_in_a_pod_takes_the_login_back,
    without_a_volume_the_hook_cannot_even_start_the_image,
];

fn with_the_hooks_volume_the_job_finds_outputs_and_login() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let step = bench.action().container(ContainerAction::in_pod).env("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    let run = step.env("RUNNER_ENVIRONMENT", "self-hosted").input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!((run.code, ["push", "logged-in"].map(|name| run.output(name))), (0, ["true", "true"]), "{}", run.log());
    // The job's pod has a home of its own image; it has the exported variable.
    let output = bench.engine.in_job_container(&bench.job, &consumer(), "HOME=/root; cat \"$DOCKER_CONFIG/config.json\"");
    let [_, _, auth] = forms(run.output("username"), "ghs_job");
    assert!(said(&output).contains(&auth), "{}", said(&output));
}

fn a_post_stage_in_a_pod_takes_the_login_back() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    let step = || bench.action().container(ContainerAction::in_pod).input("GITHUB_TOKEN", "ghs_job");
    assert_eq!(step().run().output("logged-in"), "true");
    assert_eq!(step().post().run().code, 0);
    assert_eq!(bench.job.docker_config(), None);
}

/// Since 0.8 the hook starts the image with a command of its own, to copy files into it.
fn without_a_volume_the_hook_cannot_even_start_the_image() {
    let bench = Bench::new(Rules::default());
    let output = bench.engine.docker(&["run", "--rm", "--network", "host", "--entrypoint", "tail", &image(), "-f", "/dev/null"]);
    assert_eq!(output.status.code(), Some(127));
    assert!(said(&output).contains(r#"exec: "tail": executable file not found in $PATH"#), "{}", said(&output));
}
