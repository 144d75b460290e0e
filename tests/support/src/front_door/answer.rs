//! One answer of the front door, ordinary or hostile.

use std::time::Duration;

use serde_json::{Value, json};

use crate::recorded::Recorded;

/// What the front door does with a request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) content: Content,
    pub(super) delay: Duration,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// What the rules say.
    Usual,
    /// An HTTP answer.
    Message { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// These bytes, then the ending.
    Raw { bytes: Vec<u8>, ending: Ending },
    /// Nothing, on a connection that stays open.
    Silence,
}

/// What follows the bytes of a raw answer.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// The end of the connection.
    Close,
    /// A TCP reset.
    Reset,
    /// Nothing, on a connection that stays open.
    Hold,
    /// These bytes, again and again, until the client leaves.
    Repeat { bytes: Vec<u8>, pause: Duration },
}

impl Answer {
    fn new(content: Content) -> Self {
        Self { content, delay: Duration::ZERO }
    }

    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self::new(Content::Message { status, headers: Vec::new(), body: Vec::new() })
    }

    /// A status with a JSON body.
    #[expect(clippy::needless_pass_by_value, reason = "called with json!(...)")]
    pub fn json(status: u16, body: Value) -> Self {
        Self::status(status).header("Content-Type", "application/json").body(body.to_string().as_bytes())
    }

    /// An error in GHCR's form, final line break included.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let body = json!({"errors": [{"code": code, "message": message}]});
        Self::json(status, Value::Null).body(format!("{body}\n").as_bytes())
    }

    /// An answer as it was recorded; header fields are the caller's to fill in.
    pub fn recorded(recorded: &Recorded) -> Self {
        match (&recorded.error, &recorded.text) {
            (Some((code, message)), _) => Self::error(recorded.status[0], code, message),
            (None, Some(text)) => Self::json(recorded.status[0], json!({"message": text})),
            (None, None) => Self::status(recorded.status[0]),
        }
    }

    /// What the rules say; for an answer that is only late.
    pub fn usual() -> Self {
        Self::new(Content::Usual)
    }

    /// The end of the connection instead of an answer.
    pub fn cut() -> Self {
        Self::raw(b"")
    }

    /// Exactly these bytes, then the end of the connection.
    pub fn raw(bytes: &[u8]) -> Self {
        Self::new(Content::Raw { bytes: bytes.to_vec(), ending: Ending::Close })
    }

    /// A TCP reset instead of the end of the connection, after the bytes of a raw answer.
    #[must_use]
    pub fn then_reset(self) -> Self {
        self.ending(Ending::Reset)
    }

    /// A connection that stays open after the bytes of a raw answer.
    #[must_use]
    pub fn then_hold(self) -> Self {
        self.ending(Ending::Hold)
    }

    /// These bytes again and again after those of a raw answer, as long as the client stays.
    #[must_use]
    pub fn then_repeat(self, bytes: &[u8], pause: Duration) -> Self {
        self.ending(Ending::Repeat { bytes: bytes.to_vec(), pause })
    }

    fn ending(mut self, after: Ending) -> Self {
        if let Content::Raw { ending, .. } = &mut self.content {
            *ending = after;
        }
        self
    }

    /// Neither an answer nor the end of the connection.
    pub fn silence() -> Self {
        Self::new(Content::Silence)
    }

    /// The same answer with one more header; headers of one name are all sent.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Content::Message { headers, .. } = &mut self.content {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// The same answer with this body.
    #[must_use]
    pub fn body(mut self, bytes: &[u8]) -> Self {
        if let Content::Message { body, .. } = &mut self.content {
            *body = bytes.to_vec();
        }
        self
    }

    /// The same answer, this much later.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The status on the wire; 0 where no well-formed answer is given.
    pub(super) fn wire_status(&self) -> u16 {
        match self.content {
            Content::Message { status, .. } => status,
            _ => 0,
        }
    }
}
