use proptest::prelude::*;

use super::{Context, Piece, Truth, Value, condition, pieces, template};

/// A run of a fork's pull request, roughly.
struct Fork;

impl Context for Fork {
    fn property(&self, names: &[&str]) -> Value {
        match names {
            ["github", "event_name"] => Value::Text("pull_request".into()),
            ["github", "ref"] => Value::Text("refs/pull/1/merge".into()),
            ["github", "base_ref"] => Value::Beginning(String::new()),
            ["github", "head", "repo"] => Value::Stranger,
            ["github", "repository" | "actor"] => Value::Open,
            ["inputs", ..] => Value::Null,
            _ => Value::Hidden,
        }
    }
}

fn runs(text: &str) -> Truth {
    condition(text, &Fork)
}

#[test]
fn conditions_are_evaluated_as_the_runner_does() {
    for (text, expected) in [
        ("", Truth::Yes),
        ("github.event_name != 'pull_request'", Truth::No),
        ("${{ github.event_name == 'PULL_REQUEST' }}", Truth::Yes),
        ("GitHub['event_name'] == 'push' || always()", Truth::Yes),
        ("!startsWith(github.ref, 'refs/tags/v')", Truth::Yes),
        ("contains(fromJSON('[\"push\", \"schedule\"]'), github.event_name)", Truth::No),
        ("contains('push workflow_dispatch', github.event_name)", Truth::No),
        ("!(github.event_name == 'push' && !cancelled())", Truth::Yes),
        ("inputs.publish", Truth::No),
        ("inputs.publish == true", Truth::No),
        ("'it''s' == 'it''s'", Truth::Yes),
        ("'true' == true", Truth::No),
        ("1 == '1' && 0x1 != 2", Truth::Hidden),
        ("format('{0}-{1}', 'a', 1) == 'a-1'", Truth::Yes),
        ("github.head.repo == github.repository", Truth::No),
        ("github.head.repo != 'acme/app'", Truth::Yes),
        ("github.base_ref == 'main'", Truth::Open),
        ("github.base_ref == ''", Truth::No),
        ("github.repository == 'acme/app'", Truth::Open),
        ("github.actor != 'dependabot[bot]' && steps.a.outputs.b == 'x'", Truth::Hidden),
        ("github.actor != 'dependabot[bot]' || steps.a.outputs.b == 'x'", Truth::Open),
        ("steps.a.outputs.b == 'x' && github.event_name == 'push'", Truth::No),
        ("vars.PUSH", Truth::Hidden),
        ("this is none", Truth::Hidden),
        ("fromJSON(steps.a.outputs.b).c", Truth::Hidden),
        (&"(".repeat(5000), Truth::Hidden),
        (&"true && ".repeat(400), Truth::Hidden),
        (&format!("{}false", "true && ".repeat(400)), Truth::No),
        (&format!("{}false", "true && ".repeat(100_000)), Truth::Hidden),
        (&format!("{}true", "!".repeat(100_001)), Truth::No),
    ] {
        assert_eq!(runs(text), expected, "{text:.80}");
    }
}

#[test]
fn text_beside_an_expression_makes_a_condition_true() {
    for text in ["${{ false }} && true", " ${{ false }}", "${{ github.event_name == 'push' }}\n", "${{ false }}${{ false }}"] {
        assert_eq!(runs(text), Truth::Yes, "{text:?}");
    }
    assert_eq!(runs("${{\n  github.event_name == 'push'\n}}"), Truth::No);
}

#[test]
fn an_input_is_true_only_when_it_says_true() {
    for (text, expected) in [
        ("true", Truth::Yes),
        ("false", Truth::No),
        ("${{ github.event_name == 'push' && 'true' || 'false' }}", Truth::No),
        ("${{ github.event_name == 'pull_request' && 'true' || 'false' }}", Truth::Yes),
        ("${{ github.repository == 'a/b' }}", Truth::Open),
        ("${{ steps.a.outputs.b }}", Truth::Hidden),
        ("${{ inputs.push }}", Truth::No),
    ] {
        assert_eq!(template(text, &Fork).as_input(), expected, "{text}");
    }
    assert_eq!(template("a-${{ 1 }}-${{ 'b' }}", &Fork), Value::Text("a-1-b".into()));
}

#[test]
fn an_expression_ends_at_the_first_braces_outside_of_a_string() {
    assert_eq!(pieces("a ${{ '}}' }} b"), [Piece::Text("a "), Piece::Expression(" '}}' "), Piece::Text(" b")]);
    assert_eq!(pieces("${{ open"), [Piece::Text("${{ open")]);
}

proptest! {
    #[test]
    fn no_expression_makes_evaluation_panic(text in "[a-z.'()!&|=\\[\\]{}$ ,0-9é-]{0,60}") {
        let _ = (runs(&text), template(&text, &Fork).as_input());
    }
}
