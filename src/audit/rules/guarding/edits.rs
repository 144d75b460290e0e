//! A plan as changes of lines, where each of them is certain.

use std::collections::BTreeSet;

use super::{super::owner::Renamed, ANSWER, NEVER, OWN, Plan, action, answer};
use crate::{
    audit::{
        edit::Edit,
        login::{Credential, Login},
        push::{Decision, Kind, Push},
    },
    workflow::{
        job::Step,
        node::{Location, Node},
        scalar::scalar,
    },
};

/// Keys and inputs of a login's step that ghcr-auth's step would lose.
const KEPT_KEYS: [&str; 4] = ["id", "continue-on-error", "env", "timeout-minutes"];
const KEPT_INPUTS: [&str; 4] = ["ecr", "logout", "scope", "registry-auth"];

impl<'a> Plan<'_, 'a> {
    /// Every change, or none when one is not certain.
    pub(super) fn edits(&self) -> Option<Vec<Edit>> {
        let is_refused = self.job.around.workflow.events().iter().any(|event| NEVER.contains(event));
        if is_refused {
            return None;
        }
        let mut edits = match self.unnamed {
            Some(guard) => vec![self.id_edit(guard)?],
            None if self.is_there => Vec::new(),
            None => self.guard_edits()?,
        };
        let mut renamed = Vec::new();
        for push in &self.job.pushes {
            let step = push.step.filter(|step| self.job.around.is_own(*step))?;
            edits.push(self.push_edit(push, step)?);
            renamed.extend(self.renamed_before(push).map(|renamed| renamed.edits(step)).into_iter().flatten());
        }
        // What decides about a push has its names in place.
        let decided: BTreeSet<usize> = edits.iter().filter(|edit| edit.removed > 0).map(|edit| edit.line).collect();
        edits.extend(renamed.into_iter().filter(|edit| !decided.contains(&edit.line)));
        edits.sort_unstable();
        edits.dedup();
        Some(edits)
    }

    /// ghcr-auth's step in the place of the login, or before the steps that it would hide.
    fn guard_edits(&self) -> Option<Vec<Edit>> {
        let are_plain = self.images.as_ref().is_some_and(|images| images.iter().all(|image| is_plain(image)));
        let login = self.login.filter(|login| are_plain && self.may_go(login))?;
        let around = &self.job.around;
        let own = around.block(&login.step.path([]))?;
        let step = around.workflow.with_comments(own.line, own.last, &self.guard_step(login.step, own.column));
        let Some(before) = self.before else { return Some(vec![Edit::replace(own.line, own.last, step)]) };
        let before = around.block(&before.path([]))?;
        // Steps that a line without text parts stay so.
        let is_parted = |line: usize| around.workflow.is_empty_line(line);
        let end = if is_parted(before.line - 1) { "\n" } else { "" };
        let last = if is_parted(own.line - 1) && is_parted(own.last + 1) { own.last + 1 } else { own.last };
        Some(vec![Edit::insert(before.line, format!("{step}{end}")), Edit::replace(own.line, last, String::new())])
    }

    /// The id that lets later steps ask for the answer.
    fn id_edit(&self, guard: Step<'a>) -> Option<Edit> {
        self.key_edit(guard, "id", &self.id).filter(|_| self.job.around.is_own(guard))
    }

    /// Another key of a step, behind the first one after which no empty lines belong to a text.
    fn key_edit(&self, step: Step<'a>, key: &str, value: &str) -> Option<Edit> {
        let keeps_lines = |text: &str| text[text.trim_end().len()..].matches('\n').count() > 1;
        let ends = |node: &Node| !node.scalars().last().is_some_and(|(_, text)| keeps_lines(text));
        let (before, _) = step.node.entries().find(|(_, node)| ends(node)).filter(|_| step.node.get(key).is_none())?;
        let place = self.job.around.block(&step.path([before.into()]))?;
        Some(Edit::insert(place.last + 1, format!("{}{key}: {value}\n", " ".repeat(place.column))))
    }

    /// Whether nothing is lost when a login's step goes.
    fn may_go(&self, login: &Login<'a>) -> bool {
        let is_only = self.job.logins.iter().filter(|login| login.is_ghcr).count() < 2;
        let is_kept = KEPT_KEYS.iter().any(|key| login.step.node.get(key).is_some());
        let is_unusual = KEPT_INPUTS.iter().any(|input| login.step.with(input).is_some());
        let is_on_one_line = login
            .step
            .condition()
            .is_none_or(|condition| is_plain(condition.trim()) && self.job.around.line_block(&login.step.path(["if".into()])).is_some());
        let is_understood = login.whole_credential().is_some();
        is_only && is_understood && !is_kept && !is_unusual && is_on_one_line && !login.step.is_beside_others()
    }

    /// ghcr-auth's step in the place of another one, whose dash stands in a column.
    pub(super) fn guard_step(&self, at: Step<'_>, dash: usize) -> String {
        let column = self.job.around.step_column(at);
        let (indent, gap) = (" ".repeat(column), " ".repeat(column.saturating_sub(dash + 1)));
        let dash = " ".repeat(dash);
        let condition = self.login.and_then(|login| login.step.condition());
        let condition = condition.map(|condition| format!("{indent}if: {}\n", scalar(condition.trim()))).unwrap_or_default();
        let inputs: String = self.inputs().iter().map(|line| format!("{indent}  {line}\n")).collect();
        let with = if inputs.is_empty() { String::new() } else { format!("{indent}with:\n{inputs}") };
        format!("{dash}-{gap}uses: {}\n{indent}id: {}\n{condition}{with}", action(self.is_host), self.id)
    }

    /// The inputs of that step, as lines.
    fn inputs(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(Credential::Secret(name) | Credential::Fallback(name)) = self.login.and_then(Login::whole_credential) {
            lines.push(format!("GHCR_PAT: ${{{{ secrets.{name} }}}}"));
        }
        match self.images.as_deref().unwrap_or_default() {
            [] => {}
            [image] if image == OWN => {}
            [image] => lines.push(format!("images: {image}")),
            images => {
                lines.push("images: |".to_owned());
                lines.extend(images.iter().map(|image| format!("  {image}")));
            }
        }
        if !self.allow.is_empty() {
            lines.push(format!("allow: {}", self.allow.join(", ")));
        }
        if self.pulls {
            lines.push("access: ${{ github.event_name == 'pull_request' && 'pull' || 'push' }}".to_owned());
        }
        lines
    }

    fn renamed_before(&self, push: &Push<'a>) -> Option<&Renamed<'_>> {
        self.renamed.as_ref().filter(|renamed| renamed.is_before(push))
    }

    /// What makes a push obey the answer.
    fn push_edit(&self, push: &Push<'a>, step: Step<'a>) -> Option<Edit> {
        let answer = ANSWER.replace("ghcr", &self.id);
        let renamed = |text: &str| {
            let renamed = self.renamed_before(push).and_then(|renamed| renamed.renamed(text, &self.job.around.variables(step)));
            renamed.unwrap_or_else(|| text.to_owned())
        };
        match push.decision {
            Decision::Input(text) if push.kind == Kind::Image => self.input_edit(step, "push", &answer::in_input(text, &answer)?),
            Decision::Outputs(text) if !text.contains("type=registry") => {
                self.input_edit(step, "outputs", &answer::in_outputs(&renamed(text), &answer)?)
            }
            Decision::Cache(text) => self.input_edit(step, "cache-to", &answer::in_cache(&renamed(text), &answer)?),
            _ => self.condition_edit(step, &answer),
        }
    }

    /// An input of a step, where it is one line.
    fn input_edit(&self, step: Step<'a>, input: &str, value: &str) -> Option<Edit> {
        let place = self.job.around.line_block(&step.path(["with".into(), input.into()]))?;
        self.line_edit(place, &format!("{input}: {}", scalar(value)))
    }

    /// The step's `if`, with the answer before what it says.
    fn condition_edit(&self, step: Step<'a>, answer: &str) -> Option<Edit> {
        let (first, _) = step.node.entries().next()?;
        let Some(condition) = step.condition() else { return self.key_edit(step, "if", answer) };
        let place = self.job.around.line_block(&step.path(["if".into()])).filter(|_| first != "if")?;
        let condition = answer::in_condition(condition, answer)?;
        self.line_edit(place, &format!("if: {}", scalar(&condition)))
    }

    /// Another line in the place of one, with its comment.
    fn line_edit(&self, place: Location, line: &str) -> Option<Edit> {
        let lines = format!("{}{line}\n", " ".repeat(place.column));
        let lines = self.job.around.workflow.with_comments(place.line, place.line, &lines);
        is_plain(line).then(|| Edit::replace(place.line, place.line, lines))
    }
}

/// Whether a text can stand on one line without escapes.
fn is_plain(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}
