//! Names instead of addresses.

use crate::faults::row::Check;

pub(crate) const CHECKS: &[Check] = &[
    ("FI-020", |row| {
        // The first is the registry itself by another name: whether it is the same is not for a resolver to say.
        for host in ["localhost", "auth.test", "169.254.169.254.nip.test"] {
            row.check(|world| {
                let port = world.door.host().rsplit(':').next().unwrap().to_owned();
                world.door.realm(&format!("http://{host}:{port}/token"));
                world.expect("GET /v2/", 1);
                world.expect("GET /token", 0);
            });
        }
    }),
    ("FI-021", |row| {
        row.check_then(
            |world| {
                world.through_proxy(true);
                world.input("registry", "REGISTRY.TEST");
                world.seeded = true;
            },
            |world, run| {
                assert_eq!(run.output("registry"), "registry.test");
                assert!(world.job.docker_config().unwrap()["auths"].get("registry.test").is_some());
            },
        );
    }),
];
