//! Where the login goes, and how later steps find it.
//!
//! The container sees the job's directories under other names than later steps do; the runner translates the
//! host's names for whoever needs it (actions/runner `ContainerInfo.cs`, `TranslateToContainerPath`), so the
//! host's are what is exported.

use std::path::{Path, PathBuf};

use crate::job::environment::Environment;

/// The home directory that runners mount into every container action.
const MOUNTED_HOME: &str = "/github/home";

/// The temp directory that runners mount since version 2.331.
const MOUNTED_TEMP: &str = "/github/runner_temp";

/// The directory of [`MOUNTED_HOME`] in the host's temp directory.
const HOME_IN_TEMP: &str = "_github_home";

/// The home of the user that GitHub's own machines run jobs as.
const HOSTED_HOME: &str = "/home/runner";

/// Where the login goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The directory of config.json as this process sees it.
    pub directory: PathBuf,
    /// The same as later steps see it.
    pub shown: PathBuf,
    /// What later steps need in their environment.
    pub exports: Vec<(&'static str, String)>,
    /// Where earlier steps may have put docker plugins.
    pub plugins: Option<String>,
    /// A `DOCKER_CONFIG` of earlier steps that cannot be seen from here, and that ours replaces.
    pub hidden: bool,
    /// Whether later steps are known to see the directory.
    pub shared: bool,
    /// Whether this is a `run:` step, which no post stage follows.
    pub by_hand: bool,
}

/// `HOME` is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HOME is not set")]
pub struct NoHome;

impl Place {
    /// Chooses the place: an exported `DOCKER_CONFIG` that `is_directory` finds here, else `$HOME/.docker`.
    ///
    /// # Errors
    /// [`NoHome`].
    pub fn choose(environment: &Environment, temp: Option<&Path>, is_directory: impl Fn(&Path) -> bool) -> Result<Self, NoHome> {
        let by_hand = is_by_hand(environment, temp);
        let place =
            |directory: PathBuf, shown| Self { directory, shown, by_hand, shared: true, exports: Vec::new(), plugins: None, hidden: false };
        let exported = environment.path("DOCKER_CONFIG").filter(|path| path.is_absolute());
        // What a run: step's job exports is visible here, and docker would create it.
        let is_usable = |path: &Path| is_directory(path) || by_hand && path.parent().is_some_and(&is_directory);
        if let Some(directory) = exported.filter(|path| is_usable(path)) {
            let shown = host_path(directory, temp).filter(|_| !by_hand).unwrap_or_else(|| directory.to_owned());
            return Ok(place(directory.to_owned(), shown));
        }
        let directory = environment.path("HOME").ok_or(NoHome)?.join(".docker");
        if by_hand {
            let hidden = exported.is_some_and(|path| path != directory);
            let exports = hidden.then(|| ("DOCKER_CONFIG", directory.display().to_string())).into_iter().collect();
            return Ok(Self { exports, hidden, ..place(directory.clone(), directory) });
        }
        let Some(shown) = host_path(&directory, temp) else {
            return Ok(Self { shared: false, ..place(directory.clone(), directory) });
        };
        let mut exports = vec![("DOCKER_CONFIG", shown.display().to_string())];
        let hosted =
            environment.text("RUNNER_ENVIRONMENT") == Some("github-hosted") && temp.is_some_and(|temp| temp.starts_with(HOSTED_HOME));
        if hosted && environment.raw("BUILDX_CONFIG").is_none() {
            exports.push(("BUILDX_CONFIG", format!("{HOSTED_HOME}/.docker/buildx")));
        }
        let plugins = hosted.then(|| format!("{HOSTED_HOME}/.docker/cli-plugins"));
        let hidden = exported.is_some_and(|path| path != directory && path != shown);
        Ok(Self { exports, plugins, hidden, ..place(directory, shown) })
    }
}

/// Whether this is a `run:` step, on the machine or in a job container. Such a step sees the workspace below the
/// runner's directory of the repository, under whatever names; a container action has it mounted elsewhere. It lacks the
/// input that action.yml always gives, and has the home of the steps around it, not that of actions.
fn is_by_hand(environment: &Environment, temp: Option<&Path>) -> bool {
    let repository = environment.path("RUNNER_WORKSPACE");
    let below =
        repository.zip(environment.path("GITHUB_WORKSPACE")).is_some_and(|(repository, workspace)| workspace.starts_with(repository));
    let home_of_actions = temp.map(|temp| temp.join(HOME_IN_TEMP));
    below && environment.raw("INPUT_RUNNER-TEMP").is_none() && environment.path("HOME") != home_of_actions.as_deref()
}

