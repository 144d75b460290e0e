//! The post stage: what was there before is there again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ghcr_auth_testbed::{
    front_door::FrontDoor,
    job::{Job, Run},
};
use serde_json::{Value, json};

use super::{FALLBACK, JOB_TOKEN, PAT, assert_outputs, binary, open_door, with_pat};

#[track_caller]
fn post(job: &Job) -> Run {
    let run = job.step(binary()).post().run();
    assert_eq!(run.code, 0, "{}", run.log());
    run
}

fn login(job: &Job, door: &FrontDoor) -> Run {
    let run = with_pat(job, door).run();
    assert_outputs(&run, &[("logged-in", "true")]);
    run
}

/// Whether any file of the job still holds a credential.
#[track_caller]
fn assert_clean(job: &Job) {
    for file in job.files() {
        let content = fs::read(&file).unwrap();
        let holds = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{PAT}"));
        assert!(!holds(PAT.as_bytes()) && !holds(basic.as_bytes()), "{}", file.display());
    }
}

#[test]
fn what_main_made_is_gone() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    post(&job);
    assert!(!job.home().join(".docker").exists());
    assert_clean(&job);
}

#[test]
fn the_previous_entry_is_back() {
    let (job, door) = (Job::new(), open_door());
    let before = json!({ "auths": { door.host(): { "auth": "b2xk" } }, "keep": 1 });
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(job.home().join(".docker/config.json"), before.to_string()).unwrap();
    let run = login(&job, &door);
    assert!(run.raw.values().all(|text| !text.contains("b2xk")), "the previous entry is a secret too");
    let log = post(&job).log();
    assert!(log.contains("restored the earlier login"), "{log}");
    assert_eq!(job.docker_config(), Some(before));
    assert_eq!(fs::read_dir(job.home().join(".docker")).unwrap().count(), 1, "the backup is left");
    assert_clean(&job);
}

#[test]
fn a_later_login_elsewhere_stays() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let path = job.home().join(".docker/config.json");
    let mut config = job.docker_config().unwrap();
    config["auths"]["quay.io"] = json!({ "auth": "cQ==" });
    fs::write(&path, config.to_string()).unwrap();
    post(&job);
    assert_eq!(job.docker_config(), Some(json!({ "auths": { "quay.io": { "auth": "cQ==" } } })));
}

#[test]
fn a_later_login_of_the_same_registry_is_not_ours_to_take() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let theirs = json!({ "auths": { door.host(): { "auth": "bGF0ZXI=" } } });
    fs::write(job.home().join(".docker/config.json"), theirs.to_string()).unwrap();
    post(&job);
    assert_eq!(job.docker_config(), Some(theirs));
}

#[test]
fn two_steps_give_back_in_either_order() {
    for first_goes_first in [false, true] {
        let (job, door) = (Job::new(), open_door());
        login(&job, &door);
        let first = job.take_state();
        let second = job.step(binary()).registry(&door).input("GITHUB_TOKEN", JOB_TOKEN).run();
        assert_outputs(&second, &[("credential", "GITHUB_TOKEN"), ("logged-in", "true")]);
        let second = job.take_state();
        let order = if first_goes_first { [first, second] } else { [second, first] };
        for state in order {
            job.set_state(state);
            post(&job);
        }
        assert!(job.docker_config().is_none_or(|config| config.get("auths").is_none_or(|auths| auths == &json!({}))));
        assert_clean(&job);
    }
}

/// Starts and ends steps with these credentials in an order, and tells what is left and what was said.
fn shared(door: &FrontDoor, order: &[usize], credentials: &[&str], before: Option<&str>) -> (Option<Value>, String) {
    let job = Job::new();
    if let Some(before) = before {
        fs::create_dir(job.home().join(".docker")).unwrap();
        fs::write(config_path(&job), before).unwrap();
    }
    let (mut states, mut log) = ([const { None }; 3], String::new());
    for &step in order {
        if let Some(state) = states[step].take() {
            job.set_state(state);
            log += &post(&job).log();
        } else {
            let run = with_pat(&job, door).input("GHCR_PAT", credentials[step]).run();
            assert_outputs(&run, &[("logged-in", "true")]);
            states[step] = Some(job.take_state());
        }
    }
    assert_eq!(backups(&job), Vec::<PathBuf>::new());
    (job.docker_config().filter(|config| *config != json!({ "auths": {} })), log)
}

