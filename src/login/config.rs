//! docker's config.json: what changes in it, and nothing else
//! (<https://github.com/docker/cli/blob/master/cli/config/configfile/file.go>).

use serde::Serialize as _;
use serde_json::{Map, Value, json, ser::PrettyFormatter};

const AUTHS: &str = "auths";
const PLUGINS: &str = "cliPluginsExtraDirs";

/// The document. Keys that we do not know are kept, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DockerConfig(Map<String, Value>);

/// The file is neither empty nor a JSON object with an object under `auths`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("config.json is not a JSON object with an object under `auths`; it is left as it is")]
pub struct NotADockerConfig;

/// What else in the document docker asks before our entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shadow {
    /// `credsStore`, for all registries.
    Store,
    /// `credHelpers`, for this registry.
    Helper,
}

impl DockerConfig {
    /// Parses the file; an empty one counts as `{}`.
    ///
    /// # Errors
    /// [`NotADockerConfig`].
    pub fn parse(content: &[u8]) -> Result<Self, NotADockerConfig> {
        if content.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let config = serde_json::from_slice(content).map(Self).map_err(|_| NotADockerConfig)?;
        match config.0.get(AUTHS) {
            None | Some(Value::Object(_)) => Ok(config),
            Some(_) => Err(NotADockerConfig),
        }
    }

    /// The file's new content, indented as docker does it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut content = Vec::new();
        let mut writer = serde_json::Serializer::with_formatter(&mut content, PrettyFormatter::with_indent(b"\t"));
        // Writing a JSON value into memory has nothing to fail at.
        let _ = self.0.serialize(&mut writer);
        content.push(b'\n');
        content
    }

    /// The entry of a registry.
    pub fn entry(&self, registry: &str) -> Option<&Value> {
        self.0.get(AUTHS)?.get(registry)
    }

    /// Puts in an entry, or takes it out; `auths` goes with its last entry if `prune` says that it was not there.
    pub fn set_entry(&mut self, registry: &str, entry: Option<Value>, prune: bool) {
        let Value::Object(auths) = self.0.entry(AUTHS).or_insert_with(|| json!({})) else { return };
        match entry {
            Some(entry) => drop(auths.insert(registry.to_owned(), entry)),
            None => drop(auths.shift_remove(registry)),
        }
        if prune && auths.is_empty() {
            self.0.shift_remove(AUTHS);
        }
    }

    /// Whether there is an `auths` at all.
    pub fn has_auths(&self) -> bool {
        self.0.contains_key(AUTHS)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a directory of docker plugins; false if it is there already or the key holds something else.
    pub fn add_plugins(&mut self, directory: &str) -> bool {
        let Value::Array(directories) = self.0.entry(PLUGINS).or_insert_with(|| json!([])) else { return false };
        let new = !directories.iter().any(|known| known == directory);
        if new {
            directories.push(json!(directory));
        }
        new
    }

    /// Takes out what [`Self::add_plugins`] added.
    pub fn remove_plugins(&mut self, directory: &str) {
        let Some(Value::Array(directories)) = self.0.get_mut(PLUGINS) else { return };
        directories.retain(|known| known != directory);
        if directories.is_empty() {
            self.0.shift_remove(PLUGINS);
        }
    }

    /// What docker would ask before the entry of a registry.
    pub fn shadow(&self, registry: &str) -> Option<Shadow> {
        let is_named = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|name| !name.is_empty());
        if is_named(self.0.get("credHelpers").and_then(|helpers| helpers.get(registry))) {
            Some(Shadow::Helper)
        } else {
            is_named(self.0.get("credsStore")).then_some(Shadow::Store)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str =
        r#"{"zzz":{"keep":[1,2.50]},"auths":{"quay.io":{"auth":"cQ=="},"ghcr.io":{"auth":"b2xk","email":"x"}},"currentContext":"ci"}"#;

    fn parse(text: &str) -> DockerConfig {
        DockerConfig::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn only_the_registrys_entry_changes_and_it_can_be_put_back() {
        let mut config = parse(FULL);
        let previous = config.entry("ghcr.io").cloned();
        config.set_entry("ghcr.io", Some(json!({"auth": "bmV3"})), false);
        assert_eq!(config, parse(&FULL.replace(r#"{"auth":"b2xk","email":"x"}"#, r#"{"auth":"bmV3"}"#)));
        config.set_entry("ghcr.io", previous, false);
        assert_eq!(config, parse(FULL));
        assert_eq!(DockerConfig::parse(&config.to_bytes()), Ok(config));
    }

    #[test]
    fn what_was_added_to_nothing_goes_without_a_trace() {
        for (text, had_auths) in [("", false), ("{}", false), (r#"{"auths":{}}"#, true)] {
            let mut config = parse(text);
            config.set_entry("ghcr.io", Some(json!({})), false);
            assert!(config.add_plugins("/p") && !config.add_plugins("/p"));
            config.remove_plugins("/p");
            config.set_entry("ghcr.io", None, !had_auths);
            assert_eq!(config, parse(text));
        }
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        for text in ["[]", "null", "hello", "{\"auths\":", "{\"auths\":[]}", "{\"auths\":null}", "{} {}", "\u{feff}{}"] {
            assert_eq!(DockerConfig::parse(text.as_bytes()), Err(NotADockerConfig), "{text}");
        }
        assert!(parse(" \n").is_empty());
    }

    #[test]
    fn a_store_or_a_helper_of_the_registry_shadows_the_entry() {
        for (text, shadow) in [
            (r#"{"credsStore":"pass"}"#, Some(Shadow::Store)),
            (r#"{"credHelpers":{"ghcr.io":"gh"}}"#, Some(Shadow::Helper)),
            (r#"{"credHelpers":{"gcr.io":"gcloud"}}"#, None),
            (r#"{"credsStore":"","credHelpers":{"ghcr.io":""}}"#, None),
        ] {
            assert_eq!(parse(text).shadow("ghcr.io"), shadow, "{text}");
        }
    }
}
