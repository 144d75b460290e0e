//! Where an answer differs from what is recorded. Pure.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{Call, World};
use crate::recorded::Recorded;

/// The most characters of an answer that are shown.
const SHOWN: usize = 160;

/// Each difference, as `what: recorded ..., but ...`.
pub(super) fn differences(recorded: &Recorded, call: &Call, world: &World, credential: Option<&str>) -> Vec<String> {
    let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
    let safe = |text: &str| shown(text, credential);
    let mut found = Vec::new();
    let mut expect = |what: &str, wanted: &str, seen: &str, holds: bool| {
        if !holds {
            found.push(format!("{what}: recorded {}, but {}", safe(wanted), safe(seen)));
        }
    };
    let wanted: Vec<_> = recorded.status.iter().map(u16::to_string).collect();
    expect("status", &wanted.join(" or "), &call.status.to_string(), recorded.status.contains(&call.status));
    for (name, pattern) in &recorded.headers {
        let pattern = filled(pattern, world);
        let seen = call.headers.get(name).map_or("", String::as_str);
        expect(name, &pattern, seen, fits(&pattern, seen));
    }
    if let Some((code, message)) = &recorded.error {
        let said = |key: &str| body["errors"][0][key].as_str().unwrap_or_default();
        expect("code", code, said("code"), code == said("code"));
        expect("message", message, said("message"), message == said("message"));
    }
    if let Some(text) = &recorded.text {
        let said = body["message"].as_str().unwrap_or_default();
        expect("message", text, said, text == said);
    }
    if let Some(keys) = &recorded.keys {
        let seen: Vec<_> = body.as_object().map_or_else(Vec::new, |object| object.keys().cloned().collect());
        expect("keys", &keys.join(" "), &seen.join(" "), *keys == seen);
    }
    if recorded.echoes {
        let echo = body["token"].as_str() == credential.map(|credential| STANDARD.encode(credential)).as_deref();
        expect("token", "the base64 of the credential", "another one", echo);
    }
    found
}

fn filled(pattern: &str, world: &World) -> String {
    let start = pattern.replace("{realm}", &format!("{}/token", world.registry));
    world.names.iter().fold(start, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Whether a text is the pattern, whose `{any}` is one or more characters of a segment of a path.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once("{any}") else { return pattern == text };
    let rest = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', '\r', '\n']))
}

/// A foreign text for a table of Markdown: short, of plain characters, and nothing if a part of it could be the credential.
pub(super) fn shown(text: &str, credential: Option<&str>) -> String {
    let secrets = credential.into_iter().flat_map(|secret| [secret.to_owned(), STANDARD.encode(secret)]);
    if secrets.into_iter().any(|secret| text.contains(secret.trim_end_matches('='))) {
        return "`(hidden)`".to_owned();
    }
    let plain: String =
        text.chars().take(SHOWN).map(|c| if c == ' ' || c.is_ascii_graphic() && !"`|<>\\".contains(c) { c } else { '?' }).collect();
    if plain.trim().is_empty() { "nothing".to_owned() } else { format!("`{plain}`") }
}
