use proptest::prelude::*;

use super::*;
use crate::diagnosis;

fn codes(log: &str) -> Vec<&'static str> {
    explain(log).findings.iter().map(|finding| finding.reason.code()).collect()
}

#[test]
fn a_log_without_a_failure_of_a_github_registry_is_not_explained() {
    for log in ["", "\n\n", "Login Succeeded", "pushed ghcr.io/acme/app:1", "Get \"https://quay.io/v2/\": denied: denied"] {
        assert_eq!(explain(log), Explanation::default(), "{log}");
        assert_eq!(explain(log).code(), "none");
    }
}

#[test]
fn the_first_of_several_stated_reasons_is_the_cause() {
    let log = "Get \"https://ghcr.io/v2/\": denied: denied\nThe push refers to repository [ghcr.io/acme/app]\ndenied: permission_denied: write_package";
    assert_eq!(codes(log), ["bad-credential", "package-write-denied"]);
}

#[test]
fn a_stated_reason_outweighs_a_refusal_without_one_wherever_they_stand() {
    let head = "unexpected status from HEAD request to https://ghcr.io/v2/acme/app/blobs/sha256:00: 403 Forbidden";
    assert_eq!(codes(&format!("{head}\ndenied: permission_denied: write_package")), ["package-write-denied", "denied"]);
    assert_eq!(codes(&format!("{head}\ntoomanyrequests: retry-after: 1ms, allowed: 2000/minute")), ["rate-limited", "denied"]);
    assert_eq!(codes(&format!("Get \"https://ghcr.io/v2/\": EOF\n{head}")), ["denied", "registry-unreachable"]);
}

#[test]
fn a_fault_that_was_got_over_is_none() {
    let fault = "Error response from daemon: Get \"https://ghcr.io/v2/\": context deadline exceeded";
    assert_eq!(codes(&format!("{fault}\nLogin Succeeded")), [] as [&str; 0]);
    assert_eq!(codes(&format!("{fault}\nLogin Succeeded\nError: exit code 1")), ["registry-timeout"]);
    assert_eq!(codes("denied: permission_denied: write_package\nLogin Succeeded"), ["package-write-denied"]);
}

#[test]
fn the_registry_named_last_is_the_one_that_refuses() {
    let refused = "denied: requested access to the resource is denied";
    let log =
        |first: &str, second: &str| format!("The push refers to repository [{first}]\nThe push refers to repository [{second}]\n{refused}");
    assert_eq!(codes(&log("docker.io/acme/app", "ghcr.io/acme/app")), ["denied"]);
    assert_eq!(codes(&log("ghcr.io/acme/app", "docker.io/acme/app")), [] as [&str; 0]);
}

#[test]
fn a_login_without_a_registry_is_not_taken_for_the_one_before() {
    let log = "Run docker/login-action@v3\n  with:\n    registry: ghcr.io\nLogin Succeeded!\nRun docker/login-action@v3\n  with:\n    logout: true\nError: Username and password required";
    assert_eq!(codes(log), [] as [&str; 0]);
}

#[test]
fn nobody_is_sent_to_a_page_of_a_host_that_a_log_made_up() {
    let finding = explain("Head \"https://containers.evil.example/v2/acme/app/manifests/1\": denied: denied").findings.remove(0);
    let diagnosis = diagnosis::explain(finding.reason, &finding.subject(), &crate::github::Evidence::default());
    assert!(!format!("{diagnosis:?}").contains("//evil.example"), "{diagnosis:?}");
}

#[test]
fn a_limit_of_docker_hub_or_the_api_around_a_copy_to_ghcr_is_not_ghcrs() {
    let copy = "Copying docker.io/library/alpine:3 to ghcr.io/acme/alpine:3\n";
    let hub = "Error: 429 Too Many Requests\nsee https://www.docker.com/increase-rate-limit";
    assert_eq!(explain(&format!("{copy}{hub}")).code(), "none");
    let api = "RequestError: You have exceeded a secondary rate limit\n  at https://api.github.com/orgs/acme/packages";
    assert_eq!(explain(&format!("pushed: ghcr.io/acme/app\n{api}")).code(), "none");
    assert_eq!(explain("ghcr.io/acme/app: toomanyrequests: retry-after: 1ms, allowed: 2000/minute").code(), "rate-limited");
}

