//! The event that started the run, as event.json has it.

use std::path::Path;

pub use super::event_json::{Payload, Unreadable};
use super::{event_json::Value, field::Field, regular_file};

/// The largest event.json that is read, in bytes. GitHub caps a webhook payload at 25 MB
/// (<https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap>).
const LARGEST: u64 = 32 * 1024 * 1024;

impl Payload {
    /// Reads event.json.
    ///
    /// # Errors
    /// [`Unreadable`], also when `path` is `None`.
    pub fn read(path: Option<&Path>) -> Result<Self, Unreadable> {
        let content = regular_file::read(path.ok_or(Unreadable)?, LARGEST).map_err(|_| Unreadable)?;
        Self::parse(&content)
    }

    fn value(&self, field: Field) -> &Value {
        self.values.get(field as usize).unwrap_or(&Value::Absent)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{
        event_json::{LONGEST_ESCAPED, LONGEST_TEXT},
        field::Kind,
    };

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
                assert_eq!(at(*field, value).is_well_typed, kind == Some(field.kind()), "{field:?}: {value}");
            }
            assert!(at(*field, "null").is_well_typed && at(*field, "null").is_null(*field) && !Payload::parse(b"{}").unwrap().has(*field));
        }
        for way in [r#"{"sender":"dependabot[bot]"}"#, r#"{"pull_request":{"head":[]}}"#, r#"{"workflow_run":{"actor":1}}"#] {
            assert!(!Payload::parse(way.as_bytes()).unwrap().is_well_typed, "{way}");
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
        assert_eq!((payload.text(Field::Ref), payload.is_well_typed, payload.text(Field::SenderLogin)), (None, false, Some("alice")));
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
        assert!(within.is_ok_and(|payload| payload.is_empty));
        assert_eq!((over, Payload::read(None)), (Err(Unreadable), Err(Unreadable)));
    }
}
