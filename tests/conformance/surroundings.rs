//! What surrounds a step: the runner's variables and files, and the proxy between it and the registry.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::{
    front_door::{FrontDoor, Request},
    job::Job,
};

use super::{Bench, PAT, binary};

/// configure-aws-credentials `index.test.ts` "fails when github env vars are missing": without any one of the runner's
/// variables nothing is pushed and nothing is logged in, and a credential is sent only where the event is beyond doubt.
#[test]
fn without_a_variable_of_the_runners_there_is_no_push() {
    for (variable, reason, is_asked) in [
        ("GITHUB_EVENT_NAME", "unsupported-event", false),
        ("GITHUB_EVENT_PATH", "payload-unreadable", false),
        ("GITHUB_REPOSITORY", "invalid-image", false),
        ("GITHUB_REPOSITORY_ID", "payload-mismatch", false),
        ("GITHUB_REF", "payload-mismatch", false),
        ("HOME", "login-failed", true),
        ("GITHUB_ENV", "login-failed", true),
        ("GITHUB_STATE", "login-failed", true),
    ] {
        let bench = Bench::open();
        let step = bench.step().remove_env(variable);
        let step = if variable == "GITHUB_REPOSITORY" { step.input("images", "") } else { step };
        let run = step.run();
        assert_eq!(["push", "reason", "logged-in"].map(|name| run.output(name)), ["false", reason, "false"], "{variable}: {}", run.log());
        assert_eq!(!bench.door.credentials().is_empty(), is_asked, "{variable}");
        assert!(!bench.job.home().join(".docker/config.json").exists(), "{variable}");
    }
    let bench = Bench::open();
    let run = bench.step().remove_env("GITHUB_OUTPUT").run();
    assert_eq!(run.code, 1, "an answer that nobody gets fails the step");
}

/// actions/runner `SetOutputFileCommandL0` "multiple values", actions/toolkit `core.test.ts` delimiter as value: what earlier
/// commands of the step left in the files stays, and each run has a delimiter of its own.
#[test]
fn the_runners_files_are_appended_to_with_a_delimiter_that_nobody_can_know() {
    let delimiters = [(); 2].map(|()| {
        let bench = Bench::open();
        let file = bench.job.temp().join("output");
        fs::write(&file, "earlier=1\n").unwrap();
        bench.step().input("images", "acme/app,acme/web").env("GITHUB_OUTPUT", file.to_str().unwrap()).run();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("earlier=1\n"), "{text}");
        let outputs = ghcr_auth_testbed::command_file::parse(&text).unwrap();
        assert_eq!(outputs["images"].lines().count(), 2);
        let (_, rest) = text.split_once("images<<").unwrap();
        rest.lines().next().unwrap().to_owned()
    });
    assert_ne!(delimiters[0], delimiters[1]);
    assert!(delimiters.iter().all(|delimiter| delimiter.len() >= "ghadelimiter_".len() + 32), "{delimiters:?}");
}

/// What a proxy that opens no tunnel is asked for, GitHub's API apart, with these variables.
fn tunnels(registry: &str, variables: &[(&str, &str)]) -> Vec<Request> {
    let (job, proxy) = (Job::new(), FrontDoor::spare());
    let step = job.step(binary()).input("registry", registry).input("GHCR_PAT", PAT).input("timeout", "5");
    let url = proxy.url();
    let step = variables
        .iter()
        .fold(step, |step, (name, value)| step.env(name, &value.replace("http://PROXY", &url).replace("PROXY", proxy.host())));
    let run = step.run();
    assert_eq!(run.output("push"), "false", "{}", run.log());
    proxy.requests().into_iter().filter(|request| !request.path.starts_with("api.github.com")).collect()
}

/// actions/toolkit `packages/http-client/__tests__/proxy.test.ts`, the `checkBypass` rows. GitHub's own documentation of
/// proxies for runners has a host with a port in its example.
#[test]
fn no_proxy_names_hosts_with_their_subdomains_and_with_a_port_or_without() {
    const HOST: &str = "registry.invalid";
    let rows = [
        ("not in the list", HOST, "otherserver, myserver ,anotherserver:8080", true),
        ("empty list", HOST, "", true),
        ("only the beginning is in the list", "registry.invalid.evil.invalid", HOST, true),
        ("only the end is in the list", "myregistry.invalid", HOST, true),
        ("another port", HOST, "registry.invalid:8443", true),
        ("as the list", HOST, HOST, false),
        ("in the list with blanks", HOST, "otherserver, registry.invalid ,anotherserver:8080", false),
        ("with a port", "registry.invalid:8443", "otherserver, registry.invalid:8443 ,anotherserver", false),
        ("with a port, listed without", "registry.invalid:8443", HOST, false),
        ("listed with the default port", HOST, "otherserver, registry.invalid:443", false),
        ("subdomain", "sub.registry.invalid", HOST, false),
        ("leading dot", HOST, ".registry.invalid", false),
        ("star", HOST, "*", false),
        ("another case", HOST, "Registry.INVALID", false),
    ];
    std::thread::scope(|scope| {
        for (case, registry, list, through) in rows {
            scope.spawn(move || {
                let tunnels = tunnels(registry, &[("HTTPS_PROXY", "http://PROXY"), ("NO_PROXY", list)]);
                assert_eq!(!tunnels.is_empty(), through, "{case}");
            });
        }
    });
}

/// The same file, the `getProxyUrl` and `proxyAuth` rows.
#[test]
fn an_https_proxy_is_for_https_and_gets_its_own_login_and_no_other() {
    let authorization = |variables: &[(&str, &str)]| {
        let tunnels = tunnels("registry.invalid", variables);
        assert!(tunnels.iter().all(|request| request.method == "CONNECT" && request.credential.is_none()));
        tunnels.first().map(|request| request.headers.get("proxy-authorization").cloned())
    };
    assert_eq!(authorization(&[("https_proxy", "http://PROXY")]), Some(None));
    assert_eq!(authorization(&[("HTTPS_PROXY", "PROXY")]), Some(None), "without a scheme");
    let login = format!("Basic {}", STANDARD.encode("user:password"));
    assert_eq!(authorization(&[("HTTPS_PROXY", "http://user:password@PROXY")]), Some(Some(login)));
    assert_eq!(authorization(&[("HTTP_PROXY", "http://PROXY"), ("http_proxy", "http://PROXY")]), None);
    assert_eq!(authorization(&[]), None);
}
