//! A docker engine that runs as the runner's user, without root.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ghcr_auth_testbed::engine::Engine;
use ghcr_auth_testbed::front_door::Rules;
use ghcr_auth_testbed::job::RUNNER_USER;
use ghcr_auth_testbed::{needs, script};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::container::bench::{Bench, consumer, forms, image, said};

ghcr_auth_testbed::tests![an_engine_without_root_runs_the_action_and_leaves_the_login_to_the_runners_user,];

/// How long the engine may take to start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// Gives the runner's user a name and a range of ids, for this process and its children only, and starts the engine as
/// that user, with no network but its own and no socket at the usual place.
const START: &str = r#"set -e
{ cat /etc/passwd; echo "runner:x:1001:1001::$PWD/home:/bin/sh"; } >passwd
echo runner:100000:65536 >ids
mount --bind passwd /etc/passwd; mount --bind ids /etc/subuid; mount --bind ids /etc/subgid
exec setpriv --reuid 1001 --regid 1001 --clear-groups env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    HOME="$PWD/home" XDG_RUNTIME_DIR="$PWD/run" \
    rootlesskit --net=host --copy-up=/etc --copy-up=/run --state-dir="$PWD/run/kit" \
    sh -c 'rm -f /run/docker /run/containerd /run/docker.sock
        exec unshare --net dockerd --rootless --exec-opt native.cgroupdriver=cgroupfs --bridge=none --iptables=false --ip6tables=false --storage-driver vfs \
            --data-root "$0/home/data" --exec-root "$0/run/exec" --pidfile "$0/run/pid" --host "unix://$0/run/docker.sock"' "$PWD"
"#;

/// The engine, its client and its files; dropping it ends it.
struct Rootless {
    process: Child,
    directory: TempDir,
}

impl Rootless {
    fn start() -> Self {
        let programs = [("rootlesskit", "rootlesskit"), ("newuidmap", "uidmap"), ("dockerd", "docker.io")];
        for (program, package) in programs.into_iter().chain([("unshare", "util-linux"), ("setpriv", "util-linux")]) {
            needs::program(program, package);
        }
        let directory = TempDir::new().unwrap();
        let path = directory.path();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        for name in ["home", "run"] {
            std::fs::create_dir(path.join(name)).unwrap();
            std::os::unix::fs::chown(path.join(name), Some(RUNNER_USER), Some(RUNNER_USER)).unwrap();
        }
        let client = path.join("docker");
        let docker = needs::find("docker").unwrap();
        script::write(client, &format!("#!/bin/sh\nexec {} -H unix://{}/run/docker.sock \"$@\"\n", docker.display(), path.display()));
        let log = std::fs::File::create(path.join("log")).unwrap();
        let mut command = Command::new("unshare");
        command.args(["--mount", "bash", "-c", START]).current_dir(path).process_group(0);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let process = command.spawn().unwrap();
        Self { process, directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    /// The engine as its client sees it, once it answers.
    fn engine(&mut self) -> Option<Engine> {
        let engine = Engine::of_client(self.path().join("docker"));
        let deadline = Instant::now() + START_LIMIT;
        while !engine.docker(&["info"]).status.success() {
            if self.process.try_wait().unwrap().is_some() || Instant::now() > deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(engine)
    }
}

impl Drop for Rootless {
    fn drop(&mut self) {
        // Only a process that has already ended cannot be told to end.
        let _ = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let _ = self.process.wait();
    }
}

fn an_engine_without_root_runs_the_action_and_leaves_the_login_to_the_runners_user() {
    let bench = Bench::new(Rules::default());
    let mut rootless = Rootless::start();
    let Some(engine) = rootless.engine() else {
        let log = rootless.log();
        assert!(log.to_lowercase().contains("operation not permitted"), "{log}");
        needs::not_permitted("an engine without root");
    };
    let archive = bench.archive_of(&[&image(), &consumer()]);
    let loaded = engine.docker(&["load", "--quiet", "--input", archive.to_str().unwrap()]);
    assert!(loaded.status.success(), "{}", said(&loaded));

    // Nothing but its own network is there, so the registry is not asked.
    let step = bench.job.container_step(&engine, &image()).registry(&bench.door).input("verify", "false");
    let run = step.container(|action| action.entrypoint("/ghcr-auth").network("host")).input("GITHUB_TOKEN", "ghs_job").run();
    assert_eq!((run.code, ["push", "logged-in"].map(|name| run.output(name))), (0, ["true", "true"]), "{}", run.log());
    let config = std::fs::metadata(bench.job.home().join(".docker/config.json")).unwrap();
    assert_eq!((config.uid(), config.mode() & 0o777), (RUNNER_USER, 0o600));

    bench.job.forget_state();
    let step = bench.job.container_step(&engine, &consumer()).container(|action| action.entrypoint("/bin/sh").network("host"));
    let later = step.args(&["-c", "busybox ls -A /var/run/docker.sock >&2; cat \"$DOCKER_CONFIG/config.json\""]).run();
    let [_, _, auth] = forms(run.output("username"), "ghs_job");
    assert!(later.stdout.contains(&auth), "{}", later.log());
    assert_eq!(later.stderr, "", "the socket is a directory with nothing in it");
}
