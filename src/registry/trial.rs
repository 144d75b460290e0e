//! What came of trying credentials at images.

use std::time::Duration;

use super::{failure::Failure, image::Image, verdict::Verdict};
use crate::{credential::Source, reason::Reason};

/// One credential at one image.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The image.
    pub image: Image,
    /// What came of it.
    pub verdict: Verdict,
    /// What the registry said, if it did not say yes; safe to show.
    pub said: Option<String>,
    /// Why there was no answer.
    pub failure: Option<Failure>,
    /// Whether it is a refusal that names no cause.
    pub may_pass: bool,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// How many requests it took.
    pub requests: u32,
    /// How long it took.
    pub duration: Duration,
}

impl Attempt {
    /// An attempt that needed no request.
    pub const fn new(image: Image, verdict: Verdict) -> Self {
        Self { image, verdict, said: None, failure: None, may_pass: false, status: None, requests: 0, duration: Duration::ZERO }
    }
}

/// One credential at all images.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The credential's input; `None` where it was tried without one.
    pub source: Option<Source>,
    /// In the order of the images.
    pub attempts: Vec<Attempt>,
}

impl Trial {
    /// A trial that could not begin, for want of a proxy that can be used.
    pub fn unsent(source: Option<Source>, images: &[Image]) -> Self {
        let verdict = Verdict::Unknown(Reason::RegistryUnreachable);
        Self { source, attempts: images.iter().map(|image| Attempt::new(image.clone(), verdict)).collect() }
    }

    /// The verdict on the credential.
    pub fn verdict(&self) -> Verdict {
        Verdict::over_all(&self.attempts.iter().map(|attempt| attempt.verdict).collect::<Vec<_>>())
    }

    /// Whether it is refused, and only in a way that may be passing.
    pub fn may_pass(&self) -> bool {
        let mut refused = self.attempts.iter().filter(|attempt| matches!(attempt.verdict, Verdict::Denied(_))).peekable();
        refused.peek().is_some() && refused.all(|attempt| attempt.may_pass)
    }
}
