//! What makes a yes, with whatever answers in whatever order.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ghcr_auth_testbed::{
    front_door::{Answer, FrontDoor},
    job::{Job, Run},
};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::{JOB_TOKEN, PAT, binary};

const IMAGES: [&str; 3] = ["acme/app", "acme/web", "acme/cache"];

/// Statuses of a probe that are not tried again.
const STATUSES: [u16; 12] = [200, 201, 202, 204, 307, 400, 401, 403, 404, 405, 501, 418];

/// What a registry may say to one credential: at the token endpoint, and to the probe of each image.
#[derive(Clone, Debug)]
struct Answers {
    token: u16,
    probes: Vec<u16>,
}

fn answers() -> impl Strategy<Value = Answers> {
    let mostly_yes = prop_oneof![3 => Just(202_u16), 1 => select(STATUSES.to_vec())];
    let token = prop_oneof![5 => Just(200_u16), 1 => select(vec![401_u16, 403, 404])];
    (token, proptest::collection::vec(mostly_yes, IMAGES.len())).prop_map(|(token, probes)| Answers { token, probes })
}

/// Runs both credentials against these answers, the probes' each so many milliseconds late.
fn run(answers: &[Answers; 2], delays: &[u64]) -> (Run, FrontDoor) {
    let (job, door, api) = (Job::new(), FrontDoor::spare(), FrontDoor::spare());
    door.challenge(&format!(r#"Bearer realm="{}/token",service="ghcr.io""#, door.url()));
    let credentials = [PAT, JOB_TOKEN];
    for (credential, answers) in credentials.iter().zip(answers) {
        let bearer = json!({ "token": STANDARD.encode(credential) });
        door.script("GET /token", vec![if answers.token == 200 { Answer::json(200, bearer) } else { Answer::status(answers.token) }]);
        if answers.token != 200 {
            continue;
        }
        for ((image, status), delay) in IMAGES.iter().zip(&answers.probes).zip(delays) {
            let answer = Answer::status(*status).after(Duration::from_millis(*delay));
            door.script(&format!("POST /v2/{image}/blobs/uploads/"), vec![answer]);
        }
    }
    let step = job.step(binary()).input("registry", door.host()).env("GITHUB_API_URL", &api.url());
    let step = step.input("GHCR_PAT", PAT).input("GITHUB_TOKEN", JOB_TOKEN).input("images", &IMAGES.join(","));
    (step.run(), door)
}

/// The outputs without what differs from run to run.
fn said(run: &Run, door: &FrontDoor) -> Value {
    let text = serde_json::to_string(&run.outputs).unwrap().replace(door.host(), "registry");
    let mut outputs: Value = serde_json::from_str(&text).unwrap();
    let mut report: Value = serde_json::from_str(outputs["report"].as_str().unwrap()).unwrap();
    for attempt in report["attempts"].as_array_mut().unwrap() {
        // Whose request fetched the shared token is left to chance; how many there were is not.
        for key in ["millis", "requests"] {
            attempt[key].take();
        }
    }
    outputs["report"] = report;
    outputs["docker-config"].take();
    outputs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_yes_needs_a_201_or_202_for_that_credential_and_every_image(answers in [answers(), answers()]) {
        let (run, door) = run(&answers, &[0; 3]);
        let chosen = run.output("credential");
        let secret = match chosen { "GHCR_PAT" => PAT, "GITHUB_TOKEN" => JOB_TOKEN, _ => "" };
        let proven = |image: &&str| door.requests().iter().any(|request| {
            request.path == format!("/v2/{image}/blobs/uploads/") && request.credential.as_deref() == Some(secret) && matches!(request.status, 201 | 202)
        });
        prop_assert_eq!(run.output("push") == "true", IMAGES.iter().all(proven), "{}", run.log());
        prop_assert_eq!(run.output("push") == "true", !chosen.is_empty());
    }

    #[test]
    fn the_answer_does_not_depend_on_the_order_of_answers(answers in [answers(), answers()], delays in Just(vec![0, 4, 8]).prop_shuffle()) {
        let (one, other) = (run(&answers, &[0; 3]), run(&answers, &delays));
        prop_assert_eq!(said(&one.0, &one.1), said(&other.0, &other.1));
    }
}
