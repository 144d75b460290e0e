//! The answer: can this run push or pull, with which credential, and why.

use crate::{
    candidates::{Candidates, Skipped},
    credential::Source,
    inputs::Inputs,
    reason::Reason,
    registry::{Access, trial::Trial, verdict::Verdict},
    trust::Trust,
};

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the job wants to do or to know.
    pub access: Access,
    /// The credential that may do it.
    pub granted: Option<Source>,
    /// Why.
    pub reason: Reason,
}

impl Decision {
    /// An answer that grants nothing to a credential.
    pub const fn no(access: Access, reason: Reason) -> Self {
        Self { access, granted: None, reason }
    }

    /// Whether the job may push.
    pub const fn push(self) -> bool {
        self.granted.is_some() && matches!(self.access, Access::Push)
    }

    /// Whether the job may pull; who may push may pull, and what is public everybody may.
    pub const fn pull(self) -> bool {
        self.granted.is_some() || matches!((self.access, self.reason), (Access::Public, Reason::Allowed))
    }
}

/// Decides from what trust, candidates and the registry said. `trials` is empty where nothing was asked.
pub fn decide(inputs: &Inputs, trust: Trust, candidates: &Candidates, trials: &[Trial]) -> Decision {
    let access = inputs.access;
    if let Some(objection) = trust.objection().filter(|_| trust.blocks(access)) {
        return Decision::no(access, objection);
    }
    if access == Access::Public {
        return Decision::no(access, refusal(candidates, trials));
    }
    let unverified = candidates.usable.first().filter(|_| !inputs.verify).map(|candidate| (candidate.source, Reason::Unverified));
    let proven = trials.iter().find(|trial| trial.verdict() == Verdict::Allowed).and_then(|trial| Some((trial.source?, Reason::Allowed)));
    match unverified.or(proven) {
        Some((source, reason)) => Decision { access, granted: Some(source), reason },
        None => Decision::no(access, refusal(candidates, trials)),
    }
}

/// Whether the next credential is not tried any more. One that is denied yields to the next; an outage does not, or
/// it would decide which credential is used.
pub fn settles(trial: &Trial) -> bool {
    !matches!(trial.verdict(), Verdict::Denied(_))
}

/// The reason of the first credential that was tried; a skipped one counts only when none was.
fn refusal(candidates: &Candidates, trials: &[Trial]) -> Reason {
    let tried = trials.first().map(|trial| trial.verdict().reason());
    tried.or_else(|| candidates.skipped.first().copied().map(Skipped::reason)).unwrap_or(Reason::NoCredential)
}