#[test]
fn the_situation_is_that_of_the_failure() {
    let log = "Run docker/login-action@v3\nLogin Succeeded!\nPulling ghcr.io/acme/base\nThe push refers to repository [ghcr.io/acme/app]\nunauthorized";
    let explanation = explain(log);
    let situation = &explanation.findings[0].situation;
    assert_eq!((situation.operation.name(), situation.place.name(), situation.held.name()), ("push", "actions", "unknown"));
}

#[test]
fn a_fine_grained_token_is_recognised_and_not_shown() {
    let explanation = explain("docker login ghcr.io -p github_pat_11AAAA\nGet \"https://ghcr.io/v2/\": denied: denied");
    assert_eq!(explanation.code(), "fine-grained-pat");
    assert!(!format!("{explanation:?}").contains("github_pat_"));
}

#[test]
fn the_image_and_the_server_are_told() {
    let finding = explain("Head \"https://containers.acme.ghe.com/v2/acme/app/manifests/1\": denied: permission_denied: read_package")
        .findings
        .remove(0);
    let subject = finding.subject();
    assert_eq!((subject.owner.as_str(), subject.package.as_str()), ("acme", "app"));
    assert_eq!(subject.server, "https://acme.ghe.com");
    assert!(!diagnosis::explain(finding.reason, &subject, &crate::github::Evidence::default()).cause.is_empty());
    let podman = explain("initiating layer upload to /v2/acme/app/blobs/uploads/ in ghcr.io: denied: permission_denied: write_package");
    assert_eq!(podman.findings[0].image.as_ref().map(ImageName::reference), Some("ghcr.io/acme/app".into()));
}

proptest! {
    #[test]
    fn any_text_is_read(log in any::<String>()) {
        let _ = explain(&log);
    }

    #[test]
    fn any_mixture_of_what_logs_are_made_of_is_read(parts in prop::collection::vec(prop::sample::select(PARTS), 0..40)) {
        let _ = explain(&parts.concat());
    }

    #[test]
    fn no_token_is_ever_shown(
        prefix in prop::sample::select(&["ghp_", "ghs_", "gho_", "github_pat_"][..]),
        body in "[A-Za-z0-9]{20,60}",
        frame in prop::sample::select(FRAMES),
    ) {
        let token = format!("{prefix}{body}");
        let encoded = crate::credential::token::Token::new(token.clone()).basic("octocat");
        for secret in [&token, &encoded] {
            let shown = format!("{:?}", explain(&frame.replace("TOKEN", secret)));
            prop_assert!(!shown.to_lowercase().contains(&secret.to_lowercase()), "{shown}");
            prop_assert!(!shown.to_lowercase().contains(&body.to_lowercase()), "{shown}");
        }
    }
}

const PARTS: &[&str] = &[
    "ghcr.io",
    "/",
    ":",
    "https://",
    "\"",
    "\n",
    " ",
    "denied",
    "403 Forbidden",
    "é",
    "\u{1b}[",
    "\\n",
    "\\\"",
    "[1](https://",
    "scope=repository%3A",
    "v2/",
    "%3A",
    "@",
    "token?",
    "in ",
    "/v2/",
    "/blobs",
    "docker push ",
    "acme/app",
    "#1 ",
    "2022-06-01T",
    "unauthorized: ",
];

const FRAMES: &[&str] = &[
    "https://octocat:TOKEN@ghcr.io/v2/: denied: denied",
    "docker login ghcr.io -u octocat -p TOKEN: denied: denied",
    "Get \"https://ghcr.io/v2/TOKEN/app/manifests/1\": denied",
    "ghcr.io/TOKEN/app:1: denied: permission_denied: write_package",
    "ghcr.io/acme/TOKEN:1: denied: permission_denied: write_package",
    "{\"auths\":{\"ghcr.io\":{\"auth\":\"TOKEN\"}}} 403 Forbidden unexpected status",
    "Authorization: Basic TOKEN https://ghcr.io/v2/: 403 Forbidden",
    "TOKEN=TOKEN,TOKEN;TOKEN ghcr.io: unauthorized",
];

