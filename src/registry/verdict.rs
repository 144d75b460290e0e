//! What an answer of the registry proves. Pure, and cautious: only 201 or 202 proves that a push may begin.

use serde::Deserialize;

use super::{Access, ghcr};
use crate::{credential::token::Token, reason::Reason};

/// The verdict on one credential for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Proven.
    Allowed,
    /// The registry says no.
    Denied(Reason),
    /// Neither is proven.
    Unknown(Reason),
}

impl Verdict {
    /// The reason code.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Allowed => Reason::Allowed,
            Self::Denied(reason) | Self::Unknown(reason) => reason,
        }
    }

    /// The word for it in `report`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied(_) => "denied",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The verdict over several images: denied on any is denied; otherwise unknown on any is unknown.
    pub fn over_all(verdicts: &[Self]) -> Self {
        let first = |wanted: fn(&Self) -> bool| verdicts.iter().copied().find(wanted);
        first(|verdict| matches!(verdict, Self::Denied(_)))
            .or_else(|| first(|verdict| matches!(verdict, Self::Unknown(_))))
            .unwrap_or(Self::Allowed)
    }

    /// The same, put in the words of the credential: nothing that GHCR refuses a fine-grained PAT for can be
    /// mended but by another kind of token.
    #[must_use]
    pub fn of(self, token: &Token) -> Self {
        match self {
            Self::Denied(_) if token.looks_fine_grained() => Self::Denied(Reason::FineGrainedPat),
            verdict => verdict,
        }
    }
}

/// The verdict of the token endpoint's answer, when it is no token.
pub fn of_token_endpoint(access: Access, status: u16, body: &[u8]) -> Verdict {
    match status {
        401 | 403 | 404 if access == Access::Public && !is_throttling(status, body) => Verdict::Denied(Reason::NotPublic),
        401 | 403 if !is_throttling(status, body) => Verdict::Denied(known_message(body).unwrap_or(Reason::BadCredential)),
        _ => Verdict::Unknown(not_an_answer(status, body)),
    }
}

/// The verdict of the answer to opening an upload session (push), listing tags (pull) or either that or a manifest's head
/// (public). GHCR does not tell a stranger what is private from what is not there.
pub fn of_probe(access: Access, status: u16, body: &[u8]) -> Verdict {
    match (access, status) {
        (Access::Push, 201 | 202) | (Access::Pull | Access::Public, 200) => Verdict::Allowed,
        (Access::Public, 401 | 403 | 404) if !is_throttling(status, body) => Verdict::Denied(Reason::NotPublic),
        (_, 401 | 403) if !is_throttling(status, body) => {
            let reason = known_message(body).filter(|reason| *reason != Reason::BadCredential || status == 401);
            Verdict::Denied(reason.unwrap_or(Reason::Denied))
        }
        _ => Verdict::Unknown(not_an_answer(status, body)),
    }
}

/// Why an answer that is neither a yes nor a no tells nothing.
pub fn not_an_answer(status: u16, body: &[u8]) -> Reason {
    match status {
        429 => Reason::RateLimited,
        _ if is_throttling(status, body) => Reason::RateLimited,
        300..=399 => Reason::RedirectRefused,
        408 | 425 | 500 | 502..=504 => Reason::RegistryUnavailable,
        _ => Reason::RegistryProtocol,
    }
}

/// Whether a 403 is GHCR's throttling.
pub fn is_throttling(status: u16, body: &[u8]) -> bool {
    status == 403 && String::from_utf8_lossy(body).to_ascii_lowercase().contains(ghcr::THROTTLED)
}

fn known_message(body: &[u8]) -> Option<Reason> {
    ghcr::reason(&String::from_utf8_lossy(body))
}

/// The body of a token answer; only these two keys are looked at.
#[derive(Deserialize)]
struct TokenBody {
    token: Option<String>,
    access_token: Option<String>,
}

