//! The same for functions that read what strangers wrote: this binary runs itself with a function's name and a file.

use std::{ffi::OsString, fs, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth::{explain::explain, job::payload::Payload, login::config::DockerConfig, text::markdown::escape};
use ghcr_auth_testbed::{harness::Test, leak_scan::LeakScan, needs};

use super::{Shape, counted, steep};

ghcr_auth_testbed::tests!(the_work_for_what_strangers_wrote_is_linear);

pub(super) const ALL: &[Test] = TESTS;

/// Begins the arguments of such a run.
const WORK: &str = "--work";

/// How much is read at least, in bytes.
const SIZE: usize = 8000;

type Function = (&'static str, fn(&[u8]));

const FUNCTIONS: [Function; 5] = [
    ("explain", |bytes| drop(explain(&String::from_utf8_lossy(bytes)))),
    ("escape", |bytes| drop(escape(&String::from_utf8_lossy(bytes)))),
    ("event.json", |bytes| drop(Payload::parse(bytes))),
    ("config.json", |bytes| drop(DockerConfig::parse(bytes).map(|config| config.to_bytes()))),
    ("leak scan", |bytes| drop(LeakScan::new(&[("the token", "ghp_Xq7Zt3Lw9Rb2Vn5Km8Dj1AcceptCanary0a1B")]).scan(bytes))),
];

/// What is read again and again: a function, and a piece of text.
const PIECES: [(&str, &str); 24] = [
    ("explain", "/ in ghcr.io "),
    ("explain", "a\n"),
    ("explain", "a/!"),
    ("explain", "ghcr.io/a"),
    ("explain", "https://"),
    ("explain", "denied: "),
    ("explain", "[1](https://"),
    ("explain", "\u{1b}["),
    ("explain", "\\\""),
    ("explain", "x:\n"),
    ("explain", "://@"),
    ("explain", "access denied for "),
    ("explain", "ghcr.io denied Aa0Aa0Aa0Aa0Aa0Aa0Aa0/\n"),
    ("escape", "-"),
    ("escape", "` [x]("),
    ("escape", "https://github.com/a "),
    ("event.json", "["),
    ("event.json", "{\"commits\":"),
    ("config.json", "["),
    ("config.json", "{\"auths\":"),
    ("leak scan", "%25"),
    ("leak scan", "\\u005c"),
    ("leak scan", "A"),
    ("leak scan", "b2N0b2NhdDpub3Q "),
];

/// Objects of many members, which are no piece that is repeated.
const OBJECTS: [Shape; 2] = [
    ("event.json", |n| format!("{{{}\"ref\":\"\"}}", (0..n).map(|i| format!("\"k{i}\":[1,2],")).collect::<String>())),
    ("config.json", |n| {
        format!("{{\"auths\":{{{}\"x\":{{}}}}}}", (0..n).map(|i| format!("\"r{i}.example\":{{\"auth\":\"eDp5\"}},")).collect::<String>())
    }),
];

/// Runs a function if the arguments ask for that.
pub(crate) fn was_asked_for_work() -> bool {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [flag, name, file] = &arguments[..] else { return false };
    let function = FUNCTIONS.iter().find(|(known, _)| *known == name).filter(|_| flag == WORK);
    function.is_some_and(|(_, work)| {
        work(&fs::read(file).unwrap());
        true
    })
}

fn instructions(name: &str, content: &[u8]) -> f64 {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), content).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([WORK, name]).arg(file.path());
    counted(&command)
}

fn the_work_for_what_strangers_wrote_is_linear() {
    needs::program("valgrind", "valgrind");
    let of_pieces = PIECES.iter().filter_map(|(function, piece)| {
        let content = |times: usize| piece.repeat(SIZE * times / piece.len());
        steep(&format!("{function} of {piece:?}"), |times| instructions(function, content(times).as_bytes()))
    });
    let of_objects = OBJECTS.iter().filter_map(|(function, object)| {
        steep(&format!("{function} of many members"), |times| instructions(function, object(SIZE / 20 * times).as_bytes()))
    });
    let noise: Vec<u8> = (0..40_000_u32).map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    let of_noise = [noise.clone(), STANDARD.encode(&noise).into_bytes()];
    let of_noise =
        of_noise.iter().filter_map(|noise| steep("leak scan of noise", |times| instructions("leak scan", &noise[..SIZE * times])));
    let found: String = of_pieces.chain(of_objects).chain(of_noise).collect();
    assert!(found.is_empty(), "more than linear:\n{found}");
}