#[test]
fn two_jobs_that_share_a_home_leave_what_was_there_in_whatever_order_they_start_and_end() {
    let door = open_door();
    let auth = |token: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{token}"));
    let file = |auth: String| format!(r#"{{"auths":{{"{}":{{"auth":"{auth}"}}}},"n":1}}"#, door.host());
    let files = ["b2xk".to_owned(), auth(PAT), auth(FALLBACK)].map(file);
    let indented = files.each_ref().map(|file| format!("{:#}", serde_json::from_str::<Value>(file).unwrap()));
    let starts: Vec<_> = files.iter().chain(&indented).map(|file| Some(file.as_str())).chain([None]).collect();
    for order in [[0, 1, 0, 1], [0, 1, 1, 0], [0, 0, 1, 1]] {
        for credentials in [[PAT, PAT], [PAT, FALLBACK], [FALLBACK, PAT]] {
            for before in &starts {
                let (left, log) = shared(&door, &order, &credentials, *before);
                assert_eq!(left, before.map(|before| serde_json::from_str(before).unwrap()), "{order:?} {before:?}\n{log}");
                assert!(!log.contains("could not be restored"), "{log}");
            }
        }
    }
}

#[test]
fn a_job_that_ends_changes_the_backups_of_later_jobs_and_of_no_earlier_one() {
    let door = open_door();
    let auth = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{PAT}"));
    let before = json!({ "auths": { door.host(): { "auth": auth } } });
    for order in [[0, 1, 2, 1, 0, 2], [0, 1, 2, 1, 2, 0], [0, 1, 2, 0, 2, 1]] {
        let (left, log) = shared(&door, &order, &[FALLBACK, PAT, FALLBACK], Some(&before.to_string()));
        assert_eq!(left, Some(before.clone()), "{order:?}\n{log}");
    }
}

#[test]
fn post_twice_or_without_main_changes_nothing() {
    let (job, door) = (Job::new(), open_door());
    post(&job);
    login(&job, &door);
    post(&job);
    post(&job);
    assert!(!job.home().join(".docker").exists());
}

#[test]
fn logout_false_keeps_the_login() {
    let (job, door) = (Job::new(), open_door());
    assert_outputs(&with_pat(&job, &door).input("logout", "false").run(), &[("logged-in", "true")]);
    post(&job);
    assert!(job.docker_config().unwrap()["auths"].get(door.host()).is_some());
}

#[test]
fn a_file_that_was_broken_since_is_left_alone() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    let path = job.home().join(".docker/config.json");
    fs::write(&path, "broken").unwrap();
    post(&job);
    assert_eq!(fs::read(&path).unwrap(), b"broken");
}

#[test]
fn what_a_killed_writer_left_is_removed() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    fs::write(job.home().join(".docker/.ghcr-auth.unfinished"), PAT).unwrap();
    post(&job);
    assert_clean(&job);
}

#[test]
fn an_entry_that_was_there_and_is_the_same_survives_a_login_that_failed() {
    let (job, door) = (Job::new(), open_door());
    let auth = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{PAT}"));
    let before = json!({ "auths": { door.host(): { "auth": auth } } });
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(job.home().join(".docker/config.json"), before.to_string()).unwrap();
    assert_outputs(&with_pat(&job, &door).env("GITHUB_ENV", "/dev/full").run(), &[("reason", "login-failed")]);
    post(&job);
    assert_eq!(job.docker_config(), Some(before.clone()));
    login(&job, &door);
    assert_eq!(fs::read_dir(job.home().join(".docker")).unwrap().count(), 1, "nothing is kept of what is the same");
    post(&job);
    assert_eq!(job.docker_config(), Some(before));
}

fn config_path(job: &Job) -> PathBuf {
    job.home().join(".docker/config.json")
}

fn seed_previous(job: &Job, door: &FrontDoor) -> Value {
    let before = json!({ "auths": { door.host(): { "auth": "b2xk" }, "quay.io": { "auth": "cQ==" } } });
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(config_path(job), before.to_string()).unwrap();
    before
}

fn warnings(run: &Run) -> Vec<&str> {
    run.stdout.lines().filter(|line| line.starts_with("::warning")).collect()
}

