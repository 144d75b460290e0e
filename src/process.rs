//! What surrounds a run: which stage it is, signals, panics and the exit code.

use std::{ffi::OsString, future::Future, io::Write as _, path::Path, process::ExitCode, task::Poll};

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    action, commands,
    job::environment::{Environment, STARTED_BY_HOST},
    report::console::{Console, DebugLog, Level},
};

/// Exit code of an internal error (`EX_SOFTWARE` of sysexits.h).
const INTERNAL: u8 = 70;

/// The name under which the post stage is started; a link to the same file, since an entrypoint takes no arguments.
const POST: &str = "ghcr-auth-post";

/// What this process is to do.
enum Task<'a> {
    Main,
    UnexpectedArgument,
    Post,
    Command(&'a [OsString]),
    Usage,
}

impl<'a> Task<'a> {
    fn of(arguments: &'a [OsString], environment: &Environment) -> Self {
        if commands::is_command(arguments) {
            return Self::Command(arguments);
        }
        let called = arguments.first().and_then(|name| Path::new(name).file_name());
        let given = arguments.iter().skip(1).any(|argument| !argument.is_empty());
        match (environment.is_true("GITHUB_ACTIONS"), called.is_some_and(|name| name == POST), given) {
            (true, true, _) => Self::Post,
            (true, false, false) => Self::Main,
            (true, false, true) => Self::UnexpectedArgument,
            (false, _, true) => Self::Command(arguments),
            (false, _, false) => Self::Usage,
        }
    }
}

/// Runs the process to its end.
pub fn run(arguments: &[OsString], environment: Environment) -> ExitCode {
    protect_memory();
    if environment.is_true(STARTED_BY_HOST) {
        end_with_parent();
    }
    let task = Task::of(arguments, &environment);
    let environment: &'static Environment = Box::leak(Box::new(environment));
    let is_step = matches!(task, Task::Main | Task::UnexpectedArgument | Task::Post);
    on_panic(environment, is_step);
    if is_step && environment.text("RUNNER_DEBUG") == Some("1") {
        // Nothing else in this process sets a subscriber.
        let _ = tracing::subscriber::set_global_default(DebugLog);
    }
    execute(&task, environment).unwrap_or_else(|error| {
        tracing::debug!("{error:#}");
        tell_of_bug(environment, is_step);
        ExitCode::from(INTERNAL)
    })
}

fn execute(task: &Task<'_>, environment: &Environment) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let console = Console::default();
    let ended = runtime.block_on(async {
        match task {
            Task::Post => until_signalled(action::post(environment, &console)).await,
            Task::UnexpectedArgument => Ok(action::unexpected_argument(environment, &console)),
            Task::Main => until_signalled(action::main(environment, &console)).await,
            Task::Command(arguments) => Ok(ExitCode::from(commands::run(arguments, environment).await)),
            Task::Usage => Ok(ExitCode::from(commands::usage(environment))),
        }
    });
    // A name lookup that hangs must not hold up the exit.
    runtime.shutdown_background();
    ended
}

/// Runs to the end or to the first SIGTERM or SIGINT: as PID 1 of a container the process gets no default action.
async fn until_signalled(work: impl Future<Output = ExitCode>) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate()).context("no SIGTERM handler")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("no SIGINT handler")?;
    // With a handler, a file size limit is an error of the write that meets it; without, it kills the process.
    let _size_limit = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())).context("no SIGXFSZ handler")?;
    let mut work = std::pin::pin!(work);
    let ended = std::future::poll_fn(|context| {
        if terminate.poll_recv(context).is_ready() {
            Poll::Ready(ExitCode::from(128 + 15))
        } else if interrupt.poll_recv(context).is_ready() {
            Poll::Ready(ExitCode::from(128 + 2))
        } else {
            work.as_mut().poll(context)
        }
    });
    Ok(ended.await)
}

/// On a bug: a fixed line, outputs that say no, exit 70. The panic's own text may hold anything.
fn on_panic(environment: &'static Environment, is_step: bool) {
    std::panic::set_hook(Box::new(move |_| {
        tell_of_bug(environment, is_step);
        #[expect(clippy::exit, reason = "a panic hook has no other way to choose the exit code")]
        std::process::exit(INTERNAL.into());
    }));
}

fn tell_of_bug(environment: &Environment, is_step: bool) {
    const TEXT: &str = "ghcr-auth itself failed; this is a bug. Nothing is pushed.";
    if is_step {
        Console::default().annotate(Level::Error, TEXT);
        action::report_bug(environment);
    } else {
        // Nobody is left to tell.
        let _ = writeln!(std::io::stderr().lock(), "{TEXT}");
    }
}

/// Has the kernel send SIGTERM when the script that started this process is killed: nothing is decided for nobody.
fn end_with_parent() {
    // A platform that refuses leaves things as they are.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM));
}

/// Keeps the credentials out of core dumps and of other processes' sight.
fn protect_memory() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    // A platform that refuses leaves things as they are.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
