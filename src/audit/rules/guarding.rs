//! The change that puts ghcr-auth in the place of a login and lets its answer decide about each push.

use super::fix::Fix;
use crate::{
    audit::{
        calls::Calls,
        edit::Edit,
        expression::{Piece, Truth, pieces},
        job::AuditedJob,
        login::{By, Credential, Login},
        push::{Decision, Kind, Push},
        scenario::Author,
    },
    project,
    workflow::job::Step,
};

/// The answer as a condition. It is compared, since an output is text and `false` is not an empty one.
const ANSWER: &str = "steps.ghcr.outputs.push == 'true'";

/// The repository's own package, which `images` has by default.
const OWN: &str = "ghcr.io/${{ github.repository }}";

/// What `allow` opens, by the event (docs/trust.md).
const ALLOWED: [(&str, &str); 3] = [("pull_request", "same-repo-pr"), ("merge_group", "merge-queue"), ("workflow_run", "workflow-run")];

/// Events on which ghcr-auth never allows a push (docs/trust.md).
pub(super) const NEVER: [&str; 5] =
    ["pull_request_target", "issue_comment", "pull_request_review", "pull_request_review_comment", "discussion_comment"];

/// The change for a job; without changes of lines where one of them is not certain.
pub(super) fn fix<'a>(calls: &Calls<'_, 'a>, job: &AuditedJob<'a>, introduction: &str) -> Fix {
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
    /// The id of a ghcr-auth step that is there already.
    id: Option<String>,
    images: Option<Vec<String>>,
    allow: Vec<&'static str>,
    pulls: bool,
}

impl<'p, 'a> Plan<'p, 'a> {
    fn new(calls: &Calls<'_, 'a>, job: &'p AuditedJob<'a>) -> Self {
        let login = job.logins.iter().find(|login| login.is_ghcr && login.by == By::LoginAction && job.around.is_own(login.step));
        let id = job.around.guard_ids().into_iter().next();
        let images = images(job);
        let moved = login.and_then(|login| first_docker_step(job, login)).filter(|_| may_move(login, images.as_ref()));
        let is_hidden = login.is_some_and(|login| first_docker_step(job, login).is_some());
        let is_host = reads_home(job) || (is_hidden && moved.is_none()) || job.around.job.node.get("container").is_some();
        let found = calls.jobs.iter().find(|other| std::ptr::eq(*other, job));
        let reached =
            |event| job.pushes.iter().any(|push| found.is_some_and(|job| calls.reaches(job, push, event, Author::Insider) != Truth::No));
        let merged = job.around.workflow.trigger("pull_request").is_some_and(|trigger| trigger.filter("types") == ["closed"]);
        let word = |(event, word): (&'static str, &'static str)| {
            (reached(event)).then_some(if event == "pull_request" && merged { "merged-pr" } else { word })
        };
        let mut allow: Vec<&str> = ALLOWED.into_iter().filter_map(word).collect();
        let types = job.around.workflow.trigger("release").map(|trigger| trigger.filter("types")).unwrap_or_default();
        if types.iter().any(|kind| ["created", "edited"].contains(kind)) {
            allow.push("release-action");
        }
        let on_pull_request = job.around.workflow.trigger("pull_request").is_some() && !reached("pull_request");
        let pulls = on_pull_request && login.is_some_and(|login| login.step.condition().is_none());
        Self { job, login, is_host, before: moved.filter(|_| !is_host), id, images, allow, pulls }
    }

    /// Every change, or none when one is not certain.
    fn edits(&self) -> Option<Vec<Edit>> {
        let is_refused = self.job.around.workflow.events().iter().any(|event| NEVER.contains(event));
        if is_refused {
            return None;
        }
        let mut edits = self.guard_edits()?;
        for push in &self.job.pushes {
            let step = push.step.filter(|step| self.job.around.is_own(*step))?;
            edits.extend(self.push_edit(push, step)?);
        }
        edits.sort();
        edits.dedup();
        Some(edits)
    }

    fn guard_edits(&self) -> Option<Vec<Edit>> {
        if self.id.is_some() {
            return Some(Vec::new());
        }
        let only_login = self.job.logins.iter().filter(|login| login.is_ghcr).count() < 2;
        let (Some(login), true) = (self.login, only_login) else { return None };
        self.images.as_ref()?;
        let own = self.job.around.block(&login.step.path([]))?;
        let condition = login.step.condition().map(|_| login.step.path(["if".into()]));
        if let Some(path) = &condition {
            let place = self.job.around.block(path)?;
            if place.line != place.last {
                return None;
            }
        }
        let is_kept = ["id", "continue-on-error", "env", "timeout-minutes"].iter().any(|key| login.step.node.get(key).is_some());
        let unusual = ["ecr", "logout", "scope", "registry-auth"].iter().any(|input| login.step.with(input).is_some());
        if is_kept || unusual || login.step.is_beside_others() {
            return None;
        }
        let step = self.guard_step(login.step);
        Some(match self.before {
            Some(before) => {
                let before = self.job.around.block(&before.path([]))?;
                vec![Edit::insert(before.line, step), Edit::replace(own.line, own.last, String::new())]
            }
            None => vec![Edit::replace(own.line, own.last, step)],
        })
    }

