//! What the workflow file says will keep a yes from coming true.

use std::time::Duration;

use crate::{
    audit::own_job::{self, Known},
    job::workflow_file::OwnJob,
    report::InFile,
};

/// How long the look may take: it never holds up the answer for more.
const LONGEST: Duration = Duration::from_secs(1);

/// Looks at the own job, if its file lies in the workspace; no request is made for it. `images` are the names that were checked.
pub(super) async fn defeat(own: &OwnJob, images: Vec<String>) -> Option<InFile> {
    own.workspace.as_ref()?;
    let own = own.clone();
    let look = move || {
        let read = |path: &str| own.read(path);
        let values: Vec<_> = own.context.iter().map(|(name, value)| (*name, value.as_str())).collect();
        own_job::defeat(&own.file.path, &read(&own.file.path)?, &own.job, Known { values: &values, images: &images }, &read)
    };
    let finding = tokio::time::timeout(LONGEST, tokio::task::spawn_blocking(look)).await.ok()?.ok()??;
    let text = format!("{}\n{}", finding.message, finding.fix);
    Some(InFile { file: finding.file, line: finding.line, text })
}
