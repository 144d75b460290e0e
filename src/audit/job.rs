//! A job, and what it does with GHCR.

use std::cell::OnceCell;

use super::{
    expression::Truth,
    login::{self, Credential, Login},
    push::{self, Push},
    scenario::{Run, Scenario},
    surroundings::{GUARD_INPUTS, Surroundings},
    variables::Variables,
};
use crate::workflow::{
    LOOK_AGAIN, Workflow,
    job::{Job, Step},
    node::Node,
};

/// How far `needs` are followed; longer chains are beyond what people write.
const FARTHEST: usize = 100;

/// Functions that let a job run although one that it needs did not.
const RUNS_ANYWAY: [&str; 4] = ["always()", "cancelled()", "failure()", "result"];

/// A job, and what it does with GHCR.
pub struct AuditedJob<'a> {
    /// Its surroundings.
    pub around: Surroundings<'a>,
    /// Its logins, to any registry, in order.
    pub logins: Vec<Login<'a>>,
    /// Its pushes to GHCR that can happen at all, in order.
    pub pushes: Vec<Push<'a>>,
    /// The names that its ghcr-auth step checks, where a run knows them.
    pub images: Vec<String>,
    /// The numbers of the pushes that are made with `GITHUB_TOKEN`; every caller asks for them.
    own: OnceCell<Vec<usize>>,
}

impl<'a> AuditedJob<'a> {
    /// Looks at a job; `any` is any run.
    pub fn new(around: Surroundings<'a>, any: &Run<'_>) -> Self {
        let logins = login::logins(&around);
        let mut pushes = push::pushes(&around, &logins);
        let job = Self { around, logins, pushes: Vec::new(), images: Vec::new(), own: OnceCell::new() };
        pushes.retain(|push| job.reaches(push, any) != Truth::No);
        Self { pushes, ..job }
    }

    /// Its key.
    pub fn key(&self) -> &'a str {
        self.around.job.key
    }

    /// Whether a push happens in a run.
    pub fn reaches(&self, push: &Push<'a>, run: &Run<'_>) -> Truth {
        let texts = [push.step.and_then(Step::condition), push.decision.text()];
        if !self.around.workflow.look(LOOK_AGAIN + texts.iter().flatten().map(|text| text.len()).sum::<usize>()) {
            return Truth::Hidden;
        }
        let variables = Variables::of(self.around.workflow, self.around.job, push.step);
        let scenario = Scenario::new(run, variables, &self.around.guard_ids);
        self.runs(run).and(scenario.meets(texts[0])).and(push.decision.truth(&scenario))
    }

    /// The pushes that are made with `GITHUB_TOKEN`, as far as the file shows.
    pub fn own_pushes(&self) -> impl Iterator<Item = &Push<'a>> {
        let own = self.own.get_or_init(|| {
            let holds_a_password = self.holds_a_password();
            (0..self.pushes.len()).filter(|at| self.pushes_with_github_token(&self.pushes[*at], holds_a_password)).collect()
        });
        own.iter().map(|at| &self.pushes[*at])
    }

    /// Whether the job runs in a run, and so every job that it needs.
    pub fn runs(&self, run: &Run<'_>) -> Truth {
        runs(self.around.workflow, self.around.job, run, FARTHEST)
    }

    /// The jobs whose conditions have a say in whether this one runs: those it needs, and itself.
    pub fn deciding(&self) -> impl Iterator<Item = Job<'a>> {
        let Surroundings { workflow, job, .. } = self.around;
        job.needs().into_iter().filter_map(|key| workflow.job(key)).chain([job])
    }

    /// The texts that then have a say in whether a push happens, with those of the variables in them.
    pub fn conditions(&self, push: &Push<'a>) -> Vec<&'a str> {
        let texts = || [push.step.and_then(Step::condition), push.decision.text()].into_iter().flatten();
        let variables = Variables::of(self.around.workflow, self.around.job, push.step);
        let mentioned = texts().flat_map(|text| text.split("env.").skip(1)).filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            variables.get(&rest[..end])
        });
        texts().chain(mentioned).collect()
    }

    /// The logins to GHCR that count for a push: the last before it that always happens, and what may replace that.
    pub fn logins_of(&self, push: &Push<'_>) -> Vec<&Login<'a>> {
        let mut before: Vec<&Login<'a>> = self.logins.iter().filter(|login| login.is_ghcr && login.at <= push.at).collect();
        if push.step.is_none() {
            before = self.logins.iter().collect();
        }
        let certain = before.iter().rposition(|login| login.step.condition().is_none()).unwrap_or_default();
        before.split_off(certain.min(before.len()))
    }

    /// Whether a step logs in to any registry, by its number among the steps.
    pub fn logs_in_at(&self, at: usize) -> bool {
        self.logins.binary_search_by_key(&at, |login| login.at).is_ok()
    }

    /// Whether some login to GHCR before a push happens in a run, or ghcr-auth makes one.
    pub fn logs_in(&self, push: &Push<'_>, run: &Run<'_>) -> bool {
        let look = |bytes| self.around.workflow.look(bytes);
        let meets = |login: &Login<'a>, text| Scenario::new(run, self.around.variables(login.step), &[]).meets(Some(text));
        let happens = |login: &&Login<'a>| login.step.condition().is_none_or(|text| !look(text.len()) || meets(login, text) != Truth::No);
        !self.around.guards.is_empty() || !look(LOOK_AGAIN * self.logins.len()) || self.logins_of(push).iter().any(happens)
    }

    fn pushes_with_github_token(&self, push: &Push<'_>, holds_a_password: bool) -> bool {
        let logins = self.logins_of(push);
        let guard = self.around.guards.iter().rfind(|(at, _)| *at < push.at);
        if let Some((_, guard)) = guard.filter(|(at, _)| logins.iter().all(|login| login.at < *at)) {
            return GUARD_INPUTS.iter().all(|input| guard.with(input).is_none());
        }
        let is_own = |login: &&Login<'_>| matches!(login.credential(), Credential::GithubToken | Credential::Fallback(_));
        if logins.is_empty() { !holds_a_password } else { logins.iter().all(is_own) }
    }

    /// Whether a step, or a call, takes a secret that may be a registry's password, as ghcr-auth does and many an own action.
    fn holds_a_password(&self) -> bool {
        let steps = self.around.steps.iter().flat_map(|step| ["with", "env"].map(|key| step.node.get(key)));
        let of_job = ["env", "secrets"].into_iter().filter_map(|key| self.around.job.node.get(key));
        let inputs = steps.flatten().chain(of_job);
        let texts = inputs.flat_map(Node::entries).filter_map(|(_, value)| value.text());
        let mut secrets = texts.filter_map(|text| match Credential::of_text(text) {
            Credential::Secret(name) => Some(name),
            Credential::GithubToken | Credential::Fallback(_) | Credential::Unknown => None,
        });
        secrets.any(|name| login::is_password_name(&name))
    }
}

