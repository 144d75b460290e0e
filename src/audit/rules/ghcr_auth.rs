//! ghcr-auth in a place where its answer does not come true: what other steps do before and after it.

use std::collections::BTreeSet;

use super::{
    Finding, Rule,
    fix::Fix,
    guarding::{ALLOWED, NEVER, OWN},
};
use crate::{
    audit::{
        Severity,
        edit::Edit,
        ghcr,
        job::AuditedJob,
        login::{By, Login},
        push::{Kind, Push, hub_name},
    },
    workflow::{Workflow, job::Step, job_path},
};

/// The longest list of `images` that a finding repeats, in bytes: each of a job's pushes may bring one.
const LONGEST_LIST: usize = 2000;

/// What stands around a job's first ghcr-auth step.
pub(super) fn findings(job: &AuditedJob<'_>) -> Vec<Finding> {
    let checks_push = |(_, step): &&(usize, Step<'_>)| step.with("access").is_none_or(|access| access.trim() == "push");
    let Some(&(at, guard)) = job.around.guards.iter().find(checks_push) else { return Vec::new() };
    let found = [no_engine(job, guard), hidden(job, at, guard), attestation(job, at, guard), overwritten(job, at), never(job, guard)];
    found.into_iter().flatten().chain(outside(job, at, guard)).collect()
}

/// Whether a ghcr-auth step is the container action, whose login is in a directory of its own.
fn is_container(guard: Step<'_>) -> bool {
    guard.action().is_none_or(|action| !action.ends_with("/host"))
}

/// A runner on which container actions do not run.
fn no_engine(job: &AuditedJob<'_>, guard: Step<'_>) -> Option<Finding> {
    let runner = job.around.job.node.text_at("runs-on").filter(|_| is_container(guard))?;
    let (message, fix) = if runner.starts_with("macos-") || runner.starts_with("windows-") {
        let message = format!("runs on {runner}, where container actions such as ghcr-auth do not run.");
        (message, Fix::from("Decide in a job on `ubuntu-latest` and pass its outputs on."))
    } else if runner == "ubuntu-slim" {
        let message = "runs on ubuntu-slim, which has no Docker engine: container actions such as ghcr-auth do not run there.";
        (message.to_owned(), on_host(job, guard, "Use the action that needs no container."))
    } else {
        return None;
    };
    let line = job.around.workflow.nearest_line(&job_path(job.key(), ["runs-on".into()]));
    Some(job.finding(Rule::RunnerWithoutDocker, Severity::Error, line, &message, fix))
}

/// The change to the action without a container, which logs in beside what is in the home's config.json.
fn on_host(job: &AuditedJob<'_>, guard: Step<'_>, introduction: &str) -> Fix {
    let place = job.around.line_block(&guard.path(["uses".into()]));
    let uses = guard.uses().unwrap_or_default().trim();
    let changed = uses.split_once('@').map(|(action, version)| format!("{action}/host@{version}"));
    match (place, changed) {
        (Some(place), Some(changed)) => {
            let dash = job.around.block(&guard.path([])).filter(|dash| dash.line == place.line);
            let lead = dash.map(|dash| format!("{}-", " ".repeat(dash.column))).unwrap_or_default();
            let lead = format!("{lead:column$}", column = place.column);
            let line = job.around.workflow.with_comments(place.line, place.last, &format!("{lead}uses: {changed}\n"));
            Fix::of(introduction, job.around.file, vec![Edit::replace(place.line, place.last, line)])
        }
        (_, Some(changed)) => format!("{introduction}\n  uses: {changed}").into(),
        (_, None) => introduction.into(),
    }
}

/// What earlier steps left in docker's configuration, which the login's own directory hides.
fn hidden(job: &AuditedJob<'_>, at: usize, guard: Step<'_>) -> Option<Finding> {
    if !is_container(guard) {
        return None;
    }
    let login = job.logins.iter().find(|login| login.at < at && login.by != By::PushAction && login.by != By::SetupAction);
    let builder = job.around.steps.iter().take(at).find(|step| step.action().is_some_and(|action| action == "docker/setup-buildx-action"));
    let needs_builder = job.around.steps.iter().skip(at).any(|step| {
        step.action().is_some_and(|action| action.ends_with("/build-push-action") || action.ends_with("/bake-action"))
            || step.run().is_some_and(|script| script.contains("buildx"))
    });
    let self_hosted = job.around.job.node.get("runs-on").is_some_and(|runner| runner.texts().contains(&"self-hosted"));
    let (line, severity, what) = if let Some(login) = login {
        (login.line, Severity::Warning, "an earlier login, which later steps no longer see: they run with ghcr-auth's own config.json")
    } else {
        let builder = builder.filter(|_| needs_builder)?;
        let line = job.around.input_line(*builder, "uses");
        if self_hosted {
            (line, Severity::Warning, "the builder of setup-buildx, which later steps on a self-hosted runner no longer see")
        } else {
            (line, Severity::Advice, "the builder of setup-buildx, which later steps see on GitHub-hosted runners only")
        }
    };
    let message = format!("runs ghcr-auth after other Docker steps: it hides {what}.");
    let introduction = "Move the ghcr-auth step before them, or use the action that keeps its login beside theirs.";
    Some(job.finding(Rule::StepBeforeGhcrAuth, severity, line, &message, on_host(job, guard, introduction)))
}

/// An attestation for the registry: it is pushed with the login in the home's own config.json.
fn attestation(job: &AuditedJob<'_>, at: usize, guard: Step<'_>) -> Option<Finding> {
    let attests = |push: &&Push<'_>| push.kind == Kind::Attestation && push.at > at;
    let push = job.pushes.iter().find(attests).filter(|_| is_container(guard))?;
    let step = push.step?;
    let has_home = step.node.get("env").is_some_and(|env| env.get("HOME").is_some());
    let logs_in = job.logins.iter().any(|login| login.is_ghcr && login.at < push.at);
    let message = format!(
        "pushes an attestation to ghcr.io: {} reads the runner's own ~/.docker/config.json, where ghcr-auth's login is not.",
        push.what
    );
    let indent = " ".repeat(job.around.step_column(step));
    let introduction = format!(
        "Use the action that logs in there. Or give the attestation's step the home of ghcr-auth's login:\n{indent}env:\n{indent}  HOME: ${{{{ runner.temp }}}}/_github_home\nFor the former:"
    );
    (!has_home && !logs_in)
        .then(|| job.finding(Rule::AttestationLogin, Severity::Error, push.line, &message, on_host(job, guard, &introduction)))
}

/// A later login to GHCR, over ghcr-auth's.
fn overwritten(job: &AuditedJob<'_>, at: usize) -> Option<Finding> {
    let by_guard = |login: &&Login<'_>| login.step.with("password").is_some_and(|password| password.contains("outputs.credential"));
    let login = job.logins.iter().find(|login| login.is_ghcr && login.at > at && login.by != By::PushAction && !by_guard(login))?;
    let (what, fix) = if login.by == By::SetupAction {
        let what = format!("{} logs in to ghcr.io with GITHUB_TOKEN", login.step.action().unwrap_or_default());
        (what, "Move that step before ghcr-auth.")
    } else {
        ("a later step logs in to ghcr.io".to_owned(), "Remove that login: ghcr-auth logs Docker in.")
    };
    let message =
        format!("Job `{}`: {what}, over the login of ghcr-auth, so the push does not use the credential that was checked.", job.key());
    Some(Finding { message, ..job.finding(Rule::LoginOverwritten, Severity::Warning, login.line, "", fix) })
}

/// A workflow that only ever runs on events for which ghcr-auth says no.
fn never(job: &AuditedJob<'_>, guard: Step<'_>) -> Option<Finding> {
    let events = job.around.workflow.events();
    let allow = guard.with("allow").unwrap_or_default();
    let is_never = |event: &&str| {
        NEVER.contains(event) || ALLOWED.iter().any(|(name, word)| name == event && !allow.contains(word) && !allow.contains("merged-pr"))
    };
    let uses_answer = !job.pushes.is_empty();
    if events.is_empty() || !events.iter().all(is_never) || !uses_answer && !events.iter().all(|event| NEVER.contains(event)) {
        return None;
    }
    let words: Vec<&str> = ALLOWED.into_iter().filter(|(event, _)| events.contains(event)).map(|(_, word)| word).collect();
    let message = format!(
        "runs on {} only, for which ghcr-auth never allows a push{}: nothing is ever published.",
        events.iter().map(|event| format!("`{event}`")).collect::<Vec<_>>().join(", "),
        if words.is_empty() { "" } else { " unless `allow` says so" },
    );
    let fix = if words.is_empty() {
        "Publish on `push`, where the merged code arrives, in this workflow or another one.".to_owned()
    } else {
        format!("Publish on `push`, or allow it for code that hasn't been reviewed yet:\n  with:\n    allow: {}", words.join(", "))
    };
    Some(job.finding(Rule::NeverPushes, Severity::Warning, job.around.input_line(guard, "uses"), &message, fix))
}

/// Pushes to names that the answer is not about.
fn outside<'a>(job: &AuditedJob<'a>, at: usize, guard: Step<'a>) -> Vec<Finding> {
    let checked = checked(job, guard);
    let known = Checked::new(&checked, guard.id());
    let later = job.pushes.iter().filter(|push| push.at > at && push.kind != Kind::Attestation && !checked.is_empty());
    let outside = later.filter_map(|push| Some((push, push.names.iter().find(|name| !known.holds(job.around.workflow, name))?)));
    let is_short = checked.iter().map(String::len).sum::<usize>() <= LONGEST_LIST;
    let finding = |(push, name): (&Push<'_>, &String)| {
        let what = if push.kind == Kind::Cache { "writes a cache to" } else { "pushes to" };
        let message = format!("{what} {name}, which is not among the `images` that ghcr-auth checks: its answer doesn't cover that one.");
        let others: String = checked.iter().filter(|_| is_short).map(|image| format!("\n    {image}")).collect();
        let fix = if is_short {
            format!("Name every package that the job writes:\n  images: |{others}\n    {name}")
        } else {
            format!("Add it to `images`:\n    {name}")
        };
        job.finding(Rule::PushOutsideImages, Severity::Warning, push.line, &message, fix)
    };
    outside.map(finding).collect()
}

