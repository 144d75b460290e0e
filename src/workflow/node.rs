//! A YAML document as a tree, read within GitHub's own limits.
//!
//! Keys stay in their order and stay text, so `on` is `on`. Aliases are expanded, which is why everything is counted.

use std::{cell::Cell, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Problem, Unreadable};

/// The largest file, in bytes, the deepest nesting and the largest tree, in bytes, that GitHub reads
/// (<https://github.com/actions/runner>, `WorkflowParser/ParseOptions.cs`).
const LARGEST_FILE: usize = 1024 * 1024;
const DEEPEST: usize = 50;
const LARGEST_TREE: usize = 10 * 1024 * 1024;

/// What a node costs beside its text, in bytes.
const NODE: usize = 64;

/// The most `[` and `{` in a file. The YAML scanner takes time by the square of their nesting.
const MOST_BRACKETS: usize = 50_000;

/// A value of the document.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Nothing, or `null`.
    Null,
    /// A string, number or boolean, as text.
    Scalar(String),
    /// A sequence.
    List(Vec<Self>),
    /// A mapping; no key comes twice.
    Map(Vec<(String, Self)>),
}

impl Node {
    /// Reads the one document of a file.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
        if text.len() > LARGEST_FILE || brackets > MOST_BRACKETS {
            return Err(Unreadable { problem: Problem::TooLarge, line: None });
        }
        let state = State { left: Cell::new(LARGEST_TREE), problem: Cell::new(Problem::Syntax) };
        // At the end of the file the parser names the line after it.
        let within = |line: usize| line.min(text.lines().count().max(1));
        let mut documents = serde_yaml::Deserializer::from_str(text);
        let Some(document) = documents.next() else { return Ok(Self::Null) };
        let node = Seed { state: &state, depth: 0 }
            .deserialize(document)
            .map_err(|error| Unreadable { problem: state.problem.get(), line: error.location().map(|location| within(location.line())) })?;
        if documents.next().is_some() { Err(Unreadable { problem: Problem::SeveralDocuments, line: None }) } else { Ok(node) }
    }

    /// The value of a key, also one taken over with `<<`, which GitHub refuses but other runners know.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key, as the document holds it, with its value; looked up as [`Self::get`] does.
    pub fn entry(&self, key: &str) -> Option<(&str, &Self)> {
        self.own_entry(key).or_else(|| match self.own("<<")? {
            Self::List(merged) => merged.iter().find_map(|node| node.entry(key)),
            merged => merged.entry(key),
        })
    }

    /// The value of a key that is written in this mapping itself.
    pub fn own(&self, key: &str) -> Option<&Self> {
        self.own_entry(key).map(|(_, value)| value)
    }

    fn own_entry(&self, key: &str) -> Option<(&str, &Self)> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(name, value)| (name.as_str(), value)),
            _ => None,
        }
    }

    /// The keys and values of a mapping, those of `<<` last; empty for anything else.
    pub fn entries(&self) -> Vec<(&str, &Self)> {
        let Self::Map(own) = self else { return Vec::new() };
        let mut entries: Vec<(&str, &Self)> = own.iter().filter(|(key, _)| key != "<<").map(|(key, value)| (key.as_str(), value)).collect();
        let merged = match self.own("<<") {
            Some(Self::List(several)) => several.iter().flat_map(Self::entries).collect(),
            Some(one) => one.entries(),
            None => Vec::new(),
        };
        for (key, value) in merged {
            if entries.iter().all(|(known, _)| *known != key) {
                entries.push((key, value));
            }
        }
        entries
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The text of the scalar at a key.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    /// The elements of a sequence; empty for anything else.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

/// What is left of the limits, and which of them was hit.
struct State {
    left: Cell<usize>,
    problem: Cell<Problem>,
}

impl State {
    fn fail<E: Error>(&self, problem: Problem) -> E {
        self.problem.set(problem);
        E::custom(problem)
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    state: &'a State,
    depth: usize,
}

impl Seed<'_> {
    fn spend<E: Error>(self, bytes: usize) -> Result<(), E> {
        match self.state.left.get().checked_sub(bytes.saturating_add(NODE)) {
            Some(left) => {
                self.state.left.set(left);
                Ok(())
            }
            None => Err(self.state.fail(Problem::TooLarge)),
        }
    }

    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.depth < DEEPEST { Ok(Self { depth: self.depth + 1, ..self }) } else { Err(self.state.fail(Problem::TooDeep)) }
    }

    fn scalar<E: Error>(self, text: impl fmt::Display) -> Result<Node, E> {
        let text = text.to_string();
        self.spend(text.len())?;
        Ok(Node::Scalar(text))
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("plain YAML")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.spend(0)?;
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        self.scalar(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        self.scalar(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        self.scalar(value)
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Node, E> {
        self.scalar(value)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Node, E> {
        self.scalar(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        self.scalar(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        self.scalar(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        self.spend(0)?;
        let mut items = Vec::new();
        while let Some(item) = elements.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        self.spend(0)?;
        let (mut entries, mut seen) = (Vec::new(), HashSet::new());
        while let Some(key) = map.next_key_seed(inner)? {
            let key = match key {
                Node::Scalar(text) => text,
                Node::Null => "null".to_owned(),
                Node::List(_) | Node::Map(_) => return Err(self.state.fail(Problem::Syntax)),
            };
            if !seen.insert(key.clone()) {
                return Err(self.state.fail(Problem::KeyTwice));
            }
            entries.push((key, map.next_value_seed(inner)?));
        }
        Ok(Node::Map(entries))
    }
}
