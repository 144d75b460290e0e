//! What the registry says of the credentials, and what GitHub's API says of them in the meantime.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use futures_util::future::{Either, maybe_done, select};

use crate::{
    candidates::Candidates,
    credential::{Candidate, Source, Supplied, token::Token},
    decision,
    github::{Fact, account::Account, api::GitHub},
    inputs::Inputs,
    job::run::Run,
    registry::{
        Access,
        client::{self, Transport},
        probe::{Prober, Question},
        trial::Trial,
        verdict::Verdict,
    },
};

/// What the registry said, and what GitHub's API said in the meantime.
#[derive(Default)]
pub(super) struct Inquiry {
    pub(super) trials: Vec<Trial>,
    pub(super) accounts: Vec<(Source, Fact<Account>)>,
    pub(super) github: Option<GitHub>,
    pub(super) warning: Option<String>,
}

/// Asks the registry, if there is anything to ask: the candidates in order, until one is not denied, or nobody's leave where
/// everybody may have it.
pub(super) async fn ask(
    inputs: &Inputs,
    run: &Run,
    candidates: &Candidates,
    deadline: Instant,
    patience: Duration,
    mask: &dyn Fn(&Token),
) -> Inquiry {
    let askers: Vec<_> = if inputs.access == Access::Public { vec![None] } else { candidates.usable.iter().map(Some).collect() };
    let Some(first) = askers.first().filter(|_| inputs.verify) else { return Inquiry::default() };
    let client = match client::client(&inputs.proxy, &inputs.registry, &inputs.extra_roots.roots) {
        Ok(client) => client,
        Err(problem) => {
            let trials = vec![Trial::unsent(first.map(|candidate| candidate.source), &inputs.images.names)];
            return Inquiry { trials, warning: Some(format!("{problem}.")), ..Inquiry::default() };
        }
    };
    let github = GitHub::new(client.clone(), inputs, run, deadline);
    let secrets = inputs.credentials.iter().filter_map(Supplied::token).cloned().collect();
    let prober = Prober::new(Transport::new(client, deadline), question(inputs), secrets, mask);
    let inquiry = ask_each(&prober, &github, &askers, patience).await;
    prober.cancel_sessions().await;
    Inquiry { github: Some(github), ..inquiry }
}

/// Tries each credential; what GitHub's API knows of a PAT is asked for beside that, and waited for only with the one that may.
async fn ask_each(prober: &Prober<'_>, github: &GitHub, askers: &[Option<&Candidate>], patience: Duration) -> Inquiry {
    let (mut trials, mut lookups) = (Vec::new(), Vec::new());
    for asker in askers {
        let pat = asker.filter(|candidate| candidate.source != Source::GithubToken);
        let mut lookup = pat.map(|pat| (pat.source, Box::pin(maybe_done(github.account(&pat.token)))));
        let looking_up = async {
            if let Some((_, lookup)) = &mut lookup {
                lookup.as_mut().await;
            }
        };
        let trial = alongside(prober.trial(*asker), looking_up).await;
        let settled = decision::settles(&trial);
        trials.push(trial);
        lookups.extend(lookup);
        if settled {
            break;
        }
    }
    look_again(prober, askers, &mut trials).await;
    let granted = trials.iter().find(|trial| trial.verdict() == Verdict::Allowed).and_then(|trial| trial.source);
    if let Some((_, lookup)) = lookups.iter_mut().find(|(source, _)| Some(*source) == granted) {
        // What comes later is said not to have come.
        let _ = tokio::time::timeout(patience, lookup.as_mut()).await;
    }
    let accounts = lookups.into_iter().filter_map(|(source, mut lookup)| Some((source, lookup.as_mut().take_output()?)));
    Inquiry { trials, accounts: accounts.collect(), ..Inquiry::default() }
}

/// Before a no, each credential whose refusal may be a passing one is asked once more. A yes is never kept waiting for that:
/// a rejected PAT yields at once to a GITHUB_TOKEN that works.
async fn look_again(prober: &Prober<'_>, askers: &[Option<&Candidate>], trials: &mut [Trial]) {
    let is_yes = trials.iter().any(|trial| trial.verdict() == Verdict::Allowed);
    if is_yes || !trials.iter().any(Trial::may_pass) || !prober.wait_for_second_look().await {
        return;
    }
    for (asker, trial) in askers.iter().zip(trials).filter(|(_, trial)| trial.may_pass()) {
        prober.second_look(*asker, trial).await;
        if decision::settles(trial) {
            break;
        }
    }
}

fn question(inputs: &Inputs) -> Question<'_> {
    Question { registry: &inputs.registry, access: inputs.access, images: &inputs.images.names, username: &inputs.username }
}

/// Waits for `main`; `aside` gets as far as it can meanwhile.
async fn alongside<A>(main: impl Future<Output = A>, aside: impl Future<Output = ()>) -> A {
    match select(std::pin::pin!(main), std::pin::pin!(aside)).await {
        Either::Left((main, _)) => main,
        Either::Right(((), main)) => main.await,
    }
}
