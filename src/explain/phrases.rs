//! Looks for many phrases in a line at once, so that the time for a line does not grow with what is known.

/// A set of phrases in lower case, each of two bytes at least.
pub(super) struct Phrases {
    texts: Vec<&'static str>,
    /// The phrases that begin with a byte, as indices.
    by_first: [Vec<u16>; 256],
    /// Whether a phrase begins with a pair of bytes: one bit for each pair.
    pairs: Box<[u64; 1024]>,
}

impl Phrases {
    /// Makes the set ready. The order is kept: an index is a place in it.
    pub(super) fn new(phrases: impl IntoIterator<Item = &'static str>) -> Self {
        let mut set = Self { texts: phrases.into_iter().collect(), by_first: [const { Vec::new() }; 256], pairs: Box::new([0; 1024]) };
        for (index, phrase) in (0..).zip(&set.texts) {
            if let [first, second, ..] = phrase.as_bytes() {
                set.by_first[usize::from(*first)].push(index);
                let pair = pair(*first, *second);
                set.pairs[pair / 64] |= 1 << (pair % 64);
            }
        }
        set
    }

    /// Every phrase that a text in lower case holds, as its index and where it stands first, in the order of the set.
    pub(super) fn of(&self, lower: &str) -> Vec<(usize, usize)> {
        let bytes = lower.as_bytes();
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (at, window) in bytes.windows(2).enumerate() {
            let pair = pair(window[0], window[1]);
            if self.pairs[pair / 64] & (1 << (pair % 64)) == 0 {
                continue;
            }
            for index in &self.by_first[usize::from(window[0])] {
                let index = usize::from(*index);
                if bytes[at..].starts_with(self.texts[index].as_bytes()) && !found.iter().any(|(known, _)| *known == index) {
                    found.push((index, at));
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Whether a text in lower case holds any of them.
    pub(super) fn any(&self, lower: &str) -> bool {
        !self.of(lower).is_empty()
    }
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_found_where_it_stands_first_in_the_order_of_the_set() {
        let set = Phrases::new(["denied", "den", "403 forbidden", "é!"]);
        assert_eq!(set.of("a denied, denied é!"), [(0, 2), (1, 2), (3, 17)]);
        assert_eq!(set.of("403"), []);
        assert!(set.any("xx403 forbidden") && !set.any("") && !set.any("d"));
    }
}
