//! What the command line prints, and with which colours.

use std::io::{self, IsTerminal as _, Write};

use super::exit;
use crate::{
    job::environment::Environment,
    text::{neutral, tokens::without_tokens},
};

/// How a sequence for a colour begins (ECMA-48, SGR).
const START: &str = "\x1b[";

/// Standard output and standard error.
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
    /// Colours for people who look on, or who force them (<https://force-color.org>), unless they mind
    /// (<https://no-color.org>).
    pub fn of_process(environment: &Environment) -> Self {
        let set = |name| environment.raw(name).is_some();
        let dumb = environment.text("TERM") == Some("dumb");
        let colours = !set("NO_COLOR") && (set("FORCE_COLOR") || io::stdout().is_terminal() && !dumb);
        Self { colours, progress: io::stderr().is_terminal() && !dumb }
    }

    /// A text in a colour.
    pub fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Green => 32,
            Colour::Red => 31,
            Colour::Yellow => 33,
            Colour::Bold => 1,
        };
        let text = neutral(text);
        if self.colours { format!("{START}{code}m{text}{START}0m") } else { text }
    }

    /// Prints the result, neutral but for our own colours, and passes on the exit code.
    pub fn print(&self, text: &str, code: u8) -> u8 {
        self.put(&self.shown(text), code)
    }

    /// Prints commands for the runner, whose texts are neutral already.
    pub fn command(&self, text: &str, code: u8) -> u8 {
        self.put(text, code)
    }

    /// Prints a patch, of which [`fits`] holds.
    pub fn patch(&self, text: &str, code: u8) -> u8 {
        self.put(&fitting(text), code)
    }

    /// A result that is not whole is none. A reader that went away has what it wanted.
    fn put(self, text: &str, code: u8) -> u8 {
        match write(&mut io::stdout().lock(), text) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => self.refuse(&format!("error: the output can't be written: {error}")),
            _ => code,
        }
    }

    /// Says why a command cannot be carried out. The path of a file may have a token in it.
    pub fn refuse(&self, text: &str) -> u8 {
        // Nobody is left to tell.
        let _ = write(&mut io::stderr().lock(), &(without_tokens(text) + "\n"));
        exit::USAGE
    }

    /// Every line neutral. Where there are colours, our own sequences stay; a text in one of them was neutral before.
    fn shown(self, text: &str) -> String {
        let line = |line: &str| {
            let parts = line.split(START).map(|part| match part.find('m').filter(|end| self.colours && *end <= 2) {
                Some(end) if part.as_bytes()[..end].iter().all(u8::is_ascii_digit) => {
                    format!("{START}{}m{}", &part[..end], neutral(&part[end + 1..]))
                }
                _ => neutral(part),
            });
            parts.collect::<String>()
        };
        text.split_inclusive('\n').map(|text| text.strip_suffix('\n').map_or_else(|| line(text), |text| line(text) + "\n")).collect()
    }

    /// Shows a line while something is waited for, to people only.
    pub fn progress(&self, text: &str) {
        if self.progress {
            // What comes of it is said later.
            let _ = write(&mut io::stderr().lock(), text);
        }
    }

    /// Takes the progress line away.
    pub fn end_progress(&self) {
        self.progress("\r\x1b[K");
    }
}

/// Whether a patch stays as it is when it is printed: neutral but for tabs and line ends. Another would not fit its file.
pub fn fits(patch: &str) -> bool {
    fitting(patch) == patch
}

fn fitting(patch: &str) -> String {
    let line = |line: &str| {
        let (line, end) = line.strip_suffix('\r').map_or((line, ""), |line| (line, "\r"));
        line.split('\t').map(neutral).collect::<Vec<_>>().join("\t") + end + "\n"
    };
    patch.split_terminator('\n').map(line).collect()
}

fn write(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes()).and_then(|()| stream.flush())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_colours_reach_a_terminal() {
        let foreign = "\u{1b}]0;title\u{7}\u{1b}[2J\u{202e}\u{9b}x";
        for colours in [true, false] {
            let terminal = Terminal { colours, progress: false };
            let text = format!("{} {foreign}\n::stop-commands::x\n", terminal.paint(Colour::Red, foreign));
            let shown = terminal.shown(&text);
            assert_eq!(shown.matches('\u{1b}').count(), if colours { 2 } else { 0 }, "{shown:?}");
            assert!(!shown.contains(['\u{7}', '\u{9b}', '\u{202e}']) && shown.ends_with("\n: :stop-commands::x\n"), "{shown:?}");
        }
    }

    #[test]
    fn a_patch_still_fits() {
        let patch = "--- a/x\n a:\t# tab\r\n+b: 1\r\n\\ No newline at end of file\n";
        assert_eq!(fitting(patch), patch);
        assert_eq!(fitting(" a\u{1b}[2J\r::x\u{202e}\n \t::error::x\n"), " a [2J ::x\n \t: :error::x\n");
    }
}
