//! The shell around the stages: reads the runner's world, runs the decision, leaves its traces.

mod ask;
mod decide;
mod explain;
mod facts;
mod mask;
mod own_job;
mod permission;

use std::process::ExitCode;

pub use decide::check;

use crate::{
    decision::Decision,
    diagnosis::{
        self, Subject,
        situation::{Operation, Situation},
    },
    github::Evidence,
    inputs::{Inputs, InvalidInput},
    job::{command_file::CommandFiles, environment::Environment},
    login::{
        logout::{self, Logout},
        state::{Before, State, Trace},
    },
    reason::Reason,
    registry::Access,
    report::{
        Report,
        console::{Console, Level},
        log, outputs, summary,
    },
};

/// Exit codes (docs/reference.md).
mod exit {
    pub(super) const DECIDED: u8 = 0;
    pub(super) const REQUIRED_OR_UNWRITTEN: u8 = 1;
    pub(super) const INVALID: u8 = 2;
}

/// The main stage.
pub async fn main(environment: &Environment, console: &Console) -> ExitCode {
    console.mask(&mask::of_inputs(environment));
    let files = CommandFiles::of(environment);
    keep_state_from_others(&files);
    let inputs = Inputs::parse(environment);
    #[cfg(debug_assertions)]
    panic_if_a_test_asks(environment, "GHCR_AUTH_TEST_PANIC");
    let report = match inputs {
        Ok(inputs) => decide::run(environment, &inputs, &files, console).await,
        Err(invalid) => refuse(&invalid),
    };
    finish(&files, console, &report)
}

/// An argument that the action does not take: told like an invalid input, and never shown.
pub fn unexpected_argument(environment: &Environment, console: &Console) -> ExitCode {
    console.mask(&mask::of_inputs(environment));
    let files = CommandFiles::of(environment);
    keep_state_from_others(&files);
    let problem = "are not accepted by the action; pass tokens as inputs. A command is `check`, `explain`, or `audit`".to_owned();
    finish(&files, console, &refuse(&InvalidInput { reason: Reason::InvalidInput, input: "args", problem }))
}

/// The post stage. It never fails the job.
pub async fn post(environment: &Environment, console: &Console) -> ExitCode {
    let State { login, former } = State::read(environment);
    if let Some(login) = &login {
        let done = logout::log_out(login).await;
        let (level, text) = ended(login, &done);
        match (level, kept(login, &done)) {
            (None, None) => console.print(&text),
            (level, kept) => console.annotate(level.unwrap_or(Level::Warning), &(text + &kept.unwrap_or_default())),
        }
    }
    if !former.is_empty()
        && let Err(error) = CommandFiles::of(environment).env.append(&former)
    {
        console.annotate(Level::Warning, &format!("Could not restore DOCKER_CONFIG for the post steps after this one: {error}."));
    }
    ExitCode::from(exit::DECIDED)
}

/// What became of the login, in words; a warning where it, or a trace of it, stays.
fn ended(login: &Trace, done: &std::io::Result<Logout>) -> (Option<Level>, String) {
    let (registry, directory) = (&login.registry, login.directory.display());
    let stays = format!("If it outlives the job, end it with `docker logout {registry}`.");
    match done {
        Ok(Logout::Removed) => (None, format!("Logged out of {registry}.")),
        Ok(Logout::Restored) => (None, format!("Logged out of {registry} and restored the earlier login.")),
        Ok(Logout::NotRestored) => (
            Some(Level::Warning),
            format!("Logged out of {registry}. The earlier login could not be restored: the file that kept it is gone or damaged."),
        ),
        Ok(Logout::Unchanged) => (None, format!("The same login for {registry} was there before this step, so it stays.")),
        Ok(Logout::Nothing) => (None, format!("Nothing to log out of: this step's login for {registry} isn't there.")),
        Ok(Logout::Replaced) => (
            Some(Level::Warning),
            format!("A later step replaced the login for {registry} in {directory}/config.json; its login stays. {stays}"),
        ),
        Ok(Logout::Broken) => (
            Some(Level::Warning),
            format!(
                "{directory}/config.json is no longer valid. The login for {registry}, if it was in it, was cut out; the rest was left in place."
            ),
        ),
        Ok(Logout::Unsearched) => (
            Some(Level::Warning),
            format!(
                "{directory}/config.json is no longer valid and too long to search: the login for {registry} may still be in it. Delete the file, or revoke the credential."
            ),
        ),
        Err(error) => {
            (Some(Level::Warning), format!("Could not log out of {registry}: the login stays in {directory}/config.json: {error}. {stays}"))
        }
    }
}

/// Where an earlier login is that was not restored, and how a person restores it.
fn kept(login: &Trace, done: &std::io::Result<Logout>) -> Option<String> {
    let Before::Kept(name) = &login.before else { return None };
    let (registry, directory) = (&login.registry, login.directory.display());
    logout::is_kept(done).then(|| {
        format!(
            " The earlier login was saved in {directory}/{name}. Log in again, or put its `previous` back into config.json, under `auths` as the value of `{registry}`; then delete that file."
        )
    })
}

/// Writes the outputs of a run that failed by a bug. Called from the panic hook: the text is fixed.
pub fn report_bug(environment: &Environment) {
    let decision = Decision::no(Access::Push, Reason::Internal);
    let report = Report::bare(decision, diagnosis::explain(Reason::Internal, &Subject::default(), &Evidence::default()));
    // There is nobody left to tell.
    let _ = CommandFiles::of(environment).output.append(&outputs::pairs(&report));
}

/// A bug that tests can ask for, with a text that must not be shown. Release builds do not have it.
#[cfg(debug_assertions)]
fn panic_if_a_test_asks(environment: &Environment, name: &str) {
    let text = environment.text(name);
    assert!(text.is_none(), "a test asked for this: {text:?}");
}

/// Saves that there is nothing to take back. A login saves over it; without either, an earlier step could tell the post
/// stage by `GITHUB_ENV` what to do.
fn keep_state_from_others(files: &CommandFiles) {
    // Where it cannot be written, there is no login either.
    let _ = files.state.append(&State::default().pairs());
}

fn refuse(invalid: &InvalidInput) -> Report {
    let subject = Subject { detail: invalid.to_string(), situation: Situation::own_run(Operation::Push), ..Subject::default() };
    let diagnosis = diagnosis::explain(invalid.reason, &subject, &Evidence::default());
    Report { fails_step: true, ..Report::bare(Decision::no(Access::Push, invalid.reason), diagnosis) }
}

/// Says it all: log, summary, and at the very end the outputs.
fn finish(files: &CommandFiles, console: &Console, report: &Report) -> ExitCode {
    log::write(report, console);
    if let Err(error) = files.summary.append_text(&summary::markdown(report)) {
        console.print(&format!("The job summary could not be written: {error}."));
    }
    if let Err(error) = files.output.append(&outputs::pairs(report)) {
        console.annotate(Level::Error, &format!("The outputs could not be written: {error}."));
        return ExitCode::from(exit::REQUIRED_OR_UNWRITTEN);
    }
    ExitCode::from(match report.decision.reason {
        Reason::InvalidInput | Reason::InvalidImage => exit::INVALID,
        _ if report.fails_step => exit::REQUIRED_OR_UNWRITTEN,
        _ => exit::DECIDED,
    })
}
