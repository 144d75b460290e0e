//! `ghcr-auth check`: the probe and the explanation of the action, for tokens in the environment.

use std::path::Path;

use super::{
    CheckOptions, exit,
    terminal::{Colour, Terminal},
};
use crate::{
    action,
    inputs::Inputs,
    job::{environment::Environment, input::Input, regular_file},
    reason::Reason,
    registry::{Access, verdict::Verdict},
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

pub(super) async fn run(options: &CheckOptions, environment: &Environment, terminal: Terminal) -> u8 {
    let file = match options.env_file.as_deref().map(read_env_file) {
        Some(None) => return terminal.refuse("the env file can't be read: it must be a text file with NAME=VALUE lines"),
        Some(Some(file)) => file,
        None => Environment::default(),
    };
    let environment = as_inputs(options, environment, &file);
    if options.images.is_empty() && environment.raw("GITHUB_REPOSITORY").is_none() {
        return terminal.refuse("name the image to check: ghcr-auth check OWNER/NAME");
    }
    let inputs = match Inputs::parse(&environment) {
        Ok(inputs) => inputs,
        Err(invalid) => return terminal.refuse(&format!("{invalid}")),
    };
    terminal.progress(&format!("asking {} ...", inputs.registry.name()));
    let report = action::check(&environment, &inputs).await;
    terminal.end_progress();
    let code = if report.decision.pull() { exit::YES } else { exit::NO };
    if report.decision.reason == Reason::NoCredential && !options.json {
        return terminal
            .print("No credential to check. Set GHCR_PAT, GHCR_TOKEN, or GITHUB_TOKEN, or pass a file with --env-file.\n", code);
    }
    let text = if options.json { format!("{}\n", json::of(&report)) } else { table(&report, terminal) };
    terminal.print(&text, code)
}

/// The environment of an action with these inputs. For credentials the env file goes before what is set: it was named.
fn as_inputs(options: &CheckOptions, environment: &Environment, file: &Environment) -> Environment {
    let either = |name: &str| file.raw(name).or_else(|| environment.raw(name)).map(ToOwned::to_owned);
    let credentials = CREDENTIALS.into_iter().filter_map(|input| Some((input.variable(), either(input.name())?)));
    let passed_on = PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), environment.raw(name)?.to_owned())));
    let word = |access| match access {
        Access::Push => "push",
        Access::Pull => "pull",
        Access::Public => "public",
    };
    let access = options.access.map(|access| word(access).to_owned());
    let images = (!options.images.is_empty()).then(|| options.images.join("\n"));
    let (registry, timeout) = (options.registry.clone(), options.timeout.clone());
    let given = [(Input::Images, images), (Input::Registry, registry), (Input::Access, access), (Input::Timeout, timeout)];
    let given = given.into_iter().filter_map(|(input, value)| Some((input.variable(), value?.into())));
    credentials.chain(passed_on).chain(given).collect()
}

/// Lines of `NAME=VALUE`, `export ` before and quotes around allowed, `#` lines and blank ones skipped.
fn read_env_file(path: &Path) -> Option<Environment> {
    let content = String::from_utf8(regular_file::read(path, LARGEST_ENV_FILE).ok()?).ok()?;
    let lines = content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('=').map(|(name, value)| (name.trim(), unquoted(value.trim()))))
        .collect()
}

fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// The report for people: the answer, a table of credentials and images, and what to do.
fn table(report: &Report, terminal: Terminal) -> String {
    let colour = if report.decision.pull() { Colour::Green } else { Colour::Red };
    let mut text = format!("{}\n\n", terminal.paint(colour, &report.message()));
    let width = report.attempts().map(|(_, image, _)| image.len()).max().unwrap_or_default();
    for (source, image, attempt) in report.attempts() {
        let colour = match attempt.verdict {
            Verdict::Allowed => Colour::Green,
            Verdict::Denied(_) => Colour::Red,
            Verdict::Unknown(_) => Colour::Yellow,
        };
        let reason = terminal.paint(colour, attempt.verdict.reason().code());
        text += &format!("  {source:<12}  {image:<width$}  {reason}\n");
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
        std::fs::write(&directory, "# deploy\nexport GHCR_USERNAME=robot\nGHCR_TOKEN=\"ghp_x\"\n\nA = 'b c'\n").unwrap();
        let file = read_env_file(&directory);
        std::fs::remove_file(&directory).unwrap();
        let file = file.unwrap();
        assert_eq!(["GHCR_USERNAME", "GHCR_TOKEN", "A"].map(|name| file.text(name)), [Some("robot"), Some("ghp_x"), Some("b c")]);
    }

    #[test]
    fn an_env_file_says_what_is_sent_and_never_where() {
        let there = [("GHCR_PAT", "mine"), ("GITHUB_SERVER_URL", "https://github.com")].into_iter().collect();
        let named = PASSED_ON.map(|name| (name, "https://evil.example")).into_iter().collect();
        let environment = as_inputs(&CheckOptions { images: vec!["acme/app".into()], ..CheckOptions::default() }, &there, &named);
        assert_eq!(environment.text("INPUT_GHCR_PAT"), Some("mine"));
        for name in PASSED_ON {
            assert_eq!(environment.text(name), there.text(name), "{name}");
        }
    }

    #[test]
    fn what_was_named_goes_before_what_was_there() {
        let there = [("GHCR_PAT", "old"), ("HTTPS_PROXY", "http://proxy"), ("HOME", "/root")].into_iter().collect();
        let named = [("GHCR_PAT", "new")].into_iter().collect();
        let options = CheckOptions { images: vec!["acme/app".into()], ..CheckOptions::default() };
        let environment = as_inputs(&options, &there, &named);
        assert_eq!(environment.text("INPUT_GHCR_PAT"), Some("new"));
        assert_eq!(
            (environment.text("INPUT_IMAGES"), environment.text("HTTPS_PROXY"), environment.text("HOME")),
            (Some("acme/app"), Some("http://proxy"), None)
        );
    }
}
