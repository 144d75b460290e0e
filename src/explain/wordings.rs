//! What a failed push or pull says, and what it means: data only.
//!
//! The wordings are tried in this order, in lower case; the first that fits a line decides. They are GHCR's own messages,
//! and how docker, containerd, podman, go-containerregistry, oras, helm and others word them.

use std::sync::LazyLock;

use super::phrases::Phrases;
use crate::{
    diagnosis::situation::Operation::{self, Delete},
    reason::Reason::{
        self, BadCredential, Denied, FineGrainedPat, ForeignInstallation, InvalidImage, MissingScope, NoCredential, PackageCreationDenied,
        PackageReadDenied, PackageWriteDenied, PackagesPermissionMissing, RateLimited, RegistryProtocol, RegistryTimeout,
        RegistryUnavailable, RegistryUnreachable, TlsError,
    },
};
use SaidBy::{Answer, Anyone, Around, Line, Registry, RegistryOrNobody};

/// Whose word a wording has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SaidBy {
    /// Only GitHub says it; it counts unless the line is about npm, Maven or another registry.
    Anyone,
    /// The registry named last, in the line or before it, is GitHub's.
    Registry,
    /// The same, or the log names no registry before.
    RegistryOrNobody,
    /// The line names GitHub's registry before it, and no other in between.
    Line,
    /// The line names GitHub's registry right before or right after it.
    Around,
    /// The line names it before, or is plainly a client's report of an answer of the registry named last, or of one
    /// that the log never names.
    Answer,
}

/// A wording and what it means.
#[derive(Debug)]
pub(super) struct Wording {
    text: &'static str,
    and: &'static [&'static str],
    not: &'static [&'static str],
    /// What has to be tried for it to mean this.
    pub to: Option<Operation>,
    /// What it means.
    pub reason: Reason,
    /// Whose word it has to be.
    pub said_by: SaidBy,
}

const fn says(text: &'static str, reason: Reason, said_by: SaidBy) -> Wording {
    Wording { text, and: &[], not: &[], to: None, reason, said_by }
}

impl Wording {
    /// Each of these has to stand in the line, too.
    const fn and(mut self, and: &'static [&'static str]) -> Self {
        self.and = and;
        self
    }

    /// None of these may stand in it.
    const fn not(mut self, not: &'static [&'static str]) -> Self {
        self.not = not;
        self
    }

    /// Only where this is tried.
    const fn to(mut self, operation: Operation) -> Self {
        self.to = Some(operation);
        self
    }

    /// Whether the rest of the line agrees.
    fn holds(&self, lower: &str) -> bool {
        self.and.iter().all(|text| lower.contains(text)) && !self.not.iter().any(|text| lower.contains(text))
    }
}

/// The wordings that a line in lower case holds, in the order in which they are tried: begin and end of each.
pub(super) fn of(lower: &str) -> impl Iterator<Item = (&'static Wording, usize, usize)> {
    static TEXTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(WORDINGS.iter().map(|wording| wording.text)));
    let found = TEXTS.of(lower).into_iter().map(|(index, at)| (&WORDINGS[index], at));
    found.filter(|(wording, _)| wording.holds(lower)).map(|(wording, at)| (wording, at, at + wording.text.len()))
}

/// The texts of all wordings.
pub(super) fn texts() -> impl Iterator<Item = &'static str> {
    WORDINGS.iter().flat_map(|wording| [wording.text].into_iter().chain(wording.and.iter().copied()))
}

