//! From the challenge to the bearer and back: one challenge, one token, one question.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::front_door::{Answer, FrontDoor, Rules};
use serde_json::json;

use super::{Bench, HONEST, PAT, attempt};

/// The bearer that stands for a credential, as GHCR makes it.
pub(super) fn of(credential: &str) -> String {
    STANDARD.encode(credential)
}

/// ggcr `transport/bearer_test.go` `TestBearerRefresh`, all 3, with what its token server looks at; containers
/// `BearerTokenReadFromHTTPResponseBody` and `IssuedAtZero`, whose dates decide nothing here.
#[test]
fn a_token_is_taken_under_either_name_and_whatever_is_said_of_its_age() {
    let token = of(PAT);
    for (case, body, reason) in [
        ("token", json!({ "token": token }), "allowed"),
        ("access_token", json!({ "access_token": token }), "allowed"),
        ("tolkien", json!({ "tolkien": token }), "registry-protocol"),
        ("both", json!({ "token": token, "access_token": "other" }), "allowed"),
        ("a short life", json!({ "token": token, "expires_in": 1, "issued_at": "2018-01-02T10:00:48+02:00" }), "allowed"),
        ("issued at zero", json!({ "token": token, "expires_in": 0, "issued_at": "1970-01-01T00:00:00Z" }), "allowed"),
        ("an age that makes no sense", json!({ "token": token, "expires_in": "soon", "issued_at": [] }), "allowed"),
        ("no object", json!([token]), "registry-protocol"),
    ] {
        let bench = Bench::open();
        bench.door.always("GET /token", Answer::json(200, body));
        let run = bench.step().input("GHCR_USERNAME", "robot").run();
        assert_eq!(run.output("reason"), reason, "{case}");
        assert!(!run.everything_shown().contains(&token), "{case}: the token server's answer was shown");
        let request = &bench.door.requests()[1];
        assert_eq!(request.headers["authorization"], format!("Basic {}", STANDARD.encode(format!("robot:{PAT}"))), "{case}");
        assert_eq!(request.query, "service=ghcr.io&scope=repository%3Aacme%2Fapp%3Apull%2Cpush", "{case}");
    }
}

/// A refusal after a good token is final. Peers ask for a second token then: ggcr `TestBearerTransportTokenRefresh`,
/// `TestInsufficientScope`, `TestBearerTokenReappliedOnSameHostChallenge`, `TestBearerTokenNotLeakedOnCrossHostChallenge`,
/// `TestBearerTokenExchangedOnCrossHostChallenge`; oras `TestClient_Do_Token_Expire`, `TestClient_Do_Scheme_Change`; containers
/// `TestNeedsRetryOnInsuficientScope` and its 5 rows without; podman "authentication required".
#[test]
fn no_second_token_is_asked_for_and_no_challenge_is_followed_after_the_first() {
    for header in [
        "Bearer realm=\"DOOR/token\",service=\"ghcr.io\"",
        "Bearer realm=\"DOOR/token\",error=\"insufficient_scope\",scope=\"repository:acme/app:pull,push,delete\"",
        "Bearer realm=\"DOOR/token\",error=\"invalid_token\"",
        "Bearer realm=\"SINK/token\",service=\"ghcr.io\"",
        "Basic realm=\"DOOR\"",
        "Negotiate",
    ] {
        let (bench, sink) = (Bench::open(), FrontDoor::spare());
        let header = header.replace("DOOR", &bench.door.url()).replace("SINK", &sink.url());
        bench.door.always("POST uploads", Answer::status(401).header("WWW-Authenticate", &header));
        let run = bench.refuses("denied");
        assert_eq!(attempt(&run), ("denied".to_owned(), Some(401)), "{header}");
        assert_eq!((bench.asked(), sink.connections()), (HONEST.map(str::to_owned).to_vec(), 0), "{header}");
    }
}

/// oras `TestClient_Do_Invalid_Credential_Bearer`; podman `150-login.bats` "with wrong credentials"; containerd `BadToken`,
/// `WrongBasic`; regclient `internal/reghttp` "Bad auth".
#[test]
fn a_credential_that_is_wrong_costs_one_challenge_and_a_token_request_that_is_repeated_once() {
    let bench = Bench::with(Rules::default());
    let run = bench.refuses("bad-credential");
    assert_eq!(bench.asked(), [HONEST[0], HONEST[1], HONEST[1]]);
    assert!(!run.everything_shown().contains(PAT) && !run.everything_shown().contains(&of(PAT)));
}

