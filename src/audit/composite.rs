//! Steps of local composite actions, as if they stood in the job that uses them.

use std::{cell::Cell, collections::BTreeMap, rc::Rc};

use super::expression::{Piece, filled_in, pieces};
use crate::workflow::{
    document,
    job::{Job, Step},
    node::{Content, Node},
    reference::own_path,
    take,
};

/// How deep actions may use actions (GitHub's own limit,
/// <https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runsstepsuses>), and the most steps taken from them for one job.
const DEEPEST: usize = 10;
const MOST_STEPS: usize = 300;

/// Reads a file of the repository by its path.
pub type Reader<'r> = &'r dyn Fn(&str) -> Option<String>;

/// What is read for workflow files of so many bytes together: a small one can name a large file again and again.
const READ_ANYWAY: usize = 16 * 1024 * 1024;
const READ_FOR_A_BYTE: usize = 16;

/// A reader that finds nothing more after so many bytes.
pub fn within_reason(workflows: usize, read: Reader<'_>) -> impl Fn(&str) -> Option<String> {
    let left = Cell::new(READ_ANYWAY + READ_FOR_A_BYTE * workflows);
    move |path| {
        let text = Some(path).filter(|_| left.get() > 0).and_then(read)?;
        // What goes over is still read, as the last.
        take(&left, text.len());
        Some(text)
    }
}

/// The memory that the aliases of workflow files or actions may take together, in bytes. A small file can repeat what it says
/// ten thousand times, and there may be many files.
pub const MOST_REPEATED: usize = 64 * 1024 * 1024;

/// What a file without aliases takes at most for each of its bytes.
const MEMORY_OF_A_BYTE: usize = 128;

/// Whether a file's tree can be kept, with what others have left.
pub fn may_keep(left: &Cell<usize>, tree: &Node, text: &str) -> bool {
    take(left, tree.memory().saturating_sub(MEMORY_OF_A_BYTE * text.len()))
}

/// The most steps taken from actions for all jobs together: a small file can use one action many times.
const MOST_STEPS_OF_ALL: usize = 10_000;

/// The most text of these steps, in bytes: an action can name one long input again and again. Each node counts as some text.
const MOST_TEXT: usize = 16 * 1024 * 1024;
const NODE: usize = 32;

/// The local actions of a repository, each read once.
pub struct Actions<'r> {
    read: Reader<'r>,
    known: BTreeMap<String, Option<Rc<Node>>>,
    left: usize,
    text_left: Cell<usize>,
    repeated_left: Cell<usize>,
}

impl<'r> Actions<'r> {
    /// Those that a reader finds.
    pub fn new(read: Reader<'r>) -> Self {
        let (text_left, repeated_left) = (Cell::new(MOST_TEXT), Cell::new(MOST_REPEATED));
        Self { read, known: BTreeMap::new(), left: MOST_STEPS_OF_ALL, text_left, repeated_left }
    }

    /// The steps that a job runs by local actions: the number of the job's step, and the step with the action's inputs filled in.
    pub fn steps(&mut self, job: Job<'_>) -> Vec<(usize, Node)> {
        let mut found = Vec::new();
        for step in job.steps() {
            self.expand(step.node, step.index, DEEPEST, &mut found);
        }
        found
    }

    fn expand(&mut self, node: &Node, index: usize, depth: usize, found: &mut Vec<(usize, Node)>) {
        let is_enough =
            |found: &Vec<_>, this: &Self| found.len() >= MOST_STEPS || this.left == 0 || this.text_left.get() == 0 || depth == 0;
        if is_enough(found, self) {
            return;
        }
        let Some(action) = node.text_at("uses").and_then(own_path).and_then(|path| self.action(path)) else { return };
        let inputs = self.inputs(&action, node);
        for step in action.get("runs").and_then(|runs| runs.get("steps")).map(Node::items).unwrap_or_default() {
            if is_enough(found, self) {
                return;
            }
            self.left -= 1;
            let given = Given { inputs: &inputs, left: &self.text_left };
            let step = under(node.text_at("if"), given.filled_in(step, false));
            let is_local = step.text_at("uses").is_some_and(|uses| own_path(uses).is_some());
            if is_local {
                self.expand(&step, index, depth - 1, found);
            }
            if found.len() < MOST_STEPS {
                found.push((index, step));
            }
        }
    }

    /// What the inputs of an action are where it is used: as given, or their defaults.
    fn inputs(&self, action: &Node, used: &Node) -> BTreeMap<String, String> {
        let declared = action.get("inputs").into_iter().flat_map(Node::entries);
        let defaults = declared.map(|(name, input)| (name, input.text_at("default").unwrap_or_default()));
        let given = used.get("with").into_iter().flat_map(Node::entries).filter_map(|(name, value)| Some((name, value.text()?)));
        let affordable = defaults.chain(given).take_while(|(name, text)| take(&self.text_left, name.len() + text.len() + 1));
        affordable.map(|(name, text)| (name.to_ascii_lowercase(), text.to_owned())).collect()
    }

