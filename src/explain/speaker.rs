//! Whose words a line of a log has: those of the registry that it names, or that the lines before it were about.

use std::cell::OnceCell;

use super::{
    mention::{self, ImageName, Mention, Whose},
    text::{self, Line},
    wordings::{SaidBy, Wording},
};
use crate::reason::Reason;

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

/// Lines with these words tell every step of a conversation; a first 401 belongs to it.
const CONVERSATION: [&str; 5] = ["level=debug", "level=trace", "response status:", "<-- 401", " debug "];

/// Which registry the lines so far are about.
#[derive(Default)]
pub(super) struct Topic {
    pub(super) whose: Option<Whose>,
    pub(super) registry: Option<String>,
    pub(super) image: Option<ImageName>,
    /// Something new began that did not say yet which registry it is about.
    pub(super) began_anew: bool,
}

impl Topic {
    pub(super) fn learn(&mut self, mention: &Mention) {
        if mention.whose == Whose::NoRegistry {
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
    pub(super) fn forget_at_login(&mut self, line: &Line) {
        let command = line.lower.contains("docker login ") && !line.lower.contains("'docker login");
        if command || line.lower.contains("run docker/login-action") {
            *self = Self { began_anew: true, ..Self::default() };
        }
    }
}

/// The registry that a log names first, looked for when somebody asks.
pub(super) struct First<'a> {
    pub(super) log: &'a str,
    found: OnceCell<Option<Mention>>,
}

impl<'a> First<'a> {
    pub(super) const fn of(log: &'a str) -> Self {
        Self { log, found: OnceCell::new() }
    }

    pub(super) fn mention(&self) -> Option<&Mention> {
        let find = || {
            let mut mentions = text::lines(self.log).flat_map(|line| mention::of_line(&line));
            mentions.find(|mention| mention.whose != Whose::NoRegistry)
        };
        self.found.get_or_init(find).as_ref()
    }
}

/// A line and what is known around it.
#[derive(Clone, Copy)]
pub(super) struct LineInLog<'a> {
    pub(super) line: &'a Line,
    pub(super) mentions: &'a [Mention],
    pub(super) topic: &'a Topic,
    pub(super) first: &'a First<'a>,
}

impl LineInLog<'_> {
    pub(super) fn says(&self, wording: &Wording, at: usize, end: usize) -> bool {
        let is_bare_refusal = wording.reason == Reason::Denied || wording.reason == Reason::NoCredential;
        if is_bare_refusal && CONVERSATION.iter().any(|words| self.line.lower.contains(words)) {
            return false;
        }
        self.is_word_of(wording.said_by, at, end)
    }

    /// Whether what stands at a place is somebody's word.
    pub(super) fn is_word_of(&self, whose: SaidBy, at: usize, end: usize) -> bool {
        match whose {
            SaidBy::Anyone => {
                !matches!(self.named(at).or(self.topic.whose), Some(Whose::OtherPackages)) && self.named(at) != Some(Whose::Foreign)
            }
            SaidBy::Registry => self.speaker(at) == Some(Whose::Github),
            SaidBy::RegistryOrNobody => matches!(self.speaker(at), Some(Whose::Github) | None),
            SaidBy::Line => self.named(at) == Some(Whose::Github),
            SaidBy::Around => self.named_after(at, end) == Some(Whose::Github),
            SaidBy::Answer => self.answered(at),
        }
    }

    /// Whether the line is a bare `denied` or `unauthorized`, as docker ends a push.
    pub(super) fn says_no_more_than_no(&self) -> bool {
        let said = self.line.lower.trim().trim_start_matches("error: ");
        matches!(said, "denied" | "unauthorized") && self.topic.whose == Some(Whose::Github)
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
        let later = || if self.topic.began_anew { None } else { self.first.mention().map(|mention| mention.whose) };
        self.named(at).or(self.topic.whose).or_else(later)
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
