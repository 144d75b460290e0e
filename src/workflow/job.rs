//! Jobs and steps, as views of the document.

use super::node::Node;

/// A job.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Its key, which `GITHUB_JOB` and `needs` have.
    pub key: &'a str,
    /// Its definition.
    pub node: &'a Node,
}

impl<'a> Job<'a> {
    /// The reusable workflow it calls (`uses` of the job).
    pub fn calls(self) -> Option<&'a str> {
        self.node.text_at("uses")
    }

    /// Its condition.
    pub fn condition(self) -> Option<&'a str> {
        self.node.text_at("if")
    }

    /// The keys of the jobs it waits for.
    pub fn needs(self) -> Vec<&'a str> {
        match self.node.get("needs") {
            Some(Node::Scalar(key)) => vec![key],
            Some(needs) => needs.items().iter().filter_map(Node::text).collect(),
            None => Vec::new(),
        }
    }

    /// Its steps, in order.
    pub fn steps(self) -> Vec<Step<'a>> {
        let steps = self.node.get("steps").map(Node::items).unwrap_or_default();
        steps.iter().enumerate().map(|(index, node)| Step { index, node }).collect()
    }
}

/// A step.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Its position in the job, counted from 0.
    pub index: usize,
    /// Its definition.
    pub node: &'a Node,
}

impl<'a> Step<'a> {
    /// The name other steps know it by.
    pub fn id(self) -> Option<&'a str> {
        self.node.text_at("id")
    }

    /// The action it runs, with its revision.
    pub fn uses(self) -> Option<&'a str> {
        self.node.text_at("uses")
    }

    /// The action it runs in lower case, without its revision: `docker/login-action`.
    pub fn action(self) -> Option<String> {
        let uses = self.uses()?.trim();
        Some(uses.split_once('@').map_or(uses, |(action, _)| action).to_ascii_lowercase())
    }

    /// The script it runs.
    pub fn run(self) -> Option<&'a str> {
        self.node.text_at("run")
    }

    /// Its condition.
    pub fn condition(self) -> Option<&'a str> {
        self.node.text_at("if")
    }

    /// An input of its action; their names know no case.
    pub fn with(self, input: &str) -> Option<&'a str> {
        let inputs = self.node.get("with").map(Node::entries).unwrap_or_default();
        inputs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(input)).and_then(|(_, value)| value.text())
    }
}
