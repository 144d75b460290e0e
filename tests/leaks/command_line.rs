//! The command line: the same questions, and logs and files that hold tokens.

use std::{
    fs,
    io::Write as _,
    process::{Command, Output, Stdio},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use ghcr_auth_testbed::{
    front_door::{Answer, Denial, FrontDoor, Rules},
    job::PATIENCE,
};

use super::{
    binary, play, play_talkative,
    processes::inspect,
    scene::Mood,
    secrets::{IDENTITY, JOB_TOKEN, OTHER_PAT, PAT, PROXY_PASSWORD, RUNTIME, STRAY, basic, forms},
    trace,
};

fn command(mood: Mood, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).env_clear().envs(mood.variables().iter().copied());
    command.env("HTTPS_PROXY", format!("http://robot:{PROXY_PASSWORD}@127.0.0.1:9")).env("ACTIONS_RUNTIME_TOKEN", RUNTIME);
    command.env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", IDENTITY);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end; nothing that it says is a secret or a command for the runner.
#[track_caller]
fn run(mut command: Command, input: &str) -> Output {
    let mut child = command.spawn().unwrap();
    // A command that reads no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream).into_owned());
    let found = trace::in_streams(&stdout, &stderr);
    assert!(found.is_empty(), "{found:#?}\n{stdout}{stderr}");
    assert!(!stdout.lines().any(|line| line.trim_start().starts_with("::")), "{stdout}");
    output
}

fn check(mood: Mood, door: &FrontDoor, arguments: &[&str]) -> Command {
    let mut command = command(mood, &[&["check", "--registry", door.host()], arguments].concat());
    command.env("GITHUB_API_URL", door.url());
    command
}

fn rules() -> [Rules; 5] {
    [
        Rules::default(),
        Rules::default().allow(PAT),
        Rules::default().allow(JOB_TOKEN),
        Rules::default().deny(PAT, Denial::MissingScope),
        Rules::default().deny(PAT, Denial::PackageWriteDenied).deny(JOB_TOKEN, Denial::PackagesPermissionMissing),
    ]
}

#[test]
fn check_with_tokens_in_the_environment() {
    play(&rules(), |rules, mood| {
        for arguments in [&["acme/app"][..], &["acme/app", "acme/web", "--json"], &["acme/app", "--access", "pull"]] {
            let door = FrontDoor::start(rules.clone());
            let mut command = check(mood, &door, arguments);
            command.env("GHCR_PAT", PAT).env("GHCR_TOKEN", OTHER_PAT).env("GITHUB_TOKEN", JOB_TOKEN);
            run(command, "");
            assert_eq!(trace::in_requests(&door.requests()), Vec::<String>::new());
        }
    });
}

#[test]
fn check_with_tokens_in_a_file() {
    let lines = |token: &str| {
        [
            format!("GHCR_PAT={token}\n"),
            format!("export GHCR_TOKEN='{token}'\n# {token}\n"),
            format!("GITHUB_TOKEN=\"{token}\nGHCR_USERNAME={token}\n"),
            format!("{token}\n"),
            format!("GHCR_PAT={token}\n{token}\n"),
            format!("GHCR_PAT={token}\nGHCR_USERNAME={token}\n"),
            format!("GHCR_PAT=Bearer {token}\n"),
        ]
    };
    play(&lines(PAT), |text, mood| {
        let (door, directory) = (FrontDoor::start(Rules::default().allow(PAT)), tempfile::tempdir().unwrap());
        let file = directory.path().join("deploy.env");
        fs::write(&file, text).unwrap();
        for json in [&[][..], &["--json"]] {
            run(check(mood, &door, &[&["acme/app", "--env-file", file.to_str().unwrap()], json].concat()), "");
        }
        assert_eq!(trace::in_requests(&door.requests()), Vec::<String>::new());
    });
}

#[test]
fn a_running_check_shows_no_token() {
    play(&["GET /v2/", "POST uploads"], |key, mood| {
        let door = FrontDoor::start(Rules::default().allow(PAT));
        door.always(key, Answer::silence());
        let mut child = check(mood, &door, &["acme/app"]).env("GHCR_PAT", PAT).spawn().unwrap();
        assert!(door.wait_for(key, PATIENCE));
        inspect(child.id());
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.stdout, output.stderr), (Vec::new(), Vec::new()));
    });
}