#[test]
fn wordings_of_many_clients_are_known() {
    for (log, code) in [
        ("The push refers to repository [ghcr.io/acme/app]\nunauthorized: authentication required", "no-credential"),
        (
            "The push refers to repository [ghcr.io/acme/app]\nerror parsing HTTP 403 response body: unexpected end of JSON input: \"\"",
            "denied",
        ),
        ("The push refers to repository [ghcr.io/acme/app]\ndenied: not_found: owner not found", "denied"),
        (
            "Error: authenticating creds for \"ghcr.io\": Requesting bearer token: invalid status code from registry 403 (Forbidden)",
            "bad-credential",
        ),
        ("Error: logging into \"ghcr.io\": invalid username/password", "bad-credential"),
        ("Get \"https://ghcr.io/v2/\": dial tcp: lookup ghcr.io on 127.0.0.53:53: server misbehaving", "registry-unreachable"),
        ("Get \"https://ghcr.io/v2/\": net/http: TLS handshake timeout", "registry-timeout"),
        ("getaddrinfo ENOTFOUND ghcr.io", "registry-unreachable"),
        ("Error: POST \"https://ghcr.io/v2/acme/app/blobs/uploads/\": basic credential not found", "no-credential"),
        ("pulling from host ghcr.io failed with status code [manifests 1]: 401 Unauthorized", "denied"),
        (
            "ERR: Feature 'ghcr.io/acme/features/cli:1' could not be processed. You may not have permission to access this Feature, or may not be logged in.",
            "denied",
        ),
        (
            "Could not resolve Feature manifest for 'ghcr.io/acme/features/cli:1'. If necessary, provide registry credentials with 'docker login <registry>'.",
            "denied",
        ),
        ("[httpOci] Could not fetch bearer token for 'ghcr.io': Error: HTTP 403: Forbidden", "bad-credential"),
        ("curl https://ghcr.io/token\n{\"errors\":[{\"code\":\"DENIED\",\"message\":\"denied\"}]}", "bad-credential"),
        (
            "[ERROR] Failed to execute goal com.google.cloud.tools:jib-maven-plugin:3.4.4:build: Unauthorized for ghcr.io/acme/app: 403 Forbidden",
            "denied",
        ),
        (
            "Error calling workflow 'acme/app/.github/workflows/x.yml@main'. The nested job 'push' is requesting 'contents: write, packages: write', but is only allowed 'contents: read, packages: read'.",
            "packages-permission-missing",
        ),
        ("GET https://ghcr.io/v2/acme/db/manifests/2: UNKNOWN: unknown error", "registry-unavailable"),
        (
            "Can't install ghcr.io/acme/app:1: 500 Server Error for http+docker://localhost/v1/images/create?fromImage=ghcr.io%2Facme%2Fapp: (\"received unexpected HTTP status: 500 Internal Server Error\")",
            "registry-unavailable",
        ),
        ("Processing feature: ghcr.io/acme/features/cli:1\nError: connect ECONNREFUSED 192.0.2.7:443", "registry-unreachable"),
        (
            "POST /images/create?fromImage=ghcr.io/acme/app&tag=1\n{\"message\":\"error from registry: unauthorized\\nunauthorized\"}",
            "denied",
        ),
        ("The push refers to repository [ghcr.io//app]\ndenied: denied", "invalid-image"),
        ("helm show chart oci://ghcr.io/acme\nfailed to fetch anonymous token: unexpected status: 400 Bad Request", "invalid-image"),
        ("DEBUG: Failed to look up dependency ghcr.io/acme/app (repository=acme/app)", "denied"),
        ("updater | private_source_authentication_failure {:source=>\"ghcr.io\"}", "denied"),
        (
            "failed to push ghcr.io/acme/app:1: failed to authorize: failed to fetch oauth token: unexpected status: 400 Bad Request",
            "invalid-image",
        ),
    ] {
        assert_eq!(explain(log).code(), code, "{log}");
    }
}