#[test]
fn our_entry_goes_whatever_became_of_the_file_that_kept_the_previous_one() {
    let changes: [fn(&Path); 5] = [
        |backup| fs::remove_file(backup).unwrap(),
        |backup| fs::write(backup, "").unwrap(),
        |backup| fs::write(backup, &fs::read(backup).unwrap()[..20]).unwrap(),
        |backup| fs::write(backup, "{}").unwrap(),
        |backup| {
            fs::remove_file(backup).unwrap();
            fs::create_dir(backup).unwrap();
        },
    ];
    for change in changes {
        let (job, door) = (Job::new(), open_door());
        seed_previous(&job, &door);
        login(&job, &door);
        let files = fs::read_dir(job.home().join(".docker")).unwrap().map(|entry| entry.unwrap().path());
        change(&files.into_iter().find(|path| !path.ends_with("config.json")).unwrap());
        let run = post(&job);
        assert_eq!(job.docker_config(), Some(json!({ "auths": { "quay.io": { "auth": "cQ==" } } })), "{}", run.log());
        assert!(warnings(&run).len() == 1, "{}", run.log());
        assert_clean(&job);
    }
}

#[test]
fn our_entry_goes_whatever_else_others_wrote_into_it() {
    for member in [json!({ "email": "" }), json!({ "email": "a@b.example", "serveraddress": "x", "zzz": [1] })] {
        let (job, door) = (Job::new(), open_door());
        let before = seed_previous(&job, &door);
        login(&job, &door);
        let mut config = job.docker_config().unwrap();
        config["auths"][door.host()].as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        fs::write(config_path(&job), config.to_string()).unwrap();
        post(&job);
        assert_eq!(job.docker_config(), Some(before));
        assert_clean(&job);
    }
}

#[test]
fn from_a_file_that_was_broken_since_our_login_is_cut_out_and_the_rest_stays() {
    type Break = fn(String) -> String;
    let breaks: [Break; 3] =
        [|text| text + "x", |text| text.replacen('{', "", 1), |text| text.replace("\"auths\"", "\"auths\":{},\"auths\"")];
    for (number, break_it) in breaks.into_iter().enumerate() {
        let (job, door) = (Job::new(), open_door());
        login(&job, &door);
        let broken = break_it(fs::read_to_string(config_path(&job)).unwrap());
        fs::write(config_path(&job), &broken).unwrap();
        let run = post(&job);
        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{PAT}"));
        assert_eq!(fs::read_to_string(config_path(&job)).unwrap(), broken.replace(&basic, ""), "{number}");
        assert!(warnings(&run).len() == 1, "{}", run.log());
        assert_clean(&job);
    }
}

/// The files that keep an earlier login.
fn backups(job: &Job) -> Vec<PathBuf> {
    job.files().into_iter().filter(|path| path.to_string_lossy().contains(".ghcr-auth-previous-")).collect()
}

/// That the earlier login of [`seed_previous`] is in its file still, and that the one warning says where.
#[track_caller]
fn assert_kept(job: &Job, run: &Run) {
    let [backup] = &backups(job)[..] else { panic!("{:?}: {}", backups(job), run.log()) };
    assert!(fs::read_to_string(backup).unwrap().contains("b2xk"));
    let [warning] = warnings(run)[..] else { panic!("{}", run.log()) };
    assert!(warning.contains(backup.to_str().unwrap()) && !warning.contains("b2xk"), "{warning}");
}

#[test]
fn an_earlier_login_that_cannot_be_put_back_stays_in_its_file_and_the_warning_says_where() {
    let changes: [fn(&Path); 6] = [
        |config| fs::create_dir(config.with_file_name(".ghcr-auth.unfinished")).unwrap(),
        |config| {
            fs::rename(config, config.with_file_name("real.json")).unwrap();
            std::os::unix::fs::symlink("real.json", config).unwrap();
        },
        |config| {
            fs::rename(config, config.with_file_name("real.json")).unwrap();
            fs::create_dir(config).unwrap();
        },
        |config| fs::OpenOptions::new().write(true).open(config).unwrap().set_len(17 << 20).unwrap(),
        |config| fs::write(config, fs::read_to_string(config).unwrap() + "x").unwrap(),
        |config| fs::write(config, fs::read_to_string(config).unwrap().replace("\"auths\"", "\"auths\":{},\"auths\"")).unwrap(),
    ];
    for change in changes {
        let (job, door) = (Job::new(), open_door());
        seed_previous(&job, &door);
        login(&job, &door);
        change(&config_path(&job));
        assert_kept(&job, &post(&job));
    }
}

#[test]
fn an_earlier_login_stays_in_its_file_where_a_broken_one_keeps_ours_because_it_was_there_before() {
    let (job, door) = (Job::new(), open_door());
    let auth = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("alice:{PAT}"));
    fs::create_dir(job.home().join(".docker")).unwrap();
    let before = json!({ "auths": { "other.example": { "auth": auth }, door.host(): { "auth": "b2xk" } } });
    fs::write(config_path(&job), before.to_string()).unwrap();
    login(&job, &door);
    fs::write(config_path(&job), "broken").unwrap();
    assert_kept(&job, &post(&job));
}

