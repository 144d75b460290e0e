//! A GHCR on loopback: its token endpoint, its permission checks and its error bodies, plus whatever
//! hostile answer a test scripts. Paths outside the registry stand for GitHub's REST API.

mod answer;
mod ghcr;
mod request;
mod rules;
mod serve;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use crate::background::Background;
use crate::recorded::recorded;
use crate::registry::RealRegistry;

pub use answer::Answer;
pub use request::Request;
pub use rules::{Denial, Rules, Verdict};

/// A running front door; dropping it closes the port.
pub struct FrontDoor {
    shared: Arc<Shared>,
    _server: Background,
}

/// What the server and the test both see.
struct Shared {
    host: String,
    rules: Rules,
    /// The registry with storage that permitted traffic goes to.
    storage: Option<String>,
    connections: AtomicUsize,
    record: Mutex<Record>,
    /// Signalled whenever a request has been recorded.
    arrived: Condvar,
}

#[derive(Default)]
struct Record {
    challenge: Challenge,
    requests: Vec<Request>,
    script: BTreeMap<String, VecDeque<Answer>>,
    always: BTreeMap<String, Answer>,
    faults: Option<Faults>,
}

/// Answers that come now and then, whatever was asked.
struct Faults {
    every: usize,
    answers: Vec<Answer>,
}

impl Faults {
    /// The fault of the request of this number, if it has one.
    fn of(&self, number: usize) -> Option<Answer> {
        number.is_multiple_of(self.every).then(|| self.answers[number / self.every % self.answers.len()].clone())
    }
}

/// The `WWW-Authenticate` value of the registry.
#[derive(Clone, Default)]
struct Challenge {
    realm: String,
    whole: Option<String>,
}

impl Challenge {
    fn header(&self, host: &str, image: Option<&str>) -> String {
        if let Some(value) = &self.whole {
            return value.clone();
        }
        let recorded = recorded(if image.is_some() { "challenge-of-image" } else { "challenge" });
        let realm = self.realm.replace("{host}", host);
        recorded.header("www-authenticate").replace("{realm}", &realm).replace("{image}", image.unwrap_or_default())
    }
}

impl FrontDoor {
    /// A registry that keeps nothing: enough for every probe.
    pub fn start(rules: Rules) -> Self {
        Self::open(rules, None)
    }

    /// A registry where no credential is live: a place that must see no secret, or a realm of strangers.
    pub fn spare() -> Self {
        Self::open(Rules::default(), None)
    }

    /// GHCR's permission checks before a registry with storage: real clients can push and pull.
    pub fn in_front_of(registry: &RealRegistry, rules: Rules) -> Self {
        Self::open(rules, Some(registry.host().to_owned()))
    }

    fn open(rules: Rules, storage: Option<String>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
        let host = listener.local_addr().expect("a bound listener has an address").to_string();
        let challenge = Challenge { realm: format!("http://{host}/token"), whole: None };
        let shared = Arc::new(Shared {
            host,
            rules,
            storage,
            connections: AtomicUsize::new(0),
            record: Mutex::new(Record { challenge, ..Record::default() }),
            arrived: Condvar::new(),
        });
        let server = serve::start(listener, Arc::clone(&shared));
        Self { shared, _server: server }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.shared.host
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.host)
    }

    /// All requests so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.record().requests.clone()
    }

    /// The secrets received so far, in the order of arrival.
    pub fn credentials(&self) -> Vec<String> {
        self.requests().into_iter().filter_map(|request| request.credential).collect()
    }

    /// How many connections were opened, those that never became a request included.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until a request with this key has arrived; `false` when none does within `limit`.
    pub fn wait_for(&self, key: &str, limit: Duration) -> bool {
        let missing = |record: &mut Record| !record.requests.iter().any(|request| request.key() == key);
        let waited = self.shared.arrived.wait_timeout_while(self.shared.record(), limit, missing);
        !waited.expect("no thread panics while it records").1.timed_out()
    }

    /// Answers to the next requests with this key, used up before the usual behaviour returns.
    ///
    /// A key is `METHOD KIND`, the kind being `/v2/`, `/token`, `uploads` (where sessions are opened),
    /// `upload` (an open session), `tags`, `manifest`, `blob`; or it is `METHOD PATH` with the literal path.
    pub fn script(&self, key: &str, answers: Vec<Answer>) {
        self.shared.record().script.entry(key.into()).or_default().extend(answers);
    }

    /// The answer to every request with this key that no [`script`](Self::script) answers.
    pub fn always(&self, key: &str, answer: Answer) {
        self.shared.record().always.insert(key.into(), answer);
    }

    /// Every so many requests, one of these answers in turn.
    pub fn fail_every(&self, every: usize, answers: Vec<Answer>) {
        self.shared.record().faults = Some(Faults { every, answers });
    }

    /// Replaces the whole `WWW-Authenticate` value.
    pub fn challenge(&self, value: &str) {
        self.shared.record().challenge.whole = Some(value.into());
    }

    /// Replaces the realm in the challenge; `{host}` is the host that is asked.
    pub fn realm(&self, url: &str) {
        self.shared.record().challenge.realm = url.into();
    }
}

impl Shared {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().expect("no thread panics while it records")
    }

    /// Records a request; the number names it in [`settle`](Self::settle).
    fn arrive(&self, request: Request) -> usize {
        let mut record = self.record();
        record.requests.push(request);
        self.arrived.notify_all();
        record.requests.len() - 1
    }

    fn settle(&self, number: usize, status: u16) {
        self.record().requests[number].status = status;
    }

    /// The scripted answer, if there is one.
    fn scripted(&self, request: &Request) -> Option<Answer> {
        let keys = [format!("{} {}", request.method, request.path), request.key()];
        let mut record = self.record();
        if let Some(fault) = record.faults.as_ref().and_then(|faults| faults.of(record.requests.len())) {
            return Some(fault);
        }
        let next = keys.iter().find_map(|key| record.script.get_mut(key)?.pop_front());
        next.or_else(|| keys.iter().find_map(|key| record.always.get(key).cloned()))
    }
}
