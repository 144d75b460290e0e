//! Shell scripts as simple commands, as far as it takes to see what they push.

use std::rc::Rc;

/// How much of a line each of its commands is judged with, in bytes.
const MOST_OF_LINE: usize = 2048;

/// Words before a command that do not change what it is.
const PREFIXES: [&str; 14] = ["sudo", "time", "exec", "if", "then", "else", "elif", "do", "while", "until", "!", "{", "env", "command"];

/// Programs that run the command among their arguments.
const WRAPPERS: [&str; 8] = ["timeout", "retry", "xargs", "nice", "nohup", "stdbuf", "parallel", "doas"];

/// Programs that push, or log in, by themselves.
const CLIENTS: [&str; 18] = [
    "docker",
    "docker-compose",
    "podman",
    "nerdctl",
    "buildah",
    "skopeo",
    "crane",
    "regctl",
    "oras",
    "helm",
    "cosign",
    "pack",
    "ko",
    "flux",
    "earthly",
    "spin",
    "apptainer",
    "singularity",
];

/// Those of them that are run in containers, too.
const IN_CONTAINERS: [&str; 6] = ["skopeo", "crane", "regctl", "oras", "cosign", "helm"];

/// A simple command of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, without its directory, and its arguments, without quotes.
    pub words: Vec<String>,
    /// The program, as it is named.
    pub path: String,
    /// The beginning of the line it stands on, continuation lines joined, pipes included.
    pub line: Rc<str>,
    /// The first line of that, as it is written.
    pub first: Rc<str>,
    /// Whether the script decides if it runs: it stands in an `if` or `case`, or after a test.
    pub is_conditional: bool,
}

impl Command {
    /// The arguments that are no flags, which subcommands are.
    pub fn verbs(&self) -> Vec<&str> {
        self.words.iter().skip(1).map(String::as_str).filter(|word| !word.starts_with('-')).take(3).collect()
    }

    /// Whether one of some flags is among them.
    pub fn has(&self, flags: &[&str]) -> bool {
        self.words.iter().any(|word| flags.contains(&word.as_str()))
    }

    /// The values of an option, written `-t x`, `--tag x` or `--tag=x`.
    pub fn values(&self, options: &[&str]) -> Vec<&str> {
        let separate = self.words.windows(2).filter(|pair| options.contains(&pair[0].as_str())).map(|pair| pair[1].as_str());
        let joined = self.words.iter().filter_map(|word| word.split_once('=').filter(|(option, _)| options.contains(option)));
        separate.chain(joined.map(|(_, value)| value)).collect()
    }
}

/// The simple commands of a script, in order.
pub fn commands(script: &str) -> Vec<Command> {
    let mut commands = Vec::new();
    let mut blocks = Blocks::default();
    let mut lines = script.lines();
    while let Some(first) = lines.next() {
        let mut line = first.trim().to_owned();
        while let Some(joined) = line.strip_suffix('\\') {
            line.truncate(joined.len());
            line.extend([" ", lines.next().unwrap_or_default().trim()]);
        }
        let first: Rc<str> = first.trim().into();
        let start: Rc<str> = line[..line.floor_char_boundary(MOST_OF_LINE)].into();
        blocks.is_tested = false;
        for words in split(&line) {
            let is_conditional = blocks.enter(&words);
            let (path, words) = program(words);
            if !words.is_empty() {
                commands.push(Command { words, path, line: Rc::clone(&start), first: Rc::clone(&first), is_conditional });
            }
        }
    }
    commands
}

/// The conditional blocks that a script is in.
#[derive(Default)]
struct Blocks {
    depth: usize,
    is_tested: bool,
    may_have_ended: bool,
}

impl Blocks {
    /// Goes on over a command; whether the script decides if it runs.
    fn enter(&mut self, words: &[String]) -> bool {
        match words.first().map(String::as_str) {
            Some("then" | "case") => self.depth += 1,
            Some("fi" | "esac" | "elif") => self.depth = self.depth.saturating_sub(1),
            Some("[" | "[[" | "test") => self.is_tested = true,
            _ => {}
        }
        let is_conditional = self.depth > 0 || self.is_tested || self.may_have_ended;
        let ends_well = words.iter().position(|word| word == "exit").is_some_and(|at| words.get(at + 1).is_none_or(|code| code == "0"));
        self.may_have_ended |= is_conditional && ends_well;
        is_conditional
    }
}

