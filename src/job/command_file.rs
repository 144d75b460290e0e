//! The runner's command files: `GITHUB_OUTPUT`, `GITHUB_ENV`, `GITHUB_STATE`
//! (actions/runner `FileCommandManager.cs`; <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use rustix::fs::{FileType, Mode, OFlags};

use crate::{job::environment::Environment, random};

/// The files of a step.
#[derive(Clone, Debug)]
pub struct CommandFiles {
    /// The step's outputs.
    pub output: CommandFile,
    /// Variables for later steps.
    pub env: CommandFile,
    /// What the post stage is to know.
    pub state: CommandFile,
    /// The job summary.
    pub summary: CommandFile,
}

impl CommandFiles {
    /// The files that the environment names.
    pub fn of(environment: &Environment) -> Self {
        let file = |variable| CommandFile { variable, path: environment.path(variable).map(Path::to_owned) };
        Self { output: file("GITHUB_OUTPUT"), env: file("GITHUB_ENV"), state: file("GITHUB_STATE"), summary: file("GITHUB_STEP_SUMMARY") }
    }
}

/// One of the runner's files.
#[derive(Clone, Debug)]
pub struct CommandFile {
    /// The variable that names it.
    pub variable: &'static str,
    path: Option<PathBuf>,
}

impl CommandFile {
    /// Appends pairs, all or none.
    ///
    /// # Errors
    /// What the filesystem says, also for anything but a regular file that the runner made, and when the variable is not set.
    pub fn append(&self, pairs: &[(&str, String)]) -> io::Result<()> {
        self.append_text(&render(pairs, &format!("ghadelimiter_{}", random::hex(&random::bytes::<16>()?)))?)
    }

    /// Appends text, all or nothing.
    ///
    /// # Errors
    /// As for [`Self::append`].
    pub fn append_text(&self, text: &str) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let path = self.path.as_ref().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the variable is not set"))?;
        let mut file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
        let before = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(before.st_mode) != FileType::RegularFile {
            return Err(io::Error::other("not a regular file"));
        }
        file.write_all(text.as_bytes()).inspect_err(|_| {
            // The error itself is what the caller reports.
            let _ = file.set_len(u64::try_from(before.st_size).unwrap_or_default());
        })
    }
}

/// The runner's grammar: `NAME=VALUE`, or `NAME<<DELIMITER` for a value of several lines.
///
/// # Errors
/// When a value contains the delimiter.
pub fn render(pairs: &[(&str, String)], delimiter: &str) -> io::Result<String> {
    let mut text = String::new();
    for (name, value) in pairs {
        if value.contains(delimiter) {
            return Err(io::Error::other("a value contains the random delimiter"));
        }
        if value.contains('\n') || value.contains('\r') {
            text += &format!("{name}<<{delimiter}\n{value}\n{delimiter}\n");
        } else {
            text += &format!("{name}={value}\n");
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use ghcr_auth_testbed::command_file::parse;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_runner_reads_back_what_was_rendered(values in proptest::collection::vec("(?s).{0,40}", 1..4)) {
            let pairs: Vec<_> = ["a", "b-c", "D"].into_iter().zip(values).collect();
            let read = parse(&render(&pairs, "ghadelimiter_x").unwrap()).unwrap();
            prop_assert_eq!(read, pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        }
    }

    fn file(path: impl Into<PathBuf>) -> CommandFile {
        CommandFile { variable: "GITHUB_OUTPUT", path: Some(path.into()) }
    }

    #[test]
    fn a_value_with_the_delimiter_in_it_is_refused() {
        assert!(render(&[("a", "x\nEOF\ny".into())], "EOF").is_err());
    }

    #[test]
    fn a_value_of_one_line_stands_beside_its_name_and_any_other_between_delimiters() {
        let pairs = [("a", "x=y".into()), ("b", "x\ny".into()), ("c", "x\ry".into())];
        assert_eq!(render(&pairs, "EOF").unwrap(), "a=x=y\nb<<EOF\nx\ny\nEOF\nc<<EOF\nx\ry\nEOF\n");
    }

    #[test]
    fn what_is_there_stays_and_each_append_has_a_delimiter_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("output");
        std::fs::write(&path, "before=1\n").unwrap();
        let file = CommandFiles::of(&[("GITHUB_OUTPUT", path.clone())].into_iter().collect()).output;
        for _ in 0..2 {
            file.append(&[("a", "x\ny".into())]).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let delimiters: std::collections::BTreeSet<_> = text.lines().filter_map(|line| line.strip_prefix("a<<ghadelimiter_")).collect();
        assert!(text.starts_with("before=1\na<<") && delimiters.len() == 2, "{text}");
        assert!(delimiters.iter().all(|delimiter| delimiter.len() == 32), "{text}");
    }

    #[test]
    fn a_symlink_is_not_followed_and_a_variable_that_is_not_set_is_no_file() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("target"), "").unwrap();
        std::os::unix::fs::symlink("target", directory.path().join("link")).unwrap();
        assert!(file(directory.path().join("link")).append_text("a=b\n").is_err());
        assert!(CommandFiles::of(&Environment::default()).output.append_text("a=b\n").is_err());
    }

    #[test]
    fn only_a_regular_file_that_is_there_is_appended_to() {
        for path in ["/dev/full", "/dev/null", "/", "/no/such/file"] {
            assert!(file(path).append(&[("a", "b".into())]).is_err(), "{path}");
        }
    }
}
