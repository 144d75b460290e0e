//! Pushes that `GITHUB_TOKEN` is not allowed to make.

use super::{Finding, Rule, fix::Fix};
use crate::{
    audit::{
        Severity,
        calls::Calls,
        edit::Edit,
        expression::Truth,
        job::AuditedJob,
        push::{Certainty, Push},
        scenario::Run,
    },
    workflow::{
        LOOK_AGAIN,
        correction::{Grant, Target, rank},
        node::Node,
        permissions::{Effective, MOST, Packages, SetBy},
        reference::own_path,
    },
};

/// A job that pushes with `GITHUB_TOKEN` and without `packages: write`, or calls such a job and does not grant it that.
pub(super) fn finding<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>) -> Option<Finding> {
    match job.around.job.calls().and_then(own_path) {
        Some(path) => caller(calls, job, path),
        None => pushing(job, &calls.any),
    }
}

fn pushing(job: &AuditedJob<'_>, any: &Run<'_>) -> Option<Finding> {
    let workflow = job.around.workflow;
    let effective = workflow.effective_permission(job.around.job);
    let depends_on_caller = effective.set_by == SetBy::Setting && workflow.events() == ["workflow_call"];
    let push = own_push(job, any).filter(|_| !depends_on_caller)?;
    let pushes = match push.certainty {
        Certainty::Shown => format!("pushes to ghcr.io ({}) with GITHUB_TOKEN", push.what),
        Certainty::ByLogin | Certainty::BySound => format!("logs in to ghcr.io with GITHUB_TOKEN and seems to push there ({})", push.what),
    };
    lacking(job, effective, push.certainty, &pushes, &[job])
}

/// The first push of a job that is made with `GITHUB_TOKEN` in a run; one that is shown counts before one that is not.
fn own_push<'j, 'a>(job: &'j AuditedJob<'a>, run: &Run<'_>) -> Option<&'j Push<'a>> {
    let own = |is_shown| job.own_pushes().filter(move |push| (push.certainty == Certainty::Shown) == is_shown);
    let happens =
        |push: &&Push<'_>| job.reaches(push, run) != Truth::No && (push.certainty != Certainty::ByLogin || job.logs_in(push, run));
    own(true).chain(own(false)).find(happens)
}

fn caller<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>, path: &str) -> Option<Finding> {
    let runs = calls.called_runs(job);
    let pushes = runs.iter().filter_map(|(called, run)| Some((called, own_push(called, run)?)));
    let (called, push) = pushes.min_by_key(|(_, push)| push.certainty != Certainty::Shown)?;
    let through = if called.around.file.ends_with(path) { String::new() } else { format!(", which calls {}", called.around.file) };
    let pushes = match push.certainty {
        Certainty::Shown => "pushes to ghcr.io with GITHUB_TOKEN",
        Certainty::ByLogin | Certainty::BySound => "logs in to ghcr.io with GITHUB_TOKEN and seems to push there",
    };
    let effective = job.around.workflow.effective_permission(job.around.job);
    lacking(job, effective, push.certainty, &format!("calls {path}{through}, which {pushes}"), &calls.family(job))
}

fn lacking(job: &AuditedJob<'_>, effective: Effective, certainty: Certainty, pushes: &str, family: &[&AuditedJob<'_>]) -> Option<Finding> {
    let asked_in_vain = family.iter().skip(1).any(|called| asks(called).iter().any(|(key, access)| key == "packages" && access == "write"));
    let (severity, why) = match effective.packages {
        Packages::Write | Packages::Unsure => return None,
        Packages::Read | Packages::None if asked_in_vain => {
            (Severity::Error, "but does not grant it `packages: write`, which it asks for: GitHub refuses to start the workflow")
        }
        Packages::Read => (Severity::Error, "but its `permissions` give `packages: read` only: GHCR rejects the push, after the build"),
        Packages::None => {
            (Severity::Error, "but its `permissions` leave out `packages`, which sets it to `none`: GHCR rejects the push, after the build")
        }
        Packages::Default if asked_in_vain => (
            Severity::Warning,
            "and asks for `packages: write`, but no `permissions` are set: the default of the repository or organization decides, and if that is read-only, GitHub refuses to start the workflow",
        ),
        Packages::Default => (
            Severity::Warning,
            "and no `permissions` are set: the default of the repository or organization decides, and if that is read-only, GHCR rejects the push",
        ),
    };
    let severity = if certainty == Certainty::Shown { severity } else { Severity::Warning };
    let line = effective.line.unwrap_or_else(|| job.around.line());
    let fix = fix(job, effective, certainty, family)?;
    Some(job.finding(Rule::PackagesWriteMissing, severity, line, &format!("{pushes}, {why}."), fix))
}

