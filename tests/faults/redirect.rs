//! Redirects, which are never followed, and the places of upload sessions, of which only the registry's own is asked.

use ghcr_auth_testbed::front_door::Answer;
use ghcr_auth_testbed::job::PATIENCE;

use crate::faults::{
    row::Check,
    world::{STEPS, World},
};

pub(crate) const CHECKS: &[Check] = &[
    ("FI-077", |row| {
        for (key, status) in STEPS.into_iter().flat_map(|key| [301, 302, 307, 308].map(|status| (key, status))) {
            row.check(|world| {
                let elsewhere = format!("{}/token", world.sink.url());
                world.answers(key, redirect(status, &elsewhere), 1);
            });
        }
    }),
    ("FI-079", |row| {
        row.check(|world| {
            world.answers("POST uploads", redirect(303, "/v2/"), 1);
            world.expect("GET /v2/", 1);
        });
    }),
    ("FI-080", |row| {
        for key in STEPS {
            row.check(|world| {
                world.answers(key, redirect(307, "/again"), 1);
                world.expect("GET /again", 0);
            });
        }
    }),
    ("FI-081", |row| {
        let long = format!("/{}", "a".repeat(300_000));
        for location in
            ["file:///etc/passwd", "javascript:alert(1)", "//evil.test/", "\\\\evil.test", "", "::set-output name=push::true", &long]
        {
            row.check(|world| world.answers("GET /token", redirect(307, location), 1));
        }
    }),
    ("FI-084", |row| {
        let own = |world: &World| world.door.host().to_owned();
        for location in ["/v2/acme/app/blobs/upload/1", "../upload/1", "http://HOST/v2/acme/app/blobs/upload/1"] {
            row.check_then(
                |world| world.answers("POST uploads", opened(&location.replace("HOST", &own(world))), 1),
                |world, _| assert!(world.door.wait_for("DELETE upload", PATIENCE), "{location}"),
            );
        }
        for location in [
            "http://SINK/v2/acme/app/blobs/upload/1",
            "http://x:y@HOST/v2/acme/app/blobs/upload/1",
            "https://HOST/v2/acme/app/blobs/upload/1",
            "http://HOST/v2/acme/app/manifests/latest",
            "//SINK/v2/x",
            "",
        ] {
            row.check(|world| {
                let location = location.replace("HOST", &own(world)).replace("SINK", world.sink.host());
                world.answers("POST uploads", opened(&location), 1);
                world.expect("DELETE upload", 0);
                world.expect("DELETE manifest", 0);
            });
        }
        let broken = Answer::raw(b"HTTP/1.1 202 Accepted\r\nLocation: /v2/x\r\nX-Injected: 1\r\nContent-Length: 0\r\n\r\n");
        row.check(|world| world.answers("POST uploads", broken.clone(), 1));
    }),
];

fn redirect(status: u16, location: &str) -> Answer {
    Answer::status(status).header("Location", location)
}

fn opened(location: &str) -> Answer {
    Answer::status(202).header("Location", location)
}
