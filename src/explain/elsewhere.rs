//! Failures that are no refusals of GHCR's, although they look like it: told in sentences, never as a code.

use super::{
    mention,
    speaker::{First, LineInLog, Topic},
    text,
    wordings::SaidBy::{self, Line, Registry, RegistryOrNobody},
    wrapped,
};

/// Whose fault a failure is or what it means, and what helps, the likeliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The cause.
    pub cause: &'static str,
    /// What to do.
    pub fixes: &'static [&'static str],
}

/// What a log says: each word of one of these groups in one line, in lower case.
type Words = &'static [&'static [&'static str]];

/// A failure, by whose words it is known.
struct Case {
    says: Words,
    said_by: Option<SaidBy>,
    means: Elsewhere,
}

const fn case(says: Words, cause: &'static str, fixes: &'static [&'static str]) -> Case {
    Case { says, said_by: None, means: Elsewhere { cause, fixes } }
}

const CACHE: &str =
    "This is the Actions cache, not GHCR: runs of untrusted events, such as pull requests from forks, can only read it since June 2026.";
const MISSPELLED: &[&str] = &["Write `ghcr.io` in the image name and in the login. If you logged in to the other host, revoke that token."];

static CASES: &[Case] = &[
    case(
        &[&["pull rate limit"]],
        "This is Docker Hub's pull limit, not GHCR's.",
        &["Log in to Docker Hub (docker.io) before the pull, or use a mirror of the image, such as mirror.gcr.io or public.ecr.aws."],
    ),
    case(
        &[&["insufficient_scope", "authorization failed"]],
        "This is Docker Hub's answer: an image name without a registry host belongs to Docker Hub.",
        &["Begin the image name with `ghcr.io/` if it is meant for GHCR; otherwise log in to Docker Hub as somebody who can push there."],
    ),
    case(
        &[&["api.github.com", "rate limit"]],
        "This is the limit of GitHub's API, not of its registry.",
        &["Use an authenticated request (GITHUB_TOKEN), make fewer of them, and try again after the time that the answer names."],
    ),
    case(
        &[&["cache", "read-only"]],
        CACHE,
        &["Write the cache only where the run is trusted: `cache-to: ${{ github.event_name == 'push' && 'type=gha,mode=max' || '' }}`."],
    ),
    case(&[&["failed to reserve cache"]], CACHE, &["Add `ignore-error=true` to `cache-to: type=gha`, or write the cache only on `push`."]),
    case(
        &[&["no builder \"", "found"]],
        "This is buildx, not GHCR: the builder that an earlier step made isn't visible to this one.",
        &["A step in between changed DOCKER_CONFIG or BUILDX_CONFIG. Run docker/setup-buildx-action after it, and the login before both."],
    ),
    case(
        &[&["pull_request_target", "block"]],
        "This is GitHub's policy for `pull_request_target`, not GHCR: such runs are blocked by default in public repositories.",
        &["Build pull requests on `pull_request` without pushing, and publish on `push`."],
    ),
    case(
        &[&["docker.sock", "permission denied"]],
        "This is the Docker daemon of the machine, not GHCR: the user can't talk to it.",
        &["Add the user to the `docker` group and log in to the machine again, or use `sudo`."],
    ),
    case(
        &[
            &["error saving credentials"],
            &["unable to retrieve credentials"],
            &["error getting credentials"],
            &["no stored credential for"],
        ],
        "This is the credential helper of the machine, not GHCR.",
        &[
            "Install or start the helper that `credsStore` or `credHelpers` in config.json names, or remove that line: `docker login` then stores the login in the file.",
        ],
    ),
    case(
        &[&["invalid reference format"]],
        "This is the image name, not a refusal: no registry was asked.",
        &["Names are in lowercase with no empty part; a tag has letters, digits, `_`, `.`, and `-` only, so no `+`."],
    ),
    case(&[&["ghrc.io"]], "The host is misspelled: GHCR is ghcr.io. Somebody else may own ghrc.io.", MISSPELLED),
    case(&[&["gchr.io"]], "The host is misspelled: GHCR is ghcr.io. Somebody else may own gchr.io.", MISSPELLED),
    case(
        &[&["accept header does not support"], &["head request with \"404"]],
        "The image is an OCI index, and this client asks only for older formats.",
        &[
            "Update the client. Watchtower's warning is harmless: it pulls as usual.",
            "Or publish for one platform, with `provenance: false` in docker/build-push-action.",
        ],
    )
    .said_by(Registry),
    case(
        &[&["no matching manifest for"], &["no match for platform"]],
        "The image isn't built for this machine's platform.",
        &["Ask its publisher for it (`platforms: linux/amd64,linux/arm64`), or emulate: `docker run --platform linux/amd64 IMAGE`."],
    ),
    case(
        &[&["is not a valid chart repository"]],
        "GHCR's charts are OCI artifacts, which `helm repo add` can't read.",
        &["Use `helm pull oci://ghcr.io/OWNER/CHART --version VERSION`, and so with `helm install`."],
    )
    .said_by(Registry),
    case(
        &[&["405 method not allowed"], &["405: method not allowed"], &["status code 405"], &["the operation is unsupported"]],
        "The client asks for what GHCR doesn't offer: a token by POST, a deletion, or a wrong path.",
        &[
            "Update the client. With helm, push to `oci://ghcr.io/OWNER`, without the chart's name or tag.",
            "Delete on the package's page on GitHub, or through GitHub's API.",
        ],
    )
    .said_by(Registry),
    case(
        &[&["406 not acceptable"], &["406: not acceptable"], &["status code 406"]],
        "The registry doesn't take this kind of artifact, such as a new form of signature.",
        &["Update the tool. With cosign, try `COSIGN_DOCKER_MEDIA_TYPES=1`, or `--new-bundle-format=false`."],
    )
    .said_by(Registry),
    case(
        &[&["permissible limit of 4.00mib"], &["requested_range_not_satisfiable"]],
        "GHCR takes a layer whole or in chunks of up to 4 MiB; this client sends larger ones.",
        &["Update the client, or push with docker, oras, or crane."],
    )
    .said_by(RegistryOrNobody),
    case(
        &[
            &["manifest unknown"],
            &["manifest_unknown"],
            &["name_unknown"],
            &["name unknown"],
            &["received 404"],
            &["404 not found", "manifest"],
        ],
        ABSENT.cause,
        ABSENT.fixes,
    )
    .said_by(Registry),
    case(&[&["github.com/-/v2/packages/"]], ABSENT.cause, ABSENT.fixes),
    case(&[&[": not found"]], ABSENT.cause, ABSENT.fixes).said_by(Line),
    case(
        &[&["failed to fetch anonymous token"]],
        "The tool had no login for its registry, which the log doesn't name.",
        &["For GHCR, log in in the same job, before this step (docker/login-action with `registry: ghcr.io`)."],
    )
    .said_by(RegistryOrNobody),
    case(
        &[&["login for 'ghcr.io' failed"]],
        "The login to ghcr.io failed; the log does not show why.",
        &["Run it again, with debug logging if it fails again. Mostly the network failed for a moment, or the PAT has expired."],
    ),
    case(
        &[&["username and password required"]],
        "The login step got an empty username or password; the log does not show for which registry.",
        &["Check that the secret exists in this repository and environment; runs of forks and Dependabot get no secrets."],
    ),
];

const ABSENT: Elsewhere = Elsewhere {
    cause: "GHCR has nothing under this name and tag or digest. That isn't about permissions: a private package is `denied` or `unauthorized`.",
    fixes: &[
        "Check name and tag on the package's page (the owner's Packages tab on GitHub): a `v` too many or missing, or not published yet.",
        "If it is there, a clean-up of untagged versions deleted parts of it (publish it again, and exclude them), or the client is too old for OCI indexes.",
        "To sign or attest, use the digest that the push to GHCR printed.",
    ],
};

/// What a log without a refusal of GHCR's tells of, if it is a known failure: the first in [`CASES`].
pub fn elsewhere(log: &str) -> Option<Elsewhere> {
    find(log).or_else(|| wrapped::unbroken(log).find_map(|log| find(&log)))
}

fn find(log: &str) -> Option<Elsewhere> {
    let first = First::of(log);
    let mut topic = Topic::default();
    let mut found = CASES.len();
    for line in text::lines(log) {
        let mentions = mention::of_line(&line);
        topic.forget_at_login(&line);
        let said = LineInLog { line: &line, mentions: &mentions, topic: &topic, first: &first };
        found = CASES[..found].iter().position(|case| case.is_in(said)).unwrap_or(found);
        for mention in &mentions {
            topic.learn(mention);
        }
    }
    CASES.get(found).map(|case| case.means)
}

impl Case {
    /// Only if these are somebody's words.
    const fn said_by(mut self, said_by: SaidBy) -> Self {
        self.said_by = Some(said_by);
        self
    }

    fn is_in(&self, said: LineInLog<'_>) -> bool {
        let place = |words: &&[&str]| {
            let places: Option<Vec<_>> = words.iter().map(|word| said.line.lower.find(word)).collect();
            Some((*places?.first()?, words.first()?.len()))
        };
        let found = self.says.iter().find_map(place);
        found.is_some_and(|(at, length)| self.said_by.is_none_or(|whose| said.is_word_of(whose, at, at + length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(log: &str) -> &'static str {
        elsewhere(log).unwrap_or_else(|| panic!("{log}")).cause
    }

    #[test]
    fn somebody_elses_failure_is_told_as_such() {
        for (log, whose) in [
            ("toomanyrequests: You have reached your pull rate limit.", "Docker Hub"),
            ("server message: insufficient_scope: authorization failed", "Docker Hub"),
            ("ERROR: no builder \"builder-1\" found", "buildx"),
            ("error writing to the cache service: cache is read-only for this run", "Actions cache"),
            ("error getting credentials - err: exit status 1, out: `No stored credential for ghcr.io`", "credential helper"),
            ("docker: no matching manifest for linux/arm64/v8 in the manifest list entries.", "platform"),
        ] {
            assert!(cause(log).contains(whose), "{log}");
        }
        assert_eq!(elsewhere("all is well"), None);
    }

    #[test]
    fn what_is_not_there_is_told_apart_from_what_is_private() {
        for log in [
            "docker pull ghcr.io/acme/app:9\n9: Pulling from acme/app\nmanifest unknown",
            "GET https://ghcr.io/v2/acme/app/manifests/9: MANIFEST_UNKNOWN: manifest unknown",
            "reading tags for ghcr.io/acme/a/a: GET https://ghcr.io/v2/acme/a/a/tags/list: NAME_UNKNOWN: repository name not known to registry",
            "failed to resolve reference \"ghcr.io/acme/app:9\": ghcr.io/acme/app:9: not found",
            "Error fetching https://ghcr.io/v2/acme/app/manifests/sha256:00 - expected 200, received 404",
        ] {
            assert!(cause(log).starts_with("GHCR has nothing"), "{log}");
        }
        for log in
            ["docker pull nginx:99\nmanifest for nginx:99 not found: manifest unknown", "failed to compute cache key: \"/app\": not found"]
        {
            assert_eq!(elsewhere(log), None, "{log}");
        }
    }

    #[test]
    fn what_a_client_asks_wrongly_is_no_matter_of_permissions() {
        for (log, what) in [
            ("POST \"https://ghcr.io/token\": response status code 405: Method Not Allowed", "doesn't offer"),
            ("helm push app-1.tgz oci://ghcr.io/acme/app:1\nError: unexpected status: 405 Method Not Allowed", "doesn't offer"),
            (
                "GET \"https://ghcr.io/v2/acme/app/blobs/uploads/\": response status code 405: unsupported: The operation is unsupported.",
                "doesn't offer",
            ),
            (
                "PUT https://containers.acme.ghe.com/v2/acme/app/manifests/sha256-00.sig: unexpected status code 406 Not Acceptable",
                "kind of artifact",
            ),
            (
                "{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"OCI index found, but Accept header does not support OCI indexes\"} ghcr.io",
                "OCI index",
            ),
            ("the request body is too large and exceeds the maximum permissible limit of 4.00MiB", "4 MiB"),
            ("Error: looks like \"https://ghcr.io/acme/charts\" is not a valid chart repository or cannot be reached", "helm repo add"),
        ] {
            assert!(cause(log).contains(what), "{log}");
        }
        assert_eq!(elsewhere("POST https://api.example.com/v1\nHTTP/1.1 405 Method Not Allowed\nHTTP/1.1 406 Not Acceptable"), None);
    }
}
