//! What becomes of a result that cannot be written.

use std::{
    fs::{self, File},
    io,
    process::{Command, Output, Stdio},
};

use super::{binary, command_line::text};

/// Commands that end with 0 or 1 where their output is written, whatever its format.
const COMMANDS: [&[&str]; 10] = [
    &["audit", "."],
    &["audit", ".", "--json"],
    &["audit", ".", "--format", "sarif"],
    &["audit", ".", "--format", "github"],
    &["audit", ".", "--diff"],
    &["explain", "denied: permission_denied: write_package"],
    &["explain", "--json", "nothing"],
    &["--help"],
    &["audit", "--help"],
    &["--version"],
];

fn to(stdout: impl Into<Stdio>, arguments: &[&str], directory: &std::path::Path) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(directory).env_clear().stdin(Stdio::null());
    command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

fn repository() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join(".github/workflows")).unwrap();
    let text = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker push ghcr.io/acme/app:1\n";
    fs::write(directory.path().join(".github/workflows/a.yml"), text).unwrap();
    directory
}

#[test]
fn a_result_that_cannot_be_written_is_said_and_ends_with_2() {
    let directory = repository();
    for arguments in COMMANDS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = to(full, arguments, directory.path());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert_eq!(said, "error: the output can't be written: No space left on device (os error 28)\n", "{arguments:?}");
    }
}

#[test]
fn a_reader_that_went_away_changes_nothing() {
    let directory = repository();
    for arguments in COMMANDS {
        let expected = to(Stdio::null(), arguments, directory.path()).status;
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output = to(writer, arguments, directory.path());
        assert_eq!((output.status, text(&output.stderr)), (expected, String::new()), "{arguments:?}");
    }
}
