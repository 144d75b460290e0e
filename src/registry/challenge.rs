//! The challenge: where tokens are to be had, in the words of `WWW-Authenticate` (RFC 7235).

use reqwest::{
    Url,
    header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE},
};

use crate::{
    reason::Reason,
    registry::{Access, ghcr, host::Registry, image::Image},
};

/// A Bearer challenge whose realm is the registry's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    realm: Url,
    service: Option<String>,
}

impl Challenge {
    /// The challenge that a registry is known to give: ghcr.io's has been the same for years.
    pub fn known(registry: &Registry) -> Option<Self> {
        (registry.name() == ghcr::NAME).then(|| Self { realm: registry.url(ghcr::TOKEN_PATH), service: Some(ghcr::NAME.to_owned()) })
    }

    /// Finds the first usable Bearer challenge among the headers of a 401.
    ///
    /// # Errors
    /// What is wrong with the first one: `realm-refused` when its realm is of another origin, else `registry-protocol`.
    pub fn parse(headers: &HeaderMap, registry: &Registry) -> Result<Self, Reason> {
        let headers = headers.get_all(WWW_AUTHENTICATE).iter().map(ascii);
        let mut found = Err(Reason::RegistryProtocol);
        for (number, bearer) in headers.flat_map(|header| bearers(&header)).enumerate() {
            match Self::of(bearer, registry) {
                Ok(challenge) => return Ok(challenge),
                Err(reason) if number == 0 => found = Err(reason),
                Err(_) => {}
            }
        }
        found
    }

    fn of(bearer: Parameters, registry: &Registry) -> Result<Self, Reason> {
        let mut realms = bearer.iter().filter(|(name, _)| name == "realm");
        let (Some((_, realm)), None) = (realms.next(), realms.next()) else { return Err(Reason::RegistryProtocol) };
        let realm = Some(realm).filter(|realm| is_unambiguous(realm)).and_then(|realm| Url::parse(realm).ok());
        let realm = realm.filter(|realm| registry.owns(realm)).ok_or(Reason::RealmRefused)?;
        let service = bearer.into_iter().find_map(|(name, value)| (name == "service").then_some(value));
        Ok(Self { realm: without_scope(realm), service })
    }

    /// The URL of a token for one image, with our own scope: the challenge's is for a placeholder, or too wide
    /// (<https://distribution.github.io/distribution/spec/auth/token/>).
    pub fn token_url(&self, image: &Image, access: Access) -> Url {
        let actions = match access {
            Access::Push => "pull,push",
            Access::Pull | Access::Public => "pull",
        };
        let mut url = self.realm.clone();
        let mut query = url.query_pairs_mut();
        if let Some(service) = &self.service {
            query.append_pair("service", service);
        }
        query.append_pair("scope", &format!("repository:{}:{actions}", image.name()));
        drop(query);
        url
    }

    /// Whether GHCR gives it. Its bearer is the credential itself, so one may serve all images.
    pub fn is_ghcr(&self) -> bool {
        self.service.as_deref() == Some(ghcr::NAME)
    }
}

/// Stands for what is not ASCII; no URL may hold it (RFC 3986).
const NOT_ASCII: char = '^';

fn ascii(header: &HeaderValue) -> String {
    header.as_bytes().iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { NOT_ASCII }).collect()
}

/// Whether every reader takes the same origin from it: a backslash is a slash to some (WHATWG URL) and no part of a URL
/// to others (RFC 3986), and what follows `#` is for nobody's server.
fn is_unambiguous(realm: &str) -> bool {
    realm.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '\\' | '#' | NOT_ASCII))
}

/// A realm that does not ask for a scope of its own: ours is the only one.
fn without_scope(mut realm: Url) -> Url {
    let is_scope = |name: &str| name == "scope";
    if realm.query_pairs().any(|(name, _)| is_scope(&name)) {
        let others: Vec<_> =
            realm.query_pairs().filter(|(name, _)| !is_scope(name)).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        realm.query_pairs_mut().clear().extend_pairs(others);
    }
    realm
}

/// The parameters of a challenge, names in lower case.
type Parameters = Vec<(String, String)>;

