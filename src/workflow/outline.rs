//! Where the keys stand: a scanner of block YAML that knows line numbers, which the YAML library's values do not.
//!
//! It reads the shapes people write and gives up on others. What it finds is held against the parsed document;
//! one key that is not there means that the scanner went astray, and then it knows nothing.

use std::collections::HashMap;

use super::{
    node::Node,
    scalar::{Beginning, Flow, without_properties},
};

/// The most entries of a document; to hold them against it takes time by their square.
const MOST_ENTRIES: usize = 20_000;

/// The deepest nesting that is followed; the document itself is never deeper.
const DEEPEST: usize = 100;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A key of a mapping.
    Key(String),
    /// An element of a sequence, counted from 0.
    Index(usize),
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// Where a key or a sequence's element stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its line, counted from 1.
    pub line: usize,
    /// The line on which its value ends.
    pub last: usize,
    /// The characters before it, all of them blanks for a key of a block.
    pub column: usize,
}

/// The places of a document's keys and elements; empty when unsure.
#[derive(Clone, Debug, Default)]
pub struct Outline(HashMap<Vec<Segment>, Place>);

impl Outline {
    /// Scans a document that was parsed to `node`.
    pub fn of(text: &str, node: &Node) -> Self {
        let found = Scanner::new(text).scan().unwrap_or_default();
        let unique: HashMap<_, _> = found.iter().cloned().collect();
        let fits = unique.len() == found.len() && unique.keys().all(|path| exists(node, path));
        if fits { Self(spread(unique)) } else { Self::default() }
    }

    /// The place of a path, or `None` when unsure.
    pub fn place(&self, path: &[Segment]) -> Option<Place> {
        self.0.get(path).copied()
    }

    /// The line of the longest known beginning of a path.
    pub fn nearest_line(&self, path: &[Segment]) -> Option<usize> {
        (1..=path.len()).rev().find_map(|length| self.place(&path[..length])).map(|place| place.line)
    }
}

/// Lets the places of containers end where their last descendant does.
fn spread(mut places: HashMap<Vec<Segment>, Place>) -> HashMap<Vec<Segment>, Place> {
    let ends: Vec<(Vec<Segment>, usize)> = places.iter().map(|(path, place)| (path.clone(), place.last)).collect();
    for (path, last) in ends {
        for length in 1..path.len() {
            if let Some(ancestor) = places.get_mut(&path[..length]) {
                ancestor.last = ancestor.last.max(last);
            }
        }
    }
    places
}

fn exists(node: &Node, path: &[Segment]) -> bool {
    let end = path.iter().try_fold(node, |node, segment| match segment {
        Segment::Key(key) => node.own(key),
        Segment::Index(index) => node.items().get(*index),
    });
    end.is_some()
}

/// An open block mapping or sequence.
struct Level {
    column: usize,
    path: Vec<Segment>,
    /// The last key or element, which the lines further in belong to.
    current: Segment,
    is_list: bool,
    /// Whether the last key or element had nothing but properties on its line, so that deeper lines are its value.
    open: bool,
}

impl Level {
    fn current_path(&self) -> Vec<Segment> {
        let mut path = self.path.clone();
        path.push(self.current.clone());
        path
    }
}

