//! `cargo run --example try`: the real binary in five situations, against a registry on this machine that
//! answers as GHCR does. Prints for each what a workflow would see.

use std::{
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use ghcr_auth_testbed::{
    event::Event,
    front_door::{Denial, FrontDoor, Rules},
    job::{Job, Run, Step},
};

const PAT: &str = "ghp_exampleOnlyNotARealTokenAtAll0000001";
const JOB_TOKEN: &str = "ghs_exampleOnlyNotARealTokenAtAll0000002";
const FALLBACK: &str = "ghp_exampleOnlyNotARealTokenAtAll0000003";

/// One situation: its name, what the registry knows, and how the step is called.
struct Situation {
    name: &'static str,
    rules: Rules,
    call: fn(Step<'_>) -> Step<'_>,
}

fn situations() -> [Situation; 5] {
    [
        Situation { name: "A PAT that works", rules: Rules::default().allow(PAT), call: |step| step.input("GHCR_PAT", PAT) },
        Situation {
            name: "An expired PAT and a job token that works",
            rules: Rules::default().allow(JOB_TOKEN),
            call: |step| step.input("GHCR_PAT", PAT).input("GITHUB_TOKEN", JOB_TOKEN),
        },
        Situation {
            name: "A pull request from a fork",
            rules: Rules::default().allow(PAT),
            call: |step| step.event(&Event::fork_pull_request()).input("GHCR_PAT", PAT).input("GITHUB_TOKEN", JOB_TOKEN),
        },
        Situation {
            name: "A job without `packages: write`",
            rules: Rules::default().deny(JOB_TOKEN, Denial::PackagesPermissionMissing),
            call: |step| step.input("GITHUB_TOKEN", JOB_TOKEN),
        },
        Situation {
            name: "A self-hosted runner with the fallback token",
            rules: Rules::default().deny(JOB_TOKEN, Denial::PackageWriteDenied).allow(FALLBACK),
            call: |step| {
                let step = step.env("RUNNER_ENVIRONMENT", "self-hosted").input("GITHUB_TOKEN", JOB_TOKEN);
                step.input("LOCAL_RUNNER_FALLBACK_TOKEN", FALLBACK)
            },
        },
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let binary = built_binary()?;
    let mut out = io::stdout().lock();
    for (number, situation) in situations().into_iter().enumerate() {
        let (job, door) = (Job::new(), FrontDoor::start(situation.rules));
        let run = (situation.call)(job.step(&binary).registry(&door)).run();
        writeln!(out, "\n━━━ {}. {} ━━━", number + 1, situation.name)?;
        show(&mut out, &run)?;
    }
    Ok(())
}

/// The binary beside this example, built first: cargo builds an example without it.
fn built_binary() -> Result<PathBuf, Box<dyn Error>> {
    let built =
        Command::new(env!("CARGO")).args(["build", "--quiet", "--bin", "ghcr-auth"]).current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    let example = std::env::current_exe()?;
    let binary = example.parent().and_then(Path::parent).map(|profile| profile.join("ghcr-auth"));
    binary.filter(|binary| built.success() && binary.exists()).ok_or_else(|| "the binary could not be built".into())
}

fn show(out: &mut impl Write, run: &Run) -> io::Result<()> {
    writeln!(out, "── log (exit {})", run.code)?;
    for line in run.log().lines() {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "── outputs")?;
    for (name, value) in &run.outputs {
        writeln!(out, "  {name}={}", value.replace('\n', " "))?;
    }
    writeln!(out, "── environment of later steps")?;
    for (name, value) in &run.env {
        writeln!(out, "  {name}={value}")?;
    }
    writeln!(out, "── job summary")?;
    for line in run.summary.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
