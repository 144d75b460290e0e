//! Realms of strangers: a credential is asked for by nobody but the registry itself.

use crate::faults::row::{Check, Row};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-086", |row| refused(row, &["http://SINK/token"])),
    ("FI-088", |row| refused(row, &["https://127.0.0.1/token", "https://127.0.0.1:443/token", "https://HOST/token"])),
    ("FI-089", |row| refused(row, &["https://[::1]/token", "http://[::1]/token"])),
    ("FI-090", |row| refused(row, &["https://0.0.0.0/token", "http://0.0.0.0:PORT/token"])),
    ("FI-091", |row| refused(row, &["https://[::]/token", "http://[::]:PORT/token"])),
    ("FI-092", |row| refused(row, &["https://10.0.0.1/token", "https://192.168.1.1/token", "https://169.254.169.254/token"])),
    ("FI-095", |row| refused(row, &["https://[fd00:ec2::254]/token"])),
    ("FI-096", |row| refused(row, &["https://[::ffff:127.0.0.1]/token", "http://[::ffff:127.0.0.1]:PORT/token"])),
    ("FI-097", |row| refused(row, &["https://2130706433/token", "https://0177.0.0.1/token", "https://0x7f.1/token"])),
    ("FI-099", |row| refused(row, &["https://100.100.100.200/token"])),
    ("FI-101", |row| {
        refused(
            row,
            &[
                "http://HOST.evil.test/",
                "http://127.0.0.1%2eevil.test:PORT/",
                "http://127.0.0.1\u{3002}evil.test/",
                "http://HOST\\\\@evil.test/",
                "http://HOST#@evil.test/",
                "http://HOST@evil.test/",
                "https://ghcr.i\u{43e}/",
            ],
        );
    }),
    ("FI-103", |row| {
        // The transport itself refuses a head of more than 400 kB, as `registry-protocol`: nothing in it is looked at.
        let long = format!("https://ghcr.io/{}", "a".repeat(300_000));
        refused(row, &["://bad", "https://", "token", "/token", "", "http://[::1", &long]);
    }),
    ("FI-106", |row| {
        row.check_then(
            |world| world.door.realm(&format!("{}/token?x=1", world.door.url())),
            |world, _| {
                let query = world.door.requests().into_iter().find(|request| request.path == "/token").unwrap().query;
                assert_eq!(query, "x=1&service=ghcr.io&scope=repository%3Aacme%2Fapp%3Apull%2Cpush");
            },
        );
    }),
];

/// Only the question for the challenge is sent, without a secret.
fn refused(row: &Row, realms: &[&str]) {
    for realm in realms {
        row.check_then(
            |world| {
                let port = world.door.host().rsplit(':').next().unwrap().to_owned();
                let realm = realm.replace("HOST", world.door.host()).replace("SINK", world.sink.host()).replace("PORT", &port);
                world.door.realm(&realm);
                world.expect("GET /v2/", 1);
            },
            |world, _| {
                assert!(world.door.credentials().is_empty(), "{realm}");
                assert_eq!((world.door.requests().len(), world.door.connections()), (1, 1), "{realm}");
            },
        );
    }
}
