//! Changes of whole lines, so that everything else in a file stays as it was written.

use std::collections::BTreeSet;

use crate::workflow::{Workflow, job::Job, node::Location};

/// A change: some lines go, others take their place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The line before which it happens, and the first of those that go, counted from 1.
    pub line: usize,
    /// How many lines go.
    pub removed: usize,
    /// The lines that come, each ended by a line break.
    pub lines: String,
}

impl Edit {
    /// Lines that come before a line.
    pub const fn insert(line: usize, lines: String) -> Self {
        Self { line, removed: 0, lines }
    }

    /// Lines that take the place of others, first and last included.
    pub const fn replace(first: usize, last: usize, lines: String) -> Self {
        Self { line: first, removed: last + 1 - first, lines }
    }
}

/// How many unchanged lines a diff shows around a change.
const AROUND: usize = 3;

/// A text with the changes made; `None` when they touch each other.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let end = line_end(text);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut changed, mut at) = (String::new(), 0);
    for edit in in_order(edits)? {
        let first = edit.line.checked_sub(1).filter(|first| first + edit.removed <= lines.len())?;
        changed.extend(lines[at..first].iter().copied());
        if !changed.is_empty() && !changed.ends_with('\n') {
            changed += end;
        }
        changed.extend(edit.lines.lines().flat_map(|line| [line, end]));
        at = first + edit.removed;
    }
    changed.extend(lines[at..].iter().copied());
    Some(changed)
}

/// Whether a changed text says what a workflow said, but for the jobs in whose lines the changes are: an anchor leads elsewhere.
pub fn is_confined(old: &Workflow, changed: &str, edits: &[Edit]) -> bool {
    let Ok(new) = Workflow::parse(changed) else { return false };
    let starts: BTreeSet<usize> = edits.iter().map(|edit| edit.line).collect();
    let is_within = |place: Location| starts.range(place.line + 1..=place.last + 1).next().is_some();
    let is_kept = |job: Job<'_>| new.job(job.key).is_some_and(|other| other.node == job.node || job.node.place.is_some_and(is_within));
    let keys = |workflow: &Workflow| workflow.root().entries().filter(|(key, _)| *key != "jobs").count();
    let rest = old.root().entries().all(|(key, node)| key == "jobs" || new.root().get(key) == Some(node));
    rest && keys(old) == keys(&new) && old.jobs().len() == new.jobs().len() && old.jobs().into_iter().all(is_kept)
}

/// How the lines of a text end.
fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// A change as [`apply`] makes it: one behind a last line without a line break ends that line too.
fn as_made(edit: &Edit, lines: &[&str]) -> Edit {
    match lines.last() {
        Some(last) if edit.line > lines.len() && !last.ends_with('\n') => {
            Edit { line: lines.len(), removed: 1, lines: format!("{last}\n{}", edit.lines) }
        }
        _ => edit.clone(),
    }
}

/// The changes as a unified diff, ready for `patch -p1`.
pub fn diff(path: &str, text: &str, edits: &[Edit]) -> Option<String> {
    let end_of_line = line_end(text);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let edits: Vec<Edit> = in_order(edits)?.into_iter().map(|edit| as_made(edit, &lines)).collect();
    let edits = in_order(&edits)?;
    let old =
        |sign: char, line: &&str| format!("{sign}{line}{}", if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" });
    let mut diff = format!("--- {}\n+++ {}\n", name("a/", path), name("b/", path));
    let mut shift: isize = 0;
    let mut rest = &edits[..];
    while let Some(first) = rest.first() {
        let near = |pair: &[&Edit]| pair[0].line + pair[0].removed + 2 * AROUND >= pair[1].line;
        let together = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let (hunk, others) = rest.split_at(together);
        rest = others;
        let start = first.line.saturating_sub(AROUND).max(1);
        let end = hunk.last().map_or(start, |edit| edit.line + edit.removed + AROUND - 1).min(lines.len());
        let (mut body, mut at, mut added, mut removed) = (String::new(), start, 0, 0);
        for edit in hunk {
            body.extend(lines[at - 1..(edit.line - 1).min(lines.len())].iter().map(|line| old(' ', line)));
            body.extend(lines[edit.line - 1..edit.line - 1 + edit.removed].iter().map(|line| old('-', line)));
            body.extend(edit.lines.lines().map(|line| format!("+{line}{end_of_line}")));
            at = edit.line + edit.removed;
            added += edit.lines.lines().count();
            removed += edit.removed;
        }
        body.extend(lines.get(at - 1..end).unwrap_or_default().iter().map(|line| old(' ', line)));
        let old = (end + 1).saturating_sub(start);
        diff += &format!("@@ -{start},{old} +{},{} @@\n{body}", start.saturating_add_signed(shift), old + added - removed);
        shift += isize::try_from(added).ok()? - isize::try_from(removed).ok()?;
    }
    Some(diff)
}

/// A path as git writes it into a diff (`core.quotePath`): in quotes where a byte of it is not plain, and with a tab behind a space,
/// which would end it else (git's `quote.c` and `diff.c`).
fn name(prefix: &str, path: &str) -> String {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    // What the runner would take for a command is not printed as it is.
    if path.bytes().all(is_plain) && !path.contains("##[") {
        return format!("{prefix}{path}{}", if path.contains(' ') { "\t" } else { "" });
    }
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b'\n' => "\\n".to_owned(),
        b'\t' => "\\t".to_owned(),
        b'\r' => "\\r".to_owned(),
        byte if is_plain(byte) && byte != b'#' => char::from(byte).to_string(),
        byte => format!("\\{byte:03o}"),
    };
    format!("\"{prefix}{}\"", path.bytes().map(escaped).collect::<String>())
}

