//! Bytes that are no HTTP, or more of it than an answer may be.

use ghcr_auth_testbed::front_door::Answer;

use crate::faults::{
    PAT,
    row::{Check, Row, at_once},
    world::{STEPS, bearer},
};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-022", |row| is_no_answer(row, &Answer::raw(b"SSH-2.0-OpenSSH_9.6\r\n"))),
    ("FI-023", |row| is_no_answer(row, &Answer::raw(b"{\"token\":\"x\"}"))),
    ("FI-024", |row| is_no_answer(row, &Answer::raw(b"HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n"))),
    ("FI-027", |row| {
        let endless = Answer::raw(b"").then_repeat(&b"HTTP/1.1 100 Continue\r\n\r\n".repeat(50), std::time::Duration::from_millis(1));
        row.check(|world| {
            world.input("timeout", "5");
            world.answers("GET /token", endless.clone(), 1);
            world.expect_at_least(5.0);
        });
    }),
    ("FI-029", |row| {
        let cut = Answer::raw(b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n{");
        at_once(STEPS, |key| row.check(|world| world.answers(key, cut.clone(), 3)));
    }),
    ("FI-030", |row| token_answer(row, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"token\":\"x\"}", 1)),
    ("FI-031", |row| is_no_answer(row, &Answer::raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"))),
    ("FI-034", |row| {
        row.check(|world| {
            let body = token_body();
            let chunked = format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: {}\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
                body.len(),
                body.len()
            );
            world.answers("GET /token", Answer::raw(chunked.as_bytes()), 1);
        });
    }),
    ("FI-035", |row| is_no_answer(row, &Answer::raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n"))),
    ("FI-037", |row| endless(row, "HTTP/1.1 200 OK\r\n\r\n", "        ")),
    ("FI-040", |row| endless(row, "HTTP/1.1 200 OK\r\n", "X-Header: value\r\n")),
    ("FI-041", |row| token_answer(row, b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}", 1)),
    ("FI-043", |row| {
        row.check(|world| {
            let url = world.door.url();
            let folded = format!("HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\n realm=\"{url}/token\"\r\nContent-Length: 0\r\n\r\n");
            world.answers("GET /v2/", Answer::raw(folded.as_bytes()), 1);
        });
    }),
    ("FI-044", |row| {
        row.check(|world| {
            let body = token_body();
            world.answers("GET /token", Answer::raw(format!("HTTP/1.1 200 OK\nContent-Length: {}\n\n{body}", body.len()).as_bytes()), 1);
        });
    }),
    ("FI-045", |row| {
        row.check(|world| {
            let body = token_body();
            world.answers("GET /token", Answer::raw(format!("HTTP/1.0 200 OK\r\n\r\n{body}").as_bytes()), 1);
        });
    }),
];

/// At whatever step it comes, it is told at once for what it is.
fn is_no_answer(row: &Row, answer: &Answer) {
    for key in STEPS {
        row.check(|world| world.answers(key, answer.clone(), 1));
    }
}

fn token_answer(row: &Row, bytes: &[u8], times: usize) {
    row.check(|world| world.answers("GET /token", Answer::raw(bytes), times));
}

/// An answer that goes on for ever, as quickly as it is read.
fn endless(row: &Row, head: &str, more: &str) {
    let answer = Answer::raw(head.as_bytes()).then_repeat(more.repeat(512).as_bytes(), std::time::Duration::ZERO);
    row.check(|world| {
        world.answers("GET /token", answer.clone(), 1);
        world.expect_no_wait();
    });
}

fn token_body() -> String {
    format!(r#"{{"token":"{}"}}"#, bearer(PAT))
}
