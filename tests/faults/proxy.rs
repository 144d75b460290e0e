//! Proxies: theirs is the blame, their passwords are secrets.

use ghcr_auth_testbed::front_door::Answer;

use crate::faults::{
    network::NOBODY,
    row::Check,
    world::{PAUSE, World},
};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-154", |row| {
        row.check(|world| {
            world.input("registry", "registry.test");
            world.env("HTTPS_PROXY", &format!("http://{NOBODY}"));
            world.expect_reported(3);
        });
    }),
    ("FI-155", |row| row.check(|world| refuses(world, &Answer::status(407)))),
    ("FI-156", |row| {
        row.check(|world| {
            refuses(world, &Answer::status(407));
            let url = world.door.url().replace("http://", "http://user:FaultCanaryProxyPassword@");
            world.env("HTTPS_PROXY", &url);
            world.env("RUNNER_DEBUG", "1");
        });
    }),
    ("FI-159", |row| {
        row.check(|world| {
            world.proxy_answers(Answer::raw(b"HTTP/1.1 200 OK\r\n\r\n").then_repeat(b"this is no handshake\r\n", PAUSE));
            world.expect("CONNECT registry.test:443", 1);
        });
    }),
    ("FI-160", |row| {
        row.check(|world| {
            let elsewhere = world.sink.url();
            refuses(world, &Answer::status(302).header("Location", &elsewhere));
        });
    }),
    ("FI-163", |row| {
        row.check_then(|world| world.through_proxy(false), |world, _| assert!(world.door.requests().is_empty()));
        let mut world = World::new();
        world.through_proxy(false);
        let bundle = world.job.temp().join("bundle.pem");
        std::fs::write(&bundle, world.proxy.as_ref().unwrap().ca_pem()).unwrap();
        world.env("SSL_CERT_FILE", bundle.to_str().unwrap());
        assert_eq!(world.step().run().output("reason"), "allowed", "with the CA it is trusted");
    }),
];

/// The proxy's refusal is not tried again.
fn refuses(world: &mut World, answer: &Answer) {
    world.proxy_answers(answer.clone());
    world.expect("CONNECT registry.test:443", 1);
}
