//! Asks the registry, credential by credential, whether it may write every image.
//!
//! GHCR hands a token to any live credential, whatever it may do, so a token proves nothing: only opening an
//! upload session does (<https://distribution.github.io/distribution/spec/api/#starting-an-upload>).

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::{
    Url,
    header::{ACCEPT, CONTENT_LENGTH, HeaderValue, LOCATION},
};
use tokio::sync::OnceCell;

use super::{
    Access,
    answer::Answer,
    challenge::Challenge,
    client::{self, Courier, Delivery},
    host::Registry,
    image::Image,
    verdict::{self, Verdict},
};
use crate::{
    credential::{Candidate, Source, token::Token},
    reason::Reason,
};

/// One credential at one image.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The image.
    pub image: Image,
    /// What came of it.
    pub verdict: Verdict,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// How many requests it took.
    pub requests: u32,
    /// How long it took.
    pub duration: Duration,
}

/// One credential at all images.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The credential's input.
    pub source: Source,
    /// In the order of the images.
    pub attempts: Vec<Attempt>,
}

impl Trial {
    /// A trial that could not begin, for want of a proxy that can be used.
    pub fn unsent(source: Source, images: &[Image]) -> Self {
        let verdict = Verdict::Unknown(Reason::RegistryUnreachable);
        let attempt = |image: &Image| Attempt { image: image.clone(), verdict, status: None, requests: 0, duration: Duration::ZERO };
        Self { source, attempts: images.iter().map(attempt).collect() }
    }

    /// The verdict on the credential.
    pub fn verdict(&self) -> Verdict {
        Verdict::over_all(&self.attempts.iter().map(|attempt| attempt.verdict).collect::<Vec<_>>())
    }
}

/// What to ask, of whom, under which user name.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The registry.
    pub registry: &'a Registry,
    /// Push or pull.
    pub access: Access,
    /// The images.
    pub images: &'a [Image],
    /// The user name beside each credential; GHCR ignores it.
    pub username: &'a str,
}

/// Asks a question with one credential after another.
pub struct Prober<'a> {
    courier: Courier,
    question: Question<'a>,
    /// Called with each bearer before anything else is done with it.
    mask: &'a dyn Fn(&Token),
    discovered: OnceCell<Result<Challenge, Verdict>>,
    opened: RefCell<Vec<Session>>,
}

/// An upload session that the probe opened.
struct Session {
    location: Url,
    bearer: Token,
}

/// A bearer, or the verdict that there is none.
type Bearer = Result<Token, Verdict>;

/// The requests of one attempt.
#[derive(Default)]
struct Tally {
    requests: u32,
    status: Option<u16>,
}

impl Tally {
    fn count(&mut self, delivery: Delivery) -> Result<Answer, Verdict> {
        self.requests += delivery.requests;
        let answer = delivery.outcome.map_err(|failure| Verdict::Unknown(failure.reason()))?;
        self.status = Some(answer.status);
        Ok(answer)
    }
}

impl<'a> Prober<'a> {
    /// A prober that has asked nothing yet. `mask` is called with each bearer that the registry hands out.
    pub fn new(courier: Courier, question: Question<'a>, mask: &'a dyn Fn(&Token)) -> Self {
        Self { courier, question, mask, discovered: OnceCell::new(), opened: RefCell::default() }
    }

    /// Puts the cancellation of opened sessions on the wire, one on each connection. GHCR answers 405 and lets
    /// sessions expire, so nobody waits for an answer, and no connection is made for it.
    pub async fn cancel_sessions(&self) {
        for session in self.opened.take().into_iter().take(client::IN_FLIGHT) {
            self.courier.send_and_forget(|client| client.delete(session.location.clone()).bearer_auth(session.bearer.expose())).await;
        }
    }

    /// Tries one credential at all images at once.
    pub async fn trial(&self, candidate: &Candidate) -> Trial {
        let shared = OnceCell::new();
        let attempts = self.question.images.iter().map(|image| self.attempt(candidate, image, &shared));
        Trial { source: candidate.source, attempts: join_all(attempts).await }
    }

    async fn attempt(&self, candidate: &Candidate, image: &Image, shared: &OnceCell<Bearer>) -> Attempt {
        let begun = Instant::now();
        let mut tally = Tally::default();
        let verdict = match self.bearer(candidate, image, shared, &mut tally).await {
            Ok(bearer) => self.ask(image, &bearer, &mut tally).await,
            Err(verdict) => verdict,
        };
        Attempt {
            image: image.clone(),
            verdict: verdict.of(&candidate.token),
            status: tally.status,
            requests: tally.requests,
            duration: begun.elapsed(),
        }
    }

