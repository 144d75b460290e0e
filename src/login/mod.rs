//! Leaves the job logged in: one entry in docker's config.json, merged with what is there.

mod buildx;
pub mod config;
pub mod destination;
pub mod directory;
pub mod exported;
pub mod fingerprint;
pub mod home;
pub mod logout;
pub mod state;
mod warning;

use std::{io, path::PathBuf};

use serde_json::{json, value::to_raw_value};

use self::{
    config::{DockerConfig, NotADockerConfig, Shadow},
    destination::{Destination, NoHome, StepKind},
    directory::Directory,
    fingerprint::Fingerprint,
    home::Home,
    state::{Backup, Before, Created, State, Trace},
};
use crate::{
    credential::token::Token,
    job::command_file::{CommandFile, CommandFiles},
};

/// The file in the directory.
const CONFIG: &str = "config.json";

/// Who logs in where.
#[derive(Clone, Copy, Debug)]
pub struct LoginRequest<'a> {
    /// The key under `auths`.
    pub registry: &'a str,
    /// The username.
    pub username: &'a str,
    /// The credential.
    pub token: &'a Token,
    /// What is to be pushed, as `owner/name`.
    pub images: &'a [String],
}

/// A login that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The directory of config.json as later steps see it.
    pub directory: PathBuf,
    /// What keeps later steps from using it, in words.
    pub warnings: Vec<String>,
}

/// Why there is no login. Nothing of the user's was changed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// No place to log in.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// The file is the user's, and not what docker writes.
    #[error(transparent)]
    NotADockerConfig(#[from] NotADockerConfig),
    /// The directory, config.json or what lies beside it.
    #[error("docker's config.json could not be written: {0}")]
    Directory(#[from] io::Error),
    /// The runner's files.
    #[error("{variable} could not be written: {error}")]
    CommandFile {
        /// `GITHUB_ENV` or `GITHUB_STATE`
        variable: &'static str,
        /// What the filesystem says.
        #[source]
        error: io::Error,
    },
}

/// Logs in. With `logout` the post stage, where one follows, learns how to take it back, before anything is written.
///
/// # Errors
/// [`LoginError`]
pub async fn log_in(home: &Home<'_>, files: &CommandFiles, request: LoginRequest<'_>, logout: bool) -> Result<Login, LoginError> {
    let destination = Destination::choose(home, |path, may_be_created| exported::inspect(path, may_be_created, home))?;
    let directory = Directory::open_or_create(&destination.directory).await?;
    let former = destination.former(home);
    let written = write(files, &destination, &directory, request, former, logout);
    if written.is_err() && directory.created {
        directory.remove_if_empty();
    }
    let shadows = written?;
    Ok(Login { warnings: warning::all(home, &destination, request, &shadows, logout), directory: destination.shown })
}

/// The part under the lock. Nothing waits here, so a signal cannot end it halfway.
fn write(
    files: &CommandFiles,
    destination: &Destination,
    directory: &Directory,
    request: LoginRequest<'_>,
    former: Vec<(&'static str, String)>,
    logout: bool,
) -> Result<Vec<Shadow>, LoginError> {
    let content = directory.read(CONFIG)?;
    let mut config = DockerConfig::parse_for(content.as_deref().unwrap_or_default(), request.registry)?;
    // Docker takes `null` for no login.
    let previous = config.entry(request.registry).filter(|previous| previous.get() != "null").map(ToOwned::to_owned);
    let auth = request.token.basic(request.username);
    let fingerprint = Fingerprint::of(&auth);
    let is_same = previous.as_deref().and_then(config::auth).as_ref() == Some(&auth);
    let is_new = !config.entries().any(|(_, entry)| fingerprint.is_in(entry));
    let previous = previous.filter(|_| !is_same);
    let had_auths = config.has_auths();
    let ours = to_raw_value(&json!({ "auth": auth })).map_err(io::Error::from)?;
    if !is_same {
        config.set_entry(request.registry, Some(ours), false);
    }
    let added_plugins = destination.plugins.clone().filter(|plugins| config.add_plugins(plugins));
    let created = Created { directory: directory.created, file: content.is_none(), auths: !had_auths, plugins: added_plugins };
    let content = read_again(config.to_bytes())?;
    if destination.step != StepKind::Run {
        let before = match &previous {
            _ if is_same => Before::Same,
            Some(_) if logout => Before::Kept(state::new_backup_name(&directory.files()?)?),
            _ => Before::Nothing,
        };
        let registry = request.registry.to_owned();
        let trace = Trace {
            directory: destination.directory.clone(),
            registry: registry.clone(),
            fingerprint,
            is_new,
            before: before.clone(),
            created,
        };
        let backup = read_again(Backup { registry, previous }.to_bytes())?;
        append(&files.state, &State { login: logout.then_some(trace), former }.pairs())?;
        if let Before::Kept(name) = before {
            directory.write(&name, &backup)?;
        }
    }
    // Where this fails config.json is as it was, and the post stage finds the backup.
    let prepared = directory.prepare(CONFIG, &content)?;
    append(&files.env, &destination.exports)?;
    prepared.put_in_place()?;
    Ok(config.shadows(request.registry))
}

/// Content that the post stage will read: what is larger than it reads is not written.
fn read_again(content: Vec<u8>) -> io::Result<Vec<u8>> {
    if content.len() as u64 > directory::LARGEST { Err(io::Error::other("it would be larger than is read")) } else { Ok(content) }
}

fn append(file: &CommandFile, pairs: &[(&'static str, String)]) -> Result<(), LoginError> {
    if pairs.is_empty() {
        return Ok(());
    }
    file.append(pairs).map_err(|error| LoginError::CommandFile { variable: file.variable, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_that_the_post_stage_would_not_read() {
        let largest = usize::try_from(directory::LARGEST).unwrap();
        assert!(read_again(vec![0; largest]).is_ok() && read_again(vec![0; largest + 1]).is_err());
    }
}
