//! What the main stage tells the post stage, and what it keeps for it beside config.json.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::fingerprint::Fingerprint;
use crate::{job::environment::Environment, random};

/// What main may export: the keys of [`State::former`].
pub const EXPORTED: [&str; 2] = ["DOCKER_CONFIG", "BUILDX_CONFIG"];

/// What the post stage needs. No part of it is a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The login to take back.
    pub login: Option<Trace>,
    /// What was exported, with what it was before, under the host's names; empty for not set.
    pub former: Vec<(&'static str, String)>,
}

/// What tells the login that main made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The directory of config.json as this step sees it.
    pub directory: PathBuf,
    /// The key under `auths`.
    pub registry: String,
    /// Tells our entry from one of a later login.
    pub fingerprint: Fingerprint,
    /// Whether no entry had it before, under whatever key.
    pub is_new: bool,
    /// The registry's entry before.
    pub before: Before,
    /// What was not there before.
    pub created: Created,
}

/// The registry's entry before main.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// There was none.
    Nothing,
    /// The same login: nothing is kept of it, since nothing was changed.
    Same,
    /// Another one, kept in this file.
    Kept(String),
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

/// How [`Before::Same`] is written.
const SAME: &str = "same";

impl State {
    /// The pairs for `GITHUB_STATE`: all of them always, because what is not saved can be set by `GITHUB_ENV`
    /// (actions/runner `ActionRunner.cs`: `STATE_*` comes after the job's environment, and over it).
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let login = self.login.as_ref();
        let text = |of: fn(&Trace) -> String| login.map(of).unwrap_or_default();
        let flag = |of: fn(&Created) -> bool| login.map(|login| of(&login.created).to_string()).unwrap_or_default();
        // A former value begins with `=`, so that one that was not set differs from one that was not exported.
        let former = |name| self.former.iter().find(|(known, _)| *known == name).map(|(_, value)| format!("={value}")).unwrap_or_default();
        vec![
            ("directory", text(|login| login.directory.display().to_string())),
            ("registry", text(|login| login.registry.clone())),
            ("fingerprint", text(|login| login.fingerprint.text())),
            ("before", text(|login| login.before.text())),
            ("created-directory", flag(|created| created.directory)),
            ("created-file", flag(|created| created.file)),
            ("created-auths", flag(|created| created.auths)),
            ("created-login", login.map(|login| login.is_new.to_string()).unwrap_or_default()),
            ("created-plugins", text(|login| login.created.plugins.clone().unwrap_or_default())),
            (EXPORTED[0], former(EXPORTED[0])),
            (EXPORTED[1], former(EXPORTED[1])),
        ]
    }

    /// What the main stage left in `STATE_*`.
    pub fn read(environment: &Environment) -> Self {
        let value = |name| environment.text(&format!("STATE_{name}"));
        let former = EXPORTED.into_iter().filter_map(|name| Some((name, value(name)?.strip_prefix('=')?.to_owned())));
        Self { login: Trace::read(environment), former: former.collect() }
    }
}

impl Trace {
    fn read(environment: &Environment) -> Option<Self> {
        let text = |name: &str| environment.text(&format!("STATE_{name}"));
        let flag = |name| text(name) == Some("true");
        Some(Self {
            directory: PathBuf::from(text("directory")?),
            registry: text("registry")?.to_owned(),
            fingerprint: Fingerprint::parse(text("fingerprint")?)?,
            is_new: flag("created-login"),
            before: Before::read(text("before"))?,
            created: Created {
                directory: flag("created-directory"),
                file: flag("created-file"),
                auths: flag("created-auths"),
                plugins: text("created-plugins").map(str::to_owned),
            },
        })
    }
}

impl Before {
    fn text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Same => SAME.to_owned(),
            Self::Kept(name) => name.clone(),
        }
    }

    fn read(text: Option<&str>) -> Option<Self> {
        match text {
            None => Some(Self::Nothing),
            Some(SAME) => Some(Self::Same),
            Some(name) => is_backup(name).then(|| Self::Kept(name.to_owned())),
        }
    }
}

const BACKUP_PREFIX: &str = ".ghcr-auth-previous-";

/// A new name for a backup: a number after those of the others, and 128 random bits.
///
/// # Errors
/// When the operating system has no randomness.
pub fn new_backup_name(others: &[String]) -> std::io::Result<String> {
    let last = others.iter().filter_map(|name| number(name)).max().unwrap_or_default();
    Ok(format!("{BACKUP_PREFIX}{}-{}.json", last.saturating_add(1), random::hex(&random::bytes::<16>()?)))
}

/// Whether a file is a backup made after another one.
pub fn is_later_backup(name: &str, than: Option<&str>) -> bool {
    is_backup(name) && number(name) > than.and_then(number)
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix(BACKUP_PREFIX)?.split_once('-')?.0.parse().ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(state: &State) -> Environment {
        state.pairs().into_iter().map(|(name, value)| (format!("STATE_{name}"), value)).collect()
    }

    fn trace(before: Before) -> Trace {
        Trace {
            directory: PathBuf::from("/github/home/.docker"),
            registry: "ghcr.io".into(),
            fingerprint: Fingerprint::of("x"),
            is_new: true,
            before,
            created: Created { directory: true, file: false, auths: true, plugins: Some("/p".into()) },
        }
    }

    #[test]
    fn state_comes_back_as_it_was_written() {
        for before in [Before::Nothing, Before::Same, Before::Kept(new_backup_name(&[]).unwrap())] {
            let former = vec![("DOCKER_CONFIG", "/x=y".to_owned()), ("BUILDX_CONFIG", String::new())];
            let state = State { login: Some(trace(before)), former };
            assert_eq!(State::read(&environment(&state)), state);
        }
        assert_eq!(State::read(&Environment::default()), State::default());
    }

    #[test]
    fn an_empty_state_has_every_key_so_that_nobody_else_sets_one() {
        let names = |state: &State| state.pairs().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let full = State { login: Some(trace(Before::Same)), former: vec![("DOCKER_CONFIG", String::new())] };
        assert_eq!(names(&State::default()), names(&full));
        assert!(State::default().pairs().iter().all(|(_, value)| value.is_empty()));
        assert_eq!(State::read(&environment(&State::default())), State::default());
    }

    #[test]
    fn a_backup_is_a_file_of_ours_in_the_same_directory() {
        assert!(is_backup(&new_backup_name(&[]).unwrap()));
        assert!(!is_backup(".ghcr-auth-previous-/../../etc/passwd") && !is_backup("config.json"));
        let elsewhere = State { login: Some(trace(Before::Kept("config.json".into()))), ..State::default() };
        assert_eq!(State::read(&environment(&elsewhere)).login, None);
    }

    #[test]
    fn a_backup_is_later_than_those_that_were_there() {
        let first = new_backup_name(&["config.json".into()]).unwrap();
        let second = new_backup_name(&[first.clone(), ".ghcr-auth-previous-0.json".into()]).unwrap();
        assert!(is_later_backup(&second, Some(&first)) && is_later_backup(&first, None));
        assert!(!is_later_backup(&first, Some(&second)) && !is_later_backup(&first, Some(&first)) && !is_later_backup("config.json", None));
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
