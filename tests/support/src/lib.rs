//! What the tests and `cargo run --example try` stand on.
