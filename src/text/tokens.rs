//! GitHub's tokens in foreign text, by their looks. It never makes a token, it only keeps one out of what is shown.

use std::ops::Range;

use super::{is_unseen, neutral_lines};
use crate::credential::token::{HIDDEN, PREFIXES};

/// The fewest letters and digits in a row that make a token of what follows a prefix. GitHub's have more; words of names,
/// such as `laughs_` or `ghs_comedy-streaming-service`, have separators between fewer.
const SHORTEST: usize = 20;

/// Lines, each of them [`neutral`](super::neutral), without tokens.
pub fn without_tokens(text: &str) -> String {
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(place) = place(rest) {
        shown.push_str(&rest[..place.start]);
        shown.push_str(HIDDEN);
        rest = &rest[place.end..];
    }
    neutral_lines(&(shown + rest))
}

/// Whether a token stands in a text.
pub fn shows_token(text: &str) -> bool {
    place(text).is_some()
}

/// Where the first token stands, in any case; what is not seen in it belongs to it.
fn place(text: &str) -> Option<Range<usize>> {
    let is_other = |character: char| !(character.is_ascii_alphanumeric() || "_-.".contains(character) || is_unseen(character));
    let mut after = 0;
    text.split_inclusive(is_other).find_map(|run| {
        let start = after;
        after += run.len();
        place_in(run.trim_end_matches(is_other)).map(|place| start + place.start..start + place.end)
    })
}

/// The same where no character ends a token: from its prefix to the end. Each run is gone through once for all its prefixes,
/// as what is seen of it and where that stands.
fn place_in(run: &str) -> Option<Range<usize>> {
    if run.len() < SHORTEST {
        return None;
    }
    let (at, seen): (Vec<usize>, String) = run.char_indices().filter(|(_, character)| !is_unseen(*character)).unzip();
    let is_separator = |character: char| !character.is_ascii_alphanumeric();
    let (mut after, mut last) = (0, None);
    for part in seen.split_inclusive(is_separator) {
        if part.trim_end_matches(is_separator).len() >= SHORTEST {
            last = Some(after);
        }
        after += part.len();
    }
    let (last, lower) = (last?, seen.to_ascii_lowercase());
    let begins = |start: usize| start == 0 || lower[..start].ends_with(is_separator) || at[start] > at[start - 1] + 1;
    let places = PREFIXES.iter().flat_map(|prefix| lower.match_indices(prefix));
    let start = places.filter(|(start, prefix)| start + prefix.len() <= last && begins(*start)).map(|(start, _)| start).min()?;
    Some(at[start]..run.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "ghp_0123456789abcdefABCDEF";

    #[test]
    fn a_token_reaches_from_its_prefix_to_what_no_token_has() {
        let long = "a".repeat(SHORTEST);
        for (text, shown) in [
            (format!("é {TOKEN}!"), Some(TOKEN.to_owned())),
            (format!("GHP_{long}.x-y é"), Some(format!("GHP_{long}.x-y"))),
            (format!("x_github_pat_1_{long}"), Some(format!("github_pat_1_{long}"))),
            (format!("ghp_ghp_{long}"), Some(format!("ghp_ghp_{long}"))),
            (format!("{long}_ghs_short"), None),
            (format!("laughs_{long}"), None),
            (format!("ghp_{}", &long[1..]), None),
            ("ghp_".repeat(20_000), None),
        ] {
            assert_eq!(place(&text).map(|place| text[place].to_owned()), shown);
        }
    }

    #[test]
    fn a_token_is_hidden_wherever_it_stands_and_nothing_else_is() {
        let pat = format!("github_pat_{}", &TOKEN[4..]);
        for (text, shown) in [
            (format!("a {TOKEN} b"), "a *** b"),
            (format!("if: x == '{TOKEN}' && y == \"{pat}\""), "if: x == '***' && y == \"***\""),
            (format!("acme/{}", TOKEN.to_ascii_uppercase()), "acme/***"),
            ("ghs_123456_eyJhbGciOiJIUzI1NiIsInR5cCI6.eyJzdWIi.c2ln-x_y: é".into(), "***: é"),
            (
                "acme/laughs_comedystreamingserviceforall acme/ghs_comedy-streaming-service".into(),
                "acme/laughs_comedystreamingserviceforall acme/ghs_comedy-streaming-service",
            ),
            ("ghp_ and github_pat_ begin tokens, ghp_acme does not".into(), "ghp_ and github_pat_ begin tokens, ghp_acme does not"),
        ] {
            assert_eq!(without_tokens(&text), shown);
            assert_eq!(shows_token(&text), text != shown);
        }
    }

    const UNSEEN: &str = "\u{0}\u{1b}\u{7f}\u{9b}\u{ad}\u{34f}\u{61c}\u{115f}\u{1160}\u{17b4}\u{180b}\u{180e}\u{200b}\u{200d}\u{202e}\u{2060}\u{2800}\
        \u{3164}\u{fe00}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{13430}\u{1343f}\u{1bca0}\u{1d173}\u{1d17a}\u{e0001}\u{e0100}\u{e0fff}";

    #[test]
    fn what_is_not_seen_hides_no_token() {
        for unseen in UNSEEN.chars() {
            let split: String = TOKEN.chars().flat_map(|character| [character, unseen]).collect();
            for text in [format!("a gh{unseen}p_{}{unseen}{unseen}{}b\nc", &TOKEN[4..9], &TOKEN[9..]), format!("a {split}\nc")] {
                assert_eq!((without_tokens(&text).as_str(), shows_token(&text)), ("a ***\nc", true), "{unseen:?}");
            }
            let glued = without_tokens(&format!("a{unseen}{split}"));
            assert!(glued.ends_with("***") && !glued.contains("ghp"), "{unseen:?}: {glued}");
        }
    }
}
