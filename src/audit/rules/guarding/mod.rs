//! The change that puts ghcr-auth in the place of a login and lets its answer decide about each push.

mod answer;
mod edits;

use std::collections::BTreeSet;

use super::{fix::Fix, owner::Renamed};
use crate::{
    audit::{
        calls::Calls,
        expression::Truth,
        job::AuditedJob,
        login::{By, Login},
        push::Kind,
        scenario::Author,
    },
    project,
    workflow::{job::Step, node::Node},
};

/// The answer as a condition. It is compared, since an output is text and `false` is not an empty one.
const ANSWER: &str = "steps.ghcr.outputs.push == 'true'";

/// The repository's own package, which `images` has by default.
pub(super) const OWN: &str = "ghcr.io/${{ github.repository }}";

/// What `allow` opens, by the event (docs/trust.md).
pub(super) const ALLOWED: [(&str, &str); 3] =
    [("pull_request", "same-repo-pr"), ("merge_group", "merge-queue"), ("workflow_run", "workflow-run")];

/// Events on which ghcr-auth never allows a push (docs/trust.md).
pub(super) const NEVER: [&str; 5] =
    ["pull_request_target", "issue_comment", "pull_request_review", "pull_request_review_comment", "discussion_comment"];

/// The change for a job; without changes of lines where one of them is not certain.
pub(super) fn fix<'j, 'a>(calls: &Calls<'j, 'a>, job: &'j AuditedJob<'a>, introduction: &str) -> Fix {
    if !runs_on_linux(job) {
        return Fix::from(format!("{introduction} It needs Linux: decide in a job on `ubuntu-latest` and pass its outputs on."));
    }
    let plan = Plan::new(calls, job);
    match plan.edits() {
        Some(edits) => Fix::of(introduction, job.around.file, edits),
        None => Fix::from(format!("{introduction}\n{}", plan.sketch())),
    }
}

struct Plan<'p, 'a> {
    job: &'p AuditedJob<'a>,
    login: Option<&'p Login<'a>>,
    /// Whether the login must stay where the home's own config.json is.
    is_host: bool,
    /// The step before which ghcr-auth goes, when that is not the login's place.
    before: Option<Step<'a>>,
    /// Whether a ghcr-auth step is there already.
    is_there: bool,
    /// That step, where it has no id.
    unnamed: Option<Step<'a>>,
    /// Its id, or one that no step has.
    id: String,
    images: Option<Vec<String>>,
    /// The image in lowercase, where the file spells its owner.
    renamed: Option<Renamed<'p>>,
    allow: Vec<&'static str>,
    pulls: bool,
}

impl<'p, 'a> Plan<'p, 'a> {
    fn new(calls: &Calls<'p, 'a>, job: &'p AuditedJob<'a>) -> Self {
        let login = job.logins.iter().find(|login| login.is_ghcr && login.by == By::LoginAction && job.around.is_own(login.step));
        let is_there = !job.around.guards.is_empty();
        let named = job.around.guard_ids.first();
        let unnamed = job.around.guards.first().map(|(_, step)| *step).filter(|_| named.is_none());
        let id = named.map_or_else(|| free_id(job), ToString::to_string);
        let are_known = |names: &Vec<String>| login.is_none_or(|login| names.iter().all(|name| job.around.is_known_at(name, login.at)));
        let images = images(job).filter(are_known);
        let hidden = login.and_then(|login| first_docker_step(job, login));
        let before = hidden.filter(|_| may_move(login, images.as_ref()));
        let is_slim = job.around.job.node.text_at("runs-on") == Some("ubuntu-slim");
        // An attestation that goes to the registry reads the config.json of the runner's own home.
        let reads_home = job.pushes.iter().any(|push| push.kind == Kind::Attestation);
        let is_host = is_slim || reads_home || (hidden.is_some() && before.is_none()) || job.around.job.node.get("container").is_some();
        let pushes_on = |event| job.pushes.iter().any(|push| calls.reaches(job, push, event, Author::Insider) != Truth::No);
        let runs_on_pull_request =
            job.around.workflow.trigger("pull_request").is_some() && job.runs(&calls.run("pull_request", Author::Insider)) != Truth::No;
        let pulls = runs_on_pull_request && !pushes_on("pull_request") && login.is_some_and(|login| login.step.condition().is_none());
        let always = login.filter(|login| login.step.condition().is_none());
        let renamed = if is_there {
            Renamed::of_guard(job, &id)
        } else {
            always.zip(images.as_deref()).and_then(|(login, images)| Renamed::of(job, images, &id, login.at))
        };
        let (before, allow) = (before.filter(|_| !is_host), allowed(job, pushes_on));
        Self { job, login, is_host, before, is_there, unnamed, id, images, renamed, allow, pulls }
    }

