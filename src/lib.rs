//! ghcr-auth: may this run push to GitHub Container Registry, with which credential, and if not why not?
//!
//! # Layout
//!
//! Data flows one way; each stage is a module. Pure ones decide; thin ones touch the world.
//!
//! 1. [`inputs`] parses the action's inputs from an [`environment`] that was read once.
//! 2. [`trust`] decides from the event alone whether it may publish. Pure but for reading event.json.
//! 3. [`candidates`] selects the credentials that may be tried. Pure.
//! 4. [`probe`] asks the registry about each of them. [`probe::client`] is the network; [`probe::challenge`],
//!    [`probe::retry`] and [`probe::verdict`] are pure.
//! 5. [`decision`] answers. Pure.
//! 6. [`diagnosis`] explains a no, from the knowledge in `diagnosis/knowledge.yaml`. Pure.
//! 7. [`login`] changes one entry of docker's config.json and takes it back later. [`login::config`] is pure.
//! 8. [`report`] says it all: log, annotations, job summary, outputs.
//!
//! [`stage`] runs them in this order. To explain a no it also asks [`evidence`] (GitHub's API, through the same client)
//! and [`workflow`] (the workflow file; pure); neither decides anything. [`process`] is what surrounds a run: signals,
//! panics, exit codes. [`cli`] asks the same outside a workflow, with [`explain`], which reads the log of a push or pull
//! that failed elsewhere, and [`audit`], which reads workflow files (both pure).
//!
//! Two values go everywhere: a [`reason`] code for each answer, and a [`token`] that never shows itself. [`origin`] is where
//! texts send people.

pub mod audit;
pub mod candidates;
pub mod cli;
pub mod decision;
pub mod diagnosis;
pub mod environment;
pub mod evidence;
pub mod explain;
pub mod inputs;
pub mod login;
pub mod origin;
pub mod probe;
pub mod process;
pub mod random;
pub mod reason;
pub mod regular_file;
pub mod report;
pub mod stage;
pub mod token;
pub mod trust;
pub mod workflow;
