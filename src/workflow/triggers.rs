//! What starts a workflow: its `on`.

use super::{Workflow, node::Node};

/// The most events that are looked at for each question; GitHub knows some forty.
const MOST_EVENTS: usize = 100;

/// An event of `on`, with what narrows it.
#[derive(Clone, Copy, Debug)]
pub struct Trigger<'a> {
    /// The event's name: `push`.
    pub event: &'a str,
    filters: Option<&'a Node>,
}

impl Workflow {
    /// The events in `on`, in order. A tool that read `on` as YAML 1.1 writes it back as `true`.
    pub fn triggers(&self) -> Vec<Trigger<'_>> {
        let Some(on) = self.root().get("on").or_else(|| self.root().get("true")) else { return Vec::new() };
        let listed = on.text().into_iter().chain(on.items().iter().filter_map(Node::text));
        let bare = listed.map(|event| Trigger { event, filters: None });
        bare.chain(on.entries().map(|(event, filters)| Trigger { event, filters: Some(filters) })).take(MOST_EVENTS).collect()
    }

    /// The event of a name, if it starts the workflow.
    pub fn trigger(&self, event: &str) -> Option<Trigger<'_>> {
        self.triggers().into_iter().find(|trigger| trigger.event == event)
    }

    /// The names of the events in `on`, in order.
    pub fn events(&self) -> Vec<&str> {
        self.triggers().into_iter().map(|trigger| trigger.event).collect()
    }

    /// Whether the workflow can be called by another one, which then caps its permissions.
    pub fn is_reusable(&self) -> bool {
        self.trigger("workflow_call").is_some()
    }
}

impl<'a> Trigger<'a> {
    /// What narrows it, by its name.
    pub fn get(self, name: &str) -> Option<&'a Node> {
        self.filters?.get(name)
    }

    /// The texts of a filter: `types`, `branches`, `tags-ignore`, `paths`; empty when it is not there.
    pub fn filter(self, name: &str) -> Vec<&'a str> {
        self.get(name).map(Node::texts).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(on: &str) -> Workflow {
        Workflow::parse(&format!("{on}\njobs: {{a: {{}}}}")).unwrap()
    }

    #[test]
    fn the_texts_of_a_filter_are_read_and_what_is_not_there_starts_nothing() {
        let workflow = parse("on: {release: {types: [published, released]}, push: {tags: v1}, schedule: [{cron: x}]}");
        let of = |event, filter| workflow.trigger(event).map(|trigger| trigger.filter(filter));
        assert_eq!(of("release", "types"), Some(vec!["published", "released"]));
        assert_eq!(of("push", "tags"), Some(vec!["v1"]));
        assert_eq!(of("schedule", "branches"), Some(Vec::new()));
        assert_eq!(of("pull_request", "types"), None);
        assert!(parse("name: x").triggers().is_empty());
        assert_eq!(parse(&format!("on: [{}]", "push, ".repeat(1000))).events().len(), MOST_EVENTS);
    }
}
