//! Which credentials may be tried, and in which order.

use crate::{
    credential::{Candidate, Malformation, Source, Supplied, token::Token},
    inputs::Inputs,
    job::run::{Run, Runner},
    reason::Reason,
    trust::Trust,
};

/// A credential that was given but is never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Skipped {
    /// It cannot be a token.
    #[error("{0} {1}")]
    Malformed(Source, Malformation),
    /// It is GITHUB_TOKEN, and the registry is not of the job's server.
    #[error("GITHUB_TOKEN belongs to another server than the registry's")]
    OtherServer,
}

impl Skipped {
    /// The input it came from.
    pub const fn source(self) -> Source {
        match self {
            Self::Malformed(source, _) => source,
            Self::OtherServer => Source::GithubToken,
        }
    }

    /// Why it is not sent.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Malformed(_, _) => Reason::CredentialMalformed,
            Self::OtherServer => Reason::RegistryServerMismatch,
        }
    }
}

/// What there is to try.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidates {
    /// In the order in which they are tried; no two are equal.
    pub usable: Vec<Candidate>,
    /// In the same order.
    pub skipped: Vec<Skipped>,
}

/// Selects the credentials of a run that trust did not block.
pub fn select(inputs: &Inputs, run: &Run, trust: Trust) -> Candidates {
    let mut candidates = Candidates::default();
    for (source, supplied) in Source::ALL.into_iter().zip(&inputs.credentials) {
        if !is_eligible(source, inputs, run, trust) {
            continue;
        }
        match supplied {
            Supplied::Nothing { blank: _ } => {}
            Supplied::Malformed(malformation) => candidates.skipped.push(Skipped::Malformed(source, *malformation)),
            Supplied::Usable { token, trimmed: _ } if trust != Trust::Trusted && is_given_elsewhere(token, inputs) => {}
            Supplied::Usable { token: _, trimmed: _ } if source == Source::GithubToken && !inputs.is_home() => {
                candidates.skipped.push(Skipped::OtherServer);
            }
            Supplied::Usable { token, trimmed: _ } if candidates.usable.iter().any(|candidate| candidate.token == *token) => {}
            Supplied::Usable { token, trimmed: _ } => candidates.usable.push(Candidate { source, token: token.clone() }),
        }
    }
    candidates
}

/// Whether the job's token is one of the other credentials, too: then it may be no job's.
fn is_given_elsewhere(token: &Token, inputs: &Inputs) -> bool {
    let others = Source::ALL.into_iter().zip(&inputs.credentials).filter(|(source, _)| *source != Source::GithubToken);
    others.into_iter().any(|(_, supplied)| supplied.token() == Some(token))
}

/// Whether a source counts in this run. What does not is skipped in silence: it was never meant for it.
fn is_eligible(source: Source, inputs: &Inputs, run: &Run, trust: Trust) -> bool {
    let first_pat_is_empty = matches!(inputs.credentials[0], Supplied::Nothing { blank: _ });
    let eligible = match source {
        Source::GhcrPat => true,
        Source::GhcrToken => first_pat_is_empty,
        // act passes on the developer's own token.
        Source::GithubToken => run.runner != Runner::Act,
        Source::LocalRunnerFallbackToken => matches!(run.runner, Runner::SelfHosted | Runner::Act),
    };
    // The code of a pull request could read any other credential out of config.json.
    eligible && (trust == Trust::Trusted || source == Source::GithubToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(environment: &[(&str, &str)], trust: Trust) -> (Vec<&'static str>, Vec<(&'static str, &'static str)>) {
        let base = [("GITHUB_REPOSITORY", "acme/app")];
        let environment = base.iter().chain(environment).copied().collect();
        let candidates = select(&Inputs::parse(&environment).unwrap(), &Run::of(&environment), trust);
        let skipped = candidates.skipped.iter().map(|skipped| (skipped.source().name(), skipped.reason().code())).collect();
        (candidates.usable.iter().map(|candidate| candidate.source.name()).collect(), skipped)
    }

    const ALL: [(&str, &str); 4] =
        [("INPUT_GHCR_PAT", "a"), ("INPUT_GHCR_TOKEN", "b"), ("INPUT_GITHUB_TOKEN", "c"), ("INPUT_LOCAL_RUNNER_FALLBACK_TOKEN", "d")];

    fn with(extra: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        ALL.iter().chain(extra).copied().collect()
    }

    #[test]
    fn the_pat_goes_first_and_the_fallback_only_counts_off_githubs_runners() {
        assert_eq!(names(&ALL, Trust::Trusted).0, ["GHCR_PAT", "GITHUB_TOKEN"]);
        let self_hosted = with(&[("RUNNER_ENVIRONMENT", "self-hosted")]);
        assert_eq!(names(&self_hosted, Trust::Trusted).0, ["GHCR_PAT", "GITHUB_TOKEN", "LOCAL_RUNNER_FALLBACK_TOKEN"]);
    }

    #[test]
    fn the_other_name_of_the_pat_counts_when_the_first_is_empty() {
        for first in ["", " ", "\n"] {
            assert_eq!(names(&with(&[("INPUT_GHCR_PAT", first)]), Trust::Trusted).0, ["GHCR_TOKEN", "GITHUB_TOKEN"]);
        }
        let malformed = names(&with(&[("INPUT_GHCR_PAT", "***")]), Trust::Trusted);
        assert_eq!(malformed, (vec!["GITHUB_TOKEN"], vec![("GHCR_PAT", "credential-malformed")]));
    }

    #[test]
    fn the_developers_own_token_is_not_tried_under_act() {
        assert_eq!(names(&with(&[("ACT", "true")]), Trust::Trusted).0, ["GHCR_PAT", "LOCAL_RUNNER_FALLBACK_TOKEN"]);
    }

    #[test]
    fn equal_values_are_tried_once() {
        assert_eq!(names(&with(&[("INPUT_GITHUB_TOKEN", "a")]), Trust::Trusted).0, ["GHCR_PAT"]);
    }

    #[test]
    fn the_jobs_token_stays_with_its_own_server() {
        let elsewhere = with(&[("GITHUB_SERVER_URL", "https://ghe.example.com"), ("INPUT_REGISTRY", "ghcr.io")]);
        assert_eq!(names(&elsewhere, Trust::Trusted), (vec!["GHCR_PAT"], vec![("GITHUB_TOKEN", "registry-server-mismatch")]));
        let loopback = with(&[("GITHUB_SERVER_URL", "https://ghe.example.com"), ("INPUT_REGISTRY", "127.0.0.1:5000")]);
        assert_eq!(names(&loopback, Trust::Trusted).0, ["GHCR_PAT", "GITHUB_TOKEN"]);
        let home = with(&[("GITHUB_SERVER_URL", "https://acme.ghe.com"), ("INPUT_REGISTRY", "containers.acme.ghe.com:443")]);
        assert_eq!(names(&home, Trust::Trusted).0, ["GHCR_PAT", "GITHUB_TOKEN"]);
    }

    #[test]
    fn a_pull_requests_run_gets_no_credential_but_the_jobs_own() {
        assert_eq!(names(&with(&[("RUNNER_ENVIRONMENT", "self-hosted")]), Trust::Untrusted(Reason::ForkPr)).0, ["GITHUB_TOKEN"]);
        for pat in ["a", "b", "d"] {
            assert_eq!(names(&with(&[("INPUT_GITHUB_TOKEN", pat)]), Trust::Untrusted(Reason::ForkPr)), (vec![], vec![]), "{pat}");
        }
    }
}
