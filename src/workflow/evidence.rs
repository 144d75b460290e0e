//! What a workflow file says of a refused push, in a sentence, with the lines to paste.

use super::{
    Located, Workflow,
    job::Job,
    permissions::{Effective, Packages, Source},
};

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Whether the file is why the job's token may not push.
    pub verdict: Verdict,
    /// What the file says of the job, with its line where that is known.
    pub sentence: String,
    /// What to change.
    pub change: Option<Change>,
}

/// Whether the file is why the job's token may not push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `packages: write` is missing, or left to a setting.
    Missing,
    /// It is there; the reason is elsewhere.
    Granted,
    /// The file does not tell.
    Unsure,
}

/// A change of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where the lines go.
    pub instruction: String,
    /// The lines, indented.
    pub lines: String,
    /// What the lines leave open.
    pub remark: Option<&'static str>,
}

/// What a file, given by its path and text, says of the job that `GITHUB_JOB` names.
pub fn evidence(file: &str, text: &str, github_job: &str) -> Evidence {
    let workflow = match Workflow::parse(text) {
        Ok(workflow) => workflow,
        Err(unreadable) => return unsure(format!("{file} {unreadable}, so what it grants is unsure.")),
    };
    match workflow.locate(github_job) {
        Located::Here(job) => of_job(&workflow, file, job),
        Located::Called(callers) => of_callers(&workflow, file, &callers),
        Located::Missing => unsure(format!("{file} has no job `{github_job}`, so what the job was granted is unsure.")),
    }
}

fn unsure(sentence: String) -> Evidence {
    Evidence { verdict: Verdict::Unsure, sentence, change: None }
}

fn of_job(workflow: &Workflow, file: &str, job: Job<'_>) -> Evidence {
    let effective = workflow.effective_permission(job);
    let cap = if effective.caller_caps { " The workflow can be called by others, and a caller's permissions cap it." } else { "" };
    let sentence = format!("{}{cap}", sentence(file, job, effective));
    Evidence { verdict: verdict(effective), sentence, change: change(workflow, file, job) }
}

/// The called workflow is not at hand, but it has at most what its caller has.
fn of_callers(workflow: &Workflow, file: &str, callers: &[Job<'_>]) -> Evidence {
    let lacking = callers.iter().copied().find(|job| !matches!(workflow.effective_permission(*job).packages, Packages::Write));
    match (lacking, callers) {
        (Some(job), [_]) => {
            let effective = workflow.effective_permission(job);
            let sentence =
                format!("{} It calls a reusable workflow, which has at most what its caller has.", sentence(file, job, effective));
            Evidence { verdict: verdict(effective), sentence, change: change(workflow, file, job) }
        }
        (Some(job), _) => {
            let called = "The job belongs to a reusable workflow, which has at most what its caller has; which job called it is unsure.";
            let sentence = format!("{called} {}", sentence(file, job, workflow.effective_permission(job)));
            Evidence { verdict: Verdict::Unsure, sentence, change: change(workflow, file, job) }
        }
        (None, _) => unsure(format!("{file} grants `packages: write` to the caller; what the called workflow keeps of it is unsure.")),
    }
}

fn sentence(file: &str, job: Job<'_>, effective: Effective) -> String {
    let line = effective.line.map(|line| format!(", line {line}")).unwrap_or_default();
    let whose = match effective.source {
        Source::Job => "its own `permissions`",
        Source::Workflow => "the workflow's `permissions`",
        Source::Setting => "the repository's setting",
    };
    let what = match effective.packages {
        Packages::Write => "give `packages: write`",
        Packages::Read => "give `packages: read` only",
        Packages::None => "leave `packages` at none",
        Packages::Default => return format!("{file}, job `{}`: no `permissions` are set, so {whose} decides.", job.key),
        Packages::Unsure => "are of a form that does not tell what they give: unsure",
    };
    format!("{file}{line}, job `{}`: {whose} {what}.", job.key)
}

const fn verdict(effective: Effective) -> Verdict {
    match effective.packages {
        Packages::Write => Verdict::Granted,
        Packages::Unsure => Verdict::Unsure,
        Packages::Read | Packages::None | Packages::Default => Verdict::Missing,
    }
}

fn change(workflow: &Workflow, file: &str, job: Job<'_>) -> Option<Change> {
    let correction = workflow.correction(job)?;
    Some(Change { instruction: correction.instruction(file, job.key), lines: correction.lines, remark: correction.remark })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = ".github/workflows/ci.yml";

    fn said(text: &str, job: &str) -> (Verdict, String) {
        let evidence = evidence(FILE, text, job);
        let change = evidence.change.map(|change| format!("\n{}\n{}", change.instruction, change.lines)).unwrap_or_default();
        (evidence.verdict, evidence.sentence + &change)
    }

    #[test]
    fn a_missing_permission_names_file_line_and_job_and_has_the_lines() {
        let (verdict, text) = said("jobs:\n  build:\n    permissions:\n      contents: write\n    steps: []\n", "build");
        assert_eq!(verdict, Verdict::Missing);
        insta::assert_snapshot!(text, @r"
        .github/workflows/ci.yml, line 3, job `build`: its own `permissions` leave `packages` at none.
        In .github/workflows/ci.yml, job `build`, replace lines 3 to 4 with:
            permissions:
              contents: write
              packages: write
        ");
        let (verdict, text) = said("on: workflow_call\njobs:\n  build:\n    steps: []\n", "build");
        assert_eq!(verdict, Verdict::Missing);
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
        let (verdict, text) = said("permissions: write-all\njobs:\n  build: {}\n", "build");
        assert_eq!(verdict, Verdict::Granted);
        insta::assert_snapshot!(text, @r".github/workflows/ci.yml, line 1, job `build`: the workflow's `permissions` give `packages: write`.");
    }

    #[test]
    fn what_the_file_does_not_tell_is_said_to_be_unsure() {
        let text = "jobs:\n  a:\n    uses: o/r/.github/workflows/b.yml@v1\n  c:\n    permissions: ${{ x }}\n";
        for (text, job) in [("jobs: [", "a"), ("jobs: {a: {}}", "other"), (text, "c")] {
            assert_eq!(said(text, job).0, Verdict::Unsure, "{text}");
            assert!(said(text, job).1.contains("unsure"), "{}", said(text, job).1);
        }
    }

    #[test]
    fn a_reusable_workflow_is_capped_by_its_caller() {
        let one = "jobs:\n  a:\n    permissions: {}\n    uses: o/r/.github/workflows/b.yml@v1\n";
        let (verdict, text) = said(one, "inner");
        assert_eq!(verdict, Verdict::Missing);
        insta::assert_snapshot!(text, @r"
        .github/workflows/ci.yml, line 3, job `a`: its own `permissions` leave `packages` at none. It calls a reusable workflow, which has at most what its caller has.
        In .github/workflows/ci.yml, job `a`, replace line 3 with:
            permissions:
              packages: write
        ");
        let two = format!("{one}  b:\n    permissions: write-all\n    uses: ./.github/workflows/c.yml\n");
        assert_eq!(said(&two, "inner").0, Verdict::Unsure);
        insta::assert_snapshot!(said(&two, "b").1, @r".github/workflows/ci.yml grants `packages: write` to the caller; what the called workflow keeps of it is unsure.");
    }
}
