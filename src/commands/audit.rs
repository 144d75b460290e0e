//! `ghcr-auth audit`: mistakes in workflows that push to GHCR.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, fchown},
    path::{Component, Path, PathBuf},
};

use super::{
    arguments::Given,
    exit,
    findings::{self, Format},
    terminal::Terminal,
};
use crate::{
    audit::{self, Finding, Severity, edit, edit::Edit},
    credential::token,
    job::regular_file,
    text::neutral,
};

/// Where workflows are.
const WORKFLOWS: &str = ".github/workflows";

/// The largest workflow file, in bytes. GitHub takes 512 KiB.
const LARGEST: u64 = 1024 * 1024;

/// Why a change is not shown.
const TOKEN_IN_DIFF: &str = "a line of the diff has a token in it. Take the token out of the file first, and revoke it";

/// A repository, or a part of one, to look into.
struct Place {
    /// The repository's directory.
    root: PathBuf,
    /// What comes before the files' paths when they are shown.
    shown: String,
    /// The workflow files, by their paths in the repository, with their texts.
    files: Vec<(String, String)>,
}

pub(super) fn run(given: &Given, terminal: Terminal) -> u8 {
    let (fix, diff) = (given.has("fix"), given.has("diff"));
    let (places, without) = match places(&given.operands) {
        Ok(found) => found,
        Err(missing) => return terminal.refuse(&format!("error: {missing}")),
    };
    for directory in without {
        terminal.refuse(&format!("skipped: `{}` has no .github/workflows directory", directory.display()));
    }
    let mut findings = Vec::new();
    let mut changes = String::new();
    for place in &places {
        let found = look(place);
        if fix || diff {
            let (diff, left_alone) = change(place, &found, fix);
            changes += &diff;
            for problem in left_alone {
                terminal.refuse(&format!("left alone: {problem}"));
            }
        }
        let shown = |finding: &Finding| Finding { file: neutral(&format!("{}{}", place.shown, finding.file)), ..without_commands(finding) };
        findings.extend(if fix { look(&read_again(place)) } else { found }.iter().map(shown));
    }
    let files = places.iter().map(|place| place.files.len()).sum();
    let counts = |finding: &Finding| given.has("strict") || finding.severity != Severity::Advice;
    let code = if findings.iter().any(counts) { exit::NO } else { exit::YES };
    if diff {
        return terminal.patch(&changes, code);
    }
    let format = Format::of(given);
    let text = findings::render(&findings, files, format, terminal);
    if format == Format::Github { terminal.command(&text, code) } else { terminal.print(&text, code) }
}

fn look(place: &Place) -> Vec<Finding> {
    let files: Vec<(&str, &str)> = place.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    audit::audit(&files, &|path| read(&place.root, path))
}

fn read_again(place: &Place) -> Place {
    let files = place.files.iter().map(|(path, _)| (path.clone(), read(&place.root, path).unwrap_or_default())).collect();
    Place { root: place.root.clone(), shown: place.shown.clone(), files }
}

/// Writes the changes of the findings, or only shows them: the diff, and why files were left alone.
fn change(place: &Place, findings: &[Finding], fix: bool) -> (String, Vec<String>) {
    let (mut diffs, mut left_alone) = (String::new(), Vec::new());
    for (path, text) in &place.files {
        let edits = edits(text, findings.iter().filter(|finding| finding.file == *path));
        let Some(changed) = edit::apply(text, &edits).filter(|changed| changed != text) else { continue };
        let file = place.root.join(path);
        let may = own_text(&place.root, path, text).and_then(|()| if fix { replace(&file, &changed) } else { Ok(()) });
        match may {
            Ok(()) => {
                let diff = edit::diff(&format!("{}{path}", place.shown), text, &edits).unwrap_or_default();
                // A patch without it would not fit.
                if token::hide(&diff) == diff {
                    diffs += &diff;
                } else if !fix {
                    left_alone.push(format!("{}: {TOKEN_IN_DIFF}", file.display()));
                }
            }
            Err(error) => left_alone.push(format!("{}: {error}", file.display())),
        }
    }
    (diffs, left_alone)
}

