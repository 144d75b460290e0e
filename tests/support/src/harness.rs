//! Rust's test harness, but for tests that find out only when they run whether they can.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::panic::{catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::needs::Missing;

/// Set to 1 where everything must be there: a test that cannot run then fails.
const REQUIRE_TOOLS: &str = "GHCR_AUTH_TESTS_REQUIRE_TOOLS";

/// How a package is installed.
const PACKAGE: &str = "apt-get install ";

/// A test and its name.
pub type Test = (&'static str, fn());

/// The tests of a module by their names; one that is forgotten is dead code, which the compiler tells.
#[macro_export]
macro_rules! tests {
    ($($test:ident),* $(,)?) => {
        pub(crate) const TESTS: &[$crate::harness::Test] = &[$((concat!(module_path!(), "::", stringify!($test)), $test)),*];
    };
}

/// Runs the tests as the arguments of the process say, and at the end says in one line how to run those that were ignored.
pub fn run(tests: &[&[Test]]) -> ExitCode {
    let remedies = Arc::new(Mutex::new(BTreeSet::new()));
    let is_required = std::env::var_os(REQUIRE_TOOLS).is_some_and(|value| value == "1");
    let trial = |(name, test): &Test| {
        let (test, remedies) = (*test, Arc::clone(&remedies));
        // As Rust's harness does, without the name of the binary.
        let name = name.split_once("::").map_or(*name, |(_, name)| name);
        Trial::ignorable_test(name, move || {
            let missing = match complete(test) {
                Ok(()) => return Ok(Completion::Completed),
                Err(missing) => missing,
            };
            let reason = format!("needs {}", missing.need);
            // What nobody can install here was not run, and is counted so.
            if is_required && missing.remedy.is_some() {
                return Err(Failed::from(reason));
            }
            remedies.lock().expect("no thread panics while it adds one").extend(missing.remedy);
            Ok(Completion::ignored_with(reason))
        })
    };
    let conclusion = libtest_mimic::run(&Arguments::from_args(), tests.iter().copied().flatten().map(trial).collect());
    let remedies = remedies.lock().expect("all threads have ended");
    if !remedies.is_empty() {
        // A closed handle has no reader to tell.
        let _ = writeln!(std::io::stderr(), "To run what was ignored: {}", in_one_line(&remedies));
    }
    conclusion.exit_code()
}

/// The commands as one, packages first: what they bring may be needed by the others.
fn in_one_line(remedies: &BTreeSet<String>) -> String {
    let packages: Vec<_> = remedies.iter().filter_map(|remedy| remedy.strip_prefix(PACKAGE)).collect();
    let install = (!packages.is_empty()).then(|| format!("{PACKAGE}{}", packages.join(" ")));
    let others = remedies.iter().filter(|remedy| !remedy.starts_with(PACKAGE)).cloned();
    install.into_iter().chain(others).collect::<Vec<_>>().join(" && ")
}

/// Runs a test to its end, or to what it needs and does not find.
fn complete(test: fn()) -> Result<(), Missing> {
    catch_unwind(test).or_else(|payload| match payload.downcast::<Missing>() {
        Ok(missing) => Err(*missing),
        Err(payload) => resume_unwind(payload),
    })
}

#[cfg(test)]
mod tests {
    use super::{complete, in_one_line};
    use crate::needs;

    #[test]
    fn a_test_ends_at_what_it_needs_and_says_what_that_is() {
        assert!(complete(|| {}).is_ok());
        let missing = complete(|| drop(needs::program("no-such-program", "no-such-package"))).expect_err("it is missing");
        assert_eq!((missing.need.as_str(), missing.remedy.as_deref()), ("no-such-program", Some("apt-get install no-such-package")));
        let refused = complete(|| needs::not_permitted("mounting")).expect_err("it is not permitted");
        assert_eq!((refused.need.as_str(), refused.remedy), ("permission for mounting", None));
    }

    #[test]
    fn packages_are_installed_in_one_command_and_first() {
        let remedies = [".ci/image", "apt-get install skopeo", "apt-get install podman"].map(str::to_owned);
        assert_eq!(in_one_line(&remedies.into()), "apt-get install podman skopeo && .ci/image");
    }

    #[test]
    fn a_test_that_fails_is_not_taken_for_one_that_cannot_run() {
        let failed = std::panic::catch_unwind(|| complete(|| std::panic::resume_unwind(Box::new("wrong"))).is_err());
        assert!(failed.is_err());
    }
}
