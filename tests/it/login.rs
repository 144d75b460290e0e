//! docker's config.json after a yes and after a no.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::{
    front_door::{FrontDoor, Rules},
    job::Job,
};
use serde_json::{Value, json};

use super::{PAT, assert_outputs, open_door, with_pat};

const FAILED: [(&str, &str); 4] = [("push", "false"), ("pull", "false"), ("reason", "login-failed"), ("logged-in", "false")];

fn auth(user: &str) -> String {
    STANDARD.encode(format!("{user}:{PAT}"))
}

fn seed(job: &Job, content: &[u8]) {
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(job.home().join(".docker/config.json"), content).unwrap();
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_login_is_one_entry_in_a_private_file_whose_directory_is_exported_by_its_host_path() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).input("GHCR_USERNAME", "robot").run();
    let directory = job.home().join(".docker");
    let shown = directory.display().to_string();
    assert_outputs(&run, &[("logged-in", "true"), ("username", "robot"), ("registry", door.host()), ("docker-config", &shown)]);
    assert_eq!(job.docker_config(), Some(json!({ "auths": { door.host(): { "auth": auth("robot") } } })));
    assert_eq!((mode(&directory), mode(&directory.join("config.json"))), (0o700, 0o600));
    assert_eq!(run.env.into_iter().collect::<Vec<_>>(), [("DOCKER_CONFIG".to_owned(), shown)]);
}

#[test]
fn everything_else_in_the_file_stays() {
    let (job, door) = (Job::new(), open_door());
    let before = json!({ "zzz": { "keep": [1, 2.5] }, "auths": { "quay.io": { "auth": "cQ==" }, door.host(): { "auth": "b2xk", "email": "x" } }, "currentContext": "ci" });
    seed(&job, before.to_string().as_bytes());
    assert_outputs(&with_pat(&job, &door).run(), &[("logged-in", "true")]);
    let mut expected = before;
    expected["auths"][door.host()] = json!({ "auth": auth("alice") });
    assert_eq!(job.docker_config(), Some(expected));
    let directory = job.home().join(".docker");
    assert_eq!((mode(&directory), mode(&directory.join("config.json"))), (0o755, 0o600), "an existing directory keeps its mode");
}

#[test]
fn a_file_that_is_not_dockers_is_left_as_it_is() {
    let twice = br#"{"auths":{"quay.io":{"auth":"cQ=="}},"auths":{"docker.io":{"auth":"ZA=="}}}"#;
    for content in [&b"{\"auths\":"[..], b"[]", b"hello", b"{\"auths\":[]}", twice, br#"{"credHelpers":{"a":"b","a":"c"}}"#] {
        let (job, door) = (Job::new(), open_door());
        seed(&job, content);
        let run = with_pat(&job, &door).run();
        assert_outputs(&run, &FAILED);
        assert_eq!(fs::read(job.home().join(".docker/config.json")).unwrap(), content);
        assert!(run.env.is_empty());
    }
}

#[test]
fn an_empty_file_counts_as_an_empty_object() {
    let (job, door) = (Job::new(), open_door());
    seed(&job, b"");
    assert_outputs(&with_pat(&job, &door).run(), &[("logged-in", "true")]);
}

#[test]
fn nothing_is_written_through_a_symlink() {
    let victim = |job: &Job| job.temp().join("victim");
    let file = |job: &Job| {
        fs::create_dir(job.home().join(".docker")).unwrap();
        std::os::unix::fs::symlink(victim(job), job.home().join(".docker/config.json")).unwrap();
    };
    let directory = |job: &Job| std::os::unix::fs::symlink(job.temp(), job.home().join(".docker")).unwrap();
    for prepare in [&file as &dyn Fn(&Job), &directory] {
        let (job, door) = (Job::new(), open_door());
        prepare(&job);
        assert_outputs(&with_pat(&job, &door).run(), &FAILED);
        assert!(!victim(&job).exists() && !job.temp().join("config.json").exists());
    }
}

#[test]
fn a_special_file_in_its_place_is_refused_at_once() {
    let (job, door) = (Job::new(), open_door());
    fs::create_dir_all(job.home().join(".docker/config.json")).unwrap();
    let run = with_pat(&job, &door).run();
    assert_outputs(&run, &FAILED);
}

#[test]
fn a_failed_login_leaves_nothing_and_required_fails_the_step() {
    for variable in ["GITHUB_ENV", "GITHUB_STATE"] {
        let (job, door) = (Job::new(), open_door());
        let run = with_pat(&job, &door).env(variable, "/dev/full").input("required", "true").run();
        assert_outputs(&run, &FAILED);
        assert_eq!(run.code, 1);
        assert!(!job.home().join(".docker").exists());
    }
}

#[test]
fn with_login_none_nothing_is_written() {
    let (job, door) = (Job::new(), open_door());
    let run = with_pat(&job, &door).input("login", "none").run();
    assert_outputs(&run, &[("push", "true"), ("logged-in", "false"), ("docker-config", ""), ("credential", "GHCR_PAT")]);
    assert!(run.env.is_empty() && run.state.values().all(String::is_empty) && !job.home().join(".docker").exists());
}

#[test]
fn a_refused_run_writes_nothing() {
    let (job, door) = (Job::new(), FrontDoor::spare());
    assert_outputs(&with_pat(&job, &door).run(), &[("logged-in", "false"), ("docker-config", "")]);
    assert!(!job.home().join(".docker").exists());
}