/// The changes of a file's findings that can be made together: all of them, or else one finding's after the other's.
fn edits<'f>(text: &str, findings: impl Iterator<Item = &'f Finding>) -> Vec<Edit> {
    let may = |edits: &[Edit]| edit::apply(text, edits).is_some_and(|changed| edit::is_confined(text, &changed, edits));
    let changes: Vec<&[Edit]> = findings.map(|finding| &finding.edits[..]).filter(|edits| !edits.is_empty()).collect();
    let all = changes.concat();
    if may(&all) {
        return all;
    }
    changes.into_iter().fold(Vec::new(), |edits, change| {
        let more = [&edits[..], change].concat();
        if may(&more) { more } else { edits }
    })
}

/// Whether a file is the repository's own and holds exactly the text that the changes were made for.
fn own_text(root: &Path, path: &str, text: &str) -> io::Result<()> {
    let file = root.join(path);
    if file.canonicalize()? != root.canonicalize()?.join(path) {
        return Err(io::Error::other("it is reached through a symlink"));
    }
    match String::from_utf8(regular_file::read(&file, LARGEST)?) {
        Ok(found) if found == text => Ok(()),
        Ok(_) => Err(io::Error::other("it has changed in the meantime")),
        Err(_) => Err(io::Error::other("it is not UTF-8")),
    }
}

/// Puts another text into a file at once: whatever happens, either the old one or the new one is there.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let found = fs::metadata(file)?;
    if found.permissions().readonly() {
        return Err(io::Error::other("it is read-only"));
    }
    let draft = file.with_extension("ghcr-auth-draft");
    let mut new = File::create_new(&draft)?;
    let written = new.write_all(text.as_bytes()).and_then(|()| {
        // Only root may give a file away.
        let _ = fchown(&new, Some(found.uid()), Some(found.gid()));
        new.set_permissions(found.permissions())?;
        new.sync_all()?;
        fs::rename(&draft, file)
    });
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