/// The host's name of a path of this container; `None` where it has none that is known.
fn host_path(path: &Path, temp: Option<&Path>) -> Option<PathBuf> {
    let temp = temp?;
    let mounts = [(MOUNTED_HOME, temp.join(HOME_IN_TEMP)), (MOUNTED_TEMP, temp.to_owned())];
    let mounted = mounts.into_iter().find_map(|(mount, host)| Some(host.join(path.strip_prefix(mount).ok()?)));
    mounted.or_else(|| path.starts_with(temp).then(|| path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(variables: &[(&str, &str)], temp: &str) -> Place {
        let here = ["/github/home/.docker", "/github/runner_temp/docker"];
        Place::choose(&variables.iter().copied().collect(), Some(Path::new(temp)), |path| here.contains(&path.to_str().unwrap())).unwrap()
    }

    #[test]
    fn the_home_that_every_runner_mounts_is_exported_by_its_host_path() {
        let place = choose(&[("HOME", "/github/home")], "/srv/work/_temp");
        assert_eq!(place.directory, Path::new("/github/home/.docker"));
        assert_eq!(place.shown, Path::new("/srv/work/_temp/_github_home/.docker"));
        assert_eq!(place.exports, [("DOCKER_CONFIG", "/srv/work/_temp/_github_home/.docker".to_owned())]);
        assert_eq!((place.plugins, place.hidden), (None, false));
    }

    #[test]
    fn on_githubs_machines_builders_and_plugins_stay_findable() {
        let hosted = [("HOME", "/github/home"), ("RUNNER_ENVIRONMENT", "github-hosted")];
        let place = choose(&hosted, "/home/runner/work/_temp");
        assert_eq!(place.exports[1], ("BUILDX_CONFIG", "/home/runner/.docker/buildx".to_owned()));
        assert_eq!(place.plugins.as_deref(), Some("/home/runner/.docker/cli-plugins"));
        assert_eq!(choose(&hosted, "/srv/_temp").plugins, None);
        let chosen = choose(&[hosted[0], hosted[1], ("BUILDX_CONFIG", "/x")], "/home/runner/work/_temp");
        assert_eq!(chosen.exports.len(), 1);
    }

    #[test]
    fn an_exported_config_that_is_visible_here_is_used() {
        let place = choose(&[("HOME", "/github/home"), ("DOCKER_CONFIG", "/github/runner_temp/docker")], "/srv/_temp");
        assert_eq!(
            (place.directory, place.shown, place.exports),
            (PathBuf::from("/github/runner_temp/docker"), PathBuf::from("/srv/_temp/docker"), vec![])
        );
    }

    #[test]
    fn an_exported_config_that_is_not_visible_here_is_replaced_and_said_so() {
        for (exported, hidden) in [("/home/runner/.docker", true), ("relative", false), ("/srv/_temp/_github_home/.docker", false)] {
            let place = choose(&[("HOME", "/github/home"), ("DOCKER_CONFIG", exported)], "/srv/_temp");
            assert_eq!((place.directory, place.hidden), (PathBuf::from("/github/home/.docker"), hidden), "{exported}");
        }
    }

    #[test]
    fn a_run_step_uses_its_home_which_is_that_of_the_steps_around_it() {
        let machine =
            [("HOME", "/home/runner"), ("RUNNER_WORKSPACE", "/home/runner/work/app"), ("GITHUB_WORKSPACE", "/home/runner/work/app/app")];
        let container = [("HOME", "/github/home"), ("RUNNER_WORKSPACE", "/__w/app"), ("GITHUB_WORKSPACE", "/__w/app/app")];
        for (variables, temp, directory) in
            [(machine, "/home/runner/work/_temp", "/home/runner/.docker"), (container, "/__w/_temp", "/github/home/.docker")]
        {
            let place = choose(&variables, temp);
            assert_eq!((place.directory, place.exports), (PathBuf::from(directory), vec![]));
            assert_eq!((place.shown, place.shared, place.by_hand), (PathBuf::from(directory), true, true));
        }
    }

    #[test]
    fn a_container_action_on_any_runner_is_not_a_run_step() {
        let mounted = [("HOME", "/github/home"), ("GITHUB_WORKSPACE", "/github/workspace")];
        let under_its_own_names = [("HOME", "/srv/_temp/_github_home"), ("GITHUB_WORKSPACE", "/srv/app/app")];
        for [home, workspace] in [mounted, under_its_own_names] {
            let place = choose(&[home, workspace, ("RUNNER_WORKSPACE", "/srv/app")], "/srv/_temp");
            assert!(!place.by_hand && !place.exports.is_empty());
        }
    }

    #[test]
    fn the_input_that_action_yml_gives_tells_the_action_from_a_run_step() {
        let variables = [("HOME", "/root"), ("RUNNER_WORKSPACE", "/srv/app"), ("GITHUB_WORKSPACE", "/srv/app/app")];
        assert!(choose(&variables, "/srv/_temp").by_hand);
        let given = [variables[0], variables[1], variables[2], ("INPUT_RUNNER-TEMP", "host:/srv/_temp")];
        assert!(!choose(&given, "/srv/_temp").by_hand);
    }

    #[test]
    fn a_home_that_later_steps_do_not_share_is_not_exported() {
        let place = choose(&[("HOME", "/root")], "/tmp");
        assert_eq!((place.shown, place.exports, place.shared), (PathBuf::from("/root/.docker"), vec![], false));
    }
}
