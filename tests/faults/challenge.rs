//! Challenges that are missing, ambiguous or too many.

use ghcr_auth_testbed::front_door::Answer;

use crate::faults::row::{Check, Row};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-107", |row| row.check(|world| world.answers("GET /v2/", Answer::status(401), 1))),
    ("FI-110", |row| {
        nothing_to_trust(row, &[r#"Bearer realm="URL/token",realm="URL/other""#, r#"Bearer realm="URL/token",REALM="URL/token""#]);
    }),
    ("FI-111", |row| {
        nothing_to_trust(row, &["Negotiate", "Negotiate YII=", r#"Digest realm="URL",nonce="x""#, r#"Basic realm="URL/token""#]);
    }),
    ("FI-113", |row| {
        for scope in ["repository:victim/x:pull,push,delete", "repository:*:*", "registry:catalog:*"] {
            row.check_then(
                |world| {
                    let url = world.door.url();
                    world.door.challenge(&format!(r#"Bearer realm="{url}/token",service="ghcr.io",scope="{scope}""#));
                },
                |world, _| {
                    let asked = world.door.requests().into_iter().find(|request| request.path == "/token").unwrap().query;
                    assert_eq!(asked, "service=ghcr.io&scope=repository%3Aacme%2Fapp%3Apull%2Cpush");
                },
            );
        }
    }),
    ("FI-115", |row| {
        // A head of more than 400 kB is none that the transport reads: `registry-protocol`.
        let many = vec![r#"Basic realm="x""#; 64].join(", ");
        for others in [vec!["Negotiate".to_owned(); 64], vec![many], vec!["Negotiate".to_owned() + &"a".repeat(300_000)]] {
            row.check(|world| {
                let bearer = format!(r#"Bearer realm="{}/token",service="ghcr.io""#, world.door.url());
                let answer = others.iter().fold(Answer::status(401), |answer, other| answer.header("WWW-Authenticate", other));
                world.answers("GET /v2/", answer.header("WWW-Authenticate", &bearer), 1);
            });
        }
    }),
];

fn nothing_to_trust(row: &Row, challenges: &[&str]) {
    for challenge in challenges {
        row.check_then(
            |world| {
                let challenge = challenge.replace("URL", &world.door.url());
                world.door.challenge(&challenge);
                world.expect("GET /v2/", 1);
            },
            |world, _| assert!(world.door.credentials().is_empty(), "{challenge}"),
        );
    }
}
