//! The workflow files that `audit` looks into.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use crate::{
    audit::{
        Finding, audit,
        rules::{unread, unreadable},
    },
    job::regular_file,
    workflow::{Problem, Unreadable, Workflow},
};

/// Where workflows are.
pub(super) const WORKFLOWS: &str = ".github/workflows";

/// The largest workflow file, in bytes. GitHub takes 512 KiB.
pub(super) const LARGEST: u64 = 1024 * 1024;

/// What to do about something that is no file.
const MOVE: &str = "Move it out of .github/workflows, or give it a name that doesn't end in .yml or .yaml.";

/// A repository, or a part of one, to look into.
pub(super) struct Place {
    /// The repository's directory.
    pub(super) root: PathBuf,
    /// What comes before the files' paths when they are shown.
    pub(super) shown: String,
    /// The workflow files, by their paths in the repository, with their texts.
    pub(super) files: Vec<(String, String)>,
    /// Why the others could not be read.
    pub(super) unread: Vec<Finding>,
}

impl Place {
    fn of(root: &Path, shown: String, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut place = Self { root: root.to_owned(), shown, files: Vec::new(), unread: Vec::new() };
        for path in paths {
            match workflow(root, &path) {
                Ok(file) => place.files.push(file),
                Err(finding) => place.unread.push(finding),
            }
        }
        place
    }

    /// What is found in its files, in the order of file, line and rule.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let files: Vec<(&str, &str)> = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let mut findings = audit(&files, &|path| read(&self.root, path));
        findings.extend(self.unread.iter().cloned());
        findings.sort_unstable();
        findings
    }

    /// The same place, with the texts that its files have now.
    pub(super) fn read_again(&self) -> Self {
        let paths = self.files.iter().map(|(path, _)| path.into());
        let mut place = Self::of(&self.root, self.shown.clone(), paths);
        place.unread.extend(self.unread.iter().cloned());
        place
    }
}

/// The places that are named, or the repository around the current directory, and those of several that have no workflows.
pub(super) fn places(paths: &[OsString]) -> Result<(Vec<Place>, Vec<&Path>), String> {
    if paths.is_empty() {
        let above = std::env::current_dir().map_err(|error| error.to_string())?;
        let root = above.ancestors().find(|directory| directory.join(WORKFLOWS).is_dir());
        let root = root.ok_or("no .github/workflows directory here or above. Name the directory of a repository: ghcr-auth audit DIR")?;
        let around = repository(root, String::new()).map_err(|error| format!("the .github/workflows directory can't be read: {error}"))?;
        return Ok((vec![around], Vec::new()));
    }
    let (mut places, mut without) = (Vec::new(), Vec::new());
    for (path, number) in paths.iter().map(Path::new).zip(1..) {
        match place(path, paths.len() > 1) {
            Ok(place) => places.push(place),
            // What is no path may be a token.
            Err(_) if !path.exists() => {
                return Err(format!(
                    "DIR {number} is not there (not shown, in case it is a token). Name the directory of a repository, or a workflow file."
                ));
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => without.push(path),
            Err(error) => return Err(format!("the .github/workflows directory of `{}` can't be read: {error}", path.display())),
        }
    }
    match without.first() {
        Some(first) if places.is_empty() => Err(format!(
            "`{}` has no .github/workflows directory. Name the directory of a repository, or a workflow file.",
            first.display()
        )),
        _ => Ok((places, without)),
    }
}

/// A place that is named, alone or as one of several.
fn place(path: &Path, of_several: bool) -> io::Result<Place> {
    if path.exists() && !path.is_dir() {
        return Ok(file(path));
    }
    let root = [WORKFLOWS, ".github"]
        .into_iter()
        .find_map(|end| path.ends_with(end).then(|| path.ancestors().nth(end.split('/').count())).flatten())
        .unwrap_or(path);
    let shown = if of_several { format!("{}/", root.display().to_string().trim_end_matches('/')) } else { String::new() };
    repository(root, shown)
}

/// The workflow files of a repository, in the order of their names.
pub(super) fn repository(root: &Path, shown: String) -> io::Result<Place> {
    let root = or_here(root);
    let mut names = fs::read_dir(root.join(WORKFLOWS))?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "yml" || extension == "yaml"));
    names.sort_unstable();
    Ok(Place::of(root, shown, names.iter().map(|name| Path::new(WORKFLOWS).join(name))))
}

/// A directory; the current one where a relative path begins.
fn or_here(root: &Path) -> &Path {
    if root.as_os_str().is_empty() { Path::new(".") } else { root }
}

/// One workflow file, with the repository that it is in.
pub(super) fn file(path: &Path) -> Place {
    let root = path.ancestors().skip(1).find(|directory| directory.join(WORKFLOWS).is_dir());
    let root = root.or_else(|| path.parent()).unwrap_or_else(|| Path::new(""));
    let inner = path.strip_prefix(root).unwrap_or(path);
    let before = path.as_os_str().len() - inner.as_os_str().len();
    let shown = String::from_utf8_lossy(&path.as_os_str().as_bytes()[..before]).into_owned();
    Place::of(or_here(root), shown, [inner.to_owned()])
}

