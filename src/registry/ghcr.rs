//! What is GHCR's own: its name, its challenge and its words. Everything that has to know one of them reads it here.
//!
//! The words were collected from public logs; GitHub documents none of them. They stand here in lower case, since clients
//! print them in either, and as the part that never varied: `permission_denied: ` may stand before a message or not.

use crate::reason::Reason;

/// The registry of github.com, and the service that its challenge names.
pub const NAME: &str = "ghcr.io";

/// Where it hands out tokens. Its realm has been the same for years, so nobody has to ask for it.
pub const TOKEN_PATH: &str = "/token";

/// The server whose registry it is.
pub const SERVER: &str = "github.com";

/// Where it keeps its blobs: it redirects there.
pub const BLOBS: &str = "pkg-containers.githubusercontent.com";

/// The messages by which it tells why, and what each means. The first that is found counts.
pub const MESSAGES: [(&str, Reason); 9] = [
    ("does not match expected scopes", Reason::MissingScope),
    ("installation not allowed to write", Reason::PackagesPermissionMissing),
    ("installation not allowed to create", Reason::PackageCreationDenied),
    ("installation not allowed to read", Reason::PackageReadDenied),
    ("create_package", Reason::PackageCreationDenied),
    ("write_package", Reason::PackageWriteDenied),
    ("read_package", Reason::PackageReadDenied),
    ("the requested installation does not exist", Reason::ForeignInstallation),
    (UNAUTHENTICATED, Reason::BadCredential),
];

/// What it says of a credential that it does not know, with 401.
pub const UNAUTHENTICATED: &str = "user cannot be authenticated";

/// What it says in a 403 that is no refusal but throttling.
pub const THROTTLED: &str = "secondary rate limit";

/// What stands before the wait, a Go duration, in its 429: `retry-after: 10.305464ms, allowed: 2000/minute`.
pub const WAIT: &str = "retry-after: ";

/// What one of its servers says of another one's refusal: a fault that passes.
const INTERMEDIARY: &str = "error from intermediary";

/// The words of a refusal that tells nothing but that it is one: `denied`, `requested access to the resource is denied`.
const EMPTY_WORDS: [&str; 16] = [
    "403",
    "access",
    "code",
    "denied",
    "error",
    "forbidden",
    "http",
    "is",
    "not",
    "permission",
    "requested",
    "resource",
    "status",
    "the",
    "to",
    "unauthorized",
];

/// The reason that a message of GHCR's gives.
pub fn reason(message: &str) -> Option<Reason> {
    let message = message.to_ascii_lowercase();
    MESSAGES.iter().find_map(|(text, reason)| message.contains(text).then_some(*reason))
}

/// Whether a refusal's message names no cause, not even an unknown one. GHCR gives such refusals in passing, to
/// credentials that it accepts a second later; what it means it says.
pub fn names_no_cause(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    let words = || message.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    message.contains(INTERMEDIARY) || message.trim_start().starts_with('<') || words().all(|word| EMPTY_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_has_its_reason_in_any_case_and_with_anything_before_it() {
        for (message, expected) in [
            ("permission_denied: The token provided does not match expected scopes.", Some(Reason::MissingScope)),
            ("installation not allowed to Write organization package", Some(Reason::PackagesPermissionMissing)),
            ("permission_denied: installation not allowed to Create organization package", Some(Reason::PackageCreationDenied)),
            ("permission_denied: create_package", Some(Reason::PackageCreationDenied)),
            ("DENIED: PERMISSION_DENIED: WRITE_PACKAGE", Some(Reason::PackageWriteDenied)),
            ("permission_denied: read_package", Some(Reason::PackageReadDenied)),
            ("installation not allowed to Read package", Some(Reason::PackageReadDenied)),
            ("installation not allowed to Read organization package", Some(Reason::PackageReadDenied)),
            ("permission_denied: The requested installation does not exist.", Some(Reason::ForeignInstallation)),
            ("unauthenticated: User cannot be authenticated with the token provided.", Some(Reason::BadCredential)),
            ("denied", None),
            ("requested access to the resource is denied", None),
            ("", None),
        ] {
            assert_eq!(reason(message), expected, "{message}");
        }
    }

    #[test]
    fn a_refusal_that_names_no_cause_is_told_from_one_that_names_an_unknown_one() {
        for passing in [
            "",
            " \n",
            "denied",
            "denied: denied",
            "Access denied.",
            "403 Forbidden",
            "permission_denied",
            "requested access to the resource is denied",
            "permission_denied: Error from intermediary with HTTP status code 403 \"Forbidden\"",
            "<html><body>Whoa there!</body></html>",
            "\n<!DOCTYPE html>",
        ] {
            assert!(names_no_cause(passing), "{passing}");
        }
        for named in ["permission_denied: write_package", "invalid token", "Your organization's policy forbids this.", "denied by policy"] {
            assert!(!names_no_cause(named), "{named}");
        }
    }
}
