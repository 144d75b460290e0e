//! What action.yml declares: each input and output once. action.yml, host/action.yml, and docs/reference.md are written from these
//! tables, and the code asks for an input and gives an output by its entry.

/// Declares a closed list: for each entry its name, its default if it has one, and what action.yml says of it.
macro_rules! declared {
    ($(#[$doc:meta])+ $kind:ident { $($entry:ident = $name:literal $(, default $default:literal)?: $description:literal;)+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind {
            $(#[doc = $description] $entry,)+
        }

        impl $kind {
            /// All of them, in action.yml's order.
            pub const ALL: &[Self] = &[$(Self::$entry,)+];

            /// The name, as workflows spell it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$entry => $name,)+
                }
            }

            /// What the runner takes where a workflow gives nothing, expressions not evaluated; empty for none.
            pub const fn default(self) -> &'static str {
                match self {
                    $(Self::$entry => concat!("" $(, $default)?),)+
                }
            }

            /// What action.yml says of it.
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$entry => $description,)+
                }
            }
        }
    };
}

declared! {
    /// An input of the action.
    Input {
        GhcrPat = "GHCR_PAT": "Classic PAT with `write:packages`. Tried first. Use one of a machine user or service account rather than a person's.";
        GhcrToken = "GHCR_TOKEN": "Another common name for the same secret. Used when `GHCR_PAT` is empty.";
        GhcrUsername = "GHCR_USERNAME": "Username for the login. GHCR ignores it, but Docker requires one. Default: the user who triggered the run.";
        GithubToken = "GITHUB_TOKEN", default "${{ github.token }}": "The `GITHUB_TOKEN` of the run. Tried second. It needs `packages: write` in the job's `permissions`.";
        LocalRunnerFallbackToken = "LOCAL_RUNNER_FALLBACK_TOKEN": "Classic PAT of a service account. Tried last, and only on self-hosted runners and under nektos/act.";
        Registry = "registry": "Registry host. Default: the one of the GitHub server, which is `ghcr.io`, `containers.SUB.ghe.com`, or `containers.HOST`.";
        Images = "images", default "${{ github.repository }}": "Images this job pushes, as `owner/name` without a tag. Separate several with newlines or commas. With `access: public` they may have a tag or digest.";
        Access = "access", default "push": "`push`; `pull` to verify and log in for pulling private images only; `public` to check whether anybody can pull, without a credential.";
        Allow = "allow": "Events to allow that are refused by default: `same-repo-pr`, `merged-pr`, `merge-queue`, `workflow-run`, `release-action`, `foreign-namespace`.";
        Verify = "verify", default "true": "Set to `false` to skip the registry check and decide from the event and the available credentials alone.";
        Required = "required", default "false": "Set to `true` to fail the step when a trusted event can't push (or pull). Pull requests and other untrusted events never fail.";
        Login = "login", default "docker-config": "`docker-config` logs Docker in for the rest of the job; `none` only decides and reports.";
        Logout = "logout", default "true": "Log out at the end of the job and restore any previous login.";
        ExpiryWarningDays = "expiry-warning-days", default "14": "Warn when the PAT in use expires within this many days; `0` for never.";
        Timeout = "timeout", default "45": "Time limit for all requests together, in seconds, from 5 to 600.";
        CaFile = "ca-file": "PEM file with certificates to trust in addition to the built-in ones, relative to the workspace. `SSL_CERT_FILE` works too.";
        SecretSource = "secret-source", default "${{ github.secret_source }}": "Internal; do not set. Marks runs that have Dependabot's secrets.";
        RunnerTemp = "runner-temp", default "host:${{ runner.temp }}": "Internal; do not set. Path where later steps find the login.";
    }
}

declared! {
    /// An output of the step.
    Output {
        Push = "push": "`true` or `false`: whether the job can push. Fits `push:` of docker/build-push-action.";
        Pull = "pull": "`true` or `false`: whether the job can pull. `true` whenever `push` is.";
        Reason = "reason": "Why, as a code. docs/reasons.md lists them all.";
        Message = "message": "Why, in one sentence.";
        Credential = "credential": "Name of the input whose credential is used, such as `GITHUB_TOKEN`; empty when there is none. Never the credential itself.";
        Username = "username": "Username of the login.";
        Registry = "registry": "Registry host of the login, for example `ghcr.io`.";
        Image = "image": "The first image, in lowercase and with its registry, for example `ghcr.io/owner/name`.";
        Images = "images": "All images in the same form, one per line.";
        LoggedIn = "logged-in": "`true` or `false`: whether Docker was logged in.";
        DockerConfig = "docker-config": "Directory of the config.json with the login, as later steps see it. Empty when Docker was not logged in.";
        ExpiresAt = "expires-at": "Expiry date of the PAT in use (RFC 3339). Empty if the PAT does not expire, or if GitHub's API did not answer in time.";
        Report = "report": "The whole answer as JSON on one line, with an entry for each credential and image that was tried.";
    }
}

impl Input {
    /// The environment variable in which the runner passes it: hyphens stay
    /// (actions/runner `Handler.cs`, `AddInputsToEnvironment`).
    pub fn variable(self) -> String {
        format!("INPUT_{}", self.name().to_ascii_uppercase())
    }
}
