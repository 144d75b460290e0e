//! Cancelled jobs.

use std::time::Duration;

use ghcr_auth_testbed::{front_door::Answer, job::Job};

use super::{open_door, with_pat};

#[test]
fn a_signal_ends_the_step_within_a_second_and_leaves_no_yes() {
    for (number, code) in [(15, 143), (2, 130), (9, 137)] {
        let (job, door) = (Job::new(), open_door());
        door.always("POST uploads", Answer::silence());
        let running = with_pat(&job, &door).spawn();
        assert!(door.wait_for("POST uploads", Duration::from_secs(20)));
        match number {
            15 => running.terminate(),
            2 => running.interrupt(),
            _ => running.kill(),
        }
        let run = running.wait(Duration::from_secs(1));
        assert_eq!(run.code, code);
        assert!(run.outputs.is_empty() && !job.home().join(".docker").exists());
    }
}
