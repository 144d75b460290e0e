//! Inputs, events and files that cannot be used: a named reason or exit 2, and never their text.

use ghcr_auth_testbed::{front_door::FrontDoor, job::Job, script};

use super::{PAT, assert_outputs, binary, open_door, with_pat};

#[test]
fn an_unusable_input_ends_with_2_and_is_named() {
    for (input, value) in [
        ("required", "yes"),
        ("verify", "1"),
        ("allow", "fork-pr"),
        ("timeout", "0"),
        ("access", "admin"),
        ("login", "keychain"),
        ("expiry-warning-days", "-1"),
        ("registry", "http://registry.example"),
        ("registry", "user:SecretCanaryPassword@ghcr.io"),
        ("ca-file", "/dev/null"),
        ("GHCR_USERNAME", "a:b"),
        ("GHCR_USERNAME", PAT),
    ] {
        let (job, door) = (Job::new(), open_door());
        let run = with_pat(&job, &door).input(input, value).run();
        assert_outputs(&run, &[("push", "false"), ("reason", "invalid-input"), ("credential", "")]);
        assert_eq!(run.code, 2, "{input}");
        assert!(run.output("message").contains(&format!("`{input}`")), "{}", run.output("message"));
        assert!(!run.everything_shown().contains("SecretCanaryPassword") && !run.everything_shown().contains(PAT));
        assert!(door.requests().is_empty());
    }
}

#[test]
fn an_unusable_certificate_bundle_in_the_environment_is_named() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).env("SSL_CERT_FILE", "/dev/null").run();
    assert_outputs(&run, &[("push", "false"), ("reason", "invalid-input")]);
    assert!(run.output("message").contains("`SSL_CERT_FILE`"));
}

#[test]
fn an_unusable_image_ends_with_2() {
    for image in ["acme/app:v1", "app", "acme//app", "other.example/acme/app", "acme/app\n::set-output name=push::true"] {
        let (job, door) = (Job::new(), open_door());
        let run = with_pat(&job, &door).input("images", image).run();
        assert_outputs(&run, &[("push", "false"), ("reason", "invalid-image"), ("image", "")]);
        assert_eq!(run.code, 2);
        assert!(!run.everything_shown().contains("set-output"));
    }
}

#[test]
fn an_unusable_input_wins_over_the_event_and_over_required() {
    let job = Job::new();
    let run = job.step(binary()).no_event().input("required", "yes").run();
    assert_outputs(&run, &[("push", "false"), ("reason", "invalid-input")]);
    assert_eq!(run.code, 2);
}

#[test]
fn an_argument_is_refused_and_not_shown() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).args(&["--token", PAT]).run();
    assert_outputs(&run, &[("push", "false"), ("reason", "invalid-input")]);
    assert_eq!(run.code, 2);
    assert!(!run.everything_shown().contains(PAT));
}

#[test]
fn outside_a_workflow_the_program_tells_how_it_is_used() {
    let job = Job::new();
    let run = job.step(binary()).remove_env("GITHUB_ACTIONS").run();
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("uses: org/ghcr-auth@v1"));
    assert!(run.outputs.is_empty());
}

#[test]
fn malformed_credentials_are_never_sent_and_never_shown() {
    let huge = "a".repeat(60_000);
    for value in
        [&format!("\"{PAT}\""), &format!("Bearer {PAT}"), &format!("GHCR_PAT={PAT}"), &format!("{}\n{}", &PAT[..9], &PAT[9..]), &huge]
    {
        let (job, door) = (Job::new(), open_door());
        let run = with_pat(&job, &door).input("GHCR_PAT", value).run();
        assert_outputs(&run, &[("push", "false"), ("reason", "credential-malformed")]);
        assert!(run.output("message").starts_with("No push: GHCR_PAT "), "{}", run.output("message"));
        assert!(door.credentials().is_empty());
        assert!(!run.everything_shown().contains(&PAT[9..]));
    }
}

#[test]
fn a_credential_with_blanks_around_it_works_and_is_remarked_on() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).input("GHCR_PAT", &format!(" {PAT}\n")).run();
    assert_outputs(&run, &[("push", "true"), ("credential", "GHCR_PAT")]);
    assert!(run.stdout.contains("::warning title=GHCR_PAT::GHCR_PAT had leading or trailing whitespace"), "{}", run.log());
}

#[test]
fn outputs_that_cannot_be_written_fail_the_step() {
    for output in ["/dev/full", "/", "/no/such/file"] {
        let (job, door) = (Job::new(), open_door());
        let run = with_pat(&job, &door).env("GITHUB_OUTPUT", output).run();
        assert_eq!(run.code, 1, "{output}");
        assert!(run.stdout.contains("::error title=ghcr-auth::The outputs could not be written"), "{}", run.log());
    }
}

#[test]
fn a_file_size_limit_is_a_failed_login_and_not_the_end() {
    let (job, door) = (Job::new(), open_door());
    let script = job.temp().join("limited.sh");
    script::write(&script, &format!("#!/bin/sh\nulimit -f 0\nexec {}\n", binary().display()));
    let run = job.step(&script).registry(&door).input("GHCR_PAT", PAT).run();
    assert_eq!(run.code, 1, "the outputs cannot be written either");
    assert!(run.outputs.is_empty() && !job.home().join(".docker/config.json").exists());
}

#[test]
fn a_fifo_in_place_of_a_file_holds_nothing_up() {
    for variable in ["GITHUB_EVENT_PATH", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"] {
        let (job, door) = (Job::new(), FrontDoor::spare());
        let fifo = job.temp().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
        let run = with_pat(&job, &door).env(variable, fifo.to_str().unwrap()).run();
        assert_ne!(run.output("push"), "true");
    }
}
