//! A docker engine of its own, in whose world GitHub's names are this machine's.
//!
//! So the examples run as they are: `ghcr.io` is the front door, over TLS, and the machine's engine and hosts stay as they
//! were. Everything ends with the process of the tests, however that ends.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use ghcr_auth_testbed::delay::DelayProxy;
use ghcr_auth_testbed::engine::Engine;
use ghcr_auth_testbed::tls_proxy::TlsProxy;
use ghcr_auth_testbed::{images, needs};

/// What `runs-on` means here: this machine's programs in a container.
pub(crate) const JOB_IMAGE: &str = "ghcr-auth-job:test";

/// The names that lead to the front door: github.com's, a GHES's, those of a tenant of ghe.com, and other registries.
const NAMES: [&str; 11] = [
    "ghcr.io",
    "github.com",
    "api.github.com",
    "ghes.acme.example",
    "containers.ghes.acme.example",
    "acme.ghe.com",
    "api.acme.ghe.com",
    "containers.acme.ghe.com",
    "index.docker.io",
    "quay.io",
    "registry-1.docker.io",
];

/// What the world and the jobs in it are made of, with Debian's packages.
const PROGRAMS: [(&str, &str); 8] = [
    ("dockerd", "docker.io"),
    ("docker-registry", "docker-registry"),
    ("gh", "gh"),
    ("git", "git"),
    ("ip", "iproute2"),
    ("jq", "jq"),
    ("skopeo", "skopeo"),
    ("unshare", "util-linux"),
];

/// How long the engine may take to answer.
const START_LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct World {
    pub(crate) directory: PathBuf,
    address: String,
    _tls: TlsProxy,
    _way: DelayProxy,
    /// Its standard input is what keeps the engine alive.
    _engine: Child,
}

/// What one test after the other has: a world has one front door at a time.
struct Slot {
    turn: Mutex<()>,
    world: OnceLock<World>,
}

/// As many as tests run at once on a machine with two processors.
static SLOTS: [Slot; 2] = [const { Slot { turn: Mutex::new(()), world: OnceLock::new() } }; 2];

/// A world, and the turn in it.
pub(crate) fn world() -> (&'static World, MutexGuard<'static, ()>) {
    let machine = machine();
    let free = SLOTS.iter().find_map(|slot| Some((slot, slot.turn.try_lock().ok()?)));
    let (slot, turn) = free.unwrap_or_else(|| {
        let slot = &SLOTS[NEXT.fetch_add(1, Ordering::Relaxed) % SLOTS.len()];
        // A test that failed there has left nothing behind.
        (slot, slot.turn.lock().unwrap_or_else(PoisonError::into_inner))
    });
    (slot.world.get_or_init(|| World::start(&machine)), turn)
}

/// The machine's own engine, where it has all that a world and the jobs in it are made of.
fn machine() -> Engine {
    if !rustix::process::geteuid().is_root() {
        needs::not_permitted("an engine of its own, which root has");
    }
    for (program, package) in PROGRAMS {
        needs::program(program, package);
    }
    if needs::find("act").is_none() {
        needs::missing("act", "PATH=\"$(.ci/tools):$PATH\"");
    }
    images::engine()
}

/// Which slot the next test waits for.
static NEXT: AtomicUsize = AtomicUsize::new(0);

impl World {
    fn start(machine: &Engine) -> Self {
        let directory = tempfile::Builder::new().prefix("ghcr-auth-world-").tempdir().unwrap().keep();
        let address = own_address();
        let hosts = NAMES.map(|name| format!("{address} {name}\n")).concat();
        std::fs::write(directory.join("hosts"), format!("127.0.0.1 localhost\n{hosts}")).unwrap();
        let tls = TlsProxy::to(&format!("{address}:80"), &NAMES);
        std::fs::write(directory.join("ca.pem"), tls.ca_pem()).unwrap();
        let way = DelayProxy::start(&format!("{address}:443"), &format!("127.0.0.1:{}", tls.port()), Duration::ZERO);
        std::fs::write(directory.join("engine.json"), "{}").unwrap();
        let engine = start_engine(&directory);
        let world = Self { directory, address, _tls: tls, _way: way, _engine: engine };
        world.wait_for_engine();
        world.load(machine);
        world.import_job_image();
        world
    }

    /// Where the front door of a scene has to listen.
    pub(crate) fn inside(&self) -> String {
        format!("{}:80", self.address)
    }

    pub(crate) fn ca(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// `DOCKER_HOST`.
    pub(crate) fn engine(&self) -> String {
        socket(&self.directory)
    }

    pub(crate) fn docker(&self, args: &[&str]) -> Output {
        Command::new("docker").arg("--host").arg(self.engine()).args(args).stdin(Stdio::null()).output().unwrap()
    }

    fn wait_for_engine(&self) {
        let deadline = Instant::now() + START_LIMIT;
        while !self.docker(&["info"]).status.success() {
            let log = || std::fs::read_to_string(self.directory.join("dockerd.log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the engine does not start:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn load(&self, machine: &Engine) {
        let archive = self.directory.join("image.tar");
        let archive = archive.to_str().unwrap();
        assert!(machine.docker(&["save", "--output", archive, &images::tested()]).status.success());
        assert!(self.docker(&["load", "--input", archive]).status.success());
    }

    /// An image without content: act mounts this machine's `/usr` into it.
    fn import_job_image(&self) {
        let root = self.directory.join("job-image");
        for directory in ["usr", "etc", "root", "tmp"] {
            std::fs::create_dir_all(root.join(directory)).unwrap();
        }
        for name in ["bin", "sbin", "lib", "lib64"] {
            std::os::unix::fs::symlink(format!("usr/{name}"), root.join(name)).unwrap();
        }
        std::fs::write(root.join("etc/passwd"), "root:x:0:0:root:/root:/bin/bash\n").unwrap();
        let archive = Command::new("tar").args(["--create", "--directory"]).arg(&root).arg(".").output().unwrap();
        let mut import = Command::new("docker");
        import.arg("--host").arg(self.engine());
        import.args(["import", "--change", "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "-", JOB_IMAGE]);
        let mut import = import.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        import.stdin.take().unwrap().write_all(&archive.stdout).unwrap();
        assert!(import.wait().unwrap().success());
    }
}

/// An address of the loopback network that no other world has, of another run of these tests neither.
fn own_address() -> String {
    static WORLDS: AtomicU8 = AtomicU8::new(1);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    format!("127.{}.{middle}.{low}", WORLDS.fetch_add(1, Ordering::Relaxed) * 64 + high % 64)
}

fn socket(directory: &Path) -> String {
    format!("unix://{}", directory.join("docker.sock").display())
}

fn start_engine(directory: &Path) -> Child {
    let option = |name: &str, file: &str| format!("--{name}={}", directory.join(file).display());
    Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/examples/world.sh"))
        .arg(directory)
        .arg(format!("--host={}", socket(directory)))
        .args([
            option("data-root", "data"),
            option("exec-root", "run"),
            option("pidfile", "dockerd.pid"),
            option("config-file", "engine.json"),
        ])
        .args(["--iptables=false", "--ip6tables=false"])
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap()
}
