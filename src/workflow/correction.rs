//! The lines that give a job `packages: write`, ready to paste.

use super::{Workflow, job::Job, job_path, node::Node, outline::Place, permissions::Packages, permissions::Source};

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
            Target::InJob => format!("In {file}, job `{job}`, let `permissions` be:"),
        }
    }
}

impl Workflow {
    /// The change that gives a job `packages: write` and keeps what it has; `None` when it has it, or when what it
    /// has is unsure. The workflow's own `permissions` stay as they are, so other jobs get nothing more.
    pub fn correction(&self, job: Job<'_>) -> Option<Correction> {
        let effective = self.effective_permission(job);
        if matches!(effective.packages, Packages::Write | Packages::Unsure) {
            return None;
        }
        let node = self.permissions_node(job, effective.source);
        let remark = remark(node, effective.source);
        let path = job_path(job.key, ["permissions".into()]);
        let place = self.place(&path).filter(|_| effective.source == Source::Job);
        let written = place.and_then(|place| self.written(&path, place, node?));
        let (target, lines) = match (place, written) {
            (Some(Place { line, last, .. }), Some(lines)) => (Target::Replace { first: line, last }, lines),
            (Some(Place { line, last, column }), None) => (Target::Replace { first: line, last }, block(node, column)),
            (None, _) if effective.source == Source::Job => (Target::InJob, block(node, self.column(job))),
            (None, _) => (self.after_key(job), block(node, self.column(job))),
        };
        Some(Correction { target, lines, remark })
    }

    /// The lines of a block of permissions as they are written, comments included, with `packages` changed or added.
    fn written(&self, path: &[super::outline::Segment], place: Place, node: &Node) -> Option<String> {
        let child = |key: &str| self.place(&[path, &[key.into()]].concat());
        let children: Vec<(&str, Place)> =
            node.entries().into_iter().map(|(key, _)| child(key).map(|at| (key, at))).collect::<Option<_>>()?;
        let column = children.first()?.1.column;
        let packages = children.iter().find(|(key, _)| *key == "packages").map(|(_, at)| at.line);
        let wanted = format!("{}packages: write\n", " ".repeat(column));
        let keep = |(index, line): (usize, &str)| if packages == Some(place.line + index) { wanted.clone() } else { format!("{line}\n") };
        let lines: String = self.lines(place.line, place.last).enumerate().map(keep).collect();
        Some(if packages.is_some() { lines } else { lines + &wanted })
    }

    fn after_key(&self, job: Job<'_>) -> Target {
        let path = job_path(job.key, []);
        let is_block = job.node.entries().first().is_some_and(|(key, _)| self.place(&job_path(job.key, [(*key).into()])).is_some());
        self.place(&path).filter(|_| is_block).map_or(Target::InJob, |place| Target::After(place.line))
    }

    /// The column of a job's keys.
    fn column(&self, job: Job<'_>) -> usize {
        let keys = job.node.entries().into_iter().map(|(key, _)| job_path(job.key, [key.into()]));
        keys.into_iter().find_map(|path| self.place(&path)).map_or(USUAL_COLUMN, |place| place.column)
    }
}

/// A new block of permissions at a column: those of `node`, and `packages: write`.
fn block(node: Option<&Node>, column: usize) -> String {
    let kept: Vec<(&str, &str)> = match node {
        Some(Node::Map(_)) => {
            node.map(Node::entries).unwrap_or_default().into_iter().filter_map(|(key, access)| Some((key, access.text()?))).collect()
        }
        _ => USUAL.to_vec(),
    };
    let indent = " ".repeat(column);
    let kept = kept.into_iter().filter(|(key, _)| *key != "packages");
    let lines: String = kept.chain([("packages", "write")]).map(|(key, access)| format!("{indent}  {key}: {access}\n")).collect();
    format!("{indent}permissions:\n{lines}")
}

fn remark(node: Option<&Node>, source: Source) -> Option<&'static str> {
    match (node, source) {
        (Some(Node::Scalar(_)), _) => Some("`read-all` cannot be added to, so the permissions are named; add what else the job reads."),
        (None, _) => Some("Naming one permission sets all others to none; add what else the job needs."),
        (Some(_), Source::Workflow) => Some("The job's permissions replace the workflow's, which are repeated here."),
        (Some(_), _) => None,
    }
}
