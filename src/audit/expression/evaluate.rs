//! Evaluation, as the runner does it where all is known.

use super::{
    parse::Tree,
    value::{Truth, Value},
};

/// The longest text that is made of others, in bytes, and the most values that `format` takes; work grows with both.
const LONGEST: usize = 64 * 1024;
const MOST_VALUES: usize = 100;

/// Where properties get their values.
pub trait Context {
    /// The value of a property such as `github.event_name`, its names in lower case.
    fn property(&self, names: &[&str]) -> Value;
}

pub(super) fn evaluate(tree: &Tree, context: &dyn Context) -> Value {
    match tree {
        Tree::Null => Value::Null,
        Tree::Bool(value) => Value::Bool(*value),
        Tree::Number(value) => Value::Number(*value),
        Tree::Text(text) => Value::Text(text.clone()),
        Tree::Property(names) => context.property(&names.iter().map(String::as_str).collect::<Vec<_>>()),
        Tree::Call(name, arguments) => {
            let arguments: Vec<_> = arguments.iter().map(|argument| evaluate(argument, context)).collect();
            call(name, &arguments).unwrap_or_else(|unknown| unknown)
        }
        Tree::Not(inner) => evaluate(inner, context).truth().not().into(),
        Tree::Binary(operator, left, right) => binary(operator, evaluate(left, context), evaluate(right, context)),
    }
}

/// `&&` gives the left value if that is false, else the right one.
fn and(left: Value, right: Value) -> Value {
    match left.truth() {
        Truth::No => left,
        Truth::Yes => right,
        unknown => unknown.and(right.truth()).into(),
    }
}

/// `||` gives the left value if that is true, else the right one.
fn or(left: Value, right: Value) -> Value {
    match (left.truth(), &right) {
        (Truth::Yes, _) => left,
        (Truth::No, _) | (_, Value::Bool(true)) => right,
        (Truth::Open, _) | (_, Value::Open) => Value::Open,
        (Truth::Hidden, _) => Value::Hidden,
    }
}

fn binary(operator: &str, left: Value, right: Value) -> Value {
    match operator {
        "||" => or(left, right),
        "&&" => and(left, right),
        "==" => left.equals(&right).into(),
        "!=" => left.equals(&right).not().into(),
        _ if [left, right].contains(&Value::Hidden) => Value::Hidden,
        _ => Value::Open,
    }
}

/// The value of a call; [`Value::text`] says what an error is.
fn call(name: &str, arguments: &[Value]) -> Result<Value, Value> {
    Ok(match (name, arguments) {
        ("always" | "success", []) => Value::Bool(true),
        ("cancelled" | "failure", []) => Value::Open,
        ("contains", [text, item]) => text.includes(item).into(),
        ("startswith", [text, prefix]) => text.begins_with(prefix).into(),
        ("endswith", [text, suffix]) => Value::Bool(text.text()?.to_lowercase().ends_with(&suffix.text()?.to_lowercase())),
        ("format", [format, values @ ..]) => Value::Text(fill(format, values)?),
        ("fromjson", [json]) => from_json(&json.text()?),
        ("tojson", [value @ (Value::Bool(_) | Value::Open)]) => Value::Text(value.text()?),
        _ => Value::Hidden,
    })
}

/// `format`. A text that grows beyond [`LONGEST`] is not known.
fn fill(format: &Value, values: &[Value]) -> Result<String, Value> {
    if values.len() > MOST_VALUES {
        return Err(Value::Hidden);
    }
    values.iter().enumerate().try_fold(format.text()?, |format, (index, value)| {
        let (mark, value) = (format!("{{{index}}}"), value.text()?);
        let length = format.len() + format.matches(&mark).count() * value.len();
        if length > LONGEST { Err(Value::Hidden) } else { Ok(format.replace(&mark, &value)) }
    })
}

fn from_json(text: &str) -> Value {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Bool(value)) => Value::Bool(value),
        Ok(serde_json::Value::String(text)) => Value::Text(text),
        Ok(serde_json::Value::Null) => Value::Null,
        Ok(serde_json::Value::Array(items)) => Value::List(items.iter().filter_map(serde_json::Value::as_str).map(str::to_owned).collect()),
        Ok(serde_json::Value::Number(_) | serde_json::Value::Object(_)) | Err(_) => Value::Hidden,
    }
}
