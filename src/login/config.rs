//! docker's config.json: what changes in it, and nothing else
//! (<https://github.com/docker/cli/blob/master/cli/config/configfile/file.go>).

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{
    Value,
    ser::PrettyFormatter,
    value::{RawValue, to_raw_value},
};

const AUTHS: &str = "auths";
const PLUGINS: &str = "cliPluginsExtraDirs";

/// The members of an object in their order; what nobody here looks into keeps its very bytes.
type Object = IndexMap<String, Box<RawValue>>;

/// The document. Keys that we do not know are kept, in their order.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DockerConfig(IndexMap<String, Member>);

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Member {
    Auths(Object),
    Other(Box<RawValue>),
}

/// The file is neither empty nor a JSON object with an object under `auths`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("config.json is not a JSON object with an object under `auths`; it is left as it is")]
pub struct NotADockerConfig;

/// What else in the document is asked before our entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shadow {
    /// `credsStore`, for all registries.
    Store,
    /// `credHelpers`, for this registry.
    Helper,
    /// An entry for a part of the registry, which podman, buildah and skopeo prefer for images there
    /// (containers-auth.json(5)).
    Part,
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
        let members: Object = serde_json::from_slice(content).map_err(|_| NotADockerConfig)?;
        let member = |(name, value): (String, Box<RawValue>)| {
            let is_auths = name == AUTHS;
            let member = if is_auths { serde_json::from_str(value.get()).map(Member::Auths) } else { Ok(Member::Other(value)) };
            member.map(|member| (name, member)).map_err(|_| NotADockerConfig)
        };
        members.into_iter().map(member).collect::<Result<_, _>>().map(Self)
    }

    /// The file's new content, indented as docker does it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut content = Vec::new();
        let mut writer = serde_json::Serializer::with_formatter(&mut content, PrettyFormatter::with_indent(b"\t"));
        // Writing JSON into memory has nothing to fail at.
        let _ = self.0.serialize(&mut writer);
        content.push(b'\n');
        content
    }

    /// The entry of a registry.
    pub fn entry(&self, registry: &str) -> Option<&RawValue> {
        match self.0.get(AUTHS)? {
            Member::Auths(auths) => auths.get(registry).map(AsRef::as_ref),
            Member::Other(_) => None,
        }
    }

    /// Puts in an entry, or takes it out; `auths` goes with its last entry if `prune` says that it was not there.
    pub fn set_entry(&mut self, registry: &str, entry: Option<Box<RawValue>>, prune: bool) {
        let Member::Auths(auths) = self.0.entry(AUTHS.to_owned()).or_insert_with(|| Member::Auths(Object::new())) else { return };
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
        let (Some(mut directories), Ok(ours)) = (self.plugins(), to_raw_value(directory)) else { return false };
        let new = !directories.iter().any(|known| is_text(known, directory));
        if new {
            directories.push(ours);
            self.set_plugins(&directories);
        }
        new
    }

    /// Takes out what [`Self::add_plugins`] added.
    pub fn remove_plugins(&mut self, directory: &str) {
        let Some(mut directories) = self.plugins() else { return };
        directories.retain(|known| !is_text(known, directory));
        self.set_plugins(&directories);
    }

    /// The list of plugin directories; `None` when the key holds something else.
    fn plugins(&self) -> Option<Vec<Box<RawValue>>> {
        match self.0.get(PLUGINS) {
            None => Some(Vec::new()),
            Some(_) => self.value(PLUGINS),
        }
    }

    fn set_plugins(&mut self, directories: &[Box<RawValue>]) {
        match to_raw_value(directories) {
            Ok(value) if !directories.is_empty() => drop(self.0.insert(PLUGINS.to_owned(), Member::Other(value))),
            _ => drop(self.0.shift_remove(PLUGINS)),
        }
    }

    /// What a key holds, if it is of that form.
    fn value<T: serde::de::DeserializeOwned>(&self, key: &str) -> Option<T> {
        match self.0.get(key)? {
            Member::Auths(_) => None,
            Member::Other(value) => serde_json::from_str(value.get()).ok(),
        }
    }

    /// What would be asked before the entry of a registry: by docker, and by podman and its like.
    pub fn shadows(&self, registry: &str) -> Vec<Shadow> {
        let is_named = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|name| !name.is_empty());
        let helpers: Option<Value> = self.value("credHelpers");
        let asked_by_docker = if is_named(helpers.as_ref().and_then(|helpers| helpers.get(registry))) {
            Some(Shadow::Helper)
        } else {
            is_named(self.value("credsStore").as_ref()).then_some(Shadow::Store)
        };
        asked_by_docker.into_iter().chain(self.has_entry_below(registry).then_some(Shadow::Part)).collect()
    }

    fn has_entry_below(&self, registry: &str) -> bool {
        let is_below = |key: &String| key.strip_prefix(registry).is_some_and(|rest| rest.starts_with('/'));
        matches!(self.0.get(AUTHS), Some(Member::Auths(auths)) if auths.keys().any(is_below))
    }
}

