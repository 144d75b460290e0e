//! The action of `host/` under one name, for whoever starts "the binary": the scripts beside it by the stage in argv[0].
//!
//! `.ci/host-binary` lays out what it needs; a script cannot do this, since its interpreter hides argv[0].

#![expect(clippy::expect_used, reason = "a tool of the tests: it ends where it cannot go on")]

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

fn main() {
    let mut arguments = std::env::args_os();
    let called = arguments.next().unwrap_or_default();
    let is_post = Path::new(&called).file_name().is_some_and(|name| name == "ghcr-auth-post");
    let own = std::env::current_exe().expect("the path of this program");
    let directory = own.parent().expect("a directory");
    let script = directory.join(if is_post { "post.js" } else { "main.js" });
    let error = Command::new(directory.join("node")).arg(script).args(arguments).exec();
    panic!("node does not start: {error}");
}
