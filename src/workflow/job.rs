//! Jobs and steps, as views of the document.

use super::{
    job_path,
    node::{Node, Segment},
};

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
        self.node.get("needs").map(Node::texts).unwrap_or_default()
    }

    /// Its steps, in order, those within `parallel` in their place.
    pub fn steps(self) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        for (position, node) in self.node.get("steps").map(Node::items).unwrap_or_default().iter().enumerate() {
            match node.get("parallel").map(Node::items) {
                Some(inner) => steps.extend(inner.iter().enumerate().map(|(within, node)| (position, Some(within), node))),
                None => steps.push((position, None, node)),
            }
        }
        let steps = steps.into_iter().enumerate();
        steps.map(|(index, (position, within, node))| Step { job: self.key, index, position, within, node }).collect()
    }
}

/// A step.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The key of its job.
    pub job: &'a str,
    /// Its number among the job's steps, those of `parallel` counted one by one, from 0.
    pub index: usize,
    /// Its position in `steps`, and in the `parallel` that stands there.
    position: usize,
    within: Option<usize>,
    /// Its definition.
    pub node: &'a Node,
}

impl<'a> Step<'a> {
    /// The name other steps know it by.
    pub fn id(self) -> Option<&'a str> {
        self.node.text_at("id")
    }

    /// The path of something within it.
    pub fn path<const N: usize>(self, rest: [Segment; N]) -> Vec<Segment> {
        let within = self.within.map(|within| ["parallel".into(), within.into()]).into_iter().flatten();
        job_path(self.job, ["steps".into(), self.position.into()]).into_iter().chain(within).chain(rest).collect()
    }

    /// Whether later steps start before it ends (`background: true`, or a step of `parallel` beside others).
    pub fn is_beside_others(self) -> bool {
        self.within.is_some() || self.node.text_at("background").is_some_and(|text| text.eq_ignore_ascii_case("true"))
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
        let mut inputs = self.node.get("with")?.entries();
        inputs.find(|(name, _)| name.eq_ignore_ascii_case(input)).and_then(|(_, value)| value.text())
    }
}
