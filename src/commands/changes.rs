//! The changes that `audit` makes with `--fix` and shows with `--diff`.

use std::{
    cell::Cell,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown},
    path::Path,
};

use super::{
    places::{LARGEST, Place},
    terminal,
};
use crate::{
    audit::{Finding, edit, edit::Edit},
    job::regular_file,
    random,
    text::tokens,
    workflow::{Workflow, take},
};

/// Why a change is not shown.
const TOKEN: &str = "a line of the diff has a token in it. Take the token out of the file first, and revoke it";
const UNPRINTED: &str = "a line of the diff has characters that are not printed, such as control characters. Make the change with --fix";

/// Why the changes of findings are left out.
const TOUCHING: &str = "they touch lines that others change";
const ELSEWHERE: &str = "they would change or break something outside their job, often through an anchor";
const UNTRIED: &str = "they were not tried, because too many can't be made together";

/// What may be spent on finding out which changes can be made together, for files of so many bytes together, in bytes of the texts
/// and of the trees that are read from them: a small text can repeat itself.
const TRIED_ANYWAY: usize = 512 * 1024 * 1024;
const TRIED_FOR_A_BYTE: usize = 1024;

/// What may be spent on the files of all places.
pub(super) fn budget(places: &[Place]) -> Cell<usize> {
    let bytes: usize = places.iter().flat_map(|place| &place.files).map(|(_, text)| text.len()).sum();
    Cell::new(TRIED_ANYWAY + TRIED_FOR_A_BYTE * bytes)
}

/// Makes the changes of the findings, or only shows them: the diff, and what was left alone and why.
pub(super) fn changes(place: &Place, findings: &[Finding], fix: bool, left: &Cell<usize>) -> (String, Vec<String>) {
    let (mut diffs, mut left_alone) = (String::new(), Vec::new());
    for (path, text) in &place.files {
        let file = place.root.join(path);
        let (edits, left_out) = edits(text, findings.iter().filter(|finding| finding.file == *path), left);
        left_alone.extend(left_out.iter().map(|why| format!("{}: {why}", file.display())));
        let Some(changed) = edit::apply(text, &edits).filter(|changed| changed != text) else { continue };
        let made = own_text(&place.root, path, text).and_then(|()| if fix { replace(&file, &changed) } else { Ok(()) });
        // Patches name files below the directory where they are applied.
        let name = format!("{}{path}", place.shown.trim_start_matches("./").trim_start_matches('/'));
        let diff = edit::diff(&name, text, &edits).unwrap_or_default();
        // A patch without what is not shown would not fit.
        match made {
            Err(error) => left_alone.push(format!("{}: {error}", file.display())),
            Ok(()) if tokens::shows_token(&diff) => left_alone.extend((!fix).then(|| format!("{}: {TOKEN}", file.display()))),
            Ok(()) if !terminal::fits(&diff) => left_alone.extend((!fix).then(|| format!("{}: {UNPRINTED}", file.display()))),
            Ok(()) => diffs += &diff,
        }
    }
    (diffs, left_alone)
}

/// The changes of a file's findings that can be made together, and why the others are left out: all of them are tried, or else one
/// half after the other, down to those of one finding.
fn edits<'f>(text: &str, findings: impl Iterator<Item = &'f Finding>, left: &Cell<usize>) -> (Vec<Edit>, Vec<String>) {
    let changes: Vec<&[Edit]> = findings.map(|finding| &finding.edits[..]).filter(|edits| !edits.is_empty()).collect();
    let Some(workflow) = changes.first().and_then(|_| Workflow::parse(text).ok()) else { return (Vec::new(), Vec::new()) };
    let tree = workflow.root().memory();
    let check = |edits: &[Edit], left: &Cell<usize>| {
        let pay = |bytes| take(left, bytes).then_some(()).ok_or(UNTRIED);
        pay(text.len() + edits.iter().map(|edit| size_of_val(edit) + edit.lines.len()).sum::<usize>())?;
        let made = edit::apply(text, edits).ok_or(TOUCHING)?;
        pay(tree)?;
        edit::is_confined(&workflow, &made, edits).then_some(()).ok_or(ELSEWHERE)
    };
    // To try all at once costs no more than to read the file.
    let free = Cell::new(usize::MAX);
    let (mut made, mut left_out, mut rest) = (Vec::new(), Vec::new(), vec![&changes[..]]);
    while let Some(next) = rest.pop() {
        let more = [&made[..], &next.concat()].concat();
        match check(&more, if next.len() == changes.len() { &free } else { left }) {
            Ok(()) => made = more,
            Err(why) if next.len() == 1 || why == UNTRIED => left_out.extend(next.iter().map(|_| why)),
            Err(_) => {
                let (first, second) = next.split_at(next.len() / 2);
                rest.extend([second, first]);
            }
        }
    }
    (made, said(&left_out, changes.len()))
}

