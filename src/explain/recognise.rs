//! Finds the failures in a log: a wording counts when a GitHub registry said it.

use std::{cell::OnceCell, sync::LazyLock};

use super::{
    clues::{self, Clues},
    mention::{self, ImageName, Mention, Whose},
    phrases::Phrases,
    text::{self, Line},
    wordings::{self, SaidBy, Wording},
};
use crate::{
    diagnosis::situation::{Clue, Held, Operation},
    reason::Reason,
    text::redact,
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
    /// The line, without credentials.
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

/// By these words a client reports an answer without saying whose.
const REPORTS: [&str; 12] = [
    "unexpected status",
    "unexpected http status",
    "status code from registry",
    "failed to read from destination",
    "failed to push",
    "failed to solve",
    "writing blob",
    "writing manifest",
    "initiating layer upload",
    "error response from daemon",
    "bearer token",
    "auth attempt failed",
];

/// Lines that begin so are what somebody asked for or wrote down, not what happened.
const NOT_AN_EVENT: [&str; 8] = ["echo ", "printf ", "grep ", "if ", "elif ", "// ", "- name:", "debu["];

/// Lines with these words tell every step of a conversation; a first 401 belongs to it.
const CONVERSATION: [&str; 5] = ["level=debug", "level=trace", "response status:", "<-- 401", " debug "];

/// Which registry the lines so far are about.
#[derive(Default)]
struct Context {
    whose: Option<Whose>,
    registry: Option<String>,
    image: Option<ImageName>,
    /// Something new began that did not say yet which registry it is about.
    began_anew: bool,
}

impl Context {
    fn learn(&mut self, mention: &Mention) {
        if mention.whose == Whose::Passing {
            return;
        }
        self.whose = Some(mention.whose);
        self.began_anew = false;
        if mention.whose == Whose::Github {
            self.registry.clone_from(&mention.registry);
            self.image = mention.image.clone().or(self.image.take());
        }
    }

    /// A login begins: docker's default is Docker Hub, and what was spoken of before is over.
    fn forget_at_login(&mut self, line: &Line) {
        let command = line.lower.contains("docker login ") && !line.lower.contains("'docker login");
        if command || line.lower.contains("run docker/login-action") {
            *self = Self { began_anew: true, ..Self::default() };
        }
    }
}

/// The registry that a log names first, looked for when somebody asks.
struct First<'a> {
    log: &'a str,
    found: OnceCell<Option<Mention>>,
}

