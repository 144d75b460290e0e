//! What the audit looks for.

mod credentials;
mod fix;
mod ghcr_auth;
mod guarding;
mod guards;
mod images;
mod owner;
mod packages;
mod permissions;

use self::fix::Fix;
use super::{Finding, Severity, calls::Calls, job::AuditedJob};
use crate::workflow::Unreadable;

/// Declares each rule once.
macro_rules! rules {
    ($($rule:ident = $code:literal: $summary:literal,)+) => {
        /// A rule. The codes are stable: people exclude findings by them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $summary] $rule,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$rule,)+];

            /// The code, as `--json` and the documentation spell it.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$rule => $code,)+
                }
            }

            /// What was found, in a sentence.
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$rule => $summary,)+
                }
            }
        }
    };
}

rules! {
    UnreadableWorkflow = "unreadable-workflow": "A file that is not a workflow GitHub can read, so it was not audited.",
    PackagesWriteMissing = "packages-write-missing": "A job pushes with `GITHUB_TOKEN` without `packages: write`, or calls a workflow of this repository that does.",
    PrivilegedTriggerPush = "privileged-trigger-push": "A push on `pull_request_target` or `issue_comment`, which anybody can start and which has the secrets.",
    PullRequestPush = "pull-request-push": "A push on `pull_request` that nothing keeps from pull requests of forks.",
    ActorGuard = "actor-guard": "A push kept from Dependabot by `github.actor`, which is not the author of the code.",
    ForkFlagGuard = "fork-flag-guard": "A push kept from forks by a `.fork` flag, which doesn't show where the code comes from.",
    TokenFallback = "token-fallback": "`secrets.X || secrets.GITHUB_TOKEN`: an expired secret is not empty, so it wins.",
    FineGrainedToken = "fine-grained-token": "A fine-grained PAT, by the secret's name or written into the file; GHCR accepts classic PATs only.",
    UpperCaseImage = "upper-case-image": "An image name with uppercase letters, which registries reject.",
    NameWithoutRegistry = "name-without-registry": "A push to a name without `ghcr.io/`, which goes to Docker Hub, from a job that logs in to GHCR only.",
    LoginWithoutRegistry = "login-without-registry": "docker/login-action without `registry`, which logs in to Docker Hub, with `GITHUB_TOKEN` or a PAT for GHCR.",
    RunnerWithoutDocker = "runner-without-docker": "ghcr-auth as a container action on a runner that runs none.",
    AttestationLogin = "attestation-login": "An attestation for the registry after the container action: it reads the home's own config.json.",
    UnguardedCache = "unguarded-cache": "`cache-to: type=registry` on `pull_request`, which writes whatever `push` says.",
    PushOutsideImages = "push-outside-images": "A push, or a cache, to a package that is not among the `images` that ghcr-auth checks.",
    LoginOverwritten = "login-overwritten": "A later step that logs in to GHCR over ghcr-auth's login, such as setup-crane.",
    StepBeforeGhcrAuth = "step-before-ghcr-auth": "A login or builder of an earlier step, which the container action hides.",
    NeverPushes = "never-pushes": "ghcr-auth in a workflow whose events it never allows to push.",
    AppToken = "app-token": "A login with the token of a GitHub App, which can't write an organization's packages.",
    VisibilityByApi = "visibility-by-api": "A call of GitHub's API that sets a package's visibility: there is none.",
    UpperCaseOwner = "upper-case-owner": "`ghcr.io/${{ github.repository }}` where nothing lowercases it: the owner may have uppercase letters.",
    PrivateJobContainer = "private-job-container": "A job container from GHCR without `credentials` or `packages: read`.",
    PersonalToken = "personal-token": "A PAT that seems to belong to a person, where a service account's should be used.",
    UnguardedLogin = "unguarded-login": "A login action for GHCR without ghcr-auth before it.",
}

/// The finding for a file that GitHub reads as no workflow.
pub fn unreadable(path: &str, unreadable: Unreadable) -> Finding {
    let fix = "Fix the file; GitHub cannot run it. If it is not a workflow, move it out of .github/workflows.";
    unread(path, unreadable.line.unwrap_or(1), &unreadable.to_string(), fix)
}

/// The finding for a file that was not audited: why not, and what to do.
pub fn unread(path: &str, line: usize, why: &str, fix: &str) -> Finding {
    Finding {
        rule: Rule::UnreadableWorkflow,
        severity: Severity::Error,
        file: path.to_owned(),
        line,
        message: format!("The file {why}, so it was not audited."),
        fix: fix.to_owned(),
        edits: Vec::new(),
    }
}

/// What keeps an answer of ghcr-auth from coming true, in no order.
pub(super) fn around_ghcr_auth(job: &AuditedJob<'_>) -> Vec<Finding> {
    [ghcr_auth::findings(job), ghcr_auth::without_registry(job), images::upper_case(job)].concat()
}

/// Every finding in some jobs, in no order.
pub(super) fn findings(calls: &Calls<'_, '_>) -> Vec<Finding> {
    let mut of_conditions = guards::OfConditions::new();
    let of_job = |job| {
        let of_ghcr_auth = [around_ghcr_auth(job), owner::findings(job)].concat();
        let of_packages = [packages::unguarded_cache(calls, job), packages::visibility(job), packages::app_token(job)].concat();
        let of_permissions = permissions::finding(calls, job).into_iter().collect();
        [of_ghcr_auth, of_packages, credentials::findings(calls, job), of_permissions, guards::findings(calls, job, &mut of_conditions)]
            .concat()
    };
    calls.jobs.iter().flat_map(of_job).chain(packages::job_containers(calls)).collect()
}

impl AuditedJob<'_> {
    /// A finding; the job's name goes before its message.
    fn finding(&self, rule: Rule, severity: Severity, line: usize, message: &str, fix: impl Into<Fix>) -> Finding {
        let Fix { text, edits } = fix.into();
        let message = format!("Job `{}` {message}", self.key());
        Finding { rule, severity, file: self.around.file.to_owned(), line, message, fix: text, edits }
    }
}