/// How many findings' changes are left out for each reason.
fn said(left_out: &[&str], all: usize) -> Vec<String> {
    let said = [TOUCHING, ELSEWHERE, UNTRIED].map(|why| {
        let count = left_out.iter().filter(|other| **other == why).count();
        let manually = "Make them manually: `ghcr-auth audit` says how";
        (count > 0).then(|| format!("the changes of {count} of {all} findings were left out: {why}. {manually}"))
    });
    said.into_iter().flatten().collect()
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
    // Nobody else's draft, and no link that somebody put in the way: the name is not to be guessed, and must be free.
    let draft = file.with_extension(format!("ghcr-auth-{}", random::hex(&random::bytes::<8>()?)));
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
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

#[cfg(test)]
mod tests {
    use std::{
        os::unix::fs::{PermissionsExt as _, symlink},
        path::PathBuf,
    };

    use super::{
        super::places::{WORKFLOWS, file, repository},
        *,
    };
    use crate::audit::audit;

    const PUSH: &str = "on: push\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker push ghcr.io/acme/app:1\n";

    /// A repository with one workflow.
    fn with_workflow(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(WORKFLOWS).join("a.yml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        (root, file)
    }

    /// What `--fix`, or `--diff`, says of a repository.
    fn said(root: &tempfile::TempDir, fix: bool) -> (String, Vec<String>) {
        let place = repository(root.path(), String::new()).unwrap();
        changes(&place, &place.findings(), fix, &Cell::new(TRIED_ANYWAY))
    }

    /// What `--fix` makes of a workflow, and says of it.
    fn fixed(content: &[u8], prepare: impl FnOnce(&Path)) -> (Vec<u8>, Vec<String>) {
        let (root, file) = with_workflow(content);
        prepare(&file);
        let (_, left_alone) = said(&root, true);
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
    fn a_fix_touches_no_line_twice() {
        let own = "ghcr.io/${{ github.repository }}";
        let both = LOGIN.replace("ghcr.io/acme/app:1", &format!("{own}:1\n          cache-to: type=registry,ref={own}:c"));
        let (cached, digest) =
            (fixed_text(&both), fixed_text(&both.replace("push: true", &format!("outputs: type=image,name={own},push=true"))));
        for (changed, image) in
            [(&cached, "ref={0}:c', steps.ghcr.outputs.image)"), (&digest, "name=${{ steps.ghcr.outputs.image }},push=${{")]
        {
            assert!(is_guarded(changed) && changed.contains(image) && !changed.contains("github.repository"), "{changed}");
        }
        let named = fixed_text(&format!("{LOGIN}      - name: x\n        run: docker push {own}\n").replace("ghcr.io/acme/app:1", own));
        let run =
            "      - name: x\n        if: steps.ghcr.outputs.push == 'true'\n        run: docker push ${{ steps.ghcr.outputs.image }}\n";
        assert!(named.ends_with(run), "{named}");
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

    /// A workflow with so many jobs, of which some have an anchor in the way of their change.
    fn of_jobs(jobs: usize, is_bad: impl Fn(usize) -> bool) -> String {
        let job = |number| {
            let anchor = if is_bad(number) { format!(" &p{number}") } else { String::new() };
            let other = if is_bad(number) { format!("  k{number}:\n    permissions: *p{number}\n    steps: []\n") } else { String::new() };
            format!(
                "  j{number}:\n    permissions:{anchor}\n      contents: read\n    steps:\n      - run: docker push ghcr.io/a/b\n{other}"
            )
        };
        format!("on: push\njobs:\n{}", (0..jobs).map(job).collect::<String>())
    }

    /// That the changes of some findings were left out.
    fn left_out(count: usize, all: usize, why: &str) -> String {
        format!("the changes of {count} of {all} findings were left out: {why}. Make them manually: `ghcr-auth audit` says how")
    }

    #[test]
    fn a_change_that_cannot_be_made_keeps_none_from_being_made_and_is_counted() {
        let text = of_jobs(60, |number| [0, 7, 8, 31, 59].contains(&number));
        let (root, file) = with_workflow(text.as_bytes());
        let (_, left_alone) = said(&root, true);
        assert_eq!(fs::read_to_string(&file).unwrap().matches("packages: write\n").count(), 55);
        assert_eq!(left_alone, [format!("{}: {}", file.display(), left_out(5, 60, ELSEWHERE))]);
        let (diff, left_alone) = said(&root, false);
        assert_eq!((diff.as_str(), left_alone), ("", vec![format!("{}: {}", file.display(), left_out(5, 5, ELSEWHERE))]));
    }

    #[test]
    fn of_changes_that_touch_each_other_the_first_is_made() {
        let text = of_jobs(1, |_| false);
        let found = |edit| Finding { edits: vec![edit], ..audit(&[("a.yml", &text)], &|_| None).remove(0) };
        let comments = ["# a\n", "# b\n", "# c\n"].map(|comment| found(Edit::insert(3, comment.into())));
        let (made, why) = edits(&text, comments.iter(), &Cell::new(TRIED_ANYWAY));
        assert_eq!((made, why), (comments[0].edits.clone(), vec![left_out(2, 3, TOUCHING)]));
    }

    #[test]
    fn a_change_is_paid_for_by_the_tree_that_is_read_to_try_it() {
        let lists = (1..5).map(|level| format!("l{level}: &l{level} [{}]\n", format!("*l{}, ", level - 1).repeat(9))).collect::<String>();
        let text = format!("l0: &l0 a\n{lists}{}", of_jobs(8, |_| true));
        let tree = Workflow::parse(&text).unwrap().root().memory();
        assert!(tree > 100 * text.len());
        let (root, file) = with_workflow(text.as_bytes());
        let place = repository(root.path(), String::new()).unwrap();
        // Four, two, one, and one; then two.
        let (_, left_alone) = changes(&place, &place.findings(), true, &Cell::new(5 * tree));
        assert_eq!(left_alone, [left_out(2, 8, ELSEWHERE), left_out(6, 8, UNTRIED)].map(|why| format!("{}: {why}", file.display())));
    }

    #[test]
    fn what_one_file_uses_up_is_missing_for_others_but_not_for_changes_that_go_together() {
        let (root, hostile) = with_workflow(of_jobs(40, |_| true).as_bytes());
        let (fits, mixed) = (hostile.with_file_name("b.yml"), hostile.with_file_name("c.yml"));
        fs::write(&fits, of_jobs(40, |_| false)).unwrap();
        fs::write(&mixed, of_jobs(40, |number| number == 0)).unwrap();
        let place = repository(root.path(), String::new()).unwrap();
        let (_, left_alone) = changes(&place, &place.findings(), true, &Cell::new(0));
        let untried = |file: &Path| format!("{}: {}", file.display(), left_out(40, 40, UNTRIED));
        assert_eq!(left_alone, [untried(&hostile), untried(&mixed)]);
        assert_eq!(fs::read_to_string(fits).unwrap().matches("packages: write\n").count(), 40);
    }

    #[track_caller]
    fn shows_no_diff(text: &str, why: &str) {
        let (diff, left_alone) = said(&with_workflow(text.as_bytes()).0, false);
        assert!(diff.is_empty() && left_alone[0].ends_with(why), "{diff}{left_alone:?}");
    }

    #[test]
    fn no_diff_shows_a_token_or_would_not_fit() {
        shows_no_diff(&PUSH.replace("acme/app:1", "acme/app:ghp_0123456789abcdefABCDEF0123"), TOKEN);
        shows_no_diff(&PUSH.replace("  b:", "  b: # gh\u{200b}p_0123456789abcdefABCDEF0123"), TOKEN);
        shows_no_diff(&PUSH.replace("  b:", "  b: # \u{202e}"), UNPRINTED);
    }

    #[test]
    fn a_draft_that_a_killed_run_left_is_in_nobodys_way_and_no_link_is_followed() {
        let elsewhere = tempfile::tempdir().unwrap();
        let other = elsewhere.path().join("other");
        fs::write(&other, "kept").unwrap();
        let (root, file) = with_workflow(PUSH.as_bytes());
        symlink(&other, file.with_extension("ghcr-auth-draft")).unwrap();
        let (_, left_alone) = said(&root, true);
        assert!(left_alone.is_empty() && fs::read_to_string(&file).unwrap().contains("packages: write"), "{left_alone:?}");
        assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
    }

    #[test]
    fn a_file_belongs_to_its_repository_by_a_relative_path_too() {
        let place = file(Path::new(".github/workflows/ci.yml"));
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
