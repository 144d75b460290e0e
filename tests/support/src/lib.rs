//! What the tests and `cargo run --example try` stand on: a registry that answers as GHCR does, and a
//! job that starts an action as the runner does.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "test support: a failed expectation is a failed test")]

mod background;
pub mod command_file;
pub mod delay;
pub mod documents;
pub mod engine;
pub mod event;
pub mod front_door;
pub mod harness;
pub mod host_action;
pub mod images;
pub mod job;
pub mod leak_scan;
pub mod live;
pub mod needs;
pub mod recorded;
pub mod registry;
pub mod script;
pub mod tls_proxy;
