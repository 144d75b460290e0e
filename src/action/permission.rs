//! What the workflow file says of the job's permission for packages.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::found::Found;
use crate::{
    credential::Candidate,
    diagnosis::Permission,
    github::{Fact, api::GitHub},
    job::regular_file,
    workflow::{
        evidence::{Verdict, evidence},
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
    let Some(text) = text else { return Permission::Unknown };
    let (path, job) = (reference.path, job.to_owned());
    // A file may be made to be hard to read: it must not hold up the answer, nor a signal's.
    let said = tokio::task::spawn_blocking(move || in_file(&text, &path, &job));
    match tokio::time::timeout_at(github.deadline().into(), said).await {
        Ok(Ok(permission)) => permission,
        Ok(Err(_)) | Err(_) => Permission::Unknown,
    }
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

/// What a workflow file says, as an explanation takes it.
fn in_file(text: &str, path: &str, github_job: &str) -> Permission {
    let said = evidence(path, text, github_job);
    match (said.verdict, said.change) {
        (Verdict::Missing, Some(change)) => {
            Permission::Missing { place: said.sentence, instruction: change.instruction, lines: change.lines }
        }
        (Verdict::Granted, _) => Permission::Granted { place: said.sentence },
        (Verdict::Missing | Verdict::Unsure, _) => Permission::Unsure { place: said.sentence },
    }
}
