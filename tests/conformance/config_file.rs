//! docker's config.json: what a login and a logout change in what is already there.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use ghcr_auth::{credential::token::Token, login::config::DockerConfig};
use ghcr_auth_testbed::{
    front_door::{FrontDoor, Rules},
    job::{Job, Run},
};
use serde_json::{Value, json};

use super::{Bench, PAT, binary};

fn config(job: &Job) -> PathBuf {
    job.home().join(".docker/config.json")
}

fn seed(job: &Job, content: &Value) {
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(config(job), content.to_string()).unwrap();
}

#[track_caller]
fn post(job: &Job) -> Run {
    let run = job.step(binary()).post().run();
    assert_eq!(run.code, 0, "{}", run.log());
    run
}

fn ours() -> Value {
    json!({ "auth": Token::new(PAT).basic("alice") })
}

/// podman `150-login.bats` "check generated authfile", "check with --config global option"; `login_logout_test.go` "login and
/// logout": the pair in base64 under the bare name, and `auths == {}` where there was a file before.
#[test]
fn a_login_is_the_pair_in_base64_and_a_logout_leaves_the_file_that_was_there() {
    let bench = Bench::open();
    seed(&bench.job, &json!({ "auths": {} }));
    bench.allows();
    assert_eq!(bench.job.docker_config(), Some(json!({ "auths": { bench.door.host(): ours() } })));
    assert!(post(&bench.job).stdout.contains(&format!("Logged out of {}.", bench.door.host())));
    assert_eq!(bench.job.docker_config(), Some(json!({ "auths": {} })));
}

/// podman `login_logout_test.go` "with multi registry": each registry needs its own login; a logout of one keeps the other.
#[test]
fn two_registries_have_a_login_each_and_a_logout_takes_its_own() {
    let (first, other) = (Bench::open(), FrontDoor::start(Rules::default().allow(PAT)));
    first.allows();
    let state = first.job.take_state();
    let second = first.step().registry(&other).run();
    assert_eq!(second.output("logged-in"), "true", "{}", second.log());
    assert_eq!(first.job.docker_config(), Some(json!({ "auths": { first.door.host(): ours(), other.host(): ours() } })));
    // The runner starts the last step's post first.
    post(&first.job);
    assert_eq!(first.job.docker_config(), Some(json!({ "auths": { first.door.host(): ours() } })));
    first.job.set_state(state);
    post(&first.job);
    assert_eq!(first.job.docker_config(), None);
}

/// podman `login_logout_test.go` "with repository", "with repository and specified image", "with repository with fallback",
/// "repository push with invalid auth.json credentials"; entries under a repository, or under a URL as old clients wrote them,
/// are others' and stay.
#[test]
fn entries_under_a_repository_or_a_url_are_others() {
    let bench = Bench::open();
    let host = bench.door.host();
    let before = json!({ "auths": {
        format!("{host}/acme"): { "auth": "bnM6eA==" },
        format!("{host}/acme/app"): { "auth": "aW1nOng=" },
        format!("https://{host}"): { "auth": "dXJsOng=" },
        format!("http://{host}/v1/"): { "auth": "b2xkOng=" },
    } });
    seed(&bench.job, &before);
    bench.allows();
    let mut with_login = before.clone();
    with_login["auths"][host] = ours();
    assert_eq!(bench.job.docker_config(), Some(with_login));
    post(&bench.job);
    assert_eq!(bench.job.docker_config(), Some(before));
}

/// podman `login_logout_test.go` "login with http{s} prefix": the key is the bare host, so that clients find it.
#[test]
fn a_registry_given_with_https_is_logged_in_to_by_its_bare_name() {
    let bench = Bench::open();
    let run = bench.step().input("registry", &format!("HTTPS://{}", bench.door.host())).run();
    assert_eq!((run.output("logged-in"), run.output("registry")), ("true", bench.door.host()), "{}", run.log());
    assert_eq!(bench.job.docker_config(), Some(json!({ "auths": { bench.door.host(): ours() } })));
}

