//! Connections that break and answers that do not come.

use ghcr_auth_testbed::front_door::Answer;

use crate::faults::{
    row::{Check, at_once},
    world::{PAUSE, STEPS, World},
};

/// The deadline of the rows that wait for it, in seconds.
const DEADLINE: &str = "5";

pub(crate) const CHECKS: &[Check] = &[
    ("FI-001", |row| {
        row.check(|world| {
            world.input("registry", NOBODY);
            world.expect_reported(3);
        });
    }),
    ("FI-003", |row| each_step(|key| row.check(|world| world.answers(key, Answer::raw(b"").then_reset(), 3)))),
    ("FI-004", |row| each_step(|key| row.check(|world| world.answers(key, Answer::cut(), 3)))),
    ("FI-005", |row| {
        let half = Answer::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{\"token\":\"x\"}").then_reset();
        row.check(|world| world.answers("GET /token", half.clone(), 3));
    }),
    ("FI-006", |row| each_step(|key| row.check(|world| until_deadline(world, key, Answer::silence())))),
    ("FI-008", |row| {
        let dripping = Answer::raw(b"HTTP/1.1 200 OK\r\nX: ").then_repeat(b"a", PAUSE);
        row.check(|world| until_deadline(world, "GET /token", dripping.clone()));
    }),
    ("FI-009", |row| {
        let dripping = Answer::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n").then_repeat(b" ", PAUSE);
        row.check(|world| until_deadline(world, "GET /token", dripping.clone()));
    }),
    ("FI-013", |row| {
        row.check_then(
            |world| {
                fail_first(world, 2);
                world.env("RUNNER_DEBUG", "1");
            },
            |_, run| {
                assert!((1..=3).all(|number| run.stdout.contains(&format!("number={number}"))));
            },
        );
    }),
    ("FI-014", |row| row.check(|world| fail_first(world, 3))),
];

fn each_step(check: impl Fn(&'static str) + Sync) {
    at_once(STEPS, check);
}

/// An address where nobody listens; no free port, which another test could take.
pub(crate) const NOBODY: &str = "127.0.0.1:1";

fn until_deadline(world: &mut World, key: &'static str, answer: Answer) {
    world.input("timeout", DEADLINE);
    world.answers(key, answer, 1);
    world.expect_at_least(5.0);
}

fn fail_first(world: &mut World, times: usize) {
    world.door.script("POST uploads", vec![Answer::raw(b"").then_reset(); times]);
    world.expect("POST uploads", 3);
}
