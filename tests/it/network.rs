//! A network and a registry that do not behave.

use ghcr_auth_testbed::{
    front_door::{Answer, FrontDoor},
    job::Job,
};
use serde_json::json;

use super::{PAT, assert_outputs, open_door, to_registry, with_pat};

const THROTTLED: &str = "You have exceeded a secondary rate limit";

fn count(door: &FrontDoor, key: &str) -> usize {
    door.requests().iter().filter(|request| request.key() == key).count()
}

#[test]
fn a_failure_that_passes_is_waited_for() {
    for (key, answers) in [
        ("GET /token", vec![Answer::status(503)]),
        ("GET /token", vec![Answer::cut(), Answer::cut()]),
        ("POST uploads", vec![Answer::status(502), Answer::status(502)]),
        ("POST uploads", vec![Answer::json(429, json!({})).header("Retry-After", "1")]),
        ("POST uploads", vec![Answer::error(429, "TOOMANYREQUESTS", "retry-after: 10.305464ms, allowed: 2000/minute")]),
        ("GET /v2/", vec![Answer::status(500)]),
    ] {
        let (job, door) = (Job::new(), open_door());
        let attempts = answers.len() + 1;
        door.script(key, answers);
        assert_outputs(&with_pat(&job, &door).run(), &[("push", "true"), ("reason", "allowed")]);
        assert_eq!(count(&door, key), attempts, "{key}");
    }
}

