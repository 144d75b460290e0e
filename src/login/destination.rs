//! Where the login goes, and how later steps find it.
//!
//! The container sees the job's directories under other names than later steps do; the runner translates the
//! host's names for whoever needs it (actions/runner `ContainerInfo.cs`, `TranslateToContainerPath`), so the
//! host's are what is exported.

use std::path::{Path, PathBuf};

use super::{exported::Unfit, home::Home, state};
use crate::job::run::Runner;

/// The home directory that runners mount into every container action.
const MOUNTED_HOME: &str = "/github/home";

/// The temp directory that runners mount since version 2.331.
const MOUNTED_TEMP: &str = "/github/runner_temp";

/// The workspace in a container action.
const MOUNTED_WORKSPACE: &str = "/github/workspace";

/// The directory of [`MOUNTED_HOME`] in the host's temp directory.
const HOME_IN_TEMP: &str = "_github_home";

/// The home of the user that GitHub's own machines run jobs as.
const HOSTED_HOME: &str = "/home/runner";

/// What kind of step this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// A container action: a home of its own, that later steps do not look into unless they are told.
    Container,
    /// The action of `host/`, in the job's own home.
    Host,
    /// A `run:` step, in the job's own home too, which no post stage follows.
    Run,
}

impl StepKind {
    /// A step that has the home of container actions is one, or is to leave the login there: later steps have to be told.
    /// A `run:` step sees the workspace below the runner's directory of the repository, under whatever names, where a
    /// container action has it mounted elsewhere, and lacks the input that action.yml always gives.
    fn of(home: &Home<'_>) -> Self {
        let home_of_actions = home.temp.map(|temp| temp.join(HOME_IN_TEMP));
        if home_of_actions.is_some() && home.directory == home_of_actions.as_deref() {
            return Self::Container;
        }
        let below = home.repository.zip(home.workspace).is_some_and(|(repository, workspace)| workspace.starts_with(repository));
        if home.is_of_host {
            Self::Host
        } else if below && !home.has_inputs {
            Self::Run
        } else {
            Self::Container
        }
    }
}

/// Where the login goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The directory of config.json as this process sees it.
    pub directory: PathBuf,
    /// The same as later steps see it.
    pub shown: PathBuf,
    /// What later steps need in their environment.
    pub exports: Vec<(&'static str, String)>,
    /// Where earlier steps may have put docker plugins.
    pub plugins: Option<String>,
    /// Why a `DOCKER_CONFIG` that was set is not used, and ours replaces it.
    pub hidden: Option<Unfit>,
    /// Whether later steps are known to see the directory.
    pub shared: bool,
    /// What kind of step this is.
    pub step: StepKind,
}

/// Why the home is no place either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoHome {
    /// There is none.
    #[error("HOME is not set")]
    NotSet,
    /// A login there gets into build contexts and artifacts.
    #[error("HOME is in the workspace, where a credential gets into build contexts and artifacts. Let HOME be outside of it")]
    InWorkspace,
    /// What later steps and the post stage are told is text.
    #[error("HOME is not UTF-8")]
    NotText,
}

impl NoHome {
    /// Many a home is another user's, or others may write to it, and docker's own login would be there, too.
    const fn of(unfit: Unfit) -> Option<Self> {
        match unfit {
            Unfit::InWorkspace => Some(Self::InWorkspace),
            Unfit::NotText => Some(Self::NotText),
            Unfit::NotThere | Unfit::Relative | Unfit::BehindLink | Unfit::Writable | Unfit::Strangers => None,
        }
    }
}

impl Destination {
    /// Chooses the place: a `DOCKER_CONFIG` in which `inspect` finds no fault, else `$HOME/.docker`. The second argument of
    /// `inspect` is whether it may be created: what a job sets is visible in its own home, and docker would create it.
    ///
    /// # Errors
    /// [`NoHome`].
    pub fn choose(job: &Home<'_>, inspect: impl Fn(&Path, bool) -> Result<(), Unfit>) -> Result<Self, NoHome> {
        let (step, temp) = (StepKind::of(job), job.temp);
        let in_job = step != StepKind::Container;
        let place =
            |directory: PathBuf, shown| Self { directory, shown, step, shared: true, exports: Vec::new(), plugins: None, hidden: None };
        let home = job.directory.map(|home| home.join(".docker"));
        let exported = job.docker_config;
        let mut hidden = None;
        if let Some(directory) = exported {
            let is_homes = in_job && home.as_deref() == Some(directory);
            match inspect(directory, in_job) {
                Err(unfit) if !is_homes || NoHome::of(unfit).is_some() => hidden = Some(unfit),
                Ok(()) | Err(_) => {
                    let shown = host_path(directory, temp).filter(|_| !in_job).unwrap_or_else(|| directory.to_owned());
                    return Ok(place(directory.to_owned(), shown));
                }
            }
        }
        let directory = home.ok_or(NoHome::NotSet)?;
        if let Some(no_home) = inspect(&directory, true).err().and_then(NoHome::of) {
            return Err(no_home);
        }
        if in_job {
            let exports = hidden.map(|_| ("DOCKER_CONFIG", directory.display().to_string())).into_iter().collect();
            return Ok(Self { exports, hidden, ..place(directory.clone(), directory) });
        }
        let Some(shown) = host_path(&directory, temp) else {
            return Ok(Self { shared: false, ..place(directory.clone(), directory) });
        };
        let mut exports = vec![("DOCKER_CONFIG", shown.display().to_string())];
        let hosted = job.runner == Runner::Hosted && temp.is_some_and(|temp| temp.starts_with(HOSTED_HOME));
        if hosted && job.buildx_config.is_none() {
            exports.push(("BUILDX_CONFIG", format!("{HOSTED_HOME}/.docker/buildx")));
        }
        let plugins = hosted.then(|| format!("{HOSTED_HOME}/.docker/cli-plugins"));
        let hidden = hidden.filter(|_| exported.is_some_and(|path| path != directory && path != shown));
        Ok(Self { exports, plugins, hidden, ..place(directory, shown) })
    }

