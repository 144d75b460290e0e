//! Failures that look like GHCR's and are somebody else's: told in a sentence, never as a code.

use super::text;

/// What stands in the log, whose fault it is, and what helps.
type Case = (&'static [&'static str], &'static str, &'static str);

/// The cases. Each of the words has to stand in one line, in lower case.
const CASES: [Case; 15] = [
    (
        &["pull rate limit"],
        "This is Docker Hub's pull limit, not GHCR's.",
        "Log in to Docker Hub (docker.io) before the pull, or use a mirror of the image, such as mirror.gcr.io or public.ecr.aws.",
    ),
    (
        &["insufficient_scope", "authorization failed"],
        "This is Docker Hub's answer: an image name without a registry host belongs to Docker Hub.",
        "Begin the image name with `ghcr.io/` if it is meant for GHCR; otherwise log in to Docker Hub as somebody who can push there.",
    ),
    (
        &["api.github.com", "rate limit"],
        "This is the limit of GitHub's API, not of its registry.",
        "Use an authenticated request (GITHUB_TOKEN), make fewer of them, and try again after the time that the answer names.",
    ),
    (
        &["cache", "read-only"],
        "This is the Actions cache, not GHCR: runs of untrusted events, such as pull requests from forks, can only read it since June 2026.",
        "Write the cache only where the run is trusted: `cache-to: ${{ github.event_name == 'push' && 'type=gha,mode=max' || '' }}`.",
    ),
    (
        &["failed to reserve cache"],
        "This is the Actions cache, not GHCR. Runs of untrusted events can only read it since June 2026.",
        "Add `ignore-error=true` to `cache-to: type=gha`, or write the cache only on `push`.",
    ),
    (
        &["no builder \"", "found"],
        "This is buildx, not GHCR: the builder that an earlier step made isn't visible to this one.",
        "A step in between changed DOCKER_CONFIG or BUILDX_CONFIG. Run docker/setup-buildx-action after it, and the login before both.",
    ),
    (
        &["pull_request_target", "block"],
        "This is GitHub's policy for `pull_request_target`, not GHCR: such runs are blocked by default in public repositories.",
        "Build pull requests on `pull_request` without pushing, and publish on `push`.",
    ),
    (
        &["docker.sock", "permission denied"],
        "This is the Docker daemon of the machine, not GHCR: the user can't talk to it.",
        "Add the user to the `docker` group and log in to the machine again, or use `sudo`.",
    ),
    (
        &["error saving credentials"],
        "This is the credential helper of the machine, not GHCR: the login worked but could not be stored.",
        "Fix the helper that `credsStore` in config.json names, or remove that line to store logins in the file.",
    ),
    (
        &["unable to retrieve credentials"],
        "This is the credential helper of the machine, not GHCR.",
        "Look at `credsStore` and `credHelpers` in config.json: the helper that they name has to be installed and to know the registry.",
    ),
    (
        &["invalid reference format"],
        "This is the image name, not a refusal: no registry was asked.",
        "Names are in lowercase with no empty part; a tag has letters, digits, `_`, `.`, and `-` only, so no `+`.",
    ),
    (
        &["ghrc.io"],
        "The host is misspelled: GHCR is ghcr.io. Somebody else may own ghrc.io.",
        "Write `ghcr.io` in the image name and in the login. If you logged in to the other host, revoke that token.",
    ),
    (
        &["gchr.io"],
        "The host is misspelled: GHCR is ghcr.io. Somebody else may own gchr.io.",
        "Write `ghcr.io` in the image name and in the login. If you logged in to the other host, revoke that token.",
    ),
    (
        &["login for 'ghcr.io' failed"],
        "The login to ghcr.io failed; the log does not show why.",
        "Run it again, with debug logging if it fails again. Mostly the network failed for a moment, or the PAT has expired.",
    ),
    (
        &["username and password required"],
        "The login step got an empty username or password; the log does not show for which registry.",
        "Check that the secret exists in this repository and environment; runs of forks and Dependabot get no secrets.",
    ),
];

/// Whose failure a log tells of, if it is a known one: the cause, and what helps.
pub fn elsewhere(log: &str) -> Option<(&'static str, &'static str)> {
    let of_line = |line: text::Line| CASES.iter().position(|(words, _, _)| words.iter().all(|word| line.lower.contains(word)));
    let first = text::lines(log).filter_map(of_line).min()?;
    CASES.get(first).map(|(_, cause, fix)| (*cause, *fix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_elses_failure_is_told_as_such() {
        for (log, whose) in [
            ("toomanyrequests: You have reached your pull rate limit.", "Docker Hub"),
            ("server message: insufficient_scope: authorization failed", "Docker Hub"),
            ("ERROR: no builder \"builder-1\" found", "buildx"),
            ("error writing to the cache service: cache is read-only for this run", "Actions cache"),
        ] {
            assert!(elsewhere(log).unwrap().0.contains(whose), "{log}");
        }
        assert_eq!(elsewhere("all is well"), None);
    }
}
