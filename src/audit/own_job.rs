//! The job that a run is in, by the same rules, with the run's own values in the place of expressions.

use super::{
    AuditedJob, Finding, Severity, Surroundings,
    composite::{Actions, Reader, within_reason},
    expression::filled_in,
    ghcr,
    rules::{self, Rule},
    scenario::Run,
};
use crate::workflow::Workflow;

/// Rules that say nothing to a run that has its answer.
const ANSWERED: [Rule; 2] = [Rule::NeverPushes, Rule::RunnerWithoutDocker];

/// What a run knows that its file does not tell.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// Properties of the `github` context, by their names.
    pub values: &'k [(&'k str, &'k str)],
    /// The names that ghcr-auth checks, with their registry and without tags.
    pub images: &'k [String],
}

/// The first thing in a job that will keep a yes from coming true; nothing that depends on what neither the file nor the run tells.
pub fn defeat(file: &str, text: &str, job: &str, known: Known<'_>, read: Reader<'_>) -> Option<Finding> {
    let workflow = Workflow::parse(&with_values(text, known.values)).ok()?;
    let job = workflow.job(job)?;
    let read = within_reason(text.len(), read);
    let steps = Actions::new(&read).steps(job);
    let mut job = AuditedJob::new(Surroundings::new(file, &workflow, job, &steps, &read), &Run::any());
    job.images = known.images.iter().filter(|image| ghcr::is_named(image)).cloned().collect();
    let has_one_answer = job.around.guards.len() == 1;
    let found = rules::around_ghcr_auth(&job).into_iter();
    let certain = found.filter(|finding| finding.severity != Severity::Advice && !ANSWERED.contains(&finding.rule));
    certain.min_by_key(|finding| (finding.severity, finding.line)).filter(|_| has_one_answer).map(Finding::without_tokens)
}

/// A file with known values in the place of whole expressions. Lines stay where they are.
fn with_values(text: &str, values: &[(&str, &str)]) -> String {
    let is_plain = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    filled_in(text, |expression| {
        let name = expression.trim().strip_prefix("github.")?;
        values.iter().find(|(known, value)| *known == name && is_plain(value)).map(|(_, value)| (*value).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "on: push\njobs:\n  image:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: org/ghcr-auth@v1\n      id: ghcr\n";

    const VALUES: [(&str, &str); 3] = [("repository", "Acme/App"), ("repository_owner", "Acme"), ("event_name", "push")];

    fn found(rest: &str) -> Option<(Rule, usize)> {
        with_images(&[], rest)
    }

    fn with_images(images: &[&str], rest: &str) -> Option<(Rule, usize)> {
        let images: Vec<String> = images.iter().map(|image| (*image).to_owned()).collect();
        let known = Known { values: &VALUES, images: &images };
        defeat("a.yml", &format!("{HEAD}{rest}"), "image", known, &|_| None).map(|finding| (finding.rule, finding.line))
    }

    #[test]
    fn what_defeats_a_yes_is_found_with_the_runs_own_values() {
        let push = |image: &str| format!("    - run: docker push {image}\n");
        assert_eq!(found(&push("ghcr.io/${{ github.repository }}:1")), Some((Rule::UpperCaseImage, 8)));
        assert_eq!(found("    - uses: imjasonh/setup-crane@v0.4\n"), Some((Rule::LoginOverwritten, 8)));
        assert_eq!(found(&push("acme/app:1")), Some((Rule::NameWithoutRegistry, 8)));
    }

    #[test]
    fn a_push_is_held_to_the_images_that_were_really_checked() {
        let of_variable = "      with: {images: '${{ vars.IMAGES }}'}\n    - run: docker push ghcr.io/acme/web:1\n";
        assert_eq!(found(of_variable), None);
        assert_eq!(with_images(&["ghcr.io/acme/app"], of_variable), Some((Rule::PushOutsideImages, 9)));
        assert_eq!(with_images(&["ghcr.io/acme/app", "ghcr.io/acme/web"], of_variable), None);
        assert_eq!(with_images(&["registry.example.org/acme/app"], of_variable), None, "that registry is not GHCR");
    }

    #[test]
    fn what_the_file_does_not_tell_is_not_spoken_of() {
        for rest in [
            "    - run: docker push ghcr.io/acme/app:1\n",
            "    - run: docker push ${{ steps.ghcr.outputs.image }}:1\n",
            "    - run: docker push $IMAGE\n",
            "    - uses: docker/setup-buildx-action@v4\n",
            "    - uses: org/ghcr-auth@v1\n    - uses: imjasonh/setup-crane@v0.4\n",
        ] {
            assert_eq!(found(rest), None, "{rest}");
        }
        let nothing = Known { values: &[], images: &[] };
        assert_eq!(defeat("a.yml", "jobs: [", "image", nothing, &|_| None), None);
        assert_eq!(defeat("a.yml", HEAD, "other", nothing, &|_| None), None);
    }
}