impl First<'_> {
    fn mention(&self) -> Option<&Mention> {
        let find = || {
            let mut mentions = text::lines(self.log).flat_map(|line| mention::of_line(&line));
            mentions.find(|mention| mention.whose != Whose::Passing)
        };
        self.found.get_or_init(find).as_ref()
    }
}

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
    let log = &*text::unbroken(log);
    let first = First { log, found: OnceCell::new() };
    let mut context = Context::default();
    let mut reading = Reading::default();
    let mut elsewhere = None;
    for (number, line) in text::lines(log).enumerate() {
        let mentions = mention::of_line(&line);
        context.forget_at_login(&line);
        let operation = reading.clues.learn(&line).or_else(|| reading.clues.operation());
        reading.note_outcome(number, &line);
        if is_limit_elsewhere(&line.lower) {
            elsewhere = Some(number);
            reading.failures.retain(|failure| failure.reason != Reason::RateLimited || failure.last + NEIGHBOURS < number);
        }
        let failure =
            failure(number, Place { line: &line, mentions: &mentions, context: &context, first: &first }, operation, &reading.clues);
        let is_near = elsewhere.is_some_and(|at| number <= at + NEIGHBOURS);
        reading.add(failure.filter(|failure| failure.reason != Reason::RateLimited || !is_near));
        for mention in &mentions {
            context.learn(mention);
        }
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

fn is_success(lower: &str) -> bool {
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

fn failure(number: usize, place: Place<'_>, operation: Option<Operation>, clues: &Clues) -> Option<Failure> {
    let Place { line, mentions, context, first } = place;
    if NOT_AN_EVENT.iter().any(|start| line.lower.starts_with(start)) || is_other_packages(line) {
        return None;
    }
    let said = wordings::of(&line.lower).find(|(wording, at, end)| place.says(wording, *at, *end)).map(|(wording, _, _)| wording.reason);
    let reason = said.or_else(|| place.says_no_more_than_no().then_some(Reason::Denied))?;
    let named = mentions.iter().rev().find(|mention| mention.whose == Whose::Github);
    let operation = operation.or_else(|| (is_refusal(reason) && is_ping(&line.lower)).then_some(Operation::Login));
    let known = if context.whose.is_none() && !context.began_anew { first.mention() } else { None };
    let from = named.or(known).filter(|mention| mention.whose == Whose::Github);
    let image = mentions.iter().rev().find_map(|mention| mention.image.clone()).or_else(|| match named {
        Some(_) => None,
        None => context.image.clone().or_else(|| from.and_then(|mention| mention.image.clone())),
    });
    Some(Failure {
        line: number,
        last: number,
        text: redact::line(&line.text),
        is_aside: is_aside(&line.lower),
        is_bare: is_bare(&line.lower),
        held: clues.held(),
        reason,
        clues: clues::of_failure(line, reason, operation, image.as_ref()),
        operation,
        registry: from.and_then(|mention| mention.registry.clone()).or_else(|| context.registry.clone()),
        image,
    })
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

/// A line and what is known around it.
#[derive(Clone, Copy)]
struct Place<'a> {
    line: &'a Line,
    mentions: &'a [Mention],
    context: &'a Context,
    first: &'a First<'a>,
}

impl Place<'_> {
    fn says(&self, wording: &Wording, at: usize, end: usize) -> bool {
        let is_bare_refusal = wording.reason == Reason::Denied || wording.reason == Reason::NoCredential;
        if is_bare_refusal && CONVERSATION.iter().any(|words| self.line.lower.contains(words)) {
            return false;
        }
        match wording.said_by {
            SaidBy::Anyone => {
                !matches!(self.named(at).or(self.context.whose), Some(Whose::OtherPackages)) && self.named(at) != Some(Whose::Foreign)
            }
            SaidBy::Registry => self.speaker(at) == Some(Whose::Github),
            SaidBy::RegistryOrNobody => matches!(self.speaker(at), Some(Whose::Github) | None),
            SaidBy::Line => self.named(at) == Some(Whose::Github),
            SaidBy::Around => self.named_after(at, end) == Some(Whose::Github),
            SaidBy::Answer => self.answered(at),
        }
    }

    /// Whether the line is a bare `denied` or `unauthorized`, as docker ends a push.
    fn says_no_more_than_no(&self) -> bool {
        let said = self.line.lower.trim().trim_start_matches("error: ");
        matches!(said, "denied" | "unauthorized") && self.context.whose == Some(Whose::Github)
    }

    /// Whose host the line names last before a place.
    fn named(&self, at: usize) -> Option<Whose> {
        let before = self.mentions.partition_point(|mention| mention.at < at);
        self.mentions[..before].last().map(|mention| mention.whose)
    }

    /// Whose host the line names right behind a place, or else before it.
    fn named_after(&self, at: usize, end: usize) -> Option<Whose> {
        let behind = self.mentions.iter().find(|mention| mention.at >= end && mention.at < end + 20);
        behind.map(|mention| mention.whose).or_else(|| self.named(at))
    }

    /// Whose registry said what stands at a place: the one named last, in the line or before it; if there is
    /// none, the one that the log names first.
    fn speaker(&self, at: usize) -> Option<Whose> {
        let later = || if self.context.began_anew { None } else { self.first.mention().map(|mention| mention.whose) };
        self.named(at).or(self.context.whose).or_else(later)
    }

    /// Whether a place reports an answer of GitHub's registry: the line names it, or begins with the answer, or
    /// uses the words of a client.
    fn answered(&self, at: usize) -> bool {
        let begins = self.line.lower[..at].trim_end_matches("error: ").is_empty();
        let is_report = begins || REPORTS.iter().any(|words| self.line.lower.contains(words));
        let is_ours = match self.speaker(at) {
            Some(whose) => whose == Whose::Github,
            // Other registries answer 401 where GHCR answers 403.
            None => self.line.lower.contains("403") && !self.line.lower.contains(" token"),
        };
        self.named(at) == Some(Whose::Github) || is_report && is_ours
    }
}
