//! What is read out of `WWW-Authenticate`. The realms are the registry's own here; realm.rs has the others.

use ghcr_auth::registry::{Access, challenge::Challenge, host::Registry, image::Image};
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

/// The registry of all cases.
const HOST: &str = "auth.example.io";

/// A token URL, or a reason code.
type Outcome = Result<String, &'static str>;

/// The token URL that follows from a registry's headers, or the reason why there is none.
fn token_url(headers: &[&str]) -> Outcome {
    let registry = Registry::parse(HOST).unwrap();
    let image = Image::parse("acme/app", &registry).unwrap();
    let headers: HeaderMap = headers.iter().map(|header| (WWW_AUTHENTICATE, HeaderValue::from_str(header).unwrap())).collect();
    let challenge = Challenge::parse(&headers, &registry).map_err(ghcr_auth::reason::Reason::code)?;
    Ok(challenge.token_url(&image, Access::Push).into())
}

/// A token URL with this query before our scope.
fn asks(query: &str) -> String {
    format!("https://{HOST}/token?{query}scope=repository%3Aacme%2Fapp%3Apull%2Cpush")
}

const UNUSABLE: Outcome = Err("registry-protocol");

/// oras `registry/remote/auth/challenge_test.go` `Test_parseChallenge`, all 16. oras takes the parameters before a broken
/// one; here a header that does not parse as a whole is not trusted in part. Blanks at a header's end are HTTP's to take off:
/// ping.rs has them on the wire.
#[test]
fn a_challenge_is_read_whole_or_not_at_all() {
    let realm = format!(r#"Bearer realm="https://{HOST}/token""#);
    let full = format!(r#"{realm},service="registry.example.io",scope="repository:library/hello-world:pull,push""#);
    for (case, header, expected) in [
        ("empty header", "", UNUSABLE),
        ("unknown scheme", "foo bar", UNUSABLE),
        ("basic", r#"Basic realm="Test Registry""#, UNUSABLE),
        ("basic without parameters", "Basic", UNUSABLE),
        ("basic with blanks only", "Basic  ", UNUSABLE),
        ("bearer", &full, Ok(asks("service=registry.example.io&"))),
        ("several scopes", &full.replace("push", "push repository:ubuntu:pull"), Ok(asks("service=registry.example.io&"))),
        ("bearer without parameters", "Bearer", UNUSABLE),
        ("bearer with blanks only", "Bearer  ", UNUSABLE),
        (
            "blanks around = and ,",
            &format!(r#"Bearer realm = "https://{HOST}/token"   ,service=registry.example.io, scope  ="x""#),
            Ok(asks("service=registry.example.io&")),
        ),
        // By RFC 9110 this is a second challenge, of the scheme `service`.
        ("a name without =", &format!("{realm},service"), Ok(asks(""))),
        ("a name without a value", &format!("{realm},service="), UNUSABLE),
        ("a blank for a value", &format!("{realm},service= "), UNUSABLE),
        ("a quote that is not closed", &format!(r#"{realm},service="registry"#), UNUSABLE),
        ("an empty value", &format!(r#"{realm},empty="",service="registry.example.io""#), Ok(asks("service=registry.example.io&"))),
        ("escaped quotes", r#"Bearer foo="foo\"bar",hello="\"hello world\"""#, UNUSABLE),
        ("escaped quotes beside a realm", &format!(r#"{realm},service="foo\"bar""#), Ok(asks("service=foo%22bar&"))),
    ] {
        assert_eq!(token_url(&[header]), expected, "{case}");
    }
}

/// regclient `internal/auth/auth_test.go` `TestParseAuthHeader`, all 11; ours is about Bearer, since Basic is not spoken to
/// registries. Rows that a registry would have to send by mistake are refused: the parser takes one blank after a scheme.
#[test]
fn scheme_and_names_are_read_in_any_case_and_quoted_where_they_may_be() {
    for (case, header, expected) in [
        (
            "to a token server",
            r#"Bearer realm="https://auth.example.io/token",service="registry.docker.io",scope="repository:docker/docker:pull""#,
            Ok(asks("service=registry.docker.io&")),
        ),
        ("basic", r#"Basic realm="GitHub Package Registry""#, UNUSABLE),
        ("any case", r#"BeArEr ReAlM="https://auth.example.io/token""#, Ok(asks(""))),
        ("realm without quotes that is no token of RFC 9110", "Bearer realm=https://auth.example.io/token", UNUSABLE),
        ("service without quotes", r#"Bearer realm="https://auth.example.io/token",service=unquoted"#, Ok(asks("service=unquoted&"))),
        ("realm is a slash", "Bearer realm=/", UNUSABLE),
        ("charset", r#"Bearer realm="https://auth.example.io/token", charset="UTF-8""#, Ok(asks(""))),
        ("quoted scheme", r#""Bearer" realm="https://auth.example.io/token""#, UNUSABLE),
        ("quoted name", r#"Bearer "realm"="https://auth.example.io/token""#, UNUSABLE),
        (
            "several challenges in one header",
            r#"Basic realm="x", Bearer realm="https://auth.example.io/token", Digest realm="y", nonce="z""#,
            Ok(asks("")),
        ),
        ("several blanks after the scheme", r#"Bearer   realm="https://auth.example.io/token""#, UNUSABLE),
        ("no commas", r#"Bearer realm="https://auth.example.io/token" service="a""#, UNUSABLE),
        ("quote that is not closed", r#"Bearer realm="https://auth.example.io/token"#, UNUSABLE),
        ("nothing after an escape", r#"Bearer realm="https://auth.example.io/token\"#, UNUSABLE),
    ] {
        assert_eq!(token_url(&[header]), expected, "{case}");
    }
}

/// distribution `authchallenge_test.go` `TestAuthChallengeParse`: escapes are taken away, unknown parameters passed
/// over, broken ones not half-read.
#[test]
fn escapes_are_undone_and_unknown_parameters_passed_over() {
    let header = r#"Bearer realm="https://auth.example.io/token",service="he\"\l\lo",other=fun,slashed="x\\y""#;
    assert_eq!(token_url(&[header]), Ok(asks("service=he%22llo&")));
    let realm = r#"Bearer realm="https:\/\/auth.example.io\/token""#;
    assert_eq!(token_url(&[realm]), Ok(asks("")));
}

/// http-auth `multi_challenge`; ggcr `transport/ping_test.go` `TestPingMultipleChallenges`; distribution
/// `TestAuthChallengeNormalization`: several headers, or several challenges in one, make no difference.
#[test]
fn a_bearer_is_found_among_others_in_one_header_or_in_several() {
    let bearer = r#"Bearer realm="https://auth.example.io/token""#;
    for headers in [
        &["Negotiate", bearer][..],
        &[bearer, r#"Basic realm="x""#],
        &[r#"UnsupportedSchemeA, Basic realm="x", Bearer realm="https://auth.example.io/token""#],
        &["NTLM", "Negotiate YWJj=", bearer],
    ] {
        assert_eq!(token_url(headers), Ok(asks("")), "{headers:?}");
    }
}

/// regclient `TestAuth` "empty"; http-auth `empty`; containers `docker/wwwauthenticate_test.go` `TestParseValueAndParams`;
/// containerd `TestParseAuthHeader`.
#[test]
fn nothing_comes_of_nothing() {
    for headers in [&[][..], &[""], &[" "], &[","], &[",,,"], &["Bearer realm"], &["Bearer ="], &["=", "\""]] {
        assert_eq!(token_url(headers), UNUSABLE, "{headers:?}");
    }
}

/// The scope of a challenge is the registry's wish and never widens ours: oras `TestClient_Do_Scope_Hint_Mismatch`,
/// containers `TestNeedsRetryOnInsuficientScope`.
#[test]
fn a_scope_that_the_registry_wishes_for_is_not_asked_for() {
    for scope in ["registry:catalog:*", "repository:*:*", "repository:victim/app:pull,push,delete", ""] {
        let header = format!(r#"Bearer realm="https://{HOST}/token",scope="{scope}",error="insufficient_scope""#);
        assert_eq!(token_url(&[&header]), Ok(asks("")), "{scope}");
    }
}
