//! Clocks that jump or differ.

use std::process::Command;

use ghcr_auth_testbed::front_door::Answer;
use serde_json::json;

use crate::faults::{PAT, row::Check, world::bearer};

/// A clock that is a day later at each look.
const JUMPING: &str = r"
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    static long days;
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (clock == CLOCK_REALTIME) time->tv_sec += 86400 * ++days;
    return result;
}
";

pub(crate) const CHECKS: &[Check] = &[
    ("FI-152", |row| {
        let directory = tempfile::tempdir().unwrap();
        let (source, library) = (directory.path().join("jump.c"), directory.path().join("jump.so"));
        std::fs::write(&source, JUMPING).unwrap();
        assert!(Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status().unwrap().success());
        let shown = Command::new("date").arg("+%s").env("LD_PRELOAD", &library).output().unwrap().stdout;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let shown: u64 = String::from_utf8(shown).unwrap().trim().parse().unwrap();
        assert!(shown > now + 80_000, "the clock does not jump");
        row.check(|world| {
            world.env("LD_PRELOAD", library.to_str().unwrap());
            world.door.script("GET /token", vec![Answer::status(503)]);
            world.expect("GET /token", 2);
            world.expect_at_least(0.4);
        });
    }),
    ("FI-153", |row| {
        for date in ["Sat, 21 Nov 2026 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "never"] {
            row.check(|world| {
                let token = json!({ "token": bearer(PAT) });
                world.answers("GET /token", Answer::json(200, token).header("Date", date), 1);
            });
        }
    }),
];
