//! What a test needs beyond what builds it: where it is missing, the test is ignored and says which one thing is missing.
//!
//! Only for tests under [`run`](crate::harness::run): under Rust's own harness, a need that is missing is a failure.

use std::path::PathBuf;

/// What ends a test that cannot run here.
pub(crate) struct Missing {
    /// The one thing.
    pub(crate) need: String,
    /// How it is had, where it can be.
    pub(crate) remedy: Option<String>,
}

/// Where an installed program is.
pub fn find(program: &str) -> Option<PathBuf> {
    let directories = std::env::var_os("PATH")?;
    std::env::split_paths(&directories).map(|directory| directory.join(program)).find(|path| path.is_file())
}

/// Where a program is that Debian's package of that name brings; without it, the test is ignored.
pub fn program(program: &str, package: &str) -> PathBuf {
    find(program).unwrap_or_else(|| missing(program, &format!("apt-get install {package}")))
}

/// Ends the test: it needs something that a command brings.
pub fn missing(need: &str, command: &str) -> ! {
    end(Missing { need: need.to_owned(), remedy: Some(command.to_owned()) })
}

/// Ends the test: this machine does not permit what it does, whatever is installed.
pub fn not_permitted(what: &str) -> ! {
    end(Missing { need: format!("permission for {what}"), remedy: None })
}

fn end(missing: Missing) -> ! {
    std::panic::resume_unwind(Box::new(missing))
}
