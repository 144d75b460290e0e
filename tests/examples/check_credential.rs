//! The scheduled look at a PAT, with the real `gh`.

use std::process::Command;

use ghcr_auth_testbed::event::Event;
use ghcr_auth_testbed::front_door::{Answer, Rules};
use serde_json::json;

use crate::examples::act::{Act, Runner};
use crate::examples::scene::Scene;
use crate::examples::{JOB_TOKEN, PAT};

ghcr_auth_testbed::tests![
    a_pat_that_expires_soon_opens_one_issue,
    a_pat_that_never_expires_is_told_from_one_that_could_not_be_asked_about,
    a_dead_pat_opens_an_issue_and_an_outage_none,
];

const ISSUES: &str = "/repos/acme/app/issues";

/// The scene, and how to look at the PAT when it expires in so many days.
struct Monday(Scene);

impl Monday {
    fn new(rules: Rules) -> Self {
        let scene = Scene::with(&["check-credential.yml"], rules);
        scene.door.always(&format!("POST {ISSUES}"), Answer::json(201, json!({"number": 1})));
        let monday = Self(scene);
        monday.open_issues(&["Something else"]);
        monday
    }

    fn open_issues(&self, titles: &[&str]) {
        let issues: Vec<_> = titles.iter().map(|title| json!({"title": title})).collect();
        self.0.door.always(&format!("GET {ISSUES}"), Answer::json(200, json!(issues)));
    }

    fn expires_in(&self, days: u32) {
        let date = Command::new("date").args(["--utc", "--date", &format!("{days} days"), "+%F %T UTC"]).output().unwrap();
        let date = String::from_utf8(date.stdout).unwrap();
        let user = Answer::json(200, json!({"login": "acme-deploy", "type": "User"}));
        self.0.door.always("GET /user", user.header("GitHub-Authentication-Token-Expiration", date.trim()));
    }

    fn act(&self) -> Act<'_> {
        self.0.act(Runner::Hosted).event(Event::schedule()).secret("GHCR_PAT", PAT).secret("GITHUB_TOKEN", JOB_TOKEN)
    }

    /// Looks, and counts the issues that were opened ever since.
    fn opened(&self) -> usize {
        let run = self.act().run();
        run.assert_green();
        self.0.door.requests().iter().filter(|request| request.key() == format!("POST {ISSUES}")).count()
    }
}

fn a_pat_that_expires_soon_opens_one_issue() {
    let monday = Monday::new(Rules::default().allow(PAT));
    monday.expires_in(300);
    assert_eq!(monday.opened(), 0);
    monday.expires_in(5);
    assert_eq!(monday.opened(), 1);
    monday.open_issues(&["Something else", "Renew the secret GHCR_PAT"]);
    assert_eq!(monday.opened(), 1);
}

fn a_pat_that_never_expires_is_told_from_one_that_could_not_be_asked_about() {
    let monday = Monday::new(Rules::default().allow(PAT));
    let user = Answer::json(200, json!({"login": "acme-deploy", "type": "User"})).header("X-OAuth-Scopes", "write:packages");
    for (answer, is_warned) in [(user, false), (Answer::status(500), true)] {
        monday.0.door.always("GET /user", answer);
        let run = monday.act().run();
        run.assert_green();
        // act shows the script, too.
        let said = run.log().replace("could not be asked: $WHY", "");
        assert_eq!(said.contains("when it expires could not be asked"), is_warned, "{}", run.log());
    }
    assert_eq!(monday.opened(), 0);
}

fn a_dead_pat_opens_an_issue_and_an_outage_none() {
    let monday = Monday::new(Rules::default().allow(JOB_TOKEN));
    assert_eq!(monday.opened(), 1);
    let refused = monday.0.door.requests().into_iter().filter(|request| request.path == "/token");
    assert!(refused.into_iter().all(|request| request.credential.as_deref() == Some(PAT)));
    monday.0.door.always("GET /token", Answer::status(503));
    assert_eq!(monday.opened(), 1);
}
