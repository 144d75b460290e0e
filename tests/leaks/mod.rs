//! No secret in anything that the program shows, writes, sends elsewhere or leaves in its wake, whatever happens to it.
//!
//! Every kind of run, with every secret of a job in its place and each of them marked. [`scene`] looks at what a run leaves.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod command_line;
mod credentials;
mod failures;
mod hostile;
mod inputs;
mod post;
mod processes;
mod scanner;
mod scene;
mod secrets;
mod trace;
mod verdicts;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::binary;

use scene::Mood;

/// How many runs of one test go on at a time: most of them wait.
const AT_A_TIME: usize = 6;

/// Plays each row in the plain and in the talkative mood, some at a time.
fn play<T: Sync>(rows: &[T], check: impl Fn(&T, Mood) + Sync) {
    at_once(rows.iter().flat_map(|row| [(row, Mood::Plain), (row, Mood::Talkative)]), check);
}

/// Plays each row in the talkative mood alone: the same, for many rows that differ in little.
fn play_talkative<T: Sync>(rows: &[T], check: impl Fn(&T, Mood) + Sync) {
    at_once(rows.iter().map(|row| (row, Mood::Talkative)), check);
}

fn at_once<'a, T: Sync + 'a>(rows: impl Iterator<Item = (&'a T, Mood)>, check: impl Fn(&T, Mood) + Sync) {
    let (rows, next, failed) = (rows.collect::<Vec<_>>(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let one_after_another = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((row, mood)) = rows.get(number) else { break };
            // A row that fails has said why; the others are looked at too.
            if catch_unwind(AssertUnwindSafe(|| check(row, *mood))).is_err() {
                failed.lock().unwrap().push(number);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(one_after_another);
        }
    });
    assert!(failed.lock().unwrap().is_empty(), "rows {failed:?} of {} failed", rows.len());
}
