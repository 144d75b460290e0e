//! docs/reference.md and what both action.yml say of inputs and outputs are generated from the code's tables.

use ghcr_auth::job::action_yml::{Input, Output};

use crate::docs::{assert_is_committed, map, read};

const HEAD: &str = "\
<!-- Generated from src/job/action_yml.rs: GHCR_AUTH_UPDATE_DOCS=1 cargo test --test program docs -->
# Inputs and outputs

Look up an input, an output, or an exit code. No input is required, and an empty one counts as not set, with one exception: an empty
`GITHUB_TOKEN` keeps it from being used.
";

const FORMS: &str = "\
Booleans are `true` or `false`. Separate several values of `allow` and `images` with newlines or commas. An image can include its
registry, `ghcr.io/owner/name`; `ca-file` can be an absolute path in the container. An invalid input fails the step with exit code 2
and the reason `invalid-input` or `invalid-image`. No credential is tried. Leading and trailing spaces and one line break are removed
from a credential; one that can't be a token is skipped with `credential-malformed`.
";

const REPORT: &str = "\
`report` has `push`, `reason`, `event` (`name`, `trusted`, `reason`), `images`, `attempts` (for each credential and image:
`credential`, `image`, `verdict` (`allowed`, `denied`, or `unknown`), `reason`, `status`, `requests`, `millis`), `skipped`
(credentials that could not be sent), and `fix` (what to do, in words). It contains no secret.
";

const OUTPUTS_HEAD: &str = "\
All are always written, even if the step fails. Use them in `if:` and `with:` of later steps as `${{ steps.ID.outputs.NAME }}`, where
`ID` is the `id:` of the ghcr-auth step.

**To another job,** pass `push`, `reason`, or a digest, not a name. GitHub empties a job output that contains the value of a secret
(`Skip output 'image' since it may contain secret.`). If a secret such as `GHCR_USERNAME` is the owner's name, this affects `image`,
`images`, `username`, `message`, and `report`. In the other job, write `ghcr.io/${GITHUB_REPOSITORY,,}`, or run ghcr-auth there with
`login: none`. Within a job nothing is dropped. Put names that aren't secret into variables (`vars`).
";

const EXIT_CODES: &str = "\
## Exit codes

| Code | When | The step |
|---|---|---|
| 0 | There is an answer, even if it is no | green |
| 1 | `required: true` and a trusted run can't push (or pull), or the outputs could not be written | red |
| 2 | An input is invalid | red |
| 70 | A bug in ghcr-auth | red |
| 143, 130 | Stopped by SIGTERM or SIGINT; nothing is half-written | red |

A run with an untrusted event, such as a fork's pull request, exits with 0 even with `required: true`.
";

#[test]
fn the_reference_is_generated_from_the_tables_of_inputs_and_outputs() {
    let input = |input: &Input| {
        let default = Some(input.default()).filter(|value| !value.is_empty()).map(|value| format!(" `{value}`"));
        format!("| `{}` |{} | {} |\n", input.name(), default.unwrap_or_default(), input.description())
    };
    let output = |output: &Output| format!("| `{}` | {} |\n", output.name(), output.description());
    let inputs: String = Input::ALL.iter().map(input).collect();
    let outputs: String = Output::ALL.iter().map(output).collect();
    let page = format!(
        "{HEAD}\n## Inputs\n\n| Input | Default | Meaning |\n|---|---|---|\n{inputs}\n{FORMS}\n\
         ## Outputs\n\n{OUTPUTS_HEAD}\n| Output | Value |\n|---|---|\n{outputs}\n{REPORT}\n{EXIT_CODES}"
    );
    assert_is_committed("docs/reference.md", &page);
}

#[test]
fn both_actions_declare_the_inputs_and_outputs_of_the_tables() {
    let input = |input: &Input| {
        let default = Some(input.default()).filter(|value| !value.is_empty()).map(|value| format!("    default: \"{value}\"\n"));
        format!("  {}:\n    description: \"{}\"\n{}", input.name(), input.description(), default.unwrap_or_default())
    };
    let output = |output: &Output| format!("  {}:\n    description: \"{}\"\n", output.name(), output.description());
    let inputs: String = Input::ALL.iter().map(input).collect();
    let outputs: String = Output::ALL.iter().map(output).collect();
    for path in ["action.yml", "host/action.yml"] {
        let committed = read(path);
        let (head, _) = committed.split_once("\ninputs:\n").unwrap();
        let (_, runs) = committed.split_once("\nruns:\n").unwrap();
        assert_is_committed(path, &format!("{head}\ninputs:\n{inputs}\noutputs:\n{outputs}\nruns:\n{runs}"));
    }
}

#[test]
fn every_input_is_read() {
    let readers = map::source("inputs") + &map::source("credential");
    for input in Input::ALL {
        assert!(readers.contains(&format!("Input::{input:?}")), "src/inputs/mod.rs does not read `{}`", input.name());
    }
}
