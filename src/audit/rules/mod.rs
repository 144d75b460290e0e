//! What the audit looks for.

mod credentials;
mod guards;
mod images;
mod permissions;

use super::{Finding, job::Scope};
use crate::workflow::Unreadable;

/// Declares each rule once.
macro_rules! rules {
    ($($(#[$doc:meta])+ $rule:ident = $code:literal,)+) => {
        /// A rule. The codes are stable: people exclude findings by them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $($(#[$doc])+ $rule,)+
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
        }
    };
}

rules! {
    /// The file is not a workflow that can be read, so nothing is known of it.
    UnreadableWorkflow = "unreadable-workflow",
    /// A job pushes with a `GITHUB_TOKEN` that nothing gives `packages: write`.
    PackagesWriteMissing = "packages-write-missing",
    /// A push in a run that anybody can start and that holds the repository's secrets.
    PrivilegedTriggerPush = "privileged-trigger-push",
    /// A push in the run of a pull request that nothing keeps from fork's pull requests.
    PullRequestPush = "pull-request-push",
    /// A push kept from Dependabot by `github.actor`, which is whoever started the run last.
    ActorGuard = "actor-guard",
    /// A push kept from forks by a `.fork` flag, which does not say where the code comes from.
    ForkFlagGuard = "fork-flag-guard",
    /// A secret with the job's token as fallback, which an expired secret never falls back to.
    TokenFallback = "token-fallback",
    /// A person's token where a service account's belongs.
    PersonalToken = "personal-token",
    /// A fine-grained token, which GHCR does not take.
    FineGrainedToken = "fine-grained-token",
    /// An image name with upper-case letters, which registries refuse.
    UpperCaseImage = "upper-case-image",
    /// A login to GHCR that fails, instead of standing aside, where the credential is missing or refused.
    UnguardedLogin = "unguarded-login",
}

impl Rule {
    /// Whether the finding is advice: what it is about works, but less well than it could.
    pub const fn is_advice(self) -> bool {
        matches!(self, Self::PersonalToken | Self::UnguardedLogin)
    }
}

/// The finding for a file that could not be read.
pub(super) fn unreadable(path: &str, unreadable: Unreadable) -> Finding {
    Finding {
        rule: Rule::UnreadableWorkflow,
        file: path.to_owned(),
        line: unreadable.line.unwrap_or(1),
        message: format!("The file {unreadable}, so it was not audited."),
        fix: "Mend the file; GitHub does not run it like this. If it is no workflow, move it out of .github/workflows.".to_owned(),
    }
}

/// Every finding in some jobs, in no order.
pub(super) fn findings(scopes: &[Scope<'_>]) -> Vec<Finding> {
    let alone = scopes.iter().flat_map(|scope| {
        [permissions::missing(scope), guards::findings(scope), credentials::findings(scope), images::upper_case(scope)].concat()
    });
    alone.chain(permissions::callers(scopes)).collect()
}

impl Scope<'_> {
    fn finding(&self, rule: Rule, line: usize, message: String, fix: String) -> Finding {
        Finding { rule, file: self.file.to_owned(), line, message, fix }
    }
}
