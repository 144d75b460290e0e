//! The shell around the stages: reads the runner's world, runs the decision, leaves its traces.

use std::{process::ExitCode, time::Instant};

use crate::{
    candidates::{self, Candidates},
    decision::{self, Decision},
    diagnosis::{self, Subject},
    environment::Environment,
    inputs::{
        self, Access, Inputs, InvalidInput, LoginMode,
        credential::{Source, Supplied},
    },
    login::{
        self, Entry, Login, LoginError,
        logout::{self, Logout},
        state::State,
    },
    probe::{
        Prober, Trial,
        client::{self, Courier},
    },
    reason::Reason,
    report::{
        Report,
        command_file::CommandFile,
        console::{Console, Level},
        log, outputs, summary,
    },
    token::Token,
    trust::{Policy, Run, Trust, payload::Payload},
};

/// Exit codes of the contract, section 6.
mod exit {
    pub(super) const DECIDED: u8 = 0;
    pub(super) const REQUIRED_OR_UNWRITTEN: u8 = 1;
    pub(super) const INVALID: u8 = 2;
}

/// The main stage.
pub async fn main(environment: &Environment, console: &Console) -> ExitCode {
    mask(environment, console);
    let report = match Inputs::parse(environment) {
        Ok(inputs) => decide(environment, &inputs, console).await,
        Err(invalid) => refuse(&invalid),
    };
    finish(environment, console, &report)
}

/// An argument that the action does not take: told like an invalid input, and never shown.
pub fn unexpected_argument(environment: &Environment, console: &Console) -> ExitCode {
    mask(environment, console);
    let problem = "are not taken by the action; tokens belong into the inputs".to_owned();
    finish(environment, console, &refuse(&InvalidInput { reason: Reason::InvalidInput, input: "args", problem }))
}

/// The post stage. It never fails the job.
pub async fn post(environment: &Environment, console: &Console) -> ExitCode {
    let Some(state) = State::read(environment) else { return ExitCode::from(exit::DECIDED) };
    let registry = &state.registry;
    console.print(&match logout::log_out(&state).await {
        Ok(Logout::Removed) => format!("Logged out of {registry}."),
        Ok(Logout::Restored) => format!("Logged out of {registry}; the login that was there before is back."),
        Ok(Logout::NotOurs) => format!("The login of {registry} is no longer ours; it was left alone."),
        Err(error) => format!("The login of {registry} could not be taken back: {error}."),
    });
    ExitCode::from(exit::DECIDED)
}

/// Writes the outputs of a run that failed by a bug. Called from the panic hook: the text is fixed.
pub fn report_bug(environment: &Environment) {
    let decision = Decision::no(Access::Push, Reason::Internal);
    let report = Report::bare(decision, diagnosis::explain(Reason::Internal, &Subject::default()));
    if let Ok(file) = CommandFile::of(environment, "GITHUB_OUTPUT") {
        // There is nobody left to tell.
        let _ = file.append(&outputs::pairs(&report));
    }
}

/// Has the runner hide every credential, in each form in which it travels, before anything is printed.
fn mask(environment: &Environment, console: &Console) {
    for (source, supplied) in Source::ALL.into_iter().zip(inputs::credentials(environment)) {
        console.mask(environment.text(&inputs::variable(source.name())).unwrap_or_default());
        if let Supplied::Usable { token, trimmed: _ } = supplied {
            console.mask(token.expose());
            console.mask(&token.base64());
        }
    }
}

fn mask_logins(inputs: &Inputs, console: &Console) {
    for supplied in &inputs.credentials {
        if let Supplied::Usable { token, trimmed: _ } = supplied {
            console.mask(&token.basic(&inputs.username));
        }
    }
}

fn refuse(invalid: &InvalidInput) -> Report {
    let subject = Subject { detail: invalid.to_string(), ..Subject::default() };
    let diagnosis = diagnosis::explain(invalid.reason, &subject);
    Report { fails_step: true, ..Report::bare(Decision::no(Access::Push, invalid.reason), diagnosis) }
}

/// From inputs to a login.
async fn decide(environment: &Environment, inputs: &Inputs, console: &Console) -> Report {
    mask_logins(inputs, console);
    let run = Run::of(environment);
    let payload = Payload::read(environment.path("GITHUB_EVENT_PATH"));
    let trust = crate::trust::judge(&run, payload.as_ref().map_err(|unreadable| *unreadable), Policy::of(inputs));
    let candidates = if trust.blocks(inputs.access) { Candidates::default() } else { candidates::select(inputs, &run, trust) };
    let trials = probe(environment, inputs, &candidates, console).await;
    let decided = decision::decide(inputs, trust, &candidates, &trials);
    let login = log_in(environment, inputs, &candidates, decided).await;
    let owner_is_user = payload.is_ok_and(|payload| payload.text(&["repository", "owner", "type"]) == Some("User"));
    describe(environment, inputs, &run, trust, Found { candidates, trials, decided, login, owner_is_user })
}