/// A workflow file's path and text.
///
/// # Errors
/// Why there is none, as a finding.
fn workflow(root: &Path, path: &Path) -> Result<(String, String), Finding> {
    let shown = path.to_string_lossy().into_owned();
    let not_audited = |why: &str, fix: &str| unread(&shown, 1, why, fix);
    let unopened =
        |error: io::Error| not_audited(&format!("can't be read: {error}"), "Make it readable or remove it, and run the audit again.");
    if path.to_str().is_none() {
        return Err(not_audited("has a name that is not UTF-8", "Rename it, and run the audit again."));
    }
    let file = root.join(path);
    let found = fs::metadata(&file).map_err(unopened)?;
    if !found.is_file() {
        let what = if found.is_dir() { "is a directory" } else { "is a FIFO, a socket, or a device" };
        return Err(not_audited(what, MOVE));
    }
    if found.len() > LARGEST {
        return Err(unreadable(&shown, Unreadable { problem: Problem::TooLarge, line: None }));
    }
    match String::from_utf8(regular_file::read(&file, LARGEST).map_err(unopened)?) {
        Ok(text) => Ok((shown, text)),
        // A comment in another encoding is no reason to say nothing of the rest.
        Err(error) => match String::from_utf8_lossy(error.as_bytes()).into_owned() {
            text if Workflow::parse(&text).is_ok() => Ok((shown, text)),
            _ => Err(not_audited("is not UTF-8 text", "Save it as UTF-8, and run the audit again.")),
        },
    }
}

/// A file of a repository; none that is reached by `..`.
fn read(root: &Path, path: &str) -> Option<String> {
    Some(String::from_utf8_lossy(&regular_file::read_within(root, path, LARGEST)?).into_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::{ffi::OsStringExt as _, fs::symlink};

    use super::*;
    use crate::audit::rules::Rule;

    #[test]
    fn each_file_that_cannot_be_read_is_told_with_its_own_reason() {
        let root = tempfile::tempdir().unwrap();
        let workflows = root.path().join(WORKFLOWS);
        fs::create_dir_all(workflows.join("a-directory.yml")).unwrap();
        let fifo =
            rustix::fs::mknodat(rustix::fs::CWD, workflows.join("a-fifo.yml"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0);
        fifo.unwrap();
        symlink("nowhere", workflows.join("a-link.yml")).unwrap();
        symlink("a-loop.yml", workflows.join("a-loop.yml")).unwrap();
        let name = workflows.join(OsString::from_vec(b"a-name-\xff.yml".to_vec()));
        let utf_16: Vec<u8> = "\u{feff}jobs:\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let one_too_many = vec![b'#'; usize::try_from(LARGEST).unwrap() + 1];
        for (file, content) in [
            (workflows.join("comments.yml"), &b"# jobs:\n"[..]),
            (workflows.join("empty.yml"), b""),
            (workflows.join("large.yml"), &one_too_many),
            (workflows.join("latin.yml"), b"jobs: {} # \xe9"),
            (name, b"jobs: {}"),
            (workflows.join("utf-16.yml"), &utf_16),
        ] {
            fs::write(file, content).unwrap();
        }
        let found = repository(root.path(), String::new()).unwrap().findings();
        let said: String = found.iter().map(|finding| format!("{} {}\n", &finding.file[WORKFLOWS.len() + 1..], finding.message)).collect();
        insta::assert_snapshot!(said, @r"
        a-directory.yml The file is a directory, so it was not audited.
        a-fifo.yml The file is a FIFO, a socket, or a device, so it was not audited.
        a-link.yml The file can't be read: No such file or directory (os error 2), so it was not audited.
        a-loop.yml The file can't be read: Too many levels of symbolic links (os error 40), so it was not audited.
        a-name-�.yml The file has a name that is not UTF-8, so it was not audited.
        comments.yml The file is empty or has only comments, so it was not audited.
        empty.yml The file is empty or has only comments, so it was not audited.
        large.yml The file is larger than GitHub reads (1 MiB, or 10 MiB with aliases expanded), so it was not audited.
        utf-16.yml The file is not UTF-8 text, so it was not audited.
        ");
        assert!(found.iter().all(|finding| finding.rule == Rule::UnreadableWorkflow));
    }

    #[test]
    fn a_file_is_found_in_its_repository_however_it_is_named() {
        let shown = |path: &str| {
            let place = file(Path::new(path));
            (place.root.display().to_string(), place.shown, place.files.len())
        };
        let here = env!("CARGO_MANIFEST_DIR");
        assert_eq!(shown(".github/workflows/ci.yml"), (".".to_owned(), String::new(), 1));
        assert_eq!(shown(&format!("{here}/.github/workflows/ci.yml")), (here.to_owned(), format!("{here}/"), 1));
        assert_eq!(shown("Cargo.toml"), (".".to_owned(), String::new(), 1));
    }
}
