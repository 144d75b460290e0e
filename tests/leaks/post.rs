//! The post stage in each of its forms, and what is left after it.

use std::fs;

use serde_json::{Value, json};

use super::{
    play,
    scene::Scene,
    secrets::{PAT, PREVIOUS, basic},
    trace::is_backup,
};

fn entry(auth: &str) -> Value {
    json!({ "auth": auth })
}

/// The login stands; `change` is what a later step does to it.
#[track_caller]
fn after_a_login(scene: &Scene, change: impl Fn(&Scene)) -> String {
    let run = scene.step().run();
    assert_eq!(run.output("logged-in"), "true", "{}", run.log());
    scene.examine(&run);
    change(scene);
    scene.post().log()
}

fn auths(scene: &Scene) -> Value {
    scene.job.docker_config().map_or(Value::Null, |config| config["auths"].clone())
}

#[test]
fn the_previous_entry_is_restored() {
    play(&[()], |(), mood| {
        let scene = Scene::open(mood);
        let log = after_a_login(&scene, |scene| {
            let backups = scene.job.files().into_iter().filter(|path| is_backup(path)).count();
            assert_eq!(backups, 1);
        });
        assert!(log.contains("restored the earlier login"), "{log}");
        assert_eq!(auths(&scene), json!({ scene.door.host(): entry(&basic("previous", PREVIOUS)) }));
    });
}

#[test]
fn a_login_where_none_was_is_removed() {
    play(&[()], |(), mood| {
        let scene = Scene::open(mood);
        fs::remove_dir_all(scene.job.home().join(".docker")).unwrap();
        let run = scene.step().run();
        assert_eq!(run.output("logged-in"), "true");
        assert!(scene.post().log().contains("Logged out of"));
        assert!(!scene.job.home().join(".docker").exists());
    });
}

#[test]
fn what_a_later_step_did_is_left_alone() {
    type Change = fn(&Scene);
    let rows: [(Change, &str); 6] = [
        (
            |scene| scene.write_config(&json!({ "auths": { scene.door.host(): entry("bGF0ZXI6bG9naW4=") } }).to_string()),
            "A later step replaced the login",
        ),
        (|scene| scene.write_config(r#"{"auths":{}}"#), "Nothing to log out of"),
        (|scene| scene.write_config("broken"), "was left in place"),
        (|scene| scene.write_config(""), "Nothing to log out of"),
        (|scene| fs::remove_file(scene.config()).unwrap(), "Nothing to log out of"),
        (|scene| fs::remove_dir_all(scene.job.home().join(".docker")).unwrap(), "Nothing to log out of"),
    ];
    play(&rows, |(change, said), mood| {
        let scene = Scene::open(mood);
        let log = after_a_login(&scene, change);
        assert!(log.contains(said), "{log}");
        let left = fs::read_to_string(scene.config()).unwrap_or_default();
        assert!(!left.contains(&basic("alice", PAT)) && !left.contains(&basic("previous", PREVIOUS)));
    });
}

#[test]
fn a_config_that_cannot_be_read_is_told_without_its_content() {
    play(&[()], |(), mood| {
        let scene = Scene::open(mood);
        let log = after_a_login(&scene, |scene| {
            fs::remove_file(scene.config()).unwrap();
            fs::create_dir(scene.config()).unwrap();
        });
        assert!(log.contains("Could not log out of"), "{log}");
    });
}

#[test]
fn a_post_stage_of_a_login_that_was_kept_or_never_made_says_nothing() {
    play(&["logout", "login"], |input, mood| {
        let scene = Scene::open(mood);
        let run = scene.step().input(input, if *input == "logout" { "false" } else { "none" }).run();
        assert_eq!(run.output("push"), "true");
        scene.examine(&run);
        let post = scene.bare_step().post().run();
        scene.examine(&post);
        assert_eq!(post.log(), "");
    });
}
