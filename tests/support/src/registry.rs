//! Debian's `docker-registry` on a free loopback port, with its storage in memory.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::needs;

/// How long the registry may take to accept connections.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A running registry that asks for no credential; dropping it ends it.
pub struct RealRegistry {
    host: String,
    process: Child,
}

impl RealRegistry {
    /// Starts one; without `docker-registry` the test is ignored.
    pub fn start() -> Self {
        let program = needs::program("docker-registry", "docker-registry");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let host = free_address();
        let config = directory.path().join("config.yml");
        std::fs::write(&config, configuration(&host)).expect("a written file");
        let mut process = Command::new(program)
            .arg("serve")
            .arg(&config)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a started registry");
        wait_until_it_listens(&host, &mut process);
        Self { host, process }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the tag of an image is there.
    pub fn has(&self, image: &str, tag: &str) -> bool {
        let mut stream = TcpStream::connect(&self.host).expect("a running registry");
        let request = format!(
            "GET /v2/{image}/manifests/{tag} HTTP/1.0\r\nHost: {}\r\n\
             Accept: application/vnd.docker.distribution.manifest.v2+json\r\n\
             Accept: application/vnd.oci.image.manifest.v1+json\r\n\r\n",
            self.host
        );
        stream.write_all(request.as_bytes()).expect("a sent request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.split(' ').nth(1) == Some("200")
    }
}

impl Drop for RealRegistry {
    fn drop(&mut self) {
        // Only a process that has already ended cannot be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    listener.local_addr().expect("a bound listener has an address").to_string()
}

/// Kept in memory: in files, two pushes of one tag can meet a half-written link, which is a 500.
fn configuration(host: &str) -> String {
    format!("version: 0.1\nlog: {{level: error}}\nstorage: {{inmemory: {{}}}}\nhttp: {{addr: '{host}', relativeurls: true}}\n")
}

fn wait_until_it_listens(host: &str, process: &mut Child) {
    let deadline = Instant::now() + START_LIMIT;
    while TcpStream::connect(host).is_err() {
        let ended = process.try_wait().expect("a child to wait for");
        assert!(ended.is_none() && Instant::now() < deadline, "docker-registry does not start");
        std::thread::sleep(Duration::from_millis(10));
    }
}