#[test]
fn a_token_as_an_argument_is_not_said_back() {
    let name = format!("acme/{STRAY}");
    let rows = [
        &["check", "--token", STRAY][..],
        &["check", STRAY],
        &["check", &name],
        &["check", "acme/app", STRAY],
        &["check", "acme/app", "--registry", STRAY],
        &["check", "acme/app", "--timeout", STRAY],
        &["check", "acme/app", "--access", STRAY],
        &["check", "acme/app", "--env-file", STRAY],
        &["explain", "--log", STRAY],
        &["explain", STRAY],
        &["audit", STRAY],
        &["audit", "--token", STRAY],
        &["--token", STRAY],
        &[STRAY],
    ];
    play(&rows, |arguments, mood| {
        let mut command = command(mood, arguments);
        command.env("HTTPS_PROXY", "http://127.0.0.1:9");
        assert_ne!(run(command, "").status.code(), Some(0));
    });
}

/// A token may be split by these.
const UNSEEN: [char; 6] = ['\u{200b}', '\u{ad}', '\u{fe0f}', '\u{2800}', '\u{180b}', '\u{1343f}'];

/// Lines of a log that failed, each of which shows a token in one form.
fn logs(token: &str) -> Vec<String> {
    let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let coloured: String = token.chars().map(|character| format!("\u{1b}[31m{character}\u{1b}[0m")).collect();
    let (first, second) = token.split_at(token.len() / 2);
    let mut forms = forms(token).to_vec();
    forms.extend(["x", "xy", "user:"].map(|before| STANDARD.encode(format!("{before}{token}"))));
    forms.extend([URL_SAFE.encode(token), STANDARD.encode(STANDARD.encode(token)), hex.clone(), hex.to_uppercase(), percent, coloured]);
    forms.extend(UNSEEN.map(|unseen| format!("{first}{unseen}{second}")));
    forms.extend([format!("{}...", &token[..20]), token.to_uppercase(), token.to_lowercase()]);
    forms
        .iter()
        .flat_map(|form| {
            [
                format!("denied: permission_denied: write_package {form} ghcr.io/acme/app"),
                format!("failed to push ghcr.io/acme/app: denied: permission_denied: write_package (token={form})"),
                format!("Error response from daemon: Get \"https://alice:{form}@ghcr.io/v2/\": denied: denied"),
                format!("docker login ghcr.io -u alice -p {form}\nError response from daemon: Get \"https://ghcr.io/v2/\": denied: denied {form}"),
                format!("::stop-commands::x ghcr.io/acme/app: denied: permission_denied: write_package ##[add-mask]{form}"),
                format!("failed to push ghcr.io/acme/{form}: denied: permission_denied: write_package"),
                format!("{{\"auth\":\"{form}\",\"error\":\"ghcr.io/acme/app: denied: permission_denied: write_package\"}}"),
            ]
        })
        .collect()
}

#[test]
fn explain_hides_the_tokens_of_a_log() {
    let rows: Vec<_> = [PAT, JOB_TOKEN].into_iter().flat_map(logs).collect();
    play_talkative(&rows, |log, mood| {
        for arguments in [&["explain"][..], &["explain", "--json"]] {
            run(command(mood, arguments), log);
        }
    });
}