    /// The action of a directory, however its path is spelled; that of a called workflow has one spelling that GitHub takes
    /// (<https://github.com/actions/languageservices>, `validateWorkflowUsesFormat`). When what repeats itself is used up, no
    /// more are read.
    fn action(&mut self, path: &str) -> Option<Rc<Node>> {
        let path = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/");
        if !self.known.contains_key(&path) && self.repeated_left.get() > 0 {
            let name = |file: &str| if path.is_empty() { file.to_owned() } else { format!("{path}/{file}") };
            let text = ["action.yml", "action.yaml"].into_iter().find_map(|file| (self.read)(&name(file)));
            let tree = text.and_then(|text| document(&text).ok().filter(|tree| may_keep(&self.repeated_left, tree, &text)));
            self.known.insert(path.clone(), tree.map(Rc::new));
        }
        self.known.get(&path).cloned().flatten()
    }
}

/// A step of an action, which runs only when the step that uses the action does.
fn under(condition: Option<&str>, mut step: Node) -> Node {
    let plain = |text: &str| text.trim().strip_prefix("${{").and_then(|inner| inner.strip_suffix("}}")).unwrap_or(text).trim().to_owned();
    let inner = step.text_at("if").map(|inner| format!(" && ({})", plain(inner))).unwrap_or_default();
    if let (Some(outer), Content::Map(entries)) = (condition, &mut step.content) {
        entries.insert("if".to_owned(), Content::Scalar(format!("({}){inner}", plain(outer))).into());
    }
    step
}

/// The inputs of an action where it is used, and how much text may still be made with them.
#[derive(Clone, Copy)]
struct Given<'g> {
    inputs: &'g BTreeMap<String, String>,
    left: &'g Cell<usize>,
}

impl Given<'_> {
    fn input(&self, name: &str) -> Option<&str> {
        self.inputs.get(name).map(String::as_str).filter(|value| take(self.left, value.len() + 1))
    }

    /// A step with the inputs in their places.
    fn filled_in(self, node: &Node, is_condition: bool) -> Node {
        let size = NODE + node.text().map_or(0, str::len);
        let content = match &node.content {
            _ if !take(self.left, size) => Content::Null,
            Content::Scalar(text) if is_condition && !text.contains("${{") => Content::Scalar(self.in_expression(text)),
            Content::Scalar(text) => Content::Scalar(self.in_text(text)),
            Content::List(items) => Content::List(items.iter().map(|item| self.filled_in(item, false)).collect()),
            Content::Map(entries) => {
                Content::Map(entries.iter().map(|(key, value)| (key.clone(), self.filled_in(value, key == "if"))).collect())
            }
            Content::Null => Content::Null,
        };
        content.into()
    }

    fn in_text(self, text: &str) -> String {
        filled_in(text, |expression| {
            let input = expression.trim().to_ascii_lowercase().strip_prefix("inputs.").and_then(|name| self.input(name));
            Some(input.map_or_else(|| format!("${{{{{}}}}}", self.in_expression(expression)), str::to_owned))
        })
    }

    /// An expression with each `inputs.NAME` replaced by its value, as an expression.
    fn in_expression(self, expression: &str) -> String {
        let mut whole = String::new();
        let mut rest = expression;
        while let Some(start) = rest.find("inputs.") {
            let (before, after) = rest.split_at(start);
            let name = &after["inputs.".len()..];
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(name.len());
            let is_property = before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
            whole += before;
            match self.input(&name[..end].to_ascii_lowercase()).filter(|_| !is_property) {
                Some(value) => whole += &as_expression(value),
                None => whole += &after[.."inputs.".len() + end],
            }
            rest = &name[end..];
        }
        whole + rest
    }
}

fn as_expression(value: &str) -> String {
    match pieces(value)[..] {
        [Piece::Expression(expression)] => format!("({})", expression.trim()),
        _ if value.contains("${{") => "env.UNKNOWN".to_owned(),
        _ => format!("'{}'", value.replace('\'', "''")),
    }
}

/// The job's steps in the order in which they run, those of local actions before the step that uses them.
pub fn in_order<'a>(job: Job<'a>, expanded: &'a [(usize, Node)]) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for own in job.steps() {
        let inner = expanded.iter().filter(|(index, _)| *index == own.index);
        steps.extend(inner.map(|(_, node)| {
            let mut step = own;
            step.node = node;
            step
        }));
        steps.push(own);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::Workflow;

    const ACTION: &str = "
inputs:
  push: {default: 'false'}
  image: {required: true}
  unused: {default: a}
runs:
  using: composite
  steps:
    - uses: $/again
      with: {name: '${{ inputs.image }}'}
    - if: inputs.push == 'true' && !steps.inputs.outputs.x
      run: docker push ${{ inputs.image }}:${{ format('{0}', inputs.push) }}
