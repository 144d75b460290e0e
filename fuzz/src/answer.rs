//! Status and body of an answer: only 201 and 202 prove a push, and a bearer is one that the JSON really holds.

use std::collections::BTreeMap;

use ghcr_auth::{
    credential::token::Token,
    registry::{
        Access,
        answer::Answer,
        message, retry,
        verdict::{self, Verdict},
    },
};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::value::RawValue;

/// The most that is shown of an answer, in characters (SECURITY.md).
const LONGEST_SAID: usize = 200;

/// The first two bytes are the status; the first line is `Retry-After`, the rest the body.
pub fn check(data: &[u8]) {
    let [high, low, rest @ ..] = data else { return };
    let status = 100 + u16::from_be_bytes([*high, *low]) % 900;
    let (header, body) = rest.split_at(rest.iter().position(|byte| *byte == b'\n').unwrap_or_default());
    assert_proof(status, body);
    assert_bearer(body);
    assert_wait(status, header, body);
    assert_said(body);
}

/// What is shown of an answer is no longer than a sentence, and not what was sent.
fn assert_said(body: &[u8]) {
    const SENT: &str = "ghp_FuzzCanaryQ7Zt3Lw9Rb2Vn5Km8Dj1Xc4YfQ";
    let said = message::shown(body, &[Token::new(SENT)]).unwrap_or_default();
    assert!(said.chars().count() <= LONGEST_SAID && said.len() <= body.len() + 3, "{} bytes are said of {}", said.len(), body.len());
    assert!(!said.contains("FuzzCanary"), "a token is shown: {said}");
}

fn assert_proof(status: u16, body: &[u8]) {
    let proof = |access| verdict::of_probe(access, status, body) == Verdict::Allowed;
    assert_eq!((proof(Access::Push), proof(Access::Pull)), (matches!(status, 201 | 202), status == 200));
    for verdict in [verdict::of_token_endpoint(Access::Push, status, body), verdict::of_probe(Access::Push, status, body)] {
        assert!(!matches!(verdict, Verdict::Denied(_)) || matches!(status, 401 | 403), "{status} is no refusal");
    }
    assert_ne!(verdict::of_token_endpoint(Access::Push, status, body), Verdict::Allowed);
}

fn assert_bearer(body: &[u8]) {
    let Ok(bearer) = verdict::bearer(body) else { return };
    // What else the body holds is not looked at, not even whether a number is one that can be held.
    let json: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).expect("a bearer comes out of JSON");
    assert!(bearer.expose().len() <= body.len(), "a bearer is longer than what it was read of");
    let text = |name: &str| json.get(name).and_then(|value| serde_json::from_str::<Option<String>>(value.get()).expect("text or null"));
    assert_eq!(text("token").or_else(|| text("access_token")).as_deref(), Some(bearer.expose()));
    assert!(!bearer.expose().is_empty() && bearer.expose().bytes().all(|byte| byte.is_ascii_graphic()));
}

fn assert_wait(status: u16, header: &[u8], body: &[u8]) {
    let headers: HeaderMap = HeaderValue::from_bytes(header).ok().map(|value| (RETRY_AFTER, value)).into_iter().collect();
    let answer = Ok(Answer { status, headers, body: body.to_vec() });
    for attempts in 0..5 {
        let wait = retry::wait(attempts, &answer, 0);
        assert!(wait.is_none_or(|wait| wait.as_secs_f64() <= 10.0 && (1..=2).contains(&attempts)));
        assert!(wait.is_none() || !matches!(status, 200..=399 | 400 | 401 | 404 | 405));
    }
}
