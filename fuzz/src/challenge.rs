//! `WWW-Authenticate`: whatever it says, a credential goes to the registry's origin only, and asks for our scope only.

use ghcr_auth::registry::{Access, challenge::Challenge};
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

/// What a URL of a token has anyway, in bytes, and what a byte of a header becomes in it at most.
const URL_ANYWAY: usize = 128;
const LONGEST_ESCAPE: usize = 3;

/// Each line is a header.
pub fn check(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n');
    let headers: HeaderMap = lines.filter_map(|line| Some((WWW_AUTHENTICATE, HeaderValue::from_bytes(line).ok()?))).collect();
    let Ok(challenge) = Challenge::parse(&headers, &crate::ghcr()) else { return };
    for (access, scope) in [(Access::Push, "repository:acme/app:pull,push"), (Access::Pull, "repository:acme/app:pull")] {
        let url = challenge.token_url(&crate::app(), access);
        assert_eq!(url.origin().ascii_serialization(), "https://ghcr.io");
        assert!(url.as_str().len() <= URL_ANYWAY + LONGEST_ESCAPE * data.len(), "{} bytes are sent for {}", url.as_str().len(), data.len());
        assert!(url.username().is_empty() && url.password().is_none(), "a name in the URL");
        let scopes: Vec<_> = url.query_pairs().filter(|(name, _)| name == "scope").map(|(_, value)| value).collect();
        assert_eq!(scopes, [scope]);
    }
}
