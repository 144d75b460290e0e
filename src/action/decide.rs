//! From inputs to a login: runs the stages and keeps what each found.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use futures_util::future::{Either, maybe_done, select};

use super::{
    explain,
    found::{Asked, Found},
    own_job,
};
use crate::{
    candidates::{self, Candidates},
    credential::{Candidate, Source, Supplied, token::Token},
    decision::{self, Decision},
    github::api::GitHub,
    inputs::{Inputs, LoginMode},
    job::{command_file::CommandFiles, environment::Environment, payload::Payload, run::Run, workflow_file::OwnJob},
    login::{self, Entry, Login, LoginError, home::Home},
    reason::Reason,
    registry::{
        Access,
        client::{self, Transport},
        probe::{Prober, Question, Trial},
        verdict::Verdict,
    },
    report::{Report, console::Console, route::Route},
    trust::{Policy, Trust},
};

/// How long an answer that came is kept back for the expiry of its PAT: where a build waits for it, and where nobody does.
const PATIENCE: Duration = Duration::from_secs(1);
const LONGER_PATIENCE: Duration = Duration::from_secs(5);

/// Decides, logs in, and explains.
pub(super) async fn run(environment: &Environment, inputs: &Inputs, files: &CommandFiles, console: &Console) -> Report {
    mask_logins(inputs, console);
    let deadline = Instant::now() + inputs.timeout;
    let run = Run::of(environment);
    let payload = Payload::read(environment.path("GITHUB_EVENT_PATH"));
    let trust = crate::trust::judge(&run, payload.as_ref().map_err(|unreadable| *unreadable), Policy::of(inputs));
    let needs_none = trust.blocks(inputs.access) || inputs.access == Access::Public;
    let candidates = if needs_none { Candidates::default() } else { candidates::select(inputs, &run, trust) };
    let mask = |bearer: &Token| console.mask(bearer.expose());
    let patience = if inputs.login == LoginMode::None { LONGER_PATIENCE } else { PATIENCE };
    let asked =
        if trust.blocks(inputs.access) { Asked::default() } else { ask(inputs, &run, &candidates, deadline, patience, &mask).await };
    let decided = decision::decide(inputs, trust, &candidates, &asked.trials);
    let home = Home::of(environment, inputs.runner_temp.as_deref());
    let login = log_in(&home, files, inputs, &candidates, decided).await;
    let own = OwnJob::of(environment);
    describe(Found { inputs, run, own, payload: payload.ok(), trust, candidates, asked }, decided, login).await
}

/// The same outside a workflow: no event to judge, no login to leave.
pub async fn check(environment: &Environment, inputs: &Inputs) -> Report {
    let deadline = Instant::now() + inputs.timeout;
    let (run, trust) = (Run::of(environment), Trust::Trusted);
    let candidates = if inputs.access == Access::Public { Candidates::default() } else { candidates::select(inputs, &run, trust) };
    let asked = ask(inputs, &run, &candidates, deadline, LONGER_PATIENCE, &|_| {}).await;
    let decided = decision::decide(inputs, trust, &candidates, &asked.trials);
    describe(Found { inputs, run, own: None, payload: None, trust, candidates, asked }, decided, None).await
}

/// Has the runner hide the logins: only now the username is known.
fn mask_logins(inputs: &Inputs, console: &Console) {
    for token in inputs.credentials.iter().filter_map(Supplied::token) {
        console.mask(&token.basic(&inputs.username));
    }
}

/// Asks the registry, if there is anything to ask: the candidates in order, until one is not denied, or nobody's leave where
/// everybody may have it.
async fn ask(inputs: &Inputs, run: &Run, candidates: &Candidates, deadline: Instant, patience: Duration, mask: &dyn Fn(&Token)) -> Asked {
    let askers: Vec<_> = if inputs.access == Access::Public { vec![None] } else { candidates.usable.iter().map(Some).collect() };
    let Some(first) = askers.first().filter(|_| inputs.verify) else { return Asked::default() };
    let client = match client::client(&inputs.proxy, &inputs.registry, &inputs.extra_roots.roots) {
        Ok(client) => client,
        Err(problem) => {
            let trials = vec![Trial::unsent(first.map(|candidate| candidate.source), &inputs.images.names)];
            return Asked { trials, warning: Some(format!("{problem}.")), ..Asked::default() };
        }
    };
    let github = GitHub::new(client.clone(), inputs, run, deadline);
    let secrets = inputs.credentials.iter().filter_map(Supplied::token).cloned().collect();
    let prober = Prober::new(Transport::new(client, deadline), question(inputs), secrets, mask);
    let asked = ask_each(&prober, &github, &askers, patience).await;
    prober.cancel_sessions().await;
    Asked { github: Some(github), ..asked }
}

/// Tries each credential; what GitHub's API knows of a PAT is asked for beside that, and waited for only with the one that may.
async fn ask_each(prober: &Prober<'_>, github: &GitHub, askers: &[Option<&Candidate>], patience: Duration) -> Asked {
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
    Asked { trials, accounts: accounts.collect(), ..Asked::default() }
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

/// Leaves docker logged in, if the answer is yes and the user wants it.
async fn log_in(
    home: &Home<'_>,
    files: &CommandFiles,
    inputs: &Inputs,
    candidates: &Candidates,
    decision: Decision,
) -> Option<Result<Login, LoginError>> {
    let granted = candidates.usable.iter().find(|candidate| Some(candidate.source) == decision.granted);
    let granted = granted.filter(|_| inputs.login == LoginMode::DockerConfig)?;
    let images: Vec<_> = inputs.images.names.iter().map(|image| image.name().to_owned()).collect();
    let entry = Entry { registry: inputs.registry.name(), username: &inputs.username, token: &granted.token, images: &images };
    Some(login::log_in(home, files, entry, inputs.logout).await)
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
    let own_job = match &found.own {
        Some(own) if decision.push() => own_job::defeat(own).await,
        _ => None,
    };
    let mut warnings: Vec<_> = login.iter().flat_map(|login| login.warnings.clone()).collect();
    warnings.extend(explained.expires_soon);
    warnings.extend(found.asked.warning);
    let mut notes: Vec<_> = inputs.notes().into_iter().chain(explained.note).collect();
    let route = if found.asked.github.is_some() {
        Route::of(found.run.runner, inputs.proxy.name(&inputs.registry), &inputs.extra_roots.bundles)
    } else {
        Route::default()
    };
    if route.is_unusual { &mut warnings } else { &mut notes }.extend(route.sentences());
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
        expiry: explained.expiry,
        package_settings: explained.settings,
        notes,
        remarks: inputs.remarks(),
        warnings,
        route,
        own_job,
        fails_step: decision::fails_step(inputs.required, found.trust, decision),
    }
}
