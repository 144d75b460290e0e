//! What strangers wrote in some length, and the functions that read it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth::{
    credential::token::Token,
    explain::explain,
    job::{command_file::render, payload::Payload},
    login::config::DockerConfig,
    registry::{Access, challenge::Challenge, host::Registry, image::Images, message, verdict},
    text::markdown::escape,
};
use ghcr_auth_testbed::leak_scan::LeakScan;
use reqwest::header::{HeaderName, HeaderValue, WWW_AUTHENTICATE};

use super::{
    measure::{Done, Work},
    numbered,
};

/// The smallest size, in bytes.
const SIZE: usize = 4000;

const TOKEN: &str = "ghp_Xq7Zt3Lw9Rb2Vn5Km8Dj1AcceptCanary0a1B";

/// What is done with bytes, and its name.
type Function = (&'static str, Done);

/// The object of so many members.
type Object = fn(usize) -> String;

const EXPLAIN: Function = ("explain", |bytes| drop(explain(&String::from_utf8_lossy(bytes))));
const ESCAPE: Function = ("escape", |bytes| drop(escape(&String::from_utf8_lossy(bytes))));
const EVENT: Function = ("event.json", |bytes| drop(Payload::parse(bytes)));
const CONFIG: Function = ("config.json", |bytes| drop(DockerConfig::parse(bytes).map(|config| config.to_bytes())));
const LEAK_SCAN: Function = ("leak scan", |bytes| drop(LeakScan::new(&[("the token", TOKEN)]).scan(bytes)));
const MESSAGE: Function = ("message", |bytes| drop(message::shown(bytes, &[Token::new(TOKEN)])));
const BEARER: Function = ("bearer", |bytes| drop(verdict::bearer(bytes)));
const BEARER_IN_MESSAGE: Function =
    ("bearer beside a message", |bearer| drop(message::shown(b"the policy of acme forbids this", &[Token::new(text(bearer))])));
const MESSAGE_BESIDE_BEARER: Function = ("message beside a bearer", |bearer| {
    drop(message::shown(&b"denied always ".repeat(bearer.len() / 14), &[Token::new(text(bearer))]));
});
const CHALLENGE: Function = ("challenge", |bytes| drop(Challenge::parse(&[header(bytes)].into_iter().collect(), &ghcr())));
const CHALLENGES: Function =
    ("challenges", |bytes| drop(Challenge::parse(&bytes.split(|byte| *byte == b'\n').map(header).collect(), &ghcr())));
const OUTPUT: Function = ("output", |bytes| drop(render(&[("report", text(bytes))], "ghadelimiter_0123456789abcdef")));
const IMAGES: Function = ("images", |bytes| drop(Images::parse(&text(bytes), &ghcr(), Access::Push)));

/// What is read again and again: a function, and a piece of text.
const PIECES: [(Function, &str); 40] = [
    (EXPLAIN, "/ in ghcr.io "),
    (EXPLAIN, "a\n"),
    (EXPLAIN, "a/!"),
    (EXPLAIN, "ghcr.io/a"),
    (EXPLAIN, "https://"),
    (EXPLAIN, "denied: "),
    (EXPLAIN, "[1](https://"),
    (EXPLAIN, "\u{1b}["),
    (EXPLAIN, "\\\""),
    (EXPLAIN, "x:\n"),
    (EXPLAIN, "://@"),
    (EXPLAIN, "access denied for "),
    (EXPLAIN, "ghcr.io denied Aa0Aa0Aa0Aa0Aa0Aa0Aa0/\n"),
    (EXPLAIN, "ghcr.io: denied token::\"\"--"),
    (EXPLAIN, "gh\u{200b}p_\u{fe0f}"),
    (ESCAPE, "-"),
    (ESCAPE, "` [x]("),
    (ESCAPE, "https://github.com/a "),
    (EVENT, "["),
    (EVENT, "{\"commits\":"),
    (CONFIG, "["),
    (CONFIG, "{\"auths\":"),
    (MESSAGE, "denied always "),
    (MESSAGE, "1 "),
    (MESSAGE, "\\u00"),
    (MESSAGE, "{\"errors\":"),
    (BEARER, "{\"token\":"),
    (BEARER, "["),
    (CHALLENGE, "Bearer realm=\"https://ghcr.io/token\", "),
    (CHALLENGE, "Bearer "),
    (CHALLENGE, "a=\"\\\""),
    (CHALLENGE, "Bearer realm=\"https://evil.example\",service=x, scope=y,"),
    (CHALLENGES, "Bearer realm=\"https://ghcr.io:1\"\n"),
    (OUTPUT, "\n"),
    (OUTPUT, "ghadelimiter_0123456789abcde"),
    (IMAGES, "acme/app,"),
    (LEAK_SCAN, "%25"),
    (LEAK_SCAN, "\\u005c"),
    (LEAK_SCAN, "A"),
    (LEAK_SCAN, "b2N0b2NhdDpub3Q "),
];

/// Objects of many members, which are no piece that is repeated.
const OBJECTS: [(Function, Object); 3] = [
    (EVENT, |n| format!("{{{}\"ref\":\"\"}}", numbered(n, |i| format!("\"k{i}\":[1,2],")))),
    (IMAGES, |n| numbered(n, |i| format!("acme/app{i}\n"))),
    (CONFIG, |n| format!("{{\"auths\":{{{}\"x\":{{}}}}}}", numbered(n, |i| format!("\"r{i}.example\":{{\"auth\":\"eDp5\"}},")))),
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ghcr() -> Registry {
    Registry::parse("ghcr.io").unwrap()
}

fn header(bytes: &[u8]) -> (HeaderName, HeaderValue) {
    (WWW_AUTHENTICATE, HeaderValue::from_bytes(bytes).unwrap())
}

pub(super) fn works() -> Vec<Work> {
    let of_pieces =
        PIECES.map(|(function, piece)| work(function, &format!("{piece:?}"), SIZE / piece.len(), move |n| piece.repeat(n).into_bytes()));
    let of_objects = OBJECTS.map(|(function, object)| work(function, "many members", SIZE / 20, move |n| object(n).into_bytes()));
    let of_noise =
        [work(LEAK_SCAN, "noise", SIZE, noise), work(LEAK_SCAN, "noise in base64", SIZE, |n| STANDARD.encode(noise(n)).into_bytes())];
    let of_bearers = [(BEARER_IN_MESSAGE, "any length", 1000), (MESSAGE_BESIDE_BEARER, "the same length", 500)]
        .map(|(function, of, size)| work(function, of, size, |n| b"Xq7Zt3Lw9".repeat(n / 9)));
    of_pieces.into_iter().chain(of_bearers).chain(of_objects).chain(of_noise).collect()
}

fn work((name, done): Function, of: &str, size: usize, text: impl Fn(usize) -> Vec<u8> + 'static) -> Work {
    Work { name: format!("{name} of {of}"), done, text: Box::new(text), size }
}

fn noise(n: usize) -> Vec<u8> {
    (0_u32..).take(n).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}