fn runs(workflow: &Workflow, job: Job<'_>, run: &Run<'_>, left: usize) -> Truth {
    if let Some(truth) = run.knows(job) {
        return truth;
    }
    let Some(left) = left.checked_sub(1) else { return Truth::Hidden };
    // As long as that is not known; a job may need itself.
    run.learn(job, Truth::Hidden);
    let is_affordable = job.condition().is_none_or(|text| workflow.look(text.len()));
    let scenario = Scenario::new(run, Variables::of(workflow, job, None), &[]);
    let own = if is_affordable { scenario.meets(job.condition()) } else { Truth::Hidden };
    let runs_anyway = job.condition().is_some_and(|text| RUNS_ANYWAY.iter().any(|function| text.contains(function)));
    let needed = job.needs().into_iter().filter(|_| !runs_anyway).filter_map(|key| workflow.job(key));
    let truth = needed.fold(own, |truth, needed| truth.and(runs(workflow, needed, run, left)));
    run.learn(job, truth);
    truth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::scenario::{Author, PULL_REQUEST};

    #[test]
    fn a_run_finds_the_same_of_a_job_however_many_ask() {
        let text = "jobs:\n  never: {if: github.event_name == 'push'}\n  any: {}\n  a: {needs: never}\n  b: {needs: [any, never]}\n  \
                    c: {needs: any}\n  d: {needs: never, if: always()}\n  loop: {needs: loop}\n";
        let workflow = Workflow::parse(text).unwrap();
        let run = Run::of(PULL_REQUEST, Author::Stranger);
        let found = || ["a", "b", "never", "c", "any", "d", "loop"].map(|key| runs(&workflow, workflow.job(key).unwrap(), &run, FARTHEST));
        let expected = [Truth::No, Truth::No, Truth::No, Truth::Yes, Truth::Yes, Truth::Yes, Truth::Hidden];
        assert_eq!([found(), found()], [expected; 2]);
    }
}
