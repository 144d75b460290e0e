//! What the main stage tells the post stage, and what it keeps for it beside config.json.

use std::path::PathBuf;

use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::{job::environment::Environment, random};

/// What the post stage needs to take the login back. No part of it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The directory of config.json as containers of this action see it.
    pub directory: PathBuf,
    /// The key under `auths`.
    pub registry: String,
    /// Tells our entry from one of a later login.
    pub fingerprint: String,
    /// The file that keeps the previous entry, if there was one.
    pub backup: Option<String>,
    /// What was not there before.
    pub created: Created,
}

/// What the main stage made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Created {
    /// The directory.
    pub directory: bool,
    /// config.json.
    pub file: bool,
    /// `auths` in it.
    pub auths: bool,
    /// The plugin directory named in it.
    pub plugins: Option<String>,
}

impl State {
    /// The pairs for `GITHUB_STATE`.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let flag = |set: bool| if set { "true" } else { "false" }.to_owned();
        vec![
            ("directory", self.directory.display().to_string()),
            ("registry", self.registry.clone()),
            ("fingerprint", self.fingerprint.clone()),
            ("backup", self.backup.clone().unwrap_or_default()),
            ("created-directory", flag(self.created.directory)),
            ("created-file", flag(self.created.file)),
            ("created-auths", flag(self.created.auths)),
            ("created-plugins", self.created.plugins.clone().unwrap_or_default()),
        ]
    }

    /// What the main stage left in `STATE_*`; `None` when it left nothing.
    pub fn read(environment: &Environment) -> Option<Self> {
        let text = |name: &str| environment.text(&format!("STATE_{name}"));
        let flag = |name| text(name) == Some("true");
        Some(Self {
            directory: PathBuf::from(text("directory")?),
            registry: text("registry")?.to_owned(),
            fingerprint: text("fingerprint")?.to_owned(),
            backup: text("backup").map(|name| is_backup(name).then(|| name.to_owned()).ok_or(())).transpose().ok()?,
            created: Created {
                directory: flag("created-directory"),
                file: flag("created-file"),
                auths: flag("created-auths"),
                plugins: text("created-plugins").map(str::to_owned),
            },
        })
    }
}

const BACKUP_PREFIX: &str = ".ghcr-auth-previous-";

/// A new name for a backup, from 128 random bits.
///
/// # Errors
/// When the operating system has no randomness.
pub fn new_backup_name() -> std::io::Result<String> {
    Ok(format!("{BACKUP_PREFIX}{}.json", random::hex(&random::bytes::<16>()?)))
}

/// Whether a file name is a backup's, and no path.
pub fn is_backup(name: &str) -> bool {
    name.starts_with(BACKUP_PREFIX) && !name.contains('/')
}

/// The entry that a step found: a secret too, kept with mode 0600 beside config.json.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Backup {
    /// The key under `auths`.
    pub registry: String,
    /// The entry, if there was one. Its key is there in any case: serde takes an absent one for `None` otherwise.
    #[serde(deserialize_with = "Option::deserialize")]
    pub previous: Option<Box<RawValue>>,
}

impl Backup {
    /// The file's content.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Writing JSON into memory has nothing to fail at.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Parses the file; `None` for anything else.
    pub fn parse(content: &[u8]) -> Option<Self> {
        serde_json::from_slice(content).ok()
    }
}

/// The SHA-256 of an entry, in hex; white space does not count, since docker rewrites the file.
pub fn fingerprint(entry: &RawValue) -> String {
    let entry: Value = serde_json::from_str(entry.get()).unwrap_or_default();
    random::hex(digest::digest(&digest::SHA256, entry.to_string().as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::to_raw_value};

    use super::*;

    #[test]
    fn state_comes_back_as_it_was_written() {
        let state = State {
            directory: PathBuf::from("/github/home/.docker"),
            registry: "ghcr.io".into(),
            fingerprint: fingerprint(&to_raw_value(&json!({"auth": "x"})).unwrap()),
            backup: Some(new_backup_name().unwrap()),
            created: Created { directory: true, file: false, auths: true, plugins: Some("/p".into()) },
        };
        let environment = state.pairs().into_iter().map(|(name, value)| (format!("STATE_{name}"), value)).collect();
        assert_eq!(State::read(&environment), Some(state));
        assert_eq!(State::read(&Environment::default()), None);
    }

    #[test]
    fn a_backup_is_a_file_of_ours_in_the_same_directory() {
        assert!(is_backup(&new_backup_name().unwrap()));
        assert!(!is_backup(".ghcr-auth-previous-/../../etc/passwd") && !is_backup("config.json"));
    }

    #[test]
    fn backups_with_and_without_an_entry_come_back() {
        for previous in [None, Some(r#"{"auth":"b2xk", "n": 1.50}"#)] {
            let raw = previous.map(|previous| RawValue::from_string(previous.to_owned()).unwrap());
            let backup = Backup::parse(&Backup { registry: "ghcr.io".into(), previous: raw }.to_bytes()).unwrap();
            assert_eq!((backup.registry.as_str(), backup.previous.as_ref().map(|raw| raw.get())), ("ghcr.io", previous));
        }
    }

    #[test]
    fn a_backup_without_its_key_is_damaged_and_not_one_of_nothing() {
        for damaged in ["{}", r#"{"registry":"ghcr.io"}"#, r#"{"previous":null}"#] {
            assert!(Backup::parse(damaged.as_bytes()).is_none(), "{damaged}");
        }
    }
}