/// ggcr `TestTransportSelectionBearerAuthError` and containerd `BadToken` with statuses that are no refusal: unknown, and the
/// registry is not asked without a token.
#[test]
fn without_a_token_the_question_is_not_asked() {
    for (status, reason, verdict) in [
        (400, "registry-protocol", "unknown"),
        (404, "registry-protocol", "unknown"),
        (405, "registry-protocol", "unknown"),
        (204, "registry-protocol", "unknown"),
        (401, "bad-credential", "denied"),
        (403, "bad-credential", "denied"),
    ] {
        let bench = Bench::open();
        bench.door.always("GET /token", Answer::status(status));
        let run = bench.refuses(reason);
        // A 403 without a cause is asked about once more.
        let asked = [HONEST[0], HONEST[1], HONEST[1]].iter().take(if status == 403 { 3 } else { 2 });
        assert_eq!((bench.asked(), attempt(&run).0.as_str()), (asked.map(ToString::to_string).collect(), verdict), "{status}");
    }
}

/// ggcr `TestBearerTransportOauthRefresh`, `TestBearerTransportOauth404Fallback`; oras `OAuth2_Password`, `OAuth2_RefreshToken`;
/// containerd `PostBasicAuth`; regclient `TestBearer`: GHCR answers 405 to POST, so nothing is posted, and a refresh token that
/// comes along is neither used nor kept.
#[test]
fn no_credential_is_posted_and_no_refresh_token_kept() {
    let bench = Bench::open();
    bench.door.always("GET /token", Answer::json(200, json!({ "token": of(PAT), "refresh_token": "RefreshCanary" })));
    let run = bench.allows();
    assert_eq!(bench.asked(), HONEST);
    assert!(!run.everything_shown().contains("RefreshCanary"));
    for file in bench.job.files() {
        assert!(!String::from_utf8_lossy(&std::fs::read(&file).unwrap()).contains("RefreshCanary"), "{}", file.display());
    }
}

/// The registry's own host may redirect at the peers: ggcr `TestBearerTransport`, `TestBasicTransport`; oras
/// `TestClient_Do_SameOriginRedirect`; regclient `AllowRedirect`, `redirect-auth`. Not here.
#[test]
fn a_redirect_is_not_followed_even_to_the_same_origin() {
    for (step, key) in ["GET /v2/", "GET /token", "POST uploads"].into_iter().enumerate() {
        for status in [301, 302, 303, 307, 308] {
            let bench = Bench::open();
            bench.door.always(key, Answer::status(status).header("Location", "/v2/moved/"));
            bench.refuses("redirect-refused");
            assert_eq!(bench.asked(), HONEST[..=step], "{key} {status}");
        }
    }
}

/// regclient `AllowRedirect` "http to https", "external to local"; distribution `proxyauth_test.go` "off-origin bearer dropped";
/// actions/toolkit `basics.test.ts` "does not pass auth with diff hostname redirects", in any case of the host; gh
/// `TestHTTPClientRedirectAuthenticationHeaderHandling`, for GitHub's API too.
#[test]
fn no_credential_follows_a_redirect_of_githubs_api() {
    for location in ["http://SINK/user", "//SINK/user", "http://LOCALHOST:PORT/user"] {
        let (bench, sink) = (Bench::open(), FrontDoor::spare());
        let port = sink.host().rsplit(':').next().unwrap();
        let location = location.replace("SINK", sink.host()).replace("PORT", port);
        // With a refusal the account is asked about and the answer waited for.
        bench.door.always("POST uploads", Answer::error(403, "DENIED", "permission_denied: write_package"));
        bench.api.always("GET /user", Answer::status(302).header("Location", &location));
        bench.refuses("package-write-denied");
        assert!(bench.api.requests().iter().any(|request| request.path == "/user" && request.credential.is_some()));
        assert_eq!(sink.connections(), 0, "{location}");
    }
}
