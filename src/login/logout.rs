//! The post stage: puts back what the main stage found.

use std::io;

use serde_json::value::RawValue;

use super::{
    CONFIG,
    config::DockerConfig,
    directory::Directory,
    fingerprint::Cut,
    state::{self, Backup, Before, Trace},
};

/// What became of the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logout {
    /// Our entry is gone.
    Removed,
    /// The previous entry is back.
    Restored,
    /// Our entry is gone. There was another one before, and the file that kept it is gone or damaged.
    NotRestored,
    /// The same login was there before, and is.
    Unchanged,
    /// There was nothing of ours.
    Nothing,
    /// Another login took the place of ours: it stays.
    Replaced,
    /// The file is not docker's any more: nothing but our login was taken out of it.
    Broken,
    /// As [`Self::Broken`], but too long: only a part of it was searched for our login.
    Unsearched,
}

/// Takes the login back. Every entry with our `auth` goes in any case, unless the very same was there before.
///
/// # Errors
/// Whatever keeps config.json from being read or written.
pub async fn log_out(login: &Trace) -> io::Result<Logout> {
    let directory = match Directory::open(&login.directory).await {
        Ok(directory) => directory,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Logout::Nothing),
        Err(error) => return Err(error),
    };
    let done = restore(login, &directory);
    directory.remove_unfinished();
    let removed = match &login.before {
        Before::Kept(name) if !is_kept(&done) => directory.remove(name),
        _ => Ok(()),
    };
    if login.created.directory {
        directory.remove_if_empty();
    }
    let done = done?;
    removed.map(|()| done)
}

/// Whether the previous entry's file stays: a person may still need it.
pub const fn is_kept(done: &io::Result<Logout>) -> bool {
    !matches!(done, Ok(Logout::Removed | Logout::Restored | Logout::Nothing | Logout::Replaced))
}

fn restore(login: &Trace, directory: &Directory) -> io::Result<Logout> {
    let Some(content) = directory.read(CONFIG)? else { return Ok(Logout::Nothing) };
    let Ok(mut config) = DockerConfig::parse(&content) else { return cut_out(login, directory, &content) };
    let found = config.to_bytes();
    let backup = if let Before::Kept(name) = &login.before { backup(directory, name) } else { None };
    let done = judge(&config, login, backup.as_ref());
    let previous = backup.and_then(|backup| backup.previous);
    if login.before != Before::Same {
        leave_out_of_later_backups(login, directory, previous.as_deref())?;
    }
    let is_copy = |key: &str, entry: &RawValue| key != login.registry && host(key) == login.registry && login.fingerprint.is_in(entry);
    let had_copies = login.is_new && config.retain_entries(|key, entry| !is_copy(key, entry));
    match done {
        Logout::Removed | Logout::Restored | Logout::NotRestored => config.set_entry(&login.registry, previous, login.created.auths),
        Logout::Nothing => config.set_entry(&login.registry, config.entry(&login.registry).map(ToOwned::to_owned), login.created.auths),
        Logout::Replaced | Logout::Unchanged | Logout::Broken | Logout::Unsearched => {}
    }
    if let Some(plugins) = &login.created.plugins {
        config.remove_plugins(plugins);
    }
    let content = config.to_bytes();
    if login.created.file && config.is_empty() {
        directory.remove(CONFIG)?;
    } else if content != found {
        directory.write(CONFIG, &content)?;
    }
    Ok(if had_copies && done == Logout::Nothing { Logout::Removed } else { done })
}

/// The registry of a key, which may be a URL or name an owner, too. Another registry's entry is another job's, even with our credential.
fn host(key: &str) -> &str {
    let key = key.split_once("://").map_or(key, |(_, rest)| rest);
    key.split('/').next().unwrap_or(key)
}

/// What is to be done, from what is there now and what was there before.
fn judge(config: &DockerConfig, login: &Trace, backup: Option<&Backup>) -> Logout {
    let Some(current) = config.entry(&login.registry) else { return Logout::Nothing };
    let previous = backup.map(|backup| backup.previous.as_deref());
    if login.fingerprint.is_in(current) {
        return match (&login.before, previous) {
            (Before::Same, _) => Logout::Unchanged,
            (Before::Kept(_), Some(Some(_))) => Logout::Restored,
            (Before::Kept(_), None) => Logout::NotRestored,
            (Before::Nothing, _) | (Before::Kept(_), Some(None)) => Logout::Removed,
        };
    }
    // Where main ended before it changed anything, that is what it found; or a later step made the same login again.
    if previous.flatten().is_some_and(|previous| previous.get() == current.get()) { Logout::Nothing } else { Logout::Replaced }
}

/// A file that keeps an entry. One that is gone or damaged cannot be put back, and keeps nothing from being taken out.
fn backup(directory: &Directory, name: &str) -> Option<Backup> {
    directory.read(name).ok().flatten().and_then(|content| Backup::parse(&content))
}

/// A file that only a person can mend keeps everything but our login.
fn cut_out(login: &Trace, directory: &Directory, content: &[u8]) -> io::Result<Logout> {
    if !login.is_new {
        return Ok(Logout::Unchanged);
    }
    let Cut { kept, searched } = login.fingerprint.cut_out(content);
    if kept.len() < content.len() {
        directory.write(CONFIG, &kept)?;
    }
    Ok(if searched { Logout::Broken } else { Logout::Unsearched })
}

/// A later step of ours found our entry and would put it back: it must find what we found.
fn leave_out_of_later_backups(login: &Trace, directory: &Directory, previous: Option<&RawValue>) -> io::Result<()> {
    let ours = if let Before::Kept(name) = &login.before { Some(name.as_str()) } else { None };
    let later = directory.files()?.into_iter().filter(|name| state::is_later_backup(name, ours));
    for name in later {
        let Some(backup) = backup(directory, &name) else { continue };
        let has_ours = backup.previous.as_deref().is_some_and(|entry| login.fingerprint.is_in(entry));
        if backup.registry == login.registry && has_ours {
            directory.write(&name, &Backup { previous: previous.map(ToOwned::to_owned), ..backup }.to_bytes())?;
        }
    }
    Ok(())
}
