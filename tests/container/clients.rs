//! The clients themselves, with a config.json written by hand: what the other tests take for granted.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::front_door::{Denial, Rules, Verdict};
use ghcr_auth_testbed::job::RUNNER_USER;
use serde_json::json;

use crate::container::bench::{Bench, IMAGE, said};

ghcr_auth_testbed::tests![real_clients_push_through_the_front_door, real_clients_are_refused_with_ghcrs_message,];

fn log_in(bench: &Bench, token: &str) {
    let host = bench.door.host();
    let config = json!({"auths": {host: {"auth": STANDARD.encode(format!("alice:{token}"))}}});
    let directory = bench.job.home().join(".docker");
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("config.json"), config.to_string()).unwrap();
    std::os::unix::fs::chown(directory.join("config.json"), Some(RUNNER_USER), None).unwrap();
    bench.job.export("DOCKER_CONFIG", directory.to_str().unwrap());
}

fn real_clients_push_through_the_front_door() {
    let bench = Bench::new(Rules::default().allow("ghp_live"));
    log_in(&bench, "ghp_live");
    bench.assert_pushes();
    assert!(bench.door.requests().iter().any(|request| request.key() == "PUT manifest"));
    assert!(bench.door.credentials().iter().all(|credential| credential == "ghp_live"));
}

fn real_clients_are_refused_with_ghcrs_message() {
    let denial = Denial::PackagesPermissionMissing;
    let rules = Rules::default().deny("ghs_read", denial).pull("ghs_read", Verdict::Allowed);
    let bench = Bench::new(rules);
    log_in(&bench, "ghs_read");
    for output in [bench.docker_push("docker"), bench.skopeo_copy("skopeo")] {
        assert!(!output.status.success());
        assert!(said(&output).contains(denial.message()), "{}", said(&output));
    }
    assert!(!bench.registry.has(IMAGE, "docker"));
}
