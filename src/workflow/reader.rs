//! Reads YAML into a tree, within GitHub's own limits.
//!
//! The tree is built while the parser goes on, so nothing is scanned beyond a limit. One budget pays for every node,
//! those of aliases and anchors included, and nothing is done that it does not pay for: the work is linear.

use std::{borrow::Cow, collections::HashMap};

use indexmap::{IndexMap, map::Entry};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::{
    Problem, Unreadable,
    node::{Content, Node},
    source_text::SourceText,
};

/// The largest file, in bytes, the deepest nesting and the largest tree, in bytes, that GitHub reads
/// (<https://github.com/actions/runner>, `WorkflowParser/ParseOptions.cs`).
const LARGEST_FILE: usize = 1024 * 1024;
const DEEPEST: usize = 50;
const LARGEST_TREE: usize = 10 * 1024 * 1024;

/// What a node costs beside its text, in bytes.
const NODE: usize = 64;

/// The most closing brackets that may stand too far left.
const MOST_PULLED: usize = 16;

/// Reads the one document of a file.
///
/// The parser refuses a closing bracket that stands no further right than the key of its collection, as YAML does and
/// GitHub does not. Such a bracket is pulled up to the line before; every byte keeps its place.
///
/// # Errors
/// What is wrong and where.
pub(super) fn read(text: &str) -> Result<Node, Unreadable> {
    if text.len() > LARGEST_FILE {
        return Err(Unreadable { problem: Problem::TooLarge, line: None });
    }
    let mut pulled = Cow::Borrowed(text);
    for _ in 0..MOST_PULLED {
        match read_once(text, &pulled) {
            Err(broken) => match broken.bracket.and_then(|at| pull_up(&pulled, at)) {
                Some(next) => pulled = Cow::Owned(next),
                None => return Err(broken.unreadable),
            },
            Ok(node) => return Ok(node),
        }
    }
    read_once(text, &pulled).map_err(|broken| broken.unreadable)
}

/// The text with the line break before a closing bracket made blanks, if there is one at that byte, alone so far.
fn pull_up(text: &str, at: usize) -> Option<String> {
    let before = text[..at].trim_end();
    let gap = &text[before.len()..at];
    let is_alone = text[at..].starts_with([']', '}']) && gap.contains('\n');
    is_alone.then(|| [before, &" ".repeat(gap.len()), &text[at..]].concat())
}

/// Why reading ended, and at which byte when that may be a bracket too far left.
struct Broken {
    unreadable: Unreadable,
    bracket: Option<usize>,
}

fn read_once(written: &str, text: &str) -> Result<Node, Broken> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        source: SourceText::of(text, super::line_starts(written)),
        left: LARGEST_TREE,
        anchors: HashMap::new(),
        stopped: None,
    };
    let document = reader.document();
    document.map_err(|unreadable| Broken { unreadable, bracket: reader.stopped })
}

/// What is around a node.
#[derive(Clone, Copy, Default)]
struct Surroundings {
    depth: usize,
    in_flow: bool,
    /// The byte after what is written before the node.
    from: usize,
}