#[test]
fn explain_hides_a_password_that_is_made_of_the_words_of_errors() {
    let rows = [
        "password=SECRET ghcr.io/acme/app: denied: denied",
        "ghcr.io/acme/app: denied: denied (GHCR_TOKEN: SECRET)",
        "docker login ghcr.io -u alice -p SECRET\nError response from daemon: Get \"https://ghcr.io/v2/\": denied: denied -p SECRET",
        "GHCR_PAT:\n  SECRET ghcr.io/acme/app: denied: permission_denied: write_package",
        "Authorization: Bearer SECRET ghcr.io/acme/app: denied: denied",
    ];
    play_talkative(&rows, |log, mood| {
        for secret in ["docker-push-403", "docker push 403"] {
            for arguments in [&["explain"][..], &["explain", "--json"]] {
                let output = run(command(mood, arguments), &log.replace("SECRET", secret));
                let shown = String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success() && shown.contains("denied") && !shown.contains(secret), "{log}: {shown}");
            }
        }
    });
}

#[test]
fn audit_hides_the_tokens_of_a_workflow_and_passes_on_no_command() {
    let steps = |token: &str| {
        let login = "uses: docker/login-action@v3\n        with:\n          registry: ghcr.io\n";
        let build = "uses: docker/build-push-action@v6\n        with:\n          push: true\n";
        [
            format!("{login}          username: {token}\n          password: {token}\n      - run: docker push ghcr.io/acme/app\n"),
            format!("run: echo {token} | docker login ghcr.io -u {token} --password-stdin && docker push ghcr.io/Acme/App\n"),
            format!("run: docker login ghcr.io -u me -p {token} && docker push ghcr.io/acme/app\n        env:\n          TOKEN: {token}\n"),
            format!("run: docker push ghcr.io/acme/app\n        if: github.token == '{token}'\n"),
            format!("{build}          tags: ghcr.io/acme/app:{token}\n          secrets: {}\n", basic("me", token)),
            format!("run: docker push ghcr.io/acme/app\n        if: github.ref == '##[error]{token}' && '\\n::error::x' != ''\n"),
            "run: |\n          docker push ghcr.io/Acme/##[error]x\n          ::error::docker push ghcr.io/Acme/App\n".to_owned(),
            format!("run: docker push ghcr.io/Acme/{token}\n      - run: docker push ghcr.io/acme/app:{token}\n"),
        ]
    };
    let (first, second) = PAT.split_at(PAT.len() / 2);
    let split = UNSEEN.map(|unseen| steps(&format!("{first}{unseen}{second}")));
    let rows: Vec<_> = steps(PAT).into_iter().chain(split.into_iter().flatten()).collect();
    play(&rows, |step, mood| {
        for event in ["push", "pull_request_target", "pull_request"] {
            let directory = tempfile::tempdir().unwrap();
            fs::create_dir_all(directory.path().join(".github/workflows")).unwrap();
            let job = "permissions:\n      contents: read\n    runs-on: ubuntu-latest";
            fs::write(directory.path().join(".github/workflows/##[error]x.yml"), "no workflow").unwrap();
            let workflow = format!("on: {event}\njobs:\n  '##[error]::error::x':\n    {job}\n    steps:\n      - {step}");
            fs::write(directory.path().join(".github/workflows/ci.yml"), workflow).unwrap();
            for json in [&[][..], &["--json"]] {
                run(command(mood, &[&["audit", directory.path().to_str().unwrap()], json].concat()), "");
            }
        }
    });
}

#[test]
fn audit_says_what_it_leaves_alone_without_the_tokens_of_a_path() {
    play(&[&["--fix"][..], &["--diff"]], |option, mood| {
        let directory = tempfile::tempdir().unwrap();
        let (one, other) = (directory.path().join(STRAY), directory.path().join("b"));
        fs::create_dir_all(&one).unwrap();
        fs::create_dir_all(other.join(".github/workflows")).unwrap();
        let job = "permissions: &p\n      contents: read\n    steps:\n    - run: docker push ghcr.io/acme/app\n";
        let workflow = format!("on: push\njobs:\n  j:\n    {job}  k:\n    permissions: *p\n    steps: []\n");
        fs::write(other.join(format!(".github/workflows/{STRAY}.yml")), workflow).unwrap();
        let paths = [one.to_str().unwrap(), other.to_str().unwrap()];
        let output = run(command(mood, &[&["audit"], *option, &paths].concat()), "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("skipped: ") && said.contains("left alone: "), "{said}");
    });
}
