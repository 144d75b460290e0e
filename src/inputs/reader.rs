//! Reading one input as what it is to be.

use std::ops::RangeInclusive;

use super::InvalidInput;
use crate::job::{action_yml::Input, environment::Environment};

/// Reads inputs. One that is absent or empty has its default.
pub(super) struct Reader<'a>(pub(super) &'a Environment);

impl<'a> Reader<'a> {
    pub(super) fn text(&self, input: Input) -> Result<Option<&'a str>, InvalidInput> {
        let value = self.0.input(input);
        value.map(|value| value.to_str().ok_or_else(|| InvalidInput::of(input, "is not text"))).transpose()
    }

    fn text_or_default(&self, input: Input) -> Result<&'a str, InvalidInput> {
        Ok(self.text(input)?.unwrap_or(input.default()))
    }

    /// The YAML 1.2 core schema's booleans, as actions/toolkit's `getBooleanInput` has them.
    pub(super) fn boolean(&self, input: Input) -> Result<bool, InvalidInput> {
        match self.text_or_default(input)? {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            _ => Err(InvalidInput::of(input, "must be `true` or `false`")),
        }
    }

    pub(super) fn choice<const N: usize>(&self, input: Input, words: [&str; N]) -> Result<usize, InvalidInput> {
        let value = self.text_or_default(input)?;
        let position = words.iter().position(|word| *word == value);
        position.ok_or_else(|| InvalidInput::of(input, format!("must be one of: {}", words.join(", "))))
    }

    pub(super) fn number(&self, input: Input, range: RangeInclusive<u32>, what: &str) -> Result<u32, InvalidInput> {
        let value = self.text_or_default(input)?;
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let number = value.parse().ok().filter(|number| digits && range.contains(number));
        number.ok_or_else(|| InvalidInput::of(input, format!("must be {what}")))
    }
}