#[test]
fn a_private_package_is_no_matter_of_roles_to_a_stranger() {
    let log = "GET \"https://ghcr.io/v2/acme/charts/db/tags/list\": response status code 403: denied: permission_denied: read_package";
    let finding = explain(log).findings.remove(0);
    let diagnosis = diagnosis::explain(finding.reason, &finding.subject(), &crate::github::Evidence::default());
    assert_eq!(diagnosis.title, "ghcr.io/acme/charts/db is private");
}

#[test]
fn tags_and_features_are_asked_for_by_those_who_pull() {
    for log in [
        "FATA[0000] Error listing repository tags: docker://ghcr.io/acme/app: received unexpected HTTP status: 403 Forbidden",
        "[httpOci] Could not fetch bearer token for 'ghcr.io': Error: HTTP 403: Forbidden",
        "Feature 'ghcr.io/acme/cli:1' could not be processed. You may not have permission to access this Feature",
    ] {
        assert_eq!(explain(log).findings[0].situation.operation, Operation::Pull, "{log}");
    }
}

fn told(log: &str) -> (Finding, diagnosis::Diagnosis) {
    let finding = explain(log).findings.remove(0);
    let diagnosis = diagnosis::explain(finding.reason, &finding.subject(), &crate::github::Evidence::default());
    (finding, diagnosis)
}

#[test]
fn what_was_tried_is_told_where_only_the_tool_or_the_error_shows_it() {
    for (log, operation) in [
        ("Image ghcr.io/acme/app:1 Error\nError response from daemon: error from registry: unauthorized", Operation::Pull),
        ("Failed to get image ghcr.io/acme/app: Unauthorized, message: authentication required", Operation::Pull),
        ("failed to put manifest ghcr.io/acme/app:1: unauthorized: User cannot be authenticated", Operation::Push),
        ("Run actions/attest-build-provenance@v3\nError: No credentials found for registry ghcr.io", Operation::Push),
        ("Run actions/delete-package-versions@v5\nError: delete version API failed. Package not found.", Operation::Delete),
    ] {
        assert_eq!(told(log).0.situation.operation, operation, "{log}");
    }
    assert_eq!(explain("Run acme/install@v1\nError: Package not found.").code(), "none");
}

#[test]
fn a_job_is_known_by_the_program_that_failed_in_it() {
    let failed = "Error: The process '/opt/hostedtoolcache/goreleaser-action/1/x64/goreleaser' failed with exit code 1";
    let log = format!("The push refers to repository [ghcr.io/acme/app]\ndenied: permission_denied: write_package\n{failed}");
    assert_eq!(told(&log).0.situation.place.name(), "actions");
}

#[test]
fn a_push_that_was_partly_accepted_is_tried_again_first() {
    let log = "#16 pushing manifest for ghcr.io/acme/app:1@sha256:00 0.4s done\nfailed to push ghcr.io/acme/app:2: unexpected status from HEAD request to https://ghcr.io/v2/acme/app/blobs/sha256:00: 403 Forbidden";
    assert!(told(log).1.fixes[0].text.starts_with("Try again once."), "{:?}", told(log).1);
}

#[test]
fn a_bot_is_given_its_login_where_it_reads_it() {
    assert!(format!("{:?}", told("DEBUG: Failed to look up docker package ghcr.io/acme/app").1).contains("hostRules"));
    assert!(
        format!(
            "{:?}",
            told("CannotPullContainerError: pulling from host ghcr.io failed with status code [manifests 1]: 401 Unauthorized").1
        )
        .contains("repositoryCredentials")
    );
    assert!(format!("{:?}", told("private_source_authentication_failure {:source=>\"ghcr.io\"}").1).contains("dependabot.yml"));
}

