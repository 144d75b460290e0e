//! Images to release: that of `.ci/image`, and a stand-in for the architecture that this machine is not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use ghcr_auth_testbed::engine::Engine;
use ghcr_auth_testbed::images::{self, copy_program, said, tested};
use serde_json::json;

use crate::release::rehearsal::Rehearsal;

/// Where an ELF file says its machine, and `AArch64` and x86-64 as such (elf(5), `e_machine`).
const MACHINE: std::ops::Range<usize> = 18..20;
const AARCH64: [u8; 2] = [183, 0];
const X86_64: [u8; 2] = [62, 0];

/// This machine's architecture and the other, as docker calls them.
pub(crate) const NATIVE: &str = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
pub(crate) const OTHER: &str = if cfg!(target_arch = "x86_64") { "arm64" } else { "amd64" };

/// The images of one rehearsal in the engine; dropping them removes them.
pub(crate) struct Images {
    engine: Engine,
    names: Vec<String>,
}

impl Images {
    /// Looks for the engine and the built image.
    pub(crate) fn detect() -> Self {
        Self { engine: images::engine(), names: Vec::new() }
    }

    /// The name under which the script looks for an architecture's image, remembered for removal.
    pub(crate) fn name(&mut self, rehearsal: &Rehearsal, arch: &str) -> String {
        let name = format!("{}:{}-{arch}", rehearsal.image(), env!("CARGO_PKG_VERSION"));
        self.names.push(name.clone());
        name
    }

    /// Gives the image that `.ci/image` built the name that `build` would give it.
    pub(crate) fn take_built(&mut self, rehearsal: &Rehearsal) {
        let name = self.name(rehearsal, NATIVE);
        self.docker(&["tag", &tested(), &name]);
    }

    /// Makes the other architecture's image: this one's program, which says that it is for the other machine.
    pub(crate) fn load_stand_in(&mut self, rehearsal: &Rehearsal) {
        let (root, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(root.path().join("ghcr-auth"), elsewhere(self.program())).unwrap();
        fs::set_permissions(root.path().join("ghcr-auth"), fs::Permissions::from_mode(0o755)).unwrap();
        let layer = archive.path().join("layer.tar");
        run("tar", &["--create", "--directory", text(root.path()), "--file", text(&layer), "ghcr-auth"]);
        let sum = run("sha256sum", &[text(&layer)]);
        let layers = [format!("sha256:{}", &sum[..64])];
        let config = json!({
            "os": "linux",
            "architecture": OTHER,
            "config": {"Entrypoint": ["/ghcr-auth"]},
            "rootfs": {"type": "layers", "diff_ids": layers},
        });
        let name = self.name(rehearsal, OTHER);
        let manifest = json!([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]);
        fs::write(archive.path().join("config.json"), config.to_string()).unwrap();
        fs::write(archive.path().join("manifest.json"), manifest.to_string()).unwrap();
        let whole = root.path().join("image.tar");
        run("tar", &["--create", "--directory", text(archive.path()), "--file", text(&whole), "."]);
        self.docker(&["load", "--input", text(&whole)]);
    }

    /// The program in the built image.
    pub(crate) fn program(&self) -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("program");
        copy_program(&self.engine, &path);
        fs::read(path).unwrap()
    }

    #[track_caller]
    pub(crate) fn docker(&self, args: &[&str]) -> String {
        let output = self.engine.docker(args);
        assert!(output.status.success(), "docker {args:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Images {
    fn drop(&mut self) {
        for name in &self.names {
            self.engine.docker(&["rmi", name]);
        }
    }
}

/// The same file, but for the machine that it names.
fn elsewhere(mut program: Vec<u8>) -> Vec<u8> {
    let other = if program[MACHINE] == X86_64 { AARCH64 } else { X86_64 };
    program[MACHINE].copy_from_slice(&other);
    program
}

#[track_caller]
fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