/// docker/cli `TestRunLogin` "unknown user w/ prior credentials", "store valid token" and its token store; oras
/// `file_store_test.go` Put update: an identity token of before would be preferred to our password, so the entry is replaced
/// as a whole, and comes back as a whole.
#[test]
fn an_entry_of_another_kind_is_replaced_whole_and_comes_back_whole() {
    let bench = Bench::open();
    let entry = json!({ "auth": "eDp5", "identitytoken": "IdentityCanary", "registrytoken": "RegistryCanary", "email": "a@b.example" });
    let before = json!({ "auths": { bench.door.host(): entry } });
    seed(&bench.job, &before);
    let run = bench.allows();
    assert_eq!(bench.job.docker_config(), Some(json!({ "auths": { bench.door.host(): ours() } })));
    for canary in ["IdentityCanary", "RegistryCanary"] {
        assert!(!run.everything_shown().contains(canary) && !run.stdout.contains(canary), "{canary}");
    }
    post(&bench.job);
    assert_eq!(bench.job.docker_config(), Some(before));
}

/// oras `file_store_test.go` `badFormat`, all 3, Get invalid, empty and missing entries, Delete of what is not there: only our own
/// entry is looked into, so that a broken one of another registry keeps nobody from logging in.
#[test]
fn a_broken_entry_of_another_registry_is_not_our_business() {
    for entry in ["\"text\"", "null", "[]", "{}", "{\"auth\":7}", "{\"auth\":\"???\"}", "{\"auth\":\"bm9jb2xvbg==\"}"] {
        let text = format!("{{\"auths\":{{\"quay.io\":{entry}}}}}");
        let mut config = DockerConfig::parse(text.as_bytes()).unwrap();
        let before = config.to_bytes();
        assert!(config.entry("ghcr.io").is_none());
        config.set_entry("ghcr.io", None, false);
        assert_eq!(config.to_bytes(), before, "{entry}");
        config.set_entry("ghcr.io", serde_json::value::to_raw_value(&ours()).ok(), false);
        assert_eq!(config.entry("quay.io").unwrap().get(), entry);
        assert!(config.entry("ghcr.io").unwrap().get().contains("auth"));
    }
}

/// oras `file_store_test.go` Put new, docker/cli `configfile` `TestSave`: the file's other keys stay as they are, whatever they
/// are for, and the mode is 0600 whatever it was.
#[test]
fn keys_of_every_kind_stay_and_the_mode_is_private() {
    let bench = Bench::open();
    let before = json!({
        "HttpHeaders": { "User-Agent": "x" }, "psFormat": "{{.ID}}", "detachKeys": "ctrl-e", "experimental": "enabled",
        "proxies": { "default": { "httpProxy": "http://p" } }, "plugins": { "p": { "k": "v" } }, "aliases": { "builder": "buildx" },
        "credHelpers": { "gcr.io": "gcloud" }, "features": { "hooks": "true" },
    });
    seed(&bench.job, &before);
    fs::set_permissions(config(&bench.job), fs::Permissions::from_mode(0o644)).unwrap();
    bench.allows();
    let mut expected = before.clone();
    expected["auths"] = json!({ bench.door.host(): ours() });
    assert_eq!(bench.job.docker_config(), Some(expected));
    assert_eq!(fs::metadata(config(&bench.job)).unwrap().permissions().mode() & 0o7777, 0o600);
    post(&bench.job);
    assert_eq!(bench.job.docker_config(), Some(before));
}

/// docker/cli `cli/config/config_test.go` `TestLoadNoPermissions`; oras `badPath`; podman "credential file is not accessible".
#[test]
fn a_file_that_cannot_be_read_is_a_failed_login_and_stays() {
    let is_root = Job::can_be_of_runner_user();
    let job = if is_root { Job::of_runner_user() } else { Job::new() };
    let door = FrontDoor::start(Rules::default().allow(PAT));
    // A user who is not root cannot start a program from a directory that is root's alone.
    let program = job.workspace().join("ghcr-auth");
    fs::copy(binary(), &program).unwrap();
    let directory = job.home().join(".docker");
    seed(&job, &json!({ "auths": { "quay.io": { "auth": "cQ==" } } }));
    fs::set_permissions(config(&job), fs::Permissions::from_mode(0o000)).unwrap();
    if is_root {
        std::os::unix::fs::chown(&directory, Some(ghcr_auth_testbed::job::RUNNER_USER), None).unwrap();
    }
    let step = job.step(&program).registry(&door).input("GHCR_PAT", PAT);
    let run = step.run();
    assert_eq!(["push", "reason", "logged-in"].map(|name| run.output(name)), ["false", "login-failed", "false"], "{}", run.log());
    assert!(run.env.is_empty() && entries(&directory) == ["config.json"]);
    fs::set_permissions(config(&job), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(job.docker_config(), Some(json!({ "auths": { "quay.io": { "auth": "cQ==" } } })));
}

fn entries(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
