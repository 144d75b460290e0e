//! docker's config.json: what changes in it, and nothing else
//! (<https://github.com/docker/cli/blob/master/cli/config/configfile/file.go>).

use std::fmt;

use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{
    Value,
    ser::PrettyFormatter,
    value::{RawValue, to_raw_value},
};

const AUTHS: &str = "auths";
const HELPERS: &str = "credHelpers";
const PLUGINS: &str = "cliPluginsExtraDirs";

/// The members of an object in their order; what nobody here looks into keeps its very bytes. A name that comes twice is
/// refused: of two members docker takes both or the last (Go's `encoding/json`), and one of them would be lost here.
#[derive(Clone, Debug, Default, Serialize)]
struct Object(IndexMap<String, Box<RawValue>>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = IndexMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name comes twice"));
                    }
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// The document. Keys that we do not know are kept, in their order.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DockerConfig(IndexMap<String, Member>);

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Member {
    Auths(Object),
    Other(Box<RawValue>),
}

/// The file is neither empty nor a JSON object with an object under `auths`, or it has a name twice where it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("config.json is not a JSON object with an object under `auths` and no name twice; it is left as it is")]
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
        let Object(members) = serde_json::from_slice(content).map_err(|_| NotADockerConfig)?;
        let member = |(name, value): (String, Box<RawValue>)| {
            let member = match name.as_str() {
                AUTHS => object(&value).map(Member::Auths),
                HELPERS if !is_sound(&value) => Err(NotADockerConfig),
                _ => Ok(Member::Other(value)),
            };
            member.map(|member| (name, member))
        };
        members.into_iter().map(member).collect::<Result<_, _>>().map(Self)
    }

    /// As [`Self::parse`], where the registry's entry, too, is about to be replaced.
    ///
    /// # Errors
    /// [`NotADockerConfig`], also for a name twice in that entry.
    pub fn parse_for(content: &[u8], registry: &str) -> Result<Self, NotADockerConfig> {
        let config = Self::parse(content)?;
        if config.entry(registry).is_none_or(is_sound) { Ok(config) } else { Err(NotADockerConfig) }
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
            Member::Auths(Object(auths)) => auths.get(registry).map(AsRef::as_ref),
            Member::Other(_) => None,
        }
    }

    /// Puts in an entry, or takes it out; `auths` goes with its last entry if `prune` says that it was not there.
    pub fn set_entry(&mut self, registry: &str, entry: Option<Box<RawValue>>, prune: bool) {
        if entry.is_none() && !self.has_auths() {
            return;
        }
        let auths = self.0.entry(AUTHS.to_owned()).or_insert_with(|| Member::Auths(Object::default()));
        let Member::Auths(Object(auths)) = auths else { return };
        match entry {
            Some(entry) => drop(auths.insert(registry.to_owned(), entry)),
            None => drop(auths.shift_remove(registry)),
        }
        if prune && auths.is_empty() {
            self.0.shift_remove(AUTHS);
        }
    }

    /// All entries, with their keys.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        let auths = match self.0.get(AUTHS) {
            Some(Member::Auths(Object(auths))) => Some(auths),
            _ => None,
        };
        auths.into_iter().flatten().map(|(registry, entry)| (registry.as_str(), entry.as_ref()))
    }

    /// Takes out the entries that are not to stay; whether there were any.
    pub fn retain_entries(&mut self, stays: impl Fn(&str, &RawValue) -> bool) -> bool {
        let Some(Member::Auths(Object(auths))) = self.0.get_mut(AUTHS) else { return false };
        let before = std::mem::take(auths);
        let count = before.len();
        for (registry, entry) in before {
            if stays(&registry, &entry) {
                auths.insert(registry, entry);
            }
        }
        auths.len() < count
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
        let helpers: Option<Value> = self.value(HELPERS);
        let asked_by_docker = if is_named(helpers.as_ref().and_then(|helpers| helpers.get(registry))) {
            Some(Shadow::Helper)
        } else {
            is_named(self.value("credsStore").as_ref()).then_some(Shadow::Store)
        };
        asked_by_docker.into_iter().chain(self.has_entry_below(registry).then_some(Shadow::Part)).collect()
    }

    fn has_entry_below(&self, registry: &str) -> bool {
        self.entries().any(|(key, _)| key.strip_prefix(registry).is_some_and(|rest| rest.starts_with('/')))
    }
}

fn object(value: &RawValue) -> Result<Object, NotADockerConfig> {
    serde_json::from_str(value.get()).map_err(|_| NotADockerConfig)
}

/// Whether it is no object, or one without a name twice.
fn is_sound(value: &RawValue) -> bool {
    !value.get().starts_with('{') || object(value).is_ok()
}

