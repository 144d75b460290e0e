//! Workflow files: whatever they hold, what is said of them points at lines that are there.

use ghcr_auth::{
    audit,
    workflow::{self, evidence::Permission},
};

const FILE: &str = "ci.yml";

/// The most that is said of a file, in bytes for each of its own, and for a small one: each of its pushes may bring the change of a job.
const MOST_SAID: usize = 200;
const SAID_ANYWAY: usize = 64 * 1024;

/// The bytes are the file.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.lines().count().max(1);
    let findings = audit::audit(&[(FILE, &text)], &|_| None);
    let said: usize = findings.iter().map(|finding| finding.message.len() + finding.fix.len()).sum();
    assert!(said <= SAID_ANYWAY + MOST_SAID * text.len(), "{said} bytes are said of {}", text.len());
    for finding in findings {
        assert!((1..=lines).contains(&finding.line), "line {} of {lines}", finding.line);
        assert!(!finding.message.is_empty() && !finding.fix.is_empty());
    }
    match workflow::evidence::evidence(FILE, &text, "build") {
        Permission::Unsure { place } | Permission::Granted { place } => assert!(place.contains(FILE) || place.contains("job")),
        Permission::Missing { place, instruction: _, lines } => {
            assert!(place.contains(FILE));
            assert!(lines.contains("packages: write") && lines.ends_with('\n'), "{lines:?}");
        }
        Permission::Unknown => unreachable!("there is a file"),
    }
}
