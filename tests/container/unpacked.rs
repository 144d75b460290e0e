//! Clients newer than the machine's, which `.ci/clients` unpacks, after the login of either action; docs/tested.md has the table.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ghcr_auth_testbed::front_door::{Denial, FrontDoor, Rules, Verdict};
use ghcr_auth_testbed::host_action::HostAction;
use ghcr_auth_testbed::job::{Job, Run};
use ghcr_auth_testbed::needs;
use serde_json::{Value, json};

use crate::binary;
use crate::container::bench::{Bench, IMAGE, said};

ghcr_auth_testbed::tests![
    newer_clients_push_with_the_login_of_either_action,
    newer_clients_are_refused_without_a_login_and_after_a_no,
    a_job_in_its_own_home_keeps_what_came_before_and_leaves_no_login_of_ours,
];

/// What pushes without docker's engine, which would ask for 50 s when it is refused: with the tag that it leaves.
const WITHOUT_ENGINE: [(&str, &str); 3] = [("oras", "oras"), ("cosign", "cosign"), ("helm", "0.1.0")];

/// Makes a chart and pushes it with helm's own library: the default client, which looks where `helm push` does.
const HELM: &str = r#"
import io, sys, tarfile
from helm_python.registry import push
chart = b"apiVersion: v2\nname: app\nversion: 0.1.0\n"
with tarfile.open("app-0.1.0.tgz", "w:gz") as archive:
    member = tarfile.TarInfo("app/Chart.yaml")
    member.size = len(chart)
    archive.addfile(member, io.BytesIO(chart))
push("app-0.1.0.tgz", sys.argv[1], plain_http=True)
"#;

/// The directory that `.ci/clients` prints.
fn clients() -> PathBuf {
    let clients = std::env::var_os("GHCR_AUTH_TEST_CLIENTS").map(PathBuf::from);
    clients.unwrap_or_else(|| needs::missing("the clients of .ci/clients", "export GHCR_AUTH_TEST_CLIENTS=\"$(.ci/clients)\""))
}

/// A command of a later step, as root, who can reach the clients wherever they are.
fn later(bench: &Bench, program: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = bench.engine.later_step(&bench.job, program);
    command.uid(0).gid(0).env("SYFT_REGISTRY_INSECURE_USE_HTTP", "true").env("SYFT_CHECK_FOR_APP_UPDATE", "false");
    command
}

/// Has a client push, or pull, in its own way.
fn use_client(bench: &Bench, clients: &Path, name: &str) -> Output {
    let workspace = bench.job.workspace();
    std::fs::write(workspace.join("notes.txt"), "an artifact").unwrap();
    std::fs::write(workspace.join("Dockerfile"), "FROM scratch\nCOPY notes.txt /\n").unwrap();
    let reference = bench.reference(name);
    let words: &[&str] = match name {
        "docker" => &["push", &reference],
        "docker-buildx" => &["build", "--push", "--tag", &reference, "."],
        "docker-compose" => {
            let file = json!({"services": {"app": {"build": ".", "image": reference}}});
            std::fs::write(workspace.join("compose.yml"), file.to_string()).unwrap();
            &["push"]
        }
        "oras" => &["push", "--plain-http", &reference, "notes.txt"],
        "cosign" => &["upload", "blob", "-f", "notes.txt", &reference],
        "syft" => &["scan", &format!("registry:{}", bench.reference("docker")), "--output", "json"],
        "helm" => {
            let mut python = later(bench, &needs::find("python3").unwrap());
            let remote = format!("oci://{}/acme", bench.door.host());
            return python.env("PYTHONPATH", clients.join("../wheels")).args(["-c", HELM, &remote]).output().unwrap();
        }
        other => unreachable!("{other}"),
    };
    let push = || later(bench, &clients.join(name)).args(words).output().unwrap();
    if ["docker", "docker-compose"].contains(&name) { bench.with_tag(&reference, push) } else { push() }
}

/// The action in its own home, or in a container.
fn log_in(bench: &Bench, host: Option<&HostAction>) -> Run {
    let step = host.map_or_else(|| bench.action(), |host| bench.job.host_step(host).registry(&bench.door));
    step.input("GITHUB_TOKEN", "ghs_job").run()
}

/// Both actions, each with a bench of its own.
fn with_both_actions(rules: &Rules, work: impl Fn(&Bench, Option<&HostAction>)) {
    let host = HostAction::new(binary());
    for host in [None, Some(&host)] {
        let bench = Bench::with_job(rules.clone(), Job::new);
        work(&bench, host);
    }
}

