//! The action of `host/` as a release has it: the two scripts with the program beside them.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::needs;

/// A copy of `host/` with a program in it, removed on drop.
pub struct HostAction {
    directory: TempDir,
    node: PathBuf,
}

impl HostAction {
    /// `binary` as the program of this machine; without node the test is ignored.
    pub fn new(binary: &Path) -> Self {
        let action = Self::without_program();
        std::fs::copy(binary, action.program()).expect("a program to copy");
        action
    }

    /// The scripts alone, as in a checkout.
    pub fn without_program() -> Self {
        let newer = std::env::var_os("GHCR_AUTH_TEST_CLIENTS").map(|clients| Path::new(&clients).join("node"));
        let node = newer.unwrap_or_else(|| needs::program("node", "nodejs"));
        let directory = tempfile::tempdir().expect("a temporary directory");
        // Later steps of another user start it, too.
        set_mode(directory.path(), 0o755);
        std::fs::create_dir(directory.path().join("host")).expect("a new directory");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host");
        for script in ["main.js", "post.js"] {
            std::fs::copy(scripts.join(script), directory.path().join("host").join(script)).expect("a script to copy");
        }
        Self { directory, node }
    }

    /// Where the program of this machine is looked for.
    pub fn program(&self) -> PathBuf {
        self.directory.path().join("host").join(format!("ghcr-auth-{}", std::env::consts::ARCH))
    }

    /// Where the program is looked for in a checkout.
    pub fn built_program(&self) -> PathBuf {
        self.directory.path().join("target/release/ghcr-auth")
    }

    /// Node.
    pub fn node(&self) -> &Path {
        &self.node
    }

    /// The script of a stage.
    pub fn script(&self, post: bool) -> PathBuf {
        self.directory.path().join("host").join(if post { "post.js" } else { "main.js" })
    }
}

/// Sets the permissions of a file or directory.
pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a file of ours");
}
