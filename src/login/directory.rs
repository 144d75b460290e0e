//! The directory of config.json: opened once, locked, and written only through its descriptor, so that no
//! symlink put in the way leads anywhere else.

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::{
    fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, Stat},
    io::Errno,
};
use tokio::time::Instant;

use crate::job::regular_file;

/// How long another step may hold the lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// How often the lock is asked for.
const LOCK_POLL: Duration = Duration::from_millis(20);

/// The largest file read here, in bytes.
pub(super) const LARGEST: u64 = 16 * 1024 * 1024;

/// The one name of unfinished files. Writers hold the lock, so what is found under it was left by a killed one.
const UNFINISHED: &str = ".ghcr-auth.unfinished";

/// A locked directory. The lock goes with the descriptor, also when the process is killed.
#[derive(Debug)]
pub struct Directory {
    parent: OwnedFd,
    name: PathBuf,
    fd: OwnedFd,
    owner: Stat,
    /// Whether it was made here.
    pub created: bool,
}

impl Directory {
    /// Opens and locks an existing directory.
    ///
    /// # Errors
    /// Not found, a symlink, not a directory, or another step holds the lock for more than 10 s.
    pub async fn open(path: &Path) -> io::Result<Self> {
        Self::locked(path, false).await
    }

    /// As [`Self::open`], and makes the directory, with mode 0700 and the owner of its parent, if there is none.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub async fn open_or_create(path: &Path) -> io::Result<Self> {
        Self::locked(path, true).await
    }

    async fn locked(path: &Path, create: bool) -> io::Result<Self> {
        let deadline = Instant::now() + LOCK_TIMEOUT;
        let mut created = false;
        loop {
            let mut directory = Self::opened(path, create)?;
            created |= directory.created;
            directory.created = created;
            match rustix::fs::flock(&directory.fd, FlockOperation::NonBlockingLockExclusive) {
                // Whoever had the lock before may have removed the directory.
                Ok(()) if directory.is_in_place() => return Ok(directory),
                Ok(()) | Err(Errno::WOULDBLOCK) if Instant::now() < deadline => tokio::time::sleep(LOCK_POLL).await,
                Ok(()) | Err(Errno::WOULDBLOCK) => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "another step holds the lock on the directory"));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn opened(path: &Path, create: bool) -> io::Result<Self> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name().map(PathBuf::from)) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the directory has no name"));
        };
        let as_directory = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let parent = rustix::fs::open(parent, as_directory, Mode::empty())?;
        let created = create
            && match rustix::fs::mkdirat(&parent, &name, Mode::RWXU) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(error) => return Err(error.into()),
            };
        let fd = rustix::fs::openat(&parent, &name, as_directory | OFlags::NOFOLLOW, Mode::empty())?;
        // Root made it only because a container did; whose job it is, the mounted directory above tells.
        let owner = Some(rustix::fs::fstat(&fd)?).filter(|directory| directory.st_uid != 0);
        let owner = owner.map_or_else(|| rustix::fs::fstat(&parent), Ok)?;
        if created {
            rustix::fs::fchmod(&fd, Mode::RWXU)?;
            give_to(&fd, &owner)?;
        }
        Ok(Self { parent, name, fd, owner, created })
    }

    fn is_in_place(&self) -> bool {
        let opened = rustix::fs::fstat(&self.fd);
        let named = rustix::fs::statat(&self.parent, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        matches!((opened, named), (Ok(opened), Ok(named)) if (opened.st_dev, opened.st_ino) == (named.st_dev, named.st_ino))
    }

    /// The content of a file, or `None` when there is none.
    ///
    /// # Errors
    /// A symlink, FIFO, directory or device under that name, or one that cannot be read.
    pub fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => regular_file::read_open(File::from(fd), LARGEST).map(Some),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the new content of a file beside it, with mode 0600 and the right owner.
    ///
    /// # Errors
    /// Whatever keeps the file from being written whole; nothing of it is left then.
    pub fn prepare(&self, name: &str, content: &[u8]) -> io::Result<Prepared<'_>> {
        self.remove(UNFINISHED)?;
        let prepared = Prepared { directory: self, name: name.to_owned() };
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let mut file = File::from(rustix::fs::openat(&self.fd, UNFINISHED, flags, mode)?);
        rustix::fs::fchmod(&file, mode)?;
        give_to(&file, &self.owner)?;
        file.write_all(content)?;
        Ok(prepared)
    }

    /// Writes a file: whole or not at all.
    ///
    /// # Errors
    /// As for [`Self::prepare`].
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        self.prepare(name, content)?.put_in_place()
    }

    /// Removes a file; none is fine.
    ///
    /// # Errors
    /// What the filesystem says, for instance that it is read-only.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what a killed writer left.
    pub fn remove_unfinished(&self) {
        // What cannot be removed now is overwritten or removed by the next writer.
        let _ = self.remove(UNFINISHED);
    }

    /// The names of the regular files in it.
    ///
    /// # Errors
    /// What the filesystem says.
    pub fn files(&self) -> io::Result<Vec<String>> {
        let entries = rustix::fs::Dir::read_from(&self.fd)?.collect::<Result<Vec<_>, _>>()?;
        let files = entries.iter().filter(|entry| entry.file_type() == FileType::RegularFile);
        Ok(files.filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned)).collect())
    }

    /// Removes the directory if nothing is in it.
    pub fn remove_if_empty(self) {
        // Not empty is as good an end as removed.
        let _ = rustix::fs::unlinkat(&self.parent, &self.name, AtFlags::REMOVEDIR);
    }
}

/// A file's new content, not yet under its name. Dropped, it is gone.
#[derive(Debug)]
pub struct Prepared<'a> {
    directory: &'a Directory,
    name: String,
}

impl Prepared<'_> {
    /// Puts it in place of what is there, in one step.
    ///
    /// # Errors
    /// What the filesystem says.
    pub fn put_in_place(self) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.directory.fd, UNFINISHED, &self.directory.fd, &self.name)?)
    }
}

impl Drop for Prepared<'_> {
    fn drop(&mut self) {
        self.directory.remove_unfinished();
    }
}

/// Gives a file to the owner of the mounted directory: the container runs as root, the job's other steps do not.
fn give_to(file: impl std::os::fd::AsFd, owner: &Stat) -> io::Result<()> {
    let now = rustix::fs::fstat(&file)?;
    if (now.st_uid, now.st_gid) == (owner.st_uid, owner.st_gid) {
        return Ok(());
    }
    let (uid, gid) = (rustix::fs::Uid::from_raw(owner.st_uid), rustix::fs::Gid::from_raw(owner.st_gid));
    Ok(rustix::fs::fchown(&file, Some(uid), Some(gid))?)
}
