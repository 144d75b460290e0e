//! Finds pieces of secrets in whatever a program leaves behind, however they were written down.
//!
//! The content is decoded, not the secret encoded: a text is read in every way that its bytes allow, what comes out is read
//! again, and each of these views is searched. The search sees letters and digits only, in one case, so white space, frames,
//! zero-width characters, UTF-16 and quotes between single letters hide nothing. Ten characters of a secret are enough.
//!
//! Compressed content is not opened: the program can neither compress nor pass on what is, and an inflater would be here for
//! that alone.

mod decode;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How many letters and digits of a secret are a leak.
const WINDOW: usize = 10;

/// How many decodings deep a secret is looked for.
const DEPTH: usize = 3;

/// How many views of one text are searched; those with fewer decodings come first.
const MOST_VIEWS: usize = 3_000;

/// What may be public about a token: these beginnings are the same for everybody.
const PUBLIC_PREFIXES: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

type Window = [u8; WINDOW];

/// A search for some secrets.
pub struct LeakScan {
    labels: Vec<String>,
    /// Which secret a piece belongs to, by its place in `labels`.
    pieces: HashMap<Window, usize>,
    /// Whether any piece begins with these two bytes: spares the look into `pieces` nearly everywhere.
    begins: Vec<bool>,
}

/// A piece of a secret that was found. It names the secret and never shows it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Leak {
    /// The label of the secret.
    pub label: String,
    /// How it was written down: `raw`, or the decodings in their order, as in `base64 > hex`.
    pub path: String,
}

impl fmt::Display for Leak {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.label, self.path)
    }
}

/// A text that is still to be searched.
struct View {
    content: Vec<u8>,
    path: Vec<&'static str>,
}

impl LeakScan {
    /// A search for these secrets, each with a label.
    ///
    /// # Panics
    ///
    /// When a secret has too few letters and digits to be told from chance.
    pub fn new(secrets: &[(&str, &str)]) -> Self {
        let mut scan = Self { labels: Vec::new(), pieces: HashMap::new(), begins: vec![false; 1 << 16] };
        for (label, secret) in secrets {
            let random = PUBLIC_PREFIXES.iter().find_map(|prefix| secret.strip_prefix(prefix)).unwrap_or(secret);
            let mut letters = essence(random.as_bytes());
            assert!(letters.len() >= WINDOW, "{label} has fewer than {WINDOW} letters and digits");
            scan.labels.push((*label).to_owned());
            scan.add_pieces(&letters);
            letters.reverse();
            scan.add_pieces(&letters);
        }
        scan
    }

    fn add_pieces(&mut self, letters: &[u8]) {
        for piece in letters.array_windows::<WINDOW>() {
            self.begins[beginning(piece)] = true;
            self.pieces.insert(*piece, self.labels.len() - 1);
        }
    }

    /// The secrets of which a piece is in `bytes`, each with the shortest path to it.
    pub fn scan(&self, bytes: &[u8]) -> Vec<Leak> {
        let mut leaks = HashMap::new();
        let mut seen = HashSet::from([fingerprint(bytes)]);
        let mut waiting = VecDeque::from([View { content: bytes.to_vec(), path: Vec::new() }]);
        while let Some(view) = waiting.pop_front() {
            for secret in self.search(&view.content) {
                leaks.entry(secret).or_insert_with(|| if view.path.is_empty() { "raw".to_owned() } else { view.path.join(" > ") });
            }
            if view.path.len() == DEPTH {
                continue;
            }
            for (name, content) in decode::views(&view.content) {
                let is_new = content.len() >= WINDOW && seen.len() < MOST_VIEWS && seen.insert(fingerprint(&content));
                if is_new {
                    let path = view.path.iter().copied().chain([name]).collect();
                    waiting.push_back(View { content, path });
                }
            }
        }
        let mut leaks: Vec<_> = leaks.into_iter().map(|(secret, path)| Leak { label: self.labels[secret].clone(), path }).collect();
        leaks.sort();
        leaks
    }

    fn search(&self, content: &[u8]) -> HashSet<usize> {
        let letters = essence(content);
        let likely = letters.array_windows::<WINDOW>().filter(|window| self.begins[beginning(window)]);
        likely.filter_map(|window| self.pieces.get(window).copied()).collect()
    }
}

/// The letters and digits of a text, in lower case.
fn essence(content: &[u8]) -> Vec<u8> {
    content.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

fn beginning(window: &Window) -> usize {
    usize::from(window[0]) << 8 | usize::from(window[1])
}

fn fingerprint(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}
