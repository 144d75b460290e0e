//! The marked secrets: random, each in one place, none of them ever real.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::leak_scan::{Leak, LeakScan};

pub(crate) const PAT: &str = "ghp_YnWc3sMSsZIVeM9sMYSaJBVrzehUOp0kD490";
/// `GHCR_TOKEN`.
pub(crate) const OTHER_PAT: &str = "ghp_oV9OYhNPbCtRo1KwlVK4ALL0uMP25FrW3X9t";
/// In the form that GitHub gives job tokens since 2026.
pub(crate) const JOB_TOKEN: &str = concat!(
    "ghs_123456_eyJkreOkhfGku0r0E09ID0WnsFysDn9qh.",
    "eyJB8sySYZ9mqwcoZYRa00P22KgPNvJZVp79UvzYBSCX98wx9FMbH.Q9n6mdqohN4JVUBqJT9V-0pytp9fX9CJO_43YKYzXaSp"
);
pub(crate) const FALLBACK: &str = "ghp_qkAGN4Id19OCKfFEaHq2O9XgHtHsQgCYrDLV";
/// In `HTTPS_PROXY`.
pub(crate) const PROXY_PASSWORD: &str = "hcsJsDeG6CBNgB4CCyOpa2dh";
/// `ACTIONS_RUNTIME_TOKEN`.
pub(crate) const RUNTIME: &str =
    "eyJApES6pHRtc1QlRwb1X6aFofQOo3PHv.eyJsshRsaoX0BocNDEP3Wy1eYVpFFmb6eK1dywtuRC1.BJshPIiXSrNkial0OTS9wLJAOMYrXPKG7wjancRd";
/// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
pub(crate) const IDENTITY: &str =
    "eyJQOKXYDKx2IDMOfZiC8YtfO1tSAx6eB.eyJ0pwINHDeRMYiKXsbQU8tEwXbMi41wnenn7H40Fjp.xXu6UeeE2HOO0lNgKCASRw4Gkp6GthVV2I3Ekn08";
/// In config.json before us.
pub(crate) const PREVIOUS: &str = "ghp_5pBJwWm82S7yAAZ4osNy1wjOcq86ZDIOz4qc";
/// What the registry hands out where it is not the credential itself.
pub(crate) const BEARER: &str = "EynTEnHeWwqqrGS7bRRjWBvajUenOUWiuDuFVw8m";
/// Pasted where no secret belongs, and nowhere else.
pub(crate) const STRAY: &str = "ghp_u1KtIdAot6vVSxndNowa79l8pVQpULhpi3qj";

/// The name under which [`PREVIOUS`] is reported.
pub(crate) const PREVIOUS_LABEL: &str = "the previous entry";

/// The inputs that hold credentials, in the order in which they are tried.
pub(crate) const CREDENTIALS: [(&str, &str); 4] =
    [("GHCR_PAT", PAT), ("GHCR_TOKEN", OTHER_PAT), ("GITHUB_TOKEN", JOB_TOKEN), ("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK)];

static SCAN: LazyLock<LeakScan> = LazyLock::new(|| {
    let others = [
        ("the proxy's password", PROXY_PASSWORD),
        ("ACTIONS_RUNTIME_TOKEN", RUNTIME),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", IDENTITY),
        (PREVIOUS_LABEL, PREVIOUS),
        ("the registry's bearer", BEARER),
        ("a token in a wrong place", STRAY),
    ];
    LeakScan::new(&[&CREDENTIALS[..], &others].concat())
});

/// The secrets of which a piece is in a text.
pub(crate) fn leaks(content: &[u8]) -> Vec<Leak> {
    SCAN.scan(content)
}

/// `base64(user:token)`: HTTP Basic and docker's `auth`.
pub(crate) fn basic(user: &str, token: &str) -> String {
    STANDARD.encode(format!("{user}:{token}"))
}

/// What a hostile server can make of a secret that it knows.
pub(crate) fn forms(token: &str) -> [String; 4] {
    let backwards = token.chars().rev().collect();
    [token.to_owned(), STANDARD.encode(token), basic("alice", token), backwards]
}
