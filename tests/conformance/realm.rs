//! Where a credential may be sent: to the registry's own origin, whatever the challenge says.

use ghcr_auth::registry::{challenge::Challenge, host::Registry};
use ghcr_auth_testbed::front_door::FrontDoor;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

use super::{Bench, HONEST};

/// Whether a registry's challenge with this realm is followed; if not, for which reason.
fn follows(registry: &str, realm: &str) -> Result<(), &'static str> {
    let registry = Registry::parse(registry).unwrap();
    let header = HeaderValue::from_str(&format!("Bearer realm=\"{realm}\",service=\"s\"")).unwrap();
    let headers: HeaderMap = [(WWW_AUTHENTICATE, header)].into_iter().collect();
    Challenge::parse(&headers, &registry).map(drop).map_err(ghcr_auth::reason::Reason::code)
}

const REFUSED: Result<(), &str> = Err("realm-refused");

/// ggcr `transport/bearer_test.go` `TestValidateRealmURLUnspecified`, all 11. ggcr allows the last two, public hosts other
/// than the registry's.
#[test]
fn a_registry_sends_no_credential_to_an_address_of_its_choice() {
    for host in [
        "0.0.0.0",
        "0.0.0.0:8443",
        "[::]",
        "[::]:8443",
        "127.0.0.1",
        "[::1]",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "8.8.8.8",
        "auth.example.com",
    ] {
        assert_eq!(follows("registry.example.com", &format!("https://{host}/token")), REFUSED, "{host}");
    }
}

/// ggcr `transport/bearer_test.go` `TestValidateRealmURLSameHost`, all 7.
#[test]
fn a_registry_on_a_private_address_may_have_its_tokens_there_and_nowhere_else() {
    for (registry, realm, expected) in [
        ("127.0.0.1:5000", "http://127.0.0.1:5000/token", Ok(())),
        ("127.0.0.1:5000", "http://127.0.0.1:6000/token", REFUSED),
        ("10.0.0.1", "https://10.0.0.1/token", Ok(())),
        ("[::1]:5000", "http://[::1]:5000/token", Ok(())),
        ("registry.example.com", "https://127.0.0.1/token", REFUSED),
        ("registry.example.com", "https://169.254.169.254/latest/meta-data", REFUSED),
        ("registry.example.com", "http://registry.example.com/token", REFUSED),
    ] {
        assert_eq!(follows(registry, realm), expected, "{registry} {realm}");
    }
}

/// oras `registry/remote/auth/client_test.go` `Test_validateRealm`, all 14. oras allows rows 1 (no realm at all), 3 (another public host) and 13 (another port of this machine).
#[test]
fn a_realm_is_an_absolute_url_of_the_registrys_origin() {
    let registry = "registry.example.com";
    for (registry, realm, expected) in [
        (registry, "", REFUSED),
        (registry, "https://registry.example.com/token", Ok(())),
        (registry, "https://auth.example.com/token", REFUSED),
        ("127.0.0.1:5000", "http://127.0.0.1:5000/token", Ok(())),
        (registry, "http://registry.example.com/token", REFUSED),
        (registry, "file:///etc/passwd", REFUSED),
        (registry, "ftp://registry.example.com/token", REFUSED),
        (registry, "https://169.254.169.254/token", REFUSED),
        (registry, "https://127.0.0.1/token", REFUSED),
        (registry, "https://[::1]/token", REFUSED),
        (registry, "https://10.0.0.5/token", REFUSED),
        (registry, "https://0.0.0.0/token", REFUSED),
        ("127.0.0.1:5000", "http://127.0.0.1:5001/token", REFUSED),
        (registry, "://bad-url", REFUSED),
    ] {
        assert_eq!(follows(registry, realm), expected, "{registry} {realm}");
    }
}

/// distribution `registry/proxy/proxyauth_test.go` same authority, loopback under another authority, Docker Hub style (which is
/// allowed there); ggcr `TestRealmHostMatchesRegistryDomain_AllowsSiblingSubdomain` allows the last two.
#[test]
fn a_token_server_beside_the_registry_is_another_origin() {
    for (registry, realm, expected) in [
        ("127.0.0.1:5000", "http://127.0.0.1:5000/token", Ok(())),
        ("127.0.0.1:5000", "http://127.0.0.1:6000/token", REFUSED),
        ("registry-1.docker.io", "https://auth.docker.io/token", REFUSED),
        ("registry.example.com", "https://auth.example.com/token", REFUSED),
        ("registry.example.com", "https://registry.example.com.evil.example/token", REFUSED),
    ] {
        assert_eq!(follows(registry, realm), expected, "{registry} {realm}");
    }
}

/// distribution `registry/proxy/proxyauth_test.go` off-origin bearer dropped: of two challenges only the registry's own counts,
/// whichever comes first.
#[test]
fn a_challenge_of_another_origin_beside_the_registrys_own_is_dropped() {
    for order in ["Bearer realm=\"SINK/token\", Bearer realm=\"DOOR/token\"", "Bearer realm=\"DOOR/token\", Bearer realm=\"SINK/token\""] {
        let (bench, sink) = (Bench::open(), FrontDoor::spare());
        bench.door.challenge(&order.replace("SINK", &sink.url()).replace("DOOR", &bench.door.url()));
        bench.allows();
        assert_eq!((bench.asked(), sink.connections()), (HONEST.map(str::to_owned).to_vec(), 0), "{order}");
    }
}

/// regclient `internal/auth/auth_test.go` `TestAuth` "reject redirect to loopback", "reject http downgrade", "bearer2 relative
/// realm" (regclient follows the last).
#[test]
fn a_realm_neither_downgrades_nor_turns_inward_nor_is_relative() {
    for realm in ["http://registry.example.com/token", "http://127.0.0.1/token", "https://localhost/token", "/token2", "token2", "//x/t"] {
        assert_eq!(follows("registry.example.com", realm), REFUSED, "{realm}");
    }
}