fn is_text(value: &RawValue, text: &str) -> bool {
    serde_json::from_str::<String>(value.get()).is_ok_and(|value| value == text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FULL: &str =
        r#"{"zzz":{"keep":[1,2.50]},"auths":{"quay.io":{"auth":"cQ=="},"ghcr.io":{"auth":"b2xk","email":"x"}},"currentContext":"ci"}"#;

    fn parse(text: &str) -> DockerConfig {
        DockerConfig::parse(text.as_bytes()).unwrap()
    }

    fn entry(value: &Value) -> Option<Box<RawValue>> {
        to_raw_value(value).ok()
    }

    fn text(config: &DockerConfig) -> String {
        String::from_utf8(config.to_bytes()).unwrap()
    }

    #[test]
    fn only_the_registrys_entry_changes_and_it_can_be_put_back() {
        let mut config = parse(FULL);
        let previous = config.entry("ghcr.io").map(ToOwned::to_owned);
        config.set_entry("ghcr.io", entry(&json!({"auth": "bmV3"})), false);
        assert_eq!(text(&config), text(&parse(&FULL.replace(r#"{"auth":"b2xk","email":"x"}"#, r#"{"auth":"bmV3"}"#))));
        config.set_entry("ghcr.io", previous, false);
        assert_eq!(text(&config), text(&parse(FULL)));
        assert_eq!(text(&parse(&text(&config))), text(&config));
    }

    #[test]
    fn what_nobody_looks_into_keeps_its_bytes_and_dockers_own_file_its_indentation() {
        let before = "{\n\t\"auths\": {\n\t\t\"quay.io\": {\n\t\t\t\"auth\": \"cQ==\"\n\t\t}\n\t},\n\t\"n\": 12345678901234567890123,\n\t\"x\": [1.50, \"\\u0041\"]\n}\n";
        let mut config = parse(before);
        assert_eq!(text(&config), before);
        config.set_entry("ghcr.io", entry(&json!({"auth": "bmV3"})), false);
        config.set_entry("ghcr.io", None, false);
        assert_eq!(text(&config), before);
    }

    #[test]
    fn what_was_added_to_nothing_goes_without_a_trace() {
        for (before, had_auths) in [("", false), ("{}", false), (r#"{"auths":{}}"#, true)] {
            let mut config = parse(before);
            config.set_entry("ghcr.io", entry(&json!({})), false);
            assert!(config.add_plugins("/p") && !config.add_plugins("/p"));
            config.remove_plugins("/p");
            config.set_entry("ghcr.io", None, !had_auths);
            assert_eq!(text(&config), text(&parse(before)));
        }
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        for text in ["[]", "null", "hello", "{\"auths\":", "{\"auths\":[]}", "{\"auths\":null}", "{} {}", "\u{feff}{}"] {
            assert_eq!(DockerConfig::parse(text.as_bytes()).err(), Some(NotADockerConfig), "{text}");
        }
        assert!(parse(" \n").is_empty());
    }

    #[test]
    fn a_store_a_helper_or_an_entry_of_a_part_of_the_registry_shadows_the_entry() {
        for (text, shadows) in [
            (r#"{"credsStore":"pass"}"#, vec![Shadow::Store]),
            (r#"{"credHelpers":{"ghcr.io":"gh"}}"#, vec![Shadow::Helper]),
            (r#"{"credHelpers":{"gcr.io":"gcloud"}}"#, vec![]),
            (r#"{"credsStore":"","credHelpers":{"ghcr.io":""}}"#, vec![]),
            (r#"{"auths":{"ghcr.io/acme":{}},"credsStore":"pass"}"#, vec![Shadow::Store, Shadow::Part]),
            (r#"{"auths":{"ghcr.io.example/acme":{},"quay.io/acme":{},"ghcr.io":{}}}"#, vec![]),
        ] {
            assert_eq!(parse(text).shadows("ghcr.io"), shadows, "{text}");
        }
    }
}