    /// What the step would look like, where the lines are not certain.
    fn sketch(&self) -> String {
        let at = self.login.map(|login| login.step).or_else(|| self.job.pushes.iter().find_map(|push| push.step));
        let Some(at) = at else { return format!("- uses: {}\n  id: {}", action(self.is_host), self.id) };
        let column = self.job.around.step_column(at);
        let indent = " ".repeat(column);
        let names = match self.images {
            None => format!("{indent}# add `with: images:` with every name that this job pushes, without tags\n"),
            Some(_) => String::new(),
        };
        let password = match self.login.map(Login::whole_credential) {
            Some(None) => format!("{indent}# add `with: GHCR_PAT:` with the password of the login that this replaces\n"),
            _ => String::new(),
        };
        let id = &self.id;
        let lead = match (self.is_there, self.unnamed) {
            (true, Some(_)) => format!("Give the ghcr-auth step an id:\n{indent}id: {id}\nand in each step that pushes:"),
            (true, None) => "In each step that pushes:".to_owned(),
            (false, _) => format!("{}{password}{names}and in each step that pushes:", self.guard_step(at, column.saturating_sub(2))),
        };
        format!(
            "{lead}\n{indent}  push: ${{{{ steps.{id}.outputs.push == 'true' }}}}\n{indent}  # or, for a script: if: steps.{id}.outputs.push == 'true'"
        )
    }
}

/// An id that no step of a job has: GitHub refuses one that is given twice.
fn free_id(job: &AuditedJob<'_>) -> String {
    let taken: BTreeSet<String> = job.around.job.steps().into_iter().filter_map(Step::id).map(str::to_ascii_lowercase).collect();
    let mut ids = std::iter::once("ghcr".to_owned()).chain((2..).map(|number| format!("ghcr-{number}")));
    ids.find(|id| !taken.contains(id)).unwrap_or_default()
}

/// Whether nothing says that a job runs on Windows or macOS, now or by its matrix.
fn runs_on_linux(job: &AuditedJob<'_>) -> bool {
    let is_other = |text: &str| ["windows-", "macos-"].iter().any(|system| text.starts_with(system));
    let runners = ["runs-on", "strategy"].into_iter().filter_map(|key| job.around.job.node.get(key));
    !runners.flat_map(Node::scalars).any(|(_, text)| is_other(text))
}

/// The words of `allow` for the events on which a job pushes today.
fn allowed(job: &AuditedJob<'_>, pushes_on: impl Fn(&'static str) -> bool) -> Vec<&'static str> {
    let types = |event| job.around.workflow.trigger(event).map(|trigger| trigger.filter("types")).unwrap_or_default();
    let is_merged = types("pull_request") == ["closed"];
    let words = ALLOWED.into_iter().filter(|(event, _)| pushes_on(event));
    let mut words: Vec<&str> = words.map(|(event, word)| if event == "pull_request" && is_merged { "merged-pr" } else { word }).collect();
    if types("release").iter().any(|kind| ["created", "edited"].contains(kind)) {
        words.push("release-action");
    }
    words
}

/// What stands after `uses:`.
fn action(is_host: bool) -> String {
    let action = project::action();
    match action.split_once('@') {
        Some((name, version)) if is_host => format!("{name}/host@{version}"),
        _ => action,
    }
}

/// What a job pushes, if the file shows all of it: expressions, but no variable of a script.
fn images(job: &AuditedJob<'_>) -> Option<Vec<String>> {
    let is_shown =
        |name: &String| name.matches('$').count() == name.matches("${{").count() && !(name.contains("matrix.") && name.contains("needs."));
    if job.pushes.is_empty() || job.pushes.iter().any(|push| push.names.is_empty() || !push.names.iter().all(is_shown)) {
        return None;
    }
    let names: BTreeSet<&String> = job.pushes.iter().flat_map(|push| &push.names).collect();
    Some(names.into_iter().cloned().collect())
}

/// The first step before a login that leaves something in docker's configuration: a builder, another login.
fn first_docker_step<'a>(job: &AuditedJob<'a>, login: &Login<'a>) -> Option<Step<'a>> {
    let is_builder = |step: &Step<'_>| {
        step.action().is_some_and(|action| action.ends_with("/setup-buildx-action") || action.ends_with("/setup-docker-action"))
    };
    let before = job.around.steps.iter().take(login.at).enumerate().filter(|(_, step)| job.around.is_own(**step));
    before.into_iter().find(|(at, step)| is_builder(step) || job.logs_in_at(*at)).map(|(_, step)| *step)
}

/// Whether a login needs nothing of the steps before it.
fn may_move(login: Option<&Login<'_>>, images: Option<&Vec<String>>) -> bool {
    let names_steps = |text: &str| text.contains("steps.") || text.contains("env.");
    login.is_some_and(|login| login.step.condition().is_none()) && !images.into_iter().flatten().any(|image| names_steps(image))
}

#[cfg(test)]
mod tests;
