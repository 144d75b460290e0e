//! The post stage after anything.

use std::fs;

use ghcr_auth_testbed::job::Run;

use crate::faults::{
    binary,
    row::{Check, Row},
    world::{STEPS, World},
};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-203", |row| {
        after_login(row, |world| fs::remove_file(world.docker("config.json")).unwrap());
        after_login(row, |world| fs::remove_dir_all(world.docker("")).unwrap());
        for content in ["not JSON", "[]", r#"{"auths":null}"#] {
            let world = after_login(row, |world| fs::write(world.docker("config.json"), content).unwrap());
            assert_eq!(fs::read_to_string(world.docker("config.json")).unwrap(), content);
        }
        let other = r#"{"auths":{"quay.io":{"auth":"cQ=="}}}"#;
        let world = after_login(row, |world| fs::write(world.docker("config.json"), other).unwrap());
        assert_eq!(world.job.docker_config().unwrap()["auths"]["quay.io"]["auth"], "cQ==");
    }),
    ("FI-204", |row| {
        for key in STEPS {
            let (world, _) = World::killed_at(key);
            row.assert(&world, &post(&world), false);
            assert!(!world.docker("").exists());
        }
    }),
];

fn post(world: &World) -> Run {
    world.job.step(binary()).post().run()
}

/// A login, what happens to it, and the post stage.
fn after_login(row: &Row, change: impl Fn(&World)) -> World {
    let mut world = World::new();
    assert_eq!(world.step().run().output("logged-in"), "true");
    change(&world);
    world.seeded = true;
    row.assert(&world, &post(&world), false);
    world
}
