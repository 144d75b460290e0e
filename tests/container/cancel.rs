//! A cancelled step: the runner signals the docker client, which passes it on to process 1.

use std::time::Duration;

use ghcr_auth_testbed::front_door::{Answer, Rules};

use crate::container::bench::Bench;

ghcr_auth_testbed::tests![a_cancelled_probe_ends_at_once_and_leaves_no_container,];

/// The runner waits 7.5 s between SIGINT and SIGTERM.
const PATIENCE: Duration = Duration::from_millis(7500);

fn a_cancelled_probe_ends_at_once_and_leaves_no_container() {
    let bench = Bench::new(Rules::default().allow("ghs_job"));
    bench.door.always("POST uploads", Answer::silence());
    let step = bench.action().input("GITHUB_TOKEN", "ghs_job").spawn();
    assert!(bench.door.wait_for("POST uploads", Duration::from_secs(30)), "no probe arrives");
    let container = step.container_name().unwrap();
    step.interrupt();
    let run = step.wait(PATIENCE);
    assert_eq!(run.code, 130, "{}", run.log());
    assert_ne!(run.output("push"), "true");
    assert_eq!(bench.job.docker_config(), None);
    assert!(!bench.engine.has_container(&container), "an orphan is left");
}
