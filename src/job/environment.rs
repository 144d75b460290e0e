//! The process environment, read once and passed on as a value.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::Path,
};

use super::action_yml::Input;

/// `true` where `host/main.js` starts the program, in the job's own home instead of a container's.
pub const STARTED_BY_HOST: &str = "GHCR_AUTH_HOST";

/// A snapshot of the environment variables; one that is empty counts as not set.
#[derive(Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        std::env::vars_os().collect()
    }

    /// The bytes of a variable.
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// What an input holds.
    pub fn input(&self, input: Input) -> Option<&OsStr> {
        self.raw(&input.variable())
    }

    /// A variable that is text. One that is not valid UTF-8 counts as not set.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw(name)?.to_str()
    }

    /// A variable that is a path.
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.raw(name).map(Path::new)
    }

    /// Whether a variable says `true`, the one spelling in which runners set their flags.
    pub fn is_true(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}
