//! config.json: one entry changes, everything else stays, and what was there comes back.

use ghcr_auth::login::config::DockerConfig;
use serde_json::{
    Value, json,
    value::{RawValue, to_raw_value},
};

const REGISTRY: &str = "ghcr.io";

/// The bytes are the file.
pub fn check(data: &[u8]) {
    let Ok(before) = DockerConfig::parse(data) else { return };
    let previous = before.entry(REGISTRY).map(ToOwned::to_owned);
    let had_auths = before.has_auths();
    let ours = to_raw_value(&json!({"auth": "bmV3"})).expect("JSON");
    let mut config = before.clone();
    config.set_entry(REGISTRY, Some(ours.clone()), false);
    let added = config.add_plugins("/plugins");
    assert_rest_is_kept(data, &config.to_bytes());

    let mut config = DockerConfig::parse(&config.to_bytes()).expect("what was written can be read");
    assert_eq!(config.entry(REGISTRY).map(RawValue::get), Some(ours.get()));
    config.set_entry(REGISTRY, previous, !had_auths);
    if added {
        config.remove_plugins("/plugins");
    }
    let empty_list = json!([]);
    let had_empty_list = document(data).get("cliPluginsExtraDirs") == Some(&empty_list);
    assert!(config.to_bytes() == before.to_bytes() || had_empty_list, "something is not as it was");
}

fn document(content: &[u8]) -> Value {
    if content.trim_ascii().is_empty() { json!({}) } else { serde_json::from_slice(content).expect("it was parsed before") }
}

/// Compares the two files without what was put in.
fn assert_rest_is_kept(before: &[u8], after: &[u8]) {
    let rest = |content: &[u8]| {
        let mut document = document(content);
        if let Some(auths) = document.get_mut("auths").and_then(Value::as_object_mut) {
            auths.remove(REGISTRY);
        }
        let keys = document.as_object_mut().expect("it was parsed before");
        if keys.get("auths") == Some(&json!({})) {
            keys.remove("auths");
        }
        if keys.get("cliPluginsExtraDirs").is_none_or(Value::is_array) {
            keys.remove("cliPluginsExtraDirs");
        }
        document
    };
    assert_eq!(rest(before), rest(after));
}
