//! The situation that an answer is for: who did what where, with which credential. Pure data.
//!
//! The action knows it, the command line too; `explain` reads it from a log ([`explain`](crate::explain)).

/// What was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operation {
    /// Publishing: an image, a chart, a signature, a cache.
    Push,
    /// Fetching one.
    Pull,
    /// Logging in.
    Login,
    /// Deleting a package or a version.
    Delete,
    /// Not known, or something else.
    #[default]
    Other,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 5] = [Self::Push, Self::Pull, Self::Login, Self::Delete, Self::Other];

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Pull => "pull",
            Self::Login => "login",
            Self::Delete => "delete",
            Self::Other => "other",
        }
    }
}

/// Where it was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// A job of GitHub Actions.
    Actions,
    /// A job of another CI system.
    OtherCi,
    /// Somebody's terminal, or a server that they look after.
    Desktop,
    /// A Kubernetes cluster.
    Cluster,
    /// A device or service that updates itself: whoever looks at it cannot log it in.
    Appliance,
    /// Not known.
    #[default]
    Unknown,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 6] = [Self::Actions, Self::OtherCi, Self::Desktop, Self::Cluster, Self::Appliance, Self::Unknown];

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Actions => "actions",
            Self::OtherCi => "ci-other",
            Self::Desktop => "desktop",
            Self::Cluster => "cluster",
            Self::Appliance => "appliance",
            Self::Unknown => "unknown",
        }
    }
}

/// What it was tried with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Held {
    /// The `GITHUB_TOKEN` of a job.
    JobToken,
    /// A personal access token, or a login that was just made with one.
    Pat,
    /// The token of a GitHub App other than Actions.
    App,
    /// Nothing.
    Nothing,
    /// A login from before that no longer works.
    Stale,
    /// Not known.
    #[default]
    Unknown,
}

impl Held {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::JobToken, Self::Pat, Self::App, Self::Nothing, Self::Stale, Self::Unknown];

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JobToken => "job-token",
            Self::Pat => "pat",
            Self::App => "app",
            Self::Nothing => "none",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }
}

/// The tool, as far as its logins differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Docker, or one that reads its config.json.
    #[default]
    Docker,
    /// podman, skopeo, buildah.
    Podman,
    /// helm.
    Helm,
    /// rpm-ostree, bootc.
    Ostree,
    /// Renovate.
    Renovate,
    /// Dependabot.
    Dependabot,
    /// Amazon ECS.
    Ecs,
}

/// A fact that makes an answer more exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clue {
    /// The action itself asked: its inputs can be spoken of.
    OwnRun,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is another host's.
    OtherHost,
    /// The certificate is signed by nobody who is trusted.
    UnknownRoot,
    /// There is no version of TLS or cipher suite in common.
    NothingInCommon,
    /// A push was refused as those without a login are.
    NotLoggedIn,
    /// The token endpoint refused, and the tool does not show why.
    NoReason,
    /// GitHub's API says that single sign-on stands before it.
    Sso,
    /// GitHub's API does not know the token any more.
    Dead,
    /// GitHub's API accepts the token.
    Alive,
    /// GitHub's API shows the scope that the registry misses.
    HasScope,
    /// The token is a fine-grained PAT.
    FineGrained,
    /// The workflow file does not give the permission.
    PermissionMissing,
    /// The workflow file gives the permission.
    PermissionGranted,
    /// The job's log shows a token that may only read packages.
    ReadOnly,
    /// The package is linked to no repository.
    Unlinked,
    /// The package is linked to another repository.
    LinkedElsewhere,
    /// The package is linked to this repository.
    LinkedHere,
    /// The run is of a pull request, as a `pr-N` tag or a ref shows.
    PullRequest,
    /// The repository is a fork.
    Fork,
    /// The workflow also runs on `push`.
    RunsOnPush,
    /// The workflow does not run on `push`.
    NeverRunsOnPush,
    /// A reusable workflow asks for more than its caller may give.
    CalledWorkflow,
    /// The owner does not exist.
    OwnerNotFound,
    /// A sentence of GitHub's that names a policy.
    Policy,
    /// GitHub's registry did not reach GitHub's own services.
    Intermediary,
    /// The image is a build cache.
    Cache,
    /// Layers or another tag were accepted.
    ManifestOnly,
    /// The tool asks for a second image in the same request, which is nobody's.
    TwoScopes,
    /// The image's name is one part only.
    NoOwner,
    /// The client sent its credential in a form that the registry does not take.
    BasicAuth,
    /// A signature or attestation, not the image.
    Signing,
    /// An upload went wrong on the way.
    Upload,
    /// A name that could not be resolved.
    Dns,
    /// A proxy that could not be used.
    Proxy,
    /// The name has upper-case letters.
    UpperCase,
    /// A part of the name is empty.
    EmptyName,
    /// The tag has a character that no tag may have.
    BadTag,
    /// The limit is that of everybody who pulls.
    SharedLimit,
}

/// The whole situation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// What was tried.
    pub operation: Operation,
    /// Where.
    pub place: Place,
    /// With what.
    pub held: Held,
    /// The tool.
    pub tool: Tool,
    /// What else is known.
    pub clues: Vec<Clue>,
}

impl Situation {
    /// That of the action itself, which knows what it tries and where.
    pub fn own_run(operation: Operation) -> Self {
        Self { operation, place: Place::Actions, clues: vec![Clue::OwnRun], ..Self::default() }
    }

    /// Whether a fact is known.
    pub fn has(&self, clue: Clue) -> bool {
        self.clues.contains(&clue)
    }
}