/// The names that a ghcr-auth step checks; empty when neither the run nor the file tells.
pub(super) fn checked<'a>(job: &AuditedJob<'a>, guard: Step<'a>) -> Vec<String> {
    if !job.images.is_empty() {
        return job.images.clone();
    }
    let written = guard.with("images").filter(|text| !text.trim().is_empty()).unwrap_or("${{ github.repository }}");
    let images = job.around.variables(guard).resolve(written);
    let names = images.split([',', '\n']).map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| if ghcr::is_named(name) { name.to_owned() } else { format!("{}/{name}", ghcr::HOST) }).collect()
}

/// The names that are checked, ready to be held against many others.
struct Checked<'c> {
    all: Vec<&'c String>,
    /// Those with expressions: only they may come to another name than is written.
    open: Vec<&'c String>,
    plain: BTreeSet<String>,
    id: Option<&'c str>,
}

impl<'c> Checked<'c> {
    fn new(names: &'c [String], id: Option<&'c str>) -> Self {
        let open = names.iter().filter(|name| name.contains('$')).collect();
        Self { all: names.iter().collect(), open, plain: names.iter().map(|name| plain(name)).collect(), id }
    }

    /// Whether a name is one of those, or cannot be told from one.
    fn holds(&self, workflow: &Workflow, name: &str) -> bool {
        let others = if name.contains('$') { &self.all } else { &self.open };
        let may_compare = |image: &str| workflow.look(image.len() + name.len());
        let is_answer = || self.id.is_some_and(|id| name.contains(&format!("steps.{id}.outputs.image")));
        self.plain.contains(&plain(name)) || is_answer() || others.iter().any(|image| !may_compare(image) || !can_differ(image, name))
    }
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace(' ', "")
}

