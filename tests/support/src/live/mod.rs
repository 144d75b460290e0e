//! The live check: asks a registry and an API what the recorded answers say of them, and tells where they differ.
//!
//! A row that could not be asked is no proof of anything, and is told as such.

mod ask;
mod compare;
mod facts;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use ask::{Call, ask};
pub use facts::facts;
pub use report::{Outcome, State, report};

/// Whom to ask, and what the names in braces stand for.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// `https://ghcr.io`.
    pub registry: String,
    /// `https://api.github.com`.
    pub api: String,
    /// `image`, `public`, `absent`, `foreign`, `unlinked`: names of images. Rows whose name is missing are not asked.
    pub names: BTreeMap<String, String>,
    /// `job`, `read-pat`, ...: credentials. Rows whose credential is missing are not asked.
    pub credentials: BTreeMap<String, String>,
    /// Seconds to wait where an effect has to settle.
    pub settle: u64,
}

/// Credentials that nobody has, in the form of each kind.
const DEAD: [(&str, &str); 3] = [
    ("dead-classic", "ghp_liveCheckMadeUpNotATokenAtAll00000000"),
    ("dead-fine-grained", "github_pat_11LIVECHECK0madeUpNotAToken_liveCheckMadeUpNotATokenAtAll000000000000000000000000000000"),
    ("dead-job", "ghs_liveCheckMadeUpNotATokenAtAll00000000"),
];

impl World {
    /// What the environment says, for a job of this kind.
    pub fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let of = |pairs: &[(&str, &str)]| {
            pairs.iter().filter_map(|(key, name)| Some(((*key).to_owned(), variable(name)?))).collect::<BTreeMap<_, _>>()
        };
        let mut names = of(&[
            ("image", "LIVE_IMAGE"),
            ("public", "LIVE_PUBLIC"),
            ("absent", "LIVE_ABSENT"),
            ("foreign", "LIVE_FOREIGN"),
            ("unlinked", "LIVE_UNLINKED"),
        ]);
        for name in names.values_mut() {
            *name = name.to_lowercase();
        }
        Self {
            registry: variable("LIVE_REGISTRY").unwrap_or_else(|| "https://ghcr.io".to_owned()),
            api: variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned()),
            names,
            credentials: of(&[
                ("job", "LIVE_TOKEN"),
                ("read-pat", "LIVE_READ_PAT"),
                ("write-pat", "LIVE_WRITE_PAT"),
                ("fine-grained-pat", "LIVE_FINE_GRAINED_PAT"),
            ]),
            settle: variable("LIVE_SETTLE").and_then(|seconds| seconds.parse().ok()).unwrap_or(60),
        }
    }

    fn credential(&self, whose: &str) -> Option<&str> {
        let dead = DEAD.iter().find_map(|(name, value)| (*name == whose).then_some(*value));
        dead.or_else(|| self.credentials.get(whose).map(String::as_str))
    }
}
