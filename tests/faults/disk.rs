//! Files in the way of config.json, and ends in the middle of writing it.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, symlink},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use ghcr_auth_testbed::{front_door::Answer, job::PATIENCE, needs};
use serde_json::json;

use crate::faults::{
    row::{Check, Row},
    world::{STEPS, World},
};

const BEFORE: &[u8] = br#"{"auths":{"quay.io":{"auth":"cQ=="}}}"#;

pub(crate) const CHECKS: &[Check] = &[
    ("FI-166", |row| {
        for options in ["size=4k", "size=4k,ro"] {
            on_a_small_disk(row, options);
        }
    }),
    ("FI-167", |row| {
        let large = format!(r#"{{"auths":{{}},"pad":"{}"}}"#, "x".repeat(40_000));
        row.check_then(
            |world| {
                world.seed(large.as_bytes());
                // In blocks of 512 bytes: room for the outputs and the log.
                world.script("ulimit -f 40; exec \"$PROGRAM\"");
            },
            |world, _| assert_untouched(world, large.as_bytes()),
        );
        let mut world = World::new();
        world.seed(BEFORE);
        world.script("ulimit -f 0; exec \"$PROGRAM\"");
        let run = world.step().run();
        assert_eq!((run.code, run.outputs.len()), (1, 0));
        assert_untouched(&world, BEFORE);
    }),
    ("FI-169", |row| {
        let victim = |world: &World| world.job.temp().join("victim");
        row.check_then(
            |world| {
                world.seed_directory();
                fs::write(victim(world), BEFORE).unwrap();
                symlink(victim(world), world.docker("config.json")).unwrap();
            },
            |world, _| assert_eq!(fs::read(victim(world)).unwrap(), BEFORE),
        );
    }),
    ("FI-170", |row| {
        let victim = |world: &World| world.job.temp().join("victim");
        row.check_then(
            |world| {
                world.seed_directory();
                symlink(victim(world), world.docker("config.json")).unwrap();
            },
            |world, _| assert!(!victim(world).exists()),
        );
    }),
    ("FI-173", |row| {
        for make in ["mkdir config.json", "mkfifo config.json", "ln -s /dev/null config.json", "ln -s /dev/zero config.json"] {
            row.check_then(
                |world| {
                    world.seed_directory();
                    assert!(Command::new("sh").args(["-c", make]).current_dir(world.docker("")).status().unwrap().success());
                    world.expect_no_wait();
                },
                |world, _| assert!(!world.docker("config.json").symlink_metadata().unwrap().is_file(), "{make}"),
            );
        }
    }),
    ("FI-177", |row| {
        row.check_then(
            |world| {
                world.seed(BEFORE);
                fs::hard_link(world.docker("config.json"), world.job.temp().join("other-name")).unwrap();
            },
            |world, _| {
                assert_eq!(fs::read(world.job.temp().join("other-name")).unwrap(), BEFORE);
                assert_eq!(world.job.docker_config().unwrap()["auths"].as_object().unwrap().len(), 2);
            },
        );
    }),
    ("FI-178", swapped_for_a_symlink),
    ("FI-179", |row| {
        row.check_then(
            |_| {},
            |world, _| {
                let doors: Vec<_> = (0..25).map(|_| World::new()).collect();
                std::thread::scope(|scope| {
                    for other in &doors {
                        scope.spawn(|| {
                            let home = world.job.home().display().to_string();
                            assert_eq!(other.step().env("HOME", &home).run().output("logged-in"), "true");
                        });
                    }
                });
                let config = world.job.docker_config().unwrap();
                assert!(doors.iter().all(|other| config["auths"].get(other.door.host()).is_some()), "{config}");
            },
        );
    }),
    ("FI-180", |row| {
        for round in 0..40 {
            let mut world = World::new();
            world.seed(BEFORE);
            world.input("verify", "false");
            let running = world.step().spawn();
            spin(Duration::from_micros(200 * round));
            running.kill();
            let run = running.wait(PATIENCE);
            assert!([0, 137].contains(&run.code), "{} {}", row.id, run.log());
            let auths = world.job.docker_config().unwrap()["auths"].clone();
            assert_eq!(auths["quay.io"], json!({ "auth": "cQ==" }));
            assert!(run.output("push") != "true" || auths.get(world.door.host()).is_some(), "a yes without a login");
            for file in fs::read_dir(world.docker("")).unwrap() {
                let file = file.unwrap();
                assert!(file.file_name() == "config.json" || file.metadata().unwrap().mode() & 0o777 == 0o600, "{}", file.path().display());
            }
        }
    }),
    ("FI-181", |row| {
        for key in STEPS {
            let world = World::new();
            world.door.always(key, Answer::silence());
            terminate_at(row, &world, key);
        }
        // Another step holds the lock of config.json.
        let mut world = World::new();
        world.seed(BEFORE);
        let held = fs::File::open(world.docker("")).unwrap();
        rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
        terminate_at(row, &world, "DELETE upload");
        assert_untouched(&world, BEFORE);
    }),
];

/// config.json is what it was and nothing lies beside it.
#[track_caller]
fn assert_untouched(world: &World, content: &[u8]) {
    assert_eq!(fs::read(world.docker("config.json")).unwrap(), content);
    let names: Vec<_> = fs::read_dir(world.docker("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["config.json"]);
}

/// A mounted file system; dropping it unmounts it.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        // What is still mounted keeps the job's directory from being removed, which shows.
        let _ = Command::new("umount").arg(self.0).status();
    }
}

fn on_a_small_disk(row: &Row, options: &str) {
    for required in ["false", "true"] {
        let mut world = World::new();
        world.seed_directory();
        let place = world.docker("");
        let mount = |options: &str| Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(&place).output();
        if !mount("size=4k").is_ok_and(|made| made.status.success()) {
            needs::not_permitted("mounting a tmpfs");
        }
        let _mounted = Mounted(&place);
        fs::write(place.join("config.json"), BEFORE).unwrap();
        assert!(fs::write(place.join("more"), BEFORE).is_err(), "the disk is not full");
        fs::remove_file(place.join("more")).unwrap();
        assert!(mount(&format!("remount,{options}")).unwrap().status.success());
        let run = world.step().input("required", required).run();
        row.assert(&world, &run, required == "true");
        assert_untouched(&world, BEFORE);
    }
}

/// The directory of config.json is now a directory, now a symlink to one that is not ours to write to.
fn swapped_for_a_symlink(row: &Row) {
    let mut world = World::new();
    world.seed_directory();
    world.input("verify", "false");
    let (place, aside, theirs) = (world.job.home().join(".docker"), world.job.home().join("aside"), world.job.temp().join("theirs"));
    fs::create_dir(&theirs).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let swapping = scope.spawn(|| {
            let mut swaps = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let moved = fs::rename(&place, &aside).and_then(|()| symlink(&theirs, &place));
                swaps += usize::from(moved.is_ok());
                // Where the program has made the directory in the meantime, it goes.
                let _ = fs::remove_file(&place).or_else(|_| fs::remove_dir_all(&place));
                let _ = fs::rename(&aside, &place).or_else(|_| fs::remove_dir_all(&aside));
            }
            swaps
        });
        for _ in 0..200 {
            let run = world.step().run();
            assert!(run.code == 0 && matches!(run.output("reason"), "login-failed" | "unverified"), "{}: {}", row.id, run.log());
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(swapping.join().unwrap() > 200);
    });
    assert_eq!(fs::read_dir(&theirs).unwrap().count(), 0, "something was written through the symlink");
}

/// Ends the step by a signal once a request has arrived.
fn terminate_at(row: &Row, world: &World, key: &str) {
    let running = world.step().spawn();
    assert!(world.door.wait_for(key, PATIENCE), "{key}");
    running.terminate();
    let run = running.wait(PATIENCE);
    row.assert(world, &run, false);
    assert!(run.outputs.is_empty() && run.env.is_empty(), "{key}");
}

/// Lets the program run for a while; where it is then is left to chance.
fn spin(time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        std::hint::spin_loop();
    }
}