/// The changes in the order of their lines; `None` when two touch each other. Lines may come before one that is replaced.
fn in_order(edits: &[Edit]) -> Option<Vec<&Edit>> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_unstable();
    edits.dedup();
    let is_clear = |pair: &[&Edit]| pair[0].line < pair[1].line || pair[1].removed > 0;
    let is_apart = |pair: &[&Edit]| pair[0].line + pair[0].removed <= pair[1].line && is_clear(pair);
    edits.windows(2).all(is_apart).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "one\ntwo # kept\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

    #[test]
    fn lines_come_and_go_and_the_others_stay() {
        let edits = [Edit::replace(3, 4, "3\n".into()), Edit::insert(1, "zero\n".into()), Edit::insert(11, "end\n".into())];
        let changed = apply(TEXT, &edits).unwrap();
        assert_eq!(changed, "zero\none\ntwo # kept\n3\nfive\nsix\nseven\neight\nnine\nten\nend\n");
        assert_eq!(apply("a\r\nb\r\n", &[Edit::insert(2, "x\n".into())]).unwrap(), "a\r\nx\r\nb\r\n");
        assert_eq!(apply("a", &[Edit::insert(2, "b\n".into())]).unwrap(), "a\nb\n");
    }

    #[test]
    fn changes_that_touch_each_other_are_not_made() {
        assert_eq!(apply(TEXT, &[Edit::replace(3, 5, String::new()), Edit::insert(4, "x\n".into())]), None);
        assert_eq!(apply(TEXT, &[Edit::insert(4, "x\n".into()), Edit::insert(4, "y\n".into())]), None);
        assert_eq!(apply(TEXT, &[Edit::replace(10, 11, String::new())]), None);
    }

    #[test]
    fn a_line_that_is_replaced_may_get_others_before_it() {
        let edits = [Edit::replace(3, 3, "3\n".into()), Edit::insert(3, "2.5\n".into())];
        assert!(apply(TEXT, &edits).unwrap().starts_with("one\ntwo # kept\n2.5\n3\nfour\n"));
        assert!(diff("a", TEXT, &edits).unwrap().ends_with("@@ -1,6 +1,7 @@\n one\n two # kept\n+2.5\n-three\n+3\n four\n five\n six\n"));
    }

    #[test]
    fn a_diff_shows_what_is_around() {
        let edits = [Edit::replace(1, 1, "1\n".into()), Edit::insert(10, "new\n".into())];
        insta::assert_snapshot!(diff("a.yml", TEXT, &edits).unwrap(), @r"
        --- a/a.yml
        +++ b/a.yml
        @@ -1,4 +1,4 @@
        -one
        +1
         two # kept
         three
         four
        @@ -7,4 +7,5 @@
         seven
         eight
         nine
        +new
         ten
        ");
    }

    #[test]
    fn a_name_in_a_diff_is_quoted_as_git_quotes_it() {
        for (path, named) in [
            ("x/a-b_c.yml", "a/x/a-b_c.yml"),
            ("a b.yml", "a/a b.yml\t"),
            ("a\nb\t\r.yml", r#""a/a\nb\t\r.yml""#),
            ("a\"\\ \u{1b}\u{7f}.yml", r#""a/a\"\\ \033\177.yml""#),
            ("\u{e9}\u{202e}.yml", r#""a/\303\251\342\200\256.yml""#),
            ("##[x].yml", r#""a/\043\043[x].yml""#),
        ] {
            assert_eq!(name("a/", path), named);
        }
    }

    #[test]
    fn a_diff_has_the_line_ends_of_the_file_and_says_where_there_is_none() {
        let body = |text, edit| diff("a", text, &[edit]).unwrap().split_once("@@\n").unwrap().1.to_owned();
        assert_eq!(body("a\r\nb\r\n", Edit::insert(2, "x\n".into())), " a\r\n+x\r\n b\r\n");
        let none = "\n\\ No newline at end of file\n";
        assert_eq!(body("a\nb", Edit::insert(1, "x\n".into())), format!("+x\n a\n b{none}"));
        assert_eq!(body("a\nb", Edit::insert(3, "x\n".into())), format!(" a\n-b{none}+b\n+x\n"));
        assert_eq!(apply("a\r\nb", &[Edit::insert(3, "x\n".into())]).unwrap(), "a\r\nb\r\nx\r\n");
    }
}
