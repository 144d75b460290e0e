//! Asks the registry, credential by credential, whether it may write every image, or without one whether anybody can pull.
//!
//! GHCR hands a token to any live credential, whatever it may do, so a token proves nothing: only opening an
//! upload session does (<https://distribution.github.io/distribution/spec/api/#starting-an-upload>).

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

use futures_util::stream::{self, StreamExt as _};
use reqwest::{
    Client, RequestBuilder, Url,
    header::{ACCEPT, CONTENT_LENGTH, HeaderValue, LOCATION},
};
use tokio::sync::OnceCell;
use tracing::debug;

use super::{
    Access,
    answer::Answer,
    challenge::Challenge,
    client::{self, Exchange, Transport},
    failure::Failure,
    host::Registry,
    image::Image,
    message,
    trial::{Attempt, Trial},
    verdict::{self, Verdict},
};
use crate::{
    credential::{Candidate, token::Token},
    reason::Reason,
};

/// How long a refusal that names no cause is given to pass before the credential is asked once more.
/// Builds for tests need not wait so long.
const SECOND_LOOK: Duration = Duration::from_millis(if cfg!(debug_assertions) { 50 } else { 1000 });

/// How many bytes of credentials and bearers the answers of a run are compared with. A hostile registry could hand out long
/// bearers, one for each image, and refuse each image with a long message.
const MOST_COMPARED: usize = 1024 * 1024;

/// What can stand behind a tag. GHCR answers 404 to who does not take what it has.
const MANIFESTS: HeaderValue = HeaderValue::from_static(
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json",
);

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What to ask, of whom, under which username.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The registry.
    pub registry: &'a Registry,
    /// Push, pull or public.
    pub access: Access,
    /// The images.
    pub images: &'a [Image],
    /// The username beside each credential; GHCR ignores it.
    pub username: &'a str,
}

/// Asks a question with one credential after another.
pub struct Prober<'a> {
    transport: Transport,
    question: Question<'a>,
    /// Called with each bearer before anything else is done with it.
    mask: &'a dyn Fn(&Token),
    /// The credentials and bearers of this run: nothing that repeats one of them is shown.
    secrets: RefCell<Vec<Token>>,
    /// What is left of [`MOST_COMPARED`].
    left: Cell<usize>,
    discovered: OnceCell<Result<Challenge, Refusal>>,
    opened: RefCell<Vec<Session>>,
}

/// An upload session that the probe opened.
struct Session {
    location: Url,
    bearer: Token,
}

/// Why there is no yes.
#[derive(Clone)]
struct Refusal {
    verdict: Verdict,
    said: Option<String>,
    failure: Option<Failure>,
    may_pass: bool,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Verdict::Unknown(failure.reason()).into() }
    }
}

impl From<Verdict> for Refusal {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, said: None, failure: None, may_pass: false }
    }
}

/// The requests of one attempt.
#[derive(Default)]
struct Requests {
    count: u32,
    status: Option<u16>,
}

impl Requests {
    fn add(&mut self, exchange: Exchange) -> Result<Answer, Failure> {
        self.count += exchange.requests;
        let answer = exchange.outcome?;
        self.status = Some(answer.status);
        Ok(answer)
    }
}

/// One credential, or none, and what its first image found out for the others.
struct Trying<'a> {
    candidate: Option<&'a Candidate>,
    shared: OnceCell<(&'a Image, Result<Token, Refusal>)>,
}

impl<'a> Prober<'a> {
    /// A prober that has asked nothing yet. Nothing that repeats one of `secrets` is shown; `mask` is called with each bearer
    /// that the registry hands out.
    pub fn new(transport: Transport, question: Question<'a>, secrets: Vec<Token>, mask: &'a dyn Fn(&Token)) -> Self {
        let (secrets, left) = (RefCell::new(secrets), Cell::new(MOST_COMPARED));
        Self { transport, question, mask, secrets, left, discovered: OnceCell::new(), opened: RefCell::default() }
    }

    /// Puts the cancellation of opened sessions on the wire. GHCR answers 405 and lets sessions expire, so nobody waits for
    /// an answer, and no connection is made for it.
    pub async fn cancel_sessions(&self) {
        for session in self.opened.take().into_iter().take(client::CONNECTIONS) {
            self.transport.send_and_forget(|client| client.delete(session.location.clone()).bearer_auth(session.bearer.expose())).await;
        }
    }

