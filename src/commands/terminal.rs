//! What the command line prints, and with which colours.

use std::io::{self, IsTerminal as _, Write};

use super::exit;
use crate::job::environment::Environment;

/// Standard output and standard error. A reader that went away is no reason to fail.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    colours: bool,
    progress: bool,
}

/// The colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Good.
    Green,
    /// Bad.
    Red,
    /// Neither is sure.
    Yellow,
    /// What matters.
    Bold,
}

impl Terminal {
    /// Colours only for people who look on, and who do not mind (<https://no-color.org>).
    pub fn of_process(environment: &Environment) -> Self {
        let plain = environment.raw("NO_COLOR").is_some() || environment.text("TERM") == Some("dumb");
        Self { colours: io::stdout().is_terminal() && !plain, progress: io::stderr().is_terminal() && !plain }
    }

    /// A text in a colour.
    pub fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Green => 32,
            Colour::Red => 31,
            Colour::Yellow => 33,
            Colour::Bold => 1,
        };
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Prints the result and passes on the exit code.
    pub fn print(&self, text: &str, code: u8) -> u8 {
        write(&mut io::stdout().lock(), text);
        code
    }

    /// Says why a command cannot be carried out.
    pub fn refuse(&self, text: &str) -> u8 {
        write(&mut io::stderr().lock(), &format!("{text}\n"));
        exit::USAGE
    }

    /// Shows a line while something is waited for, to people only.
    pub fn progress(&self, text: &str) {
        if self.progress {
            write(&mut io::stderr().lock(), text);
        }
    }

    /// Takes the progress line away.
    pub fn end_progress(&self) {
        self.progress("\r\x1b[K");
    }
}

fn write(stream: &mut impl Write, text: &str) {
    // Nobody is left to tell.
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