/// The bearer in a token endpoint's 200.
///
/// # Errors
/// `registry-protocol` when the body is not a JSON object with a `token` (or else `access_token`) of visible ASCII.
pub fn bearer(body: &[u8]) -> Result<Token, Reason> {
    // serde would take an array for the fields in their order, and bytes that are no text in a field it passes over.
    let text = std::str::from_utf8(body).ok().filter(|text| text.trim_ascii_start().starts_with('{')).ok_or(Reason::RegistryProtocol)?;
    let body: TokenBody = serde_json::from_str(text).map_err(|_| Reason::RegistryProtocol)?;
    let token = body.token.or(body.access_token).filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
    token.map(Token::new).ok_or(Reason::RegistryProtocol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_201_and_202_prove_push_and_only_200_proves_that_it_can_be_pulled() {
        for status in 100..600 {
            assert_eq!(of_probe(Access::Push, status, b"") == Verdict::Allowed, matches!(status, 201 | 202), "{status}");
            assert_eq!(of_probe(Access::Pull, status, b"") == Verdict::Allowed, status == 200, "{status}");
            assert_eq!(of_probe(Access::Public, status, b"") == Verdict::Allowed, status == 200, "{status}");
            for access in [Access::Push, Access::Pull, Access::Public] {
                assert_ne!(of_token_endpoint(access, status, b""), Verdict::Allowed);
            }
        }
    }

    #[test]
    fn only_401_and_403_are_called_denied() {
        for status in (100..600).filter(|status| !matches!(status, 401 | 403)) {
            for verdict in
                [of_probe(Access::Push, status, b"permission_denied: write_package"), of_token_endpoint(Access::Push, status, b"denied")]
            {
                assert!(!matches!(verdict, Verdict::Denied(_)), "{status}");
            }
        }
    }

    #[test]
    fn each_message_has_its_reason_at_both_endpoints() {
        for (message, reason) in [
            ("permission_denied: The token provided does not match expected scopes.", Reason::MissingScope),
            ("installation not allowed to Write organization package", Reason::PackagesPermissionMissing),
            ("permission_denied: installation not allowed to Create organization package", Reason::PackageCreationDenied),
            ("permission_denied: create_package", Reason::PackageCreationDenied),
            ("permission_denied: write_package", Reason::PackageWriteDenied),
            ("permission_denied: read_package", Reason::PackageReadDenied),
            ("installation not allowed to Read organization package", Reason::PackageReadDenied),
            ("permission_denied: The requested installation does not exist.", Reason::ForeignInstallation),
        ] {
            let body = format!(r#"{{"errors":[{{"code":"DENIED","message":"{message}"}}]}}"#);
            assert_eq!(of_probe(Access::Push, 403, body.as_bytes()), Verdict::Denied(reason));
            assert_eq!(of_token_endpoint(Access::Push, 403, body.as_bytes()), Verdict::Denied(reason));
        }
    }

    #[test]
    fn a_refusal_without_a_known_message_blames_the_credential_at_the_token_endpoint_only() {
        assert_eq!(
            of_token_endpoint(Access::Push, 403, br#"{"errors":[{"code":"DENIED","message":"denied"}]}"#),
            Verdict::Denied(Reason::BadCredential)
        );
        assert_eq!(of_probe(Access::Push, 403, b"requested access to the resource is denied"), Verdict::Denied(Reason::Denied));
        let unauthenticated = b"unauthenticated: User cannot be authenticated with the token provided.";
        assert_eq!(of_probe(Access::Push, 401, unauthenticated), Verdict::Denied(Reason::BadCredential));
        assert_eq!(of_probe(Access::Push, 403, unauthenticated), Verdict::Denied(Reason::Denied));
    }

    #[test]
    fn what_a_stranger_is_refused_is_not_public_and_what_fails_is_unknown() {
        let verdicts = |status, body: &[u8]| [of_token_endpoint(Access::Public, status, body), of_probe(Access::Public, status, body)];
        for status in [401, 403, 404] {
            assert_eq!(verdicts(status, b"permission_denied: read_package"), [Verdict::Denied(Reason::NotPublic); 2], "{status}");
        }
        for (status, body, reason) in [
            (403, "You have exceeded a Secondary Rate Limit", Reason::RateLimited),
            (429, "", Reason::RateLimited),
            (503, "", Reason::RegistryUnavailable),
            (302, "", Reason::RedirectRefused),
            (405, "", Reason::RegistryProtocol),
        ] {
            assert_eq!(verdicts(status, body.as_bytes()), [Verdict::Unknown(reason); 2], "{status}");
        }
    }

    #[test]
    fn everything_else_is_unknown_with_its_own_reason() {
        for (status, body, reason) in [
            (429, "", Reason::RateLimited),
            (403, "You have exceeded a secondary rate limit", Reason::RateLimited),
            (307, "", Reason::RedirectRefused),
            (304, "", Reason::RedirectRefused),
            (408, "", Reason::RegistryUnavailable),
            (503, "", Reason::RegistryUnavailable),
            (501, "", Reason::RegistryProtocol),
            (404, "NAME_UNKNOWN", Reason::RegistryProtocol),
            (200, "{}", Reason::RegistryProtocol),
        ] {
            assert_eq!(of_probe(Access::Push, status, body.as_bytes()), Verdict::Unknown(reason), "{status}");
        }
    }

    #[test]
    fn a_verdict_has_a_word_and_a_reason() {
        for (verdict, word, reason) in [
            (Verdict::Allowed, "allowed", Reason::Allowed),
            (Verdict::Denied(Reason::MissingScope), "denied", Reason::MissingScope),
            (Verdict::Unknown(Reason::RateLimited), "unknown", Reason::RateLimited),
        ] {
            assert_eq!((verdict.word(), verdict.reason()), (word, reason));
        }
    }

    #[test]
    fn a_denied_fine_grained_pat_is_called_by_its_name() {
        let fine_grained = Token::new("github_pat_x");
        assert_eq!(Verdict::Denied(Reason::BadCredential).of(&fine_grained), Verdict::Denied(Reason::FineGrainedPat));
        assert_eq!(Verdict::Unknown(Reason::RateLimited).of(&fine_grained), Verdict::Unknown(Reason::RateLimited));
        assert_eq!(Verdict::Allowed.of(&fine_grained), Verdict::Allowed);
        assert_eq!(Verdict::Denied(Reason::Denied).of(&Token::new("ghp_x")), Verdict::Denied(Reason::Denied));
    }

    #[test]
    fn denied_outweighs_unknown_and_the_first_image_gives_the_reason() {
        use Verdict::{Allowed, Denied, Unknown};
        let over_all = |verdicts: &[Verdict]| Verdict::over_all(verdicts);
        let (unknown, timeout) = (Unknown(Reason::RateLimited), Unknown(Reason::RegistryTimeout));
        let (write, read) = (Denied(Reason::PackageWriteDenied), Denied(Reason::PackageReadDenied));
        assert_eq!(over_all(&[Allowed, unknown, write, read]), write);
        assert_eq!(over_all(&[Allowed, timeout, unknown]), timeout);
        assert_eq!(over_all(&[Allowed, Allowed]), Allowed);
    }

    #[test]
    fn a_bearer_is_visible_ascii_under_one_of_two_names() {
        let value = |body: &str| bearer(body.as_bytes()).map(|token| token.expose().to_owned());
        assert_eq!(value(r#"{"token":"a","access_token":"b"}"#), Ok("a".into()));
        assert_eq!(value(r#"{"access_token":"b","expires_in":-1,"issued_at":7}"#), Ok("b".into()));
        for body in [
            "",
            "<html>",
            "[]",
            r#"["a","b"]"#,
            "{}",
            r#"{"token":""}"#,
            r#"{"token":7}"#,
            r#"{"token":null}"#,
            r#"{"token":"a b"}"#,
            r#"{"token":"a\r\n"}"#,
            r#"{"token":"é"}"#,
        ] {
            assert_eq!(value(body), Err(Reason::RegistryProtocol), "{body}");
        }
        assert!(bearer(b"{\"token\":\"a\",\"x\":\"\xe2\"}").is_err(), "bytes that are no text");
    }
}
