//! The lines that give a job `packages: write`, ready to paste.

use super::{
    Workflow,
    job::Job,
    node::{Location, Node},
    permissions::{Packages, SetBy},
};

/// What a job keeps that says nothing of permissions; a checkout needs it, and so does a private repository's.
const USUAL: [(&str, &str); 1] = [("contents", "read")];

/// The indentation of a job's keys where the file does not show it.
const USUAL_COLUMN: usize = 4;

/// Where the corrected lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// They replace these lines, first and last included.
    Replace {
        /// The first line, counted from 1.
        first: usize,
        /// The last one.
        last: usize,
    },
    /// They follow this line: the job's key.
    After(usize),
    /// They belong to the job; where that stands is not known for sure.
    InJob,
}

/// A change of the workflow file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Where.
    pub target: Target,
    /// The lines, indented, each ended by a line break.
    pub lines: String,
    /// Why the lines cannot say all; a sentence.
    pub remark: Option<&'static str>,
}

impl Correction {
    /// What to do with the lines, in a sentence: `replace lines 8 to 9 of job `build` (.github/workflows/ci.yml) with:`.
    pub fn instruction(&self, file: &str, job: &str) -> String {
        match self.target {
            Target::Replace { first, last } if first == last => format!("In {file}, job `{job}`, replace line {first} with:"),
            Target::Replace { first, last } => format!("In {file}, job `{job}`, replace lines {first} to {last} with:"),
            Target::After(line) => format!("In {file}, job `{job}`, add after line {line}:"),
            Target::InJob => format!("In {file}, job `{job}`, set `permissions` to:"),
        }
    }
}

/// A permission and its access: `packages`, `write`.
pub type Grant = (String, String);

impl Workflow {
    /// The change that gives a job `packages: write` and keeps what it has; `None` when it has it, or when what it
    /// has is unsure. The workflow's own `permissions` stay as they are, so other jobs get nothing more.
    pub fn correction(&self, job: Job<'_>) -> Option<Correction> {
        self.granting(job, &[("packages".to_owned(), "write".to_owned())])
    }

    /// The same for several permissions, `packages: write` among them.
    pub fn granting(&self, job: Job<'_>, grants: &[Grant]) -> Option<Correction> {
        if matches!(self.effective_permission(job).packages, Packages::Write | Packages::Unsure) {
            return None;
        }
        let (set_by, node) = self.permissions(job);
        let own = node.filter(|_| set_by == SetBy::Job);
        let (target, lines) = match own.map(|node| (node, node.place.filter(|place| place.is_block))) {
            Some((node, Some(place))) => {
                let target = Target::Replace { first: place.line, last: place.last };
                (target, self.written(place, node, grants).unwrap_or_else(|| block(Some(node), place.column, grants)))
            }
            Some((node, None)) => (Target::InJob, block(Some(node), column(job), grants)),
            None => (after_key(job), block(node, column(job), grants)),
        };
        let lines = match target {
            Target::Replace { first, last } => self.with_comments(first, last, &lines),
            Target::After(_) | Target::InJob => lines,
        };
        Some(Correction { target, lines, remark: remark(node, set_by) })
    }

    /// The lines of a block of permissions as they are written, comments included, with the grants made in them.
    fn written(&self, place: Location, node: &Node, grants: &[Grant]) -> Option<String> {
        let on_its_line = |place: &Location| place.is_block && place.line == place.last;
        let children: Vec<(&str, Location)> =
            node.entries().map(|(key, child)| Some((key, child.place.filter(on_its_line)?))).collect::<Option<_>>()?;
        let (_, Location { column, .. }) = *children.first()?;
        let lacking = || grants.iter().filter(|(key, access)| rank(access) > rank(node.text_at(key).unwrap_or_default()));
        let grant = |(key, access): &Grant| format!("{}{key}: {access}\n", " ".repeat(column));
        let changed = |line: usize| {
            let (key, _) = children.iter().find(|(_, at)| at.line == line)?;
            lacking().find(|(granted, _)| granted == key).map(grant)
        };
        let keep = |(index, line): (usize, &str)| changed(place.line + index).unwrap_or_else(|| format!("{line}\n"));
        let lines: String = self.lines(place.line, place.last).enumerate().map(keep).collect();
        Some(lines + &lacking().filter(|(key, _)| node.get(key).is_none()).map(grant).collect::<String>())
    }
}

/// How much an access gives.
pub fn rank(access: &str) -> u8 {
    match access {
        "write" => 2,
        "read" => 1,
        _ => 0,
    }
}

/// After the job's key, if its keys stand below that.
fn after_key(job: Job<'_>) -> Target {
    let is_block = first_key(job).is_some();
    job.node.place.filter(|_| is_block).map_or(Target::InJob, |place| Target::After(place.line))
}

/// The column of a job's keys.
fn column(job: Job<'_>) -> usize {
    first_key(job).map_or(USUAL_COLUMN, |place| place.column)
}

fn first_key(job: Job<'_>) -> Option<Location> {
    job.node.entries().find_map(|(_, node)| node.place.filter(|place| place.is_block))
}

/// A new block of permissions at a column: those of `node`, and the grants.
fn block(node: Option<&Node>, column: usize, grants: &[Grant]) -> String {
    let kept: Vec<(&str, &str)> = match node.filter(|node| node.is_map()) {
        Some(named) => named.entries().filter_map(|(key, access)| Some((key, access.text()?))).collect(),
        None => USUAL.to_vec(),
    };
    let granted = |key: &str| grants.iter().find(|(name, _)| name == key).map_or("", |(_, access)| access.as_str());
    let old = kept.iter().map(|(key, access)| (*key, if rank(granted(key)) > rank(access) { granted(key) } else { access }));
    let new =
        grants.iter().filter(|(key, _)| kept.iter().all(|(known, _)| known != key)).map(|(key, access)| (key.as_str(), access.as_str()));
    let indent = " ".repeat(column);
    let lines: String = old.chain(new).map(|(key, access)| format!("{indent}  {key}: {access}\n")).collect();
    format!("{indent}permissions:\n{lines}")
}

fn remark(node: Option<&Node>, set_by: SetBy) -> Option<&'static str> {
    match (node, set_by) {
        (Some(node), _) if node.text().is_some() => {
            Some("`read-all` can't be extended, so this lists permissions; add whatever else the job reads.")
        }
        (None, _) => Some("Unlisted permissions become `none`; also list whatever else this job needs."),
        (Some(_), SetBy::Workflow) => Some("The job's permissions replace the workflow's, which are repeated here."),
        (Some(_), _) => None,
    }
}