    fn guard_step(&self, at: Step<'_>) -> String {
        let column = self.job.around.step_column(at);
        let (dash, indent) = (" ".repeat(column.saturating_sub(2)), " ".repeat(column));
        let mut step = format!("{dash}- uses: {}\n{indent}id: ghcr\n", action(self.is_host));
        if let Some(condition) = self.login.and_then(|login| login.step.condition()) {
            step += &format!("{indent}if: {}\n", condition.trim());
        }
        let mut with = String::new();
        if let Some(Credential::Secret(name) | Credential::Fallback(name)) = self.login.map(Login::credential) {
            with += &format!("{indent}  GHCR_PAT: ${{{{ secrets.{name} }}}}\n");
        }
        let images = self.images.clone().unwrap_or_default();
        if images.len() == 1 && images[0] != OWN {
            with += &format!("{indent}  images: {}\n", images[0]);
        } else if images.len() > 1 {
            with += &format!("{indent}  images: |\n");
            with.extend(images.iter().map(|image| format!("{indent}    {image}\n")));
        }
        if !self.allow.is_empty() {
            with += &format!("{indent}  allow: {}\n", self.allow.join(", "));
        }
        if self.pulls {
            with += &format!("{indent}  access: ${{{{ github.event_name == 'pull_request' && 'pull' || 'push' }}}}\n");
        }
        if with.is_empty() { step } else { format!("{step}{indent}with:\n{with}") }
    }

    fn push_edit(&self, push: &Push<'a>, step: Step<'a>) -> Option<Vec<Edit>> {
        let answer = ANSWER.replace("ghcr", self.id.as_deref().unwrap_or("ghcr"));
        let input = |input: &str, value: String| {
            let place = self.job.around.block(&step.path(["with".into(), input.into()]))?;
            let is_one_line = place.line == place.last;
            is_one_line.then(|| Edit::replace(place.line, place.last, format!("{}{input}: {value}\n", " ".repeat(place.column))))
        };
        match push.decision {
            Decision::Input(text) if push.kind == Kind::Image => {
                Some(vec![input("push", format!("${{{{ {} }}}}", with_answer(text, &answer)?))?])
            }
            Decision::Outputs(text) if !text.contains("type=registry") => {
                let (before, after) = text.split_once("push=")?;
                let (value, rest) = match pieces(after).first() {
                    Some(Piece::Expression(expression)) => {
                        let written = format!("${{{{{expression}}}}}");
                        (written.clone(), after.strip_prefix(&written)?.to_owned())
                    }
                    _ => ("true".to_owned(), after.strip_prefix("true")?.to_owned()),
                };
                Some(vec![input("outputs", format!("{before}push=${{{{ {} }}}}{rest}", with_answer(&value, &answer)?))?])
            }
            Decision::Cache(text) => {
                let is_plain = !text.contains(['\'', '\n', '{', '}'])
                    || pieces(text).iter().all(|piece| !matches!(piece, Piece::Text(text) if text.contains(['\'', '{', '}', '\n'])));
                let value = format!("${{{{ {answer} && {} || '' }}}}", as_format(text)?);
                Some(vec![input("cache-to", value).filter(|_| is_plain)?])
            }
            _ => Some(vec![self.condition_edit(step, &answer)?]),
        }
    }

    /// The step's `if`, with the answer before what it says.
    fn condition_edit(&self, step: Step<'a>, answer: &str) -> Option<Edit> {
        let Some(condition) = step.condition() else {
            let (first, _) = step.node.entries().next()?;
            let place = self.job.around.block(&step.path([first.into()]))?;
            return Some(Edit::insert(place.last + 1, format!("{}if: {answer}\n", " ".repeat(place.column))));
        };
        let place = self.job.around.block(&step.path(["if".into()]))?;
        let is_first = step.node.entries().next().is_some_and(|(key, _)| key == "if");
        let condition = condition.trim();
        let inner = condition.strip_prefix("${{").and_then(|inner| inner.strip_suffix("}}")).unwrap_or(condition).trim();
        let is_plain = place.line == place.last && !is_first && !inner.contains("${{") && !inner.contains(" #");
        is_plain.then(|| Edit::replace(place.line, place.last, format!("{}if: {answer} && ({inner})\n", " ".repeat(place.column))))
    }

