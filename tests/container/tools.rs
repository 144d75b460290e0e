//! Tools that push with the login that the action left, and that do not without it; docs/tested.md has the table.

use std::path::PathBuf;
use std::process::{Command, Output};

use ghcr_auth_testbed::front_door::{Denial, Rules, Verdict};
use ghcr_auth_testbed::needs;
use serde_json::json;
use tempfile::TempDir;

use crate::container::bench::{Bench, IMAGE, consumer, said};

ghcr_auth_testbed::tests![
    podman_buildah_and_skopeo_push_with_the_exported_login,
    without_a_login_podman_buildah_and_skopeo_are_refused,
    an_old_login_in_registry_auth_file_is_preferred_until_the_variable_names_ours,
    a_login_for_a_part_of_the_registry_is_preferred_by_podman_and_its_like_but_not_by_docker,
    the_python_client_of_oras_has_to_be_told_the_file,
    compose_pushes_with_the_exported_login,
    buildkit_builds_on_a_private_image_and_docker_pushes_the_result,
];

/// A tool that copies an image from an archive to the registry; its storage, if it has one, is `state`.
struct Tool {
    program: &'static str,
    steps: fn(archive: &str, target: &str, state: &str) -> Vec<Vec<String>>,
}

const TOOLS: [Tool; 3] = [
    Tool {
        program: "skopeo",
        steps: |archive, target, _| {
            vec![words(&[
                "--insecure-policy",
                "copy",
                "--dest-tls-verify=false",
                &format!("docker-archive:{archive}"),
                &format!("docker://{target}"),
            ])]
        },
    },
    Tool {
        program: "podman",
        steps: |archive, target, state| {
            let root = ["--root", state, "--runroot", state, "--storage-driver", "vfs"];
            let push = ["push", "--quiet", "--tls-verify=false", &consumer(), &format!("docker://{target}")];
            vec![words(&[&root[..], &["load", "--quiet", "--input", archive]].concat()), words(&[&root[..], &push].concat())]
        },
    },
    Tool {
        program: "buildah",
        steps: |archive, target, state| {
            let root = ["--root", state, "--runroot", state, "--storage-driver", "vfs"];
            let pull = ["pull", "--quiet", &format!("docker-archive:{archive}")];
            let push = ["push", "--quiet", "--tls-verify=false", &consumer(), &format!("docker://{target}")];
            vec![words(&[&root[..], &pull].concat()), words(&[&root[..], &push].concat())]
        },
    },
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A command of a later step, as root: to podman and buildah a user must be known to /etc/passwd and /etc/subuid.
fn later(bench: &Bench, program: &PathBuf) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = bench.engine.later_step(&bench.job, program);
    command.uid(0).gid(0);
    command
}

/// The last output of a tool: of its push, or of what failed before.
fn push(bench: &Bench, tool: &Tool, env: &[(&str, &str)]) -> Output {
    let program = needs::find(tool.program).unwrap();
    let (archive, state) = (bench.archive_of(&[&consumer()]), TempDir::new().unwrap());
    let target = bench.reference(tool.program);
    let steps = (tool.steps)(archive.to_str().unwrap(), &target, state.path().to_str().unwrap());
    let mut last = None;
    for arguments in steps {
        let output = later(bench, &program).envs(env.iter().copied()).args(arguments).output().unwrap();
        let failed = !output.status.success();
        last = Some(output);
        if failed {
            break;
        }
    }
    last.unwrap()
}

fn logged_in() -> Bench {
    let bench = bench(Rules::default().allow("ghs_job"));
    let run = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(run.output("logged-in"), "true", "{}", run.log());
    bench
}

fn bench(rules: Rules) -> Bench {
    for program in ["podman", "buildah"] {
        needs::program(program, program);
    }
    Bench::new(rules)
}

fn podman_buildah_and_skopeo_push_with_the_exported_login() {
    let bench = logged_in();
    for tool in &TOOLS {
        let output = push(&bench, tool, &[]);
        assert!(output.status.success(), "{}: {}", tool.program, said(&output));
        assert!(bench.registry.has(IMAGE, tool.program));
    }
    assert!(bench.door.credentials().iter().all(|credential| credential == "ghs_job"));
}

fn without_a_login_podman_buildah_and_skopeo_are_refused() {
    let rules = Rules::default().deny("ghs_job", Denial::PackagesPermissionMissing).pull("ghs_job", Verdict::Allowed);
    let bench = bench(rules);
    let run = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!(["push", "logged-in"].map(|name| run.output(name)), ["false", "false"], "{}", run.log());
    for tool in &TOOLS {
        let output = push(&bench, tool, &[]);
        assert!(!output.status.success(), "{}: {}", tool.program, said(&output));
        assert!(said(&output).contains("unauthorized") || said(&output).contains("denied"), "{}: {}", tool.program, said(&output));
        assert!(!bench.registry.has(IMAGE, tool.program));
    }
}

fn an_old_login_in_registry_auth_file_is_preferred_until_the_variable_names_ours() {
    let bench = logged_in();
    let other = bench.job.temp().join("auth.json");
    std::fs::write(&other, json!({"auths": {bench.door.host(): {"auth": "b2xkOm9sZA=="}}}).to_string()).unwrap();
    let ours = bench.job.home().join(".docker/config.json");
    for tool in &TOOLS {
        let hidden = push(&bench, tool, &[("REGISTRY_AUTH_FILE", other.to_str().unwrap())]);
        assert!(!hidden.status.success(), "{}: {}", tool.program, said(&hidden));
        let named = push(&bench, tool, &[("REGISTRY_AUTH_FILE", ours.to_str().unwrap())]);
        assert!(named.status.success(), "{}: {}", tool.program, said(&named));
    }
}

