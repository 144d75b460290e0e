//! The reason codes: the closed vocabulary in which every answer is given.

/// Declares each code once; the two groups are sections 3 and 5 of the contract.
macro_rules! reasons {
    (trust { $($trust:ident = $trust_code:literal,)+ } registry { $($registry:ident = $registry_code:literal,)+ }) => {
        /// Why the answer is what it is. The codes are stable: workflows branch on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reason {
            $(#[doc = concat!("`", $trust_code, "`")] $trust,)+
            $(#[doc = concat!("`", $registry_code, "`")] $registry,)+
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

            /// Whether the event, not a credential or the registry, is what stands in the way.
            pub const fn is_about_the_event(self) -> bool {
                matches!(self, $(Self::$trust)|+)
            }
        }
    };
}

reasons! {
    trust {
        ForkPr = "fork-pr",
        ForkDeleted = "fork-deleted",
        SameRepoPr = "same-repo-pr",
        Dependabot = "dependabot",
        PrivilegedUntrustedTrigger = "privileged-untrusted-trigger",
        PrOriginUndeterminable = "pr-origin-undeterminable",
        WorkflowRunUntrustedSource = "workflow-run-untrusted-source",
        WorkflowRunNotSuccessful = "workflow-run-not-successful",
        WorkflowRun = "workflow-run",
        MergeQueue = "merge-queue",
        MergeQueueRef = "merge-queue-ref",
        ReleaseAction = "release-action",
        RefDeleted = "ref-deleted",
        UsePushEvent = "use-push-event",
        ForeignNamespace = "foreign-namespace",
        LocalRunner = "local-runner",
        PayloadUnreadable = "payload-unreadable",
        PayloadIncomplete = "payload-incomplete",
        PayloadMismatch = "payload-mismatch",
        UnsupportedEvent = "unsupported-event",
        UnsupportedServer = "unsupported-server",
    }
    registry {
        Allowed = "allowed",
        BadCredential = "bad-credential",
        MissingScope = "missing-scope",
        FineGrainedPat = "fine-grained-pat",
        PackagesPermissionMissing = "packages-permission-missing",
        PackageCreationDenied = "package-creation-denied",
        PackageWriteDenied = "package-write-denied",
        PackageReadDenied = "package-read-denied",
        ForeignInstallation = "foreign-installation",
        Denied = "denied",
        RateLimited = "rate-limited",
        RegistryUnreachable = "registry-unreachable",
        RegistryTimeout = "registry-timeout",
        RegistryUnavailable = "registry-unavailable",
        TlsError = "tls-error",
        RealmRefused = "realm-refused",
        RedirectRefused = "redirect-refused",
        RegistryProtocol = "registry-protocol",
        NoCredential = "no-credential",
        CredentialMalformed = "credential-malformed",
        RegistryServerMismatch = "registry-server-mismatch",
        Unverified = "unverified",
        InvalidInput = "invalid-input",
        InvalidImage = "invalid-image",
        LoginFailed = "login-failed",
        Internal = "internal",
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