    /// What the step would look like, where the lines are not certain.
    fn sketch(&self) -> String {
        let at = self.login.map(|login| login.step).or_else(|| self.job.pushes.iter().find_map(|push| push.step));
        let Some(at) = at else { return format!("- uses: {}\n  id: ghcr", action(self.is_host)) };
        let indent = " ".repeat(self.job.around.step_column(at));
        let guard = if self.id.is_some() { String::new() } else { self.guard_step(at) };
        let names = match self.images {
            None => format!("{indent}# add `with: images:` with every name that this job pushes, without tags\n"),
            Some(_) => String::new(),
        };
        let id = self.id.as_deref().unwrap_or("ghcr");
        format!(
            "{guard}{names}and in each step that pushes:\n{indent}  push: ${{{{ steps.{id}.outputs.push == 'true' }}}}\n{indent}  # or, for a script: if: steps.{id}.outputs.push == 'true'"
        )
    }
}

/// What stands after `uses:`.
fn action(is_host: bool) -> String {
    let action = project::action();
    match action.split_once('@') {
        Some((name, version)) if is_host => format!("{name}/host@{version}"),
        _ => action,
    }
}

/// What a job pushes, if the file shows all of it: the repository's own package is left out when it is the only one.
fn images(job: &AuditedJob<'_>) -> Option<Vec<String>> {
    let mut images: Vec<String> = Vec::new();
    for push in &job.pushes {
        if push.names.is_empty() {
            return None;
        }
        images.extend(push.names.iter().filter(|name| name.matches('$').count() == name.matches("${{").count()).cloned());
        if push
            .names
            .iter()
            .any(|name| name.matches('$').count() != name.matches("${{").count() || name.contains("matrix.") && name.contains("needs."))
        {
            return None;
        }
    }
    images.sort();
    images.dedup();
    (!images.is_empty()).then_some(images)
}

/// The first step before a login that leaves something in docker's configuration: a builder, another login.
fn first_docker_step<'a>(job: &AuditedJob<'a>, login: &Login<'a>) -> Option<Step<'a>> {
    let is_builder = |step: &Step<'_>| {
        step.action().is_some_and(|action| action.ends_with("/setup-buildx-action") || action.ends_with("/setup-docker-action"))
    };
    let logs_in = |step: &Step<'_>| job.logins.iter().any(|other| other.at < login.at && std::ptr::eq(other.step.node, step.node));
    let is_own = |step: &&Step<'a>| job.around.is_own(**step);
    job.around.steps.iter().take(login.at).filter(is_own).find(|step| is_builder(step) || logs_in(step)).copied()
}

/// Whether a login needs nothing of the steps before it.
fn may_move(login: Option<&Login<'_>>, images: Option<&Vec<String>>) -> bool {
    let names_steps = |text: &str| text.contains("steps.") || text.contains("env.");
    login.is_some_and(|login| login.step.condition().is_none()) && !images.into_iter().flatten().any(|image| names_steps(image))
}

/// Whether a step reads the config.json of the runner's own home: an attestation that goes to the registry does.
fn reads_home(job: &AuditedJob<'_>) -> bool {
    job.pushes.iter().any(|push| push.kind == Kind::Attestation)
}

/// A text of a `push` input and the answer, as one expression that is a boolean.
fn with_answer(text: &str, answer: &str) -> Option<String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        return Some(answer.to_owned());
    }
    let [Piece::Expression(expression)] = pieces(text)[..] else { return None };
    let expression = expression.trim();
    let is_boolean = ["==", "!=", "startsWith(", "contains(", "endsWith("].iter().any(|part| expression.contains(part))
        && !expression.contains("||")
        || expression.starts_with('!');
    Some(if is_boolean { format!("{answer} && ({expression})") } else { format!("{answer} && format('{{0}}', {expression}) == 'true'") })
}

/// A text with expressions as one expression.
fn as_format(text: &str) -> Option<String> {
    let (mut pattern, mut values) = (String::new(), Vec::new());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) if text.contains(['\'', '{', '}', '\n']) => return None,
            Piece::Text(text) => pattern += text,
            Piece::Expression(expression) => {
                pattern += &format!("{{{}}}", values.len());
                values.push(expression.trim());
            }
        }
    }
    Some(if values.is_empty() { format!("'{pattern}'") } else { format!("format('{pattern}', {})", values.join(", ")) })
}
