//! What somebody sees who copies the first workflow, kept in docs/first-run.md.

use std::fmt::Write as _;
use std::path::Path;

use ghcr_auth_testbed::event::Event;
use ghcr_auth_testbed::front_door::{Denial, FrontDoor, Rules};
use ghcr_auth_testbed::job::Job;
use ghcr_auth_testbed::tls_proxy::TlsProxy;

use crate::examples::act::{Run, Runner};
use crate::examples::scene::Scene;
use crate::examples::{JOB_TOKEN, PAT, binary};

ghcr_auth_testbed::tests![the_first_run_is_kept_in_the_docs,];

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/first-run.md");

/// `runner.temp` under act.
const TEMP_UNDER_ACT: &str = "/tmp";

const INTRODUCTION: &str = "\
# What a run looks like

See the log and the job summary in five situations: the [first workflow](../examples/workflows/build-push.yml) on a push, on pull requests,
and when GHCR rejects it, and [a workflow with a PAT](../examples/workflows/pat-with-fallback.yml) that has expired. The tests made these runs
under nektos/act, with a registry that answers as GHCR does and stand-ins for Docker's actions; times and digests are replaced. On GitHub,
rejections and warnings are annotations too.
";

/// A run that the page shows.
struct Situation {
    title: &'static str,
    example: &'static str,
    event: Event,
    rules: Rules,
    result: &'static str,
}

fn situations() -> [Situation; 5] {
    let first = |title, event, rules| Situation { title, example: "build-push.yml", event, rules, result: "success" };
    let accepted = || Rules::default().allow(JOB_TOKEN);
    let rejected = Rules::default().deny(JOB_TOKEN, Denial::PackageWriteDenied);
    [
        first("On a push to main", Event::push(), accepted()),
        first("On a pull request from a fork", Event::fork_pull_request(), Rules::default()),
        first("On a pull request from a branch", Event::same_repo_pull_request(), accepted()),
        Situation { result: "failure", ..first("If the repository can't write to the package", Event::push(), rejected) },
        Situation { example: "pat-with-fallback.yml", ..first("If the PAT has expired", Event::push(), accepted()) },
    ]
}

fn the_first_run_is_kept_in_the_docs() {
    let mut page = INTRODUCTION.to_owned();
    for Situation { title, example, event, rules, result } in situations() {
        let scene = Scene::with(&[example], rules.clone());
        let act = scene.act(Runner::Hosted).event(event.clone()).secret("GITHUB_TOKEN", JOB_TOKEN);
        let run = if example == "pat-with-fallback.yml" { act.secret("GHCR_PAT", PAT).run() } else { act.run() };
        assert!(run.steps().iter().any(|(id, _, ended)| id == "ghcr" && ended == result), "{title}: {}", run.log());
        // The others speak of the workflow file, which the harness does not have.
        if result == "success" && example == "build-push.yml" {
            assert_eq!(said_by_action(&run), in_harness(&event, rules));
        }
        let push = &run.outputs("ghcr")["push"];
        write!(page, "\n## {title}: `push={push}`\n\n```text\n{}```\n\nThe job summary:\n\n{}", shown(&run), quoted(&run.summary()))
            .unwrap();
    }
    if std::env::var_os("GHCR_AUTH_UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let kept = std::fs::read_to_string(Path::new(PAGE)).unwrap_or_default();
    assert_eq!(kept, page, "GHCR_AUTH_UPDATE_DOCS=1 writes {PAGE}");
}

/// Log and summary of ghcr-auth's step under act.
fn said_by_action(run: &Run) -> (String, String) {
    (steady(&run.log_of("ghcr")), steady(&run.summary()))
}

/// The same where the program is started as the runner does.
fn in_harness(event: &Event, rules: Rules) -> (String, String) {
    let (job, door) = (Job::new(), FrontDoor::start(rules));
    let proxy = TlsProxy::as_github(&door);
    let ca = job.workspace().join("ca.pem");
    std::fs::write(&ca, proxy.ca_pem()).unwrap();
    let step = job.step(binary()).event(event).input("GITHUB_TOKEN", JOB_TOKEN);
    let run = step.env("HTTPS_PROXY", &proxy.url()).env("SSL_CERT_FILE", ca.to_str().unwrap()).run();
    assert_eq!(run.code, 0);
    let temp = job.temp().display().to_string();
    // Annotations are commands, which act does not show as a part of the log.
    let log: Vec<_> = run.stdout.lines().filter(|line| !line.starts_with("::")).collect();
    (steady(&log.join("\n").replace(&temp, TEMP_UNDER_ACT)), steady(&run.summary.replace(&temp, TEMP_UNDER_ACT)))
}

/// The steps with how they ended; of what they say, all of ghcr-auth's and of docker's what was built and pushed.
fn shown(run: &Run) -> String {
    let mut text = String::new();
    for (id, name, result) in run.steps() {
        let sign = if result == "success" { '✓' } else { '✗' };
        writeln!(text, "{sign} {}", name.split('@').next().unwrap_or_default()).unwrap();
        let of_docker = |line: &&str| line.starts_with("Successfully tagged") || line.contains(": digest: ");
        let log = run.log_of(&id);
        let lines = log.lines().filter(|line| id == "ghcr" || of_docker(line));
        lines.for_each(|line| writeln!(text, "    {line}").unwrap());
    }
    steady(&text)
}

/// Without times, digests and where this runner has its directories.
fn steady(text: &str) -> String {
    let without_time = |line: &str| match line.split_once(" ms)") {
        Some((head, rest)) => format!("{} … ms){rest}", head.trim_end_matches(|sign: char| sign.is_ascii_digit()).trim_end()),
        None => line.to_owned(),
    };
    let without_digest = |line: String| match line.split_once(" sha256:") {
        Some((head, _)) => format!("{head} sha256:…"),
        None => line,
    };
    // How the tests reach their registry is nothing that a reader has.
    let is_of_test = |part: &&str| part.contains("went through the proxy") || part.contains("TLS also trusts");
    let text = text.split_inclusive("\n\n").filter(|part| !is_of_test(part)).collect::<String>();
    let lines = text.trim_end().lines().map(|line| without_digest(without_time(line)).replace(TEMP_UNDER_ACT, "/home/runner/work/_temp"));
    lines.map(|line| line + "\n").collect()
}

/// Markdown in a quotation, which keeps its headings out of the page's.
fn quoted(summary: &str) -> String {
    steady(summary).lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect()
}
