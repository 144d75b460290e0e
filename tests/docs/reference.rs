//! docs/reference.md is generated from action.yml.

use serde_yaml::{Mapping, Value};

use crate::docs::{assert_is_committed, read};

const HEAD: &str = "\
<!-- Generated from action.yml: GHCR_AUTH_UPDATE_DOCS=1 cargo test --test program docs -->
# Inputs and outputs

None of the inputs has to be given. An empty one counts as not given; only an empty `GITHUB_TOKEN` keeps the job's token out.
";

const FORMS: &str = "\
Booleans are `true` or `false`; `allow` and `images` take several values, separated by line breaks or commas. An image may be
written with its registry, `ghcr.io/owner/name`, and `ca-file` as an absolute path of the container. An input that
cannot be used as it is ends the step with 2 and `invalid-input` or `invalid-image`; nothing is tried then. Surrounding blanks
and one line break are stripped from a token; one that cannot be a token is skipped with `credential-malformed`.
";

const REPORT: &str = "\
`report` has `push`, `reason`, `event` (`name`, `trusted`, `reason`), `images`, `attempts` (for each credential and image
`credential`, `image`, `verdict` that is `allowed`, `denied` or `unknown`, `reason`, `status`, `requests`, `millis`), `skipped`
(credentials that could not be sent) and `fix` (what to do, in words). It holds no secret.
";

const OUTPUTS_HEAD: &str = "\
All are written in every case, also when the step fails. They fit `if:` and `with:` of later steps as
`${{ steps.ID.outputs.NAME }}`, where `ID` is the `id:` of the ghcr-auth step.

**To another job,** pass `push`, `reason` or a digest, not a name. GitHub drops a job's output in which it finds the value of a secret
(`Skip output 'image' since it may contain secret.`), and it is then empty. If a secret such as `GHCR_USERNAME` is the owner's name, that
hits `image`, `images`, `username`, `message` and `report`. In the other job, make the name anew, `ghcr.io/${GITHUB_REPOSITORY,,}`, or
run ghcr-auth there with `login: none`. Within a job nothing is dropped. A name that is no secret belongs in a variable (`vars`).
";

const EXIT_CODES: &str = "\
## Exit codes

| Code | When | The step |
|---|---|---|
| 0 | A decision was made; also when it is no | green |
| 1 | `required: true` and a trusted run may not push (or pull), or the outputs could not be written | red |
| 2 | An input cannot be used | red |
| 70 | A bug in ghcr-auth | red |
| 143, 130 | Stopped by SIGTERM or SIGINT; nothing is half-written | red |

A run that the event forbids, such as a fork's pull request, ends with 0 even with `required: true`.
";

/// The entries of action.yml, in its order: a name and what it says of it.
fn entries(action: &Value, part: &str) -> Vec<(String, Mapping)> {
    let entries = action[part].as_mapping().unwrap().iter();
    entries.map(|(name, entry)| (name.as_str().unwrap().to_owned(), entry.as_mapping().unwrap().clone())).collect()
}

fn text<'a>(entry: &'a Mapping, key: &str) -> &'a str {
    entry.get(key).map_or("", |value| value.as_str().unwrap())
}

#[test]
fn the_reference_is_generated_from_action_yml() {
    let action: Value = serde_yaml::from_str(&read("action.yml")).unwrap();
    let input = |(name, entry): (String, Mapping)| {
        let default = Some(text(&entry, "default")).filter(|value| !value.is_empty()).map(|value| format!(" `{value}`"));
        format!("| `{name}` |{} | {} |\n", default.unwrap_or_default(), text(&entry, "description"))
    };
    let output = |(name, entry): (String, Mapping)| format!("| `{name}` | {} |\n", text(&entry, "description"));
    let inputs: String = entries(&action, "inputs").into_iter().map(input).collect();
    let outputs: String = entries(&action, "outputs").into_iter().map(output).collect();
    let page = format!(
        "{HEAD}\n## Inputs\n\n| Input | Default | Meaning |\n|---|---|---|\n{inputs}\n{FORMS}\n\
         ## Outputs\n\n{OUTPUTS_HEAD}\n| Output | Value |\n|---|---|\n{outputs}\n{REPORT}\n{EXIT_CODES}"
    );
    assert_is_committed("docs/reference.md", &page);
}