/// A node, and what the nodes around it need to know.
struct Built {
    node: Node,
    /// What it costs to repeat it, in bytes.
    size: usize,
    /// How many containers are in each other.
    height: usize,
    /// The bytes it takes; `None` when nothing is written.
    bytes: Option<(usize, usize)>,
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    source: SourceText<'a>,
    left: usize,
    anchors: HashMap<usize, Built>,
    /// The byte at which the parser gave up.
    stopped: Option<usize>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Node, Unreadable> {
        let mut document = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return document.ok_or(Unreadable { problem: Problem::Empty, line: None }),
                (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd, _) => {}
                _ if document.is_some() => return Err(Unreadable { problem: Problem::SeveralDocuments, line: None }),
                (event, span) => document = Some(self.node(event, span, Surroundings::default())?.node),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Unreadable> {
        let end = |reader: &Self| Ok((Event::StreamEnd, Span::empty(reader.source.end())));
        let next = self.parser.next_event().unwrap_or_else(|| end(self));
        next.map_err(|error: ScanError| {
            self.stopped = Some(self.source.byte(*error.marker()));
            self.fail(Problem::Syntax, *error.marker())
        })
    }

    /// At the end of the file the parser names the line after it.
    fn fail(&self, problem: Problem, marker: Marker) -> Unreadable {
        Unreadable { problem, line: Some(marker.line().clamp(1, self.source.lines.len().max(1))) }
    }

    fn spend(&mut self, bytes: usize, span: Span) -> Result<(), Unreadable> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| self.fail(Problem::TooLarge, span.start))?;
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, span: Span, around: Surroundings) -> Result<Built, Unreadable> {
        let (anchor, built) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span, around),
            Event::Scalar(text, style, anchor, tag) => {
                self.check(tag.as_deref(), span)?;
                (anchor, self.scalar(&text, style, span)?)
            }
            Event::SequenceStart(anchor, tag) => {
                self.check(tag.as_deref(), span)?;
                (anchor, self.list(span, self.inner(span, around)?)?)
            }
            Event::MappingStart(anchor, tag) => {
                self.check(tag.as_deref(), span)?;
                (anchor, self.map(span, self.inner(span, around)?)?)
            }
            _ => return Err(self.fail(Problem::Syntax, span.start)),
        };
        if anchor > 0 {
            self.spend(built.size, span)?;
            let node = built.node.clone().unplaced();
            self.anchors.insert(anchor, Built { node, bytes: None, ..built });
        }
        Ok(built)
    }

    /// Only the tags of YAML's own types are known to GitHub.
    fn check(&self, tag: Option<&Tag>, span: Span) -> Result<(), Unreadable> {
        if tag.is_none_or(Tag::is_yaml_core_schema) { Ok(()) } else { Err(self.fail(Problem::Syntax, span.start)) }
    }

    fn inner(&self, span: Span, around: Surroundings) -> Result<Surroundings, Unreadable> {
        if around.depth >= DEEPEST {
            return Err(self.fail(Problem::TooDeep, span.start));
        }
        let in_flow = around.in_flow || self.source.is_bracket(span);
        Ok(Surroundings { depth: around.depth + 1, in_flow, ..around })
    }

    fn alias(&mut self, anchor: usize, span: Span, around: Surroundings) -> Result<Built, Unreadable> {
        let Some(&Built { size, height, .. }) = self.anchors.get(&anchor) else {
            return Err(self.fail(Problem::Syntax, span.start));
        };
        if around.depth + height > DEEPEST {
            return Err(self.fail(Problem::TooDeep, span.start));
        }
        self.spend(size, span)?;
        let node = self.anchors[&anchor].node.clone();
        Ok(Built { node, size, height, bytes: self.source.written(span) })
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span) -> Result<Built, Unreadable> {
        let size = text.len() + NODE;
        self.spend(size, span)?;
        let content = if style == ScalarStyle::Plain { plain(text) } else { Content::Scalar(text.to_owned()) };
        Ok(Built { node: content.into(), size, height: 0, bytes: self.source.written(span) })
    }

    fn list(&mut self, span: Span, inner: Surroundings) -> Result<Built, Unreadable> {
        self.spend(NODE, span)?;
        let (mut items, mut size, mut height) = (Vec::new(), NODE, 0);
        let start = self.source.byte(span.start);
        let (mut end, mut from) = (start, inner.from);
        loop {
            let (event, at) = self.next()?;
            if event == Event::SequenceEnd {
                end = if self.source.is_bracket(span) { self.source.byte(at.end) } else { end };
                return Ok(Built { node: Content::List(items).into(), size, height: height + 1, bytes: Some((start, end)) });
            }
            let dash = if inner.in_flow { None } else { self.source.dash(from) };
            let built = self.node(event, at, Surroundings { from: dash.map_or(from, |dash| dash + 1), ..inner })?;
            (size, height) = (size + built.size, height.max(built.height));
            let place = if inner.in_flow { self.source.in_flow(at, built.bytes) } else { self.source.after_dash(dash, built.bytes) };
            end = place.map(|place| place.end).or(built.bytes.map(|(_, end)| end)).unwrap_or(end).max(end);
            from = end;
            items.push(Node { place, ..built.node });
        }
    }

    fn map(&mut self, span: Span, inner: Surroundings) -> Result<Built, Unreadable> {
        self.spend(NODE, span)?;
        let (mut entries, mut size, mut height) = (IndexMap::new(), NODE, 0);
        let start = self.source.byte(span.start);
        let mut end = start;
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                end = if self.source.is_bracket(span) { self.source.byte(at.end) } else { end };
                merge(&mut entries);
                return Ok(Built { node: Content::Map(entries).into(), size, height: height + 1, bytes: Some((start, end)) });
            }
            let key = self.node(event, at, inner)?;
            let name = name(key.node.content).ok_or_else(|| self.fail(Problem::Syntax, at.start))?;
            let (event, value_at) = self.next()?;
            let from = key.bytes.map_or(inner.from, |(_, end)| end);
            let value = self.node(event, value_at, Surroundings { from, ..inner })?;
            (size, height) = (size + key.size + value.size, height.max(value.height));
            let place = key.bytes.and_then(|key| self.source.after_key(at, key, value.bytes, inner.in_flow));
            end = [key.bytes, value.bytes].into_iter().flatten().map(|(_, end)| end).fold(end, usize::max);
            match entries.entry(name) {
                Entry::Occupied(_) => return Err(self.fail(Problem::KeyTwice, span.start)),
                Entry::Vacant(vacant) => vacant.insert(Node { place, ..value.node }),
            };
        }
    }
}

/// A key as text; a list or a mapping is none.
fn name(key: Content) -> Option<String> {
    match key {
        Content::Scalar(text) => Some(text),
        Content::Null => Some("null".to_owned()),
        Content::List(_) | Content::Map(_) => None,
    }
}

/// Takes over the entries of `<<` that are not there. They were paid for when they were read.
fn merge(entries: &mut IndexMap<String, Node>) {
    let Some(merged) = entries.shift_remove("<<") else { return };
    let sources = match merged.content {
        Content::List(several) => several,
        content => vec![content.into()],
    };
    for source in sources {
        let Content::Map(source) = source.content else { continue };
        for (key, value) in source {
            entries.entry(key).or_insert_with(|| value.unplaced());
        }
    }
}

/// A plain scalar by YAML 1.2's core schema, which GitHub follows: `no` is text, `True` is `true`, `1.10` is `1.1`.
fn plain(text: &str) -> Content {
    let is_number =
        text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number = || text.parse::<i128>().map(|number| number.to_string()).or_else(|_| text.parse::<f64>().map(|number| number.to_string()));
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Scalar("true".to_owned()),
        "false" | "False" | "FALSE" => Content::Scalar("false".to_owned()),
        _ if is_number => Content::Scalar(number().unwrap_or_else(|_| text.to_owned())),
        _ => Content::Scalar(text.to_owned()),
    }
}

#[cfg(test)]
mod tests;
