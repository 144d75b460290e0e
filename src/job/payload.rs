//! event.json: read strictly, and only what is declared in [`Field`] is kept.

use std::{fmt, path::Path};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::job::regular_file;

/// The largest event.json that is read, in bytes. GitHub caps a webhook payload at 25 MB
/// (<https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap>).
const LARGEST: u64 = 32 * 1024 * 1024;

/// The deepest nesting of arrays and objects that is read.
const DEEPEST: usize = 128;

/// The longest string with escapes that is read, in bytes: undoing them takes as much memory again.
const LONGEST_ESCAPED: usize = 16 * 1024 * 1024;

/// The longest text that is kept, in bytes; refs, names and logins have at most a few hundred. A longer one is no text.
const LONGEST_TEXT: usize = 16 * 1024;

/// The types of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`
    Boolean,
    /// A number without fraction or exponent.
    Integer,
    /// A string.
    Text,
    /// An object.
    Object,
}

/// Declares what is read of an event: a name, the type, and the keys that lead there.
macro_rules! fields {
    ($($name:ident: $kind:ident = $($key:literal).+;)+) => {
        /// What is read of an event. Nothing else of it is kept, and a key on the way to one of these is given only once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field {
            $(#[doc = concat!($("`", $key, "` "),+)] $name,)+
        }

        impl Field {
            /// All of them, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The keys that lead to it.
            pub const fn path(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($key),+],)+
                }
            }

            /// The type that it has to have.
            pub const fn kind(self) -> Kind {
                match self {
                    $(Self::$name => Kind::$kind,)+
                }
            }
        }
    };
}

fields! {
    Action: Text = "action";
    Deleted: Boolean = "deleted";
    Ref: Text = "ref";
    Repository: Object = "repository";
    RepositoryFork: Boolean = "repository"."fork";
    RepositoryId: Integer = "repository"."id";
    RepositoryName: Text = "repository"."full_name";
    OwnerType: Text = "repository"."owner"."type";
    SenderLogin: Text = "sender"."login";
    PullRequest: Object = "pull_request";
    Merged: Boolean = "pull_request"."merged";
    AuthorLogin: Text = "pull_request"."user"."login";
    HeadRef: Text = "pull_request"."head"."ref";
    HeadRepository: Object = "pull_request"."head"."repo";
    HeadRepositoryId: Integer = "pull_request"."head"."repo"."id";
    HeadRepositoryName: Text = "pull_request"."head"."repo"."full_name";
    SourceRun: Object = "workflow_run";
    SourceActor: Text = "workflow_run"."actor"."login";
    SourceTriggeringActor: Text = "workflow_run"."triggering_actor"."login";
    SourceEvent: Text = "workflow_run"."event";
    SourceConclusion: Text = "workflow_run"."conclusion";
    SourceBranch: Text = "workflow_run"."head_branch";
    SourceRepositoryId: Integer = "workflow_run"."head_repository"."id";
}

