//! What a workflow file says of a refused push, in a sentence, with the lines to paste.

use super::{
    Located, Workflow,
    job::Job,
    permissions::{Effective, Packages, SetBy},
};

/// What the workflow file says of the job's `packages` permission, from reading to saying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// Nothing: there was no file to look into.
    #[default]
    Unknown,
    /// The file does not tell.
    Unsure {
        /// Why not, in a sentence.
        place: String,
    },
    /// It is not `write`, or left to a setting.
    Missing {
        /// Where that is said, in a sentence, with its line where that is known.
        place: String,
        /// What to do, in a sentence.
        instruction: String,
        /// The lines to paste, indented.
        lines: String,
    },
    /// It is `write`; the reason is elsewhere.
    Granted {
        /// Where that is said, in a sentence.
        place: String,
    },
}

/// The longest lines that are repeated, in bytes: comments among `permissions` are kept.
const LONGEST: usize = 8 * 1024;

/// What a file, given by its path and text, says of the job that `GITHUB_JOB` names.
pub fn evidence(file: &str, text: &str, github_job: &str) -> Permission {
    let workflow = match Workflow::parse(text) {
        Ok(workflow) => workflow,
        Err(unreadable) => return unsure(format!("{file} {unreadable}, so its permissions are unknown.")),
    };
    match workflow.locate(github_job) {
        Located::Here(job) => of_job(&workflow, file, job),
        Located::Called(callers) => of_callers(&workflow, file, &callers),
        Located::Missing => unsure(format!("{file} has no job `{github_job}`, so the job's permissions are unknown.")),
    }
}

fn unsure(place: String) -> Permission {
    Permission::Unsure { place }
}

fn of_job(workflow: &Workflow, file: &str, job: Job<'_>) -> Permission {
    let effective = workflow.effective_permission(job);
    let cap = if effective.caller_caps { " The workflow can be called by others, and a caller's permissions cap it." } else { "" };
    said(workflow, file, job, format!("{}{cap}", sentence(file, job, effective)))
}

/// What the file says of a job, put as a sentence.
fn said(workflow: &Workflow, file: &str, job: Job<'_>, place: String) -> Permission {
    match (workflow.effective_permission(job).packages, workflow.correction(job)) {
        (Packages::Write, _) => Permission::Granted { place },
        (_, Some(correction)) if correction.lines.len() <= LONGEST => {
            Permission::Missing { place, instruction: correction.instruction(file, job.key), lines: correction.lines }
        }
        (_, Some(_) | None) => Permission::Unsure { place },
    }
}

