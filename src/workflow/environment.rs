//! Variables that a job's scripts set for its later steps, through the file that `GITHUB_ENV` names.

use std::collections::{HashMap, HashSet};

use super::{
    Workflow,
    job::{Job, Step},
};

/// The names that scripts set, by the key of their job.
pub(super) type Rewritten = HashMap<String, HashSet<String>>;

impl Workflow {
    /// Whether a script of a job may set a variable. Every name before `=` or `<<` in a script that mentions
    /// `GITHUB_ENV` counts. The scripts are read once for all questions.
    pub fn is_rewritten(&self, job: Job<'_>, name: &str) -> bool {
        let rewritten = self.rewritten.get_or_init(|| self.jobs().into_iter().map(|job| (job.key.to_owned(), of_job(job))).collect());
        rewritten.get(job.key).is_some_and(|names| names.contains(name))
    }
}

fn of_job(job: Job<'_>) -> HashSet<String> {
    let scripts = job.steps().into_iter().filter_map(Step::run).filter(|script| script.contains("GITHUB_ENV"));
    scripts.flat_map(|script| ["=", "<<"].map(|sign| names_before(script, sign))).flatten().collect()
}

fn names_before(script: &str, sign: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = |(at, _)| {
        let before: &str = &script[..at];
        &before[before.trim_end_matches(is_name).len()..]
    };
    script.match_indices(sign).map(name).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_set_only_in_a_job_whose_script_writes_it() {
        let text = "jobs:\n  a:\n    steps:\n    - run: |\n        echo \"A=1\" >> $GITHUB_ENV\n        echo \"B<<X\" >> $GITHUB_ENV\n    - run: C=2\n  b: {}\n";
        let workflow = Workflow::parse(text).unwrap();
        let of = |job, name| workflow.is_rewritten(workflow.job(job).unwrap(), name);
        assert_eq!(["A", "B", "C", ""].map(|name| of("a", name)), [true, true, false, false]);
        assert!(!of("b", "A"));
    }
}