/// The `auth` of an entry: username and credential in base64.
pub fn auth(entry: &RawValue) -> Option<String> {
    let Object(members) = object(entry).ok()?;
    serde_json::from_str(members.get("auth")?.get()).ok()
}

/// The names and values in an entry that are text, in their order.
pub fn strings(entry: &RawValue) -> Vec<String> {
    let (mut strings, mut rest) = (Vec::new(), entry.get());
    while let Some(start) = rest.find('"') {
        let mut texts = serde_json::Deserializer::from_str(&rest[start..]).into_iter();
        let Some(Ok(text)) = texts.next() else { break };
        strings.push(text);
        rest = &rest[start + texts.byte_offset()..];
    }
    strings
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
    fn plugin_directories_of_others_stay_and_so_does_what_is_no_list_of_them() {
        let before = r#"{"cliPluginsExtraDirs":["/theirs",7]}"#;
        let mut config = parse(before);
        assert!(config.add_plugins("/ours") && !config.add_plugins("/ours") && !config.add_plugins("/theirs"));
        assert_eq!(text(&config), text(&parse(r#"{"cliPluginsExtraDirs":["/theirs",7,"/ours"]}"#)));
        config.remove_plugins("/ours");
        assert_eq!(text(&config), text(&parse(before)));

        let mut config = parse(r#"{"cliPluginsExtraDirs":"/theirs"}"#);
        assert!(!config.add_plugins("/ours"));
        config.remove_plugins("/ours");
        assert_eq!(text(&config), text(&parse(r#"{"cliPluginsExtraDirs":"/theirs"}"#)));
    }

    #[test]
    fn auths_goes_with_its_last_entry_only_and_only_if_it_was_not_there() {
        for (before, prune, after) in [
            (r#"{"auths":{"ghcr.io":{}}}"#, true, "{}"),
            (r#"{"auths":{"ghcr.io":{}}}"#, false, r#"{"auths":{}}"#),
            (r#"{"auths":{"ghcr.io":{},"quay.io":{}}}"#, true, r#"{"auths":{"quay.io":{}}}"#),
            ("{}", false, "{}"),
        ] {
            let mut config = parse(before);
            config.set_entry("ghcr.io", None, prune);
            assert_eq!(text(&config), text(&parse(after)), "{before}");
        }
    }

    #[test]
    fn a_document_is_empty_without_members_and_has_auths_or_not() {
        for (text, is_empty, has_auths) in
            [("", true, false), ("{}", true, false), (r#"{"auths":{}}"#, false, true), (r#"{"a":1}"#, false, false)]
        {
            assert_eq!((parse(text).is_empty(), parse(text).has_auths()), (is_empty, has_auths), "{text}");
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
    fn a_name_twice_where_it_is_read_or_written_is_refused() {
        let refused = |text: &str| DockerConfig::parse_for(text.as_bytes(), "ghcr.io").is_err();
        for text in [
            r#"{"auths":{"quay.io":{}},"auths":{"docker.io":{}}}"#,
            r#"{"auths":{"quay.io":{}},"aut\u0068s":{}}"#,
            r#"{"auths":{"quay.io":{"auth":"YQ=="},"quay.io":{"auth":"Yg=="}}}"#,
            r#"{"credHelpers":{"quay.io":"a"},"credHelpers":{"docker.io":"b"}}"#,
            r#"{"credHelpers":{"quay.io":"a","quay.io":"b"}}"#,
            r#"{"cliPluginsExtraDirs":["/a"],"cliPluginsExtraDirs":["/b"]}"#,
            r#"{"zzz":1,"zzz":2}"#,
            r#"{"auths":{"ghcr.io":{"auth":"YQ==","auth":"Yg=="}}}"#,
        ] {
            assert!(refused(text), "{text}");
        }
        let elsewhere = r#"{"auths":{"quay.io":{"auth":"YQ==","auth":"Yg=="},"ghcr.io":1},"credHelpers":null,"proxies":{"a":1,"a":2}}"#;
        assert!(!refused(elsewhere));
    }

    #[test]
    fn the_auth_of_an_entry_is_a_text_that_comes_once() {
        let auth_of = |entry: &str| auth(&RawValue::from_string(entry.to_owned()).unwrap());
        assert_eq!(auth_of(r#"{"email":"x", "auth": "YQ=="}"#).as_deref(), Some("YQ=="));
        for other in [r#"{"auth":1}"#, r#"{"auth":"a","auth":"b"}"#, "{}", "null", r#""auth""#] {
            assert_eq!(auth_of(other), None, "{other}");
        }
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
