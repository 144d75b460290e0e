//! Who may push and pull what.

use std::collections::{BTreeMap, BTreeSet};

use super::Answer;
use crate::recorded::{Recorded, recorded};

/// Why GHCR refuses a live credential, one variant per reason code that stands for a refusal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Denial {
    /// The registry no longer knows the credential behind the bearer.
    BadCredential,
    /// Neither scopes nor packages are named.
    Denied,
    /// A job token used on another owner's package.
    ForeignInstallation,
    /// A PAT without `write:packages`, or a fine-grained one.
    MissingScope,
    /// The package does not exist and the job token may not create it.
    PackageCreationDenied,
    /// The package gives this repository no role at all.
    PackageReadDenied,
    /// The package gives this repository no Write role.
    PackageWriteDenied,
    /// A job token without `packages: write`.
    PackagesPermissionMissing,
}

impl Denial {
    /// Every denial, for tests that go through all of them.
    pub fn all() -> [Self; 8] {
        [
            Self::BadCredential,
            Self::Denied,
            Self::ForeignInstallation,
            Self::MissingScope,
            Self::PackageCreationDenied,
            Self::PackageReadDenied,
            Self::PackageWriteDenied,
            Self::PackagesPermissionMissing,
        ]
    }

    /// The reason code the action gives for it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::BadCredential => "bad-credential",
            Self::Denied => "denied",
            Self::ForeignInstallation => "foreign-installation",
            Self::MissingScope => "missing-scope",
            Self::PackageCreationDenied => "package-creation-denied",
            Self::PackageReadDenied => "package-read-denied",
            Self::PackageWriteDenied => "package-write-denied",
            Self::PackagesPermissionMissing => "packages-permission-missing",
        }
    }

    /// GHCR's answer, as recorded under the same name.
    fn recorded(self) -> &'static Recorded {
        recorded(self.reason())
    }

    /// The status GHCR answers with.
    pub fn status(self) -> u16 {
        self.recorded().status[0]
    }

    /// The message in GHCR's error body, letter by letter.
    pub fn message(self) -> &'static str {
        self.recorded().message()
    }

    /// GHCR's whole answer.
    pub fn answer(self) -> Answer {
        Answer::recorded(self.recorded())
    }
}

/// What stands behind the token that GHCR gives a stranger for one image.
pub(super) fn stranger(image: &str) -> String {
    format!("v1:{image}:1700000000000000000")
}

/// What the registry says to a live credential.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// It may not, and this is GHCR's reason.
    Denied(Denial),
}

/// The verdicts on one credential: one for every image, and exceptions.
#[derive(Clone, Debug, Default)]
struct Grant {
    everywhere: Option<Verdict>,
    images: BTreeMap<String, Verdict>,
}

impl Grant {
    fn on(&self, image: &str) -> Verdict {
        let verdict = self.images.get(image).copied().or(self.everywhere);
        verdict.unwrap_or(Verdict::Denied(Denial::Denied))
    }
}

/// Which credentials are live and what they may do. A credential no rule names is dead.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    push: BTreeMap<String, Grant>,
    pull: BTreeMap<String, Grant>,
    public: BTreeSet<String>,
}

impl Rules {
    /// `credential` may push and pull every image.
    #[must_use]
    pub fn allow(mut self, credential: &str) -> Self {
        self.push.entry(credential.into()).or_default().everywhere = Some(Verdict::Allowed);
        self
    }

    /// `credential` is live, but refused on every image.
    #[must_use]
    pub fn deny(mut self, credential: &str, denial: Denial) -> Self {
        self.push.entry(credential.into()).or_default().everywhere = Some(Verdict::Denied(denial));
        self
    }

    /// The verdict on one image; [`allow`](Self::allow) and [`deny`](Self::deny) hold for the others.
    #[must_use]
    pub fn rule(mut self, credential: &str, image: &str, verdict: Verdict) -> Self {
        let grant = self.push.entry(credential.into()).or_default();
        grant.images.insert(image.into(), verdict);
        self
    }

    /// The verdict on pulls where it differs from the one on pushes.
    #[must_use]
    pub fn pull(mut self, credential: &str, verdict: Verdict) -> Self {
        self.pull.entry(credential.into()).or_default().everywhere = Some(verdict);
        self
    }

    /// The verdict on pulls of one image.
    #[must_use]
    pub fn pull_rule(mut self, credential: &str, image: &str, verdict: Verdict) -> Self {
        let grant = self.pull.entry(credential.into()).or_default();
        grant.images.insert(image.into(), verdict);
        self
    }

    /// Anybody may pull this image.
    #[must_use]
    pub fn public(mut self, image: &str) -> Self {
        self.public.insert(image.into());
        self.pull_rule(&stranger(image), image, Verdict::Allowed)
    }

    pub(super) fn is_public(&self, image: &str) -> bool {
        self.public.contains(image)
    }

    pub(super) fn is_live(&self, credential: &str) -> bool {
        self.push.contains_key(credential) || self.pull.contains_key(credential)
    }

    pub(super) fn push_verdict(&self, credential: &str, image: &str) -> Verdict {
        self.push.get(credential).map_or(Verdict::Denied(Denial::Denied), |grant| grant.on(image))
    }

    pub(super) fn pull_verdict(&self, credential: &str, image: &str) -> Verdict {
        match self.pull.get(credential) {
            Some(grant) => grant.on(image),
            None => self.push_verdict(credential, image),
        }
    }
}
