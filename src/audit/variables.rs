//! `env`, as far as the file gives it.

use std::{cell::OnceCell, collections::HashMap};

use super::expression::filled_in;
use crate::workflow::{
    Workflow,
    job::{Job, Step},
    node::Node,
};

/// How often variables may refer to variables.
const DEEPEST: usize = 4;

/// The variables that a step sees; the step's own hide the job's, those hide the workflow's. Each value that is given
/// comes out of the file's budget ([`Workflow::spend`]); when that is used up, no variable is known any more.
#[derive(Clone, Debug)]
pub struct Variables<'a> {
    workflow: &'a Workflow,
    job: Job<'a>,
    layers: Vec<Layer<'a>>,
}

/// The variables of one `env`. Names know no case in expressions, so those in lower case lead to those that are written.
#[derive(Clone, Debug)]
struct Layer<'a> {
    node: &'a Node,
    spellings: OnceCell<HashMap<String, String>>,
}

impl<'a> Layer<'a> {
    /// The entry of a name. To look at every name once is paid for like text.
    fn entry(&self, name: &str, workflow: &Workflow) -> Option<(&'a str, &'a Node)> {
        self.node.entry(name).or_else(|| {
            let names = || self.node.entries().map(|(name, _)| (name.to_ascii_lowercase(), name.to_owned()));
            let spellings = self.spellings.get_or_init(|| names().take_while(|_| workflow.spend(1)).collect());
            self.node.entry(spellings.get(&name.to_ascii_lowercase())?)
        })
    }
}

impl<'a> Variables<'a> {
    /// The variables of a job, and of one of its steps.
    pub fn of(workflow: &'a Workflow, job: Job<'a>, step: Option<Step<'a>>) -> Self {
        let nodes = [step.map(|step| step.node), Some(job.node), Some(workflow.root())];
        let layers = nodes.into_iter().flatten().filter_map(|node| node.get("env"));
        Self { workflow, job, layers: layers.map(|node| Layer { node, spellings: OnceCell::new() }).collect() }
    }

    /// The text of a variable; `None` when the file does not give it or a script may change it.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let (name, value) = self.layers.iter().find_map(|layer| layer.entry(name, self.workflow))?;
        let text = value.text().filter(|_| !self.workflow.is_rewritten(self.job, name))?;
        self.workflow.spend(text.len() + 1).then_some(text)
    }

    /// Every text that a variable of any layer has.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> {
        self.layers.iter().flat_map(|layer| layer.node.entries()).filter_map(|(_, value)| value.text())
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
        filled_in(text, |expression| {
            let value = self.get(variable_name(expression)?).filter(|_| depth > 0)?;
            Some(self.resolve_within(value, depth - 1))
        })
    }
}

fn variable_name(expression: &str) -> Option<&str> {
    let name = expression.trim().strip_prefix("env.")?;
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::MOST_FILLED_IN;

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
    fn what_is_filled_in_stays_within_one_budget() {
        let level = |n: usize| format!("  A{n}: '{}'\n", format!("${{{{ env.A{} }}}}", n - 1).repeat(100));
        let text = format!("env:\n  A0: {}\n{}jobs: {{a: {{}}}}", "x".repeat(100), (1..5).map(level).collect::<String>());
        let workflow = Workflow::parse(&text).unwrap();
        let variables = Variables::of(&workflow, workflow.job("a").unwrap(), None);
        assert!(variables.resolve("${{ env.A1 }}").len() == 100 * 100);
        let whole = variables.resolve("${{ env.A4 }}");
        assert!(whole.len() < 2 * MOST_FILLED_IN, "{}", whole.len());
        assert_eq!(variables.get("A0"), None, "all of it is used up");
    }

    #[test]
    fn what_a_script_may_change_or_the_file_does_not_give_stays_as_it_is() {
        assert_eq!(resolved("${{ env.tag }}"), "step", "names know no case");
        for text in ["$SET", "${{ env.SET }}", "${IMAGE,,}", "$UNKNOWN", "${{ github.sha }}", "${{ env.LOOP }}"] {
            assert_eq!(resolved(text), text);
        }
    }
}
