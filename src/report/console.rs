//! What the step prints: masks, the log and annotations, all on standard output, since the runner may read
//! standard error first (actions/runner `ActionCommandManager.cs`, `ProcessInvoker.cs`).

use std::{cell::RefCell, collections::BTreeSet, fmt, io::Write as _};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::text::{neutral, neutral_lines};

/// Shorter values are not masked: masking `a` would blank the whole log.
const SHORTEST_MASK: usize = 4;

/// The kinds of annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Notice,
    /// Something to look at.
    Warning,
    /// Why the step fails.
    Error,
}

impl Level {
    /// The runner's word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A note on the run's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Its kind.
    pub level: Level,
    /// Its headline.
    pub title: String,
    /// What it says.
    pub message: String,
}

/// Standard output. Write errors (a closed pipe) are ignored.
#[derive(Debug, Default)]
pub struct Console {
    masked: RefCell<BTreeSet<String>>,
}

impl Console {
    /// Has the runner hide values from here on. Each line is masked by itself, and once.
    pub fn mask(&self, values: &[String]) {
        write(&self.masks(values));
    }

    fn masks(&self, values: &[String]) -> String {
        let lines = values.iter().flat_map(|value| value.lines()).map(str::trim).filter(|line| line.len() >= SHORTEST_MASK);
        let new = lines.filter(|line| self.masked.borrow_mut().insert((*line).to_owned()));
        new.map(|line| format!("::add-mask::{}\n", escape_data(line))).collect()
    }

    /// Prints lines of the log.
    pub fn print(&self, text: &str) {
        write(&text.lines().map(|line| neutral(line) + "\n").collect::<String>());
    }

    /// Prints lines of the log that are folded under a title.
    pub fn group(&self, title: &str, text: &str) {
        write(&format!("::group::{}\n", escape_data(&neutral(title))));
        self.print(text);
        write("::endgroup::\n");
    }

    /// Prints an annotation that needs no headline of its own.
    pub fn annotate(&self, level: Level, message: &str) {
        self.show(&Annotation { level, title: "ghcr-auth".to_owned(), message: message.to_owned() });
    }

    /// Prints an annotation.
    pub fn show(&self, annotation: &Annotation) {
        let (level, title) = (annotation.level.word(), escape_property(&annotation.title));
        write(&format!("::{level} title={title}::{}\n", escape_message(&annotation.message)));
    }

    /// Prints an annotation of a line of a file.
    pub fn annotate_line(&self, level: Level, file: &str, line: usize, message: &str) {
        write(&annotation_of_line(level, file, line, "ghcr-auth", message));
    }

    /// Prints a line that is shown only when step debugging is on.
    pub fn debug(message: &str) {
        write(&format!("::debug::{}\n", escape_data(message)));
    }
}

/// The command that makes an annotation of a line of a file
/// (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>).
pub fn annotation_of_line(level: Level, file: &str, line: usize, title: &str, message: &str) -> String {
    let (file, message) = (escape_property(file), escape_message(message));
    format!("::{} file={file},line={line},title={title}::{message}\n", level.word())
}

/// Prints our own debug events as debug lines. Other crates' may hold headers, so they are dropped.
#[derive(Clone, Copy, Debug)]
pub struct DebugLog;

impl Subscriber for DebugLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with(env!("CARGO_CRATE_NAME")) && *metadata.level() <= tracing::Level::DEBUG
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Words(String::new());
        event.record(&mut line);
        Console::debug(line.0.trim_start());
    }

    // Spans are never enabled: there is nothing to remember of them.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The fields of an event, in words.
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let shown = if field.name() == "message" { format!(" {value:?}") } else { format!(" {}={value:?}", field.name()) };
        self.0 += &shown;
    }
}

