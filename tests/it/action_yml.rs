//! action.yml against the code's own lists, both ways.

use std::collections::{BTreeMap, BTreeSet};

use ghcr_auth::job::action_yml::{Input, Output};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    name: String,
    description: String,
    author: String,
    branding: BTreeMap<String, String>,
    inputs: BTreeMap<String, DeclaredInput>,
    outputs: BTreeMap<String, DeclaredOutput>,
    runs: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclaredInput {
    description: String,
    #[serde(default)]
    default: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclaredOutput {
    description: String,
}

fn action() -> Action {
    serde_yaml::from_str(include_str!("../../action.yml")).unwrap()
}

fn host_action() -> Action {
    serde_yaml::from_str(include_str!("../../host/action.yml")).unwrap()
}

#[test]
fn both_actions_take_and_give_the_same_in_the_same_words() {
    let (root, host) = (action(), host_action());
    assert_eq!(host.inputs, root.inputs);
    assert_eq!(host.outputs, root.outputs);
    assert_eq!((host.author, &host.branding), (root.author, &root.branding));
    assert!(host.description.len() < 125 && host.description.ends_with('.') && host.name != root.name, "{}", host.description);
    let runs: Vec<_> = host.runs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(runs, [("main", "main.js"), ("post", "post.js"), ("using", "node24")]);
}

#[test]
fn inputs_and_their_defaults_are_those_of_the_code() {
    let declared: BTreeMap<_, _> = action().inputs.into_iter().map(|(name, input)| (name, input.default)).collect();
    assert_eq!(declared, Input::ALL.iter().map(|input| (input.name().to_owned(), input.default().to_owned())).collect());
}

#[test]
fn outputs_are_those_of_the_code() {
    let declared: BTreeSet<_> = action().outputs.into_keys().collect();
    assert_eq!(declared, Output::ALL.iter().map(|output| output.name().to_owned()).collect());
}

#[test]
fn everything_is_described_and_the_runner_finds_both_stages() {
    let action = action();
    let descriptions =
        action.inputs.values().map(|input| &input.description).chain(action.outputs.values().map(|output| &output.description));
    assert!(descriptions.chain([&action.name, &action.description]).all(|text| text.len() > 8));
    assert!(action.branding.contains_key("icon") && action.branding.contains_key("color"));
    let runs: Vec<_> = action.runs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(runs, [("entrypoint", "/ghcr-auth"), ("image", "Dockerfile"), ("post-entrypoint", "/ghcr-auth-post"), ("using", "docker")]);
}

/// What the Marketplace asks for; icon and colour are checked against GitHub's schema by `.ci/workflows`.
#[test]
fn the_marketplace_takes_the_name_and_the_description() {
    let action = action();
    assert_eq!(action.name, "ghcr-auth");
    assert!(action.description.len() < 125 && action.description.ends_with('.'), "{} characters", action.description.len());
}
