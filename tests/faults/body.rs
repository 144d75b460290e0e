//! Bodies that hold no token, or hold it oddly.

use ghcr_auth_testbed::front_door::Answer;

use crate::faults::{
    PAT,
    row::{Check, Row},
    world::bearer,
};

/// Ten megabytes of zeros, gzipped, as far as its first bytes go: what it holds does not matter, since nothing decodes it.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xec\xc1\x01\x0d\x00\x00\x00\xc2\xa0\xf7\x4f\x6d\x0e\x37\xa0";

pub(crate) const CHECKS: &[Check] = &[
    ("FI-117", |row| {
        no_token(row, &[r#"{"token":null}"#, r#"{"token":123}"#, r#"{"token":[]}"#, r#"{"token":{}}"#, r#"{"token":true}"#, "null", "[]"]);
    }),
    ("FI-118", |row| no_token(row, &[r#"{"token":""}"#, r#"{"token":"","access_token":"x"}"#])),
    ("FI-120", |row| token(row, r#"{"token":"BEARER","access_token":"another"}"#)),
    ("FI-121", |row| token(row, r#"{"access_token":"BEARER"}"#)),
    ("FI-123", |row| {
        let page = Answer::status(200).header("Content-Type", "text/html").body(b"<html><form action=login>FaultCanaryPage</form></html>");
        row.check(|world| world.answers("GET /token", page.clone(), 1));
        row.check(|world| world.answers("POST uploads", page.clone(), 1));
    }),
    ("FI-125", |row| encoded(row, "gzip", GZIP)),
    ("FI-126", |row| {
        for coding in ["br", "deflate", "zstd", "x-unknown", "identity, gzip"] {
            encoded(row, coding, br#"{"token":"x"}"#);
        }
    }),
    ("FI-127", |row| {
        for depth in [100, 60_000, 200_000] {
            no_token(row, &[&"[".repeat(depth), &format!(r#"{{"a":{}{},"token":7}}"#, "[".repeat(depth), "]".repeat(depth))]);
        }
    }),
    ("FI-129", |row| {
        for expiry in ["0", "-1", "1e400", "\"60\"", "null", "{}"] {
            token(row, &format!(r#"{{"token":"BEARER","expires_in":{expiry}}}"#));
        }
    }),
    ("FI-130", |row| {
        for issued in ["\"2099-01-01T00:00:00Z\"", "\"soon\"", "7"] {
            token(row, &format!(r#"{{"token":"BEARER","issued_at":{issued}}}"#));
        }
    }),
    ("FI-134", |row| {
        let refused = Answer::raw(b"HTTP/1.1 403 ::error::x ##[error]y\r\nContent-Length: 0\r\n\r\n");
        row.check(|world| world.answers("POST uploads", refused.clone(), 2));
    }),
];

fn no_token(row: &Row, bodies: &[&str]) {
    for body in bodies {
        row.check(|world| world.answers("GET /token", Answer::status(200).body(body.as_bytes()), 1));
    }
}

fn token(row: &Row, body: &str) {
    row.check(|world| {
        let body = body.replace("BEARER", &bearer(PAT));
        world.answers("GET /token", Answer::status(200).body(body.as_bytes()), 1);
    });
}

fn encoded(row: &Row, coding: &str, body: &[u8]) {
    row.check_then(
        |world| world.answers("GET /token", Answer::status(200).header("Content-Encoding", coding).body(body), 1),
        |world, _| assert!(world.door.requests().iter().all(|request| !request.headers.contains_key("accept-encoding"))),
    );
}
