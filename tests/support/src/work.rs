//! How the work of a function grows with its input.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The short input and the long one, in units of the caller's choice.
const SIZES: [usize; 2] = [1, 8];

/// By how much more work the long input may be: 8 times as much is linear, 64 times as much is quadratic.
const MOST: u32 = 24;

/// Asserts that a function's work grows with the length of its input and not with the square of it.
///
/// Only this thread's own processor time counts, so other work on the machine changes nothing.
#[track_caller]
pub fn assert_linear(mut work: impl FnMut(usize)) {
    let [short, long] = SIZES.map(|size| (0..3).map(|_| cost(&mut work, size)).min().expect("three measurements"));
    // Below a millisecond a measurement is mostly noise.
    assert!(long < MOST * short.max(Duration::from_millis(1)), "{long:?} for 8 times the input, {short:?} for the input");
}

fn cost(work: &mut impl FnMut(usize), size: usize) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.try_into().expect("a time after the start"), time.tv_nsec.try_into().expect("nanoseconds"))
    };
    let begun = now();
    work(size);
    now().saturating_sub(begun)
}

#[cfg(test)]
mod tests {
    use super::assert_linear;

    fn sum(steps: usize) {
        for step in 0..steps {
            std::hint::black_box(step);
        }
    }

    #[test]
    fn linear_work_passes() {
        assert_linear(|size| sum(5_000_000 * size));
    }

    #[test]
    #[should_panic(expected = "for 8 times the input")]
    fn quadratic_work_does_not() {
        assert_linear(|size| sum(5_000_000 * size * size));
    }
}
