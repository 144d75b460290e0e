//! The workflows on the pages: a whole one is an example, and the ghcr-auth steps of all others are run.

use std::path::Path;

use ghcr_auth::job::action_yml::Input;
use ghcr_auth_testbed::documents;
use ghcr_auth_testbed::front_door::{FrontDoor, Rules};
use ghcr_auth_testbed::job::Job;
use ghcr_auth_testbed::tls_proxy::TlsProxy;
use serde_yaml::Value;

use crate::examples::scene::{example, examples, write};
use crate::examples::{JOB_TOKEN, NOT_UNDER_ACT, PAT, binary};

ghcr_auth_testbed::tests![
    a_whole_workflow_on_a_page_is_an_example,
    every_step_on_a_page_may_push_or_pull,
    every_example_says_for_whom_it_is_and_is_in_the_list,
];

/// A block of YAML that uses the action.
struct Block {
    place: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let of_page = |(path, page): (String, String)| {
        let fences = documents::fences(&page).into_iter().filter(|fence| fence.language == "yaml");
        fences.map(move |fence| Block { place: format!("{path}:{}", fence.line), text: fence.text }).collect::<Vec<_>>()
    };
    let pages = documents::pages(Path::new(env!("CARGO_MANIFEST_DIR")));
    let examples = NOT_UNDER_ACT.map(|name| Block { place: name.to_owned(), text: example(name) });
    pages.into_iter().flat_map(of_page).chain(examples).filter(|block| block.text.contains("uses: org/ghcr-auth")).collect()
}

/// An example as a page shows it: without the comment at the top.
fn body(workflow: &str) -> String {
    let lines = workflow.lines().skip_while(|line| line.starts_with('#'));
    lines.map(|line| line.to_owned() + "\n").collect()
}

fn a_whole_workflow_on_a_page_is_an_example() {
    let examples: Vec<_> = examples().iter().map(|name| body(&example(name))).collect();
    let blocks = blocks();
    let whole: Vec<_> = blocks.iter().filter(|block| block.text.starts_with("name:") || block.text.starts_with("on:")).collect();
    assert!(whole.iter().any(|block| block.text == body(&example("build-push.yml"))), "the README begins with the first workflow");
    for block in whole {
        assert!(examples.contains(&block.text), "{} is none of the examples", block.place);
    }
}

fn every_step_on_a_page_may_push_or_pull() {
    for block in blocks() {
        let document: Value = serde_yaml::from_str(&block.text).unwrap_or_else(|error| panic!("{}: {error}", block.place));
        let mut steps = Vec::new();
        collect(&document, &mut steps);
        assert!(!steps.is_empty(), "{}", block.place);
        for inputs in steps {
            run(&inputs, &block.place);
        }
    }
}

/// The inputs of each step of ours, wherever it is.
fn collect(value: &Value, steps: &mut Vec<Vec<(String, String)>>) {
    match value {
        Value::Sequence(items) => items.iter().for_each(|item| collect(item, steps)),
        Value::Mapping(fields) => {
            let is_ours = |uses: &str| uses.starts_with("org/ghcr-auth@") || uses.starts_with("org/ghcr-auth/host@");
            if value["uses"].as_str().is_some_and(is_ours) {
                steps.push(inputs(&value["with"]));
            }
            fields.values().for_each(|field| collect(field, steps));
        }
        _ => {}
    }
}

fn inputs(with: &Value) -> Vec<(String, String)> {
    let scalar = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => serde_yaml::to_string(other).unwrap().trim().to_owned(),
    };
    let fields = with.as_mapping().into_iter().flatten();
    fields.map(|(name, value)| (scalar(name), evaluated(&scalar(value)))).collect()
}

/// The value with the expressions that pages use.
fn evaluated(value: &str) -> String {
    let Some((before, rest)) = value.split_once("${{") else { return value.to_owned() };
    let (expression, after) = rest.split_once("}}").unwrap();
    let result = match expression.trim() {
        "secrets.GITHUB_TOKEN" | "github.token" => JOB_TOKEN,
        "github.repository" => "acme/app",
        "github.repository_owner" => "acme",
        "github.ref_name" => "v1",
        secret if secret.starts_with("secrets.") => PAT,
        variable if variable.starts_with("vars.") => "acme-deploy",
        other => panic!("`{other}` is not known to this test"),
    };
    format!("{before}{result}{}", evaluated(after))
}

fn run(inputs: &[(String, String)], place: &str) {
    let (job, door) = (Job::new(), FrontDoor::start(Rules::default().allow(PAT).allow(JOB_TOKEN).public("acme/app")));
    let proxy = TlsProxy::as_github(&door);
    let certificates = job.workspace().join("tests-ca.pem");
    let mut step = job.step(binary()).env("HTTPS_PROXY", &proxy.url()).input("GITHUB_TOKEN", JOB_TOKEN);
    for (name, value) in inputs {
        assert!(Input::ALL.iter().any(|known| known.name() == name), "{place}: no input `{name}`");
        step = step.input(name, value);
    }
    // A step that brings its own file of certificates has to get along with it.
    let own = inputs.iter().find(|(name, _)| name == "ca-file").map(|(_, path)| job.workspace().join(path));
    if own.is_none() {
        step = step.env("SSL_CERT_FILE", certificates.to_str().unwrap());
    }
    write(&own.unwrap_or(certificates), proxy.ca_pem());
    let run = step.run();
    assert_eq!((run.code, run.output("pull")), (0, "true"), "{place}:\n{}", run.log());
}

fn every_example_says_for_whom_it_is_and_is_in_the_list() {
    let list = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/README.md")).unwrap();
    for name in examples() {
        assert!(example(&name).starts_with("# For "), "{name}");
        assert!(list.contains(&format!("(workflows/{name})")), "{name} is not in examples/README.md");
    }
}
