//! The post stage, told by others what to do: by `STATE_*` in `GITHUB_ENV`, and by what stands in the state itself.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use ghcr_auth::login::{fingerprint::Fingerprint, state::State};
use ghcr_auth_testbed::{
    event::Event,
    front_door::FrontDoor,
    job::{Job, Step},
};
use serde_json::json;

use super::{assert_outputs, binary, open_door, with_pat};

const BACKUP: &str = ".ghcr-auth-previous-0.json";

/// How main is started.
type Main = for<'a> fn(Step<'a>) -> Step<'a>;

/// What stands in a part of the state.
type Value = Box<dyn Fn(&Job) -> String>;

/// Somebody else's docker directory, with a login of the same registry and what another step keeps for its post stage.
fn others(job: &Job, door: &FrontDoor) -> PathBuf {
    let directory = job.temp().join("others");
    fs::create_dir(&directory).unwrap();
    let auths = json!({ door.host(): { "auth": "dGhlaXJz" }, "quay.io": { "auth": "cQ==" } });
    fs::write(directory.join("config.json"), json!({ "auths": auths, "cliPluginsExtraDirs": ["/plugins"] }).to_string()).unwrap();
    fs::write(directory.join(BACKUP), json!({ "registry": door.host(), "previous": { "auth": "ZXZpbA==" } }).to_string()).unwrap();
    directory
}

fn content(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// A state that names everything of others.
fn forged(directory: &Path, door: &FrontDoor) -> Vec<(&'static str, String)> {
    let value = |name| match name {
        "directory" => directory.display().to_string(),
        "registry" => door.host().to_owned(),
        "fingerprint" => Fingerprint::of("dGhlaXJz").text(),
        "before" => BACKUP.to_owned(),
        "created-plugins" => "/plugins".to_owned(),
        name if name.starts_with("created-") => "true".to_owned(),
        _ => "=/evil".to_owned(),
    };
    State::default().pairs().into_iter().map(|(name, _)| (name, value(name))).collect()
}

#[test]
fn a_state_that_an_earlier_step_exported_is_not_listened_to() {
    let mains: [Main; 7] = [
        |step| step,
        |step| step.event(&Event::fork_pull_request()),
        |step| step.input("login", "none"),
        |step| step.input("verify", "perhaps"),
        |step| step.input("images", "/"),
        |step| step.args(&["x"]),
        |step| step.input("logout", "false"),
    ];
    for (number, main) in mains.into_iter().enumerate() {
        let (job, door) = (Job::new(), open_door());
        let others = others(&job, &door);
        let before = content(&others);
        for (name, value) in forged(&others, &door) {
            job.export(&format!("STATE_{name}"), &value);
        }
        let logs_in = main(with_pat(&job, &door)).run().outputs.get("logged-in").is_some_and(|value| value == "true");
        let keeps = number == 6;
        let run = job.step(binary()).post().run();
        assert_eq!((run.code, content(&others)), (0, before), "{number}: {}", run.log());
        assert!(run.env.values().all(|value| value != "/evil"), "{number}: {:?}", run.env);
        assert_eq!(job.docker_config().is_some(), logs_in && keeps, "{number}");
    }
}

#[test]
fn whatever_one_part_of_the_state_says_nothing_of_others_is_touched() {
    let link = |job: &Job| job.temp().join("link");
    let docker = |job: &Job| job.home().join(".docker");
    let text = |text: &'static str| -> Value { Box::new(move |_| text.to_owned()) };
    let parts: [(&str, Value); 12] = [
        ("directory", Box::new(|job| job.temp().join("others").display().to_string())),
        ("directory", Box::new(move |job| link(job).display().to_string())),
        ("directory", Box::new(|job| job.home().join("../others/../others").display().to_string())),
        ("directory", text("others")),
        ("directory", text("/")),
        ("registry", text("quay.io")),
        ("before", text("../../others/.ghcr-auth-previous-0.json")),
        ("before", text(".ghcr-auth-previous-/../../../others/config.json")),
        ("before", text("config.json")),
        ("before", text(".ghcr-auth-previous-link")),
        ("before", Box::new(|job| job.temp().join("others").join(BACKUP).display().to_string())),
        ("fingerprint", Box::new(|_| Fingerprint::of("dGhlaXJz").text())),
    ];
    for (name, value) in parts {
        let (job, door) = (Job::new(), open_door());
        let others = others(&job, &door);
        symlink(&others, link(&job)).unwrap();
        fs::create_dir(docker(&job)).unwrap();
        fs::write(docker(&job).join("config.json"), r#"{"auths":{"quay.io":{"auth":"cQ=="}},"keep":1}"#).unwrap();
        symlink(others.join(BACKUP), docker(&job).join(".ghcr-auth-previous-link")).unwrap();
        let before = content(&others);
        assert_outputs(&with_pat(&job, &door).run(), &[("logged-in", "true")]);
        let mut state = job.take_state();
        let value = value(&job);
        assert!(state.insert(name.to_owned(), value.clone()).is_some(), "{name}");
        job.set_state(state);
        let run = job.step(binary()).post().run();
        assert_eq!((run.code, content(&others)), (0, before), "{name}={value}: {}", run.log());
        let own = job.docker_config().unwrap();
        assert_eq!((&own["keep"], &own["auths"]["quay.io"]["auth"]), (&json!(1), &json!("cQ==")), "{name}={value}");
        assert!(own["auths"].get(door.host()).is_none_or(|entry| entry["auth"] != "ZXZpbA=="), "{name}={value}");
    }
}
