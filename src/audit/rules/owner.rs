//! The owner's name as it is spelled, which may have uppercase letters, where ghcr-auth gives it in lowercase.

use super::{Finding, Rule, fix::Fix, ghcr_auth::checked};
use crate::{
    audit::{
        Severity,
        edit::Edit,
        expression::{Piece, pieces},
        ghcr::without_tag,
        job::AuditedJob,
        push::Push,
        variables::Variables,
    },
    workflow::{job::Step, node::Segment},
};

/// Inputs of actions that push, where names stand.
const INPUTS: [&str; 4] = ["tags", "outputs", "cache-to", "set"];

/// An image that has ghcr-auth's output `image` for another name.
pub(super) struct Renamed<'r> {
    /// The image, as the file spells it.
    image: String,
    /// The output, as an expression.
    output: String,
    job: &'r AuditedJob<'r>,
    /// The number of the step that gives the output.
    at: usize,
}

impl<'r> Renamed<'r> {
    /// The one image of a ghcr-auth step that always runs, if its owner may have uppercase letters.
    pub(super) fn of(job: &'r AuditedJob<'r>, images: &[String], id: &str, at: usize) -> Option<Self> {
        let [image] = images else { return None };
        let output = format!("${{{{ steps.{id}.outputs.image }}}}");
        is_as_spelled(image).then(|| Self { image: image.clone(), output, job, at })
    }

    /// The same for a ghcr-auth step that is there already, with an id or without one.
    pub(super) fn of_guard(job: &'r AuditedJob<'r>, id: &str) -> Option<Self> {
        let is_it = |step: &Step<'_>| step.condition().is_none() && step.id().is_none_or(|own| own == id);
        let (at, guard) = job.around.guards.iter().find(|(_, step)| is_it(step))?;
        Self::of(job, &checked(job, *guard), id, *at)
    }

    /// Whether the output is there when a push happens.
    pub(super) const fn is_before(&self, push: &Push<'_>) -> bool {
        self.at < push.at
    }

    /// A text with the output in the place of the name; `None` where the name is not in it.
    pub(super) fn renamed(&self, text: &str, variables: &Variables<'_>) -> Option<String> {
        let (mut whole, mut word) = (String::with_capacity(text.len()), String::new());
        let end = |word: &mut String, whole: &mut String| {
            let name = without_tag(word);
            let is_it = word.contains("${{") && plain(&variables.resolve(name)) == plain(&self.image);
            *whole += &if is_it { word.replacen(name, &self.output, 1) } else { word.clone() };
            word.clear();
        };
        for piece in pieces(text) {
            match piece {
                Piece::Expression(expression) => word += &format!("${{{{{expression}}}}}"),
                Piece::Text(text) => {
                    for character in text.chars() {
                        if character.is_whitespace() || ",;=\"'`|&()<>".contains(character) {
                            end(&mut word, &mut whole);
                            whole.push(character);
                        } else {
                            word.push(character);
                        }
                    }
                }
            }
        }
        end(&mut word, &mut whole);
        (whole != text).then_some(whole)
    }

    /// The changes of a step's lines.
    pub(super) fn edits(&self, step: Step<'r>) -> Vec<Edit> {
        let inputs = INPUTS.iter().map(|input| step.path(["with".into(), (*input).into()]));
        let script = step.run().map(|_| step.path(["run".into()]));
        inputs.chain(script).flat_map(|path| self.line_edits(&path, step)).collect()
    }

    fn line_edits(&self, path: &[Segment], step: Step<'r>) -> Vec<Edit> {
        let Some(place) = self.job.around.block(path) else { return Vec::new() };
        let variables = self.job.around.variables(step);
        let lines = self.job.around.workflow.lines(place.line, place.last).zip(place.line..);
        let renamed = lines.filter_map(|(line, number)| Some(Edit::replace(number, number, self.renamed(line, &variables)? + "\n")));
        renamed.collect()
    }
}

/// Names with the owner as it is spelled, after a ghcr-auth step that gives them in lowercase.
pub(super) fn findings(job: &AuditedJob<'_>) -> Vec<Finding> {
    let id = job.around.guard_ids.first();
    let Some(renamed) = id.and_then(|id| Renamed::of_guard(job, id)) else { return Vec::new() };
    let message = format!("pushes to {}: the owner's name may have uppercase letters, which registries reject.", renamed.image);
    let introduction = format!("Use ghcr-auth's output, which is in lowercase: {}", renamed.output);
    let finding = |push: &Push<'_>| {
        let step = push.step?;
        let texts = INPUTS.iter().filter_map(|input| step.with(input)).chain(step.run());
        let variables = job.around.variables(step);
        texts.into_iter().find_map(|text| renamed.renamed(text, &variables))?;
        let edits = if job.around.is_own(step) { renamed.edits(step) } else { Vec::new() };
        let fix = Fix::of(&introduction, job.around.file, edits);
        Some(job.finding(Rule::UpperCaseOwner, Severity::Advice, push.line, &message, fix))
    };
    job.pushes.iter().filter(|push| renamed.is_before(push)).filter_map(finding).collect()
}

/// Whether a name is of the repository's or the actor's own spelling.
fn is_as_spelled(name: &str) -> bool {
    let name = plain(name);
    ["github.repository", "github.actor"].iter().any(|own| name.contains(&format!("{{{{{own}"))) && !name.contains("event.")
}

fn plain(name: &str) -> String {
    name.replace(' ', "")
}