/// The places that are named, or the repository around the current directory, and those of several that have no workflows.
fn places(paths: &[OsString]) -> Result<(Vec<Place>, Vec<&Path>), String> {
    if paths.is_empty() {
        let above = std::env::current_dir().map_err(|error| error.to_string())?;
        let root = above.ancestors().find(|directory| directory.join(WORKFLOWS).is_dir());
        let root = root.ok_or("no .github/workflows directory here or above. Name the directory of a repository: ghcr-auth audit DIR")?;
        let around = repository(root, String::new()).ok_or("the .github/workflows directory can't be read")?;
        return Ok((vec![around], Vec::new()));
    }
    let (mut places, mut without) = (Vec::new(), Vec::new());
    for (path, number) in paths.iter().map(Path::new).zip(1..) {
        match place(path, paths.len() > 1) {
            Some(place) => places.push(place),
            None if path.exists() => without.push(path),
            // What is no path may be a token.
            None => {
                return Err(format!(
                    "DIR {number} is not there (not shown, in case it is a token). Name the directory of a repository, or a workflow file."
                ));
            }
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
fn place(path: &Path, of_several: bool) -> Option<Place> {
    if path.is_file() {
        return file(path);
    }
    let root = [WORKFLOWS, ".github"]
        .into_iter()
        .find_map(|end| path.ends_with(end).then(|| path.ancestors().nth(end.split('/').count())).flatten())
        .unwrap_or(path);
    let shown = if of_several { format!("{}/", root.display().to_string().trim_end_matches('/')) } else { String::new() };
    repository(root, shown)
}

/// The workflow files of a repository, in the order of their names.
fn repository(root: &Path, shown: String) -> Option<Place> {
    let root = or_here(root);
    let entries = fs::read_dir(root.join(WORKFLOWS)).ok()?;
    let mut names: Vec<_> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "yml" || extension == "yaml"));
    names.sort();
    // An empty file is one that the audit reports as unreadable.
    let text = |path: String| (path.clone(), read(root, &path).unwrap_or_default());
    let files = names.iter().map(|name| text(format!("{WORKFLOWS}/{name}"))).collect();
    Some(Place { root: root.to_owned(), shown, files })
}

/// A directory; the current one where a relative path begins.
fn or_here(root: &Path) -> &Path {
    if root.as_os_str().is_empty() { Path::new(".") } else { root }
}

/// One workflow file, with the repository that it is in.
fn file(path: &Path) -> Option<Place> {
    let root = path.ancestors().skip(1).find(|directory| directory.join(WORKFLOWS).is_dir());
    let root = root.unwrap_or_else(|| path.parent().unwrap_or_else(|| Path::new("")));
    let inner = path.strip_prefix(root).ok()?.to_str()?.to_owned();
    let shown = path.to_str()?.strip_suffix(inner.as_str())?.to_owned();
    let text = read(root, &inner).unwrap_or_default();
    Some(Place { root: or_here(root).to_owned(), shown, files: vec![(inner, text)] })
}

/// A file of a repository; none that is reached by `..`.
fn read(root: &Path, path: &str) -> Option<String> {
    let is_within = Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let content = regular_file::read(&root.join(path), LARGEST).ok().filter(|_| is_within)?;
    Some(String::from_utf8_lossy(&content).into_owned())
}

/// A finding repeats what the file says, and in a job the runner takes commands from what is printed.
fn without_commands(finding: &Finding) -> Finding {
    let neutral_lines = |text: &str| text.lines().map(neutral).collect::<Vec<_>>().join("\n");
    let (message, fix) = (neutral_lines(&finding.message), neutral_lines(&finding.fix));
    Finding { file: neutral(&finding.file), message, fix, ..finding.clone() }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::workflow::Workflow;

    const PUSH: &str = "on: push\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker push ghcr.io/acme/app:1\n";

    /// A repository with one workflow, and what `--fix` says of it.
    fn fixed(content: &[u8], prepare: impl FnOnce(&Path)) -> (Vec<u8>, Vec<String>) {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(WORKFLOWS).join("a.yml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        prepare(&file);
        let place = repository(root.path(), String::new()).unwrap();
        let (_, left_alone) = change(&place, &look(&place), true);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "no draft stays");
        (fs::read(&file).unwrap(), left_alone)
    }

    #[test]
    fn a_fix_keeps_all_but_its_lines_and_the_files_mode() {
        let (changed, left_alone) = fixed(format!("# \u{e9}\t\n{PUSH}").as_bytes(), |file| {
            fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
        });
        let changed = String::from_utf8(changed).unwrap();
        assert!(changed.starts_with("# \u{e9}\t\non: push\n") && changed.contains("packages: write\n"), "{changed}");
        assert!(left_alone.is_empty());
    }

    #[test]
    fn a_file_that_a_fix_could_damage_is_left_alone() {
        let latin = [b"# \xe9\n", PUSH.as_bytes()].concat();
        assert!(matches!(fixed(&latin, |_| ()), (kept, why) if kept == latin && why[0].ends_with("it is not UTF-8")));
        let read_only = |file: &Path| fs::set_permissions(file, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(fixed(PUSH.as_bytes(), read_only), (kept, why) if kept == PUSH.as_bytes() && why[0].ends_with("it is read-only")));
    }

    const LOGIN: &str = "on: push\npermissions: {packages: write}\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/login-action@v3\n        with: {registry: ghcr.io, username: x, password: '${{ github.token }}'}\n      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: ghcr.io/acme/app:1\n";

    fn fixed_text(text: &str) -> String {
        String::from_utf8(fixed(text.as_bytes(), |_| ()).0).unwrap()
    }

    /// The steps of a changed text, of which ghcr-auth must be the first.
    fn is_guarded(changed: &str) -> bool {
        let workflow = Workflow::parse(changed).unwrap_or_else(|_| panic!("{changed}"));
        workflow.job("b").unwrap().steps()[0].id() == Some("ghcr")
    }

    #[test]
    fn what_a_fix_writes_is_read_as_it_was_meant() {
        let condition = "startsWith(github.ref, 'a: b #c')";
        let of_login = fixed_text(&LOGIN.replace("        with: {r", "        if: \"!cancelled()\"\n        with: {r"));
        assert!(is_guarded(&of_login) && of_login.contains("        if: \"!cancelled()\"\n"), "{of_login}");
        let of_push = fixed_text(&LOGIN.replace("push: true", &format!("push: \"${{{{ {condition} }}}}\"")));
        assert!(
            is_guarded(&of_push) && of_push.contains(&format!("push: \"${{{{ steps.ghcr.outputs.push == 'true' && ({condition}) }}}}\"\n")),
            "{of_push}"
        );
        let of_script = format!("{LOGIN}      - run: docker push ghcr.io/acme/app:1\n        if: \"{condition}\"\n");
        let of_script = fixed_text(&of_script);
        assert!(
            is_guarded(&of_script) && of_script.contains(&format!("if: \"steps.ghcr.outputs.push == 'true' && ({condition})\"\n")),
            "{of_script}"
        );
    }

    #[test]
    fn a_fix_stands_where_the_other_steps_stand() {
        let wide = fixed_text(&LOGIN.replace("- ", "-   ").replace("\n        ", "\n          "));
        assert!(is_guarded(&wide) && wide.contains("      -   uses: org/ghcr-auth"), "{wide}");
        let flow = LOGIN
            .replace("login-action@v3\n        with: ", "login-action@v3, with: ")
            .replace("- uses: docker/login", "- {uses: docker/login");
        let flow = fixed_text(&flow.replace("token }}'}", "token }}'}}"));
        assert!(is_guarded(&flow) && flow.contains("      - uses: org/ghcr-auth"), "{flow}");
    }

    #[test]
    fn a_fix_takes_no_id_that_a_step_has() {
        let changed =
            fixed_text(&LOGIN.replace("      - uses: docker/login", "      - id: GHCR\n        run: make\n      - uses: docker/login"));
        assert!(changed.contains("id: ghcr-2\n") && changed.contains("push: ${{ steps.ghcr-2.outputs.push == 'true' }}\n"), "{changed}");
    }

    #[test]
    fn a_fix_changes_no_anchor_that_leads_elsewhere() {
        let own = LOGIN.replace("push: true", "push: &yes true\n          pull: *yes");
        assert_eq!(fixed_text(&own), own, "the alias would lead nowhere");
        let shared = PUSH.replace("    steps:", "    permissions: &read\n      contents: read\n    steps:");
        let shared = format!("{shared}  other:\n    runs-on: ubuntu-latest\n    permissions: *read\n    steps:\n      - run: make\n");
        assert_eq!(fixed_text(&shared), shared, "the other job would get it too");
    }

    #[test]
    fn no_diff_shows_a_token() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(WORKFLOWS)).unwrap();
        let text = PUSH.replace("acme/app:1", "acme/app:ghp_0123456789abcdefABCDEF0123");
        fs::write(root.path().join(WORKFLOWS).join("a.yml"), text).unwrap();
        let place = repository(root.path(), String::new()).unwrap();
        let (diff, left_alone) = change(&place, &look(&place), false);
        assert!(diff.is_empty() && left_alone[0].ends_with(TOKEN_IN_DIFF), "{diff}{left_alone:?}");
    }

    #[test]
    fn a_file_belongs_to_its_repository_by_a_relative_path_too() {
        let place = file(Path::new(".github/workflows/ci.yml")).unwrap();
        let (path, text) = &place.files[0];
        assert!(matches!(own_text(&place.root, path, text), Ok(())) && text.contains("jobs:"), "{path}");
        assert!(own_text(&place.root, path, "").unwrap_err().to_string().ends_with("it has changed in the meantime"));
    }

    #[test]
    fn a_fix_writes_through_no_symlink() {
        let elsewhere = tempfile::tempdir().unwrap();
        let other = elsewhere.path().join("other.yml");
        let (_, left_alone) = fixed(PUSH.as_bytes(), |file| {
            fs::rename(file, &other).or_else(|_| fs::copy(file, &other).and_then(|_| fs::remove_file(file))).unwrap();
            symlink(&other, file).unwrap();
        });
        assert_eq!(fs::read_to_string(&other).unwrap(), PUSH);
        assert!(left_alone[0].ends_with("it is reached through a symlink"));
    }
}