#[test]
fn a_name_without_an_owner_and_a_wrong_form_of_login_are_told() {
    let log =
        "failed to push ghcr.io/app:1: unexpected status from HEAD request to https://ghcr.io/v2/app/blobs/sha256:00: 400 Bad Request";
    assert_eq!(told(log).1.title, "the image name lacks its owner");
    let log = "Get \"https://ghcr.io/v2/acme/app/tags/list\": status=403 body={\"code\":\"DENIED\",\"message\":\"invalid token\"}";
    assert_eq!(told(log).1.title, "ghcr.io doesn't take this form of login");
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_from_its_error() {
    for (said, title) in [
        ("certificate signed by unknown authority", "no trusted TLS connection to ghcr.io"),
        ("certificate has expired or is not yet valid", "the certificate of ghcr.io has expired"),
        ("certificate is valid for *.example.com, not ghcr.io", "the certificate belongs to another host than ghcr.io"),
    ] {
        assert_eq!(told(&format!("Get \"https://ghcr.io/v2/\": x509: {said}")).1.title, title);
    }
    for said in ["handshake failure", "protocol version not supported", "insufficient security level"] {
        let title = told(&format!("Get \"https://ghcr.io/v2/\": remote error: tls: {said}")).1.title;
        assert_eq!(title, "no TLS version or cipher suite in common with ghcr.io");
    }
}

#[test]
fn single_sign_on_and_pull_requests_are_seen_wherever_they_are_named() {
    let log = "Head \"https://ghcr.io/v2/acme/app/manifests/1\": denied: Resource protected by organization SAML enforcement.";
    assert!(told(log).1.title.ends_with("is not authorized for acme's single sign-on"), "{:?}", told(log).1);
    let log = "#3 ERROR: denied: installation not allowed to Write organization package\n > pushing ghcr.io/acme/app:pr-39 with docker:";
    assert_eq!(told(log).1.title, "this pull request's GITHUB_TOKEN can't write packages");
}

#[test]
fn a_message_is_the_same_however_narrow_its_lines_are() {
    let log =
        "The push refers to repository [ghcr.io/acme/app]\ndenied: permission_denied: The token provided does not match expected scopes.";
    for width in [40, 50, 60, 80] {
        let broken = log.lines().flat_map(|line| line.as_bytes().chunks(width)).map(String::from_utf8_lossy);
        assert_eq!(explain(&broken.collect::<Vec<_>>().join("\n")).code(), "missing-scope", "{width}");
    }
}

#[test]
fn a_credential_on_the_line_after_its_name_is_not_shown() {
    for (name, secret) in ["GHCR_PAT=", "token:", "\"token\":", "ghcr-password: |", "export GHCR_TOKEN= \\"]
        .into_iter()
        .flat_map(|name| ["hunter2022", "docker-push-403"].map(|secret| (name, secret)))
    {
        for before in ["", "2026-01-02T03:04:05.6789012Z "] {
            let log = format!("{before}{name}\n{before}  {secret}\n{before}ghcr.io/acme/app: denied: denied\n");
            let quoted = format!("{before}{name}\n{before}  {secret} ghcr.io/acme/app: denied: denied\n");
            for log in [log, quoted] {
                assert!(!format!("{:?}", explain(&log)).contains(secret), "{log}");
            }
        }
    }
}

#[test]
fn what_is_not_about_permissions_of_a_github_registry_is_left_alone() {
    let pushed = "The push refers to repository [ghcr.io/acme/app]\nlatest: digest: sha256:00 size: 1\n";
    for log in [
        "manifest unknown",
        "Error: INSTALLATION FAILED: context deadline exceeded",
        "curl: (22) The requested URL returned error: 403",
        "The push refers to repository [registry:5000/app]\ndenied: requested access to the resource is denied",
        "docker push acme/app\ndenied: requested access to the resource is denied",
        "failed to push acme/app:1: unexpected status: 403 Forbidden",
        "npm ERR! 401 Unauthorized - unauthenticated: User cannot be authenticated with the token provided.",
        "Pushing a.nupkg to 'https://nuget.pkg.github.com/acme/'\nerror: permission_denied: write_package",
        "Get \"https://api.github.com/user\": 403 Forbidden",
        "dial unix /var/run/docker.sock: connect: permission denied",
        "Error saving credentials: error storing credentials - err: exit status 1",
        "unexpected status from POST request to https://ghcr.io/token: 405 Method Not Allowed",
        "echo 'denied: permission_denied: write_package means that'",
    ] {
        assert_eq!(explain(&format!("{pushed}{log}")).code(), "none", "{log}");
    }
}
