//! The registry: its name, what is asked of it, and what its answers mean.
//!
//! [`host`] and [`image`] are names, [`probe`] asks, [`trial`] is what came of it, [`client`] is the network. [`challenge`],
//! [`retry`], [`verdict`] and [`message`] are pure: one file for each step of the protocol. [`ghcr`] is what only GHCR does and
//! says.

pub mod answer;
pub mod challenge;
pub mod client;
pub mod failure;
pub mod ghcr;
pub mod host;
pub mod image;
pub mod message;
pub mod probe;
pub mod proxy;
pub mod retry;
mod tls;
pub mod trial;
pub mod verdict;

/// What the job wants to do with the images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Push, which includes pull.
    Push,
    /// Pull private images only.
    Pull,
    /// Know whether anybody can pull them, without a credential.
    Public,
}
