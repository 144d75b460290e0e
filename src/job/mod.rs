//! The job as the runner presents it: its environment, its event, and the files by which it is answered.

pub mod action_yml;
pub mod command_file;
pub mod environment;
mod event_json;
pub mod field;
pub mod payload;
pub mod regular_file;
pub mod run;
pub mod workflow_file;
