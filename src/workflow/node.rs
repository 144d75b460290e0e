//! A YAML document as a tree that knows where its parts are written.

use indexmap::IndexMap;

/// What a node takes beside its text, with its place in what holds it, in bytes.
const MEMORY: usize = 192;

/// A value of the document.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it holds.
    pub content: Content,
    /// Where it is written, with its key or dash; `None` for the document itself and for what an alias or `<<` repeats.
    pub place: Option<Location>,
}

/// What a node holds. Keys stay in their order and stay text, so `on` is `on`; aliases are expanded, and what a
/// mapping takes over with `<<`, which GitHub refuses but other runners know, follows its own keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing, or `null`.
    Null,
    /// A string, number or boolean, as text.
    Scalar(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(IndexMap<String, Node>),
}

/// Where a key or a sequence's element stands, with its value. Bytes are those of [`super::Workflow::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The line of the key or dash, counted from 1.
    pub line: usize,
    /// The line on which the value ends; trailing comments are not part of it.
    pub last: usize,
    /// The characters before it.
    pub column: usize,
    /// Whether it is of a block, and only blanks and dashes stand before it on its line.
    pub is_block: bool,
    /// The byte at which the key or dash begins.
    pub start: usize,
    /// The byte at which the value begins, its anchor and tag included; behind the colon or dash when there is none.
    pub value: usize,
    /// The byte after the value.
    pub end: usize,
}

impl From<Content> for Node {
    /// A node that is written nowhere.
    fn from(content: Content) -> Self {
        Self { content, place: None }
    }
}

impl PartialEq for Node {
    /// Whether both say the same, wherever that is written.
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A key of a mapping.
    Key(String),
    /// An element of a sequence, counted from 0.
    Index(usize),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Node {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key, as the document holds it, with its value.
    pub fn entry(&self, key: &str) -> Option<(&str, &Self)> {
        match &self.content {
            Content::Map(entries) => entries.get_key_value(key).map(|(key, value)| (key.as_str(), value)),
            _ => None,
        }
    }

    /// The keys and values of a mapping; none for anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Self)> + use<'_> {
        let entries = match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        };
        entries.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether it is a mapping.
    pub const fn is_map(&self) -> bool {
        matches!(self.content, Content::Map(_))
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The text of the scalar at a key.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    /// The elements of a sequence; none for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// One text, or a sequence's; none for anything else.
    pub fn texts(&self) -> Vec<&str> {
        self.text().into_iter().chain(self.items().iter().filter_map(Self::text)).collect()
    }

    /// What a path leads to.
    pub fn at(&self, path: &[Segment]) -> Option<&Self> {
        path.iter().try_fold(self, |node, segment| match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.items().get(*index),
        })
    }

    /// About how much memory it takes, with all that is within, in bytes.
    pub fn memory(&self) -> usize {
        let items: usize = self.items().iter().map(Self::memory).sum();
        let entries: usize = self.entries().map(|(key, value)| key.len() + value.memory()).sum();
        MEMORY + self.text().map_or(0, str::len) + items + entries
    }

    /// Every scalar within, in order, with its place or the nearest one around it.
    pub fn scalars(&self) -> Vec<(Option<Location>, &str)> {
        fn collect<'a>(node: &'a Node, around: Option<Location>, found: &mut Vec<(Option<Location>, &'a str)>) {
            let place = node.place.or(around);
            found.extend(node.text().map(|text| (place, text)));
            node.items().iter().chain(node.entries().map(|(_, value)| value)).for_each(|inner| collect(inner, place, found));
        }
        let mut found = Vec::new();
        collect(self, None, &mut found);
        found
    }

    /// The same without places.
    pub(super) fn unplaced(mut self) -> Self {
        self.place = None;
        self.content = match self.content {
            Content::List(items) => Content::List(items.into_iter().map(Self::unplaced).collect()),
            Content::Map(entries) => Content::Map(entries.into_iter().map(|(key, value)| (key, value.unplaced())).collect()),
            plain => plain,
        };
        self
    }
}
