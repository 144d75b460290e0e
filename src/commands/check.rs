//! `ghcr-auth check`: the probe and the explanation of the action, for tokens in the environment.

use std::{ffi::OsStr, path::Path};

use super::{
    arguments::Given,
    exit,
    terminal::{Colour, Terminal},
};
use crate::{
    action,
    inputs::{Inputs, InvalidInput},
    job::{action_yml::Input, environment::Environment, regular_file},
    reason::Reason,
    registry::verdict::Verdict,
    report::{Report, json, log},
};

/// The largest env file, in bytes.
const LARGEST_ENV_FILE: u64 = 1024 * 1024;

/// What an env file may hold, and the environment too, under the same name as the action's input: what is sent. Where it is
/// sent, only the process's own environment and the options say: the file may be a stranger's.
const CREDENTIALS: [Input; 4] = [Input::GhcrPat, Input::GhcrToken, Input::GithubToken, Input::GhcrUsername];

/// What the network part reads of the process's environment.
const PASSED_ON: [&str; 11] = [
    "GITHUB_API_URL",
    "GITHUB_SERVER_URL",
    "GITHUB_REPOSITORY",
    "GITHUB_ACTOR",
    "SSL_CERT_FILE",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
];

pub(super) async fn run(given: &Given, environment: &Environment, terminal: Terminal) -> Result<u8, String> {
    let file = given.value("env-file").map(|file| read_env_file(Path::new(file))).transpose()?.unwrap_or_default();
    let environment = as_inputs(given, environment, &file);
    if given.operands.is_empty() && environment.raw("GITHUB_REPOSITORY").is_none() {
        return Err("no image. Name one: ghcr-auth check OWNER/NAME".to_owned());
    }
    let inputs = Inputs::parse(&environment).map_err(|invalid| as_typed(&invalid))?;
    terminal.progress(&format!("asking {} ...", inputs.registry.name()));
    let report = action::check(&environment, &inputs).await;
    terminal.end_progress();
    if report.decision.reason == Reason::NoCredential {
        let problem = "no credential. Set GHCR_PAT, GHCR_TOKEN, or GITHUB_TOKEN, or name a file that does: --env-file FILE. \
                       To check whether anybody can pull: --public";
        return Err(problem.to_owned());
    }
    let code = if report.decision.pull() { exit::YES } else { exit::NO };
    let text = if given.has("json") { format!("{}\n", json::of(&report)) } else { table(&report, terminal) };
    Ok(terminal.print(&text, code))
}

/// The environment of an action with these inputs. For credentials the env file goes before what is set: it was named.
fn as_inputs(given: &Given, environment: &Environment, file: &Environment) -> Environment {
    let either = |name: &str| file.raw(name).or_else(|| environment.raw(name)).map(ToOwned::to_owned);
    let credentials = CREDENTIALS.into_iter().filter_map(|input| Some((input.variable(), either(input.name())?)));
    let passed_on = PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), environment.raw(name)?.to_owned())));
    let images = given.operands.join(OsStr::new("\n"));
    let access = given.has("public").then_some(OsStr::new("public")).or(given.value("access"));
    let options = [(Input::Access, access), (Input::Registry, given.value("registry")), (Input::Timeout, given.value("timeout"))];
    let options = options.into_iter().filter_map(|(input, value)| Some((input.variable(), value?.to_owned())));
    credentials.chain(passed_on).chain(options).chain([(Input::Images.variable(), images)]).collect()
}

/// What is wrong with an input, by the name under which it was typed.
fn as_typed(InvalidInput { reason: _, input, problem }: &InvalidInput) -> String {
    let name = match *input {
        "images" => "IMAGE".to_owned(),
        "registry" | "timeout" => format!("--{input}"),
        variable => variable.to_owned(),
    };
    format!("{name} {problem}")
        .replace("IMAGE entry", "IMAGE")
        .replace(" than `registry`", ". Name that registry: --registry HOST (default: ghcr.io)")
        .replace("use the token inputs", "pass it in GHCR_PAT")
}

