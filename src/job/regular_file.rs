//! Reads untrusted files safely: regular ones, up to a limit, without waiting.

use std::{
    fs::File,
    io::Read as _,
    path::{Component, Path},
};

use rustix::fs::{FileType, Mode, OFlags};

/// Reads a whole regular file of at most `limit` bytes.
///
/// # Errors
/// Anything that is not a regular file (a FIFO or a device would block or never end), that is
/// larger, or that cannot be read.
pub fn read(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    read_open(File::from(rustix::fs::open(path, flags, Mode::empty())?), limit)
}

/// Reads a file by its path in a directory, under the same conditions; none that `..` or a symlink leads out of it to.
pub fn read_within(directory: &Path, path: &str, limit: u64) -> Option<Vec<u8>> {
    let is_plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let file = directory.join(path).canonicalize().ok().filter(|_| is_plain)?;
    if file.starts_with(directory.canonicalize().ok()?) { read(&file, limit).ok() } else { None }
}

/// Reads what is left of an open file under the same conditions as [`read`].
///
/// # Errors
/// As for [`read`].
pub fn read_open(file: File, limit: u64) -> std::io::Result<Vec<u8>> {
    let kind = FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode);
    if kind != FileType::RegularFile {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(std::io::Error::other("larger than is read"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn a_symlink_leads_within_the_directory_only() {
        let root = tempfile::tempdir().unwrap();
        let (here, other) = (root.path().join("here"), root.path().join("other"));
        for directory in [&here, &other] {
            fs::create_dir(directory).unwrap();
            fs::write(directory.join("a.sh"), "a").unwrap();
        }
        symlink("a.sh", here.join("own")).unwrap();
        symlink(other.join("a.sh"), here.join("file")).unwrap();
        symlink("../other", here.join("directory")).unwrap();
        let found = ["a.sh", "./own", "file", "directory/a.sh", "../other/a.sh", "none"].map(|path| read_within(&here, path, 9).is_some());
        assert_eq!(found, [true, true, false, false, false, false]);
    }
}
