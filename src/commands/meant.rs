//! Which known word was meant by one that is not known. Pure.

use std::ffi::OsStr;

/// The longest text that is compared, in bytes: no word of ours comes near it.
const LONGEST: usize = 24;

/// The known word that a text is the beginning of, or else the nearest one, if at most one letter of three differs.
pub(super) fn meant<'a>(text: &OsStr, known: &'a [String]) -> Option<&'a str> {
    let text = text.to_str().filter(|text| text.len() <= LONGEST)?.trim_start_matches('-');
    let known = || known.iter().map(|word| (word.trim_start_matches('-'), word.as_str()));
    let begun = known().find(|(bare, _)| text.len() > 1 && bare.starts_with(text));
    let nearest = || known().min_by_key(|(bare, _)| distance(text, bare));
    let is_near = |(bare, _): &(&str, &str)| distance(text, bare) <= bare.len().div_ceil(3);
    begun.or_else(|| nearest().filter(is_near)).map(|(_, word)| word)
}

/// How many letters have to be put in, left out, replaced, or swapped with their neighbor (the optimal string alignment
/// distance).
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut rows = [vec![0; to.len() + 1], (0..=to.len()).collect(), vec![0; to.len() + 1]];
    for (i, letter) in from.iter().enumerate() {
        let [before, above, row] = &mut rows;
        row[0] = i + 1;
        for (j, other) in to.iter().enumerate() {
            let replaced = above[j] + usize::from(letter != other);
            row[j + 1] = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == to[j - 1] && from[i - 1] == *other {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        rows.rotate_left(1);
    }
    rows[1][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_put_in_left_out_replaced_or_swapped_are_counted() {
        for (from, to, letters) in [
            ("", "", 0),
            ("", "fix", 3),
            ("fx", "fix", 1),
            ("aduit", "audit", 1),
            ("aduit", "audit", 1),
            ("exlpain", "explain", 1),
            ("check", "audit", 5),
        ] {
            assert_eq!(distance(from, to), letters, "{from} {to}");
            assert_eq!(distance(to, from), letters, "{to} {from}");
        }
    }

    #[test]
    fn only_what_is_close_is_meant() {
        let known = ["check", "explain", "audit", "--fix", "--env-file"].map(str::to_owned);
        for (text, word) in [
            ("chek", Some("check")),
            ("--fx", Some("--fix")),
            ("-fix", Some("--fix")),
            ("envfile", Some("--env-file")),
            ("exp", Some("explain")),
            ("e", None),
            ("x", None),
            ("", None),
            ("login", None),
            ("ghp_abcdefghijklmnopqrstuvwxyz", None),
        ] {
            assert_eq!(meant(OsStr::new(text), &known), word, "{text}");
        }
    }
}
