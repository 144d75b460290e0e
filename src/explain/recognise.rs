//! Finds the failures in a log: a wording counts when a GitHub registry said it.

use super::{
    mention::{self, ImageName, Mention, Whose},
    pattern::{self, Pattern, SaidBy},
    text::Line,
};
use crate::reason::Reason;

/// A failure in a line.
#[derive(Debug)]
pub(super) struct Failure {
    /// The line's number.
    pub line: usize,
    /// What it is.
    pub reason: Reason,
    /// The image it is about.
    pub image: Option<ImageName>,
    /// The registry it is about.
    pub registry: Option<String>,
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

/// All failures, in the order of the lines; at most one of a line.
pub(super) fn failures(lines: &[Line]) -> Vec<Failure> {
    let mentions: Vec<_> = lines.iter().map(mention::of_line).collect();
    let first = mentions.iter().flatten().find(|mention| mention.whose != Whose::Passing);
    let mut context = Context::default();
    let mut failures = Vec::new();
    for (number, (line, mentions)) in lines.iter().zip(&mentions).enumerate() {
        context.forget_at_login(line);
        failures.extend(failure(number, line, mentions, &context, first));
        for mention in mentions {
            context.learn(mention);
        }
    }
    failures
}

fn failure(number: usize, line: &Line, mentions: &[Mention], context: &Context, first: Option<&Mention>) -> Option<Failure> {
    if NOT_AN_EVENT.iter().any(|start| line.lower.starts_with(start)) || is_other_packages(line) {
        return None;
    }
    let place = Place { line, mentions, context, first };
    let pattern = pattern::all().iter().find(|pattern| place.says(pattern))?;
    let named = mentions.iter().rev().find(|mention| mention.whose == Whose::Github);
    let known = if context.whose.is_none() && !context.began_anew { first } else { None };
    let from = named.or(known).filter(|mention| mention.whose == Whose::Github);
    Some(Failure {
        line: number,
        reason: pattern.reason,
        image: mentions.iter().rev().find_map(|mention| mention.image.clone()).or_else(|| match named {
            Some(_) => None,
            None => context.image.clone().or_else(|| from.and_then(|mention| mention.image.clone())),
        }),
        registry: from.and_then(|mention| mention.registry.clone()).or_else(|| context.registry.clone()),
    })
}

/// npm and its kin speak with the same server, in the same words.
fn is_other_packages(line: &Line) -> bool {
    ["npm ", "yarn ", "pnpm "].iter().any(|start| line.lower.starts_with(start))
}

/// A line and what is known around it.
struct Place<'a> {
    line: &'a Line,
    mentions: &'a [Mention],
    context: &'a Context,
    first: Option<&'a Mention>,
}

impl Place<'_> {
    fn says(&self, pattern: &Pattern) -> bool {
        let Some((at, end)) = pattern.find(&self.line.lower) else { return false };
        let is_bare_refusal = pattern.reason == Reason::Denied || pattern.reason == Reason::NoCredential;
        if is_bare_refusal && CONVERSATION.iter().any(|words| self.line.lower.contains(words)) {
            return false;
        }
        match pattern.said_by {
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
        let later = || if self.context.began_anew { None } else { self.first.map(|mention| mention.whose) };
        self.named(at).or(self.context.whose).or_else(later)
    }

    /// Whether a place reports an answer of GitHub's registry: the line names it, or begins with the answer, or
    /// uses the words of a client.
    fn answered(&self, at: usize) -> bool {
        let begins = self.line.lower[..at].trim_end_matches("error: ").is_empty();
        let is_report = begins || REPORTS.iter().any(|words| self.line.lower.contains(words));
        self.named(at) == Some(Whose::Github) || is_report && self.speaker(at) == Some(Whose::Github)
    }
}
