//! GHCR's behaviour: what it answers to a request when nothing is scripted.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::request::{Authorization, Target};
use super::rules::stranger;
use super::{Answer, Challenge, Request, Rules, Verdict};
use crate::recorded::recorded;

/// What to do with a request that no script answers.
pub(super) enum Reaction {
    Answer(Answer),
    /// It is permitted: only a registry with storage knows the answer.
    Permitted,
}

pub(super) fn react(request: &Request, rules: &Rules, challenge: &Challenge) -> Reaction {
    match Target::of(&request.path) {
        Target::Token => Reaction::Answer(token(request, rules)),
        Target::Other => Reaction::Answer(github_not_found()),
        target => registry(request, &target, rules, challenge),
    }
}

/// `/token` proves that a credential is live, never that it may do what it asks for.
fn token(request: &Request, rules: &Rules) -> Answer {
    if request.method != "GET" {
        return answer("token-by-post");
    }
    match (request.authorization, &request.credential) {
        (Authorization::Basic, Some(password)) if rules.is_live(password) => Answer::json(200, json!({"token": STANDARD.encode(password)})),
        (Authorization::Basic | Authorization::Malformed, _) => answer("token-of-dead-classic"),
        _ => match request.scope_image().filter(|image| rules.is_public(image)) {
            Some(image) => Answer::json(200, json!({"token": STANDARD.encode(stranger(&image))})),
            None => authentication_required(),
        },
    }
}

fn registry(request: &Request, target: &Target<'_>, rules: &Rules, challenge: &Challenge) -> Reaction {
    let answer = match (request.authorization, &request.credential) {
        (Authorization::Bearer, Some(credential)) if rules.is_live(credential) => {
            return permission(request, credential, target, rules);
        }
        (Authorization::Bearer, _) => super::Denial::BadCredential.answer(),
        (Authorization::Absent, _) => {
            let host = request.headers.get("host").map_or("", String::as_str);
            authentication_required()
                .header("Docker-Distribution-Api-Version", recorded("challenge").header("docker-distribution-api-version"))
                .header("WWW-Authenticate", &challenge.header(host, target.image()))
                .header("X-GitHub-Request-Id", "0000:0000:0000:0000:00000000")
        }
        _ => answer("basic-beyond-token"),
    };
    Reaction::Answer(answer)
}

fn permission(request: &Request, credential: &str, target: &Target<'_>, rules: &Rules) -> Reaction {
    let Some(image) = target.image() else {
        return Reaction::Answer(Answer::json(200, json!({})));
    };
    let verdict = match request.method.as_str() {
        "GET" | "HEAD" => rules.pull_verdict(credential, image),
        _ => rules.push_verdict(credential, image),
    };
    match (verdict, request.method.as_str(), target) {
        (Verdict::Denied(denial), ..) => Reaction::Answer(denial.answer()),
        (Verdict::Allowed, "DELETE", Target::Upload(_)) => Reaction::Answer(answer("upload-cancelled")),
        (Verdict::Allowed, ..) => Reaction::Permitted,
    }
}

/// The answer to permitted traffic where there is no storage behind the front door.
pub(super) fn without_storage(request: &Request, session: usize) -> Answer {
    match (request.method.as_str(), Target::of(&request.path)) {
        ("POST", Target::Uploads(image)) => {
            let id = format!("00000000-0000-4000-8000-{session:012}");
            let place = recorded("upload").header("location").replace("{image}", image).replace("{any}", &id);
            answer("upload").header("Docker-Upload-UUID", &id).header("Location", &place).header("Range", "0-0")
        }
        ("GET" | "HEAD", Target::Tags(image)) => Answer::json(200, json!({"name": image, "tags": ["latest"]})),
        ("GET" | "HEAD", Target::Manifest(_)) => {
            Answer::json(200, json!({"schemaVersion": 2, "manifests": []})).header("Docker-Distribution-Api-Version", "registry/2.0")
        }
        _ => Answer::error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"),
    }
}

fn answer(id: &str) -> Answer {
    Answer::recorded(recorded(id))
}

fn authentication_required() -> Answer {
    answer("challenge")
}

/// Other paths belong to GitHub's REST API, which shares the host in tests.
fn github_not_found() -> Answer {
    Answer::json(404, json!({"message": "Not Found"})).header("X-GitHub-Media-Type", "github.v3")
}
