//! GitHub's expressions, evaluated as far as a file tells.
//!
//! What is not known is of two kinds, and the difference decides whether a guard is missing: something that
//! anybody's pull request can bring about ([`Value::Open`]) does not guard, something decided elsewhere
//! ([`Value::Hidden`]) may.

mod evaluate;
mod parse;
mod value;

pub use self::{
    evaluate::Context,
    value::{Truth, Value},
};

/// The value of a text with `${{ }}` in it: that of the expression when there is nothing else, else a string.
pub fn template(text: &str, context: &dyn Context) -> Value {
    let pieces = pieces(text);
    if let [Piece::Expression(expression)] = pieces[..] {
        return expression_value(expression, context);
    }
    let filled = pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => Ok(text.to_owned()),
        Piece::Expression(expression) => expression_value(expression, context).text(),
    });
    filled.collect::<Result<_, _>>().map_or_else(|unknown| unknown, Value::Text)
}

/// Whether an `if` lets its step or job run. Text beside `${{ }}`, be it a blank, makes it a string, and a string
/// that is not empty is true (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idif>).
pub fn condition(text: &str, context: &dyn Context) -> Truth {
    match pieces(text)[..] {
        [Piece::Expression(expression) | Piece::Text(expression)] => expression_value(expression, context).truth(),
        _ => Truth::Yes,
    }
}

fn expression_value(expression: &str, context: &dyn Context) -> Value {
    parse::parse(expression).map_or(Value::Hidden, |tree| evaluate::evaluate(&tree, context))
}

/// Whether a text is one expression.
pub fn is_expression(text: &str) -> bool {
    parse::parse(text).is_some()
}

/// A part of a text with `${{ }}` in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What is taken as it is.
    Text(&'a str),
    /// What is between `${{` and `}}`.
    Expression(&'a str),
}

/// Splits a text at its expressions. `}}` within a string of an expression does not end it.
pub fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(start) = text.find("${{") {
        let inner = &text[start + 3..];
        let Some(end) = end_of(inner) else { break };
        if start > 0 {
            pieces.push(Piece::Text(&text[..start]));
        }
        pieces.push(Piece::Expression(&inner[..end]));
        text = &inner[end + 2..];
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

/// What is between `${{` and `}}` in a text.
pub fn expressions(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Expression(expression) => Some(expression),
        Piece::Text(_) => None,
    })
}

/// A text in which each expression that has a value is replaced by it.
pub fn filled_in(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let fill = |piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Expression(expression) => value(expression).unwrap_or_else(|| format!("${{{{{expression}}}}}")),
    };
    pieces(text).into_iter().map(fill).collect()
}

fn end_of(expression: &str) -> Option<usize> {
    let mut quoted = false;
    expression.bytes().enumerate().find_map(|(at, byte)| {
        quoted ^= byte == b'\'';
        (!quoted && expression.as_bytes()[at..].starts_with(b"}}")).then_some(at)
    })
}

#[cfg(test)]
mod tests;
