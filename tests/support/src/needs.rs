//! Tools a test needs: where they are missing the test says so loudly and counts as skipped.

use std::io::Write as _;
use std::path::PathBuf;

/// Set to 1 where every tool must be there: a skipped test then fails.
const REQUIRE_TOOLS: &str = "GHCR_AUTH_TESTS_REQUIRE_TOOLS";

/// Where an installed program is.
pub fn find(program: &str) -> Option<PathBuf> {
    let directories = std::env::var_os("PATH")?;
    std::env::split_paths(&directories).map(|directory| directory.join(program)).find(|path| path.is_file())
}

/// Says that a test is skipped and why.
///
/// # Panics
///
/// With `GHCR_AUTH_TESTS_REQUIRE_TOOLS=1` in the environment.
pub fn skip(test: &str, need: &str) {
    let line = format!("SKIPPED: {test}, needs {need}");
    assert!(std::env::var_os(REQUIRE_TOOLS).is_none_or(|value| value != "1"), "{line}");
    // The harness captures print macros, not this handle; a closed one has no reader to tell.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Says that a test is skipped because this machine does not let it make its fault, whatever is installed.
pub fn not_permitted(test: &str, what: &str) {
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED: {test}, this machine does not permit {what}");
}