/// Lines of `NAME=VALUE`, `export ` before and quotes around allowed, `#` lines and blank ones skipped.
///
/// # Errors
/// Why there are none; the path, which may be a token, is not said.
fn read_env_file(path: &Path) -> Result<Environment, String> {
    let content = regular_file::read(path, LARGEST_ENV_FILE).map_err(|error| format!("the --env-file can't be read: {error}"))?;
    let content = String::from_utf8(content).map_err(|_| "the --env-file is not text".to_owned())?;
    let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
    let lines = content.lines().map(str::trim).zip(1..).filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    let assignment = |(line, number): (&str, usize)| {
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=').ok_or(number)?;
        Ok((name.trim().to_owned(), unquoted(value.trim()).to_owned()))
    };
    lines.map(assignment).collect::<Result<_, usize>>().map_err(|number| format!("line {number} of the --env-file is not NAME=VALUE"))
}

fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// The report for people: the answer, a table of credentials and images, and what to do.
fn table(report: &Report, terminal: Terminal) -> String {
    let colour = if report.decision.pull() { Colour::Green } else { Colour::Red };
    let mut text = format!("{}\n", terminal.paint(colour, &report.message()));
    if !report.trials.is_empty() {
        text += "\n";
    }
    let width = report.attempts().map(|(_, image, _)| image.len()).max().unwrap_or_default();
    for (source, image, attempt) in report.attempts() {
        let colour = match attempt.verdict {
            Verdict::Allowed => Colour::Green,
            Verdict::Denied(_) => Colour::Red,
            Verdict::Unknown(_) => Colour::Yellow,
        };
        let reason = terminal.paint(colour, attempt.verdict.reason().code());
        let who = if source.is_empty() { "anybody" } else { source };
        text += &format!("  {who:<12}  {image:<width$}  {reason}\n");
    }
    let expiry = report.expires_at().map(|date| format!("{} expires on {date}.", report.credential()));
    let warnings = log::credentials(report)
        .into_iter()
        .map(|(_, line)| line)
        .chain(report.warnings.iter().cloned())
        .map(|text| terminal.paint(Colour::Yellow, &text));
    let details: Vec<_> = expiry.into_iter().chain(warnings).chain(report.notes.iter().cloned()).chain(log::explanation(report)).collect();
    if details.is_empty() { text } else { format!("{text}\n{}\n", details.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_env_file_is_read_as_shells_and_docker_write_it() {
        let directory = std::env::temp_dir().join(format!("ghcr-auth-env-{}", std::process::id()));
        std::fs::write(&directory, "\u{feff}export GHCR_USERNAME=robot\r\n# deploy\nGHCR_TOKEN=\"ghp_x\"\n\nA = 'b c'\n").unwrap();
        let file = read_env_file(&directory);
        std::fs::remove_file(&directory).unwrap();
        let file = file.unwrap();
        assert_eq!(["GHCR_USERNAME", "GHCR_TOKEN", "A"].map(|name| file.text(name)), [Some("robot"), Some("ghp_x"), Some("b c")]);
    }

    #[test]
    fn an_env_file_says_what_is_sent_and_never_where() {
        let there = [("GHCR_PAT", "mine"), ("GITHUB_SERVER_URL", "https://github.com")].into_iter().collect();
        let named = PASSED_ON.map(|name| (name, "https://evil.example")).into_iter().collect();
        let environment = as_inputs(&Given::default(), &there, &named);
        assert_eq!(environment.text("INPUT_GHCR_PAT"), Some("mine"));
        for name in PASSED_ON {
            assert_eq!(environment.text(name), there.text(name), "{name}");
        }
    }

    #[test]
    fn what_was_named_goes_before_what_was_there() {
        let there = [("GHCR_PAT", "old"), ("HTTPS_PROXY", "http://proxy"), ("HOME", "/root")].into_iter().collect();
        let named = [("GHCR_PAT", "new")].into_iter().collect();
        let mut given = Given::default();
        given.operands.extend(["acme/app".into(), "acme/web".into()]);
        let environment = as_inputs(&given, &there, &named);
        assert_eq!(environment.text("INPUT_GHCR_PAT"), Some("new"));
        assert_eq!(
            (environment.text("INPUT_IMAGES"), environment.text("HTTPS_PROXY"), environment.text("HOME")),
            (Some("acme/app\nacme/web"), Some("http://proxy"), None)
        );
    }
}
