//! What the workflow file says will keep a yes from coming true.

use std::{path::Path, time::Duration};

use super::found::Found;
use crate::{audit::own_job, job::regular_file, report::InFile, workflow::workflow_path};

/// The largest file that is read, in bytes. GitHub takes 512 KiB for a workflow.
const LARGEST: u64 = 1024 * 1024;

/// How long the look may take: it never holds up the answer for more.
const LONGEST: Duration = Duration::from_secs(1);

/// Looks at the own job, if its file lies in the workspace; no request is made for it.
pub(super) async fn defeat(found: &Found<'_>) -> Option<InFile> {
    let text = |name: &str| found.environment.text(name);
    let reference = text("GITHUB_WORKFLOW_REF").and_then(workflow_path)?;
    let workspace = found.environment.path("GITHUB_WORKSPACE")?.to_owned();
    let (repository, job) = (found.run.repository.clone(), text("GITHUB_JOB")?.to_owned());
    let values: Vec<(&str, String)> = [
        ("repository", "GITHUB_REPOSITORY"),
        ("repository_owner", "GITHUB_REPOSITORY_OWNER"),
        ("event_name", "GITHUB_EVENT_NAME"),
        ("actor", "GITHUB_ACTOR"),
        ("ref_name", "GITHUB_REF_NAME"),
        ("sha", "GITHUB_SHA"),
    ]
    .into_iter()
    .filter_map(|(name, variable)| Some((name, text(variable)?.to_owned())))
    .collect();
    if !reference.repository.eq_ignore_ascii_case(&repository) {
        return None;
    }
    let look = move || {
        let read = |path: &str| read(&workspace, path);
        let file = read(&reference.path)?;
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        own_job::defeat(&reference.path, &file, &job, &values, &read)
    };
    let finding = tokio::time::timeout(LONGEST, tokio::task::spawn_blocking(look)).await.ok()?.ok()??;
    let text = format!("{}\n{}", finding.message, finding.fix);
    Some(InFile { file: finding.file, line: finding.line, text })
}

/// A file of the workspace; none that is reached by `..`.
fn read(workspace: &Path, path: &str) -> Option<String> {
    let is_within = !path.starts_with('/') && path.split('/').all(|part| part != "..");
    let content = regular_file::read(&workspace.join(path), LARGEST).ok().filter(|_| is_within)?;
    String::from_utf8(content).ok()
}
