//! event.json: read strictly, and only as deep as the rules look.

use std::{fmt, path::Path};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::job::regular_file;

/// The largest event.json that is read, in bytes. GitHub caps a webhook payload at 25 MB
/// (<https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap>).
const LARGEST: u64 = 32 * 1024 * 1024;

/// The deepest nesting of arrays and objects that is read.
const DEEPEST: usize = 128;

/// Every key that a rule reads. One given twice makes the payload unreadable: parsers differ in which they take.
const KEYS_READ: [&[&str]; 19] = [
    &["action"],
    &["deleted"],
    &["ref"],
    &["repository", "fork"],
    &["repository", "full_name"],
    &["repository", "id"],
    &["repository", "owner", "type"],
    &["sender", "login"],
    &["pull_request", "merged"],
    &["pull_request", "user", "login"],
    &["pull_request", "head", "ref"],
    &["pull_request", "head", "repo", "id"],
    &["pull_request", "head", "repo", "full_name"],
    &["workflow_run", "actor", "login"],
    &["workflow_run", "triggering_actor", "login"],
    &["workflow_run", "event"],
    &["workflow_run", "conclusion"],
    &["workflow_run", "head_branch"],
    &["workflow_run", "head_repository", "id"],
];

/// The event's payload: a JSON object.
#[derive(Debug, PartialEq)]
pub struct Payload(Node);

/// A JSON value, without what no rule looks at.
#[derive(Debug, PartialEq)]
pub enum Node {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction or exponent.
    Integer(i128),
    /// A string.
    Text(String),
    /// An object, its keys as often as they were given.
    Object(Vec<(String, Self)>),
    /// An array or another number.
    Other,
}

/// The payload could not be read at all. It carries no text: the payload's own must not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event.json is missing, too large, not UTF-8 JSON, nested too deeply, not an object or ambiguous")]
pub struct Unreadable;

impl Payload {
    /// Reads event.json.
    ///
    /// # Errors
    /// [`Unreadable`], also when `path` is `None`.
    pub fn read(path: Option<&Path>) -> Result<Self, Unreadable> {
        let content = regular_file::read(path.ok_or(Unreadable)?, LARGEST).map_err(|_| Unreadable)?;
        Self::parse(&content)
    }

    /// Parses the content of event.json.
    ///
    /// # Errors
    /// [`Unreadable`] for what is not an object, is nested deeper than 128, or gives a key that a rule reads twice.
    pub fn parse(content: &[u8]) -> Result<Self, Unreadable> {
        let mut json = serde_json::Deserializer::from_slice(content);
        json.disable_recursion_limit();
        let node = Depth(0).deserialize(&mut json).map_err(|_| Unreadable)?;
        json.end().map_err(|_| Unreadable)?;
        let ambiguous = KEYS_READ.iter().any(|path| node.is_ambiguous(path));
        if ambiguous || !matches!(node, Node::Object(_)) { Err(Unreadable) } else { Ok(Self(node)) }
    }

    /// The value at a path of keys; `None` when a key is absent or not within an object.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(&self.0, |node, key| node.get(key))
    }

    /// The string at a path.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        match self.at(path)? {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer at a path.
    pub fn integer(&self, path: &[&str]) -> Option<i128> {
        match self.at(path)? {
            Node::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether it is `{}`, what act writes when it is given no event.
    pub fn is_empty(&self) -> bool {
        self.0 == Node::Object(Vec::new())
    }
}

impl Node {
    fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().find_map(|(name, value)| (name == key).then_some(value)),
            _ => None,
        }
    }

    fn is_ambiguous(&self, path: &[&str]) -> bool {
        let (Self::Object(entries), Some((key, rest))) = (self, path.split_first()) else { return false };
        let mut values = entries.iter().filter(|(name, _)| name == key).map(|(_, value)| value);
        values.next().is_some_and(|value| values.next().is_some() || value.is_ambiguous(rest))
    }
}

/// Builds a [`Node`] and counts how deep it is in.
#[derive(Clone, Copy)]
struct Depth(usize);

impl Depth {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.0 < DEEPEST { Ok(Self(self.0 + 1)) } else { Err(E::custom("nested too deeply")) }
    }
}

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        let inside = self.deeper()?;
        while elements.next_element_seed(inside)?.is_some() {}
        Ok(Node::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let inside = self.deeper()?;
        let mut entries = Vec::new();
        while let Some(key) = members.next_key()? {
            entries.push((key, members.next_value_seed(inside)?));
        }
        Ok(Node::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_read_to_128_and_no_deeper() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(Payload::parse(nested(128).as_bytes()).is_ok());
        assert_eq!(Payload::parse(nested(129).as_bytes()), Err(Unreadable));
        assert_eq!(Payload::parse(nested(200_000).as_bytes()), Err(Unreadable));
    }

    #[test]
    fn what_is_not_an_object_is_unreadable() {
        for content in
            [&b""[..], b"null", b"[]", b"\"x\"", b"{", b"{} {}", b"\xef\xbb\xbf{}", b"{\"a\":\"\xff\"}", b"{\"ref\":1,\"ref\":1}"]
        {
            assert_eq!(Payload::parse(content), Err(Unreadable), "{content:?}");
        }
    }

    #[test]
    fn only_keys_that_a_rule_reads_must_be_unique() {
        assert!(Payload::parse(br#"{"commits":1,"commits":2,"repository":{"url":1,"url":2}}"#).is_ok());
        for path in KEYS_READ {
            let twice = path.iter().rev().enumerate().fold(String::from("null"), |inner, (depth, key)| {
                if depth == 0 { format!(r#"{{"{key}":1,"{key}":{inner}}}"#) } else { format!(r#"{{"{key}":{inner}}}"#) }
            });
            assert_eq!(Payload::parse(twice.as_bytes()), Err(Unreadable), "{twice}");
        }
        assert_eq!(Payload::parse(br#"{"repository":{},"repository":{}}"#), Err(Unreadable));
    }

    #[test]
    fn only_whole_numbers_are_integers() {
        let payload = Payload::parse(br#"{"a":1001,"b":1001.0,"c":1e3,"d":"1001","e":-1}"#).unwrap();
        assert_eq!(["a", "b", "c", "d", "e"].map(|key| payload.integer(&[key])), [Some(1001), None, None, None, Some(-1)]);
    }
}
