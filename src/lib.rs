//! ghcr-auth: can this run push to GitHub Container Registry, with which credential, and if not why not?
//!
//! # Layout
//!
//! Data flows one way; each stage is a module. Pure ones decide; thin ones touch the world.
//!
//! 1. [`inputs`] parses the action's inputs from the environment that [`job`] read once.
//! 2. [`trust`] decides from the event alone whether it may publish. Pure.
//! 3. [`candidates`] selects the credentials that may be tried. Pure.
//! 4. [`registry`] is asked about each of them: [`registry::probe`] asks, [`registry::client`] is the network;
//!    [`registry::challenge`], [`registry::retry`] and [`registry::verdict`] are pure.
//! 5. [`decision`] answers. Pure.
//! 6. [`diagnosis`] explains a no, from the knowledge in `diagnosis/knowledge.rs`. Pure.
//! 7. [`login`] changes one entry of docker's config.json and takes it back later. [`login::config`] is pure.
//! 8. [`report`] says it all: log, annotations, job summary, outputs.
//!
//! [`action`] runs them in this order. To explain a no it also asks [`github`] (its API, through the same client) and
//! [`workflow`] (the workflow file; pure); neither decides anything. [`process`] is what surrounds a run: signals, panics,
//! exit codes. [`commands`] asks the same outside a workflow, with [`explain`], which reads the log of a push or pull that
//! failed elsewhere, and [`audit`], which reads workflow files (both pure).
//!
//! Under them lie the values that go everywhere: a [`reason`] code for each answer, and a [`credential`] that never shows
//! itself. [`text`] makes foreign text safe to show. [`job`] is what the runner gives and takes. [`project`] is where texts
//! send people, [`random`] the system's randomness.

pub mod action;
pub mod audit;
pub mod candidates;
pub mod commands;
pub mod credential;
pub mod decision;
pub mod diagnosis;
pub mod explain;
pub mod github;
pub mod inputs;
pub mod job;
pub mod login;
pub mod process;
pub mod project;
pub mod random;
pub mod reason;
pub mod registry;
pub mod report;
pub mod text;
pub mod trust;
pub mod workflow;
