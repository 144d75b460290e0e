//! What a run leaves, and what is wrong with it, one line each; no line shows a secret.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ghcr_auth_testbed::front_door::Request;
use serde_json::Value;

use super::{
    scene::mode,
    secrets::{BEARER, CREDENTIALS, PREVIOUS_LABEL, leaks},
};

const MASK: &str = "::add-mask::";

/// The commands that the program means to give the runner (`src/report/console.rs`).
const COMMANDS: [&str; 7] =
    [MASK, "::error title=", "::warning title=", "::notice title=", "::debug::", "::group::Details", "::endgroup::"];

/// What the runner does: both streams in lines, which a bare carriage return ends too.
fn lines(stream: &str) -> impl Iterator<Item = &str> {
    stream.split(['\n', '\r'])
}

/// Secrets in what a reader sees, commands that are not ours, and masks that come too late.
pub(crate) fn in_streams(stdout: &str, stderr: &str) -> Vec<String> {
    let shown: Vec<_> = stdout.lines().filter(|line| !line.starts_with(MASK)).collect();
    let mut found = in_text("standard output", shown.join("\n").as_bytes());
    found.extend(in_text("standard error", stderr.as_bytes()));
    let is_command = |line: &str| line.trim_start().starts_with("::");
    let ours = |line: &str| COMMANDS.iter().any(|command| line.starts_with(command));
    let foreign = lines(stdout).filter(|line| is_command(line) && !ours(line)).chain(lines(stderr).filter(|line| is_command(line)));
    found.extend(foreign.map(|line| format!("a command that is not ours: {line}")));
    let old = lines(stdout).chain(lines(stderr)).filter(|line| line.contains("##["));
    found.extend(old.map(|line| format!("an old-style command: {line}")));
    // Debug lines tell of the requests before the one that hands out the bearer.
    let mut later = lines(stdout).filter(|line| !line.starts_with("::debug::")).skip_while(|line| line.starts_with(MASK));
    found.extend(later.any(|line| line.starts_with(MASK)).then(|| "a mask after the log began".to_owned()));
    found
}

/// Secrets in files. In config.json the entries of these registries may hold one, and beside it the previous one may be kept.
pub(crate) fn in_files(files: &[PathBuf], registries: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let content = fs::read(path).unwrap_or_default();
        if name.starts_with("core") {
            found.push(format!("a core dump: {name}"));
        }
        found.extend(in_text("the name of a file", name.as_bytes()));
        if is_backup(path) {
            found.extend(leaks(&content).into_iter().filter(|leak| leak.label != PREVIOUS_LABEL).map(|leak| format!("{leak} in {name}")));
        } else if name == "config.json" {
            found.extend(in_text(name, &without_entries(&content, registries)));
        } else {
            found.extend(in_text(name, &content));
        }
    }
    found
}

/// config.json without the values in it that are meant to be secrets.
fn without_entries(content: &[u8], registries: &[&str]) -> Vec<u8> {
    let Ok(mut config) = serde_json::from_slice::<Value>(content) else { return content.to_vec() };
    for registry in registries {
        if let Some(entry) = config.pointer_mut(&format!("/auths/{registry}")).and_then(Value::as_object_mut) {
            entry.remove("auth");
        }
    }
    config.to_string().into_bytes()
}

/// Whether a file keeps a previous entry.
pub(crate) fn is_backup(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".ghcr-auth-previous-"))
}

/// While a login stands: the two files that hold a secret, if others may read them.
pub(crate) fn loosely_kept(files: &[PathBuf]) -> Vec<String> {
    let kept: Vec<_> = files.iter().filter(|path| is_backup(path) || path.ends_with(".docker/config.json")).collect();
    kept.iter().filter(|path| mode(path) != 0o600).map(|path| format!("{} has mode {:o}", path.display(), mode(path))).collect()
}

/// After the post stage: what of ours is left, and which previous entries without a word about where.
pub(crate) fn not_taken_back(files: &[PathBuf], log: &str) -> Vec<String> {
    let untold = files.iter().filter(|path| is_backup(path) && !log.contains(&path.display().to_string()));
    let backups = untold.map(|_| "a previous entry is left beside config.json".to_owned());
    let contents = files.iter().filter(|path| path.ends_with(".docker/config.json")).map(|path| fs::read(path).unwrap_or_default());
    let ours = contents.flat_map(|content| leaks(&content)).filter(|leak| leak.label != PREVIOUS_LABEL);
    ours.map(|leak| format!("{leak} is left in config.json")).chain(backups).collect()
}

/// Secrets anywhere in a request but in its `Authorization`, and secrets there that are none of the registry's business.
pub(crate) fn in_requests(requests: &[Request]) -> Vec<String> {
    let mut found = Vec::new();
    let credentials = CREDENTIALS.map(|(_, token)| token);
    for request in requests {
        let place = format!("a request of {}", request.method);
        let headers = request.headers.iter().filter(|(name, _)| *name != "authorization").map(|(name, value)| format!("{name}: {value}\n"));
        let head = format!("{}?{}\n{}", request.path, request.query, headers.collect::<String>());
        found.extend(in_text(&place, head.as_bytes()));
        // GitHub's API, which shares the host, takes the token itself as a bearer.
        let is_known =
            |sent: &str| credentials.contains(&sent.strip_prefix("Bearer ").unwrap_or(sent)) || sent == format!("Bearer {BEARER}");
        if request.credential.as_deref().is_some_and(|sent| !is_known(sent)) {
            found.push(format!("{place} carries what is no credential for the registry"));
        }
        let has_body = request.headers.get("content-length").is_some_and(|length| length != "0");
        if has_body || request.headers.contains_key("transfer-encoding") {
            found.push(format!("{place} has a body"));
        }
    }
    found
}

/// Secrets in a text.
pub(crate) fn in_text(place: &str, content: &[u8]) -> Vec<String> {
    leaks(content).into_iter().map(|leak| format!("{leak} in {place}")).collect()
}
