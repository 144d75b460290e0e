//! The reason codes: the closed vocabulary in which every answer is given.

/// Declares each code once, with its meaning: those of the event (docs/trust.md), and those of the registry.
macro_rules! reasons {
    (
        trust { $($trust:ident = $trust_code:literal: $trust_meaning:literal,)+ }
        registry { $($registry:ident = $registry_code:literal: $registry_meaning:literal,)+ }
    ) => {
        /// Why the answer is what it is. The codes are stable: workflows branch on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reason {
            $(#[doc = $trust_meaning] $trust,)+
            $(#[doc = $registry_meaning] $registry,)+
        }

        impl Reason {
            /// Every reason, those of the event first.
            pub const ALL: &[Self] = &[$(Self::$trust,)+ $(Self::$registry,)+];

            /// The code as outputs, `report` and the documentation spell it.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$trust => $trust_code,)+
                    $(Self::$registry => $registry_code,)+
                }
            }

            /// What it says, in a few words, as docs/reasons.md has it.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$trust => $trust_meaning,)+
                    $(Self::$registry => $registry_meaning,)+
                }
            }

            /// Whether GitHub's registry states it in words of its own.
            pub const fn is_stated(self) -> bool {
                matches!(
                    self,
                    Self::MissingScope
                        | Self::PackagesPermissionMissing
                        | Self::PackageCreationDenied
                        | Self::PackageWriteDenied
                        | Self::PackageReadDenied
                        | Self::ForeignInstallation
                )
            }

            /// Whether the event, not a credential or the registry, is what stands in the way.
            pub const fn is_about_the_event(self) -> bool {
                matches!(self, $(Self::$trust)|+)
            }
        }
    };
}

reasons! {
    trust {
        ForkPr = "fork-pr": "The pull request comes from a fork",
        ForkDeleted = "fork-deleted": "The pull request comes from a fork that was deleted",
        SameRepoPr = "same-repo-pr": "The pull request comes from a branch of this repository",
        Dependabot = "dependabot": "Dependabot started the run, or the branch is Dependabot's",
        PrivilegedUntrustedTrigger = "privileged-untrusted-trigger": "The event is `pull_request_target`",
        PrOriginUndeterminable = "pr-origin-undeterminable": "The event is a comment or a review",
        WorkflowRunUntrustedSource = "workflow-run-untrusted-source": "The run follows a run of a pull request, a comment, a fork, or the merge queue",
        WorkflowRunNotSuccessful = "workflow-run-not-successful": "The run follows a run that did not succeed",
        WorkflowRun = "workflow-run": "The run follows a trusted one of this repository that succeeded",
        MergeQueue = "merge-queue": "The event is `merge_group`",
        MergeQueueRef = "merge-queue-ref": "The push is to the merge queue's temporary branch",
        ReleaseAction = "release-action": "A release was changed, not published (`created` and `edited` can be allowed)",
        RefDeleted = "ref-deleted": "A branch or tag was deleted",
        MergedPr = "merged-pr": "A pull request of this repository was merged",
        UsePushEvent = "use-push-event": "A pull request of this repository was closed and not merged",
        ForeignNamespace = "foreign-namespace": "This repository is a fork and an image belongs to another owner",
        LocalRunner = "local-runner": "The run is local (nektos/act) and has no `LOCAL_RUNNER_FALLBACK_TOKEN`",
        PayloadUnreadable = "payload-unreadable": "The event's data is missing or broken",
        PayloadIncomplete = "payload-incomplete": "The event's data lacks the repository or the head of the pull request",
        PayloadMismatch = "payload-mismatch": "The event's data contradicts the runner's variables",
        UnsupportedEvent = "unsupported-event": "The event is not one of those that can publish",
        UnsupportedServer = "unsupported-server": "The runner belongs to Gitea or Forgejo",
    }
    registry {
        Allowed = "allowed": "The registry accepted the credential for every image",
        BadCredential = "bad-credential": "The token has expired, was revoked, or belongs to another server",
        MissingScope = "missing-scope": "The PAT lacks `write:packages`",
        FineGrainedPat = "fine-grained-pat": "A fine-grained PAT was rejected; GHCR accepts only classic ones",
        PackagesPermissionMissing = "packages-permission-missing": "The job lacks `packages: write`, or it is a GitHub App's token",
        PackageCreationDenied = "package-creation-denied": "The package doesn't exist, and this token can't create it",
        PackageWriteDenied = "package-write-denied": "The package exists, but this repository or user can't write to it",
        PackageReadDenied = "package-read-denied": "This token can't even read the package",
        ForeignInstallation = "foreign-installation": "GITHUB_TOKEN was tried on another owner's package",
        Denied = "denied": "Rejected for an unknown reason",
        RateLimited = "rate-limited": "Too many requests from this account or address",
        RegistryUnreachable = "registry-unreachable": "No address, no connection, or a proxy that refused it",
        RegistryTimeout = "registry-timeout": "No answer in time",
        RegistryUnavailable = "registry-unavailable": "Server errors after three attempts",
        TlsError = "tls-error": "No trusted TLS connection",
        RealmRefused = "realm-refused": "The registry asks to send the credential to another host; it was not sent",
        RedirectRefused = "redirect-refused": "The registry redirects instead of answering",
        RegistryProtocol = "registry-protocol": "The answer isn't that of a container registry",
        NoCredential = "no-credential": "No credential input has a value",
        CredentialMalformed = "credential-malformed": "The secret's value can't be a token; it was not sent",
        RegistryServerMismatch = "registry-server-mismatch": "`GITHUB_TOKEN` is not sent to another server's registry",
        Unverified = "unverified": "Yes, but not proven: `verify` is `false`",
        InvalidInput = "invalid-input": "An input is invalid",
        InvalidImage = "invalid-image": "An image name is invalid",
        NotPublic = "not-public": "Not everybody can pull the package: it is private, or not there",
        LoginFailed = "login-failed": "The registry said yes, but config.json could not be written",
        Internal = "internal": "A bug; please report it",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let codes: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }
}
