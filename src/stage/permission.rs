//! What the workflow file says of the job's permission for packages.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::decide::Found;
use crate::{
    candidates::Candidate,
    diagnosis::Permission,
    evidence::{Fact, github::GitHub},
    regular_file,
    workflow::{
        Located, Workflow,
        job::Job,
        permissions::{Effective, Packages, Source},
        reference::{WorkflowRef, workflow_path},
    },
};

/// The largest workflow file, in bytes. GitHub takes 512 KiB.
const LARGEST: u64 = 1024 * 1024;

/// Looks into the workflow file, in the workspace or else through the API.
pub(super) async fn of_job(found: &Found<'_>, github: &GitHub, candidate: &Candidate) -> Permission {
    let variable = |name| found.environment.text(name);
    let (Some(reference), Some(job)) = (variable("GITHUB_WORKFLOW_REF").and_then(workflow_path), variable("GITHUB_JOB")) else {
        return Permission::Unknown;
    };
    let text = match in_workspace(found, &reference) {
        Some(text) => Some(text),
        None => through_api(github, candidate, &reference, variable("GITHUB_WORKFLOW_SHA")).await,
    };
    text.map_or(Permission::Unknown, |text| in_file(&text, &reference.path, job))
}

fn in_workspace(found: &Found<'_>, reference: &WorkflowRef) -> Option<String> {
    let workspace =
        found.environment.path("GITHUB_WORKSPACE").filter(|_| reference.repository.eq_ignore_ascii_case(&found.run.repository))?;
    String::from_utf8(regular_file::read(&workspace.join(&reference.path), LARGEST).ok()?).ok()
}

/// `GET /repos/OWNER/REPO/contents/PATH` (<https://docs.github.com/rest/repos/contents#get-repository-content>).
async fn through_api(github: &GitHub, candidate: &Candidate, reference: &WorkflowRef, sha: Option<&str>) -> Option<String> {
    #[derive(Deserialize)]
    struct Content {
        content: String,
    }
    let sha = sha.filter(|sha| sha.bytes().all(|byte| byte.is_ascii_hexdigit())).map(|sha| format!("?ref={sha}")).unwrap_or_default();
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    if !is_plain(&reference.repository) || !is_plain(&reference.path) {
        return None;
    }
    let path = format!("/repos/{}/contents/{}{sha}", reference.repository, reference.path);
    let answer = github.fact(&candidate.token, &path, |reply| reply.json::<Content>().filter(|_| reply.status == 200)).await;
    let Fact::Known(Content { content }) = answer else { return None };
    String::from_utf8(STANDARD.decode(content.replace('\n', "")).ok()?).ok()
}

/// What a workflow file gives the job that `GITHUB_JOB` names.
fn in_file(text: &str, path: &str, github_job: &str) -> Permission {
    let Ok(workflow) = Workflow::parse(text) else { return Permission::Unknown };
    match workflow.locate(github_job) {
        Located::Here(job) => in_job(&workflow, job, path, "the job"),
        // The callers' permission is the most that a called job can have; that it is enough does not tell what the job has.
        Located::Called(callers) => {
            let lacking = callers.into_iter().map(|job| in_job(&workflow, job, path, "the calling job"));
            lacking.into_iter().find(|permission| matches!(permission, Permission::Missing { .. })).unwrap_or_default()
        }
        Located::Missing => Permission::Unknown,
    }
}

fn in_job(workflow: &Workflow, job: Job<'_>, path: &str, what: &str) -> Permission {
    let effective = workflow.effective_permission(job);
    let place = format!("{path} gives {what} `{}` {}", shown(job.key), given(effective));
    match (effective.packages, workflow.correction(job)) {
        (Packages::Write, _) => Permission::Granted { place },
        (Packages::Read | Packages::None | Packages::Default, Some(correction)) => {
            Permission::Missing { place, instruction: correction.instruction(path, &shown(job.key)), lines: correction.lines }
        }
        _ => Permission::Unknown,
    }
}

fn given(effective: Effective) -> String {
    let line = effective.line.map(|line| format!(" (line {line})")).unwrap_or_default();
    let by = if effective.source == Source::Workflow { ", for the whole workflow" } else { "" };
    match effective.packages {
        Packages::Write => format!("`packages: write`{by}{line}"),
        Packages::Read => format!("only `packages: read`{by}{line}"),
        Packages::None => format!("`permissions` without `packages`{by}{line}"),
        Packages::Default | Packages::Unsure => {
            "no `permissions`, so the repository's setting counts, and that does not let it write".to_owned()
        }
    }
}

/// A job's key as GitHub allows it; anything else is not shown as it is.
fn shown(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '?' }).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = ".github/workflows/ci.yml";

    fn missing(text: &str, job: &str) -> Option<(String, String, String)> {
        match in_file(text, PATH, job) {
            Permission::Missing { place, instruction, lines } => Some((place, instruction, lines)),
            Permission::Granted { .. } | Permission::Unknown => None,
        }
    }

    #[test]
    fn the_file_the_job_and_the_line_are_named_with_the_lines_to_paste() {
        let text = "on: push\njobs:\n  build:\n    permissions:\n      contents: read\n    runs-on: x\n    steps: []\n";
        let (place, instruction, lines) = missing(text, "build").unwrap();
        assert_eq!(place, ".github/workflows/ci.yml gives the job `build` `permissions` without `packages` (line 4)");
        assert_eq!(instruction, "In .github/workflows/ci.yml, job `build`, replace lines 4 to 5 by:");
        assert_eq!(lines, "    permissions:\n      contents: read\n      packages: write\n");
    }

    #[test]
    fn a_job_that_sets_nothing_depends_on_the_repository() {
        let (place, _, lines) = missing("on: push\njobs:\n  build:\n    runs-on: x\n", "build").unwrap();
        assert!(place.ends_with("no `permissions`, so the repository's setting counts, and that does not let it write"), "{place}");
        assert!(lines.contains("packages: write"));
    }

    #[test]
    fn a_job_that_has_it_has_it() {
        let text = "on: push\npermissions: write-all\njobs:\n  build:\n    runs-on: x\n";
        let place = ".github/workflows/ci.yml gives the job `build` `packages: write`, for the whole workflow (line 2)".to_owned();
        assert_eq!(in_file(text, PATH, "build"), Permission::Granted { place });
    }

    #[test]
    fn a_called_job_has_no_more_than_its_caller() {
        let caller = |permissions: &str| format!("on: push\njobs:\n  call:\n    {permissions}\n    uses: ./.github/workflows/build.yml\n");
        let (place, ..) = missing(&caller("permissions: {contents: read}"), "inner").unwrap();
        assert!(place.contains("the calling job `call`"), "{place}");
        assert_eq!(in_file(&caller("permissions: write-all"), PATH, "inner"), Permission::Unknown);
    }

    #[test]
    fn what_is_not_sure_is_not_said() {
        for text in
            ["", "jobs: [", "on: push\njobs:\n  build:\n    permissions: {packages: '${{ inputs.x }}'}\n", "on: push\njobs:\n  other: {}\n"]
        {
            assert_eq!(in_file(text, PATH, "build"), Permission::Unknown, "{text}");
        }
    }
}
