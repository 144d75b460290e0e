//! What must hold for any bytes at all, one module for each place where a stranger's bytes come in.
//!
//! Each `check` panics where it does not hold. `cargo fuzz run TARGET --features libfuzzer` looks for such bytes;
//! `tests/corpus.rs` replays those that were found to matter.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a failed expectation is what is looked for")]

use ghcr_auth::registry::{host::Registry, image::Image};

pub mod answer;
pub mod challenge;
pub mod command_file;
pub mod docker_config;
pub mod event;
pub mod image;
pub mod log;
pub mod workflow;

/// A property that is asserted of bytes.
pub type Check = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Check); 8] = [
    ("answer", answer::check),
    ("challenge", challenge::check),
    ("command_file", command_file::check),
    ("docker_config", docker_config::check),
    ("event", event::check),
    ("image", image::check),
    ("log", log::check),
    ("workflow", workflow::check),
];

fn ghcr() -> Registry {
    Registry::parse("ghcr.io").expect("a host")
}

fn app() -> Image {
    Image::parse("acme/app", &ghcr()).expect("an image name")
}
