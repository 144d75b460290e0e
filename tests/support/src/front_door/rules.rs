//! Who may push and pull what.

use std::collections::BTreeMap;

use super::Answer;

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

    /// The status GHCR answers with.
    pub fn status(self) -> u16 {
        match self {
            Self::BadCredential => 401,
            _ => 403,
        }
    }

    /// The message in GHCR's error body, letter by letter.
    pub fn message(self) -> &'static str {
        match self {
            Self::BadCredential => "unauthenticated: User cannot be authenticated with the token provided.",
            Self::Denied => "requested access to the resource is denied",
            Self::ForeignInstallation => "permission_denied: The requested installation does not exist.",
            Self::MissingScope => "permission_denied: The token provided does not match expected scopes.",
            Self::PackageCreationDenied => "permission_denied: installation not allowed to Create organization package",
            Self::PackageReadDenied => "permission_denied: read_package",
            Self::PackageWriteDenied => "permission_denied: write_package",
            Self::PackagesPermissionMissing => "installation not allowed to Write organization package",
        }
    }

    /// GHCR's whole answer.
    pub fn answer(self) -> Answer {
        let code = if self.status() == 401 { "UNAUTHORIZED" } else { "DENIED" };
        Answer::error(self.status(), code, self.message())
    }
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
