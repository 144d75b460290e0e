//! ghcr-auth's answer in the expressions that decide about a push.

use crate::audit::expression::{Piece, is_expression, pieces};

/// An input `push` that obeys the answer as well.
pub(super) fn in_input(text: &str, answer: &str) -> Option<String> {
    Some(format!("${{{{ {} }}}}", with_answer(text, answer)?))
}

/// `outputs` whose `push=` obeys the answer as well.
pub(super) fn in_outputs(text: &str, answer: &str) -> Option<String> {
    let (before, after) = text.split_once("push=").filter(|_| !text.contains("type=registry"))?;
    let value = match pieces(after).first() {
        Some(Piece::Expression(expression)) => format!("${{{{{expression}}}}}"),
        _ => "true".to_owned(),
    };
    let rest = after.strip_prefix(&value)?;
    Some(format!("{before}push={}{rest}", in_input(&value, answer)?))
}

/// `cache-to` that is empty when the answer is no.
pub(super) fn in_cache(text: &str, answer: &str) -> Option<String> {
    Some(format!("${{{{ {answer} && {} || '' }}}}", as_format(text)?))
}

/// A step's `if` that obeys the answer as well, if that is one expression and no text with expressions.
pub(super) fn in_condition(condition: &str, answer: &str) -> Option<String> {
    let condition = condition.trim();
    let inner = condition.strip_prefix("${{").and_then(|inner| inner.strip_suffix("}}")).unwrap_or(condition).trim();
    is_expression(inner).then(|| format!("{answer} && ({inner})"))
}

/// A text of a `push` input and the answer, as one expression that is a boolean.
fn with_answer(text: &str, answer: &str) -> Option<String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        return Some(answer.to_owned());
    }
    let [Piece::Expression(expression)] = pieces(text)[..] else { return None };
    let expression = Some(expression.trim()).filter(|expression| is_expression(expression))?;
    let is_boolean = ["==", "!=", "startsWith(", "contains(", "endsWith("].iter().any(|part| expression.contains(part))
        && !expression.contains("||")
        || expression.starts_with('!');
    Some(if is_boolean { format!("{answer} && ({expression})") } else { format!("{answer} && format('{{0}}', {expression}) == 'true'") })
}

/// A text with expressions as one expression.
fn as_format(text: &str) -> Option<String> {
    let (mut pattern, mut values) = (String::new(), Vec::new());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) if text.contains(['\'', '{', '}', '\n']) => return None,
            Piece::Text(text) => pattern += text,
            Piece::Expression(expression) if !is_expression(expression) => return None,
            Piece::Expression(expression) => {
                pattern += &format!("{{{}}}", values.len());
                values.push(expression.trim());
            }
        }
    }
    Some(if values.is_empty() { format!("'{pattern}'") } else { format!("format('{pattern}', {})", values.join(", ")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_stands_before_what_decided_so_far() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(in_input("true", "A"), some("${{ A }}"));
        assert_eq!(in_input("${{ github.ref == 'x' }}", "A"), some("${{ A && (github.ref == 'x') }}"));
        assert_eq!(in_input("${{ inputs.push }}", "A"), some("${{ A && format('{0}', inputs.push) == 'true' }}"));
        assert_eq!(in_input("a${{ inputs.push }}", "A"), None);
        assert_eq!(in_outputs("type=image,push=true,x=y", "A"), some("type=image,push=${{ A }},x=y"));
        assert_eq!(
            in_outputs("type=image,push=${{ inputs.p }}", "A"),
            some("type=image,push=${{ A && format('{0}', inputs.p) == 'true' }}")
        );
        assert_eq!(in_outputs("type=registry", "A"), None);
        assert_eq!(in_cache("type=registry,ref=${{ env.R }}/a", "A"), some("${{ A && format('type=registry,ref={0}/a', env.R) || '' }}"));
        assert_eq!(in_cache("it's", "A"), None);
        assert_eq!(in_condition("${{ github.ref == 'x' }}", "A"), some("A && (github.ref == 'x')"));
        assert_eq!(in_condition("${{ a }} && ${{ b }}", "A"), None);
    }

    #[test]
    fn what_is_not_one_expression_gets_no_answer() {
        for broken in ["", "a) || (b", "a ||", "a b", "f(a", "'a"] {
            assert_eq!(in_condition(broken, "A"), None, "{broken}");
            assert_eq!(in_condition(&format!("${{{{ {broken} }}}}"), "A"), None, "{broken}");
            assert_eq!(in_input(&format!("${{{{ {broken} }}}}"), "A"), None, "{broken}");
            assert_eq!(in_cache(&format!("type=${{{{ {broken} }}}}"), "A"), None, "{broken}");
        }
    }
}
