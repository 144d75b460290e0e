//! What is shown of a line: the words that failures are told in, and the registry and image. Whatever else it holds is left
//! out, since no look tells a password from a name.

use std::{collections::BTreeSet, sync::LazyLock};

use super::{
    mention::{ImageName, Mention},
    text::Line,
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

/// The line without what is not known.
pub(super) fn quote(line: &Line, mentions: &[Mention]) -> String {
    let mut at = 0;
    let words = line.text.split(' ').map(|word| {
        let place = at..at + word.len();
        at = place.end + 1;
        let named = mentions.iter().find(|mention| mention.registry.is_some() && place.contains(&mention.at));
        shown(word, named)
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
    lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".,:;!?'\"()[]{}-_/=`#".contains(&byte))
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
        quote(&line, &mention::of_line(&line))
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
                assert!(!shown.contains(secret) && shown.ends_with("error: ghcr.io/acme/app: denied: denied"), "{around}: {shown}");
            }
        }
    }
}
