//! What the runner is to hide: every credential, in each form in which it travels.

use std::ffi::OsStr;

use crate::{
    credential::{Source, Supplied, token::Token},
    inputs::{self, Inputs},
    job::environment::Environment,
};

/// The credentials as they were given, without what surrounds them, and as GHCR hands them out: before anything is printed.
pub(super) fn of_inputs(environment: &Environment) -> Vec<String> {
    let given = Source::ALL.into_iter().filter_map(|source| environment.input(source.input()).and_then(OsStr::to_str));
    let tokens = inputs::credentials(environment);
    let sent = tokens.iter().filter_map(Supplied::token).flat_map(|token| [token.expose().to_owned(), token.base64()]);
    given.map(str::to_owned).chain(sent).collect()
}

/// The logins, as they are sent and stand in config.json: as soon as the username is known.
pub(super) fn of_logins(inputs: &Inputs) -> Vec<String> {
    inputs.credentials.iter().filter_map(Supplied::token).map(|token| token.basic(&inputs.username)).collect()
}

/// A shorter bearer is no secret, and a registry could hide outputs with it: `true`.
const SHORTEST_BEARER: usize = 8;

/// What the registry handed out.
pub(super) fn of_bearer(bearer: &Token) -> Vec<String> {
    if bearer.expose().len() < SHORTEST_BEARER { Vec::new() } else { vec![bearer.expose().to_owned()] }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    #[test]
    fn each_credential_is_hidden_as_it_was_given_and_in_each_form_in_which_it_is_sent() {
        for source in Source::ALL {
            let given = [(source.input().variable(), "  ghp_x\n"), ("GITHUB_REPOSITORY".to_owned(), "acme/app")];
            let environment: Environment = given.into_iter().chain([("INPUT_GHCR_USERNAME".to_owned(), "alice")]).collect();
            assert_eq!(of_inputs(&environment), ["  ghp_x\n", "ghp_x", &STANDARD.encode("ghp_x")], "{source}");
            let inputs = Inputs::parse(&environment).unwrap();
            assert_eq!(of_logins(&inputs), [STANDARD.encode("alice:ghp_x")], "{source}");
        }
    }

    #[test]
    fn a_bearer_that_is_a_common_word_hides_no_outputs() {
        assert_eq!(["true", "false", "ghcr.io"].map(|word| of_bearer(&Token::new(word)).len()), [0; 3]);
        assert_eq!(of_bearer(&Token::new("Z2hwX3g=")), ["Z2hwX3g="]);
    }

    #[test]
    fn what_cannot_be_a_token_is_hidden_as_it_was_given() {
        let environment: Environment = [("INPUT_GHCR_PAT", "'a b'"), ("INPUT_GITHUB_TOKEN", " ")].into_iter().collect();
        assert_eq!(of_inputs(&environment), ["'a b'", " "]);
        assert_eq!(of_inputs(&Environment::default()), [""; 0]);
    }
}
