//! Logs that a terminal, a mail or a page broke into lines of one width, put together again.

use std::ops::RangeInclusive;

use super::{recognise, text};

/// The widths of broken lines.
const WIDTHS: RangeInclusive<usize> = 32..=100;

/// Nobody wraps a longer log manually, in bytes.
const LONGEST: usize = 64 * 1024;

/// Words that no seam runs through.
const WHOLE: [&str; 12] = ["to", "from", "the", "for", "not", "token", "failed", "denied", "error", "status", "request", "unexpected"];

/// How a log was broken.
#[derive(Clone, Copy)]
struct Wrap {
    width: usize,
    /// Whether within words.
    is_sharp: bool,
}

/// A log put together again, if one of its lines looks broken: as if it was broken between words, and within them. Lines
/// that only happen to be long are joined as well: what is read in it counts only if it tells more.
pub(super) fn unbroken(log: &str) -> impl Iterator<Item = String> {
    let wraps = if log.len() > LONGEST { [None, None] } else { [Wrap::between_words(log), Wrap::within_words(log)] };
    wraps.into_iter().flatten().filter(|wrap| WIDTHS.contains(&wrap.width)).filter_map(|wrap| wrap.undone(log))
}

fn width(line: &str) -> usize {
    line.trim_end().chars().count()
}

impl Wrap {
    /// A word that fits in no line can be longer.
    fn between_words(log: &str) -> Option<Self> {
        let width = log.lines().filter(|line| line.trim().contains(' ')).map(width).max()?;
        Some(Self { width, is_sharp: false })
    }

    fn within_words(log: &str) -> Option<Self> {
        Some(Self { width: log.lines().map(width).max()?, is_sharp: true })
    }

    fn undone(self, log: &str) -> Option<String> {
        let mut text = String::with_capacity(log.len());
        let mut lines = log.lines().peekable();
        let mut is_broken = false;
        while let Some(line) = lines.next() {
            text += line;
            let Some(next) = lines.peek() else { break };
            let seam = self.seam(line, next);
            is_broken |= seam.is_some();
            text += seam.unwrap_or("\n");
        }
        is_broken.then_some(text)
    }

    /// What stood between two lines if one was broken into them: nothing within a word, else a space.
    fn seam(self, line: &str, next: &str) -> Option<&'static str> {
        let word = next.split_whitespace().next()?;
        let length = width(line);
        let is_own = text::starts_anew(next) || text::is_stamped(next) || recognise::is_success(&next.to_ascii_lowercase());
        if is_own || length <= self.width / 2 {
            return None;
        }
        let is_full = length == self.width;
        let is_cut = if self.is_sharp { !is_seam_of_words(line, word) } else { last_word(line).len() + word.len() > self.width };
        let is_seam = if self.is_sharp { length + 1 >= self.width } else { length + 1 + word.chars().count() > self.width };
        let has_space = line.ends_with(' ') || next.starts_with(' ') || is_full && is_cut;
        is_seam.then_some(if has_space { "" } else { " " })
    }
}

fn last_word(line: &str) -> &str {
    line.rsplit(' ').next().unwrap_or_default()
}

/// Whether a line and what follows end and begin with whole words.
fn is_seam_of_words(line: &str, word: &str) -> bool {
    let last = last_word(line);
    let is_whole = |word: &str| WHOLE.contains(&word.to_ascii_lowercase().as_str());
    !last.contains('/') && (last.ends_with([':', ',', '.', ';']) || is_whole(last) || is_whole(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "ERROR: failed to push ghcr.io/acme/app:main: unexpected status from HEAD request to https://ghcr.io/v2/acme/app/blobs/sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff: 403 Forbidden";

    fn by_letters(text: &str, width: usize) -> String {
        let letters: Vec<_> = text.chars().collect();
        letters.chunks(width).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("\n")
    }

    fn by_words(text: &str, width: usize) -> String {
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let last = lines.last_mut().unwrap();
            if !last.is_empty() && last.len() + 1 + word.len() > width {
                lines.push(word.to_owned());
            } else {
                last.push_str(if last.is_empty() { "" } else { " " });
                last.push_str(word);
            }
        }
        lines.join("\n")
    }

    #[test]
    fn a_message_that_was_broken_within_words_is_whole_again() {
        for width in [36, 40, 44, 50, 57, 60, 72, 80] {
            assert!(unbroken(&by_letters(MESSAGE, width)).any(|whole| whole == MESSAGE), "{width}");
        }
    }

    #[test]
    fn a_message_that_was_broken_between_words_is_whole_again() {
        let message = "Error response from daemon: Head \"https://ghcr.io/v2/acme/app/manifests/1\": unauthorized: unauthenticated: User cannot be authenticated with the token provided.";
        for width in [40, 48, 52, 60, 80] {
            assert!(unbroken(&by_words(message, width)).any(|whole| whole == message), "{width}");
        }
    }

    #[test]
    fn lines_that_end_on_their_own_stay_apart() {
        for log in [
            "",
            "a\nb",
            "#1 the first of the lines\n#2 the second of the lines\n#3 the third",
            "pushed to ghcr.io/acme/app in a minute\nError: denied",
        ] {
            assert_eq!(unbroken(log).next(), None, "{log}");
        }
    }
}
