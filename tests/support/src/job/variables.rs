//! The variables that depend on neither the event nor the test.

use std::collections::BTreeMap;
use std::path::Path;

use super::Job;
use crate::event::Event;

/// The defaults that action.yml declares, evaluated as the runner does.
pub(super) fn default_inputs(job: &Job, event: &Event) -> BTreeMap<String, String> {
    let action: serde_yaml::Value = serde_yaml::from_str(include_str!("../../../../action.yml")).expect("action.yml is YAML");
    let inputs = action["inputs"].as_mapping().expect("action.yml has inputs").iter();
    let input = |(name, input): (&serde_yaml::Value, &serde_yaml::Value)| {
        let default = input.get("default").and_then(serde_yaml::Value::as_str).unwrap_or_default();
        (input_variable(name.as_str().expect("a name")), evaluated(default, job, event))
    };
    inputs.map(input).collect()
}

/// A default with its expression replaced by what it stands for in the job.
fn evaluated(default: &str, job: &Job, event: &Event) -> String {
    let Some((before, rest)) = default.split_once("${{ ") else { return default.to_owned() };
    let (expression, after) = rest.split_once(" }}").expect("an expression ends");
    let value = match expression {
        // The test gives it, and the event the other one.
        "github.token" | "github.secret_source" => String::new(),
        "github.repository" => event.env.get("GITHUB_REPOSITORY").cloned().unwrap_or_default(),
        "runner.temp" => display(&job.temp()),
        other => panic!("tests/support/src/job/variables.rs cannot evaluate `{other}`, a default of action.yml"),
    };
    format!("{before}{value}{after}")
}

/// What the runner gives to every stage, whatever the event.
pub(super) fn runner_variables(job: &Job) -> BTreeMap<String, String> {
    let variables = [
        ("GITHUB_ACTION", "ghcr".to_owned()),
        ("GITHUB_ACTION_REF", "v1".to_owned()),
        ("GITHUB_ACTION_REPOSITORY", "org/ghcr-auth".to_owned()),
        ("GITHUB_API_URL", "https://api.github.com".to_owned()),
        ("GITHUB_EVENT_PATH", display(&job.workflow().join("event.json"))),
        ("GITHUB_GRAPHQL_URL", "https://api.github.com/graphql".to_owned()),
        ("GITHUB_JOB", "build".to_owned()),
        ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
        ("GITHUB_RUN_ID", "1700000001".to_owned()),
        ("GITHUB_RUN_NUMBER", "42".to_owned()),
        ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
        ("GITHUB_WORKFLOW", "ci".to_owned()),
        ("GITHUB_WORKSPACE", display(&job.workspace())),
        ("HOME", display(&job.home())),
        ("RUNNER_ARCH", "X64".to_owned()),
        ("RUNNER_ENVIRONMENT", "github-hosted".to_owned()),
        ("RUNNER_NAME", "GitHub Actions 2".to_owned()),
        ("RUNNER_OS", "Linux".to_owned()),
        ("RUNNER_TEMP", display(&job.temp())),
        ("RUNNER_TOOL_CACHE", "/opt/hostedtoolcache".to_owned()),
        ("RUNNER_WORKSPACE", display(&job.work().join("app"))),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a `run:` step has instead: no action.
pub(super) fn run_step_variables() -> BTreeMap<String, String> {
    let variables = [("GITHUB_ACTION", "__run"), ("GITHUB_ACTION_REF", ""), ("GITHUB_ACTION_REPOSITORY", "")];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The variable of an input.
pub(super) fn input_variable(name: &str) -> String {
    format!("INPUT_{}", name.replace(' ', "_").to_uppercase())
}

/// A path as a variable holds it.
pub(super) fn display(path: &Path) -> String {
    path.to_str().expect("a temporary directory with a UTF-8 name").to_owned()
}
