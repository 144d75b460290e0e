//! config.json: one entry changes, everything else stays, and what was there comes back.

use std::collections::BTreeMap;

use ghcr_auth::login::config::DockerConfig;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

const REGISTRY: &str = "ghcr.io";
const AUTHS: &str = "auths";
const PLUGINS: &str = "cliPluginsExtraDirs";

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
    assert!(config.to_bytes().len() <= 4 * data.len() + 1024, "the file grows by more than an entry and its layout");

    let mut config = DockerConfig::parse(&config.to_bytes()).expect("what was written can be read");
    assert_eq!(config.entry(REGISTRY).map(RawValue::get), Some(ours.get()));
    config.set_entry(REGISTRY, previous, !had_auths);
    if added {
        config.remove_plugins("/plugins");
    }
    assert_rest_is_kept(data, &config.to_bytes());
    assert_eq!((entry(data), list(data)), (entry(&config.to_bytes()), list(&config.to_bytes())));
}

fn entry(content: &[u8]) -> Option<String> {
    members(members(content).get(AUTHS)?.as_bytes()).remove(REGISTRY)
}

/// The plugin directories; an empty list is as good as none.
fn list(content: &[u8]) -> Vec<String> {
    let list: Option<Vec<Box<RawValue>>> = members(content).get(PLUGINS).and_then(|list| serde_json::from_str(list).ok());
    list.unwrap_or_default().into_iter().map(|directory| directory.get().to_owned()).collect()
}

/// The members of an object, each as it is written.
fn members(content: &[u8]) -> BTreeMap<String, String> {
    let content = if content.trim_ascii().is_empty() { b"{}" } else { content };
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(content).expect("it was parsed before");
    members.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect()
}

/// Compares the two files without what was put in.
fn assert_rest_is_kept(before: &[u8], after: &[u8]) {
    let logins = |content: &[u8]| {
        let mut auths = members(content).get(AUTHS).map(|auths| members(auths.as_bytes())).unwrap_or_default();
        auths.remove(REGISTRY);
        auths
    };
    assert_eq!(logins(before), logins(after));
    let others = |content: &[u8]| {
        let is_list = |name: &str, value: &str| name == PLUGINS && value.starts_with('[');
        let mut others = members(content);
        others.retain(|name, value| name != AUTHS && !is_list(name, value));
        others
    };
    assert_eq!(others(before), others(after));
}
