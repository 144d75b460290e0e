//! Finds the failures in a log: a wording counts when a GitHub registry said it.

use std::sync::LazyLock;

use super::{
    clues::{self, Clues},
    mention::{self, ImageName, Whose},
    phrases::Phrases,
    quote,
    speaker::{First, LineInLog, Topic},
    text::{self, Line},
    wordings::{self, Wording},
};
use crate::{
    diagnosis::situation::{Clue, Held, Operation},
    reason::Reason,
};

/// So many failures are kept; a log with more has none that is the first.
const MOST_FAILURES: usize = 64;

/// So many lines around one can say whose limit it tells of.
const NEIGHBOURS: usize = 3;

/// Words that say that what went wrong before went well after all.
const SUCCESS: [&str; 7] = [
    "login succeeded",
    "status: downloaded newer image",
    "status: image is up to date",
    "successfully pulled image",
    "pushed: ",
    "pulled: ",
    "digest: sha256:",
];

/// Words that say that it did not.
const TROUBLE: [&str; 5] = ["error:", "error ", "failed", "exit code", "denied"];

/// Who else limits requests: Docker Hub, and GitHub's API.
const OTHER_LIMITS: [&str; 11] = [
    "pull rate limit",
    "docker.com/increase-rate-limit",
    "registry-1.docker.io",
    "auth.docker.io",
    "index.docker.io",
    "api.github.com",
    "docs.github.com/rest",
    "docs.github.com/en/rest",
    "octokit",
    "httperror",
    "requesterror",
];

/// A failure in a line.
#[derive(Debug)]
pub(super) struct Failure {
    /// The line's number.
    pub line: usize,
    /// The number of the last line that says the same.
    pub last: usize,
    /// What is shown of the line.
    pub text: String,
    /// What it is.
    pub reason: Reason,
    /// Whether it is a warning, or about a cache that clients do without.
    pub is_aside: bool,
    /// Whether it is the first answer of every conversation, or a status without words.
    pub is_bare: bool,
    /// What was being used.
    pub held: Held,
    /// What was being tried.
    pub operation: Option<Operation>,
    /// What the line tells beyond its reason.
    pub clues: Vec<Clue>,
    /// The image it is about.
    pub image: Option<ImageName>,
    /// The registry it is about.
    pub registry: Option<String>,
}

impl Failure {
    fn is_like(&self, other: &Self) -> bool {
        (self.reason, self.is_aside, &self.image) == (other.reason, other.is_aside, &other.image)
    }
}

/// Lines that begin so are what somebody asked for or wrote down, not what happened.
const NOT_AN_EVENT: [&str; 8] = ["echo ", "printf ", "grep ", "if ", "elif ", "// ", "- name:", "debu["];

/// What was read from a log.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The failures, in the order of the lines; of those that are alike the first.
    pub failures: Vec<Failure>,
    /// What the whole log shows of the situation.
    pub clues: Clues,
    /// The number of the last line that tells of a success and is followed by no failure.
    pub success: Option<usize>,
    /// Whether a fine-grained PAT stands in it.
    pub names_fine_grained: bool,
}

/// Reads a log, line by line.
pub(super) fn read(log: &str) -> Reading {
    let first = First::of(log);
    let mut topic = Topic::default();
    let mut reading = Reading::default();
    let (mut elsewhere, mut before) = (None, None);
    for (number, line) in text::lines(log).enumerate() {
        let mentions = mention::of_line(&line);
        topic.forget_at_login(&line);
        let operation = reading.clues.learn(&line).or_else(|| reading.clues.operation());
        reading.note_outcome(number, &line);
        if is_limit_elsewhere(&line.lower) {
            elsewhere = Some(number);
            reading.failures.retain(|failure| failure.reason != Reason::RateLimited || failure.last + NEIGHBOURS < number);
        }
        let said = LineInLog { line: &line, mentions: &mentions, topic: &topic, first: &first };
        let failure = failure(number, said, before.as_ref(), operation, &reading.clues);
        let is_near = elsewhere.is_some_and(|at| number <= at + NEIGHBOURS);
        reading.add(failure.filter(|failure| failure.reason != Reason::RateLimited || !is_near));
        for mention in &mentions {
            topic.learn(mention);
        }
        before = Some(line);
    }
    reading
}

