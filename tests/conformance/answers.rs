//! What errors of a registry mean: the status decides, the body at most explains, and no body is shown.

use ghcr_auth_testbed::front_door::Answer;

use super::{Bench, HONEST, PAT, attempt};

/// A word of ours in each body, to look for in what is shown.
const CANARY: &str = "BodyCanary";

struct Row {
    case: &'static str,
    status: u16,
    body: &'static str,
    reason: &'static str,
}

const fn row(case: &'static str, status: u16, body: &'static str, reason: &'static str) -> Row {
    Row { case, status, body, reason }
}

/// distribution `errors_test.go`, its cases.
const DISTRIBUTION: [Row; 10] = [
    row("401ValidBody", 401, r#"{"errors":[{"code":"UNAUTHORIZED","message":"BodyCanary"}]}"#, "denied"),
    row("401WithInvalidBody", 401, "{BodyCanary}", "denied"),
    row("401WithNoBody", 401, "", "denied"),
    row("400ValidBody", 400, r#"{"errors":[{"code":"DIGEST_INVALID","message":"BodyCanary"}]}"#, "registry-protocol"),
    row("404EmptyErrorSlice", 404, r#"{"randomkey":"BodyCanary"}"#, "registry-protocol"),
    row("404InvalidBody", 404, "{BodyCanary}", "registry-protocol"),
    row("UnexpectedStatusCode501", 501, r#"{"Error Encountered":"BodyCanary"}"#, "registry-protocol"),
    row("InsufficientPrivileges403", 403, r#"{"details":"requesting higher privileges BodyCanary"}"#, "denied"),
    row("NonJson", 403, "BodyCanary", "denied"),
    row(
        "200ValidBody, no error there and no proof here",
        200,
        r#"{"errors":[{"code":"DENIED","message":"BodyCanary"}]}"#,
        "registry-protocol",
    ),
];

/// ggcr `transport/error_test.go`: `TestCheckErrorNotError`, `TestCheckErrorWithError`, `TestTemporary` (where ggcr goes by
/// the code in the body; here a 400 is final), `TestBodyError`.
const GGCR: [Row; 7] = [
    row("TestCheckErrorNotError 400", 400, "", "registry-protocol"),
    row("TestCheckErrorNotError 401", 401, "BodyCanary", "denied"),
    row("TestCheckErrorWithError", 400, r#"{"errors":[{"code":"NAME_INVALID","message":"BodyCanary"}]}"#, "registry-protocol"),
    row("TestCheckErrorWithError, empty", 400, "{}", "registry-protocol"),
    row(
        "TestCheckErrorWithError, two",
        400,
        r#"{"errors":[{"code":"NAME_INVALID","message":"BodyCanary"},{"code":"SIZE_INVALID","message":"x","detail":"y"}]}"#,
        "registry-protocol",
    ),
    row("TestTemporary", 400, r#"{"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"BodyCanary"}]}"#, "registry-protocol"),
    row(
        "TestTemporary, with DENIED",
        403,
        r#"{"errors":[{"code":"BLOB_UPLOAD_INVALID"},{"code":"DENIED","message":"BodyCanary"}]}"#,
        "denied",
    ),
];

/// containers `docker/errors_test.go` `TestRegistryHTTPResponseToError`, regclient `internal/reghttp` Missing and Forbidden,
/// radius pull request 12623 (202, 401, 403, other).
const OTHERS: [Row; 5] = [
    row("HTML 404", 404, "<html><body>BodyCanary</body></html>", "registry-protocol"),
    row("416", 416, "BodyCanary", "registry-protocol"),
    row("418", 418, "BodyCanary", "registry-protocol"),
    row("403 with an unknown code", 403, r#"{"errors":[{"code":"FUTURE","message":"BodyCanary"}]}"#, "denied"),
    row("401 with a list", 401, r#"["BodyCanary"]"#, "denied"),
];

#[test]
fn the_status_decides_and_the_body_is_neither_believed_nor_shown() {
    for Row { case, status, body, reason } in DISTRIBUTION.iter().chain(&GGCR).chain(&OTHERS) {
        let bench = Bench::open();
        bench.door.always("POST uploads", Answer::status(*status).header("Content-Type", "application/json").body(body.as_bytes()));
        let run = bench.refuses(reason);
        let verdict = if *reason == "denied" { "denied" } else { "unknown" };
        assert_eq!(attempt(&run), (verdict.to_owned(), Some((*status).into())), "{case}");
        assert_eq!(bench.asked()[..3], HONEST, "{case}: it was asked again");
        assert!(!run.everything_shown().contains(CANARY), "{case}: {}", run.log());
    }
}

/// ggcr `transport/error_test.go` `TestCheckErrorNotError`, where the URL in the error has `access_token=REDACTED`; containerd
/// `TestRequestSanitize`, 9 URLs: no URL with its query is shown at all.
#[test]
fn no_url_with_a_query_is_shown_however_talkative_the_run() {
    let bench = Bench::open();
    let query = "access_token=UrlCanary&sig=UrlCanary&X-Amz-Signature=UrlCanary";
    bench.door.realm(&format!("{}/token?{query}", bench.door.url()));
    bench.door.always("POST uploads", Answer::status(403).header("Location", &format!("/v2/x?{query}")));
    let run = bench.step().env("RUNNER_DEBUG", "1").run();
    assert_eq!(run.output("reason"), "denied");
    assert!(bench.door.requests()[1].query.starts_with(query), "the realm's own query is sent");
    assert!(run.stdout.contains("::debug::") && !run.everything_shown().contains("UrlCanary"), "{}", run.log());
}

/// ggcr `transport/limit_test.go`, containers `BearerTokenReadFromHTTPResponseBody`: the limit is 64 KiB, to the byte.
#[test]
fn an_answer_may_have_64_kib_and_not_a_byte_more() {
    for (size, reason) in [(64 * 1024, "allowed"), (64 * 1024 + 1, "registry-protocol")] {
        let bench = Bench::open();
        let mut body = format!(r#"{{"token":"{}","pad":""#, super::bearer::of(PAT)).into_bytes();
        body.resize(size - 2, b'x');
        body.extend(b"\"}");
        bench.door.always("GET /token", Answer::status(200).body(&body));
        assert_eq!(bench.step().run().output("reason"), reason, "{size}");
    }
}