#[test]
fn a_login_that_is_no_longer_ours_is_a_warning_and_one_that_is_gone_is_none() {
    for (auths, warns) in [(json!({ "HOST": { "auth": "bGF0ZXI=" } }), true), (json!({}), false)] {
        let (job, door) = (Job::new(), open_door());
        login(&job, &door);
        let config = json!({ "auths": auths }).to_string().replace("HOST", door.host());
        fs::write(config_path(&job), config).unwrap();
        let run = post(&job);
        assert_eq!(
            warnings(&run).iter().any(|line| line.contains("A later step replaced the login") && line.contains("config.json")),
            warns,
            "{}",
            run.log()
        );
        assert_eq!(warnings(&run).len(), usize::from(warns));
    }
}

#[test]
fn what_main_exported_has_its_former_value_again() {
    for (before, logout) in
        [(None, "true"), (None, "false"), (Some("/home/runner/.docker"), "true"), (Some("/home/runner/.docker"), "false")]
    {
        let (job, door) = (Job::new(), open_door());
        if let Some(before) = before {
            job.export("DOCKER_CONFIG", before);
        }
        assert_outputs(&with_pat(&job, &door).input("logout", logout).run(), &[("logged-in", "true")]);
        assert_eq!(job.exported()["DOCKER_CONFIG"], job.home().join(".docker").to_str().unwrap());
        let run = post(&job);
        assert_eq!(run.env.into_iter().collect::<Vec<_>>(), [("DOCKER_CONFIG".to_owned(), before.unwrap_or_default().to_owned())]);
    }
}

#[test]
fn what_main_did_not_export_stays() {
    let (job, door) = (Job::new(), open_door());
    let other = job.temp().join("other");
    fs::create_dir(&other).unwrap();
    job.export("DOCKER_CONFIG", other.to_str().unwrap());
    login(&job, &door);
    assert!(post(&job).env.is_empty());
}

/// Actions of others as the real ones do it: what main makes below `DOCKER_CONFIG` or the home, post takes out of there
/// (docker/login-action `docker logout`, docker/setup-buildx-action `buildx rm`).
#[test]
fn posts_of_earlier_steps_find_what_their_mains_left() {
    let (job, door) = (Job::new(), open_door());
    let action = |name: &str, text: &str| {
        let path = job.workspace().join(name);
        ghcr_auth_testbed::script::write(&path, &format!("#!/bin/sh -e\nconfig=${{DOCKER_CONFIG:-$HOME/.docker}}\n{text}\n"));
        path
    };
    let hub =
        action("hub", "if [ -e \"$config/hub\" ]; then rm \"$config/hub\"; else mkdir -p \"$config\"; echo secret >\"$config/hub\"; fi");
    let builder = action(
        "buildx",
        "b=${BUILDX_CONFIG:-$config/buildx}; if [ -e \"$b/1\" ]; then rm \"$b/1\"; else mkdir -p \"$b\"; echo >\"$b/1\"; fi",
    );
    for earlier in [&hub, &builder] {
        assert_eq!(job.run_step(earlier).run().code, 0);
    }
    login(&job, &door);
    post(&job);
    for earlier in [&builder, &hub] {
        assert_eq!(job.run_step(earlier).run().code, 0);
    }
    let left = |name: &str| job.user_home().join(".docker").join(name).exists();
    assert!(!left("hub") && !left("buildx/1"), "a secret or a builder is left");
    assert!(!job.home().join(".docker").exists());
}

#[test]
fn a_logout_before_ours_leaves_only_the_cleaning_up() {
    let (job, door) = (Job::new(), open_door());
    login(&job, &door);
    fs::write(job.home().join(".docker/config.json"), r#"{"auths":{}}"#).unwrap();
    post(&job);
    assert!(!job.home().join(".docker").exists());
}

#[test]
fn a_file_that_there_is_nothing_to_take_back_from_stays_byte_for_byte() {
    let (job, door) = (Job::new(), open_door());
    let before = br#"{"auths":{"quay.io":{"auth":"cQ=="}},  "n": 12345678901234567890123}"#;
    fs::create_dir(job.home().join(".docker")).unwrap();
    fs::write(job.home().join(".docker/config.json"), before).unwrap();
    assert_outputs(&with_pat(&job, &door).env("GITHUB_ENV", "/dev/full").run(), &[("reason", "login-failed")]);
    post(&job);
    assert_eq!(fs::read(job.home().join(".docker/config.json")).unwrap(), before);
}