/// The lines that grant the job what it and all that it calls need.
fn fix(job: &AuditedJob<'_>, effective: Effective, certainty: Certainty, family: &[&AuditedJob<'_>]) -> Option<Fix> {
    let called = family.iter().skip(1).flat_map(|called| asks(called));
    let is_unset = effective.set_by == SetBy::Setting;
    let unlisted: Vec<Needs> =
        if is_unset { family.iter().filter(|member| asks(member).is_empty()).map(|member| needs(member)).collect() } else { Vec::new() };
    let needed = unlisted.iter().flat_map(|needs| needs.grants.clone());
    let grants = union(called.chain(needed).chain([("packages".to_owned(), "write".to_owned())]));
    let correction = job.around.workflow.granting(job.around.job, &grants)?;
    let is_sure = unlisted.iter().all(|needs| needs.is_all);
    let remark = correction.remark.filter(|_| !(is_unset && is_sure)).map(|remark| format!("\n{remark}")).unwrap_or_default();
    let text = format!("{}\n{}{remark}", correction.instruction(job.around.file, job.key()), correction.lines.trim_end());
    let is_certain = certainty == Certainty::Shown && is_sure && !remark.starts_with("\n`read-all`");
    let edits = match correction.target {
        Target::Replace { first, last } if is_certain => vec![Edit::replace(first, last, correction.lines)],
        Target::After(line) if is_certain => vec![Edit::insert(line + 1, correction.lines)],
        Target::Replace { .. } | Target::After(_) | Target::InJob => Vec::new(),
    };
    Some(Fix { text, edits })
}

/// The permissions that a job names, itself or by its workflow.
fn asks(job: &AuditedJob<'_>) -> Vec<Grant> {
    let node = job.around.job.node.get("permissions").or_else(|| job.around.workflow.root().get("permissions"));
    let entries = node.into_iter().flat_map(Node::entries);
    entries.take(MOST).filter_map(|(key, access)| Some((key.to_owned(), access.text()?.to_owned()))).collect()
}

/// What the steps of a job need.
struct Needs {
    grants: Vec<Grant>,
    /// Whether nothing else may be needed.
    is_all: bool,
}

/// Actions with the permissions that their documentation asks for. Those of `docker/`, `actions/setup-...` and the like need none.
const NEEDS: [(&str, &[(&str, &str)]); 14] = [
    ("actions/attest", &[("id-token", "write"), ("attestations", "write")]),
    ("docker/github-builder", &[("id-token", "write")]),
    ("actions/checkout", &[("contents", "read")]),
    ("actions/cache", &[]),
    ("actions/setup-", &[]),
    ("actions/upload-artifact", &[]),
    ("actions/download-artifact", &[]),
    ("docker/", &[]),
    ("redhat-actions/", &[]),
    ("azure/setup-", &[]),
    ("softprops/action-gh-release", &[("contents", "write")]),
    ("ncipollo/release-action", &[("contents", "write")]),
    ("github/codeql-action/upload-sarif", &[("security-events", "write")]),
    ("sigstore/cosign-installer", &[("id-token", "write")]),
];

/// Parts of a script that may use the token for something else than packages.
const TOKEN_USERS: [&str; 5] = ["gh ", "git push", "GITHUB_TOKEN", "GH_TOKEN", "github.token"];

fn needs(job: &AuditedJob<'_>) -> Needs {
    let mut grants = Vec::new();
    if !job.around.workflow.look(LOOK_AGAIN * job.around.steps.len()) {
        return Needs { grants, is_all: false };
    }
    let mut is_all = job.around.job.calls().is_none_or(|calls| own_path(calls).is_some());
    for (at, step) in job.around.steps.iter().enumerate() {
        let action = step.action().unwrap_or_default();
        let known = NEEDS.iter().find(|(name, _)| action.starts_with(name));
        grants.extend(known.into_iter().flat_map(|(_, grants)| *grants).map(|(key, access)| ((*key).to_owned(), (*access).to_owned())));
        let uses_token = step.run().is_some_and(|script| TOKEN_USERS.iter().any(|word| script.contains(word)));
        is_all &= job.logs_in_at(at) || (known.is_some() || action.is_empty() || own_path(&action).is_some()) && !uses_token;
    }
    Needs { grants, is_all }
}

/// The highest access of each permission.
fn union(grants: impl Iterator<Item = Grant>) -> Vec<Grant> {
    let mut all: Vec<Grant> = Vec::new();
    for (key, access) in grants {
        match all.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) if rank(&access) > rank(known) => *known = access,
            Some(_) => {}
            None => all.push((key, access)),
        }
    }
    all
}