fn write(text: &str) {
    let mut stdout = std::io::stdout().lock();
    // A closed or full pipe changes nothing about the decision.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// The lines of an annotation, without what a page or a terminal acts on.
fn escape_message(text: &str) -> String {
    escape_data(&neutral_lines(text))
}

/// Escapes a command's property as actions/toolkit's `escapeProperty` does.
fn escape_property(text: &str) -> String {
    escape_data(&neutral(text)).replace(':', "%3A").replace(',', "%2C")
}

/// Escapes a command's data as actions/toolkit's `escapeData` does, and takes what the runner would read as
/// an old-style command anywhere in a line.
fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A").replace("##[", "## [")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tracing::{Callsite, callsite::Identifier, field::FieldSet, metadata::Kind, subscriber::Interest};

    use super::*;

    proptest! {
        #[test]
        fn data_stays_on_one_line(text in "(?s).{0,40}") {
            prop_assert!(!escape_data(&text).contains(['\r', '\n']));
            prop_assert!(!escape_data(&text).contains("##["));
        }
    }

    #[test]
    fn each_line_of_a_secret_is_masked_once_and_escaped() {
        let console = Console::default();
        let masks = |values: &[&str]| console.masks(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
        assert_eq!(masks(&["abcd"]), "::add-mask::abcd\n");
        assert_eq!(masks(&["abcd\n  ef%gh \r\nabc\n", "", "ijkl"]), "::add-mask::ef%25gh\n::add-mask::ijkl\n");
        assert_eq!(masks(&["abcd\nef%gh"]), "");
    }

    /// Where an event or a span stands in the code.
    struct Place;

    impl Callsite for Place {
        fn set_interest(&self, _: Interest) {}

        fn metadata(&self) -> &Metadata<'_> {
            unreachable!()
        }
    }

    fn metadata(kind: Kind, target: &str, level: tracing::Level) -> Metadata<'_> {
        let fields = FieldSet::new(&["message", "status"], Identifier(&Place));
        Metadata::new("", target, level, None, None, None, fields, kind)
    }

    #[test]
    fn only_our_own_events_are_shown_and_no_finer_ones_than_debug() {
        use tracing::Level;
        let is_shown = |kind, target, level| DebugLog.enabled(&metadata(kind, target, level));
        for level in [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG] {
            assert!(is_shown(Kind::EVENT, "ghcr_auth::registry::client", level), "{level}");
        }
        assert!(!is_shown(Kind::EVENT, "ghcr_auth::registry::client", Level::TRACE));
        assert!(!is_shown(Kind::SPAN, "ghcr_auth::registry::client", Level::DEBUG));
        assert!(!is_shown(Kind::EVENT, "hyper_util::client", Level::DEBUG));
    }

    #[test]
    fn an_event_is_its_message_and_its_other_fields_by_name() {
        let metadata = metadata(Kind::EVENT, "ghcr_auth", tracing::Level::DEBUG);
        let mut words = Words(String::new());
        for (name, value) in [("message", "answered"), ("status", "201")] {
            words.record_debug(&metadata.fields().field(name).unwrap(), &format_args!("{value}"));
        }
        assert_eq!(words.0, " answered status=201");
    }

    #[test]
    fn a_level_has_the_runners_word() {
        assert_eq!([Level::Notice, Level::Warning, Level::Error].map(Level::word), ["notice", "warning", "error"]);
    }

    #[test]
    fn a_property_ends_neither_itself_nor_the_command() {
        assert_eq!(escape_property("No push: a, b::c\n100%"), "No push%3A a%2C b%3A%3Ac 100%25");
    }

    #[test]
    fn an_annotation_of_a_line_names_its_place_and_its_title() {
        let shown = annotation_of_line(Level::Warning, ".github/workflows/a,b.yml", 7, "ghcr-auth", "one: 1\ntwo");
        assert_eq!(shown, "::warning file=.github/workflows/a%2Cb.yml,line=7,title=ghcr-auth::one: 1%0Atwo\n");
    }

    #[test]
    fn a_message_keeps_its_lines_and_nothing_that_is_not_seen() {
        assert_eq!(escape_message("a\u{1b}]0;t\u{7}\n  user\u{202e}nimda\n"), "a ]0;t %0A  usernimda");
    }

    #[test]
    fn data_is_escaped_as_the_toolkit_does() {
        assert_eq!(escape_data("50%\r\nx::y"), "50%25%0D%0Ax::y");
    }
}
