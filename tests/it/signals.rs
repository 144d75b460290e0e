//! Cancelled jobs.

use ghcr_auth_testbed::{
    front_door::Answer,
    job::{Job, PATIENCE},
};

use super::{open_door, with_pat};

#[test]
fn a_signal_ends_the_step_whatever_it_waits_for_and_leaves_no_yes() {
    for (number, code) in [(15, 143), (2, 130), (9, 137)] {
        let (job, door) = (Job::new(), open_door());
        door.always("POST uploads", Answer::silence());
        let running = with_pat(&job, &door).input("timeout", "600").spawn();
        assert!(door.wait_for("POST uploads", PATIENCE));
        match number {
            15 => running.terminate(),
            2 => running.interrupt(),
            _ => running.kill(),
        }
        let run = running.wait(PATIENCE);
        assert_eq!(run.code, code);
        assert!(run.outputs.is_empty() && !job.home().join(".docker").exists());
    }
}