struct Scanner<'a> {
    lines: Vec<&'a str>,
    next: usize,
    levels: Vec<Level>,
    found: Vec<(Vec<Segment>, Place)>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { lines: text.lines().collect(), next: 0, levels: Vec::new(), found: Vec::new() }
    }

    /// Every key and element with its place; `None` at the first line of a shape it does not know.
    fn scan(mut self) -> Option<Vec<(Vec<Segment>, Place)>> {
        while let Some(line) = self.lines.get(self.next).copied() {
            let content = line.trim_start_matches(' ');
            let is_marker = ["---", "..."].contains(&line.trim_end()) || line.starts_with('%');
            let bare = content.trim_start_matches('\t');
            if !is_marker && !bare.trim().is_empty() && !bare.starts_with('#') {
                if content.starts_with('\t') {
                    return None;
                }
                self.line(line.len() - content.len(), content.trim_end())?;
            }
            self.next += 1;
            if self.found.len() > MOST_ENTRIES {
                return None;
            }
        }
        Some(self.found)
    }

    /// Reads what begins at a column of the current line: elements, then a key, then a value.
    fn line(&mut self, mut column: usize, mut content: &'a str) -> Option<()> {
        while let Some(rest) = content.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
            if !self.enter(column, true) {
                return Some(());
            }
            self.record(column);
            let value = rest.trim_start_matches(' ');
            column += content.len() - value.len();
            content = without_properties(value);
        }
        if content.is_empty() || content.starts_with('#') {
            return Some(());
        }
        if content.starts_with("? ") || content.starts_with('\t') {
            return None;
        }
        match Beginning::of(content) {
            Beginning::Key(key, value) => self.key(column, key, value),
            Beginning::Value => self.value(content),
            Beginning::Unknown => None,
        }
    }

    fn key(&mut self, column: usize, key: String, value: &'a str) -> Option<()> {
        if !self.enter(column, false) {
            return Some(());
        }
        self.levels.last_mut()?.current = Segment::Key(key);
        self.record(column);
        let value = without_properties(value.trim_start());
        if value.is_empty() || value.starts_with('#') { Some(()) } else { self.value(value) }
    }

    /// Makes the container at a column the innermost one; `false` when the line only continues a plain scalar.
    fn enter(&mut self, column: usize, is_list: bool) -> bool {
        self.levels.retain(|level| level.column < column || (level.column == column && (is_list || !level.is_list)));
        let top = self.levels.last();
        if top.is_some_and(|top| top.column == column && top.is_list == is_list) {
            return true;
        }
        if top.is_some_and(|top| !top.open) || self.levels.len() >= DEEPEST {
            return false;
        }
        let path = top.map(Level::current_path).unwrap_or_default();
        self.levels.push(Level { column, path, current: Segment::Index(usize::MAX), is_list, open: true });
        true
    }

    /// Notes the innermost container's next element or current key.
    fn record(&mut self, column: usize) {
        let line = self.next + 1;
        let Some(level) = self.levels.last_mut() else { return };
        if let (true, Segment::Index(index)) = (level.is_list, &level.current) {
            level.current = Segment::Index(index.wrapping_add(1));
        }
        level.open = true;
        self.found.push((level.current_path(), Place { line, last: line, column }));
    }

    /// Skips a value, which may go on over several lines.
    fn value(&mut self, value: &str) -> Option<()> {
        let indent = self.levels.last().map_or(0, |level| level.column);
        if let Some(level) = self.levels.last_mut() {
            level.open = false;
        }
        match value.chars().next()? {
            '|' | '>' => self.skip_block(indent),
            '"' | '\'' | '[' | '{' => self.skip_flow(value)?,
            _ => {}
        }
        let last = self.next + 1;
        if let Some((_, place)) = self.found.last_mut() {
            place.last = last;
        }
        Some(())
    }

    fn skip_block(&mut self, indent: usize) {
        let is_inside = |line: &&str| line.trim().is_empty() || line.len() - line.trim_start_matches(' ').len() > indent;
        let lines = self.lines.iter().skip(self.next + 1).take_while(|line| is_inside(line)).count();
        let blank = self.lines[self.next + 1..][..lines].iter().rev().take_while(|line| line.trim().is_empty()).count();
        self.next += lines - blank;
    }

    /// Skips a quoted scalar or a flow collection, to the line on which it ends.
    fn skip_flow(&mut self, value: &str) -> Option<()> {
        let mut flow = Flow::default();
        if flow.ends_in(value) {
            return Some(());
        }
        while self.next + 1 < self.lines.len() {
            self.next += 1;
            if flow.ends_in(self.lines[self.next]) {
                return Some(());
            }
        }
        None
    }
}
