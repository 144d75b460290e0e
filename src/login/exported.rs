//! A `DOCKER_CONFIG` that somebody set: whether a credential may go there.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Component, Path},
};

use super::home::Home;

/// Write permission for the group and for others.
const WRITABLE: u32 = 0o022;

/// In a directory with this bit only its owner renames and removes a file (inode(7)).
const STICKY: u32 = 0o1000;

/// Why a directory is skipped; `Display` completes "a directory that ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be seen.
    #[error("cannot be seen from here")]
    NotThere,
    /// Its path depends on where a step runs.
    #[error("is another one in each step, since its path is relative")]
    Relative,
    /// Its path is not UTF-8, which the runner's files are.
    #[error("has a path that is not UTF-8")]
    NotText,
    /// It is in the workspace.
    #[error("is in the workspace, where a credential gets into build contexts and artifacts")]
    InWorkspace,
    /// A directory above it is a symlink, or the path goes up again.
    #[error("is reached through a symlink")]
    BehindLink,
    /// Other users may write to it or replace it.
    #[error("other users can write to")]
    Writable,
    /// It belongs to another user.
    #[error("belongs to another user")]
    Strangers,
}

/// Looks at a directory; one that is not there is fit if it `may_be_created`.
///
/// # Errors
/// [`Unfit`]. A directory that is itself a symlink is left to [`super::directory`], which opens none.
pub fn inspect(path: &Path, may_be_created: bool, home: &Home<'_>) -> Result<(), Unfit> {
    if path.is_relative() {
        return Err(Unfit::Relative);
    }
    if is_in_workspace(path, home.workspace) {
        return Err(Unfit::InWorkspace);
    }
    if path.to_str().is_none() {
        return Err(Unfit::NotText);
    }
    let goes_up = path.components().any(|component| component == Component::ParentDir);
    let parent = path.parent().ok_or(Unfit::NotThere)?;
    let real = parent.canonicalize().map_err(|_| Unfit::NotThere)?;
    if goes_up || real != parent {
        return Err(Unfit::BehindLink);
    }
    // Who may write to a directory above, or owns it, may put another one in its place.
    for above in parent.ancestors() {
        let above = fs::metadata(above).map_err(|_| Unfit::NotThere)?;
        if above.mode() & WRITABLE != 0 && above.mode() & STICKY == 0 {
            return Err(Unfit::Writable);
        }
        if !is_known(above.uid(), home.directory) {
            return Err(Unfit::Strangers);
        }
    }
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => Err(Unfit::NotThere),
        Ok(found) if found.mode() & WRITABLE != 0 => Err(Unfit::Writable),
        Ok(found) if !is_known(found.uid(), home.directory) => Err(Unfit::Strangers),
        Err(_) if !may_be_created || fs::symlink_metadata(path).is_ok() => Err(Unfit::NotThere),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// By any name: a symlink above the path counts as what it leads to.
fn is_in_workspace(path: &Path, workspace: Option<&Path>) -> bool {
    let Some(workspace) = workspace else { return false };
    let is_below =
        |path: &Path| path.canonicalize().ok().zip(workspace.canonicalize().ok()).is_some_and(|(path, root)| path.starts_with(root));
    path.starts_with(workspace) || path.ancestors().find(|path| path.exists()).is_some_and(is_below)
}

/// Root, this process's user, or whom the job's home belongs to.
fn is_known(user: u32, home: Option<&Path>) -> bool {
    let home = home.and_then(|home| fs::metadata(home).ok()).map(|home| home.uid());
    user == 0 || user == rustix::process::geteuid().as_raw() || Some(user) == home
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    /// `home`, `work` and `temp` with `temp/docker`, all of one user and private.
    struct World(tempfile::TempDir);

    impl World {
        fn new() -> Self {
            let world = Self(tempfile::tempdir().unwrap());
            for name in ["home", "work", "temp", "temp/docker"] {
                fs::create_dir(world.0.path().join(name)).unwrap();
                world.set_mode(name, 0o755);
            }
            world
        }

        fn set_mode(&self, name: &str, mode: u32) {
            fs::set_permissions(self.0.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }

        fn inspect(&self, name: &str, may_be_created: bool) -> Result<(), Unfit> {
            let root = self.0.path().canonicalize().unwrap();
            let variables = [("HOME", root.join("home")), ("GITHUB_WORKSPACE", root.join("work"))];
            inspect(&root.join(name), may_be_created, &Home::of(&variables.into_iter().collect(), None))
        }
    }

    #[test]
    fn a_private_directory_of_the_jobs_user_is_fit_and_one_that_is_not_there_only_if_it_may_be_made() {
        let world = World::new();
        assert_eq!(world.inspect("temp/docker", false), Ok(()));
        assert_eq!(world.inspect("temp/none", true), Ok(()));
        assert_eq!(world.inspect("temp/none", false), Err(Unfit::NotThere));
        assert_eq!(world.inspect("gone/none", true), Err(Unfit::NotThere));
        fs::write(world.0.path().join("temp/file"), "").unwrap();
        symlink("nowhere", world.0.path().join("temp/dangling")).unwrap();
        assert_eq!(["file", "dangling"].map(|name| world.inspect(&format!("temp/{name}"), true)), [Err(Unfit::NotThere); 2]);
    }

    #[test]
    fn the_workspace_is_not_fit_by_any_name() {
        let world = World::new();
        symlink("work", world.0.path().join("link")).unwrap();
        fs::create_dir(world.0.path().join("work/docker")).unwrap();
        for name in ["work", "work/docker", "work/none/none", "temp/../work/docker", "link/docker", "link/none", "link"] {
            assert_eq!(world.inspect(name, true), Err(Unfit::InWorkspace), "{name}");
        }
    }

    #[test]
    fn a_path_through_a_symlink_or_up_again_is_not_fit() {
        let world = World::new();
        symlink("temp", world.0.path().join("link")).unwrap();
        for name in ["link/docker", "link/none", "temp/docker/../docker"] {
            assert_eq!(world.inspect(name, true), Err(Unfit::BehindLink), "{name}");
        }
        assert_eq!(world.inspect("./temp/./docker/", true), Ok(()));
    }

    #[test]
    fn what_others_can_write_to_or_replace_is_not_fit() {
        for (name, mode, fit) in [
            ("temp/docker", 0o777, false),
            ("temp/docker", 0o770, false),
            ("temp/docker", 0o702, false),
            ("temp/docker", 0o1777, false),
            ("temp", 0o777, false),
            ("temp", 0o775, false),
            ("temp", 0o1777, true),
        ] {
            let world = World::new();
            world.set_mode(name, mode);
            assert_eq!(world.inspect("temp/docker", false), if fit { Ok(()) } else { Err(Unfit::Writable) }, "{name} {mode:o}");
            if name == "temp" {
                let below = world.inspect("temp/docker/none", true);
                assert_eq!(below, if fit { Ok(()) } else { Err(Unfit::Writable) }, "a level below, {mode:o}");
            }
        }
    }

    #[test]
    fn a_path_that_is_not_text_is_not_fit() {
        use std::os::unix::ffi::OsStrExt as _;
        let name = Path::new("/tmp").join(std::ffi::OsStr::from_bytes(b"\xff"));
        assert_eq!(inspect(&name, true, &Home::of(&crate::job::environment::Environment::default(), None)), Err(Unfit::NotText));
    }

    #[test]
    fn a_strangers_directory_is_not_fit_and_that_of_the_homes_owner_is() {
        let (world, user) = (World::new(), rustix::process::geteuid());
        let home = world.0.path().join("home");
        assert!(is_known(user.as_raw(), Some(&home)) && !is_known(user.as_raw() + 4242, Some(&home)));
        if !user.is_root() {
            // Nobody else may give a directory away.
            return;
        }
        chown(world.0.path().join("temp/docker"), Some(4242), None).unwrap();
        assert_eq!(world.inspect("temp/docker", false), Err(Unfit::Strangers));
        chown(world.0.path().join("home"), Some(4242), None).unwrap();
        assert_eq!(world.inspect("temp/docker", false), Ok(()));
        chown(world.0.path().join("temp"), Some(4243), None).unwrap();
        assert_eq!(["temp/docker", "temp/docker/none"].map(|name| world.inspect(name, true)), [Err(Unfit::Strangers); 2]);
    }
}
