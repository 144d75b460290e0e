//! Workflow files: whatever they hold, what is said of them points at lines that are there.

use ghcr_auth::{audit, workflow};

const FILE: &str = "ci.yml";

/// The bytes are the file.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines = text.lines().count().max(1);
    for finding in audit::audit(&[(FILE, &text)]) {
        assert!((1..=lines).contains(&finding.line), "line {} of {lines}", finding.line);
        assert!(!finding.message.is_empty() && !finding.fix.is_empty());
    }
    let evidence = workflow::evidence::evidence(FILE, &text, "build");
    assert!(evidence.sentence.contains(FILE) || evidence.sentence.contains("job"));
    if let Some(change) = evidence.change {
        assert!(change.lines.contains("packages: write") && change.lines.ends_with('\n'), "{:?}", change.lines);
    }
}