fn newer_clients_push_with_the_login_of_either_action() {
    let clients = clients();
    with_both_actions(&Rules::default().allow("ghs_job"), |bench, host| {
        let run = log_in(bench, host);
        assert_eq!(run.output("logged-in"), "true", "{}", run.log());
        let engine = ["docker", "docker-buildx", "docker-compose"].map(|name| (name, name));
        for (name, tag) in engine.into_iter().chain(WITHOUT_ENGINE) {
            let pushed = use_client(bench, &clients, name);
            assert!(pushed.status.success() && bench.registry.has(IMAGE, tag), "{name}: {}", said(&pushed));
        }
        let scanned = use_client(bench, &clients, "syft");
        assert!(scanned.status.success(), "{}", said(&scanned));
        assert!(bench.door.credentials().iter().all(|credential| credential == "ghs_job"));
    });
}

fn newer_clients_are_refused_without_a_login_and_after_a_no() {
    let clients = clients();
    let rules = Rules::default().deny("ghs_job", Denial::PackagesPermissionMissing).pull("ghs_job", Verdict::Allowed);
    with_both_actions(&rules, |bench, host| {
        for asks_first in [false, true] {
            if asks_first {
                assert_eq!(["push", "logged-in"].map(|name| log_in(bench, host).output(name).to_owned()), ["false", "false"]);
            }
            for (name, tag) in WITHOUT_ENGINE {
                let pushed = use_client(bench, &clients, name);
                assert!(!pushed.status.success() && !bench.registry.has(IMAGE, tag), "{name}: {}", said(&pushed));
            }
        }
    });
}

/// What stands around a push in real workflows: a login elsewhere, a builder, a context and a proxy before it, and an artifact
/// beside the image after it.
fn a_job_in_its_own_home_keeps_what_came_before_and_leaves_no_login_of_ours() {
    let (clients, host) = (clients(), HostAction::new(binary()));
    let bench = Bench::with_job(Rules::default().allow("ghs_job"), Job::new);
    let hub = FrontDoor::in_front_of(&bench.registry, Rules::default().allow("dckr_pat_hub"));
    let docker = bench.job.user_home().join(".docker");
    std::fs::create_dir(&docker).unwrap();
    std::fs::write(docker.join("config.json"), json!({"proxies": {"default": {"noProxy": "127.0.0.1"}}}).to_string()).unwrap();
    let succeed = |program: &str, words: &[&str], stdin: &str| {
        let mut command = later(&bench, &clients.join(program));
        let mut child = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{program} {words:?}: {}", said(&output));
    };
    succeed("docker", &["login", "--username", "hub", "--password-stdin", hub.host()], "dckr_pat_hub");
    succeed("docker", &["context", "create", "early"], "");
    succeed("docker-buildx", &["create", "--name", "machine", "--driver", "docker-container"], "");
    let config = || serde_json::from_slice::<Value>(&std::fs::read(docker.join("config.json")).unwrap()).unwrap();
    let before = config();

    let run = log_in(&bench, Some(&host));
    assert_eq!((run.output("push"), run.env.len()), ("true", 0), "{}", run.log());
    std::fs::write(bench.job.workspace().join("Dockerfile"), "FROM scratch\nCOPY notes.txt /\n").unwrap();
    std::fs::write(bench.job.workspace().join("notes.txt"), "an artifact").unwrap();
    let (ours, theirs) = (bench.reference("ours"), format!("{}/acme/hub:theirs", hub.host()));
    succeed("docker-buildx", &["build", "--push", "--tag", &ours, "--tag", &theirs, "."], "");
    succeed("oras", &["attach", "--plain-http", "--artifact-type", "application/vnd.acme.notes", &ours, "notes.txt"], "");
    succeed("docker-buildx", &["inspect", "machine"], "");
    succeed("docker", &["context", "inspect", "early"], "");
    assert!(bench.registry.has(IMAGE, "ours") && bench.registry.has("acme/hub", "theirs"));

    assert_eq!(bench.job.host_step(&host).post().run().code, 0);
    assert_eq!(config(), before);
    succeed("docker-buildx", &["rm", "machine"], "");
    succeed("docker", &["logout", hub.host()], "");
    assert_eq!(config()["auths"], json!({}));
    for reference in [&ours, &theirs] {
        bench.engine.docker(&["rmi", reference]);
    }
}
