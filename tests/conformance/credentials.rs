//! Which credential goes where, and what never shows it.

use ghcr_auth::{
    candidates::Candidates,
    credential::{Candidate, Source, Supplied, token::Token},
    inputs::Inputs,
    job::environment::Environment,
};
use ghcr_auth_testbed::{
    front_door::{FrontDoor, Rules},
    job::Job,
};

use super::{Bench, PAT, binary};

/// ggcr `pkg/authn/github/keychain_test.go` "no match": gcr.io, example.com, a name that only begins like ghcr.io, junk.
#[test]
fn the_jobs_token_is_for_the_registry_of_its_server_and_for_no_name_like_it() {
    for registry in ["gcr.io", "example.com", "ghcr.io.example.com", "junk", "notghcr.io", "ghcr.io:8443"] {
        let (job, proxy) = (Job::new(), FrontDoor::spare());
        let step = job.step(binary()).input("registry", registry).input("GITHUB_TOKEN", PAT).env("HTTPS_PROXY", &proxy.url());
        let run = step.run();
        assert_eq!((run.output("push"), run.output("reason")), ("false", "registry-server-mismatch"), "{registry}");
        assert_eq!(proxy.connections(), 0, "{registry}");
    }
}

/// ggcr `pkg/authn/github/keychain_test.go`: with a token and a user, with a token and no user (there the name is "unset"),
/// with no token (there the access is anonymous; here nothing is asked).
#[test]
fn a_user_name_is_found_for_a_token_and_no_token_for_a_user_name() {
    for (actor, expected) in [("alice", "alice"), ("", "acme")] {
        let bench = Bench::open();
        let run = bench.step().env("GITHUB_ACTOR", actor).run();
        assert_eq!((run.output("push"), run.output("username")), ("true", expected));
    }
    let bench = Bench::open();
    let run = bench.step().input("GHCR_PAT", "").input("GHCR_USERNAME", "alice").run();
    assert_eq!((run.output("push"), run.output("reason"), bench.door.connections()), ("false", "no-credential", 0));
}

/// oras `credentials/file_store_test.go` `passwordContainsColon` (fine; `usernameContainsColon` is refused: tests/it/bounds.rs).
/// ggcr `TestBasicTransportRegistryToken`: whatever the form of the token, it is passed on as it is.
#[test]
fn a_password_may_have_colons_and_any_other_visible_character() {
    for password in ["Canary:With:Colons:x1y2", ":CanaryLeadingColon:", "Canary+/=~!#%^&()[]{}|;<>?,.@$_-", "Canary\\Backslash\\n"] {
        let bench = Bench::with(Rules::default().allow(password));
        let run = bench.step().input("GHCR_PAT", password).run();
        assert_eq!((run.output("push"), run.output("logged-in")), ("true", "true"), "{password}: {}", run.log());
        let auth = bench.job.docker_config().unwrap()["auths"][bench.door.host()]["auth"].as_str().unwrap().to_owned();
        assert_eq!(auth, Token::new(password).basic("alice"), "{password}");
        assert!(!run.everything_shown().contains(password), "{password}");
    }
}

/// actions/runner `ActionCommandManagerL0` `AddMaskWithMultilineValue`: a mask of several lines hides nothing unless each line
/// is masked by itself.
#[test]
fn a_secret_of_several_lines_is_masked_line_by_line() {
    let bench = Bench::open();
    let run = bench.step().input("GHCR_PAT", "FirstLineCanary\r\nSecondLineCanary\n\nThirdLineCanary").run();
    assert_eq!((run.output("reason"), bench.door.connections()), ("credential-malformed", 0));
    for line in ["FirstLineCanary", "SecondLineCanary", "ThirdLineCanary"] {
        assert!(run.stdout.contains(&format!("::add-mask::{line}\n")), "{line}: {}", run.stdout);
        assert!(!run.everything_shown().contains(line), "{line}");
    }
}

/// rust-oci-client `RegistryAuth` and `RegistryToken`: their `Debug` shows no secret; nor does ours, however deep it lies.
#[test]
fn no_debug_text_shows_a_token() {
    let environment: Environment = [("GITHUB_REPOSITORY", "acme/app"), ("INPUT_GHCR_PAT", PAT)].into_iter().collect();
    let inputs = Inputs::parse(&environment).unwrap();
    assert!(matches!(inputs.credentials[0], Supplied::Usable { .. }));
    let candidate = Candidate { source: Source::GhcrPat, token: Token::new(PAT) };
    let candidates = Candidates { usable: vec![candidate], skipped: Vec::new() };
    for shown in [format!("{:?}", Token::new(PAT)), format!("{inputs:#?}"), format!("{candidates:?}")] {
        assert!(!shown.contains(&PAT[4..]), "{shown}");
    }
}