";

    #[test]
    fn the_steps_of_an_action_have_its_inputs_filled_in() {
        let read = |path: &str| match path {
            "build/action.yaml" => Some(ACTION.to_owned()),
            "again/action.yml" => Some("inputs: {name: {}}\nruns: {steps: [{run: 'echo ${{ inputs.name }}'}]}".to_owned()),
            _ => None,
        };
        let text = "jobs:\n  a:\n    steps:\n    - uses: ./build\n      with: {Image: 'ghcr.io/a/${{ github.sha }}', push: '${{ env.X }}'}\n    - uses: ./none\n";
        let workflow = Workflow::parse(text).unwrap();
        let steps = Actions::new(&read).steps(workflow.job("a").unwrap());
        let shown: Vec<_> = steps.iter().map(|(index, node)| (*index, node.text_at("run").unwrap_or_default())).collect();
        assert_eq!(shown[0], (0, "echo ghcr.io/a/${{ github.sha }}"));
        assert_eq!(shown[2], (0, "docker push ghcr.io/a/${{ github.sha }}:${{ format('{0}', (env.X)) }}"));
        assert_eq!(steps[2].1.text_at("if"), Some("(env.X) == 'true' && !steps.inputs.outputs.x"));
    }

    #[test]
    fn an_action_that_uses_itself_ends() {
        let read = |_: &str| Some("runs: {steps: [{uses: ./a}, {uses: ./a}]}".to_owned());
        let workflow = Workflow::parse("jobs: {a: {steps: [{uses: ./a}]}}").unwrap();
        assert!(Actions::new(&read).steps(workflow.job("a").unwrap()).len() <= MOST_STEPS);
    }

    #[test]
    fn an_input_that_an_action_names_again_and_again_is_filled_in_up_to_a_limit() {
        let action = format!("inputs: {{i: {{}}}}\nruns: {{steps: [{{run: '{}'}}]}}", "${{ inputs.i }}".repeat(10_000));
        let read = |_: &str| Some(action.clone());
        let workflow = Workflow::parse(&format!("jobs: {{a: {{steps: [{{uses: ./a, with: {{i: {}}}}}]}}}}", "x".repeat(10_000))).unwrap();
        let steps = Actions::new(&read).steps(workflow.job("a").unwrap());
        let length = steps[0].1.text_at("run").unwrap().len();
        assert!((MOST_TEXT / 2..2 * MOST_TEXT).contains(&length), "{length}");
    }

    #[test]
    fn what_has_no_text_is_repeated_up_to_a_limit_too() {
        let lists = (1..5).map(|level| format!("l{level}: &l{level} [{}]\n", format!("*l{}, ", level - 1).repeat(9))).collect::<String>();
        let action = format!("l0: &l0 []\n{lists}runs: {{steps: [{}]}}", "{x: *l4}, ".repeat(10));
        let read = |_: &str| Some(action.clone());
        let jobs: String = (0..20).map(|job| format!("  j{job}: {{steps: [{}]}}\n", "{uses: ./a}, ".repeat(10))).collect();
        let workflow = Workflow::parse(&format!("jobs:\n{jobs}")).unwrap();
        let mut actions = Actions::new(&read);
        let memory: usize = workflow.jobs().into_iter().flat_map(|job| actions.steps(job)).map(|(_, step)| step.memory()).sum();
        assert!((1..2 * MOST_TEXT / NODE * Node::from(Content::Null).memory()).contains(&memory), "{memory}");
    }

    #[test]
    fn an_action_is_read_once_however_its_path_is_spelled() {
        let asked = Cell::new(0);
        let read = |_: &str| {
            asked.set(asked.get() + 1);
            Some("runs: {steps: [{run: x}]}".to_owned())
        };
        let workflow = Workflow::parse("jobs: {j: {steps: [{uses: ./a/b}, {uses: ./a//b/}, {uses: ././a/./b}]}}").unwrap();
        let taken: usize = workflow.jobs().into_iter().map(|job| Actions::new(&read).steps(job).len()).sum();
        assert_eq!((taken, asked.get()), (3, 1));
    }

    #[test]
    fn a_file_that_many_steps_name_is_read_up_to_a_limit() {
        let script = "x".repeat(1024 * 1024);
        let read = |_: &str| Some(script.clone());
        let read = within_reason(0, &read);
        assert_eq!((0..100).filter_map(|_| read("a.sh")).count(), READ_ANYWAY / script.len());
    }

    #[test]
    fn an_action_that_many_jobs_use_is_looked_at_up_to_a_limit_for_all() {
        let action = format!("runs: {{steps: [{}]}}", "{run: x}, ".repeat(MOST_STEPS));
        let read = |_: &str| Some(action.clone());
        let jobs: String = (0..100).map(|job| format!("  j{job}: {{steps: [{{uses: ./a}}]}}\n")).collect();
        let workflow = Workflow::parse(&format!("jobs:\n{jobs}")).unwrap();
        let mut actions = Actions::new(&read);
        let taken: usize = workflow.jobs().into_iter().map(|job| actions.steps(job).len()).sum();
        assert_eq!(taken, MOST_STEPS_OF_ALL);
    }
}