#[test]
fn a_failure_that_stays_is_unknown_after_three_attempts() {
    for (key, answer, reason) in [
        ("GET /v2/", Answer::status(503), "registry-unavailable"),
        ("GET /token", Answer::status(500), "registry-unavailable"),
        ("POST uploads", Answer::cut(), "registry-unreachable"),
        ("POST uploads", Answer::json(403, json!({ "message": THROTTLED })), "rate-limited"),
        ("POST uploads", Answer::raw(b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n{"), "registry-unreachable"),
    ] {
        let (job, door) = (Job::new(), open_door());
        door.always(key, answer);
        assert_outputs(&with_pat(&job, &door).run(), &[("push", "false"), ("reason", reason), ("logged-in", "false")]);
        assert_eq!(count(&door, key), 3, "{key} {reason}");
    }
}

#[test]
fn a_wait_of_a_day_is_not_waited() {
    let (job, door) = (Job::new(), open_door());
    door.always("POST uploads", Answer::status(429).header("Retry-After", "86400"));
    assert_outputs(&with_pat(&job, &door).run(), &[("push", "false"), ("reason", "rate-limited")]);
    assert_eq!(count(&door, "POST uploads"), 1);
}

#[test]
fn answers_that_no_registry_gives_are_neither_a_yes_nor_a_no() {
    let big = format!(r#"{{"token":"{}"}}"#, "a".repeat(70_000));
    let token = |body: &str| Answer::status(200).body(body.as_bytes());
    for (key, answer) in [
        ("GET /token", token("<html>login</html>").header("Content-Type", "text/html")),
        ("GET /token", token(r#"{"token":""}"#)),
        ("GET /token", token(r#"{"token":"a\r\nX-Evil: 1"}"#)),
        ("GET /token", token(&big)),
        ("GET /token", token(r#"{"token":"x"}"#).header("Content-Encoding", "gzip")),
        ("GET /token", Answer::raw(b"SSH-2.0-OpenSSH_9.6\r\n")),
        ("GET /token", Answer::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}")),
        (
            "GET /token",
            Answer::raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nd\r\n{\"token\":\"x\"}\r\n0\r\n\r\n"),
        ),
        ("GET /v2/", Answer::status(200)),
        ("GET /v2/", Answer::status(401)),
        ("GET /v2/", Answer::status(401).header("WWW-Authenticate", "Negotiate")),
    ] {
        let (job, door) = (Job::new(), open_door());
        door.always(key, answer);
        assert_outputs(&with_pat(&job, &door).run(), &[("push", "false"), ("reason", "registry-protocol")]);
        assert_eq!(count(&door, key), 1, "{key} was tried again");
    }
}

#[test]
fn a_realm_of_another_origin_sees_no_secret() {
    let (job, door, sink) = (Job::new(), open_door(), FrontDoor::spare());
    for realm in [format!("{}/token", sink.url()), "http://auth.example/token".into(), "file:///etc/passwd".into()] {
        door.realm(&realm);
        assert_outputs(&with_pat(&job, &door).run(), &[("push", "false"), ("reason", "realm-refused")]);
    }
    assert_eq!(sink.connections(), 0);
    assert!(to_registry(&door).iter().all(|request| request.credential.is_none()));
}

#[test]
fn redirects_are_refused_at_every_step() {
    for key in ["GET /v2/", "GET /token", "POST uploads"] {
        let (job, door, sink) = (Job::new(), open_door(), FrontDoor::spare());
        door.always(key, Answer::status(307).header("Location", &format!("{}/token", sink.url())));
        assert_outputs(&with_pat(&job, &door).run(), &[("push", "false"), ("reason", "redirect-refused")]);
        assert_eq!((sink.connections(), count(&door, key)), (0, 1), "{key}");
    }
}

#[test]
fn everything_ends_at_the_timeout() {
    let (job, door) = (Job::new(), open_door());
    door.always("GET /token", Answer::silence());
    let run = with_pat(&job, &door).input("timeout", "5").run();
    assert_outputs(&run, &[("push", "false"), ("reason", "registry-timeout")]);
    assert!(run.seconds >= 5.0, "{}", run.seconds);
}

#[test]
fn a_host_where_nobody_listens_is_unreachable() {
    let (job, door) = (Job::new(), FrontDoor::spare());
    let run = with_pat(&job, &door).input("registry", "127.0.0.1:1").run();
    assert_outputs(&run, &[("push", "false"), ("reason", "registry-unreachable")]);
}

#[test]
fn what_the_registry_says_is_never_shown() {
    let hostile = format!("::set-output name=push::true\r\n##[add-path]/evil\n::stop-commands::x {PAT}");
    let (job, door) = (Job::new(), open_door());
    door.always("POST uploads", Answer::error(403, "DENIED", &hostile));
    let run = with_pat(&job, &door).run();
    assert_outputs(&run, &[("push", "false"), ("reason", "denied")]);
    for word in ["set-output", "add-path", "stop-commands", PAT] {
        assert!(!run.everything_shown().contains(word), "{word}");
    }
}

#[test]
fn loopback_is_never_reached_through_a_proxy() {
    let (job, door, proxy) = (Job::new(), open_door(), FrontDoor::spare());
    let run = with_pat(&job, &door).env("HTTP_PROXY", &proxy.url()).env("https_proxy", &proxy.url()).run();
    assert_outputs(&run, &[("push", "true")]);
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn a_proxy_that_refuses_or_is_not_there_makes_the_registry_unreachable() {
    let (job, door) = (Job::new(), FrontDoor::spare());
    door.always("CONNECT registry.invalid:443", Answer::status(407));
    let proxy = door.url().replace("http://", "http://user:ProxyCanaryPassword@");
    let run = with_pat(&job, &door).input("registry", "registry.invalid").env("HTTPS_PROXY", &proxy).run();
    assert_outputs(&run, &[("push", "false"), ("reason", "registry-unreachable")]);
    assert_eq!(door.requests().iter().filter(|request| request.method == "CONNECT").count(), 1, "a refusal is not tried again");
    assert!(!run.everything_shown().contains("ProxyCanaryPassword"));
    let run = with_pat(&job, &door).input("registry", "registry.invalid").env("HTTPS_PROXY", "http://%").run();
    assert_outputs(&run, &[("push", "false"), ("reason", "registry-unreachable")]);
    assert!(run.stdout.contains("::warning title=ghcr-auth::HTTPS_PROXY does not hold the URL of an http proxy."), "{}", run.log());
}