/// Takes prefixes and assignments off, and the directory of the program, which is given beside.
fn program(words: Vec<String>) -> (String, Vec<String>) {
    let is_assignment =
        |word: &str| word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    let mut words: Vec<String> = words.into_iter().skip_while(|word| PREFIXES.contains(&word.as_str()) || is_assignment(word)).collect();
    let is_wrapped = words.first().is_some_and(|program| WRAPPERS.contains(&program.as_str()));
    if let Some(inner) = words.iter().position(|word| CLIENTS.contains(&word.as_str())).filter(|_| is_wrapped) {
        words.drain(..inner);
    }
    let path = words.first().cloned().unwrap_or_default();
    if let Some(program) = words.first_mut() {
        *program = program.rsplit('/').next().unwrap_or_default().to_owned();
    }
    match in_container(&words) {
        Some((image, client)) => (path, [&[client], &words[image + 1..]].concat()),
        None => (path, words),
    }
}

/// The client that a container runs, by its image, and where that stands: `docker run ... quay.io/skopeo/stable:latest copy ...`.
fn in_container(words: &[String]) -> Option<(usize, String)> {
    let runs = words.len() > 2 && ["docker", "podman", "nerdctl"].contains(&words[0].as_str()) && words[1] == "run";
    let client = |image: &String| IN_CONTAINERS.iter().find(|client| image.split(['/', ':', '@']).skip(1).any(|part| part == **client));
    let is_image =
        |word: &str| word.contains('/') && !word.starts_with(['-', '/', '$', '.']) && !word.contains('=') && !word.contains(":/");
    let (at, image) = words.iter().enumerate().skip(2).find(|(_, word)| is_image(word))?;
    client(image).filter(|_| runs).map(|client| (at, (*client).to_owned()))
}

/// Splits a line into commands of words. Expressions stay whole, quotes go.
fn split(line: &str) -> Vec<Vec<String>> {
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    let (mut word, mut quote, mut rest, mut closes) = (None::<String>, None, line, true);
    while let Some(character) = rest.chars().next() {
        let is_open = closes && rest.starts_with("${{");
        let expression = is_open.then(|| rest.find("}}")).flatten();
        closes &= !is_open || expression.is_some();
        let length = expression.map_or(character.len_utf8(), |end| end + 2);
        let (piece, after) = rest.split_at(length);
        rest = after;
        let is_plain = expression.is_some() || (quote.is_some() && quote != Some(character));
        match character {
            _ if is_plain => word.get_or_insert_default().push_str(piece),
            '"' | '\'' => {
                quote = if quote.is_none() { Some(character) } else { None };
                word.get_or_insert_default();
            }
            '#' if word.is_none() => break,
            ' ' | '\t' => commands.last_mut().into_iter().for_each(|command| command.extend(word.take())),
            ';' | '&' | '|' | '(' | ')' | '`' => {
                commands.last_mut().into_iter().for_each(|command| command.extend(word.take()));
                commands.push(Vec::new());
            }
            _ => word.get_or_insert_default().push_str(piece),
        }
    }
    commands.last_mut().into_iter().for_each(|command| command.extend(word.take()));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(script: &str) -> Vec<String> {
        let shown = |command: Command| format!("{}{}", command.words.join(" "), if command.is_conditional { " if" } else { "" });
        commands(script).into_iter().map(shown).collect()
    }

    #[test]
    fn a_script_is_split_into_commands_without_prefixes_quotes_and_comments() {
        assert_eq!(shown("sudo A=1 /usr/bin/docker push \"a b\" | tee x # no\n"), ["docker push a b", "tee x"]);
        assert_eq!(shown("timeout 60 docker push a && \\\n  echo"), ["docker push a", "echo"]);
        assert_eq!(shown("x ${{ a || b }}"), ["x ${{ a || b }}"]);
        assert_eq!(shown("if [ $X ]; then a; fi; b"), ["[ $X ]", "a if", "fi", "b"]);
    }

    #[test]
    fn a_client_in_a_container_is_the_command() {
        assert_eq!(shown("docker run --rm -v $H/c:/c quay.io/skopeo/stable:1 copy -a x y"), ["skopeo copy -a x y"]);
        assert_eq!(shown("docker run -v ./skopeo/x:/x alpine copy x"), ["docker run -v ./skopeo/x:/x alpine copy x"]);
    }
}
