//! Work grows with what is read, not with its square: instructions are counted at a size, twice and four times it.
//! The time that a machine takes says nothing.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod measure;
mod strangers;
mod workflows;

use ghcr_auth_testbed::{harness::Test, needs};

use self::measure::{Done, List, Work};

ghcr_auth_testbed::tests!(
    the_work_for_a_workflow_file_is_linear_in_every_dimension,
    the_work_for_what_is_held_against_each_other_has_an_end,
    the_work_for_what_strangers_wrote_is_linear,
    a_square_is_told_from_a_line,
);

pub(crate) const ALL: &[&[Test]] = &[TESTS];

const WORKFLOWS: List = ("workflows", workflows::works);
const PAIRS: List = ("pairs", workflows::works_of_pairs);
const STRANGERS: List = ("strangers", strangers::works);
const SAMPLES: List = ("samples", samples);

/// Does works if the arguments of this process ask for that.
pub(crate) fn was_asked_for_work() -> bool {
    measure::was_asked_for_work(&[WORKFLOWS, PAIRS, STRANGERS, SAMPLES])
}

fn numbered(n: usize, piece: impl Fn(usize) -> String) -> String {
    (0..n).map(piece).collect()
}

#[track_caller]
fn assert_linear(list: List) {
    needs::program("valgrind", "valgrind");
    let found = measure::steep(list);
    assert!(found.is_empty(), "more than linear:\n{}", found.join("\n"));
}

fn the_work_for_a_workflow_file_is_linear_in_every_dimension() {
    assert_linear(WORKFLOWS);
}

fn the_work_for_what_is_held_against_each_other_has_an_end() {
    assert_linear(PAIRS);
}

fn the_work_for_what_strangers_wrote_is_linear() {
    assert_linear(STRANGERS);
}

/// Works whose growth is known.
fn samples() -> Vec<Work> {
    fn ignore<T>(result: T) {
        std::hint::black_box(result);
    }
    fn pairs(text: &[u8]) -> usize {
        text.iter().flat_map(|one| text.iter().filter(move |other| *other == one)).count()
    }
    let samples: [(&str, Done); 4] = [
        ("a line", |text| ignore(text.repeat(100).iter().max())),
        ("a line and a little more", |text| text.repeat(10).sort_unstable()),
        ("a square", |text| ignore(pairs(text))),
        ("a square beside a line", |text| ignore((pairs(text), text.repeat(300).iter().max()))),
    ];
    let work = |(name, done): (&str, Done)| Work { name: name.to_owned(), done, text: Box::new(|n| vec![b'x'; n]), size: 500 };
    samples.into_iter().map(work).collect()
}

fn a_square_is_told_from_a_line() {
    needs::program("valgrind", "valgrind");
    let found = measure::steep(SAMPLES);
    let names: Vec<_> = found.iter().filter_map(|found| found.split(':').next()).collect();
    assert_eq!(names, ["a square", "a square beside a line"], "{found:?}");
}