    /// What is exported, with what it was before, under the host's names.
    pub fn former(&self, home: &Home<'_>) -> Vec<(&'static str, String)> {
        let before = |value: Option<&Path>| {
            let value = value.filter(|path| path.to_str().is_some()).unwrap_or(Path::new(""));
            let on_host = host_path(value, home.temp).or_else(|| in_workspace(value, home.repository));
            on_host.filter(|_| self.step == StepKind::Container).unwrap_or_else(|| value.to_owned()).display().to_string()
        };
        let exported = |(name, _): &(&str, _)| self.exports.iter().any(|(exported, _)| exported == name);
        let variables = state::EXPORTED.into_iter().zip([home.docker_config, home.buildx_config]);
        variables.filter(exported).map(|(name, value)| (name, before(value))).collect()
    }
}

/// The host's name of a path of this container; `None` where it has none that is known.
fn host_path(path: &Path, temp: Option<&Path>) -> Option<PathBuf> {
    let temp = temp?;
    let mounts = [(MOUNTED_HOME, temp.join(HOME_IN_TEMP)), (MOUNTED_TEMP, temp.to_owned())];
    let mounted = mounts.into_iter().find_map(|(mount, host)| Some(host.join(path.strip_prefix(mount).ok()?)));
    mounted.or_else(|| path.starts_with(temp).then(|| path.to_owned()))
}