impl Reading {
    fn add(&mut self, failure: Option<Failure>) {
        let Some(failure) = failure else { return };
        if let Some(known) = self.failures.iter_mut().find(|known| known.is_like(&failure)) {
            known.last = failure.last;
        } else if self.failures.len() < MOST_FAILURES {
            self.failures.push(failure);
        }
    }

    fn note_outcome(&mut self, number: usize, line: &Line) {
        if is_success(&line.lower) {
            self.success = Some(number);
        } else if is_trouble(&line.lower) {
            self.success = None;
        }
        self.names_fine_grained |= line.lower.contains("github_pat_");
    }
}

/// Whether a line says that something went well.
pub(super) fn is_success(lower: &str) -> bool {
    static TEXTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(SUCCESS));
    // BuildKit's `pushing manifest for ... done`
    TEXTS.any(lower) || lower.starts_with("pushing manifest for ") && lower.ends_with(" done")
}

fn is_trouble(lower: &str) -> bool {
    static TEXTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(TROUBLE));
    TEXTS.any(lower)
}

/// Whether a line says that somebody else's limit was reached.
fn is_limit_elsewhere(lower: &str) -> bool {
    static TEXTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(OTHER_LIMITS));
    TEXTS.any(lower)
}

fn failure(number: usize, said: LineInLog<'_>, before: Option<&Line>, operation: Option<Operation>, clues: &Clues) -> Option<Failure> {
    let LineInLog { line, mentions, topic, first } = said;
    if NOT_AN_EVENT.iter().any(|start| line.lower.starts_with(start)) || is_other_packages(line) {
        return None;
    }
    let is_tried = |wording: &Wording| wording.to.is_none_or(|to| operation == Some(to));
    let wording = wordings::of(&line.lower).find(|(wording, at, end)| is_tried(wording) && said.says(wording, *at, *end));
    let reason = wording.map(|(wording, _, _)| wording.reason).or_else(|| said.says_no_more_than_no().then_some(Reason::Denied))?;
    let named = mentions.iter().rev().find(|mention| mention.whose == Whose::Github);
    let operation = operation.or_else(|| untold(reason, &line.lower));
    let known = if topic.whose.is_none() && !topic.began_anew { first.mention() } else { None };
    let from = named.or(known).filter(|mention| mention.whose == Whose::Github);
    let image = mentions.iter().rev().find_map(|mention| mention.image.clone()).or_else(|| match named {
        Some(_) => None,
        None => topic.image.clone().or_else(|| from.and_then(|mention| mention.image.clone())),
    });
    Some(Failure {
        line: number,
        last: number,
        text: quote::quote(line, mentions, before),
        is_aside: is_aside(&line.lower),
        is_bare: is_bare(&line.lower),
        held: clues.held(),
        reason,
        clues: clues::of_failure(line, reason, operation, image.as_ref()),
        operation,
        registry: from.and_then(|mention| mention.registry.clone()).or_else(|| topic.registry.clone()),
        image,
    })
}

/// What a refusal is of where the log doesn't say: pushes name their repository, and logins their address.
fn untold(reason: Reason, lower: &str) -> Option<Operation> {
    let is_pull = ["error response from daemon", "from registry", "authentication required"].iter().any(|words| lower.contains(words));
    let operation = if is_ping(lower) { Some(Operation::Login) } else { is_pull.then_some(Operation::Pull) };
    operation.filter(|_| is_refusal(reason))
}

const fn is_refusal(reason: Reason) -> bool {
    matches!(reason, Reason::BadCredential | Reason::Denied | Reason::NoCredential)
}

/// Whether a line tells of the address that logins ask: without a name after it.
fn is_ping(lower: &str) -> bool {
    ["/v2/\": ", "/v2/: ", "/v2/ failed"].iter().any(|end| lower.contains(end))
}

/// Whether a line tells of the first answer of every conversation, or of a status without words.
fn is_bare(lower: &str) -> bool {
    lower.contains("authentication required") || lower.contains("oauth token") && lower.contains("unexpected status")
}

/// A warning, or a cache that could not be used: clients go on without it.
fn is_aside(lower: &str) -> bool {
    let warning = ["warning:", "warn[", "warn:"].iter().any(|start| lower.starts_with(start)) || lower.contains("level=warn");
    warning || lower.contains("cache importer") || lower.contains("cache exporter")
}

/// npm and its kin speak with the same server, in the same words.
fn is_other_packages(line: &Line) -> bool {
    ["npm ", "yarn ", "pnpm "].iter().any(|start| line.lower.starts_with(start))
}