/// The called workflow is not at hand, but it has at most what its caller has.
fn of_callers(workflow: &Workflow, file: &str, callers: &[Job<'_>]) -> Permission {
    let lacking = callers.iter().copied().find(|job| !matches!(workflow.effective_permission(*job).packages, Packages::Write));
    match (lacking, callers) {
        (Some(job), [_]) => {
            let effective = workflow.effective_permission(job);
            let sentence =
                format!("{} It calls a reusable workflow, which has at most what its caller has.", sentence(file, job, effective));
            said(workflow, file, job, sentence)
        }
        (Some(job), _) => {
            let called = "The job belongs to a reusable workflow, which has at most what its caller has; which job called it is unknown.";
            unsure(format!("{called} {}", sentence(file, job, workflow.effective_permission(job))))
        }
        (None, _) => unsure(format!("{file} grants `packages: write` to the caller; what the called workflow keeps of it is unknown.")),
    }
}

fn sentence(file: &str, job: Job<'_>, effective: Effective) -> String {
    let line = effective.line.map(|line| format!(", line {line}")).unwrap_or_default();
    let whose = match effective.set_by {
        SetBy::Job => "its own `permissions`",
        SetBy::Workflow => "the workflow's `permissions`",
        SetBy::Setting => "the repository's setting",
    };
    let what = match effective.packages {
        Packages::Write => "give `packages: write`",
        Packages::Read => "give `packages: read` only",
        Packages::None => "give no access to packages",
        Packages::Default => return format!("{file}, job `{}`: no `permissions` are set, so {whose} decides.", job.key),
        Packages::Unsure => "cannot be evaluated from the file, so they are unknown",
    };
    format!("{file}{line}, job `{}`: {whose} {what}.", job.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = ".github/workflows/ci.yml";

    #[test]
    fn lines_are_repeated_up_to_a_limit() {
        let said = |length| {
            let comment = "x".repeat(length);
            said(&format!("jobs:\n  a:\n    permissions:\n      # {comment}\n      contents: read\n    steps: []\n"), "a").0
        };
        assert_eq!([LONGEST / 2, LONGEST].map(said), ["missing", "unsure"]);
    }

    /// What the file says, as the name of its kind and in words.
    fn said(text: &str, job: &str) -> (&'static str, String) {
        match evidence(FILE, text, job) {
            Permission::Unknown => ("unknown", String::new()),
            Permission::Unsure { place } => ("unsure", place),
            Permission::Missing { place, instruction, lines } => ("missing", format!("{place}\n{instruction}\n{lines}")),
            Permission::Granted { place } => ("granted", place),
        }
    }

    #[test]
    fn a_missing_permission_names_file_line_and_job_and_has_the_lines() {
        let (kind, text) = said("jobs:\n  build:\n    permissions:\n      contents: write\n    steps: []\n", "build");
        assert_eq!(kind, "missing");
        insta::assert_snapshot!(text, @r"
        .github/workflows/ci.yml, line 3, job `build`: its own `permissions` give no access to packages.
        In .github/workflows/ci.yml, job `build`, replace lines 3 to 4 with:
            permissions:
              contents: write
              packages: write
        ");
        let (kind, text) = said("on: workflow_call\njobs:\n  build:\n    steps: []\n", "build");
        assert_eq!(kind, "missing");
        insta::assert_snapshot!(text, @r"
        .github/workflows/ci.yml, job `build`: no `permissions` are set, so the repository's setting decides. The workflow can be called by others, and a caller's permissions cap it.
        In .github/workflows/ci.yml, job `build`, add after line 3:
            permissions:
              contents: read
              packages: write
        ");
    }

    #[test]
    fn a_granted_permission_is_no_reason() {
        let (kind, text) = said("permissions: write-all\njobs:\n  build: {}\n", "build");
        assert_eq!(kind, "granted");
        insta::assert_snapshot!(text, @r".github/workflows/ci.yml, line 1, job `build`: the workflow's `permissions` give `packages: write`.");
    }

    #[test]
    fn what_the_file_does_not_tell_is_said_to_be_unknown() {
        let text = "jobs:\n  a:\n    uses: o/r/.github/workflows/b.yml@v1\n  c:\n    permissions: ${{ x }}\n";
        for (text, job) in [("jobs: [", "a"), ("jobs: {a: {}}", "other"), (text, "c")] {
            assert_eq!(said(text, job).0, "unsure", "{text}");
            assert!(said(text, job).1.contains("unknown"), "{}", said(text, job).1);
        }
    }

    #[test]
    fn a_reusable_workflow_is_capped_by_its_caller() {
        let one = "jobs:\n  a:\n    permissions: {}\n    uses: o/r/.github/workflows/b.yml@v1\n";
        let (kind, text) = said(one, "inner");
        assert_eq!(kind, "missing");
        insta::assert_snapshot!(text, @r"
        .github/workflows/ci.yml, line 3, job `a`: its own `permissions` give no access to packages. It calls a reusable workflow, which has at most what its caller has.
        In .github/workflows/ci.yml, job `a`, replace line 3 with:
            permissions:
              packages: write
        ");
        let two = format!("{one}  b:\n    permissions: write-all\n    uses: ./.github/workflows/c.yml\n");
        assert_eq!(said(&two, "inner").0, "unsure");
        insta::assert_snapshot!(said(&two, "b").1, @r".github/workflows/ci.yml grants `packages: write` to the caller; what the called workflow keeps of it is unknown.");
    }
}
