//! event.json, read strictly: what is declared in [`Field`] is kept, and checked to be there once; the rest is checked to be JSON.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::field::{Field, Kind};

/// The deepest nesting of arrays and objects that is read.
const DEEPEST: usize = 128;

/// The longest string with escapes that is read, in bytes: undoing them takes as much memory again.
pub(super) const LONGEST_ESCAPED: usize = 16 * 1024 * 1024;

/// The longest text that is kept, in bytes; refs, names and logins have at most a few hundred. A longer one is no text.
pub(super) const LONGEST_TEXT: usize = 16 * 1024;

/// The payload could not be read at all. It carries no text: the payload's own must not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event.json is missing, too large, not UTF-8 JSON, nested too deeply, not an object or ambiguous")]
pub struct Unreadable;

/// What stands at a [`Field`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing: one of its keys is not there.
    #[default]
    Absent,
    Null,
    Boolean(bool),
    Integer(i128),
    Text(String),
    Object,
    /// An array, another number, or a text that is too long to be kept.
    Other,
}

impl Value {
    /// Whether it is of a type, or not there; `null` is GitHub's word for that.
    const fn fits(&self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Absent | Self::Null, _)
                | (Self::Boolean(_), Kind::Boolean)
                | (Self::Integer(_), Kind::Integer)
                | (Self::Text(_), Kind::Text)
                | (Self::Object, Kind::Object)
        )
    }
}

/// The event's payload: a JSON object, of which only the fields are known.
#[derive(Debug, PartialEq, Eq)]
pub struct Payload {
    /// What stands at each field, in the order of [`Field::ALL`].
    pub(super) values: Vec<Value>,
    /// Whether each field that is there has its type, and so has each object on the way to it.
    pub is_well_typed: bool,
    /// Whether it is `{}`, what act writes when it is given no event.
    pub is_empty: bool,
}

impl Payload {
    /// Parses the content of event.json. What is not a field is checked to be JSON and not kept.
    ///
    /// # Errors
    /// [`Unreadable`] for what is not an object, is nested deeper than 128, or gives a key on the way to a field twice.
    pub fn parse(content: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(content).ok().filter(|_| is_modest(content)).ok_or(Unreadable)?;
        let mut event = Self { values: vec![Value::Absent; Field::ALL.len()], is_well_typed: true, is_empty: true };
        let mut json = serde_json::Deserializer::from_str(text);
        json.deserialize_map(Members { event: &mut event, fields: ALL_FIELDS, depth: 0 }).map_err(|_| Unreadable)?;
        json.end().map_err(|_| Unreadable)?;
        Ok(event)
    }
}

/// Whether brackets nest no deeper, and strings with escapes are no longer, than is read; in JSON, and the parser tells
/// whether it is that.
fn is_modest(content: &[u8]) -> bool {
    let (mut open, mut string, mut has_escape, mut escaped) = (0_usize, None, false, false);
    content.iter().enumerate().all(|(at, byte)| {
        match (string, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => (escaped, has_escape) = (true, true),
            (Some(_), b'"') => string = None,
            (Some(start), _) => return !has_escape || at - start <= LONGEST_ESCAPED,
            (None, b'"') => (string, has_escape) = (Some(at), false),
            (None, b'[' | b'{') => open += 1,
            (None, b']' | b'}') => open = open.saturating_sub(1),
            (None, _) => {}
        }
        open <= DEEPEST
    })
}

/// A set of fields: one bit each, in the order of [`Field::ALL`].
type Fields = u32;

const ALL_FIELDS: Fields = (1 << Field::ALL.len()) - 1;

/// Those of some fields for which something holds.
fn only(fields: Fields, holds: impl Fn(Field) -> bool) -> Fields {
    let of = |field: &Field| 1 << *field as u32;
    Field::ALL.iter().filter(|field| fields & of(field) != 0 && holds(**field)).fold(0, |set, field| set | of(field))
}

/// An object on the way to some fields, `depth` keys down: its members are read into the event.
struct Members<'a> {
    event: &'a mut Payload,
    fields: Fields,
    depth: usize,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = 0;
        while let Some(fields) = members.next_key_seed(Key { fields: self.fields, depth: self.depth })? {
            self.event.is_empty = false;
            if seen & fields != 0 {
                return Err(A::Error::custom("a key is given twice"));
            }
            seen |= fields;
            if fields == 0 {
                members.next_value::<IgnoredAny>()?;
            } else {
                members.next_value_seed(Member { event: self.event, fields, depth: self.depth + 1 })?;
            }
        }
        Ok(())
    }
}

/// A key of an object: the fields that it leads to.
struct Key {
    fields: Fields,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Fields;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Fields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Fields, E> {
        Ok(only(self.fields, |field| field.path().get(self.depth) == Some(&key)))
    }
}

/// A value that stands at a field, on the way to others, or both.
struct Member<'a> {
    event: &'a mut Payload,
    fields: Fields,
    depth: usize,
}

impl Member<'_> {
    fn keep(&mut self, value: &Value) {
        for field in Field::ALL.iter().filter(|field| self.fields & (1 << **field as u32) != 0) {
            let ends_here = field.path().len() == self.depth;
            self.event.is_well_typed &= value.fits(if ends_here { field.kind() } else { Kind::Object });
            if ends_here {
                self.event.values[*field as usize] = value.clone();
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.keep(&Value::Null);
        Ok(())
    }

    fn visit_bool<E>(mut self, value: bool) -> Result<(), E> {
        self.keep(&Value::Boolean(value));
        Ok(())
    }

    fn visit_i64<E>(mut self, value: i64) -> Result<(), E> {
        self.keep(&Value::Integer(value.into()));
        Ok(())
    }

    fn visit_u64<E>(mut self, value: u64) -> Result<(), E> {
        self.keep(&Value::Integer(value.into()));
        Ok(())
    }

    fn visit_f64<E>(mut self, _: f64) -> Result<(), E> {
        self.keep(&Value::Other);
        Ok(())
    }

    fn visit_str<E>(mut self, value: &str) -> Result<(), E> {
        self.keep(&if value.len() <= LONGEST_TEXT { Value::Text(value.to_owned()) } else { Value::Other });
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        self.keep(&Value::Other);
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, members: A) -> Result<(), A::Error> {
        self.keep(&Value::Object);
        let fields = only(self.fields, |field| field.path().len() > self.depth);
        Members { event: self.event, fields, depth: self.depth }.visit_map(members)
    }
}
