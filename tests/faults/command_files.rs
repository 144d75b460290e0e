//! The runner's command files: what cannot be written is noticed, what is written is read back.

use std::fs;

use ghcr_auth_testbed::{front_door::FrontDoor, job::Run};

use crate::faults::{
    PAT,
    row::{Check, Row},
    world::{STEPS, World},
};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-187", |row| unwritable(row, |_| "/dev/full".to_owned())),
    ("FI-188", |row| {
        unwritable(row, |world| world.job.temp().display().to_string());
        unwritable(row, |world| world.job.temp().join("missing").display().to_string());
        unwritable(row, |world| {
            let fifo = world.job.temp().join("fifo");
            assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
            fifo.display().to_string()
        });
    }),
    ("FI-190", |row| {
        let odd = |world: &World| world.job.temp().join("a\nPATH=<<evil\r");
        row.check_then(
            |world| {
                let temp = odd(world);
                fs::create_dir_all(temp.join("_github_home")).unwrap();
                world.input("runner-temp", &format!("host:{}", temp.display()));
                world.env("HOME", temp.join("_github_home").to_str().unwrap());
                world.seeded = true;
            },
            |world, run| {
                let directory = odd(world).join("_github_home/.docker");
                assert_eq!(run.env.iter().collect::<Vec<_>>(), [(&"DOCKER_CONFIG".to_owned(), &directory.display().to_string())]);
                assert_eq!(run.output("docker-config"), directory.to_str().unwrap());
            },
        );
    }),
    ("FI-192", |row| {
        for key in STEPS {
            let (world, run) = World::killed_at(key);
            row.assert(&world, &run, false);
            assert_eq!(run.raw["GITHUB_OUTPUT"], "");
        }
    }),
    ("FI-193", |row| {
        row.check_then(|_| {}, |_, run| assert_said_once(run));
        row.check_then(|world| world.input("images", "acme/app,acme/web"), |_, run| assert_said_once(run));
    }),
    ("FI-194", |row| {
        row.check_then(|world| world.env("GITHUB_ENV", "/dev/full"), |world, _| assert!(!world.docker("").exists()));
    }),
    ("FI-195", |row| {
        row.check_then(|_| {}, |_, run| assert_eq!(run.env.keys().collect::<Vec<_>>(), ["DOCKER_CONFIG"]));
    }),
    ("FI-199", |row| {
        for token in ["a", "ab", "abc"] {
            row.check_then(
                |world| {
                    world.door = FrontDoor::spare();
                    world.input("GHCR_PAT", token);
                    world.expect("GET /token", 2);
                },
                |_, run| assert!(!run.stdout.contains(&format!("::add-mask::{token}\n"))),
            );
        }
    }),
    ("FI-201", |row| {
        for start in [
            "exec \"$PROGRAM\" >/dev/full 2>&1",
            "exec \"$PROGRAM\" >&- 2>&-",
            "\"$PROGRAM\" | true",
            "\"$PROGRAM\" 2>&1 | head -c 1 >/dev/null",
        ] {
            row.check(|world| world.script(start));
        }
    }),
    ("FI-202", |row| {
        row.check_then(
            |world| world.script("echo '::stop-commands::x'; echo '::echo::on'; exec \"$PROGRAM\""),
            |_, run| assert!(!run.stdout.contains("::set-output") && !run.stdout.contains("::save-state")),
        );
    }),
];

/// A `GITHUB_OUTPUT` that cannot be written fails the step, at once.
fn unwritable(row: &Row, path: impl Fn(&World) -> String) {
    for required in ["false", "true"] {
        let mut world = World::new();
        world.expect_no_wait();
        let run = world.step().env("GITHUB_OUTPUT", &path(&world)).input("required", required).run();
        world.seeded = true;
        row.assert(&world, &run, required == "true");
        assert!(run.stdout.contains("::error title=ghcr-auth::The outputs could not be written"), "{}", run.log());
        assert!(fs::read_to_string(world.docker("config.json")).is_ok_and(|config| !config.contains(PAT)));
    }
}

/// Every output once, `push` last.
fn assert_said_once(run: &Run) {
    let text = &run.raw["GITHUB_OUTPUT"];
    assert_eq!(text.matches("push=").count(), 1, "{text}");
    assert!(text.ends_with("\npush=true\n"), "{text}");
}
