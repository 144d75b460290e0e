//! Whether the name of an account looks like a person's: a guess, for hints only. In doubt it is no person's, since a hint
//! that is wrong annoys more than one that is missing.

/// What machine users and service accounts have in their names, as a word of its own.
const WORDS: [&str; 33] = [
    "account",
    "action",
    "actions",
    "app",
    "apps",
    "auto",
    "bot",
    "bots",
    "cd",
    "ci",
    "cicd",
    "container",
    "containers",
    "docker",
    "ghcr",
    "github",
    "image",
    "images",
    "infra",
    "noreply",
    "oci",
    "ops",
    "org",
    "package",
    "packages",
    "pkg",
    "pkgs",
    "registry",
    "svc",
    "sys",
    "system",
    "team",
    "token",
];

/// The same at the beginning or at the end of a word: no name of a person has these there.
const PARTS: [&str; 12] =
    ["automat", "build", "cicd", "deploy", "devops", "machine", "package", "pipeline", "publish", "release", "robot", "service"];

/// What ends in `bot` and is a person's name.
const NAMES_IN_BOT: [&str; 4] = ["abbot", "cabot", "talbot", "tabot"];

/// Whether an account's name looks like a person's.
pub fn looks_like_a_person(login: &str) -> bool {
    let is_name = !login.is_empty() && login.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    is_name && !words(login).any(|word| is_a_machines(&word))
}

/// The words of a name: `acme-CI2` and `acmeCi` have `acme` and `ci`.
fn words(login: &str) -> impl Iterator<Item = String> {
    let spaced = login.chars().fold((String::new(), false), |(mut text, after_lower), c| {
        if c.is_ascii_uppercase() && after_lower {
            text.push(' ');
        }
        text.push(if c.is_ascii_alphabetic() { c.to_ascii_lowercase() } else { ' ' });
        (text, c.is_ascii_lowercase())
    });
    spaced.0.split_whitespace().map(str::to_owned).collect::<Vec<_>>().into_iter()
}

fn is_a_machines(word: &str) -> bool {
    let ends_in_bot = word.ends_with("bot") && !NAMES_IN_BOT.contains(&word);
    ends_in_bot || WORDS.contains(&word) || PARTS.iter().any(|part| word.starts_with(part) || word.ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_from_machines_by_their_names() {
        for person in [
            "alice",
            "bob-smith",
            "cindy",
            "cian",
            "marci",
            "botticelli",
            "talbot",
            "octocat",
            "lucia",
            "autumn",
            "sysko",
            "appleton",
            "torvalds",
            "McIntosh",
            "jane_doe99",
            "circe",
            "cdavis",
            "opsahl",
        ] {
            assert!(looks_like_a_person(person), "{person}");
        }
        for machine in [
            "acme-packages",
            "acme-bot",
            "acme-ci",
            "acme-ci2",
            "acmeCI",
            "AcmeBot",
            "acmebot",
            "deploybot",
            "bot01",
            "svc-publish",
            "ci",
            "acme-cd",
            "publisher",
            "acme-machine",
            "acme-machine-user",
            "machineuser",
            "releases",
            "acme-service-account",
            "service_acme",
            "github-actions[bot]",
            "build-server",
            "acmerobot",
            "acme-automation",
            "acme-docker",
            "ghcr-push",
            "acme-registry",
            "acme.ci",
        ] {
            assert!(!looks_like_a_person(machine), "{machine}");
        }
    }

    #[test]
    fn what_is_no_name_is_no_persons() {
        for text in ["", "${{ github.actor }}", "a b", "a\n", "é"] {
            assert!(!looks_like_a_person(text), "{text:?}");
        }
    }
}
