//! A TLS server with a certificate as nobody should have it any more; openssl still makes and serves them.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use ghcr_auth_testbed::tls_proxy::TlsProxy;
use tempfile::TempDir;

use crate::faults::world::World;

/// What is wrong with the certificate.
#[derive(Clone, Copy)]
pub(crate) enum Weakness {
    None,
    /// RSA with 1024 bits.
    SmallKey,
    /// Signed over SHA-1.
    Sha1,
}

/// A running `openssl s_server` for `registry.test`; dropping it ends it.
pub(crate) struct OldServer {
    directory: TempDir,
    port: u16,
    process: Child,
}

impl OldServer {
    pub(crate) fn start(openssl: &Path, weakness: Weakness) -> Self {
        let directory = tempfile::tempdir().unwrap();
        certify(openssl, directory.path(), weakness);
        let mut process = Command::new(openssl)
            .args(["s_server", "-www", "-accept", "127.0.0.1:0", "-cert", "leaf.pem", "-key", "leaf.key", "-cipher", "ALL:@SECLEVEL=0"])
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned)).unwrap();
        let port = address.rsplit(':').next().unwrap().trim().parse().unwrap();
        Self { directory, port, process }
    }

    /// Makes it the registry of a world whose program trusts its CA. It lives as long as the proxy.
    pub(crate) fn behind(self, world: &mut World) {
        std::fs::copy(self.directory.path().join("ca.pem"), world.job.workspace().join("root.pem")).unwrap();
        let proxy = TlsProxy::tunnel(&format!("127.0.0.1:{}", self.port));
        world.use_proxy(proxy, false);
        world.input("ca-file", "root.pem");
        world.keep(self);
    }
}

impl Drop for OldServer {
    fn drop(&mut self) {
        // Only a process that has already ended cannot be killed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A CA with a sound certificate of its own, and the server's by that CA.
fn certify(openssl: &Path, directory: &Path, weakness: Weakness) {
    let (size, digest) = match weakness {
        Weakness::None => ("rsa:2048", "-sha256"),
        Weakness::SmallKey => ("rsa:1024", "-sha256"),
        Weakness::Sha1 => ("rsa:2048", "-sha1"),
    };
    std::fs::write(directory.join("leaf.ext"), "subjectAltName=DNS:registry.test\nbasicConstraints=CA:FALSE\n").unwrap();
    let commands: [&[&str]; 3] = [
        &[
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out",
            "ca.pem",
        ],
        &["req", "-newkey", size, "-nodes", "-subj", "/CN=leaf", "-keyout", "leaf.key", "-out", "leaf.csr"],
        &[
            "x509",
            "-req",
            "-in",
            "leaf.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            digest,
            "-days",
            "2",
            "-extfile",
            "leaf.ext",
            "-out",
            "leaf.pem",
        ],
    ];
    for arguments in commands {
        let made = Command::new(openssl).args(arguments).current_dir(directory).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}
