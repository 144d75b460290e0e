//! The shape of the knowledge: entries and fixes, each with the situations that it is for.

use super::situation::{Clue, Held, Operation, Place, Situation};
use crate::reason::Reason;

/// The situations that a text is for. Empty lists mean any.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    operations: &'static [Operation],
    places: &'static [Place],
    held: &'static [Held],
    given: Option<Clue>,
    unless: &'static [Clue],
}

const ALWAYS: When = When { operations: &[], places: &[], held: &[], given: None, unless: &[] };

impl When {
    fn fits(&self, situation: &Situation) -> bool {
        fn allows<T: PartialEq>(list: &[T], value: &T) -> bool {
            list.is_empty() || list.contains(value)
        }
        allows(self.operations, &situation.operation)
            && allows(self.places, &situation.place)
            && allows(self.held, &situation.held)
            && self.given.is_none_or(|clue| situation.has(clue))
            && !self.unless.iter().any(|clue| situation.has(*clue))
    }
}

/// What is said of one code in the situations that it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) codes: &'static [Reason],
    pub(super) title: &'static str,
    pub(super) cause: &'static str,
    fixes: &'static [Fix],
    pub(super) links: &'static [Link],
    when: When,
}

/// One thing to change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fix {
    pub(super) text: &'static str,
    pub(super) paste: Option<&'static str>,
    when: When,
}

/// A page to open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) label: &'static str,
    pub(super) url: &'static str,
}

/// An entry for any situation.
pub(super) const fn entry(codes: &'static [Reason], title: &'static str, cause: &'static str, fixes: &'static [Fix]) -> Entry {
    Entry { codes, title, cause, fixes, links: &[], when: ALWAYS }
}

/// A fix in a sentence.
pub(super) const fn tell(text: &'static str) -> Fix {
    Fix { text, paste: None, when: ALWAYS }
}

/// A fix with lines to paste.
pub(super) const fn show(text: &'static str, lines: &'static str) -> Fix {
    Fix { text, paste: Some(lines), when: ALWAYS }
}

/// The conditions that entries and fixes share.
macro_rules! conditions {
    ($of:ty) => {
        impl $of {
            /// Only for these operations.
            pub(super) const fn to(mut self, operations: &'static [Operation]) -> Self {
                self.when.operations = operations;
                self
            }

            /// Only at these places.
            pub(super) const fn at(mut self, places: &'static [Place]) -> Self {
                self.when.places = places;
                self
            }

            /// Only with one of these.
            pub(super) const fn with(mut self, held: &'static [Held]) -> Self {
                self.when.held = held;
                self
            }

            /// Only if this is known.
            pub(super) const fn given(mut self, clue: Clue) -> Self {
                self.when.given = Some(clue);
                self
            }

            /// Not if any of these is known.
            pub(super) const fn unless(mut self, clues: &'static [Clue]) -> Self {
                self.when.unless = clues;
                self
            }

            /// Whether it is for a situation.
            pub(super) fn fits(&self, situation: &Situation) -> bool {
                self.when.fits(situation)
            }
        }
    };
}

conditions!(Entry);
conditions!(Fix);

impl Entry {
    /// With pages to open.
    pub(super) const fn see(mut self, links: &'static [Link]) -> Self {
        self.links = links;
        self
    }

    /// Its fixes for a situation, at most [`MOST_FIXES`].
    pub(super) fn fixes(&self, situation: &Situation) -> impl Iterator<Item = &'static Fix> {
        self.fixes.iter().filter(move |fix| fix.fits(situation)).take(MOST_FIXES)
    }
}

/// Given more, people try none of it.
pub(super) const MOST_FIXES: usize = 4;