    /// Tries one credential, or none, at all images.
    pub async fn trial(&self, candidate: Option<&Candidate>) -> Trial {
        let attempts = self.attempts(candidate, self.question.images.iter()).await;
        Trial { source: candidate.map(|candidate| candidate.source), attempts }
    }

    /// Asks once more about the images of a refusal that [may pass](Trial::may_pass): the second answer counts.
    pub async fn second_look(&self, candidate: Option<&Candidate>, trial: &mut Trial) {
        let images = self.question.images.iter().zip(&trial.attempts).filter(|(_, attempt)| attempt.may_pass).map(|(image, _)| image);
        let again = self.attempts(candidate, images).await;
        for (first, second) in trial.attempts.iter_mut().filter(|attempt| attempt.may_pass).zip(again) {
            *first = Attempt { requests: first.requests + second.requests, duration: first.duration + second.duration, ..second };
        }
    }

    /// Gives refusals time to pass; `false` when the run has no time for that.
    pub async fn wait_for_second_look(&self) -> bool {
        self.transport.wait(SECOND_LOOK).await
    }

    async fn attempts(&self, candidate: Option<&Candidate>, images: impl Iterator<Item = &'a Image>) -> Vec<Attempt> {
        let trying = Trying { candidate, shared: OnceCell::new() };
        stream::iter(images).map(|image| self.attempt(&trying, image)).buffered(client::CONNECTIONS).collect().await
    }

    async fn attempt(&self, trying: &Trying<'a>, image: &'a Image) -> Attempt {
        let begun = Instant::now();
        let mut requests = Requests::default();
        let asked = match self.bearer(trying, image, &mut requests).await {
            Ok(bearer) => self.ask(image, &bearer, &mut requests).await,
            Err(refusal) => Err(refusal),
        };
        let Refusal { verdict, said, failure, may_pass } = asked.err().unwrap_or_else(|| Verdict::Allowed.into());
        let verdict = trying.candidate.map_or(verdict, |candidate| verdict.of(&candidate.token));
        let (duration, source) = (begun.elapsed(), trying.candidate.map_or("nobody", |candidate| candidate.source.name()));
        debug!(source, image = image.name(), reason = verdict.reason().code(), requests = requests.count, may_pass, "asked");
        Attempt { image: image.clone(), verdict, said, failure, may_pass, status: requests.status, requests: requests.count, duration }
    }

    /// A bearer for one image. GHCR's first one is looked at before others are asked for: it serves all images
    /// when it is the credential itself, and a dead credential is dead for all.
    async fn bearer(&self, trying: &Trying<'a>, image: &'a Image, requests: &mut Requests) -> Result<Token, Refusal> {
        let Some(candidate) = trying.candidate else { return self.token(None, image, requests).await };
        if !self.challenge(requests).await?.is_ghcr() {
            return self.token(Some(candidate), image, requests).await;
        }
        let (asker, first) = trying.shared.get_or_init(async || (image, self.token(Some(candidate), image, requests).await)).await;
        let serves_all = match first {
            Ok(bearer) => bearer.expose() == candidate.token.base64(),
            Err(refusal) => refusal.verdict == Verdict::Denied(Reason::BadCredential),
        };
        if serves_all || *asker == image { first.clone() } else { self.token(Some(candidate), image, requests).await }
    }

    /// The challenge that the registry is known for, else the one it gives.
    async fn challenge(&self, requests: &mut Requests) -> Result<Challenge, Refusal> {
        match Challenge::known(self.question.registry) {
            Some(known) => Ok(known),
            None => self.discover(requests).await,
        }
    }

    /// Asks for the challenge, without a credential; once in a run.
    async fn discover(&self, requests: &mut Requests) -> Result<Challenge, Refusal> {
        let discovery = async || {
            let answer = requests.add(self.transport.send(|client| client.get(self.question.registry.url("/v2/"))).await)?;
            if answer.status == 401 {
                Challenge::parse(&answer.headers, self.question.registry).map_err(|reason| Verdict::Unknown(reason).into())
            } else {
                Err(self.refusal(Verdict::Unknown(verdict::not_an_answer(answer.status, &answer.body)), &answer))
            }
        };
        self.discovered.get_or_init(discovery).await.clone()
    }

