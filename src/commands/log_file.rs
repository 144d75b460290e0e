//! Reads a log of any size in bounded memory: its beginning, which says what was tried, and its end, where it failed.

use std::io::{self, Read};

/// How much of the beginning is kept, in bytes.
const BEGINNING: usize = 1024 * 1024;

/// How much of the end is kept, in bytes.
const END: usize = 4 * 1024 * 1024;

/// How much is read at a time, in bytes.
const CHUNK: usize = 1024 * 1024;

/// A log as far as it was kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Log {
    /// Its text; what is no UTF-8 is replaced.
    pub(super) text: String,
    /// How much was left out between beginning and end, in bytes.
    pub(super) skipped: u64,
}

impl Log {
    /// A text that is there already.
    pub(super) const fn of(text: String) -> Self {
        Self { text, skipped: 0 }
    }

    /// Reads to the end.
    ///
    /// # Errors
    ///
    /// If nothing can be read; what was read before a failure is a log still.
    pub(super) fn read(mut source: impl Read) -> io::Result<Self> {
        let (mut bytes, mut skipped) = (Vec::new(), 0);
        loop {
            match source.by_ref().take(CHUNK as u64).read_to_end(&mut bytes) {
                Ok(0) => break,
                Ok(_) => skipped += forget_middle(&mut bytes, CHUNK),
                Err(error) if bytes.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        skipped += forget_middle(&mut bytes, 0);
        if skipped > 0 {
            // What is left of two lines must not become one.
            bytes.insert(BEGINNING, b'\n');
        }
        let text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok(Self { text, skipped })
    }

    /// What is said of what was left out.
    pub(super) fn note(&self) -> Option<String> {
        let megabytes = |bytes: usize| bytes / (1024 * 1024);
        (self.skipped > 0).then(|| {
            format!(
                "Read the first {} MiB and the last {} MiB of the log; skipped {} bytes in between.",
                megabytes(BEGINNING),
                megabytes(END),
                self.skipped
            )
        })
    }
}

/// Drops what lies between beginning and end, if that is more than `slack`. Returns how much that was.
fn forget_middle(bytes: &mut Vec<u8>, slack: usize) -> u64 {
    let surplus = bytes.len().saturating_sub(BEGINNING + END);
    if surplus <= slack {
        return 0;
    }
    bytes.drain(BEGINNING..BEGINNING + surplus);
    surplus as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_of_any_size_keeps_its_beginning_and_its_end() {
        let beginning = b"docker push ghcr.io/acme/app\n".to_vec();
        let filling = io::repeat(b'x').take(40_000_000);
        let log = Log::read(io::Cursor::new(beginning).chain(filling).chain(&b"\ndenied: denied"[..])).unwrap();
        assert!(log.text.starts_with("docker push ") && log.text.ends_with("denied: denied"));
        assert_eq!(log.text.len() + usize::try_from(log.skipped).unwrap(), 40_000_000 + 29 + 15 + 1);
        assert!(log.text.len() <= BEGINNING + END + 1 && log.note().unwrap().contains("skipped"));
    }

    #[test]
    fn a_short_log_is_read_whole() {
        let log = Log::read(&b"denied \xff"[..]).unwrap();
        assert_eq!((log.text.as_str(), log.note()), ("denied \u{fffd}", None));
    }
}
