//! Scripts that tests write and start.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Writes a file that everybody may start.
pub fn write(path: impl AsRef<Path>, text: &str) {
    std::fs::write(&path, text).expect("a written file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a file of one's own");
}