/// The Bearer challenges of a header. One that does not parse as a whole has none that could be trusted.
fn bearers(header: &str) -> Vec<Parameters> {
    let challenges = http_auth::parse_challenges(header).unwrap_or_default().into_iter();
    let parameter = |(name, value): (&str, http_auth::ParamValue<'_>)| (name.to_ascii_lowercase(), value.to_unescaped());
    let bearer = challenges.filter(|challenge| challenge.scheme.eq_ignore_ascii_case("bearer"));
    bearer.map(|challenge| challenge.params.into_iter().map(parameter).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(headers: &[&str]) -> Result<Challenge, Reason> {
        let headers = headers.iter().map(|header| (WWW_AUTHENTICATE, HeaderValue::from_str(header).unwrap())).collect();
        Challenge::parse(&headers, &Registry::parse("ghcr.io").unwrap())
    }

    fn token_url(header: &str) -> String {
        let image = Image::parse("acme/app", &Registry::parse("ghcr.io").unwrap()).unwrap();
        parse(&[header]).unwrap().token_url(&image, Access::Push).to_string()
    }

    #[test]
    fn ghcrs_challenge_is_the_known_one() {
        let header = r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull""#;
        assert_eq!(parse(&[header]).ok(), Challenge::known(&Registry::parse("ghcr.io").unwrap()));
        assert_eq!(token_url(header), "https://ghcr.io/token?service=ghcr.io&scope=repository%3Aacme%2Fapp%3Apull%2Cpush");
    }

    #[test]
    fn a_query_of_the_realms_own_is_kept_and_an_absent_service_stays_absent() {
        assert_eq!(
            token_url(r#"bearer realm="https://GHCR.io:443/t?x=1", scope="repository:*:*""#),
            "https://ghcr.io/t?x=1&scope=repository%3Aacme%2Fapp%3Apull%2Cpush"
        );
    }

    #[test]
    fn a_scope_in_the_realm_is_not_asked_for() {
        assert_eq!(
            token_url(r#"Bearer realm="https://ghcr.io/token?scope=repository%3Avictim%2Fx%3Apush&x=1""#),
            "https://ghcr.io/token?x=1&scope=repository%3Aacme%2Fapp%3Apull%2Cpush"
        );
    }

    #[test]
    fn the_first_usable_bearer_wins() {
        let bearer = r#"Bearer realm="https://ghcr.io/token""#;
        assert!(parse(&["Negotiate abc==", "Digest realm=\"x\"", bearer]).is_ok());
        assert!(parse(&[&format!("Basic realm=\"x\", {bearer}")]).is_ok());
        assert!(parse(&["Bearer realm=\"https://evil.example/\"", bearer]).is_ok());
    }

    #[test]
    fn of_several_unusable_bearers_the_first_says_what_is_wrong() {
        let (elsewhere, without_realm) = (r#"Bearer realm="https://evil.example/""#, r#"Bearer service="ghcr.io""#);
        assert_eq!(parse(&[elsewhere, without_realm]), Err(Reason::RealmRefused));
        assert_eq!(parse(&[without_realm, elsewhere]), Err(Reason::RegistryProtocol));
    }

    #[test]
    fn only_a_challenge_whose_service_is_ghcr_is_its_own() {
        let is_ghcr = |service: &str| parse(&[&format!(r#"Bearer realm="https://ghcr.io/token"{service}"#)]).unwrap().is_ghcr();
        assert!(is_ghcr(r#",service="ghcr.io""#));
        assert!(!is_ghcr(r#",service="containers.acme.ghe.com""#) && !is_ghcr(""));
    }

    #[test]
    fn a_token_to_push_may_push_and_any_other_only_pull() {
        let registry = Registry::parse("ghcr.io").unwrap();
        let (challenge, image) = (Challenge::known(&registry).unwrap(), Image::parse("acme/app", &registry).unwrap());
        let scope = |access| challenge.token_url(&image, access).query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
        assert_eq!(scope(Access::Push), "repository:acme/app:pull,push");
        assert_eq!([Access::Pull, Access::Public].map(scope), ["repository:acme/app:pull"; 2]);
        assert_eq!(Challenge::known(&Registry::parse("containers.acme.ghe.com").unwrap()), None);
    }

    #[test]
    fn without_a_usable_bearer_there_is_nothing_to_trust() {
        for headers in [
            &[][..],
            &["Negotiate"],
            &["Basic realm=\"x\""],
            &["Bearer"],
            &["Bearer realm=\"unclosed"],
            &["Bearer realm=\"https://ghcr.io/a\",realm=\"https://ghcr.io/b\""],
        ] {
            assert_eq!(parse(headers), Err(Reason::RegistryProtocol), "{headers:?}");
        }
    }

    #[test]
    fn a_realm_of_another_origin_is_refused() {
        for realm in [
            "https://ghcr.io:8443/token",
            "http://ghcr.io/token",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://0.0.0.0/",
            "https://10.0.0.1/",
            "https://[fd00:ec2::254]/",
            "https://2130706433/",
            "https://ghcr.io.evil.example/",
            "https://ghcr.io@evil.example/",
            "https://x@ghcr.io/token",
            "https://ghcr.io#@evil.example/",
            "https://ghcr.io\\\\@evil.example/",
            "https://ghcr.io/\ttoken",
            "https://ghcr.i\u{43e}/",
            "https://ghcr.io\u{3002}evil.example/",
            "file:///etc/passwd",
            "://bad",
            "/token",
            "",
        ] {
            assert_eq!(parse(&[&format!("Bearer realm=\"{realm}\"")]), Err(Reason::RealmRefused), "{realm}");
        }
    }
}
