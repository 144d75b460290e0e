//! `env`, as far as the file gives it.

use super::expression::{Piece, pieces};
use crate::workflow::{
    Workflow,
    job::{Job, Step},
    node::Node,
};

/// How often variables may refer to variables.
const DEEPEST: usize = 4;

/// The variables that a step sees; the step's own hide the job's, those hide the workflow's.
#[derive(Clone, Debug)]
pub struct Variables<'a> {
    layers: Vec<&'a Node>,
    scripts: Vec<&'a str>,
}

impl<'a> Variables<'a> {
    /// The variables of a job, and of one of its steps.
    pub fn of(workflow: &'a Workflow, job: Job<'a>, step: Option<Step<'a>>) -> Self {
        let nodes = [step.map(|step| step.node), Some(job.node), Some(workflow.root())];
        let layers = nodes.into_iter().flatten().filter_map(|node| node.get("env")).collect();
        let scripts = job.steps().into_iter().filter_map(Step::run).filter(|script| script.contains("GITHUB_ENV")).collect();
        Self { layers, scripts }
    }

    /// The text of a variable; `None` when the file does not give it or a script may change it.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let entries = self.layers.iter().flat_map(|layer| layer.entries());
        let (name, value) = entries.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        let is_rewritten = self.scripts.iter().any(|script| script.contains(&format!("{name}=")));
        value.text().filter(|_| !is_rewritten)
    }

    /// Every text that a variable of any layer has.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> {
        self.layers.iter().flat_map(|layer| layer.entries()).filter_map(|(_, value)| value.text())
    }

    /// A text with the known `${{ env.NAME }}` filled in.
    pub fn resolve(&self, text: &str) -> String {
        self.resolve_within(text, DEEPEST)
    }

    /// A script with the known `$NAME`, `${NAME}` and `${{ env.NAME }}` filled in.
    pub fn resolve_shell(&self, script: &str) -> String {
        let script = self.resolve(script);
        let mut whole = String::new();
        for (index, piece) in script.split('$').enumerate() {
            let filled = (index > 0).then(|| self.shell_variable(piece)).flatten();
            match filled {
                Some((value, rest)) => whole.extend([value.as_str(), rest]),
                None if index > 0 => whole.extend(["$", piece]),
                None => whole.push_str(piece),
            }
        }
        whole
    }

    fn shell_variable<'t>(&self, piece: &'t str) -> Option<(String, &'t str)> {
        let (inner, is_braced) = piece.strip_prefix('{').map_or((piece, false), |inner| (inner, true));
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, rest) = inner.split_at(end);
        let rest = if is_braced { rest.strip_prefix('}')? } else { rest };
        Some((self.resolve(self.get(name)?), rest))
    }

    fn resolve_within(&self, text: &str, depth: usize) -> String {
        let mut whole = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => whole.push_str(text),
                Piece::Expression(expression) => match variable_name(expression).and_then(|name| self.get(name)) {
                    Some(value) if depth > 0 => whole.push_str(&self.resolve_within(value, depth - 1)),
                    _ => whole.push_str(&format!("${{{{{expression}}}}}")),
                },
            }
        }
        whole
    }
}

fn variable_name(expression: &str) -> Option<&str> {
    let name = expression.trim().strip_prefix("env.")?;
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
on: push
env: {REGISTRY: ghcr.io, IMAGE: '${{ env.REGISTRY }}/acme/app', LOOP: '${{ env.LOOP }}', SET: a}
jobs:
  a:
    env: {TAG: job}
    steps:
    - env: {TAG: step}
      run: |
        echo \"SET=b\" >> $GITHUB_ENV
        docker push $IMAGE
";

    fn resolved(text: &str) -> String {
        let workflow = Workflow::parse(TEXT).unwrap();
        let job = workflow.job("a").unwrap();
        Variables::of(&workflow, job, Some(job.steps()[0])).resolve_shell(text)
    }

    #[test]
    fn known_variables_are_filled_in_and_the_innermost_wins() {
        assert_eq!(resolved("${{ env.IMAGE }}:${{env.TAG}}"), "ghcr.io/acme/app:step");
        assert_eq!(resolved("docker push \"${IMAGE}:$TAG\" $"), "docker push \"ghcr.io/acme/app:step\" $");
    }

    #[test]
    fn what_a_script_may_change_or_the_file_does_not_give_stays_as_it_is() {
        for text in ["$SET", "${{ env.SET }}", "${IMAGE,,}", "$UNKNOWN", "${{ github.sha }}", "${{ env.LOOP }}"] {
            assert_eq!(resolved(text), text);
        }
    }
}
