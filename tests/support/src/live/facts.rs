//! What scripts saw on a runner, beside what is recorded of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::compare::shown;
use super::{Outcome, State};

/// Compares lines of `ID TAB VALUE TAB WHERE`. Facts that no line is about were not asked.
///
/// # Panics
/// If the recorded facts are broken.
pub fn facts(lines: &str) -> Vec<Outcome> {
    let recorded: Map<String, Value> = serde_json::from_str(include_str!("../recorded/facts.json")).expect("facts.json is an object");
    let claim = |id: &str| recorded[id]["claim"].as_str().unwrap_or_default().to_owned();
    let mut seen = BTreeSet::new();
    let mut outcomes: Vec<_> = lines
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (id, value, place) = (fields.next()?, fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            let wanted = recorded.get(id)?["value"].as_str()?;
            seen.insert(id.to_owned());
            let state = if wanted == value {
                State::Same
            } else {
                State::Different(format!("recorded {}, but {}", shown(wanted, None), shown(value, None)))
            };
            Some(Outcome { id: format!("{id} {}", shown(place, None).replace('`', "")), claim: claim(id), state })
        })
        .collect();
    let missing = recorded.keys().filter(|id| !seen.contains(*id));
    outcomes.extend(missing.map(|id| Outcome {
        id: id.clone(),
        claim: claim(id),
        state: State::NotAsked("no job wrote it down".to_owned()),
    }));
    outcomes
}
