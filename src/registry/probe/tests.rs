//! Where credentials and bearers go, whatever the registry answers.

use std::cell::RefCell;

use ghcr_auth_testbed::front_door::{self, FrontDoor, Rules};
use reqwest::header::HeaderMap;
use rustls::RootCertStore;

use super::*;
use crate::{credential::Source, registry::proxy::ProxySettings};

const PAT: &str = "ghp_ProbeCanaryQ7Zt3Lw9Rb2Vn5Km8Dj1Xc4Yf";

fn transport(registry: &Registry) -> Transport {
    let client = client::client(&ProxySettings::default(), registry, &RootCertStore::empty()).unwrap();
    Transport::new(client, Instant::now() + Duration::from_secs(10))
}

/// Tries the PAT at the front door, and cancels the sessions that were opened; `mask` is called with each bearer.
fn try_at(door: &FrontDoor, mask: &dyn Fn(&Token)) -> Verdict {
    let registry = Registry::parse(door.host()).unwrap();
    let images = [Image::parse("acme/app", &registry).unwrap()];
    let question = Question { registry: &registry, access: Access::Push, images: &images, username: "bob" };
    let prober = Prober::new(transport(&registry), question, vec![Token::new(PAT)], mask);
    let candidate = Candidate { source: Source::GhcrPat, token: Token::new(PAT) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let trial = prober.trial(Some(&candidate)).await;
        prober.cancel_sessions().await;
        trial.verdict()
    })
}

fn open_door() -> FrontDoor {
    FrontDoor::start(Rules::default().allow(PAT))
}

/// Where a session would be cancelled that a registry opens at this `Location`.
fn session(access: Access, location: &str) -> Option<String> {
    let registry = Registry::parse("registry.example:5000").unwrap();
    let image = Image::parse("acme/app", &registry).unwrap();
    let question = Question { registry: &registry, access, images: &[], username: "" };
    let prober = Prober::new(transport(&registry), question, Vec::new(), &|_| {});
    let headers: HeaderMap = [(LOCATION, HeaderValue::from_str(location).unwrap())].into_iter().collect();
    let answer = Answer { status: 202, headers, body: Vec::new() };
    prober.session(&answer, &registry.url("/v2/acme/app/blobs/uploads/"), &image).map(String::from)
}

#[test]
fn a_session_is_cancelled_at_a_place_of_the_images_own_uploads_and_nowhere_else() {
    const OWN: &str = "https://registry.example:5000/v2/acme/app/blobs/upload";
    for (location, place) in [
        ("/v2/acme/app/blobs/uploads/1?state=x%2F", Some("s/1?state=x%2F")),
        ("/v2/acme/app/blobs/upload/1", Some("/1")),
        ("https://registry.example:5000/v2/acme/app/blobs/uploads/1", Some("s/1")),
        ("HTTPS://Registry.Example:5000/v2/acme/app/blobs/uploads/1", Some("s/1")),
        ("1", Some("s/1")),
        ("//registry.example:5000/v2/acme/app/blobs/uploads/1", Some("s/1")),
        ("https://other.example:5000/v2/acme/app/blobs/uploads/1", None),
        ("https://registry.example/v2/acme/app/blobs/uploads/1", None),
        ("http://registry.example:5000/v2/acme/app/blobs/uploads/1", None),
        ("//other.example/v2/acme/app/blobs/uploads/1", None),
        ("https:\\\\other.example/v2/acme/app/blobs/uploads/1", None),
        ("https://registry.example:5000@other.example/v2/acme/app/blobs/uploads/1", None),
        ("https://user:pw@registry.example:5000/v2/acme/app/blobs/uploads/1", None),
        ("/v2/acme/app/manifests/latest", None),
        ("/v2/acme/other/blobs/uploads/1", None),
        ("/v2/acme/app/blobs/uploads/../../manifests/latest", None),
        ("/v2/acme/app/blobs/uploads/..\\..\\manifests\\latest", None),
        ("/v2/acme/app/blobs/uploads/%2e%2e/%2e%2e/manifests/latest", None),
        ("/v2/acme/app/blobs/uploads/..%2f..%2fmanifests%2flatest", None),
        ("/v2/acme/app/blobs/uploads/1%00", None),
        ("../../manifests/latest", None),
        ("http://[bad", None),
        ("", Some("s/")),
    ] {
        let place = place.map(|place| format!("{OWN}{place}"));
        assert_eq!(session(Access::Push, location), place, "{location:?}");
    }
    assert_eq!(session(Access::Pull, "/v2/acme/app/blobs/uploads/1"), None);
}

#[test]
fn an_opened_session_is_cancelled_with_its_own_bearer() {
    let door = open_door();
    assert_eq!(try_at(&door, &|_| {}), Verdict::Allowed);
    assert!(door.wait_for("DELETE upload", Duration::from_secs(10)), "{:?}", door.requests());
    let [.., opened, cancelled] = &door.requests()[..] else { panic!("two requests") };
    assert_eq!((opened.key().as_str(), cancelled.method.as_str()), ("POST uploads", "DELETE"));
    assert_eq!(opened.headers["authorization"], cancelled.headers["authorization"]);
}

#[test]
fn no_answer_sends_a_secret_to_another_origin() {
    for key in ["GET /v2/", "GET /token", "POST uploads"] {
        for status in [301, 302, 303, 307, 308] {
            let (door, elsewhere) = (open_door(), FrontDoor::spare());
            door.always(key, front_door::Answer::status(status).header("Location", &format!("{}/v2/", elsewhere.url())));
            assert_eq!(try_at(&door, &|_| {}), Verdict::Unknown(Reason::RedirectRefused), "{key} {status}");
            assert_eq!(elsewhere.connections(), 0, "{key} {status}");
        }
    }
    let (door, elsewhere) = (open_door(), FrontDoor::spare());
    door.realm(&format!("{}/token", elsewhere.url()));
    assert_eq!((try_at(&door, &|_| {}), elsewhere.connections()), (Verdict::Unknown(Reason::RealmRefused), 0));
    let place = format!("{}/v2/acme/app/blobs/uploads/1", elsewhere.url());
    let door = open_door();
    door.always("POST uploads", front_door::Answer::status(202).header("Location", &place));
    assert_eq!((try_at(&door, &|_| {}), elsewhere.connections()), (Verdict::Allowed, 0));
}

#[test]
fn a_bearer_is_masked_before_it_is_sent() {
    let (door, masked) = (open_door(), RefCell::new(Vec::new()));
    try_at(&door, &|bearer| {
        let is_sent =
            door.requests().iter().any(|request| request.headers.get("authorization").is_some_and(|sent| sent.contains(bearer.expose())));
        masked.borrow_mut().push((bearer.expose().to_owned(), is_sent));
    });
    assert_eq!(masked.into_inner(), [(Token::new(PAT).base64(), false)]);
}

#[test]
fn messages_are_compared_with_what_was_sent_as_long_as_that_takes_no_time() {
    let door = open_door();
    let registry = Registry::parse(door.host()).unwrap();
    let question = Question { registry: &registry, access: Access::Push, images: &[], username: "" };
    let refused = Answer { status: 403, headers: HeaderMap::new(), body: b"The policy of acme forbids this.".to_vec() };
    let prober = Prober::new(transport(&registry), question, vec![Token::new("x".repeat(1000))], &|_| {});
    assert_eq!(prober.left.replace(2000), MOST_COMPARED);
    let said: Vec<_> = (0..3).map(|_| prober.said(&refused).is_some()).collect();
    assert_eq!(said, [true, true, false]);
}
