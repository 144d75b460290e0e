//! How registries are named, which of them are this machine, and when two URLs have one origin.

use ghcr_auth::registry::host::{Registry, is_loopback};
use reqwest::Url;

/// The origin that a name stands for, if it is one.
fn origin(name: &str) -> Option<String> {
    let url = Registry::parse(name).ok()?.url("/");
    Some(format!("{}://{}:{}", url.scheme(), url.host_str()?, url.port_or_known_default()?))
}

/// ggcr `transport/bearer_test.go` `TestCanonicalAddressResolution`. What ggcr guesses at (an empty port, an address
/// without brackets) or passes on as it is (garbage) is refused here.
#[test]
fn a_name_has_one_address_or_is_refused() {
    for (name, address) in [
        ("registry.example.com", Some("https://registry.example.com:443")),
        ("registry.example.com:12345", Some("https://registry.example.com:12345")),
        ("[2001:db8::1]", Some("https://[2001:db8::1]:443")),
        ("[2001:db8::1]:12345", Some("https://[2001:db8::1]:12345")),
        ("localhost", Some("http://localhost:80")),
        ("localhost:12345", Some("http://localhost:12345")),
        ("[::1]", Some("http://[::1]:80")),
        ("registry.example.com:", None),
        ("localhost:", None),
        ("2001:db8::1", None),
        ("::1", None),
        ("[2001:db8::1]:", None),
        ("[2001:db8::1", None),
        ("foo:bar:baz", None),
        ("[]:443", None),
    ] {
        assert_eq!(origin(name).as_deref(), address, "{name}");
    }
}

/// ggcr `transport/bearer_test.go` `TestSchemeOverride`, `transport/ping_test.go` `TestPingHttpFallback`: ggcr speaks http
/// to private addresses and to anything under `.localhost`.
#[test]
fn http_is_for_this_machine_alone() {
    for name in ["example.com", "gcr.io", "us.gcr.io", "ko.localhost", "ko.local:5000", "10.0.0.1:5000", "192.168.1.1", "registry"] {
        assert!(origin(name).unwrap().starts_with("https://"), "{name}");
    }
}

/// regclient `internal/regnet` `TestIsLocal`, all 8. Who is local may be spoken to without TLS here, so that the two names
/// that only often mean this machine do not count.
#[test]
fn only_what_is_this_machine_by_definition_is_local() {
    for (host, local) in [
        ("127.0.0.2", true),
        ("::1", true),
        ("[::1]", true),
        ("localhost", true),
        ("localhost.", false),
        ("0.0.0.0", false),
        ("10.0.0.1", false),
        ("regclient.org", false),
    ] {
        assert_eq!(is_loopback(host), local, "{host}");
    }
}

/// oras `registry/remote/auth/client_test.go` `Test_sameHTTPOrigin`, all 7; distribution
/// `authchallenge_test.go` `TestAuthChallengeNormalization`.
#[test]
fn an_origin_is_scheme_host_and_port_however_they_are_spelt() {
    for (registry, url, same) in [
        ("registry.example:5000", "https://registry.example:5000/v2/", true),
        ("registry.example:5000", "https://registry.example:5001/v2/", false),
        ("registry.example", "https://registry.example:443/v2/", true),
        ("127.0.0.1", "http://127.0.0.1:80/v2/", true),
        ("registry.example", "http://registry.example/v2/", false),
        ("Registry.EXAMPLE", "https://REGISTRY.example/v2/", true),
        ("registry.example", "https://other.example/v2/", false),
    ] {
        let registry = Registry::parse(registry).unwrap();
        assert_eq!(registry.owns(&Url::parse(url).unwrap()), same, "{url}");
    }
}

/// podman `test/e2e/login_logout_test.go` "login with http{s} prefix": https is taken off, http is not taken at all.
/// docker `login_test.go` `TestRunLogin` "sanitizes server address to remove repo": a name is not guessed out of a path.
#[test]
fn a_registry_is_given_as_a_host_with_https_before_it_at_most() {
    for (given, name) in [
        ("https://registry.example:5000", Some("registry.example:5000")),
        ("HTTPS://Registry.Example", Some("registry.example")),
        ("http://registry.example:5000", None),
        ("http://localhost:5000", None),
        ("https://registry.example/", None),
        ("registry.example/acme/app", None),
        ("https://index.docker.io/v1/", None),
    ] {
        assert_eq!(Registry::parse(given).ok().as_ref().map(Registry::name), name, "{given}");
    }
}
