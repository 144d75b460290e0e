//! From inputs to a login: runs the stages and keeps what each found.

use std::{future::Future, time::Instant};

use futures_util::future::{Either, select};

use super::{
    explain,
    found::{Asked, Found},
};
use crate::{
    candidates::{self, Candidates},
    credential::{Candidate, Source, Supplied, token::Token},
    decision::{self, Decision},
    github::{Fact, account::Account, api::GitHub},
    inputs::{Inputs, LoginMode},
    job::{environment::Environment, payload::Payload, run::Run},
    login::{self, Entry, Login, LoginError},
    reason::Reason,
    registry::{
        client::{self, Courier},
        probe::{Prober, Question, Trial},
    },
    report::{Report, console::Console},
    trust::{Policy, Trust},
};

/// Decides, logs in, and explains.
pub(super) async fn run(environment: &Environment, inputs: &Inputs, console: &Console) -> Report {
    mask_logins(inputs, console);
    let deadline = Instant::now() + inputs.timeout;
    let run = Run::of(environment);
    let payload = Payload::read(environment.path("GITHUB_EVENT_PATH"));
    let trust = crate::trust::judge(&run, payload.as_ref().map_err(|unreadable| *unreadable), Policy::of(inputs));
    let candidates = if trust.blocks(inputs.access) { Candidates::default() } else { candidates::select(inputs, &run, trust) };
    let mask = |bearer: &Token| console.mask(bearer.expose());
    let asked = ask(environment, inputs, &candidates, deadline, &mask).await;
    let decided = decision::decide(inputs, trust, &candidates, &asked.trials);
    let login = log_in(environment, inputs, &candidates, decided).await;
    describe(Found { environment, inputs, run, payload: payload.ok(), trust, candidates, asked }, decided, login).await
}

/// The same outside a workflow: no event to judge, no login to leave.
pub async fn check(environment: &Environment, inputs: &Inputs) -> Report {
    let deadline = Instant::now() + inputs.timeout;
    let (run, trust) = (Run::of(environment), Trust::Trusted);
    let candidates = candidates::select(inputs, &run, trust);
    let asked = ask(environment, inputs, &candidates, deadline, &|_| {}).await;
    let decided = decision::decide(inputs, trust, &candidates, &asked.trials);
    describe(Found { environment, inputs, run, payload: None, trust, candidates, asked }, decided, None).await
}

/// Has the runner hide the logins: only now the user name is known.
fn mask_logins(inputs: &Inputs, console: &Console) {
    for supplied in &inputs.credentials {
        if let Supplied::Usable { token, trimmed: _ } = supplied {
            console.mask(&token.basic(&inputs.username));
        }
    }
}

/// Asks the registry, if there is anything to ask: the candidates in order, until one is not denied.
async fn ask(environment: &Environment, inputs: &Inputs, candidates: &Candidates, deadline: Instant, mask: &dyn Fn(&Token)) -> Asked {
    let Some(first) = candidates.usable.first().filter(|_| inputs.verify) else { return Asked::default() };
    let client = match client::client(environment, &inputs.registry, &inputs.extra_roots) {
        Ok(client) => client,
        Err(problem) => {
            let trials = vec![Trial::unsent(first.source, &inputs.images.names)];
            return Asked { trials, warning: Some(format!("{problem}.")), ..Asked::default() };
        }
    };
    let github = GitHub::new(client.clone(), environment, inputs, deadline);
    let prober = Prober::new(Courier::new(client, deadline), question(inputs), mask);
    let mut asked = Asked::default();
    for candidate in &candidates.usable {
        let (trial, account) = try_candidate(&prober, &github, candidate).await;
        let settled = decision::settles(&trial);
        asked.accounts.extend(account.map(|account| (candidate.source, account)));
        asked.trials.push(trial);
        if settled {
            break;
        }
    }
    prober.cancel_sessions().await;
    Asked { github: Some(github), ..asked }
}

fn question(inputs: &Inputs) -> Question<'_> {
    Question { registry: &inputs.registry, access: inputs.access, images: &inputs.images.names, username: &inputs.username }
}

/// Tries a credential; a PAT's expiry is asked for beside that and never waited for.
async fn try_candidate(prober: &Prober<'_>, github: &GitHub, candidate: &Candidate) -> (Trial, Option<Fact<Account>>) {
    if candidate.source == Source::GithubToken {
        return (prober.trial(candidate).await, None);
    }
    alongside(prober.trial(candidate), github.account(&candidate.token)).await
}

/// Waits for `main`; `aside` counts if it is done by then.
async fn alongside<A, B>(main: impl Future<Output = A>, aside: impl Future<Output = B>) -> (A, Option<B>) {
    match select(std::pin::pin!(main), std::pin::pin!(aside)).await {
        Either::Left((main, _)) => (main, None),
        Either::Right((aside, main)) => (main.await, Some(aside)),
    }
}

/// Leaves docker logged in, if the answer is yes and the user wants it.
async fn log_in(
    environment: &Environment,
    inputs: &Inputs,
    candidates: &Candidates,
    decision: Decision,
) -> Option<Result<Login, LoginError>> {
    let granted = candidates.usable.iter().find(|candidate| Some(candidate.source) == decision.granted);
    let granted = granted.filter(|_| inputs.login == LoginMode::DockerConfig)?;
    let images: Vec<_> = inputs.images.names.iter().map(|image| image.name().to_owned()).collect();
    let entry = Entry { registry: inputs.registry.name(), username: &inputs.username, token: &granted.token, images: &images };
    Some(login::log_in(environment, inputs.runner_temp.as_deref(), entry, inputs.logout).await)
}

/// Puts everything that was found into the report.
async fn describe(found: Found<'_>, decided: Decision, login: Option<Result<Login, LoginError>>) -> Report {
    let inputs = found.inputs;
    let (decision, login, detail) = match login {
        Some(Err(error)) => (Decision::no(inputs.access, Reason::LoginFailed), None, error.to_string()),
        Some(Ok(login)) => (decided, Some(login), String::new()),
        None => (decided, None, found.candidates.skipped.first().map_or_else(String::new, ToString::to_string)),
    };
    let explained = if decision.pull() { explain::granted(&found, decision) } else { explain::refused(&found, decision, detail).await };
    let mut warnings: Vec<_> = login.iter().flat_map(|login| login.warnings.clone()).collect();
    warnings.extend(explained.expiry);
    warnings.extend(found.asked.warning);
    Report {
        decision,
        diagnosis: explained.diagnosis,
        others: explained.others,
        event: found.run.event,
        objection: found.trust.objection(),
        registry: inputs.registry.name().to_owned(),
        username: inputs.username.clone(),
        images: inputs.images.names.iter().map(|image| image.reference(&inputs.registry)).collect(),
        trials: found.asked.trials,
        skipped: found.candidates.skipped,
        login: login.map(|login| login.directory.display().to_string()),
        expires_at: explained.expires_at,
        notes: inputs.notes().into_iter().chain(explained.note).collect(),
        remarks: inputs.remarks(),
        warnings,
        fails_step: decision::fails_step(inputs.required, found.trust, decision),
    }
}
