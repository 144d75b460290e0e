//! The post stage: puts back what the main stage found.

use std::io;

use serde_json::Value;

use super::{
    CONFIG,
    config::DockerConfig,
    directory::Directory,
    state::{self, Backup, State},
};

/// What became of the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logout {
    /// Our entry is gone.
    Removed,
    /// The previous entry is back.
    Restored,
    /// The entry is not ours any more: a later login stays.
    NotOurs,
}

/// Takes the login back.
///
/// # Errors
/// Whatever keeps config.json from being read or written. The previous entry's file is removed all the same.
pub async fn log_out(state: &State) -> io::Result<Logout> {
    let directory = match Directory::open(&state.directory).await {
        Ok(directory) => directory,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Logout::NotOurs),
        Err(error) => return Err(error),
    };
    let previous = directory.read(&state.backup).ok().flatten().and_then(|content| Backup::parse(&content)?.previous);
    let done = restore(state, &directory, previous);
    directory.remove_unfinished();
    let removed = directory.remove(&state.backup);
    if state.created.directory {
        directory.remove_if_empty();
    }
    let done = done?;
    removed.map(|()| done)
}

fn restore(state: &State, directory: &Directory, previous: Option<Value>) -> io::Result<Logout> {
    let Some(content) = directory.read(CONFIG)? else { return Ok(Logout::NotOurs) };
    let Ok(mut config) = DockerConfig::parse(&content) else { return Ok(Logout::NotOurs) };
    if config.entry(&state.registry).map(state::fingerprint).as_ref() != Some(&state.fingerprint) {
        leave_out_of_later_backups(state, directory, previous.as_ref())?;
        return Ok(Logout::NotOurs);
    }
    let done = if previous.is_some() { Logout::Restored } else { Logout::Removed };
    config.set_entry(&state.registry, previous, state.created.auths);
    if let Some(plugins) = &state.created.plugins {
        config.remove_plugins(plugins);
    }
    if state.created.file && config.is_empty() {
        directory.remove(CONFIG)?;
    } else {
        directory.write(CONFIG, &config.to_bytes())?;
    }
    Ok(done)
}

/// A later step of ours found our entry and would put it back: it must find what we found.
fn leave_out_of_later_backups(state: &State, directory: &Directory, previous: Option<&Value>) -> io::Result<()> {
    let later = directory.files()?.into_iter().filter(|name| state::is_backup(name) && *name != state.backup);
    for name in later {
        let Some(backup) = directory.read(&name)?.and_then(|content| Backup::parse(&content)) else { continue };
        let has_ours = backup.previous.as_ref().map(state::fingerprint).as_ref() == Some(&state.fingerprint);
        if backup.registry == state.registry && has_ours {
            directory.write(&name, &Backup { previous: previous.cloned(), ..backup }.to_bytes())?;
        }
    }
    Ok(())
}