/// The same for the workspace: the runner's directory of the repository is named by its host's path, and the workspace in it
/// has the same name (actions/runner `TrackingManager.cs`).
fn in_workspace(path: &Path, repository: Option<&Path>) -> Option<PathBuf> {
    let (rest, repository) = (path.strip_prefix(MOUNTED_WORKSPACE).ok()?, repository?);
    Some(repository.join(repository.file_name()?).join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::environment::Environment;

    fn choose(variables: &[(&str, &str)], temp: &str) -> Destination {
        let here = ["/github/home/.docker", "/github/runner_temp/docker"];
        let inspect = |path: &Path, may_be_created: bool| {
            let is_here = here.contains(&path.to_str().unwrap()) || may_be_created && path.starts_with("/here");
            is_here.then_some(()).ok_or(match path.to_str().unwrap() {
                path if path.starts_with("/open") => Unfit::Writable,
                path if path.starts_with('/') => Unfit::NotThere,
                _ => Unfit::Relative,
            })
        };
        Destination::choose(&Home::of(&variables.iter().copied().collect(), Some(Path::new(temp))), inspect).unwrap()
    }

    #[test]
    fn the_home_that_every_runner_mounts_is_exported_by_its_host_path() {
        let place = choose(&[("HOME", "/github/home")], "/srv/work/_temp");
        assert_eq!(place.directory, Path::new("/github/home/.docker"));
        assert_eq!(place.shown, Path::new("/srv/work/_temp/_github_home/.docker"));
        assert_eq!(place.exports, [("DOCKER_CONFIG", "/srv/work/_temp/_github_home/.docker".to_owned())]);
        assert_eq!((place.plugins, place.hidden), (None, None));
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
        for (exported, hidden) in [
            ("/home/runner/.docker", Some(Unfit::NotThere)),
            ("/open/docker", Some(Unfit::Writable)),
            ("relative", Some(Unfit::Relative)),
            ("/srv/_temp/_github_home/.docker", None),
        ] {
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
            assert_eq!((place.shown, place.shared, place.step), (PathBuf::from(directory), true, StepKind::Run));
        }
    }

    #[test]
    fn a_container_action_on_any_runner_is_not_a_run_step() {
        let mounted = [("HOME", "/github/home"), ("GITHUB_WORKSPACE", "/github/workspace")];
        let under_its_own_names = [("HOME", "/srv/_temp/_github_home"), ("GITHUB_WORKSPACE", "/srv/app/app")];
        for [home, workspace] in [mounted, under_its_own_names] {
            let place = choose(&[home, workspace, ("RUNNER_WORKSPACE", "/srv/app")], "/srv/_temp");
            assert!(place.step == StepKind::Container && !place.exports.is_empty());
        }
    }

    #[test]
    fn the_input_that_action_yml_gives_tells_the_action_from_a_run_step() {
        let variables = [("HOME", "/root"), ("RUNNER_WORKSPACE", "/srv/app"), ("GITHUB_WORKSPACE", "/srv/app/app")];
        assert_eq!(choose(&variables, "/srv/_temp").step, StepKind::Run);
        let given = [variables[0], variables[1], variables[2], ("INPUT_RUNNER-TEMP", "host:/srv/_temp")];
        assert_eq!(choose(&given, "/srv/_temp").step, StepKind::Container);
    }

    #[test]
    fn the_action_in_the_jobs_home_leaves_the_login_there_and_exports_nothing() {
        for (home, temp) in [("/home/runner", "/home/runner/work/_temp"), ("/github/home", "/home/runner/work/_temp"), ("/root", "/tmp")] {
            let host =
                [("HOME", home), ("GHCR_AUTH_HOST", "true"), ("INPUT_RUNNER-TEMP", "host:/x"), ("RUNNER_ENVIRONMENT", "github-hosted")];
            let place = choose(&host, temp);
            assert_eq!((place.step, place.shared, place.hidden), (StepKind::Host, true, None));
            assert_eq!((place.directory, place.exports, place.plugins), (PathBuf::from(home).join(".docker"), vec![], None));
        }
    }

    #[test]
    fn in_the_jobs_home_a_docker_config_that_is_fit_is_used_and_another_one_is_replaced_for_later_steps_too() {
        let host = |config| choose(&[("HOME", "/home/me"), ("GHCR_AUTH_HOST", "true"), ("DOCKER_CONFIG", config)], "/srv/_temp");
        let fit = host("/here/docker");
        assert_eq!((fit.directory, fit.exports), (PathBuf::from("/here/docker"), vec![]));
        let unfit = host("/open/docker");
        assert_eq!((unfit.hidden, unfit.exports), (Some(Unfit::Writable), vec![("DOCKER_CONFIG", "/home/me/.docker".to_owned())]));
        // The home's own is where the login would go anyway.
        assert_eq!(host("/home/me/.docker").hidden, None);
    }

    #[test]
    fn a_step_that_is_given_the_home_of_container_actions_tells_later_steps() {
        let place = choose(&[("HOME", "/srv/_temp/_github_home"), ("GHCR_AUTH_HOST", "true")], "/srv/_temp");
        assert_eq!(place.exports, [("DOCKER_CONFIG", "/srv/_temp/_github_home/.docker".to_owned())]);
    }

    fn former(variables: &[(&str, &str)], temp: &str) -> Vec<(&'static str, String)> {
        let environment: Environment = variables.iter().copied().collect();
        choose(variables, temp).former(&Home::of(&environment, Some(Path::new(temp))))
    }

    #[test]
    fn a_home_in_the_workspace_is_no_place() {
        for config in ["", "/work/app/.docker", "/elsewhere"] {
            let choose = |unfit: Unfit| {
                let environment = [("HOME", "/work/app"), ("GHCR_AUTH_HOST", "true"), ("DOCKER_CONFIG", config)].into_iter().collect();
                Destination::choose(&Home::of(&environment, None), |_, _| Err(unfit)).map(|place| place.directory)
            };
            assert_eq!(choose(Unfit::InWorkspace), Err(NoHome::InWorkspace), "{config}");
            assert_eq!(choose(Unfit::NotText), Err(NoHome::NotText), "{config}");
            assert_eq!(choose(Unfit::Writable), Ok(PathBuf::from("/work/app/.docker")), "{config}");
        }
    }

    #[test]
    fn what_was_set_before_is_kept_under_the_hosts_names() {
        for (before, host) in [
            ("", ""),
            ("/home/runner/.docker", "/home/runner/.docker"),
            ("/github/runner_temp/gone", "/srv/_temp/gone"),
            ("/github/workspace/.docker", "/srv/app/app/.docker"),
        ] {
            let variables = [("HOME", "/github/home"), ("DOCKER_CONFIG", before), ("RUNNER_WORKSPACE", "/srv/app")];
            assert_eq!(former(&variables, "/srv/_temp"), [("DOCKER_CONFIG", host.to_owned())]);
        }
        let hosted = [("HOME", "/github/home"), ("RUNNER_ENVIRONMENT", "github-hosted")];
        let temp = "/home/runner/work/_temp";
        assert_eq!(former(&hosted, temp), [("DOCKER_CONFIG", String::new()), ("BUILDX_CONFIG", String::new())]);
        let merged = [("HOME", "/github/home"), ("DOCKER_CONFIG", "/github/runner_temp/docker")];
        assert_eq!(former(&merged, "/srv/_temp"), []);
    }

    #[test]
    fn a_home_that_later_steps_do_not_share_is_not_exported() {
        let place = choose(&[("HOME", "/root")], "/tmp");
        assert_eq!((place.shown, place.exports, place.shared), (PathBuf::from("/root/.docker"), vec![], false));
    }
}