/// Whether two names differ whatever their expressions come to: both name a package of the same owner, or neither has one.
fn can_differ(one: &str, other: &str) -> bool {
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (one_last, other_last) = (last(one), last(other));
    match (one.contains('$'), other.contains('$')) {
        (false, false) => true,
        // The own repository's name may be anything, except what goes on after it; a cache is made for another package.
        _ if one == OWN && !other.contains('$') => other.matches('/').count() > 2 || other_last.contains("cache"),
        _ if one_last.contains('$') || other_last.contains('$') => {
            slashes(one).zip(slashes(other)).is_some_and(|(one, other)| one != other)
        }
        _ => one_last != other_last,
    }
}

/// How many slashes a name has; none is known where an expression may have any.
fn slashes(name: &str) -> Option<usize> {
    let known = name.replace("${{ github.repository }}", "o/n").replace("${{ github.repository_owner }}", "o");
    (!known.contains('$')).then(|| known.matches('/').count())
}

/// Names without a registry: they go to Docker Hub, to which the job has no login.
pub(super) fn without_registry(job: &AuditedJob<'_>) -> Vec<Finding> {
    let logs_in = !job.around.guards.is_empty() || job.logins.iter().any(|login| login.is_ghcr);
    if !logs_in || job.logins.iter().any(|login| !login.is_ghcr) {
        return Vec::new();
    }
    let hub = job.around.steps.iter().filter_map(|step| Some((*step, hub_name(&job.around, *step)?)));
    let finding = |(step, (name, input)): (Step<'_>, (String, &str))| {
        let message = format!("pushes to {name}: a name without a registry is Docker Hub's, where this job has no login.");
        let line = if input == "run" { job.around.script_line(step, &name) } else { job.around.input_line(step, input) };
        job.finding(Rule::NameWithoutRegistry, Severity::Error, line, &message, format!("Write {}/{name}.", ghcr::HOST))
    };
    hub.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use crate::audit::audit;

    #[test]
    fn a_long_list_of_images_is_not_repeated_for_each_push() {
        let fixes = |images: usize, pushes: usize| {
            let images: String = (0..images).map(|number| format!("          ghcr.io/a/b{number}\n")).collect();
            let pushes: String = (0..pushes)
                .map(|number| format!("    - run: docker push ghcr.io/a/c{number}\n      if: steps.g.outputs.push == 'true'\n"))
                .collect();
            let guard = "    - uses: org/ghcr-auth@v1\n      id: g\n      with:\n        images: |\n";
            let text = format!("on: push\njobs:\n  a:\n    steps:\n{guard}{images}{pushes}");
            let found = audit(&[("a.yml", &text)], &|_| None).into_iter();
            found.filter(|finding| finding.message.contains("/c")).map(|finding| finding.fix).collect::<Vec<_>>()
        };
        assert_eq!(fixes(1, 1), ["Name every package that the job writes:\n  images: |\n    ghcr.io/a/b0\n    ghcr.io/a/c0"]);
        let many = fixes(1000, 100);
        assert_eq!((many.len(), &*many[7]), (100, "Add it to `images`:\n    ghcr.io/a/c7"));
    }
}
