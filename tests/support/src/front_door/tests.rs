use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::*;

/// The status line, head and body of one answer on its own connection.
fn ask(door: &FrontDoor, request_line: &str, authorization: &str) -> (u16, String, String) {
    let text = exchange(door, request_line, authorization);
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole answer");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_ascii_lowercase(), body.to_owned())
}

fn exchange(door: &FrontDoor, request_line: &str, authorization: &str) -> String {
    let mut stream = TcpStream::connect(door.host()).unwrap();
    let field = if authorization.is_empty() { String::new() } else { format!("Authorization: {authorization}\r\n") };
    let length = if request_line.starts_with("POST") { "Content-Length: 0\r\n" } else { "" };
    let host = door.host();
    write!(stream, "{request_line} HTTP/1.1\r\nHost: {host}\r\n{field}{length}Connection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn basic(password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("alice:{password}")))
}

fn bearer(token: &str) -> String {
    format!("Bearer {}", STANDARD.encode(token))
}

fn message(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body["errors"][0]["message"].as_str().unwrap().to_owned()
}

const UPLOADS: &str = "POST /v2/acme/app/blobs/uploads/";

#[test]
fn the_challenge_is_ghcrs() {
    let door = FrontDoor::start(Rules::default());
    let (status, head, body) = ask(&door, "GET /v2/", "");
    assert_eq!(status, 401);
    assert_eq!(body, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}\n");
    assert!(head.contains("content-length: 73"), "{head}");
    assert!(head.contains("docker-distribution-api-version: registry/2.0"), "{head}");
    let host = door.host();
    let challenge = format!(r#"www-authenticate: bearer realm="http://{host}/token",service="ghcr.io",scope="repository:user/image:pull""#);
    assert!(head.contains(&challenge), "{head}");
}

#[test]
fn the_token_endpoint_tells_live_credentials_from_dead_ones_only() {
    let door = FrontDoor::start(Rules::default().deny("live", Denial::MissingScope));
    let (status, _, body) = ask(&door, "GET /token?scope=x", &basic("live"));
    assert_eq!((status, body), (200, json!({"token": STANDARD.encode("live")}).to_string()));
    let (status, _, body) = ask(&door, "GET /token", &basic("dead"));
    assert_eq!((status, message(&body).as_str()), (403, "denied"));
    assert_eq!(ask(&door, "GET /token", "").0, 401);
    assert_eq!(ask(&door, "GET /token", "Bearer live").0, 403);
    assert_eq!(ask(&door, "POST /token", &basic("live")).0, 405);
}

#[test]
fn every_denial_has_ghcrs_status_and_message() {
    for denial in Denial::all() {
        let door = FrontDoor::start(Rules::default().deny("token", denial));
        let (status, _, body) = ask(&door, UPLOADS, &bearer("token"));
        assert_eq!((status, message(&body).as_str()), (denial.status(), denial.message()), "{}", denial.reason());
    }
}

#[test]
fn an_allowed_upload_opens_a_session_that_cannot_be_cancelled() {
    let door = FrontDoor::start(Rules::default().allow("token"));
    let (status, head, _) = ask(&door, UPLOADS, &bearer("token"));
    assert_eq!(status, 202);
    let location = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    assert!(location.starts_with("/v2/acme/app/blobs/upload/"), "{location}");
    let (status, _, body) = ask(&door, &format!("DELETE {location}"), &bearer("token"));
    assert_eq!((status, message(&body).as_str()), (405, "The operation is unsupported."));
}

#[test]
fn rules_are_per_image_and_pull_may_differ_from_push() {
    let web = Verdict::Denied(Denial::PackageWriteDenied);
    let rules = Rules::default().allow("a").rule("a", "acme/web", web).pull("a", Verdict::Allowed);
    let door = FrontDoor::start(rules.deny("b", Denial::Denied));
    assert_eq!(ask(&door, UPLOADS, &bearer("a")).0, 202);
    assert_eq!(ask(&door, "POST /v2/acme/web/blobs/uploads/", &bearer("a")).0, 403);
    assert_eq!(ask(&door, "GET /v2/acme/web/tags/list?n=1", &bearer("a")).0, 200);
    assert_eq!(ask(&door, "HEAD /v2/acme/app/manifests/latest", &bearer("b")).0, 403);
    assert_eq!(ask(&door, UPLOADS, &bearer("dead")).0, 401);
    assert_eq!(ask(&door, UPLOADS, &basic("a")).0, 403);
    assert_eq!(ask(&door, UPLOADS, "Bearer a_raw_token").0, 403);
}

#[test]
fn a_stranger_may_pull_what_is_public_and_nothing_else() {
    let door = FrontDoor::start(Rules::default().public("acme/app"));
    let token = |image: &str| ask(&door, &format!("GET /token?scope=repository%3Aacme%2F{image}%3Apull"), "");
    assert_eq!(token("web").0, 401);
    let (status, _, body) = token("app");
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).unwrap();
    let bearer = format!("Bearer {}", body["token"].as_str().unwrap());
    assert_eq!(ask(&door, "HEAD /v2/acme/app/manifests/v1", &bearer).0, 200);
    assert_eq!(ask(&door, "HEAD /v2/acme/web/manifests/v1", &bearer).0, 403);
    assert_eq!(ask(&door, UPLOADS, &bearer).0, 403);
}

#[test]
fn requests_are_recorded_with_the_secret_behind_authorization() {
    let door = FrontDoor::spare();
    ask(&door, "GET /token?service=ghcr.io", &basic("pass:word"));
    ask(&door, "GET /v2/acme/app/tags/list", &bearer("token"));
    ask(&door, "GET /users/acme", "token raw");
    let seen: Vec<_> = door.requests().into_iter().map(|r| (r.key(), r.query, r.credential, r.status)).collect();
    let row = |key: &str, query: &str, secret: &str, status| (key.into(), query.into(), Some(secret.into()), status);
    let expected = [
        row("GET /token", "service=ghcr.io", "pass:word", 403),
        row("GET tags", "", "token", 401),
        row("GET /users/acme", "", "token raw", 404),
    ];
    assert_eq!(seen, expected);
    assert_eq!(door.connections(), 3);
}

#[test]
fn scripts_come_first_and_are_used_up() {
    let door = FrontDoor::start(Rules::default().allow("token"));
    let limited = Answer::json(429, json!({})).header("Retry-After", "1");
    door.script("POST uploads", vec![Answer::status(503), limited]);
    door.script("GET /v2/", vec![Answer::cut(), Answer::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")]);
    assert_eq!(ask(&door, UPLOADS, &bearer("token")).0, 503);
    let (status, head, _) = ask(&door, UPLOADS, &bearer("token"));
    assert!(status == 429 && head.contains("retry-after: 1"), "{head}");
    assert_eq!(ask(&door, UPLOADS, &bearer("token")).0, 202);
    assert_eq!(exchange(&door, "GET /v2/", ""), "");
    assert!(exchange(&door, "GET /v2/", "").ends_with("\r\n\r\nhalf"));
    door.always("GET /v2/", Answer::status(500));
    assert_eq!(ask(&door, "GET /v2/", "").0, 500);
    assert_eq!(door.requests()[3].status, 0, "a cut connection has no status");
}

#[test]
fn realm_and_challenge_can_be_replaced() {
    let door = FrontDoor::spare();
    door.realm("http://127.0.0.1:1/token");
    assert!(ask(&door, "GET /v2/", "").1.contains(r#"realm="http://127.0.0.1:1/token""#));
    door.challenge("Basic realm=x");
    assert!(ask(&door, "GET /v2/", "").1.contains("www-authenticate: basic realm=x\r\n"));
}
