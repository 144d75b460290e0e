//! The comments of a workflow file, and lines that take the place of others without losing them.

use std::ops::Range;

use super::{Workflow, node::Node};

/// A comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comment {
    /// Its line, counted from 1.
    line: usize,
    /// The byte of its `#`.
    start: usize,
    /// The byte after it.
    end: usize,
}

impl Workflow {
    /// Lines that are to take the place of others, with the comments of those: behind the same key, else above all.
    pub fn with_comments(&self, first: usize, last: usize, lines: &str) -> String {
        let mut new: Vec<String> = lines.lines().map(str::to_owned).collect();
        let indent = " ".repeat(lines.len() - lines.trim_start_matches(' ').len());
        let mut above = String::new();
        for (before, comment) in self.comments(first, last) {
            if lines.lines().any(|line| line.ends_with(comment)) {
                continue;
            }
            let is_same = |line: &&mut String| {
                !before.is_empty() && key(line) == key(before) && (key(before) != "uses" || revision(line) == revision(before))
            };
            if let Some(line) = new.iter_mut().find(is_same) {
                *line += &format!(" {comment}");
            } else if !(key(before) == "uses" && is_version(comment)) {
                above += &format!("{indent}{comment}\n");
            }
        }
        above + &new.iter().map(|line| format!("{line}\n")).collect::<String>()
    }

    /// The comments in some lines, first and last included, each with what stands before it.
    fn comments(&self, first: usize, last: usize) -> impl Iterator<Item = (&str, &str)> {
        let all = self.comments.get_or_init(|| comments(&self.text, &self.root));
        let from = all.partition_point(|comment| comment.line < first);
        all[from..].iter().take_while(move |comment| comment.line <= last).map(|comment| {
            let before = self.text[..comment.start].rsplit('\n').next().unwrap_or_default();
            (before.trim(), self.text[comment.start..comment.end].trim_end())
        })
    }
}

/// The key that a line begins with.
fn key(line: &str) -> &str {
    line.trim_start_matches([' ', '-']).split(':').next().unwrap_or_default()
}

/// The revision of an action.
fn revision(line: &str) -> Option<&str> {
    line.trim().split_once('@').map(|(_, revision)| revision)
}

/// Whether a comment behind an action is the version of that action, which goes with it: `# v3.4.0`, `# tag=v3`.
fn is_version(comment: &str) -> bool {
    let comment = comment.trim_start_matches(['#', ' ']);
    !comment.contains(' ') && comment.contains(|c: char| c.is_ascii_digit())
}

/// The comments of a text: from each `#` that begins a line or follows a blank, but is in no scalar.
fn comments(text: &str, root: &Node) -> Vec<Comment> {
    let mut scalars = Vec::new();
    collect(text, root, &mut scalars);
    scalars.sort_unstable_by_key(|range| range.start);
    let is_written = |at: usize| scalars[..scalars.partition_point(|range| range.start <= at)].last().is_some_and(|range| at < range.end);
    let mut found = Vec::new();
    let mut start = 0;
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let begins = line.match_indices('#').map(|(at, _)| at).find(|at| {
            let is_apart = line[..*at].chars().next_back().is_none_or(char::is_whitespace);
            is_apart && !is_written(start + at)
        });
        found.extend(begins.map(|at| Comment { line: number, start: start + at, end: start + line.trim_end().len() }));
        start += line.len();
    }
    found
}

/// The bytes of the scalars in a node in which a `#` is no comment: blocks, but for their headers, and what is in quotes.
fn collect(text: &str, node: &Node, found: &mut Vec<Range<usize>>) {
    if let (Some(_), Some(place)) = (node.text(), node.place) {
        let (mut start, end) = (place.value, place.end);
        while text[start..end].starts_with(['&', '!']) {
            start += text[start..end].find(char::is_whitespace).unwrap_or(end - start);
            start = end - text[start..end].trim_start().len();
        }
        let written = &text[start..end];
        match written.chars().next() {
            Some('|' | '>') => found.push(start + written.find('\n').unwrap_or_default()..end),
            // The parser counts a comment behind it to such a scalar.
            Some(quote @ ('"' | '\'')) => found.push(start..start + closing(written, quote).unwrap_or(written.len())),
            _ => {}
        }
    }
    node.items().iter().chain(node.entries().map(|(_, value)| value)).for_each(|inner| collect(text, inner, found));
}

/// Where the quote ends with which a text begins.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        let is_doubled = quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == quote);
        match character {
            '\\' if quote == '"' => _ = characters.next(),
            _ if character == quote && is_doubled => _ = characters.next(),
            _ if character == quote => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_yaml_takes_for_a_comment_is_one() {
        let text = "\u{feff}# 1\njobs: # 2\n  a: # 3\n    'b': 'x # no' # 4\n    c: x#no\n    g: \"\\\"'# no'\" # 10\n    h: &x 'it''s # no' # 11\n    d: | # 5\n      # no\n      x # no\n    # 6\n    e: [a, # 7\n      b] # 8\n    f: >-\n      # no\n\n# 9";
        let workflow = Workflow::parse(text).unwrap();
        let found: Vec<&str> = workflow.comments(1, 100).map(|(_, comment)| comment).collect();
        assert_eq!(found, ["# 1", "# 2", "# 3", "# 4", "# 10", "# 11", "# 5", "# 6", "# 7", "# 8", "# 9"]);
        assert_eq!(
            workflow.comments(4, 8).collect::<Vec<_>>(),
            [("'b': 'x # no'", "# 4"), ("g: \"\\\"'# no'\"", "# 10"), ("h: &x 'it''s # no'", "# 11"), ("d: |", "# 5")]
        );
    }

    #[test]
    fn comments_stay_with_their_key_or_go_above_and_a_version_goes_with_its_action() {
        let text = "jobs:\n  a:\n    steps:\n    - uses: a/b@1 # v1.0\n      # why\n      if: x # not\n      with: # in\n        c: d # or\n    - uses: a/b@2 # v2\n    - uses: a/b@3 # by us\n";
        let workflow = Workflow::parse(text).unwrap();
        let new = "    - uses: c@1\n      if: y\n      with:\n        e: f\n";
        assert_eq!(
            workflow.with_comments(4, 8, new),
            "    # why\n    # or\n    - uses: c@1 # v1.0\n      if: y # not\n      with: # in\n        e: f\n"
        );
        assert_eq!(workflow.with_comments(9, 9, "    - uses: c@1\n"), "    - uses: c@1\n");
        assert_eq!(workflow.with_comments(10, 10, "    - uses: c@1\n"), "    # by us\n    - uses: c@1\n");
        assert_eq!(workflow.with_comments(4, 4, "    - uses: a/b@1 # v1.0\n"), "    - uses: a/b@1 # v1.0\n");
    }
}