static WORDINGS: &[Wording] = &[
    // --- limits: they come as 403, too, and say nothing about permissions ---
    says("secondary rate limit", RateLimited, Registry),
    says("toomanyrequests: retry-after", RateLimited, Anyone),
    says("retry-after: ", RateLimited, Anyone).and(&["allowed: ", "/minute"]),
    says("toomanyrequests", RateLimited, Registry).not(&["pull rate limit"]),
    says("429 too many requests", RateLimited, Registry).not(&["pull rate limit"]),
    says("too many requests", RateLimited, Line).not(&["pull rate limit"]),
    says("status code 429", RateLimited, Answer),
    says("error parsing http 429 response body", RateLimited, Registry),
    // --- GitHub's own words ---
    says("does not match expected scopes", MissingScope, Anyone),
    says("not allowed to create organization package", PackageCreationDenied, Anyone),
    says("permission_denied: create_package", PackageCreationDenied, Anyone),
    says("not allowed to write organization package", PackagesPermissionMissing, Anyone),
    says("is requesting '", PackagesPermissionMissing, Anyone).and(&["packages: write", "but is only allowed"]),
    says("permission_denied: write_package", PackageWriteDenied, Anyone),
    says("permission_denied: read_package", PackageReadDenied, Anyone),
    says("not allowed to read organization package", PackageReadDenied, Anyone),
    says("the requested installation does not exist", ForeignInstallation, Anyone),
    says("user cannot be authenticated", BadCredential, Anyone),
    says("not_found: owner not found", Denied, Anyone),
    says("error from intermediary", Denied, Anyone),
    says("unable to connect to authzd", Denied, Anyone),
    says("failed_precondition: ", Denied, Registry),
    says("improved container support has not been enabled", Denied, Anyone),
    says("package not found", Denied, Anyone).to(Delete),
    says("resource not accessible by", Denied, Anyone).to(Delete),
    says("permission_denied: ", Denied, Anyone).and(&["denied: permission_denied: "]),
    says("not accessible by personal access token", FineGrainedPat, Line),
    // --- image names ---
    says("push refers to repository [ghcr.io//", InvalidImage, Anyone),
    says("failed to fetch anonymous token", InvalidImage, Registry).and(&["400 bad request"]),
    says("failed to fetch oauth token", InvalidImage, Registry).and(&["400 bad request"]),
    says("repository name", InvalidImage, RegistryOrNobody).and(&["must be lowercase"]),
    says("repository can only contain the characters", InvalidImage, Registry),
    says("invalid reference: invalid repository", InvalidImage, Line),
    says("more than 255 characters", InvalidImage, Registry).and(&["repository name"]),
    says("invalid reference format", InvalidImage, Line),
    says("could not parse reference", InvalidImage, Around),
    says("invalid_reference", InvalidImage, Line),
    says("invalidimagename", InvalidImage, Line),
    // --- no credential was given, or none was sent ---
    says("username and password required", NoCredential, Registry),
    says("error: password required", NoCredential, Registry),
    says("error: username required", NoCredential, Registry),
    says("input required and not supplied: password", NoCredential, Registry),
    says("input required and not supplied: username", NoCredential, Registry),
    says("cannot perform an interactive login from a non", NoCredential, Registry),
    says("must provide --username with --password-stdin", NoCredential, Registry),
    says("password is empty", NoCredential, Registry),
    says("no basic auth credentials", NoCredential, Registry),
    says("no credential found for registry", NoCredential, Around),
    says("no credentials found for registry", NoCredential, Around),
    says("basic credential not found", NoCredential, Registry),
    says("failed to fetch anonymous token", NoCredential, Registry).and(&[" 401"]),
    says("failed to fetch anonymous token", NoCredential, Registry).and(&[" 403"]),
    says("failed to fetch anonymous token", NoCredential, Registry).and(&["denied"]),
    // --- the credential is dead: the token endpoint or the login says so ---
    says("denied: denied", BadCredential, Registry),
    says("\"code\":\"denied\",\"message\":\"denied\"", BadCredential, Registry),
    says("invalid username/password", BadCredential, Registry),
    says("error: http 403", BadCredential, Line).and(&["fetch bearer token"]),
    says("error: http 401", BadCredential, Line).and(&["fetch bearer token"]),
    says("failed to fetch oauth token", BadCredential, RegistryOrNobody).and(&[" 403"]),
    says("failed to fetch oauth token", BadCredential, Registry).and(&[" 401"]),
    says("failed to fetch oauth token", BadCredential, Registry).and(&["denied"]),
    says("bearer token: invalid status code from registry 403", BadCredential, Registry),
    says("bearer token: invalid status code from registry 401", BadCredential, Registry),
    says("bear token: invalid status code from registry 403", BadCredential, Registry),
    says("bear token: invalid status code from registry 401", BadCredential, Registry),
    says("/v2/\": unauthorized", BadCredential, Line),
    says("/v2/: unauthorized", BadCredential, Line),
    says("login attempt to", BadCredential, Line).and(&["401 unauthorized"]),
    says("login attempt to", BadCredential, Line).and(&["403 forbidden"]),
    says("invalid username or password", BadCredential, Line),
    says("auth attempt failed. status: 401", NoCredential, Registry),
    says("authentication required", NoCredential, Registry),
    // --- no certificate to trust ---
    says("x509: ", TlsError, Line),
    says("failed to verify certificate", TlsError, Line),
    says("certificate verify failed", TlsError, Line),
    says("certificate_verify_failed", TlsError, Line),
    says("remote error: tls", TlsError, Line),
    says("tls: ", TlsError, Line).and(&["handshake"]).not(&["timeout"]),
    says("server gave http response to https client", TlsError, Line),
    says("ssl certificate problem", TlsError, Line),
    // --- no answer in time ---
    says("context deadline exceeded", RegistryTimeout, Line),
    says("client.timeout", RegistryTimeout, Line),
    says("i/o timeout", RegistryTimeout, Line),
    says("tls handshake timeout", RegistryTimeout, Line),
    says("timed out", RegistryTimeout, Line),
    says("timeout awaiting response headers", RegistryTimeout, Line),
    says("request canceled while waiting for connection", RegistryTimeout, Line),
    says("etimedout", RegistryTimeout, Line),
    says("deadlineexceeded", RegistryTimeout, Line),
    // --- no connection ---
    says("no such host", RegistryUnreachable, Line),
    says("dial tcp: lookup ", RegistryUnreachable, Around),
    says("enotfound", RegistryUnreachable, Around),
    says("econnrefused", RegistryUnreachable, Line),
    says("econnrefused", RegistryUnreachable, Registry).and(&[":443"]),
    says("econnreset", RegistryUnreachable, Line),
    says("name or service not known", RegistryUnreachable, Line),
    says("temporary failure in name resolution", RegistryUnreachable, Line),
    says("could not resolve host", RegistryUnreachable, Around),
    says("connection refused", RegistryUnreachable, Line),
    says("connection reset by peer", RegistryUnreachable, Line),
    says("forcibly closed by the remote host", RegistryUnreachable, Line),
    says("broken pipe", RegistryUnreachable, Line),
    says("use of closed network connection", RegistryUnreachable, Line),
    says("no route to host", RegistryUnreachable, Line),
    says("network is unreachable", RegistryUnreachable, Line),
    says("proxyconnect tcp", RegistryUnreachable, Line),
    says("transport connection broken", RegistryUnreachable, Line),
    says("http2: client connection lost", RegistryUnreachable, Line),
    says("stream error: stream id", RegistryUnreachable, Line),
    says(": unexpected eof", RegistryUnreachable, Line),
    says("\": eof", RegistryUnreachable, Line),
    says("/: eof", RegistryUnreachable, Line),
    // --- the registry's own failure ---
    says("500 internal server error", RegistryUnavailable, Answer),
    says("502 bad gateway", RegistryUnavailable, Answer),
    says("503 service unavailable", RegistryUnavailable, Answer),
    says("504 gateway time", RegistryUnavailable, Answer),
    says("503 (service unavailable)", RegistryUnavailable, Answer),
    says("502 (bad gateway)", RegistryUnavailable, Answer),
    says("500 (internal server error)", RegistryUnavailable, Answer),
    says("504 (gateway time", RegistryUnavailable, Answer),
    says("status code 500", RegistryUnavailable, Answer),
    says("status code 502", RegistryUnavailable, Answer),
    says("status code 503", RegistryUnavailable, Answer),
    says("status code 504", RegistryUnavailable, Answer),
    says("statuscode: 50", RegistryUnavailable, Answer),
    says("error parsing http 50", RegistryUnavailable, Registry),
    says("bad gateway", RegistryUnavailable, Line),
    says("service unavailable", RegistryUnavailable, Line),
    says("unknown: unknown error", RegistryUnavailable, Registry),
    // --- an upload that was lost ---
    says("cannot reuse body, request must be retried", RegistryUnavailable, Registry),
    says("unknown blob", RegistryUnavailable, Registry),
    says("blob upload unknown", RegistryUnavailable, Registry),
    says("blob_upload_unknown", RegistryUnavailable, Registry),
    says("blob_upload_invalid", RegistryUnavailable, Registry),
    says("405 method not allowed", RegistryUnavailable, Line).and(&["/blobs/upload"]),
    says("405 (method not allowed)", RegistryUnavailable, Line).and(&["/blobs/upload"]),
    says("400 bad request", RegistryProtocol, Line).and(&["/v2/"]),
    // --- a refusal without a reason ---
    says("requested access to the resource is denied", Denied, Registry),
    says("permission to access this feature", Denied, Line),
    says("provide registry credentials with 'docker login", Denied, Line),
    says("denied: invalid token", Denied, Registry),
    says("billing-related error", Denied, Registry),
    says("ip allow list enabled", Denied, Line),
    says("saml enforcement", Denied, Line),
    says("error parsing http 403 response body", Denied, Registry),
    says("error parsing http 401 response body", Denied, Registry),
    says("403 forbidden", Denied, Answer),
    says("403 (forbidden)", Denied, Answer),
    says("status code 403", Denied, Answer),
    says("status: 403", Denied, Answer),
    says("401 unauthorized", Denied, Answer),
    says("401 (unauthorized)", Denied, Answer),
    says("status code 401", Denied, Answer),
    says("status: 401", Denied, Answer),
    says("unexpected status code '403'", Denied, Answer),
    says("unexpected status code '401'", Denied, Answer),
    says("statuscode: 403", Denied, Answer),
    says("statuscode: 401", Denied, Answer),
    says("received 403", Denied, Line),
    says("received 401", Denied, Line),
    says("error response from daemon: denied", Denied, Registry),
    says("error response from daemon: unauthorized", Denied, Registry),
    says("from registry: denied", Denied, Registry),
    says("from registry: unauthorized", Denied, Registry),
    says("failed to authorize: ", Denied, Line).and(&["denied"]),
    says("access denied for ", Denied, Around),
    says("unauthorized for ", Denied, Around),
    says("access denied, repository does not exist or may require authorization", Denied, Line),
    says(": denied", Denied, Line),
    says(": unauthorized", Denied, Line),
    says("unauthorized: ", Denied, Line),
    says("denied: ", Denied, Answer),
    says("returned error: 401", Denied, Around),
    says("returned error: 403", Denied, Around),
    says("returned error: 429", RateLimited, Around),
    says("http status: 401", Denied, Answer),
    says("http status: 403", Denied, Answer),
    says("status=401", Denied, Line),
    says("status=403", Denied, Line),
    says("http status 401", Denied, Line),
    says("http status 403", Denied, Line),
    says("http error 401", Denied, Around),
    says("http error 403", Denied, Around),
    says("code: 401", Denied, Line),
    says("code: 403", Denied, Line),
    says("code 401", Denied, Line),
    says("code 403", Denied, Line),
    says("failed to look up docker package", Denied, Around),
    says("failed to look up dependency", Denied, Around),
    says("datasource unauthorized", Denied, Line),
    says("response code 401 (unauthorized)", Denied, Registry),
    says("private_source_authentication_failure", Denied, Around),
    says("failed to get token from", Denied, Around).and(&["40"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wording_is_lower_case_and_means_a_code_that_is_about_the_registry() {
        for wording in WORDINGS {
            let texts = [&wording.text].into_iter().chain(wording.and).chain(wording.not);
            assert!(texts.into_iter().all(|text| *text == text.to_ascii_lowercase()), "{}", wording.text);
            assert!(!wording.reason.is_about_the_event(), "{}", wording.text);
        }
    }

    #[test]
    fn what_ghcr_says_means_the_same_here_as_in_the_action() {
        for (message, reason) in crate::registry::ghcr::MESSAGES {
            let clients = [
                format!("denied: permission_denied: {message} organization package"),
                format!("denied: {message} with the token provided"),
            ];
            let found = clients.iter().find_map(|line| of(line).next()).map(|(wording, _, _)| wording.reason);
            assert_eq!(found, Some(reason), "src/explain/wordings.rs takes `{message}` of src/registry/ghcr.rs for something else");
        }
    }

    #[test]
    fn no_wording_is_hidden_by_one_before_it() {
        for wording in WORDINGS {
            let line = format!("{} {}", wording.text, wording.and.join(" "));
            let first = of(&line).map(|(first, _, _)| first).next().unwrap();
            let hidden = first.text != wording.text && first.said_by == wording.said_by && first.reason != wording.reason;
            assert!(!hidden, "{} is hidden by {}", wording.text, first.text);
        }
    }
}
