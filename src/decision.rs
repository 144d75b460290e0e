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
    use crate::registry::{image::Image, trial::Attempt};

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
}
