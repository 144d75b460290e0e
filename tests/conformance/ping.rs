//! The first question, without a credential: what a registry may answer to `GET /v2/`, and what then leaves the machine.

use ghcr_auth_testbed::{
    front_door::{Answer, FrontDoor},
    job::Job,
};

use super::{Bench, HONEST, PAT, attempt, binary};

fn challenge(headers: &[&str]) -> Answer {
    headers.iter().fold(Answer::status(401), |answer, header| answer.header("WWW-Authenticate", header))
}

/// ggcr `transport/ping_test.go` and `transport/transport_test.go`, the cases that end without a Bearer challenge. ggcr goes
/// on without a credential (`TestPingNoChallenge`) or with Basic; here the answer is unknown, and nothing secret was sent.
#[test]
fn without_a_bearer_challenge_no_credential_leaves_the_machine() {
    for (case, answer, status) in [
        ("TestPingNoChallenge, TestTransportSelectionAnonymous", Answer::status(200), 200),
        ("TestPingBasicChallengeNoParams", challenge(&["BASIC"]), 401),
        ("TestTransportSelectionBasic", challenge(&["Basic"]), 401),
        ("TestPingMultipleChallenges", challenge(&["Negotiate", "Basic realm=\"http://auth.foo.io/token\""]), 401),
        ("TestPingMultipleNotSupportedChallenges", challenge(&["Negotiate", "Digest"]), 401),
        ("TestUnsupportedStatus", Answer::status(403).header("WWW-Authenticate", "Bearer realm=\"http://auth.foo.io"), 403),
        ("the same with 401", challenge(&["Bearer realm=\"http://auth.foo.io"]), 401),
        ("TestTransportSelectionBearerMissingRealm", challenge(&["Bearer service=\"gcr.io\""]), 401),
        ("no registry at all", Answer::status(404), 404),
    ] {
        let bench = Bench::open();
        bench.door.always("GET /v2/", answer);
        let run = bench.refuses("registry-protocol");
        assert_eq!(bench.asked(), ["GET /v2/"], "{case}");
        assert_eq!(attempt(&run), ("unknown".to_owned(), Some(status)), "{case}");
    }
}

/// ggcr `transport/ping_test.go` `TestPingBearerChallengeWithParams`, `transport/transport_test.go`
/// `TestTransportSelectionBearer`; oras `Test_parseChallenge` with blanks at the end.
#[test]
fn a_challenge_needs_no_more_than_a_realm_and_no_service_is_made_up() {
    for form in ["Bearer realm=\"{}\"", "Bearer realm=\"{}\"  ", "bEARER realm = \"{}\"", "Negotiate, Bearer realm=\"{}\""] {
        let bench = Bench::open();
        let realm = format!("{}/token", bench.door.url());
        bench.door.challenge(&form.replace("{}", &realm));
        bench.allows();
        assert_eq!(bench.asked(), HONEST, "{form}");
        assert_eq!(bench.door.requests()[1].query, "scope=repository%3Aacme%2Fapp%3Apull%2Cpush", "{form}");
    }
}

/// ggcr `transport/ping_test.go` `TestPingHttpFallback`, containerd `TestHTTPFallbackTimeout`, `TestHostTLSFailureFallback`:
/// where https fails, nothing is asked over http. names.rs has ggcr's third host, `ko.localhost`.
#[test]
fn a_registry_that_cannot_be_reached_over_https_is_not_asked_over_http() {
    for registry in ["gcr.invalid", "us.gcr.invalid:80"] {
        let (job, proxy) = (Job::new(), FrontDoor::spare());
        let connect = format!("CONNECT {registry}{}", if registry.contains(':') { "" } else { ":443" });
        proxy.always(&connect, Answer::status(502));
        let step = job.step(binary()).input("registry", registry).input("GHCR_PAT", PAT);
        let run = step.env("HTTPS_PROXY", &proxy.url()).env("HTTP_PROXY", &proxy.url()).run();
        assert_eq!((run.output("push"), run.output("reason")), ("false", "registry-unreachable"), "{}", run.log());
        let asked: Vec<_> = proxy.requests().into_iter().map(|request| format!("{} {}", request.method, request.path)).collect();
        let to_registry: Vec<_> = asked.iter().filter(|line| !line.contains("api.github.com")).collect();
        assert_eq!(to_registry, [&connect], "{registry}");
    }
}