/// What stands at a [`Field`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Value {
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
    values: Vec<Value>,
    well_typed: bool,
    empty: bool,
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

    /// Parses the content of event.json. What is not a field is checked to be JSON and not kept.
    ///
    /// # Errors
    /// [`Unreadable`] for what is not an object, is nested deeper than 128, or gives a key on the way to a field twice.
    pub fn parse(content: &[u8]) -> Result<Self, Unreadable> {
        let text = std::str::from_utf8(content).ok().filter(|_| is_modest(content)).ok_or(Unreadable)?;
        let mut payload = Self { values: vec![Value::Absent; Field::ALL.len()], well_typed: true, empty: true };
        let mut json = serde_json::Deserializer::from_str(text);
        json.deserialize_map(Members { payload: &mut payload, fields: ALL_FIELDS, depth: 0 }).map_err(|_| Unreadable)?;
        json.end().map_err(|_| Unreadable)?;
        Ok(payload)
    }

    fn value(&self, field: Field) -> &Value {
        self.values.get(field as usize).unwrap_or(&Value::Absent)
    }

    /// Whether each field that is there has its type, and so has each object on the way to it.
    pub const fn is_well_typed(&self) -> bool {
        self.well_typed
    }

    /// Whether all keys of a field are there, whatever stands there.
    pub fn has(&self, field: Field) -> bool {
        *self.value(field) != Value::Absent
    }

    /// Whether there is a `null`.
    pub fn is_null(&self, field: Field) -> bool {
        *self.value(field) == Value::Null
    }

    /// Whether there is an object.
    pub fn is_object(&self, field: Field) -> bool {
        *self.value(field) == Value::Object
    }

    /// The boolean, if there is one.
    pub fn boolean(&self, field: Field) -> Option<bool> {
        if let Value::Boolean(value) = self.value(field) { Some(*value) } else { None }
    }

    /// The integer, if there is one.
    pub fn integer(&self, field: Field) -> Option<i128> {
        if let Value::Integer(value) = self.value(field) { Some(*value) } else { None }
    }

    /// The string, if there is one.
    pub fn text(&self, field: Field) -> Option<&str> {
        if let Value::Text(value) = self.value(field) { Some(value) } else { None }
    }

    /// Whether it is `{}`, what act writes when it is given no event.
    pub const fn is_empty(&self) -> bool {
        self.empty
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

/// An object on the way to some fields, `depth` keys down: its members are read into the payload.
struct Members<'a> {
    payload: &'a mut Payload,
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
            self.payload.empty = false;
            if seen & fields != 0 {
                return Err(A::Error::custom("a key is given twice"));
            }
            seen |= fields;
            if fields == 0 {
                members.next_value::<IgnoredAny>()?;
            } else {
                members.next_value_seed(Member { payload: self.payload, fields, depth: self.depth + 1 })?;
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
    payload: &'a mut Payload,
    fields: Fields,
    depth: usize,
}

impl Member<'_> {
    fn keep(&mut self, value: &Value) {
        for field in Field::ALL.iter().filter(|field| self.fields & (1 << **field as u32) != 0) {
            let ends_here = field.path().len() == self.depth;
            self.payload.well_typed &= value.fits(if ends_here { field.kind() } else { Kind::Object });
            if ends_here {
                self.payload.values[*field as usize] = value.clone();
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
        Members { payload: self.payload, fields, depth: self.depth }.visit_map(members)
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
        let in_text = format!(r#"{{"a":"\"{}"}}"#, "[".repeat(200));
        assert!(Payload::parse(in_text.as_bytes()).is_ok(), "brackets in a string nest nothing");
    }

    #[test]
    fn what_is_not_an_object_is_unreadable() {
        for content in
            [&b""[..], b"null", b"[]", b"\"x\"", b"{", b"{} {}", b"\xef\xbb\xbf{}", b"{\"a\":\"\xff\"}", b"{\"ref\":1,\"ref\":1}"]
        {
            assert_eq!(Payload::parse(content), Err(Unreadable), "{content:?}");
        }
    }

    /// `{"a":{"b":` ... around two members of the same key.
    fn twice(path: &[&str], key: &str) -> String {
        let inner = format!(r#"{{"{key}":{{}},"x":0,"{key}":null}}"#);
        path.iter().rev().fold(inner, |inner, key| format!(r#"{{"{key}":{inner}}}"#))
    }

    #[test]
    fn a_key_on_the_way_to_a_field_is_given_only_once() {
        for field in Field::ALL {
            for (depth, key) in field.path().iter().enumerate() {
                let twice = twice(&field.path()[..depth], key);
                assert_eq!(Payload::parse(twice.as_bytes()), Err(Unreadable), "{twice}");
            }
        }
        assert_eq!(Payload::parse(br#"{"r\u0065f":"a","ref":"b"}"#), Err(Unreadable), "however it is spelled");
        assert!(Payload::parse(br#"{"commits":1,"commits":2,"repository":{"url":1,"url":2},"x":{"ref":1,"ref":2}}"#).is_ok());
    }

    #[test]
    fn a_field_has_its_type_and_so_has_the_way_to_it() {
        let at = |field: Field, value: &str| {
            let json = field.path().iter().rev().fold(value.to_owned(), |inner, key| format!(r#"{{"{key}":{inner}}}"#));
            Payload::parse(json.as_bytes()).unwrap()
        };
        for field in Field::ALL {
            for (value, kind) in [
                ("true", Some(Kind::Boolean)),
                ("7", Some(Kind::Integer)),
                ("\"true\"", Some(Kind::Text)),
                ("{}", Some(Kind::Object)),
                ("[]", None),
                ("1.0", None),
            ] {
                assert_eq!(at(*field, value).is_well_typed(), kind == Some(field.kind()), "{field:?}: {value}");
            }
            assert!(
                at(*field, "null").is_well_typed() && at(*field, "null").is_null(*field) && !Payload::parse(b"{}").unwrap().has(*field)
            );
        }
        for way in [r#"{"sender":"dependabot[bot]"}"#, r#"{"pull_request":{"head":[]}}"#, r#"{"workflow_run":{"actor":1}}"#] {
            assert!(!Payload::parse(way.as_bytes()).unwrap().is_well_typed(), "{way}");
        }
    }

    #[test]
    fn only_whole_numbers_are_integers() {
        let id = |number: &str| {
            Payload::parse(format!(r#"{{"repository":{{"id":{number}}}}}"#).as_bytes()).unwrap().integer(Field::RepositoryId)
        };
        assert_eq!(["1001", "1001.0", "1e3", "\"1001\"", "-1"].map(id), [Some(1001), None, None, None, Some(-1)]);
    }

    #[test]
    fn whatever_an_event_holds_only_the_fields_are_kept() {
        let long = "x".repeat(LONGEST_TEXT + 1);
        let payload =
            Payload::parse(format!(r#"{{"ref":"{long}","pad":["{long}"],"sender":{{"login":"alice","bio":"{long}"}}}}"#).as_bytes())
                .unwrap();
        assert_eq!((payload.text(Field::Ref), payload.is_well_typed(), payload.text(Field::SenderLogin)), (None, false, Some("alice")));
        let kept: usize = payload.values.iter().map(|value| if let Value::Text(text) = value { text.capacity() } else { 0 }).sum();
        assert_eq!((payload.values.len(), kept), (Field::ALL.len(), "alice".len()));
    }

    #[test]
    fn a_string_whose_escapes_would_take_as_much_memory_again_is_refused() {
        let escaped = |length: usize| format!(r#"{{"a":"\n{}"}}"#, "x".repeat(length));
        assert!(Payload::parse(escaped(LONGEST_ESCAPED - 2).as_bytes()).is_ok());
        assert_eq!(Payload::parse(escaped(LONGEST_ESCAPED - 1).as_bytes()), Err(Unreadable));
        assert!(Payload::parse(format!(r#"{{"a":"{}"}}"#, "x".repeat(LONGEST_ESCAPED + 2)).as_bytes()).is_ok());
    }

    #[test]
    fn a_file_is_read_to_32_mib_and_no_further() {
        let path = std::env::temp_dir().join(format!("ghcr-auth-event-{}", std::process::id()));
        let read = |length: usize| {
            std::fs::write(&path, format!("{{}}{}", " ".repeat(length - 2))).unwrap();
            Payload::read(Some(&path))
        };
        let (within, over) = (read(32 * 1024 * 1024), read(32 * 1024 * 1024 + 1));
        std::fs::remove_file(&path).unwrap();
        assert!(within.is_ok_and(|payload| payload.is_empty()));
        assert_eq!((over, Payload::read(None)), (Err(Unreadable), Err(Unreadable)));
    }
}
