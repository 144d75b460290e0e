//! The log that `explain` reads: no line of it is shown with a token in it, and every finding can be put into words.

use ghcr_auth::{diagnosis, explain, github::Evidence};

/// A token in the form of GitHub's, put where a log has a NUL byte.
const TOKEN: &str = "ghp_FuzzCanaryQ7Zt3Lw9Rb2Vn5Km8Dj1Xc4YfQ";

/// The bytes are the log.
pub fn check(data: &[u8]) {
    let log = String::from_utf8_lossy(data).replace('\0', TOKEN);
    let explanation = explain::explain(&log);
    let shown: usize = explanation.findings.iter().map(|finding| finding.line.len()).sum();
    assert!(shown <= 4 * log.len() + 1024, "{shown} bytes are shown of {}", log.len());
    assert_eq!(explanation.code() == "none", explanation.findings.is_empty());
    for finding in explanation.findings {
        assert!(!finding.line.contains("ghp_FuzzCanary"), "a token is shown: {}", finding.line);
        assert!(!finding.line.contains(char::is_control), "{:?}", finding.line);
        let said = diagnosis::explain(finding.reason, &finding.subject(), &Evidence::default());
        assert!(!said.title.is_empty() && !said.fixes.is_empty());
    }
}
