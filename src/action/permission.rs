//! What the workflow file says of the job's permission for packages.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{
    credential::Candidate,
    github::{Fact, api::GitHub},
    job::workflow_file::OwnJob,
    text::redact::without_credentials,
    workflow::evidence::{Permission, evidence},
};

/// Looks into the workflow file, in the workspace or else through the API.
pub(super) async fn of_job(own: &OwnJob, github: &GitHub, candidate: &Candidate) -> Permission {
    let text = match own.in_workspace() {
        Some(text) => Some(text),
        None => through_api(github, candidate, own).await,
    };
    let Some(text) = text else { return Permission::Unknown };
    // A file may be made to be hard to read: it must not hold up the answer, nor a signal's.
    let (path, job) = (own.file.path.clone(), own.job.clone());
    let said = tokio::task::spawn_blocking(move || safe(evidence(&path, &text, &job)));
    match tokio::time::timeout_at(github.deadline().into(), said).await {
        Ok(Ok(permission)) => permission,
        Ok(Err(_)) | Err(_) => Permission::Unknown,
    }
}

/// The file's values are foreign text: a secret that somebody wrote into it is shown no more than another.
fn safe(permission: Permission) -> Permission {
    match permission {
        Permission::Unknown => Permission::Unknown,
        Permission::Unsure { place } => Permission::Unsure { place: without_credentials(&place) },
        Permission::Granted { place } => Permission::Granted { place: without_credentials(&place) },
        Permission::Missing { place, instruction, lines } => Permission::Missing {
            place: without_credentials(&place),
            instruction: without_credentials(&instruction),
            lines: lines.lines().map(|line| without_credentials(line) + "\n").collect(),
        },
    }
}

/// `GET /repos/OWNER/REPO/contents/PATH` (<https://docs.github.com/rest/repos/contents#get-repository-content>).
async fn through_api(github: &GitHub, candidate: &Candidate, own: &OwnJob) -> Option<String> {
    #[derive(Deserialize)]
    struct Content {
        content: String,
    }
    let OwnJob { file, sha, .. } = own;
    let sha =
        sha.as_ref().filter(|sha| sha.bytes().all(|byte| byte.is_ascii_hexdigit())).map(|sha| format!("?ref={sha}")).unwrap_or_default();
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    if !is_plain(&file.repository) || !is_plain(&file.path) {
        return None;
    }
    let path = format!("/repos/{}/contents/{}{sha}", file.repository, file.path);
    let answer = github.fact(&candidate.token, &path, |reply| reply.json::<Content>().filter(|_| reply.status == 200)).await;
    let Fact::Known(Content { content }) = answer else { return None };
    String::from_utf8(STANDARD.decode(content.replace('\n', "")).ok()?).ok()
}