    /// A bearer for one image. GHCR's first one is looked at before others are asked for: it serves all images
    /// when it is the credential itself, and a dead credential is dead for all.
    async fn bearer(&self, candidate: &Candidate, image: &Image, shared: &OnceCell<Bearer>, tally: &mut Tally) -> Bearer {
        if !self.challenge(tally).await?.is_ghcr() {
            return self.token(candidate, image, tally).await;
        }
        let mut asked = false;
        let first = shared
            .get_or_init(|| {
                asked = true;
                self.token(candidate, image, tally)
            })
            .await;
        match first {
            Ok(bearer) if asked || bearer.expose() == candidate.token.base64() => Ok(bearer.clone()),
            Err(verdict) if asked || *verdict == Verdict::Denied(Reason::BadCredential) => Err(*verdict),
            _ => self.token(candidate, image, tally).await,
        }
    }

    /// The challenge that the registry is known for, else the one it gives.
    async fn challenge(&self, tally: &mut Tally) -> Result<Challenge, Verdict> {
        match Challenge::known(self.question.registry) {
            Some(known) => Ok(known),
            None => self.discover(tally).await,
        }
    }

    /// Asks for the challenge, without a credential; once in a run.
    async fn discover(&self, tally: &mut Tally) -> Result<Challenge, Verdict> {
        let discovery = async || {
            let delivery = self.courier.send(|client| client.get(self.question.registry.url("/v2/"))).await;
            let answer = tally.count(delivery)?;
            if answer.is_unauthorized() {
                Challenge::parse(&answer.headers, self.question.registry).map_err(Verdict::Unknown)
            } else {
                Err(Verdict::Unknown(verdict::not_an_answer(answer.status, &answer.body)))
            }
        };
        self.discovered.get_or_init(discovery).await.clone()
    }

    /// A token from the token endpoint. A refusal at a known challenge counts only if the registry still gives that one.
    async fn token(&self, candidate: &Candidate, image: &Image, tally: &mut Tally) -> Bearer {
        let challenge = self.challenge(tally).await?;
        let bearer = self.token_at(&challenge, candidate, image, tally).await;
        match bearer {
            Err(Verdict::Denied(_) | Verdict::Unknown(Reason::RegistryProtocol | Reason::RedirectRefused)) => {
                let current = self.discover(tally).await?;
                if current == challenge { bearer } else { self.token_at(&current, candidate, image, tally).await }
            }
            _ => bearer,
        }
    }

    async fn token_at(&self, challenge: &Challenge, candidate: &Candidate, image: &Image, tally: &mut Tally) -> Bearer {
        let url = challenge.token_url(image, self.question.access);
        let delivery =
            self.courier.send(|client| client.get(url.clone()).basic_auth(self.question.username, Some(candidate.token.expose()))).await;
        let answer = tally.count(delivery)?;
        if answer.status != 200 {
            return Err(verdict::of_token_endpoint(answer.status, &answer.body));
        }
        let bearer = verdict::bearer(&answer.body).map_err(Verdict::Unknown)?;
        (self.mask)(&bearer);
        Ok(bearer)
    }

    /// The question itself: opens an upload session, or lists a tag.
    async fn ask(&self, image: &Image, bearer: &Token, tally: &mut Tally) -> Verdict {
        let url = match self.question.access {
            Access::Push => self.question.registry.url(&format!("/v2/{}/blobs/uploads/", image.name())),
            Access::Pull => self.question.registry.url(&format!("/v2/{}/tags/list?n=1", image.name())),
        };
        let request = |client: &reqwest::Client| match self.question.access {
            Access::Push => client.post(url.clone()).header(CONTENT_LENGTH, HeaderValue::from_static("0")),
            Access::Pull => client.get(url.clone()),
        };
        let accept = HeaderValue::from_static("application/json");
        let delivery = self.courier.send(|client| request(client).header(ACCEPT, accept.clone()).bearer_auth(bearer.expose())).await;
        let answer = match tally.count(delivery) {
            Ok(answer) => answer,
            Err(verdict) => return verdict,
        };
        let verdict = verdict::of_probe(self.question.access, answer.status, &answer.body);
        if let Some(location) = self.session(&answer, &url, image).filter(|_| verdict == Verdict::Allowed) {
            self.opened.borrow_mut().push(Session { location, bearer: bearer.clone() });
        }
        verdict
    }

    /// Where the session that was opened can be cancelled: only among the image's own uploads, since elsewhere a DELETE
    /// deletes something.
    fn session(&self, answer: &Answer, asked: &Url, image: &Image) -> Option<Url> {
        let location = asked.join(answer.headers.get(LOCATION)?.to_str().ok()?).ok()?;
        let uploads = format!("/v2/{}/blobs/upload", image.name());
        (self.question.registry.owns(&location) && location.path().starts_with(&uploads)).then_some(location)
    }
}