fn a_login_for_a_part_of_the_registry_is_preferred_by_podman_and_its_like_but_not_by_docker() {
    let bench = bench(Rules::default().allow("ghs_job"));
    let directory = bench.job.home().join(".docker");
    std::fs::create_dir(&directory).unwrap();
    let part = format!("{}/acme", bench.door.host());
    std::fs::write(directory.join("config.json"), json!({"auths": {part: {"auth": "b2xkOm9sZA=="}}}).to_string()).unwrap();
    std::os::unix::fs::chown(&directory, Some(ghcr_auth_testbed::job::RUNNER_USER), None).unwrap();
    let run = bench.action().input("GITHUB_TOKEN", "ghs_job").run();
    assert!(run.stdout.lines().any(|line| line.starts_with("::warning") && line.contains("podman, buildah, and skopeo")), "{}", run.log());
    for tool in &TOOLS {
        assert!(!push(&bench, tool, &[]).status.success(), "{}", tool.program);
    }
    let pushed = bench.docker_push("docker");
    assert!(pushed.status.success(), "{}", said(&pushed));
}

/// The Python client of oras reads the home's config.json alone, as other tools do that do not know `DOCKER_CONFIG`.
fn the_python_client_of_oras_has_to_be_told_the_file() {
    let python = python_with_oras();
    let bench = logged_in();
    std::fs::write(bench.job.workspace().join("notes.txt"), "an artifact").unwrap();
    let run = |script: &str| later(&bench, &python).args(["-c", script]).output().unwrap();
    // Its push would ask again and again for a minute.
    let script = "import oras.auth.utils as auth; print(auth.load_configs()['auths'])";
    let known = run(script);
    assert!(known.status.success() && !said(&known).contains(bench.door.host()), "{}", said(&known));
    let known = later(&bench, &python).env("HOME", bench.job.home()).args(["-c", script]).output().unwrap();
    assert!(said(&known).contains(bench.door.host()), "{}", said(&known));
    let pushed = run(&format!(
        "import os, oras.client\nclient = oras.client.OrasClient(insecure=True)\n\
         client.push('{}', os.environ['DOCKER_CONFIG'] + '/config.json', files=['notes.txt'])",
        bench.reference("oras")
    ));
    assert!(pushed.status.success() && bench.registry.has(IMAGE, "oras"), "{}", said(&pushed));
}

fn python_with_oras() -> PathBuf {
    let python = needs::program("python3", "python3");
    let imported = Command::new(&python).args(["-c", "import oras"]).output().unwrap();
    if !imported.status.success() {
        needs::missing("the module oras of python3", "pip install oras");
    }
    python
}

/// Compose as docker's plugin where it is one, else the older program.
fn compose() -> Vec<PathBuf> {
    let docker = needs::program("docker", "docker.io");
    let is_plugin = Command::new(&docker).args(["compose", "version"]).output().unwrap().status.success();
    if is_plugin { vec![docker, "compose".into()] } else { vec![needs::program("docker-compose", "docker-compose")] }
}

fn compose_pushes_with_the_exported_login() {
    let bench = logged_in();
    let reference = bench.reference("compose");
    let file = json!({"version": "3", "services": {"app": {"build": ".", "image": reference}}});
    std::fs::write(bench.job.workspace().join("docker-compose.yml"), file.to_string()).unwrap();
    let compose = compose();
    let (program, plugin) = compose.split_first().unwrap();
    let push = || bench.engine.later_step(&bench.job, program).args(plugin).arg("push").output().unwrap();
    let pushed = bench.with_tag(&reference, push);
    assert!(pushed.status.success() && bench.registry.has(IMAGE, "compose"), "{}", said(&pushed));
}

fn buildkit_builds_on_a_private_image_and_docker_pushes_the_result() {
    let bench = logged_in();
    let client = buildkit_client();
    let (base, result) = (bench.reference("base"), bench.reference("built"));
    let pushed = bench.docker_push("base");
    assert!(pushed.status.success(), "{}", said(&pushed));
    std::fs::write(bench.job.workspace().join("Dockerfile"), format!("FROM {base}\nLABEL built=here\n")).unwrap();
    let step = |arguments: &[&str]| {
        let mut command = bench.engine.later_step(&bench.job, &client);
        command.env("DOCKER_BUILDKIT", "1").args(arguments).output().unwrap()
    };
    let built = step(&["build", "--no-cache", "--tag", &result, "."]);
    assert!(built.status.success(), "{}", said(&built));
    let pushed = step(&["push", &result]);
    bench.engine.docker(&["rmi", &result]);
    assert!(pushed.status.success() && bench.registry.has(IMAGE, "built"), "{}", said(&pushed));
}

/// BuildKit is a plugin of newer clients and part of those before version 23.
fn buildkit_client() -> PathBuf {
    let works = |client: &PathBuf| {
        let output = |arguments: &[&str]| Command::new(client).args(arguments).output().ok();
        let version = output(&["version", "--format", "{{.Client.Version}}"]).map(|version| said(&version));
        let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        major.is_some_and(|major| major < 23) || output(&["buildx", "version"]).is_some_and(|output| output.status.success())
    };
    let client = needs::find("docker").into_iter().chain([PathBuf::from("/usr/bin/docker")]).find(works);
    client.unwrap_or_else(|| needs::missing("a docker client with BuildKit", "apt-get install docker-cli"))
}
