//! From inputs to a login: runs the stages and keeps what each found.

use std::time::{Duration, Instant};

use super::{
    ask::{Inquiry, ask},
    explain,
    facts::Facts,
    mask, own_job,
};
use crate::{
    candidates::{self, Candidates},
    credential::token::Token,
    decision::{self, Decision},
    inputs::{Inputs, LoginMode},
    job::{command_file::CommandFiles, environment::Environment, payload::Payload, run::Run, workflow_file::OwnJob},
    login::{self, Login, LoginError, LoginRequest, home::Home},
    reason::Reason,
    registry::Access,
    report::{Report, console::Console, route::Route},
    trust::{Policy, Trust},
};

/// How long an answer that came is kept back for the expiry of its PAT: where a build waits for it, and where nobody does.
const PATIENCE: Duration = Duration::from_secs(1);
const LONGER_PATIENCE: Duration = Duration::from_secs(5);

/// Decides, logs in, and explains.
pub(super) async fn run(environment: &Environment, inputs: &Inputs, files: &CommandFiles, console: &Console) -> Report {
    console.mask(&mask::of_logins(inputs));
    let deadline = Instant::now() + inputs.timeout;
    let run = Run::of(environment);
    let payload = Payload::read(environment.path("GITHUB_EVENT_PATH"));
    let trust = crate::trust::judge(&run, payload.as_ref().map_err(|unreadable| *unreadable), Policy::of(inputs));
    let needs_none = trust.blocks(inputs.access) || inputs.access == Access::Public;
    let candidates = if needs_none { Candidates::default() } else { candidates::select(inputs, &run, trust) };
    let mask = |bearer: &Token| console.mask(&mask::of_bearer(bearer));
    let patience = if inputs.login == LoginMode::None { LONGER_PATIENCE } else { PATIENCE };
    let inquiry =
        if trust.blocks(inputs.access) { Inquiry::default() } else { ask(inputs, &run, &candidates, deadline, patience, &mask).await };
    let decided = decision::decide(inputs, trust, &candidates, &inquiry.trials);
    let own = OwnJob::of(environment);
    // Whatever a strange file may do to the process, it does before there is a login.
    let own_job = match &own {
        Some(own) if decided.push() => {
            #[cfg(debug_assertions)]
            super::panic_if_a_test_asks(environment, "GHCR_AUTH_TEST_PANIC_IN_LOOK");
            own_job::defeat(own, references(inputs)).await
        }
        _ => None,
    };
    let home = Home::of(environment, inputs.runner_temp.as_deref());
    let login = log_in(&home, files, inputs, &candidates, decided).await;
    let facts = Facts { inputs, run, own, payload: payload.ok(), trust, candidates, inquiry };
    let report = describe(facts, decided, login).await;
    Report { own_job: own_job.filter(|_| report.decision.push()), ..report }
}

/// The same outside a workflow: no event to judge, no login to leave.
pub async fn check(environment: &Environment, inputs: &Inputs) -> Report {
    let deadline = Instant::now() + inputs.timeout;
    let (run, trust) = (Run::of(environment), Trust::Trusted);
    let candidates = if inputs.access == Access::Public { Candidates::default() } else { candidates::select(inputs, &run, trust) };
    let inquiry = ask(inputs, &run, &candidates, deadline, LONGER_PATIENCE, &|_| {}).await;
    let decided = decision::decide(inputs, trust, &candidates, &inquiry.trials);
    describe(Facts { inputs, run, own: None, payload: None, trust, candidates, inquiry }, decided, None).await
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
    let request = LoginRequest { registry: inputs.registry.name(), username: &inputs.username, token: &granted.token, images: &images };
    Some(login::log_in(home, files, request, inputs.logout).await)
}

/// Puts everything that was found into the report.
async fn describe(facts: Facts<'_>, decided: Decision, login: Option<Result<Login, LoginError>>) -> Report {
    let inputs = facts.inputs;
    let (decision, login, detail) = match login {
        Some(Err(error)) => (Decision::no(inputs.access, Reason::LoginFailed), None, error.to_string()),
        Some(Ok(login)) => (decided, Some(login), String::new()),
        None => (decided, None, facts.candidates.skipped.first().map_or_else(String::new, ToString::to_string)),
    };
    let explained = if decision.pull() { explain::granted(&facts, decision) } else { explain::refused(&facts, decision, detail).await };
    let route = route(&facts);
    let mut warnings: Vec<_> = login.iter().flat_map(|login| login.warnings.clone()).collect();
    warnings.extend(explained.expires_soon.into_iter().chain(facts.inquiry.warning));
    let mut notes: Vec<_> = inputs.note().into_iter().chain(explained.note).collect();
    if route.is_unusual { &mut warnings } else { &mut notes }.extend(route.sentences());
    Report {
        decision,
        diagnosis: explained.diagnosis,
        others: explained.others,
        event: facts.run.event,
        objection: facts.trust.objection(),
        registry: inputs.registry.name().to_owned(),
        username: inputs.username.clone(),
        images: references(inputs),
        trials: facts.inquiry.trials,
        skipped: facts.candidates.skipped,
        login: login.map(|login| login.directory.display().to_string()),
        expiry: explained.expiry,
        package_settings: explained.settings,
        notes,
        remarks: inputs.remarks(),
        warnings,
        route,
        own_job: None,
        fails_step: decision::fails_step(inputs.required, facts.trust, decision),
    }
}

/// The images, with their registry.
fn references(inputs: &Inputs) -> Vec<String> {
    inputs.images.names.iter().map(|image| image.reference(&inputs.registry)).collect()
}

/// What stood between this machine and the registry, if anything was asked.
fn route(facts: &Facts<'_>) -> Route {
    let Facts { inputs, run, inquiry, .. } = facts;
    match inquiry.github {
        Some(_) => Route::of(run.runner, inputs.proxy.name(&inputs.registry), &inputs.extra_roots.bundles),
        None => Route::default(),
    }
}
