//! `cargo run --example try`: the action in six situations, against a registry on this machine that answers as GHCR does.
//!
//! Nothing is built but this: started under the program's name, the example is the program.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    os::unix::fs::symlink,
    path::Path,
    process::ExitCode,
};

use ghcr_auth::{job::environment::Environment, process};
use ghcr_auth_testbed::{
    event::Event,
    front_door::{Denial, FrontDoor, Rules},
    job::{Job, Run, Step},
};

const PROGRAM: &str = "ghcr-auth";

const PAT: &str = "ghp_exampleOnlyNotARealTokenAtAll0000001";
const JOB_TOKEN: &str = "ghs_exampleOnlyNotARealTokenAtAll0000002";
const FALLBACK: &str = "ghp_exampleOnlyNotARealTokenAtAll0000003";

/// The workflow of most situations, which lacks one line.
const WORKFLOW: &str = "\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: org/ghcr-auth@v1
";

/// A job whose later step replaces the login: the answer is yes, and the push would be rejected.
const OVERWRITING: &str = "\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      packages: read
    steps:
      - uses: org/ghcr-auth@v1
        with:
          GHCR_PAT: ${{ secrets.GHCR_PAT }}
      - uses: imjasonh/setup-crane@v0.4
      - run: crane copy alpine:3 ghcr.io/acme/app:alpine
";

const INTRODUCTION: &str = "\
The action in six situations, with made-up tokens and a registry on this machine that answers as GHCR does.
It is shown as ghcr.io here; nothing leaves this machine. `-- --all` adds all outputs, the environment and the job summary.";

/// One situation: its name, what the registry knows, and how the step is called.
struct Situation {
    name: &'static str,
    workflow: &'static str,
    rules: Rules,
    call: fn(Step<'_>) -> Step<'_>,
}

fn situations() -> [Situation; 6] {
    [
        Situation {
            name: "A job without `packages: write`",
            workflow: WORKFLOW,
            rules: Rules::default().deny(JOB_TOKEN, Denial::PackagesPermissionMissing),
            call: |step| step.input("GITHUB_TOKEN", JOB_TOKEN),
        },
        Situation {
            name: "The same job with it",
            workflow: WORKFLOW,
            rules: Rules::default().allow(JOB_TOKEN),
            call: |step| step.input("GITHUB_TOKEN", JOB_TOKEN),
        },
        Situation {
            name: "An expired PAT, and a GITHUB_TOKEN that can push",
            workflow: WORKFLOW,
            rules: Rules::default().allow(JOB_TOKEN),
            call: |step| step.input("GHCR_PAT", PAT).input("GITHUB_TOKEN", JOB_TOKEN),
        },
        Situation {
            name: "A pull request from a fork",
            workflow: WORKFLOW,
            rules: Rules::default().allow(PAT),
            call: |step| step.event(&Event::fork_pull_request()).input("GHCR_PAT", PAT).input("GITHUB_TOKEN", JOB_TOKEN),
        },
        Situation {
            name: "A self-hosted runner with a fallback, and a package that does not know the repository",
            workflow: WORKFLOW,
            rules: Rules::default().deny(JOB_TOKEN, Denial::PackageWriteDenied).allow(FALLBACK),
            call: |step| {
                let step = step.env("RUNNER_ENVIRONMENT", "self-hosted").input("GITHUB_TOKEN", JOB_TOKEN);
                step.input("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK)
            },
        },
        Situation {
            name: "A PAT that can push, and a later step that logs in with GITHUB_TOKEN over it",
            workflow: OVERWRITING,
            rules: Rules::default().allow(PAT),
            call: |step| step.input("GHCR_PAT", PAT).input("GITHUB_TOKEN", JOB_TOKEN),
        },
    ]
}

fn main() -> ExitCode {
    let arguments = env::args_os().collect::<Vec<_>>();
    if arguments.first().is_some_and(|called| Path::new(called).ends_with(PROGRAM)) {
        return process::run(&arguments, Environment::of_process());
    }
    let all = arguments.iter().any(|argument| argument == "--all");
    match show_all(&mut io::stdout().lock(), all) {
        // A reader who has seen enough is no failure.
        Err(error) if error.downcast_ref().is_none_or(|error: &io::Error| error.kind() != io::ErrorKind::BrokenPipe) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn show_all(out: &mut impl Write, all: bool) -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let program = directory.path().join(PROGRAM);
    symlink(env::current_exe()?, &program)?;
    writeln!(out, "{INTRODUCTION}")?;
    for (number, situation) in situations().into_iter().enumerate() {
        let (job, door) = (Job::new(), FrontDoor::start(situation.rules));
        let workflows = job.workspace().join(".github/workflows");
        fs::create_dir_all(&workflows)?;
        fs::write(workflows.join("image.yml"), situation.workflow)?;
        let step = job.step(&program).registry(&door).env("GITHUB_JOB", "image");
        let step = step.env("GITHUB_WORKFLOW_REF", "acme/app/.github/workflows/image.yml@refs/heads/main");
        let run = (situation.call)(step).run();
        // As they are on GitHub's runners.
        let shown = |text: &str| text.replace(door.host(), "ghcr.io").replace(&job.temp().display().to_string(), "/home/runner/work/_temp");
        writeln!(out, "\n━━━ {}. {} ━━━", number + 1, situation.name)?;
        show(out, &run, all, shown)?;
    }
    Ok(())
}

fn show(out: &mut impl Write, run: &Run, all: bool, shown: impl Fn(&str) -> String) -> io::Result<()> {
    for line in run.log().lines().filter(|line| *line != "::endgroup::") {
        writeln!(out, "  {}", annotation(&shown(line)))?;
    }
    writeln!(out, "── outputs (exit {})", run.code)?;
    let brief = ["push", "reason", "credential", "image", "logged-in"];
    for (name, value) in run.outputs.iter().filter(|(name, _)| all || brief.contains(&name.as_str())) {
        writeln!(out, "  {name}={}", shown(value).replace('\n', " "))?;
    }
    if all {
        writeln!(out, "── environment of later steps")?;
        for (name, value) in &run.env {
            writeln!(out, "  {name}={}", shown(value))?;
        }
        writeln!(out, "── job summary")?;
        for line in run.summary.lines() {
            writeln!(out, "  {}", shown(line))?;
        }
    }
    Ok(())
}

/// A command in the log, `::warning title=TITLE::TEXT` or `::group::TITLE`, as GitHub's page shows it.
fn annotation(line: &str) -> String {
    let parts = line.strip_prefix("::").and_then(|command| command.split_once("::"));
    let Some((command, text)) = parts else { return line.to_owned() };
    let kind = command.split(' ').next().unwrap_or_default();
    if kind == "group" {
        return format!("▾ {text}");
    }
    let property = |name: &str| command.split([' ', ',']).find_map(|part| part.strip_prefix(name));
    let place = property("file=").zip(property("line=")).map(|(file, line)| format!("{file}:{line}: ")).unwrap_or_default();
    format!("[{kind}] {place}{}", text.replace("%0A", "\n    ").replace("%25", "%"))
}