/// What the stages found out.
struct Found {
    candidates: Candidates,
    trials: Vec<Trial>,
    decided: Decision,
    login: Option<Result<Login, LoginError>>,
    owner_is_user: bool,
}

/// Asks the registry, if there is anything to ask.
async fn probe(environment: &Environment, inputs: &Inputs, candidates: &Candidates, console: &Console) -> Vec<Trial> {
    let Some(first) = candidates.usable.first().filter(|_| inputs.verify) else { return Vec::new() };
    let deadline = Instant::now() + inputs.timeout;
    let mask = |bearer: &Token| console.mask(bearer.expose());
    let Ok(client) = client::client(environment, &inputs.extra_roots) else {
        return vec![Trial::unsent(first.source, &inputs.images.names)];
    };
    let prober = Prober::new(Courier::new(client, deadline), inputs, &mask);
    let trials = prober.run(candidates).await;
    prober.cancel_sessions().await;
    trials
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
    let entry = Entry { registry: inputs.registry.name(), username: &inputs.username, token: &granted.token };
    Some(login::log_in(environment, inputs.runner_temp.as_deref(), entry, inputs.logout).await)
}

fn describe(environment: &Environment, inputs: &Inputs, run: &Run, trust: Trust, found: Found) -> Report {
    let (decision, login, detail) = match found.login {
        Some(Err(error)) => (Decision::no(inputs.access, Reason::LoginFailed), None, error.to_string()),
        Some(Ok(login)) => (found.decided, Some(login), String::new()),
        None => (found.decided, None, found.candidates.skipped.first().map_or_else(String::new, ToString::to_string)),
    };
    let subject =
        Subject { detail, owner_is_user: found.owner_is_user, ..subject(environment, inputs, run, &found.candidates, &found.trials) };
    let diagnosis = (!decision.pull()).then(|| diagnosis::explain(decision.reason, &subject));
    let mut warnings = inputs.credential_warnings();
    warnings.extend(login.iter().flat_map(|login| login.warnings.clone()));
    Report {
        decision,
        diagnosis,
        event: run.event.clone(),
        objection: trust.objection(),
        registry: inputs.registry.name().to_owned(),
        username: inputs.username.clone(),
        images: inputs.images.names.iter().map(|image| image.reference(&inputs.registry)).collect(),
        trials: found.trials,
        skipped: found.candidates.skipped,
        login: login.map(|login| login.directory.display().to_string()),
        expires_at: None,
        notes: inputs.notes(),
        warnings,
        fails_step: decision::fails_step(inputs.required, trust, decision),
    }
}

/// What a refusal is about: the first credential that was tried, at the first image that it failed on.
fn subject(environment: &Environment, inputs: &Inputs, run: &Run, candidates: &Candidates, trials: &[Trial]) -> Subject {
    let verdict = trials.first().map(Trial::verdict);
    let attempt = trials.first().and_then(|trial| trial.attempts.iter().find(|attempt| Some(attempt.verdict) == verdict));
    let image = attempt.map_or(&inputs.images.names[0], |attempt| &attempt.image);
    let source = trials.first().map(|trial| trial.source).or_else(|| candidates.skipped.first().map(|skipped| skipped.source()));
    Subject {
        credential: source.map(Source::name),
        image: image.reference(&inputs.registry),
        owner: image.owner().to_owned(),
        package: image.package().to_owned(),
        registry: inputs.registry.name().to_owned(),
        repository: run.repository.clone(),
        server: environment.text("GITHUB_SERVER_URL").unwrap_or("https://github.com").trim_end_matches('/').to_owned(),
        event: run.event.clone(),
        owner_is_user: false,
        detail: String::new(),
    }
}

/// Says it all: log, summary, and at the very end the outputs.
fn finish(environment: &Environment, console: &Console, report: &Report) -> ExitCode {
    log::write(report, console);
    let summarised = CommandFile::of(environment, "GITHUB_STEP_SUMMARY").and_then(|file| file.append_text(&summary::markdown(report)));
    if let Err(error) = summarised {
        console.print(&format!("The job summary could not be written: {error}."));
    }
    let written = CommandFile::of(environment, "GITHUB_OUTPUT").and_then(|file| file.append(&outputs::pairs(report)));
    if let Err(error) = written {
        console.annotate(Level::Error, &format!("The outputs could not be written: {error}."));
        return ExitCode::from(exit::REQUIRED_OR_UNWRITTEN);
    }
    ExitCode::from(match report.decision.reason {
        Reason::InvalidInput | Reason::InvalidImage => exit::INVALID,
        _ if report.fails_step => exit::REQUIRED_OR_UNWRITTEN,
        _ => exit::DECIDED,
    })
}
