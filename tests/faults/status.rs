//! Statuses: which are a no, which pass, and which say nothing.

use ghcr_auth_testbed::front_door::Answer;
use serde_json::json;

use crate::faults::row::{Check, Row, at_once};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-047", |row| {
        row.check(|world| {
            world.door.script("GET /token", vec![Answer::status(429).header("Retry-After", "2"); 2]);
            world.expect("GET /token", 3);
            world.expect_at_least(4.0);
        });
    }),
    ("FI-048", |row| {
        row.check(|world| {
            world.answers("GET /token", Answer::status(429).header("Retry-After", "86400"), 1);
            world.expect_no_wait();
        });
    }),
    ("FI-049", |row| {
        let now = "Sat, 21 Nov 2026 10:00:00 GMT";
        // The wait counts from the server's own date; by this machine's clock it may lie in the past or in years.
        for (date, seconds) in [("Thu, 01 Jan 1970 00:00:00 GMT", 1.6), ("Sat, 21 Nov 2026 10:00:02 GMT", 3.6)] {
            row.check(|world| {
                world.answers("POST uploads", Answer::status(429).header("Retry-After", date).header("Date", now), 3);
                world.expect_at_least(seconds);
            });
        }
    }),
    ("FI-051", |row| stays(row, 500)),
    ("FI-052", |row| stays(row, 502)),
    ("FI-053", |row| stays(row, 503)),
    ("FI-055", |row| stays(row, 408)),
    ("FI-057", |row| says_nothing(row, &["GET /v2/", "GET /token", "POST uploads"], &[501, 505, 520, 526])),
    ("FI-058", |row| row.check(|world| world.answers("GET /token", Answer::status(401), 1))),
    ("FI-059", |row| row.check(|world| world.answers("GET /token", Answer::error(403, "DENIED", "denied"), 2))),
    ("FI-062", |row| denied_once(row, r#"Bearer error="insufficient_scope""#)),
    ("FI-063", |row| denied_once(row, r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:acme/app:push""#)),
    ("FI-066", |row| says_nothing(row, &["POST uploads"], &[200, 204])),
    ("FI-067", |row| says_nothing(row, &["POST uploads"], &[400, 404])),
    ("FI-068", |row| says_nothing(row, &["POST uploads"], &[405, 501])),
    ("FI-074", |row| {
        let throttled = Answer::json(403, json!({ "message": "You have exceeded a secondary rate limit" }));
        row.check(|world| world.answers("POST uploads", throttled.clone(), 3));
    }),
    ("FI-075", |row| {
        row.check_then(
            |world| {
                let url = world.door.url();
                world.door.challenge(&format!(r#"Bearer realm="{url}/token",service="registry.test""#));
                world.input("images", "acme/app,acme/web");
                world.expect("GET /token", 2);
            },
            |world, _| {
                let requests = world.door.requests();
                assert!(requests.iter().all(|request| request.query.matches("scope=").count() <= 1));
            },
        );
    }),
];

/// A failure that may pass, but does not.
fn stays(row: &Row, status: u16) {
    at_once(["GET /token", "POST uploads"], |key| row.check(|world| world.answers(key, Answer::status(status), 3)));
}

fn says_nothing(row: &Row, keys: &[&'static str], statuses: &[u16]) {
    for (key, status) in keys.iter().flat_map(|key| statuses.iter().map(move |status| (key, status))) {
        row.check(|world| world.answers(key, Answer::status(*status), 1));
    }
}

/// A refusal of the probe that offers another token.
fn denied_once(row: &Row, challenge: &str) {
    row.check(|world| {
        world.answers("POST uploads", Answer::status(401).header("WWW-Authenticate", challenge), 1);
        world.expect("GET /token", 1);
    });
}
