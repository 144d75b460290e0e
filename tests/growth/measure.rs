//! Instructions, counted by callgrind.
//!
//! This binary runs itself there, once for all works of a list, and each call is counted by itself: to start a program takes longer
//! than most of them.

use std::{ffi::OsString, fs, path::Path, process::Command};

/// What is done with a text.
pub(crate) type Done = fn(&[u8]);

/// Something that is done with a text of any size.
pub(crate) struct Work {
    /// What is done with what.
    pub(crate) name: String,
    /// What is done.
    pub(crate) done: Done,
    /// The text of a size.
    pub(crate) text: Box<dyn Fn(usize) -> Vec<u8>>,
    /// The smallest size.
    pub(crate) size: usize,
}

/// A list of works, by its name.
pub(crate) type List = (&'static str, fn() -> Vec<Work>);

/// How many times the smallest size.
const TIMES: [usize; 3] = [1, 2, 4];

/// How often what four times the size adds to twice may be what twice adds to once: 2 by a line, 4 by a square.
const STEEPEST: f64 = 2.7;

/// Work that is small whatever its growth, in instructions.
const NOTHING: f64 = 3e6;

/// Begins the arguments of a run that does the works of a list.
const WORK: &str = "--work";

/// Does the works of a list if the arguments ask for that.
pub(crate) fn was_asked_for_work(lists: &[List]) -> bool {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [flag, name] = &arguments[..] else { return false };
    let list = lists.iter().find(|(known, _)| flag == WORK && *known == name);
    list.is_some_and(|(_, works)| {
        for work in works() {
            // What is made once is made before.
            (work.done)(&(work.text)(1));
            for times in TIMES {
                done_and_counted(work.done, &(work.text)(work.size * times));
            }
        }
        true
    })
}

/// The name by which callgrind knows the function whose calls are counted.
const COUNTED: &str = concat!(module_path!(), "::done_and_counted");

#[inline(never)]
fn done_and_counted(done: Done, text: &[u8]) {
    done(text);
    std::hint::black_box(text);
}

/// The works of a list that grow by more than a line, with what each size takes.
pub(super) fn steep((name, works): List) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let counts = directory.path().join("counts");
    let counted = Command::new("valgrind")
        .arg("--tool=callgrind")
        .args(["--toggle-collect", "--dump-after"].map(|option| format!("{option}={COUNTED}")))
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(std::env::current_exe().unwrap())
        .args([WORK, name])
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap();
    assert!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
    let count = |number: usize| total(&counts.with_extension(number.to_string()));
    let growing = works().into_iter().enumerate().filter_map(|(at, work)| {
        let counts = [1, 2, 3].map(|number| count(TIMES.len() * at + number));
        is_steep(counts).then(|| format!("{}: {counts:.0?}", work.name))
    });
    growing.collect()
}

/// The instructions of one call.
fn total(file: &Path) -> f64 {
    let counts = fs::read_to_string(file).unwrap();
    counts.lines().find_map(|line| line.strip_prefix("totals: ")).unwrap().parse().unwrap()
}

fn is_steep([once, twice, four]: [f64; 3]) -> bool {
    four - twice >= NOTHING.max(STEEPEST * (twice - once))
}