/// Whether the step fails: only when the user requires a yes, the answer is no, and the event is beyond doubt or plays no
/// part.
pub fn fails_step(required: bool, trust: Trust, decision: Decision) -> bool {
    required && (trust == Trust::Trusted || decision.access == Access::Public) && !decision.pull()
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;
    use crate::{
        credential::{Candidate, Malformation, token::Token},
        registry::{image::Image, trial::Attempt},
    };

    const VERDICTS: [Verdict; 4] = [
        Verdict::Allowed,
        Verdict::Denied(Reason::PackageWriteDenied),
        Verdict::Denied(Reason::MissingScope),
        Verdict::Unknown(Reason::RateLimited),
    ];

    fn inputs() -> Inputs {
        Inputs::parse(&[("GITHUB_REPOSITORY", "acme/app"), ("INPUT_IMAGES", "acme/a,acme/b,acme/c")].into_iter().collect()).unwrap()
    }

    fn trial(source: Source, verdicts: &[Verdict], images: &[Image]) -> Trial {
        let attempt = |(image, verdict): (&Image, &Verdict)| Attempt::new(image.clone(), *verdict);
        Trial { source: Some(source), attempts: images.iter().zip(verdicts).map(attempt).collect() }
    }

    fn trials(verdicts: &[Vec<Verdict>], inputs: &Inputs) -> Vec<Trial> {
        Source::ALL.into_iter().zip(verdicts).map(|(source, verdicts)| trial(source, verdicts, &inputs.images.names)).collect()
    }

    proptest! {
        #[test]
        fn only_a_credential_that_is_proven_for_every_image_is_granted(
            verdicts in proptest::collection::vec(proptest::collection::vec(select(VERDICTS.to_vec()), 3), 0..4),
        ) {
            let inputs = inputs();
            let trials = trials(&verdicts, &inputs);
            let decision = decide(&inputs, Trust::Trusted, &Candidates::default(), &trials);
            let proven = trials.iter().find(|trial| trial.attempts.iter().all(|attempt| attempt.verdict == Verdict::Allowed));
            prop_assert_eq!(decision.granted, proven.and_then(|trial| trial.source));
            prop_assert_eq!(decision.reason == Reason::Allowed, decision.push());
        }

        #[test]
        fn an_event_that_is_not_trusted_gets_a_no_whatever_the_registry_says(
            reason in select(Reason::ALL.to_vec()),
            verdicts in proptest::collection::vec(proptest::collection::vec(select(VERDICTS.to_vec()), 3), 0..4),
        ) {
            let inputs = inputs();
            let decision = decide(&inputs, Trust::Untrusted(reason), &Candidates::default(), &trials(&verdicts, &inputs));
            prop_assert_eq!((decision.push(), decision.pull(), decision.reason), (false, false, reason));
        }
    }

    fn inputs_with(name: &str, value: &str) -> Inputs {
        Inputs::parse(&[("GITHUB_REPOSITORY", "acme/app"), (name, value)].into_iter().collect()).unwrap()
    }

    fn one_trial(source: Option<Source>, verdict: Verdict) -> Trial {
        Trial { source, attempts: vec![Attempt::new(inputs().images.names[0].clone(), verdict)] }
    }

    #[test]
    fn what_is_public_is_granted_to_no_credential() {
        let inputs = inputs_with("INPUT_ACCESS", "public");
        for (verdict, reason) in [(Verdict::Allowed, Reason::Allowed), (Verdict::Denied(Reason::NotPublic), Reason::NotPublic)] {
            for trust in [Trust::Trusted, Trust::Untrusted(Reason::ForkPr)] {
                // As if it had been asked with one.
                let trials = [one_trial(Some(Source::GhcrPat), verdict)];
                assert_eq!(decide(&inputs, trust, &Candidates::default(), &trials), Decision::no(Access::Public, reason));
            }
        }
    }

    #[test]
    fn a_pull_request_may_pull_what_its_credential_is_proven_for() {
        let trials = [one_trial(Some(Source::GithubToken), Verdict::Allowed)];
        let decision = decide(&inputs_with("INPUT_ACCESS", "pull"), Trust::Untrusted(Reason::SameRepoPr), &Candidates::default(), &trials);
        assert_eq!(decision, Decision { access: Access::Pull, granted: Some(Source::GithubToken), reason: Reason::Allowed });
    }

    #[test]
    fn the_first_credential_is_believed_only_where_nothing_is_verified() {
        let first = Candidate { source: Source::GhcrToken, token: Token::new("a") };
        let second = Candidate { source: Source::GithubToken, token: Token::new("b") };
        let candidates = Candidates { usable: vec![first, second], skipped: Vec::new() };
        let decision = |verify| decide(&inputs_with("INPUT_VERIFY", verify), Trust::Trusted, &candidates, &[]);
        assert_eq!((decision("false").granted, decision("false").reason), (Some(Source::GhcrToken), Reason::Unverified));
        assert_eq!(decision("true"), Decision::no(Access::Push, Reason::NoCredential));
    }

    #[test]
    fn a_no_is_for_the_first_credential_that_was_tried_else_for_the_first_that_was_skipped() {
        let skipped = vec![Skipped::OtherServer, Skipped::Malformed(Source::GhcrPat, Malformation::Quoted)];
        let candidates = Candidates { usable: Vec::new(), skipped };
        let trials = [Verdict::Denied(Reason::BadCredential), Verdict::Unknown(Reason::RateLimited)];
        let trials = trials.map(|verdict| one_trial(Some(Source::GhcrPat), verdict));
        let reason = |candidates, trials| decide(&inputs(), Trust::Trusted, candidates, trials).reason;
        assert_eq!(reason(&candidates, &trials), Reason::BadCredential);
        assert_eq!(reason(&candidates, &[]), Reason::RegistryServerMismatch);
        assert_eq!(reason(&Candidates::default(), &[]), Reason::NoCredential);
    }

    #[test]
    fn only_a_credential_that_is_denied_yields_to_the_next() {
        for (verdict, settles_it) in
            [(Verdict::Allowed, true), (Verdict::Unknown(Reason::RegistryTimeout), true), (Verdict::Denied(Reason::BadCredential), false)]
        {
            assert_eq!(settles(&one_trial(Some(Source::GhcrPat), verdict)), settles_it, "{verdict:?}");
        }
    }

    #[test]
    fn only_a_no_that_the_user_requires_to_be_a_yes_fails_the_step_and_no_fork_does() {
        let yes = Decision { access: Access::Push, granted: Some(Source::GhcrPat), reason: Reason::Allowed };
        let no = |access| Decision::no(access, Reason::Denied);
        let fork = Trust::Untrusted(Reason::ForkPr);
        for (required, trust, decision, fails) in [
            (true, Trust::Trusted, no(Access::Push), true),
            (true, Trust::Trusted, no(Access::Pull), true),
            (true, Trust::Trusted, no(Access::Public), true),
            (true, fork, no(Access::Public), true),
            (true, fork, no(Access::Push), false),
            (true, fork, no(Access::Pull), false),
            (true, Trust::Trusted, yes, false),
            (true, fork, yes, false),
            (false, Trust::Trusted, no(Access::Push), false),
            (false, fork, no(Access::Public), false),
        ] {
            assert_eq!(fails_step(required, trust, decision), fails, "{required} {trust:?} {decision:?}");
        }
    }

    #[test]
    fn who_may_push_may_pull_and_what_is_public_everybody_may() {
        let granted = Some(Source::GhcrPat);
        for (access, granted, reason, push, pull) in [
            (Access::Push, granted, Reason::Allowed, true, true),
            (Access::Push, None, Reason::Denied, false, false),
            (Access::Pull, granted, Reason::Allowed, false, true),
            (Access::Pull, None, Reason::Denied, false, false),
            (Access::Public, None, Reason::Allowed, false, true),
            (Access::Public, None, Reason::NotPublic, false, false),
        ] {
            let decision = Decision { access, granted, reason };
            assert_eq!((decision.push(), decision.pull()), (push, pull), "{access:?} {reason:?}");
        }
    }
}