    /// A token from the token endpoint. A refusal at a known challenge counts only if the registry still gives that one.
    async fn token(&self, candidate: Option<&Candidate>, image: &Image, requests: &mut Requests) -> Result<Token, Refusal> {
        let challenge = self.challenge(requests).await?;
        let refused = match self.token_at(&challenge, candidate, image, requests).await {
            Ok(bearer) => return Ok(bearer),
            Err(refused) => refused,
        };
        let is_doubtful =
            matches!(refused.verdict, Verdict::Denied(_) | Verdict::Unknown(Reason::RegistryProtocol | Reason::RedirectRefused));
        if !is_doubtful {
            return Err(refused);
        }
        let current = self.discover(requests).await?;
        if current == challenge { Err(refused) } else { self.token_at(&current, candidate, image, requests).await }
    }

    async fn token_at(
        &self,
        challenge: &Challenge,
        candidate: Option<&Candidate>,
        image: &Image,
        requests: &mut Requests,
    ) -> Result<Token, Refusal> {
        let url = challenge.token_url(image, self.question.access);
        let request = |client: &Client| match candidate {
            Some(candidate) => client.get(url.clone()).basic_auth(self.question.username, Some(candidate.token.expose())),
            None => client.get(url.clone()),
        };
        let answer = requests.add(self.transport.send(request).await)?;
        if answer.status != 200 {
            let verdict = verdict::of_token_endpoint(self.question.access, answer.status, &answer.body);
            return Err(self.refusal(verdict, &answer));
        }
        // What is not understood may hold a token: none of it is shown.
        let bearer = verdict::bearer(&answer.body).map_err(Verdict::Unknown)?;
        (self.mask)(&bearer);
        self.secrets.borrow_mut().push(bearer.clone());
        Ok(bearer)
    }

    /// The question itself.
    async fn ask(&self, image: &Image, bearer: &Token, requests: &mut Requests) -> Result<(), Refusal> {
        let url = self.question.registry.url(&match (self.question.access, image.version()) {
            (Access::Push, _) => format!("/v2/{}/blobs/uploads/", image.name()),
            (Access::Public, Some(version)) => format!("/v2/{}/manifests/{version}", image.name()),
            (Access::Pull | Access::Public, _) => format!("/v2/{}/tags/list?n=1", image.name()),
        });
        let request = |client: &Client| -> RequestBuilder {
            let request = match (self.question.access, image.version()) {
                (Access::Push, _) => client.post(url.clone()).header(CONTENT_LENGTH, HeaderValue::from_static("0")).header(ACCEPT, JSON),
                (Access::Public, Some(_)) => client.head(url.clone()).header(ACCEPT, MANIFESTS),
                (Access::Pull | Access::Public, _) => client.get(url.clone()).header(ACCEPT, JSON),
            };
            request.bearer_auth(bearer.expose())
        };
        let answer = requests.add(self.transport.send(request).await)?;
        let verdict = verdict::of_probe(self.question.access, answer.status, &answer.body);
        if verdict != Verdict::Allowed {
            return Err(self.refusal(verdict, &answer));
        }
        if let Some(location) = self.session(&answer, &url, image) {
            self.opened.borrow_mut().push(Session { location, bearer: bearer.clone() });
        }
        Ok(())
    }

    fn refusal(&self, verdict: Verdict, answer: &Answer) -> Refusal {
        let may_pass = matches!(verdict, Verdict::Denied(_)) && answer.status == 403 && message::names_no_cause(&answer.body);
        Refusal { said: self.said(answer), may_pass, ..verdict.into() }
    }

    /// What the registry said, as long as it may be compared with what was sent.
    fn said(&self, answer: &Answer) -> Option<String> {
        let secrets = self.secrets.borrow();
        let compared = secrets.iter().map(|secret| secret.expose().len()).sum();
        self.left.set(self.left.get().checked_sub(compared)?);
        message::shown(&answer.body, &secrets)
    }

    /// Where the session that was opened can be cancelled: only among the image's own uploads, since elsewhere a DELETE
    /// deletes something, and spelled in one way, since who decodes an escape may end elsewhere.
    fn session(&self, answer: &Answer, asked: &Url, image: &Image) -> Option<Url> {
        if self.question.access != Access::Push {
            return None;
        }
        let location = asked.join(answer.headers.get(LOCATION)?.to_str().ok()?).ok()?;
        let uploads = format!("/v2/{}/blobs/upload", image.name());
        let is_own = self.question.registry.owns(&location) && location.path().starts_with(&uploads) && !location.path().contains('%');
        is_own.then_some(location)
    }
}

#[cfg(test)]
mod tests;
