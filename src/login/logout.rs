//! The post stage: puts back what the main stage found.

use std::io;

use serde_json::value::RawValue;

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
    let done = restore(state, &directory);
    directory.remove_unfinished();
    let removed = state.backup.as_ref().map_or(Ok(()), |name| directory.remove(name));
    if state.created.directory {
        directory.remove_if_empty();
    }
    let done = done?;
    removed.map(|()| done)
}

fn restore(state: &State, directory: &Directory) -> io::Result<Logout> {
    let Some(content) = directory.read(CONFIG)? else { return Ok(Logout::NotOurs) };
    let Ok(mut config) = DockerConfig::parse(&content) else { return Ok(Logout::NotOurs) };
    let Some(previous) = previous(state, directory)? else { return Ok(Logout::NotOurs) };
    let found = config.to_bytes();
    let current = config.entry(&state.registry).map(state::fingerprint);
    if current.as_ref().is_some_and(|current| *current != state.fingerprint) {
        leave_out_of_later_backups(state, directory, previous.as_deref())?;
        return Ok(Logout::NotOurs);
    }
    let done = match (&current, &previous) {
        (None, _) => Logout::NotOurs,
        (Some(_), Some(_)) => Logout::Restored,
        (Some(_), None) => Logout::Removed,
    };
    config.set_entry(&state.registry, previous.filter(|_| current.is_some()), state.created.auths);
    if let Some(plugins) = &state.created.plugins {
        config.remove_plugins(plugins);
    }
    let content = config.to_bytes();
    if state.created.file && config.is_empty() {
        directory.remove(CONFIG)?;
    } else if content != found {
        directory.write(CONFIG, &content)?;
    }
    Ok(done)
}

/// The entry that was there before, if any; `None` when there was one but its file is not there: main was killed
/// before it changed anything.
#[expect(clippy::option_option, reason = "nothing before and nothing known of it are two things")]
fn previous(state: &State, directory: &Directory) -> io::Result<Option<Option<Box<RawValue>>>> {
    let Some(name) = &state.backup else { return Ok(Some(None)) };
    Ok(directory.read(name)?.and_then(|content| Backup::parse(&content)).map(|backup| backup.previous))
}

/// A later step of ours found our entry and would put it back: it must find what we found.
fn leave_out_of_later_backups(state: &State, directory: &Directory, previous: Option<&RawValue>) -> io::Result<()> {
    let later = directory.files()?.into_iter().filter(|name| state::is_backup(name) && Some(name) != state.backup.as_ref());
    for name in later {
        let Some(backup) = directory.read(&name)?.and_then(|content| Backup::parse(&content)) else { continue };
        let has_ours = backup.previous.as_deref().map(state::fingerprint).as_ref() == Some(&state.fingerprint);
        if backup.registry == state.registry && has_ours {
            directory.write(&name, &Backup { previous: previous.map(ToOwned::to_owned), ..backup }.to_bytes())?;
        }
    }
    Ok(())
}
