//! The text of a workflow file, and where in it the parser's events are.

use saphyr_parser::{Marker, Span};

use super::node::Location;

/// The text that is read, and where its lines and characters are.
pub(super) struct SourceText<'a> {
    text: &'a str,
    /// The byte at which each line begins.
    pub(super) lines: Vec<usize>,
    /// The byte of each character; empty when that is its number.
    characters: Vec<usize>,
}

impl<'a> SourceText<'a> {
    pub(super) fn of(text: &'a str, lines: Vec<usize>) -> Self {
        let characters = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(byte, _)| byte).collect() };
        Self { text, lines, characters }
    }

    pub(super) fn end(&self) -> Marker {
        Marker::new(self.text.len(), self.lines.len(), 0)
    }

    pub(super) fn byte(&self, marker: Marker) -> usize {
        if self.characters.is_empty() {
            marker.index().min(self.text.len())
        } else {
            self.characters.get(marker.index()).copied().unwrap_or(self.text.len())
        }
    }

    fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).max(1)
    }

    /// Whether the beginning of a container, its anchor and tag included, ends with a bracket.
    pub(super) fn is_bracket(&self, span: Span) -> bool {
        !span.is_empty() && self.text[..self.byte(span.end)].ends_with(['[', '{'])
    }

    /// The bytes of a scalar or alias without the line breaks after it; `None` for an empty one.
    pub(super) fn written(&self, span: Span) -> Option<(usize, usize)> {
        let (start, end) = (self.byte(span.start), self.byte(span.end));
        let text = self.text.get(start..end)?.trim_end();
        (!text.is_empty()).then_some((start, start + text.len()))
    }

    /// The place of what begins at a byte; its value is `bytes`, or nothing `behind`.
    fn place(&self, start: usize, column: usize, is_block: bool, behind: usize, bytes: Option<(usize, usize)>) -> Location {
        let (value, end) = bytes.unwrap_or((behind, behind));
        // The parser leaves out the `|` or `>` of a block scalar.
        let after = self.text[behind..].trim_start_matches([' ', '\t']);
        let value = if after.starts_with(['|', '>']) { self.text.len() - after.len() } else { value };
        Location { line: self.line(start), last: self.line(end.max(start + 1) - 1), column, is_block, start, value, end }
    }

    /// The blanks and dashes before a byte, if nothing else is before it on its line.
    fn indentation(&self, byte: usize) -> Option<usize> {
        let before = &self.text.as_bytes()[..byte];
        let width = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'-')).count();
        (width == byte || before[byte - width - 1] == b'\n').then_some(width)
    }

    pub(super) fn in_flow(&self, span: Span, bytes: Option<(usize, usize)>) -> Option<Location> {
        let (start, _) = bytes?;
        Some(self.place(start, span.start.col(), false, start, bytes))
    }

    /// The place of a key; `None` for one over several lines.
    pub(super) fn after_key(
        &self,
        span: Span,
        (start, end): (usize, usize),
        value: Option<(usize, usize)>,
        in_flow: bool,
    ) -> Option<Location> {
        if span.start.line() != span.end.line() {
            return None;
        }
        let rest = &self.text[end..];
        let colon = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let behind = if rest[colon..].starts_with(':') { end + colon + 1 } else { end };
        let is_block = !in_flow && self.indentation(start).is_some();
        Some(self.place(start, span.start.col(), is_block, behind, value))
    }

    /// The dash that is the first thing after a byte, but for a colon, comments and properties.
    pub(super) fn dash(&self, from: usize) -> Option<usize> {
        let mut rest = &self.text[from..];
        loop {
            rest = rest.trim_start();
            rest = match rest.as_bytes().first()? {
                b':' => &rest[1..],
                b'#' => rest.split_once('\n')?.1,
                b'&' | b'!' => rest.split_once(char::is_whitespace)?.1,
                b'-' => return Some(self.text.len() - rest.len()),
                _ => return None,
            };
        }
    }

    /// The place of an element with its dash.
    pub(super) fn after_dash(&self, dash: Option<usize>, value: Option<(usize, usize)>) -> Option<Location> {
        let start = dash?;
        let column = self.indentation(start)?;
        Some(self.place(start, column, true, start + 1, value))
    }
}
