//! What is shown of a line: the words that failures are told in, and the registry and image. Whatever else it holds is left
//! out, since no look tells a password from a name.

use std::{collections::BTreeSet, sync::LazyLock};

use super::{
    mention::{ImageName, Mention},
    text::Line,
    value::Value,
    wordings,
};

/// Replaces what is left out.
const ELIDED: &str = "…";

/// How much of a line is shown, in words.
const MOST_WORDS: usize = 60;

/// Words that no wording has: those of clients around a failure, and of GitHub's policies.
const COMMON: &str = "head post put get pull pulling pulled push pushing pushed publish image images manifest manifests digest tag tags \
list sha256 scope provided unauthenticated solve error errors on latest layer blob blobs upload uploads download writing reading copying \
copy initializing initiating source destination build buildx docker containerd podman helm oras rpc desc msg level warning fatal failed \
artifact chart signing authority signed because other was has have this that at you your we could cannot try again after attempts do \
resource protected organization saml enforcement must grant oauth access although appear correct authorization credentials ip \
allow address permitted policy forbids billing plan account";

/// The line without what is not known, and without what can be the value of a secret that it names, or the line before it.
pub(super) fn quote(line: &Line, mentions: &[Mention], before: Option<&Line>) -> String {
    let (mut at, mut value) = (0, before.map(Value::after).unwrap_or_default());
    let words = line.text.split(' ').map(|word| {
        let place = at..at + word.len();
        at = place.end + 1;
        let named = mentions.iter().find(|mention| mention.registry.is_some() && place.contains(&mention.at));
        value = value.then(&line.lower[..place.end], &line.lower[place], named.is_some());
        if value == Value::Begun { ELIDED.to_owned() } else { shown(word, named) }
    });
    let mut words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.dedup_by(|next, word| next == ELIDED && word == ELIDED);
    if words.len() > MOST_WORDS {
        words.truncate(MOST_WORDS);
        words.push(ELIDED.to_owned());
    }
    words.join(" ")
}

/// A word as it is, if all of it is known; or else what it names, and its colon.
fn shown(word: &str, named: Option<&Mention>) -> String {
    if is_known(word) {
        return word.to_owned();
    }
    let name = named.and_then(|mention| mention.image.as_ref().map(ImageName::reference).or_else(|| mention.registry.clone()));
    name.map_or_else(|| ELIDED.to_owned(), |name| name + if word.ends_with(':') { ":" } else { "" })
}