#[test]
fn an_exported_docker_config_is_merged_into() {
    let (job, door) = (Job::new(), open_door());
    let other = job.temp().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("config.json"), r#"{"auths":{"quay.io":{"auth":"cQ=="}}}"#).unwrap();
    let run = with_pat(&job, &door).env("DOCKER_CONFIG", other.to_str().unwrap()).run();
    assert_outputs(&run, &[("logged-in", "true"), ("docker-config", other.to_str().unwrap())]);
    let config: Value = serde_json::from_slice(&fs::read(other.join("config.json")).unwrap()).unwrap();
    assert_eq!(config["auths"].as_object().unwrap().len(), 2);
    assert!(run.env.is_empty() && !job.home().join(".docker").exists());
}

#[test]
fn a_docker_config_where_no_credential_belongs_is_not_used_and_said_so() {
    type Place = Box<dyn Fn(&Job) -> PathBuf>;
    let made = |path: PathBuf, mode: u32| {
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let rows: [(&str, Place); 5] = [
        ("workspace", Box::new(move |job| made(job.workspace().join(".docker"), 0o700))),
        ("workspace", Box::new(move |job| made(job.workspace().join("deep/er"), 0o700))),
        ("other users", Box::new(move |job| made(job.temp().join("open"), 0o777))),
        ("other users", Box::new(move |job| made(made(job.temp().join("open"), 0o775).join("private"), 0o700))),
        (
            "symlink",
            Box::new(move |job| {
                made(job.temp().join("real/docker"), 0o700);
                std::os::unix::fs::symlink("real", job.temp().join("link")).unwrap();
                job.temp().join("link/docker")
            }),
        ),
    ];
    for (word, make) in rows {
        let (job, door) = (Job::new(), open_door());
        let directory = make(&job);
        let run = with_pat(&job, &door).env("DOCKER_CONFIG", directory.to_str().unwrap()).run();
        let shown = job.home().join(".docker").display().to_string();
        assert_outputs(&run, &[("push", "true"), ("logged-in", "true"), ("docker-config", &shown)]);
        assert_eq!(run.env["DOCKER_CONFIG"], shown);
        assert!(run.stdout.lines().any(|line| line.starts_with("::warning") && line.contains(word)), "{word}: {}", run.log());
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 0, "{}", directory.display());
    }
}

#[test]
fn what_shadows_the_login_is_warned_of() {
    for (config, env, word) in [
        (r#"{"credsStore":"pass"}"#, None, "credsStore"),
        (r#"{"credHelpers":{"HOST":"gh"}}"#, None, "credHelpers"),
        (r#"{"auths":{"HOST/acme":{"auth":"eA=="}}}"#, None, "podman"),
        ("{}", Some("{\"auths\":{\"HOST\":{\"auth\":\"eA==\"}}}"), "DOCKER_AUTH_CONFIG"),
    ] {
        let (job, door) = (Job::new(), open_door());
        seed(&job, config.replace("HOST", door.host()).as_bytes());
        let step = with_pat(&job, &door);
        let step = if let Some(value) = env { step.env("DOCKER_AUTH_CONFIG", &value.replace("HOST", door.host())) } else { step };
        let run = step.run();
        assert_outputs(&run, &[("logged-in", "true")]);
        assert!(run.stdout.lines().any(|line| line.starts_with("::warning") && line.contains(word)), "{word}: {}", run.log());
    }
}

#[test]
fn logins_of_podman_and_buildx_that_are_preferred_are_warned_of_and_ours_is_not() {
    for (variable, path, word) in [
        ("REGISTRY_AUTH_FILE", "auth.json", Some("REGISTRY_AUTH_FILE")),
        ("REGISTRY_AUTH_FILE", "_github_home/.docker/config.json", None),
        ("BUILDX_CONFIG", "builders", Some("buildx")),
        ("BUILDX_CONFIG", "elsewhere", None),
    ] {
        let (job, door) = (Job::new(), open_door());
        let scoped = job.temp().join("builders/config").join(door.host()).join("acme/app");
        fs::create_dir_all(&scoped).unwrap();
        fs::write(scoped.join("config.json"), "{}").unwrap();
        let run = with_pat(&job, &door).env(variable, job.temp().join(path).to_str().unwrap()).run();
        assert_outputs(&run, &[("logged-in", "true")]);
        let warning = run.stdout.lines().find(|line| line.starts_with("::warning"));
        assert_eq!(warning.is_some(), word.is_some(), "{path}: {}", run.log());
        assert!(warning.zip(word).is_none_or(|(warning, word)| warning.contains(word)), "{}", run.log());
    }
}

#[test]
fn parallel_steps_of_a_job_lose_no_login() {
    let job = Job::new();
    let doors: Vec<_> = (0..6).map(|_| FrontDoor::start(Rules::default().allow(PAT))).collect();
    std::thread::scope(|scope| {
        for door in &doors {
            scope.spawn(|| assert_outputs(&with_pat(&job, door).run(), &[("logged-in", "true")]));
        }
    });
    let config = job.docker_config().unwrap();
    assert!(doors.iter().all(|door| config["auths"].get(door.host()).is_some()), "{config}");
}

#[test]
fn a_lock_that_is_never_given_back_ends_the_wait() {
    let (job, door) = (Job::new(), open_door());
    seed(&job, b"{}");
    let held = fs::File::open(job.home().join(".docker")).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let run = with_pat(&job, &door).run();
    assert_outputs(&run, &FAILED);
    assert!(run.seconds >= 10.0, "{}", run.seconds);
}
