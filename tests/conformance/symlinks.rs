//! Links that somebody put where a credential is about to be written: the target stays as it is.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use ghcr_auth_testbed::job::Job;
use serde_json::json;

use super::{Bench, PAT, binary};

/// A file outside docker's directory that must not change.
struct Victim {
    path: PathBuf,
    before: (Vec<u8>, u32, u64),
}

impl Victim {
    fn new(job: &Job) -> Self {
        let directory = job.temp().join("elsewhere");
        fs::create_dir(&directory).unwrap();
        let path = directory.join("config.json");
        fs::write(&path, r#"{"auths":{"quay.io":{"auth":"cQ=="}}}"#).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        Self { before: state(&path), path }
    }

    fn directory(&self) -> &Path {
        self.path.parent().unwrap()
    }

    #[track_caller]
    fn assert_untouched(&self) {
        assert_eq!(state(&self.path), self.before);
        assert_eq!(fs::read_dir(self.directory()).unwrap().count(), 1, "something was written beside it");
    }
}

/// Content, mode and inode.
fn state(path: &Path) -> (Vec<u8>, u32, u64) {
    let metadata = fs::metadata(path).unwrap();
    (fs::read(path).unwrap(), metadata.permissions().mode(), metadata.ino())
}

/// configure-aws-credentials `helpers.test.ts` "refuses to read through a symlink", "parent directory is a symlink", "refuses
/// to follow a symlink at the target and leaves the target file untouched"; docker/cli `configfile` `Symlink` and `RelativeSymlink`,
/// `config_test.go` `LoadDanglingSymlink`, where docker follows. tests/it/login.rs has dangling ones.
#[test]
fn a_link_to_a_file_or_a_directory_is_refused_and_its_target_stays() {
    type Put = fn(&Job, &Victim);
    let absolute: Put = |job, victim| symlink(&victim.path, job.home().join(".docker/config.json")).unwrap();
    let relative: Put = |job, _| symlink("../../elsewhere/config.json", job.home().join(".docker/config.json")).unwrap();
    let chain: Put = |job, victim| {
        symlink(&victim.path, job.temp().join("link")).unwrap();
        symlink(job.temp().join("link"), job.home().join(".docker/config.json")).unwrap();
    };
    let itself: Put = |job, _| symlink("config.json", job.home().join(".docker/config.json")).unwrap();
    let directory: Put = |job, victim| {
        fs::remove_dir(job.home().join(".docker")).unwrap();
        symlink(victim.directory(), job.home().join(".docker")).unwrap();
    };
    for (case, put) in [
        ("absolute", absolute),
        ("relative", relative),
        ("a link to a link", chain),
        ("a link to itself", itself),
        ("directory", directory),
    ] {
        let bench = Bench::open();
        let victim = Victim::new(&bench.job);
        fs::create_dir(bench.job.home().join(".docker")).unwrap();
        put(&bench.job, &victim);
        let run = bench.step().run();
        assert_eq!(["push", "reason"].map(|name| run.output(name)), ["false", "login-failed"], "{case}: {}", run.log());
        assert!(run.env.is_empty(), "{case}");
        victim.assert_untouched();
    }
}

/// configure-aws-credentials "parent directory is a symlink", for a directory that an earlier step exported.
#[test]
fn an_exported_directory_that_is_a_link_is_refused() {
    let bench = Bench::open();
    let victim = Victim::new(&bench.job);
    let link = bench.job.temp().join("link");
    symlink(victim.directory(), &link).unwrap();
    let run = bench.step().env("DOCKER_CONFIG", link.to_str().unwrap()).run();
    assert_eq!(["push", "reason"].map(|name| run.output(name)), ["false", "login-failed"], "{}", run.log());
    victim.assert_untouched();
}

/// configure-aws-credentials `cleanup.test.ts`, amazon-ecr-login "continues to attempt logouts after a failed logout": a link
/// put in place between the stages fails nothing and changes nothing.
#[test]
fn a_link_put_in_place_between_the_stages_is_not_followed_by_the_logout() {
    let bench = Bench::open();
    bench.allows();
    let victim = Victim::new(&bench.job);
    let config = bench.job.home().join(".docker/config.json");
    // What is behind the link looks like the login that the logout is for.
    let login = fs::read(&config).unwrap();
    fs::write(&victim.path, &login).unwrap();
    let victim = Victim { before: state(&victim.path), ..victim };
    fs::remove_file(&config).unwrap();
    symlink(&victim.path, &config).unwrap();
    let run = bench.job.step(binary()).post().run();
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("Could not log out of") && !run.everything_shown().contains(PAT), "{}", run.log());
    victim.assert_untouched();
    assert!(fs::symlink_metadata(&config).unwrap().is_symlink());
}

/// actions/runner `SetOutputFileCommand` and `SetEnvFileCommand` "missing file", configure-aws-credentials "refuses to follow a
/// symlink at the target": the runner makes these files itself, so that a link in their place is not the runner's.
#[test]
fn the_runners_files_are_not_written_through_a_link() {
    for (variable, code) in [("GITHUB_OUTPUT", 1), ("GITHUB_ENV", 0), ("GITHUB_STATE", 0), ("GITHUB_STEP_SUMMARY", 0)] {
        let bench = Bench::open();
        let victim = Victim::new(&bench.job);
        let link = bench.job.temp().join("link");
        symlink(&victim.path, &link).unwrap();
        let run = bench.step().env(variable, link.to_str().unwrap()).run();
        assert_eq!(run.code, code, "{variable}: {}", run.log());
        victim.assert_untouched();
        let logged_in = bench.job.docker_config().is_some();
        assert_eq!(logged_in, matches!(variable, "GITHUB_OUTPUT" | "GITHUB_STEP_SUMMARY"), "{variable}");
    }
}

/// The same "leaves the target file untouched" for a hard link: a file of several names is replaced by a new one, and its other
/// names keep the old content.
#[test]
fn another_name_of_the_file_keeps_the_old_content() {
    let bench = Bench::open();
    let victim = Victim::new(&bench.job);
    fs::create_dir(bench.job.home().join(".docker")).unwrap();
    fs::hard_link(&victim.path, bench.job.home().join(".docker/config.json")).unwrap();
    bench.allows();
    victim.assert_untouched();
    assert_eq!(bench.job.docker_config().unwrap()["auths"]["quay.io"], json!({ "auth": "cQ==" }));
}
