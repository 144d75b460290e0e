//! ghcr.io by its own name and over TLS: behind a proxy that opens it, on this machine.

use std::collections::BTreeSet;

use ghcr_auth_testbed::{
    front_door::{Answer, FrontDoor, Rules},
    job::{Job, Run},
    tls_proxy::TlsProxy,
};

use super::{JOB_TOKEN, PAT, assert_outputs, binary, open_door};

/// Runs with ghcr.io as the registry; `trusted` is whether the proxy's CA is.
fn run(job: &Job, door: &FrontDoor, trusted: bool, inputs: &[(&str, &str)]) -> (Run, TlsProxy) {
    let proxy = TlsProxy::as_github(door);
    std::fs::write(job.workspace().join("root.pem"), proxy.ca_pem()).unwrap();
    let step = job.step(binary()).env("HTTPS_PROXY", &proxy.url()).input("ca-file", if trusted { "root.pem" } else { "" });
    let run = inputs.iter().fold(step, |step, (name, value)| step.input(name, value)).run();
    (run, proxy)
}

fn keys(door: &FrontDoor) -> Vec<String> {
    super::to_registry(door).iter().map(ghcr_auth_testbed::front_door::Request::key).collect()
}

#[test]
fn a_known_challenge_saves_a_request() {
    let (job, door) = (Job::new(), open_door());
    let (run, proxy) = run(&job, &door, true, &[("GITHUB_TOKEN", JOB_TOKEN)]);
    assert_outputs(&run, &[("push", "true"), ("registry", "ghcr.io"), ("image", "ghcr.io/acme/app"), ("credential", "GITHUB_TOKEN")]);
    assert_eq!(keys(&door)[..2], ["GET /token", "POST uploads"]);
    assert_eq!(proxy.targets(), ["ghcr.io:443"], "one connection");
    assert!(job.docker_config().unwrap()["auths"].get("ghcr.io").is_some());
}

#[test]
fn a_refusal_at_the_known_challenge_is_checked_against_the_current_one() {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default()));
    door.realm("https://ghcr.io/token");
    let (run, _) = run(&job, &door, true, &[("GITHUB_TOKEN", JOB_TOKEN)]);
    assert_outputs(&run, &[("push", "false"), ("reason", "bad-credential")]);
    assert_eq!(keys(&door), ["GET /token", "GET /v2/", "GET /token"], "and the credential is asked once more before the no");
}

#[test]
fn a_challenge_that_has_changed_costs_requests_and_no_wrong_answer() {
    let (job, door) = (Job::new(), open_door());
    door.realm("https://ghcr.io/token/new");
    door.script("GET /token", vec![Answer::status(404)]);
    let token = format!(r#"{{"token":"{}"}}"#, base64::Engine::encode(&base64::engine::general_purpose::STANDARD, JOB_TOKEN));
    door.always("GET /token/new", Answer::status(200).body(token.as_bytes()));
    let (run, _) = run(&job, &door, true, &[("GITHUB_TOKEN", JOB_TOKEN)]);
    assert_outputs(&run, &[("push", "true"), ("reason", "allowed")]);
    assert_eq!(keys(&door)[..3], ["GET /token", "GET /v2/", "GET /token/new"]);
}

#[test]
fn without_the_proxys_root_nothing_is_sent() {
    let (job, door) = (Job::new(), open_door());
    let (run, proxy) = run(&job, &door, false, &[("GITHUB_TOKEN", JOB_TOKEN)]);
    assert_outputs(&run, &[("push", "false"), ("reason", "tls-error")]);
    assert_eq!((door.connections(), proxy.targets().len()), (0, 1), "a certificate is not tried again");
}

#[test]
fn the_registry_and_its_api_are_the_only_hosts_and_without_verification_there_is_none() {
    let (registry, api) = ("ghcr.io:443", "api.github.com:443");
    for (inputs, hosts) in [
        (&[("GITHUB_TOKEN", JOB_TOKEN)][..], &[registry][..]),
        (&[("GHCR_PAT", PAT)], &[api, registry]),
        (&[("GHCR_PAT", "ghp_dead"), ("GITHUB_TOKEN", "ghs_dead")], &[api, registry]),
        (&[("GHCR_PAT", PAT), ("verify", "false")], &[]),
    ] {
        let (job, door) = (Job::new(), open_door());
        let (run, proxy) = run(&job, &door, true, inputs);
        let asked: BTreeSet<_> = proxy.targets().into_iter().collect();
        assert!(asked.iter().eq(hosts), "{asked:?}: {}", run.log());
    }
}

#[test]
fn a_host_in_no_proxy_is_not_asked_of_the_proxy() {
    let (job, door) = (Job::new(), open_door());
    let proxy = TlsProxy::before(&door, &["registry.invalid"]);
    let step = job.step(binary()).input("registry", "registry.invalid").input("images", "acme/app").input("GHCR_PAT", PAT);
    let run = step.env("HTTPS_PROXY", &proxy.url()).env("NO_PROXY", "other.example,registry.invalid").input("timeout", "5").run();
    assert!(matches!(run.output("reason"), "registry-unreachable" | "registry-timeout"), "{}", run.log());
    assert!(proxy.targets().is_empty());
}