/// Whether a word consists of known ones, one status at most, and plain signs.
fn is_known(word: &str) -> bool {
    static WORDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| wordings::texts().chain([COMMON]).flat_map(parts).collect());
    let lower = word.to_ascii_lowercase();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".,:;!'\"()[]{}-_/=`#".contains(&byte))
        && parts(&lower).filter(is_number).count() <= 1
        && parts(&lower).all(|part| WORDS.contains(part) || part.len() <= 3 && is_number(&part))
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|end: char| !end.is_ascii_alphanumeric()).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{mention, text},
        *,
    };

    fn quoted(log: &str) -> String {
        let line = text::lines(log).next().unwrap();
        quote(&line, &mention::of_line(&line), None)
    }

    #[test]
    fn what_failed_and_why_is_shown() {
        for (line, shown) in [
            (
                "ERROR: failed to push ghcr.io/acme/app:main: denied: permission_denied: write_package",
                "ERROR: failed to push ghcr.io/acme/app: denied: permission_denied: write_package",
            ),
            (
                "Error response from daemon: Head \"https://ghcr.io/v2/acme/app/manifests/1\": unauthorized",
                "Error response from daemon: Head ghcr.io/acme/app: unauthorized",
            ),
            ("Get \"https://ghcr.io/v2/\": denied: denied", "Get \"https://ghcr.io/v2/\": denied: denied"),
            (
                "failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://ghcr.io/token: 403 Forbidden",
                "failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://ghcr.io/token: 403 Forbidden",
            ),
        ] {
            assert_eq!(quoted(line), shown);
        }
        assert!(quoted(&"denied ".repeat(500)).ends_with(" denied …"));
    }

    #[test]
    fn a_host_with_a_token_in_it_is_not_shown() {
        for token in ["9f8e7d6c5b4a39281706f5e4d3c2b1a0", "ghp_0123456789abcdefABCDEF"] {
            let shown = quoted(&format!("https://containers.{token}.ghe.com/v2/: denied"));
            assert_eq!(shown, "… denied", "{token}");
        }
        assert_eq!(quoted("https://containers.acme.ghe.com/v2/acme/app/tags/list: denied"), "containers.acme.ghe.com/acme/app: denied");
    }

    #[test]
    fn what_can_be_a_secret_is_not_whatever_stands_around_it() {
        for secret in ["9f8e7d6c5b4a39281706f5e4d3c2b1a0", "correctHorseBatteryStaple", "p@ss/w0rd!x:y", "hunter", "1234-5678", "pässword"]
        {
            for around in [
                "Authorization: S",
                "Negotiate S",
                "setenv CR_PAT S",
                "--oauth2-bearer S",
                "TOKEN1=S",
                "PW=S",
                "pw: S",
                "{\"name\":\"GHCR_PAT\",\"value\":\"S\"}",
                "{\"tokens\":[\"S\"]}",
                "password: Some(\"S\")",
                "password=b'S'",
                "!!str S",
                "&a S",
                "<privateKey>S",
                "--body S",
                "Cookie: a=S",
                "?X-Amz-Signature=S",
                "| GHCR_PAT | S |",
                "GHCR_PAT\tS",
                "https://me:S@host/x",
                "https://me:S@ghcr.io/v2/",
                "https://ghcr.io/v2/?sig=S",
                "S",
                "denied:S",
                "S/denied",
            ] {
                let shown = quoted(&format!("{} error: ghcr.io/acme/app: denied: denied", around.replace('S', secret)));
                assert!(!shown.contains(secret) && shown.ends_with("ghcr.io/acme/app: denied: denied"), "{around}: {shown}");
            }
        }
    }

    #[test]
    fn what_stands_after_the_name_of_a_secret_is_not_shown_although_its_words_are_known() {
        for secret in ["docker-push-403", "403", "push", "docker push 403", "denied", "denied: push", "'push image'"] {
            for around in [
                "password=§",
                "password = §",
                "password: §",
                "Password:§",
                "password is §",
                "password -> §",
                "login me password §",
                "token §",
                "the token: §",
                "GHCR_TOKEN: §",
                "GHCR_TOKEN=§",
                "GHCR_TOKEN_2=§",
                "setenv CR_PAT §",
                "pwd §",
                "{\"name\": \"GHCR_PAT\", \"value\": \"§\"}",
                "env: GHCR_PAT: §",
                "MY_SECRET = §",
                "PW=§",
                "pat: §",
                "ghcrPat: §",
                "api-key: §",
                "pass\u{200b}word=§",
                "GHCR_TO\u{fe0f}KEN: §",
                "{\"password\":\"§\"}",
                "{\"password\": \"§\"}",
                "{\"tokens\":[\"§\"]}",
                "docker login -u me -p §",
                "docker login -p§",
                "docker login --password §",
                "docker login --password=§",
                "curl -u §",
                "curl -u push:§",
                "curl --user push:§",
                "curl --oauth2-bearer §",
                "skopeo --dest-creds push:§",
                "skopeo --creds=push:§",
                "Authorization: §",
                "Authorization: Basic §",
                "authorization:Bearer §",
                "Bearer §",
                "Set-Cookie: §",
                "<password>§",
                "<password> § </password>",
                "+ echo § | docker login",
                "docker login --password-stdin <<< §",
                "docker login --password-stdin <<<§",
            ] {
                let shown = quoted(&format!("error: {} ghcr.io/acme/app: denied", around.replace('§', secret)));
                let (before, after) = shown.split_once(ELIDED).unwrap_or_else(|| panic!("{around}: {shown}"));
                assert!(!after.contains("push") && !before.contains(secret) && !before.contains("403"), "{around} {secret}: {shown}");
                assert!(after.ends_with(" ghcr.io/acme/app: denied"), "{around} {secret}: {shown}");
            }
        }
    }

    #[test]
    fn what_is_told_of_a_credential_is_shown() {
        for line in [
            "failed to authorize: failed to fetch oauth token: unexpected status: 403 Forbidden",
            "failed to fetch anonymous token: denied: denied",
            "Error: writing blob: Requesting bearer token: invalid status code from registry 403 (Forbidden)",
            "unauthorized: unauthenticated: User cannot be authenticated with the token provided.",
            "denied: permission_denied: The token provided does not match expected scopes.",
            "denied: invalid username/password: unauthorized",
            "Error: Username and password required",
            "no basic auth credentials",
            "auth attempt failed. status: 401",
            "no credentials found for registry",
            "basic credential not found",
        ] {
            assert_eq!(quoted(line), line);
        }
    }
}
