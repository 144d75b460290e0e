//! May it push? The question itself, and the session that it opens.

use ghcr_auth_testbed::{
    front_door::{Answer, Denial, FrontDoor, Request, Rules, Verdict},
    job::PATIENCE,
};

use super::{Bench, HONEST, PAT, attempt, let_settle};

fn cancellations(door: &FrontDoor) -> Vec<Request> {
    door.requests().into_iter().filter(|request| request.method == "DELETE").collect()
}

/// ggcr `pkg/v1/remote/check_test.go` `TestCheckPushPermission` 201 and 202, and that no other path is asked for.
#[test]
fn a_session_that_opens_is_a_yes_and_is_cancelled_where_the_registry_put_it() {
    for status in [201, 202] {
        let bench = Bench::open();
        bench.door.always("POST uploads", Answer::status(status).header("Location", "somewhere/else"));
        bench.allows();
        assert!(bench.door.wait_for("DELETE upload", PATIENCE), "{status}: the session was not cancelled");
        assert_eq!(bench.asked(), HONEST, "{status}");
        let deleted = cancellations(&bench.door);
        assert_eq!(deleted.len(), 1, "{status}");
        assert_eq!(deleted[0].path, "/v2/acme/app/blobs/uploads/somewhere/else", "{status}");
        assert_eq!(deleted[0].credential.as_deref(), Some(PAT), "{status}");
    }
}

/// ggcr `pkg/v1/remote/check_test.go` `TestCheckPushPermission` 403 and 400. ggcr has one error for both; here only the first
/// is called a no of the registry.
#[test]
fn a_403_is_denied_and_a_400_is_unknown_and_neither_is_cancelled() {
    for (status, reason, verdict) in [(403, "denied", "denied"), (400, "registry-protocol", "unknown")] {
        let bench = Bench::open();
        bench.door.always("POST uploads", Answer::status(status).header("Location", "somewhere/else"));
        let run = bench.refuses(reason);
        assert_eq!(attempt(&run), (verdict.to_owned(), Some(status.into())));
        let_settle(&bench.door);
        assert_eq!((bench.asked()[..3].to_vec(), cancellations(&bench.door).len()), (HONEST.map(str::to_owned).to_vec(), 0));
    }
}

/// ggcr `pkg/v1/remote/write_test.go` `NextLocationSSRFProtection`, the 3 that are followed.
#[test]
fn a_session_of_the_registrys_own_origin_is_cancelled_however_it_is_written() {
    for (location, path, query) in [
        ("/v2/acme/app/blobs/uploads/1", "/v2/acme/app/blobs/uploads/1", ""),
        ("2?state=x", "/v2/acme/app/blobs/uploads/2", "state=x"),
        ("http://HOST/v2/acme/app/blobs/uploads/3", "/v2/acme/app/blobs/uploads/3", ""),
    ] {
        let bench = Bench::open();
        let answer = Answer::status(202).header("Location", &location.replace("HOST", bench.door.host()));
        bench.door.always("POST uploads", answer);
        bench.allows();
        assert!(bench.door.wait_for("DELETE upload", PATIENCE), "{location}");
        let deleted = &cancellations(&bench.door)[0];
        assert_eq!((deleted.path.as_str(), deleted.query.as_str()), (path, query), "{location}");
    }
}

/// ggcr `pkg/v1/remote/write_test.go` `NextLocationSSRFProtection`, the 6 that are refused: another host, another port,
/// another scheme, a host of this machine under another name. The yes stands: a session was opened.
#[test]
fn a_session_elsewhere_sees_no_bearer() {
    for location in
        ["http://SINK/v2/acme/app/blobs/uploads/1", "//SINK/steal", "http://x@HOST/v2/x", "https://HOST/v2/x", "http://localhost:PORT/v2/x"]
    {
        let (bench, sink) = (Bench::open(), FrontDoor::spare());
        let port = bench.door.host().rsplit(':').next().unwrap();
        let location = location.replace("SINK", sink.host()).replace("HOST", bench.door.host()).replace("PORT", port);
        bench.door.always("POST uploads", Answer::status(202).header("Location", &location));
        bench.allows();
        assert_eq!(bench.door.connections(), 1, "{location}");
        let_settle(&bench.door);
        let_settle(&sink);
        assert_eq!(sink.connections(), 1, "{location}: only the test's own");
        assert!(cancellations(&bench.door).is_empty(), "{location}");
    }
}

/// kaniko `pkg/executor/push_test.go` `TestCheckPushPermissions`, 13 rows about how often a repository is asked about.
#[test]
fn each_repository_is_asked_about_once_however_often_it_is_named() {
    for (images, expected) in [
        ("acme/app", 1),
        ("acme/app\nacme/app", 1),
        ("acme/app,ACME/App", 1),
        ("acme/app,HOST/acme/app", 1),
        ("acme/app,acme/app/cache", 2),
        ("acme/app,acme/web,acme/app,acme/web", 2),
    ] {
        let bench = Bench::open();
        let run = bench.step().input("images", &images.replace("HOST", bench.door.host())).run();
        assert_eq!(run.output("push"), "true", "{}", run.log());
        let opened = bench.asked().into_iter().filter(|line| line.starts_with("POST ")).count();
        assert_eq!(opened, expected, "{images}");
    }
}

/// containerd `ForbiddenGETFallbackForErrorBody`: an answer to HEAD has no body that could say why, so a pull is asked with GET.
#[test]
fn why_a_pull_is_refused_is_read_from_the_answer() {
    let bench = Bench::with(Rules::default().allow(PAT).pull(PAT, Verdict::Denied(Denial::PackageReadDenied)));
    let run = bench.step().input("access", "pull").run();
    assert_eq!(["pull", "reason", "logged-in"].map(|name| run.output(name)), ["false", "package-read-denied", "false"], "{}", run.log());
    assert_eq!(bench.asked(), ["GET /v2/", "GET /token Basic", "GET /v2/acme/app/tags/list Bearer"]);
}

/// oras `TestClient_SetUserAgent`; regclient `internal/reghttp`, whose requests all name the client.
#[test]
fn every_request_says_who_asks() {
    let bench = Bench::open();
    bench.door.always("POST uploads", Answer::error(403, "DENIED", "permission_denied: write_package"));
    bench.refuses("package-write-denied");
    let ours = concat!("ghcr-auth/", env!("CARGO_PKG_VERSION"));
    assert_eq!(bench.asked(), HONEST);
    assert!(bench.door.requests().iter().all(|request| request.headers["user-agent"] == ours));
    assert!(!bench.api.requests().is_empty());
    assert!(bench.api.requests().iter().all(|request| !request.headers["user-agent"].is_empty()), "GitHub's API refuses others");
}
