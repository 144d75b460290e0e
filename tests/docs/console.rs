//! Every `console` block of the documentation is run, and prints what the page says.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ghcr_auth_testbed::{
    documents::fences,
    front_door::{FrontDoor, Rules},
    tls_proxy::TlsProxy,
};
use tempfile::TempDir;

use crate::docs::pages;

const TOKEN: &str = "ghp_exampleOnlyNotARealTokenAtAll0000001";

const PUSH_LOG: &str = "The push refers to repository [ghcr.io/acme/app]\ndenied: permission_denied: write_package\n";

/// A workflow that pushes without the permission, which its line 9 sets.
pub(crate) const WORKFLOW: &str = "\
name: image
on:
  push:
    branches: [main]

jobs:
  image:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v6
      - run: docker build -t ghcr.io/acme/app .
      - run: docker push ghcr.io/acme/app
";

/// A directory with what the commands read, and ghcr.io where they find it.
struct Desk {
    directory: TempDir,
    _door: FrontDoor,
    proxy: TlsProxy,
}

impl Desk {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let door = FrontDoor::start(Rules::default().allow(TOKEN));
        let proxy = TlsProxy::as_github(&door);
        let write = |path: &str, text: &str| {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("push.log", PUSH_LOG);
        write(".env.deploy", &format!("GHCR_TOKEN={TOKEN}\n"));
        write(".github/workflows/image.yml", WORKFLOW);
        write("root.pem", proxy.ca_pem());
        Self { directory, _door: door, proxy }
    }

    /// What a shell prints for a command.
    fn run(&self, command: &str) -> String {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_ghcr-auth"));
        let path = format!("{}:/usr/bin:/bin", program.parent().map(Path::display).unwrap());
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", command]).current_dir(self.directory.path()).env_clear().env("PATH", path);
        shell.env("HTTPS_PROXY", self.proxy.url()).env("SSL_CERT_FILE", self.directory.path().join("root.pem"));
        let output = shell.output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        // How the test reaches its registry is nothing that a reader has.
        let is_of_test = |line: &&str| line.starts_with("Requests went through") || line.starts_with("TLS also trusts");
        let text = out + &err;
        if !text.lines().any(|line| is_of_test(&line)) {
            return text;
        }
        let text: String = text.split_inclusive('\n').filter(|line| !is_of_test(line)).collect();
        text.trim_end().to_owned() + "\n"
    }
}

#[test]
fn every_console_block_prints_what_the_page_says() {
    let desk = Desk::new();
    let mut commands = 0;
    for (path, page) in pages() {
        for block in fences(&page).into_iter().filter(|fence| fence.language == "console") {
            let (command, printed) = block.text.split_once('\n').unwrap();
            let command = command.strip_prefix("$ ").unwrap_or_else(|| panic!("{path}: no prompt: {command}"));
            assert_eq!(desk.run(command), printed, "{path}: {command}");
            commands += 1;
        }
    }
    assert!(commands > 3, "only {commands} commands were found");
}
