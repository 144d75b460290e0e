//! A token that was put where none belongs.

use super::{InvalidInput, reader::Reader};
use crate::{
    credential::{Source, Supplied, token::Token},
    job::action_yml::Input,
    reason::Reason,
    text::{tokens::shows_token, without_unseen},
};

/// What the runner says of the run, and is said back: where it holds a token, somebody set it by a slip. Such an actor or server is
/// passed over instead.
pub(super) const SAID_BACK: [&str; 10] = [
    "GITHUB_API_URL",
    "GITHUB_EVENT_NAME",
    "GITHUB_REPOSITORY",
    "GITHUB_WORKFLOW_REF",
    "GITHUB_JOB",
    "HTTPS_PROXY",
    "https_proxy",
    "SSL_CERT_FILE",
    "DOCKER_CONFIG",
    "BUILDX_CONFIG",
];

/// A shorter credential may stand in other words by chance.
const SHORTEST_IN_TEXT: usize = 10;

/// Every input but the credentials is shown, sent, or both, and so is much of what the runner says: a token that was put there
/// by a slip goes no further.
pub(super) fn refuse(read: &Reader<'_>, credentials: &[Supplied]) -> Result<(), InvalidInput> {
    let is_credential = |input: Input| Source::ALL.iter().any(|source| source.input() == input);
    let holds = |text: Option<&str>| text.is_some_and(|text| holds_token(credentials, text));
    for input in Input::ALL.iter().copied().filter(|input| !is_credential(*input)) {
        if holds(read.text(input)?) {
            let problem = "contains a token, and it may be logged; use the token inputs".to_owned();
            let reason = if input == Input::Images { Reason::InvalidImage } else { Reason::InvalidInput };
            return Err(InvalidInput { reason, input: input.name(), problem });
        }
    }
    let said_back = SAID_BACK.into_iter().find(|name| holds(read.0.text(name)));
    said_back.map_or(Ok(()), |name| Err(InvalidInput::new(name, "contains a token, and it may be logged")))
}

/// Whether a text holds what looks like a token, or one of the credentials; as it is read, and in any case, since names are lower-cased.
pub(super) fn holds_token(credentials: &[Supplied], text: &str) -> bool {
    let read = without_unseen(text).to_ascii_lowercase();
    let holds = |token: &Token| {
        let secret = token.expose().to_ascii_lowercase();
        read.trim() == secret || secret.len() >= SHORTEST_IN_TEXT && read.contains(&secret)
    };
    shows_token(text) || credentials.iter().filter_map(Supplied::token).any(holds)
}
