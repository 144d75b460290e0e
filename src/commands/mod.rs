//! The command line: the same questions outside a workflow.

mod arguments;
mod audit;
mod changes;
mod check;
mod explain;
mod findings;
mod help;
mod log_file;
mod meant;
mod places;
pub mod syntax;
pub mod terminal;

use std::ffi::OsString;

use self::{arguments::Request, terminal::Terminal};
use crate::job::environment::Environment;

/// Exit codes of the command line.
pub mod exit {
    /// Allowed, recognized, or nothing found.
    pub const YES: u8 = 0;
    /// Not allowed, not recognized, or something found.
    pub const NO: u8 = 1;
    /// The command cannot be understood.
    pub const USAGE: u8 = 2;
}

/// Whether the arguments, the program's name first, are for the command line wherever they are given: the action takes none.
pub fn is_command(arguments: &[OsString]) -> bool {
    arguments.len() > 1 && arguments::read(&arguments[1..2]).is_ok()
}

/// Runs a command, the program's name first, and returns its exit code.
pub async fn run(arguments: &[OsString], environment: &Environment) -> u8 {
    let terminal = Terminal::of_process(environment);
    match arguments::read(&arguments[1..]) {
        Ok(Request::Help(None)) => terminal.print(&help::of_program(), exit::YES),
        Ok(Request::Help(Some(command))) => terminal.print(&help::of(command), exit::YES),
        Ok(Request::Version) => terminal.print(concat!("ghcr-auth ", env!("CARGO_PKG_VERSION"), "\n"), exit::YES),
        Ok(Request::Run(command, given)) => {
            let code = match command.name {
                "check" => check::run(&given, environment, terminal).await,
                "explain" => explain::run(&given, terminal),
                _ => audit::run(&given, terminal),
            };
            code.unwrap_or_else(|problem| terminal.refuse(&format!("error: {problem}")))
        }
        Err(misunderstood) => terminal.refuse(&misunderstood.to_string()),
    }
}

/// What a call without a command is told.
pub fn usage(environment: &Environment) -> u8 {
    Terminal::of_process(environment).refuse(help::of_program().trim_end())
}
