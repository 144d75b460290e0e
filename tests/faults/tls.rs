//! TLS that cannot be trusted: told at once, tried once, and never given up for http.

use ghcr_auth_testbed::{front_door::Answer, needs, tls_proxy::TlsProxy};

use crate::faults::{
    openssl::{OldServer, Weakness},
    row::{Check, Row},
    world::{PAUSE, World},
};

/// A server's hello that chooses TLS 1.1 and nothing else (RFC 4346 section 7.4.1.3), and a fatal `protocol_version` alert.
const TLS_1_1_HELLO: &[u8] = &[
    0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    0, 0xc0, 0x13, 0,
];
const VERSION_ALERT: &[u8] = &[0x15, 3, 2, 0, 2, 2, 70];

pub(crate) const CHECKS: &[Check] = &[
    ("FI-135", |row| refused(row, EXPIRED, |world| TlsProxy::expired(&world.door, &["registry.test"]))),
    ("FI-137", |row| {
        refused(row, &["the certificate belongs to another host than registry.test"], |world| {
            TlsProxy::before(&world.door, &["other.test"])
        });
    }),
    ("FI-140", |row| {
        let openssl = needs::program("openssl", "openssl");
        for weakness in [Weakness::SmallKey, Weakness::Sha1] {
            row.check(|world| {
                let server = OldServer::start(&openssl, weakness);
                server.behind(world);
            });
        }
        // The same server with nothing wrong gets as far as HTTP.
        let mut world = World::new();
        OldServer::start(&openssl, Weakness::None).behind(&mut world);
        assert_eq!(world.step().run().output("reason"), "registry-protocol", "the control fails too");
    }),
    ("FI-141", |row| {
        for bytes in [TLS_1_1_HELLO, VERSION_ALERT] {
            after_connect(row, bytes, "no TLS version or cipher suite in common with registry.test");
        }
    }),
    ("FI-144", |row| {
        after_connect(row, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "no trusted TLS connection to registry.test");
    }),
    ("FI-145", |row| {
        row.check(|world| {
            world.proxy_answers(Answer::raw(b"HTTP/1.1 200 OK\r\n\r\n").then_hold());
            world.input("timeout", "5");
            world.expect_at_least(5.0);
        });
    }),
    ("FI-146", |row| {
        let half = Answer::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{\"token\":\"x\"}");
        row.check(|world| {
            let proxy = TlsProxy::cutting(&world.door, &["registry.test"]);
            world.use_proxy(proxy, true);
            world.answers("GET /token", half.clone(), 3);
        });
    }),
    ("FI-147", |row| refused(row, EXPIRED, |world| TlsProxy::expired(&world.door, &["registry.test"]))),
    ("FI-148", |row| {
        for bundle in ["/no/such/file", "/dev/null", "/", "/etc/hostname"] {
            row.check_then(
                |world| world.env("SSL_CERT_FILE", bundle),
                |world, run| {
                    assert!(run.output("message").contains("`SSL_CERT_FILE`"), "{}", run.log());
                    assert!(world.door.requests().is_empty());
                },
            );
        }
    }),
    ("FI-149", |row| {
        row.check_then(
            |world| {
                world.through_proxy(true);
                let keys = world.job.temp().join("keys").display().to_string();
                world.env("SSLKEYLOGFILE", &keys);
            },
            |world, _| assert!(!world.job.temp().join("keys").exists()),
        );
    }),
];

/// The clock is a suspect, with both dates.
const EXPIRED: &[&str] =
    &["the certificate of registry.test has expired", "This one's limit is ", "the clock of this machine says ", "`date -u`"];

/// One connection, no request, no second try, and what is told.
fn refused(row: &Row, told: &[&str], proxy: impl Fn(&World) -> TlsProxy + Sync) {
    row.check_then(
        |world| {
            let proxy = proxy(world);
            world.use_proxy(proxy, true);
        },
        |world, run| {
            assert!(told.iter().all(|told| run.log().contains(told)), "{}", run.log());
            assert_eq!(world.proxy.as_ref().unwrap().targets(), ["registry.test:443"]);
            assert!(world.door.requests().is_empty());
        },
    );
}

/// What comes once the proxy has let the client through is no TLS that is spoken here.
fn after_connect(row: &Row, bytes: &[u8], told: &str) {
    row.check_then(
        |world| {
            world.proxy_answers(Answer::raw(b"HTTP/1.1 200 OK\r\n\r\n").then_repeat(bytes, PAUSE));
            world.expect("CONNECT registry.test:443", 1);
        },
        |_, run| assert!(run.log().contains(told), "{}", run.log()),
    );
}
