//! What can be typed, in one table: the arguments are read by it, and the help, the completions and the man page are made
//! from it. Data only.

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// What it takes beside options, as a usage line shows it.
    pub operands: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// What its operands are and what else there is to know, in lines that fit a terminal.
    pub about: &'static str,
    /// Its options, without `--help`, which each command has.
    pub options: &'static [CommandOption],
    /// The environment variables that it reads.
    pub environment: &'static [(&'static str, &'static str)],
    /// What its exit codes mean, from 0 on.
    pub exits: [&'static str; 3],
    /// Calls of it.
    pub examples: &'static [&'static str],
}

/// An option; it begins with two hyphens.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandOption {
    /// Its name, without hyphens.
    pub name: &'static str,
    /// What follows it.
    pub takes: Takes,
    /// What it does, in a line.
    pub about: &'static str,
}

/// What follows an option: its name in usage lines, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// Any text.
    Text(&'static str),
    /// The path of a file.
    File(&'static str),
    /// One of some words.
    Word(&'static str, &'static [&'static str]),
}

impl Takes {
    /// The name of the value.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Text(name) | Self::File(name) | Self::Word(name, _) => Some(name),
        }
    }
}

const fn option(name: &'static str, takes: Takes, about: &'static str) -> CommandOption {
    CommandOption { name, takes, about }
}

/// What the program is for.
pub const SUMMARY: &str = "Check whether you can push to GitHub Container Registry, and why if you can't.";

/// What each command takes, and the program without one too.
pub const HELP: (&str, &str) = ("help", "Print help");

/// What the program takes without a command.
pub const VERSION: (&str, &str) = ("version", "Print the version");

/// The environment variables that every command reads.
pub const ENVIRONMENT: [(&str, &str); 2] =
    [("NO_COLOR", "Print without colors, if not empty"), ("FORCE_COLOR", "Print with colors even without a terminal, if not empty")];

/// Every command.
pub const COMMANDS: [Command; 3] = [
    Command {
        name: "check",
        operands: "[IMAGE...]",
        summary: "Ask the registry whether your credentials can push an image",
        about: "\
IMAGE is owner/name or registry/owner/name, without a tag (by default
GITHUB_REPOSITORY). An upload is opened for each image and left empty. Each
credential is tried in turn until one is accepted for every image.
Credentials come from the environment or a file, never from arguments, which
other users can see.
",
        options: &[
            option("access", Takes::Word("ACCESS", &["push", "pull", "public"]), "What to check: push (default), pull, or public"),
            option("public", Takes::Nothing, "Check if anybody can pull IMAGE[:TAG]; sends no credential"),
            option("registry", Takes::Text("HOST"), "The registry to ask (default: ghcr.io)"),
            option("timeout", Takes::Text("SECONDS"), "Limit for all requests, from 5 to 600 (default: 45)"),
            option("env-file", Takes::File("FILE"), "Read credentials from FILE (lines of NAME=VALUE) first"),
            option("json", Takes::Nothing, "Print the report as JSON"),
        ],
        environment: &[
            ("GHCR_PAT", "Classic PAT, tried first"),
            ("GHCR_TOKEN", "Read if GHCR_PAT is empty"),
            ("GITHUB_TOKEN", "Tried next"),
            ("GHCR_USERNAME", "Username for the PAT; GHCR ignores it"),
            ("HTTPS_PROXY, NO_PROXY", "Proxy, and hosts to reach without it"),
            ("SSL_CERT_FILE", "PEM file of additional certificates to trust"),
        ],
        exits: ["Can push (or pull)", "Can't", "Wrong usage, no credential, or output that can't be written"],
        examples: &["ghcr-auth check acme/app", "ghcr-auth check acme/app --env-file .env.deploy", "ghcr-auth check --public acme/app:v1"],
    },
    Command {
        name: "explain",
        operands: "[TEXT | -]",
        summary: "Explain a failed push or pull from its log: cause and fix",
        about: "\
TEXT is the log or the path of a file that holds it. Without TEXT, or with -,
the log is read from standard input. Give it the whole log. Nothing leaves this
machine, and what looks like a credential is not shown.
",
        options: &[option("json", Takes::Nothing, "Print the answer as JSON")],
        environment: &[],
        exits: ["Recognized", "Not recognized", "Wrong usage, or output that can't be written"],
        examples: &["ghcr-auth explain < push.log", "docker push ghcr.io/acme/app 2>&1 | ghcr-auth explain"],
    },
    Command {
        name: "audit",
        operands: "[DIR...]",
        summary: "Find mistakes in workflows that push to GHCR",
        about: "\
DIR is a directory of a repository or a workflow file (by default the repository
around the current directory). Of several, those without workflows are skipped.
Nothing leaves this machine.
",
        options: &[
            option(
                "format",
                Takes::Word("FORMAT", &["text", "json", "sarif", "github"]),
                "text (default), json, sarif, or github (annotations)",
            ),
            option("json", Takes::Nothing, "The same as --format json"),
            option("strict", Takes::Nothing, "Exit with 1 on advice too"),
            option("fix", Takes::Nothing, "Make the changes that are certain to be right"),
            option("diff", Takes::Nothing, "Print those changes as a patch"),
        ],
        environment: &[],
        exits: ["Nothing found, or only advice", "Errors or warnings found", "Wrong usage, or output that can't be written"],
        examples: &["ghcr-auth audit", "ghcr-auth audit --diff", "ghcr-auth audit ~/src/*/ --json"],
    },
];
