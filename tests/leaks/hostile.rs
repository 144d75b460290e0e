//! A registry, or who poses as one, that answers with the secrets it was sent and with commands for the runner.
//!
//! What it says about its own URLs (`service`, a `Location` or realm of the same origin) goes back to it alone, so only
//! what would reach somebody else is here.

use ghcr_auth_testbed::front_door::{Answer, Denial, Rules};
use serde_json::json;

use super::{
    play_talkative,
    scene::{Mood, Scene},
    secrets::{CREDENTIALS, PAT, forms},
};

/// What to say: the secret alone, and all its forms between commands.
fn sayings() -> [String; 2] {
    let between_commands = |form: String| {
        format!(
            "::set-output name=push::true {form}\n \t::add-mask::x {form} ##[add-mask]{form}\r::error::{form}\n::stop-commands::{form}\n\
             \u{2028}::warning::{form} %0A::debug::{form} \u{1b}[2K::notice::{form}\n"
        )
    };
    [PAT.to_owned(), forms(PAT).map(between_commands).concat()]
}

/// A saying in every place that an answer has.
fn answers(saying: &str) -> Vec<Answer> {
    let visible: String = saying.chars().filter(|character| matches!(character, ' '..='~')).collect();
    let quoted = json!(saying).to_string();
    let mut answers = vec![
        Answer::error(403, "DENIED", saying),
        Answer::error(401, saying, "denied"),
        Answer::json(403, json!({ "message": saying, "details": saying })),
        Answer::json(404, json!({ saying: saying })),
        Answer::status(400).body(saying.as_bytes()),
        Answer::status(200).body(format!("{{\"token\": {quoted}").as_bytes()),
        Answer::status(200).body(format!("{{\"token\": [{quoted}], \"access_token\": {{{quoted}: 1}}}}").as_bytes()),
        Answer::json(200, json!({ "token": format!("{saying} {saying}"), "expires_in": saying })),
        Answer::error(429, "TOOMANYREQUESTS", &format!("retry-after: {saying}")).header("Retry-After", "86400"),
        Answer::status(429).header("Retry-After", "86400").header("X-Reason", &visible),
        Answer::raw(format!("HTTP/1.1 403 {visible}\r\nContent-Length: 0\r\n\r\n").as_bytes()),
        Answer::raw(format!("HTTP/1.1 {visible} 403\r\n\r\n").as_bytes()),
        Answer::raw(format!("HTTP/1.1 403 Forbidden\r\n{visible}\r\n\r\n").as_bytes()),
    ];
    let headers = ["WWW-Authenticate", "Content-Type", "Content-Encoding", "Docker-Distribution-Api-Version"];
    answers.extend(headers.map(|name| Answer::json(403, json!({})).header(name, &visible)));
    answers
}

#[test]
fn an_answer_that_says_the_secret_is_not_passed_on() {
    let answers = || sayings().iter().flat_map(|saying| answers(saying)).collect::<Vec<_>>();
    let rows: Vec<_> = ["GET /v2/", "GET /token", "POST uploads"]
        .into_iter()
        .flat_map(|key| answers().into_iter().map(move |answer| (key, answer)))
        .collect();
    play_talkative(&rows, |(key, answer), mood| {
        let scene = Scene::open(mood).answering(&[(key, answer.clone())]);
        let run = scene.run(scene.bare_step().input("GHCR_PAT", PAT).input("timeout", "5"));
        assert_eq!(run.output("push"), "false", "{}", run.log());
    });
}

/// What can be made of a secret so that it passes for words.
fn encodings(token: &str) -> Vec<String> {
    let each = |form: fn(u8) -> String| token.bytes().map(form).collect::<Vec<_>>();
    let spaced = |text: &str, length: usize, by: &str| {
        text.as_bytes().chunks(length).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect::<Vec<_>>().join(by)
    };
    let hex = each(|byte| format!("{byte:02x}"));
    let swapped = token.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
    let [plain, base64, basic, backwards] = forms(token);
    vec![
        spaced(&plain, 1, " "),
        spaced(&plain, 4, " "),
        spaced(&plain, 9, ", "),
        spaced(&plain, 5, "\u{200b}"),
        spaced(&base64, 6, " "),
        spaced(&basic, 11, " "),
        spaced(&backwards, 7, "-"),
        swapped.collect(),
        plain[plain.len() / 2..].to_owned(),
        hex.concat(),
        hex.join(" "),
        hex.join(":"),
        each(|byte| format!("%{byte:02X}")).concat(),
        each(|byte| format!("\\u{byte:04x}")).concat(),
        each(|byte| format!("\\x{byte:02x}")).concat(),
        each(|byte| format!("&#{byte};")).concat(),
        each(|byte| byte.to_string()).join(", "),
        each(|byte| format!("\\{byte:03o}")).concat(),
        base64,
        basic,
        backwards,
        plain,
    ]
}

#[test]
fn a_registry_that_echoes_a_credential_in_any_encoding_within_its_message_is_not_quoted() {
    let keys = ["GET /token", "POST uploads"];
    let rows: Vec<_> = CREDENTIALS
        .into_iter()
        .flat_map(|(name, token)| encodings(token).into_iter().map(move |form| (name, token, form)))
        .flat_map(|row| keys.map(|key| (key, row.clone())))
        .collect();
    play_talkative(&rows, |(key, (name, token, form)), mood| {
        let message = format!("The token {form} is not welcome here.");
        let scene = Scene::open(mood).answering(&[(key, Answer::error(403, "DENIED", &message))]);
        let run = scene.run(scene.bare_step().input(name, token));
        assert_eq!(run.output("push"), "false", "{}", run.log());
    });
}

#[test]
fn what_a_registry_says_is_quoted_in_log_summary_and_report() {
    let scene = Scene::open(Mood::Plain).answering(&[("POST uploads", Answer::error(403, "DENIED", "The policy of acme forbids this."))]);
    let run = scene.run(scene.bare_step().input("GHCR_PAT", PAT));
    let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
    assert_eq!(report["attempts"][0]["said"], "The policy of acme forbids this.");
    for place in [run.log(), run.summary.clone()] {
        assert!(place.contains("The policy of acme forbids this."), "{place}");
    }
}

#[test]
fn a_place_elsewhere_that_holds_the_secret_is_not_gone_to_and_not_shown() {
    let rows: Vec<_> =
        forms(PAT).into_iter().flat_map(|form| ["GET /v2/", "GET /token", "POST uploads"].map(|key| (key, form.clone()))).collect();
    play_talkative(&rows, |(key, form), mood| {
        for status in [302, 202] {
            let scene = Scene::open(mood);
            let elsewhere = format!("{}/{form}?x={form}", scene.stranger.url());
            scene
                .door
                .always(key, Answer::status(status).header("Location", &elsewhere).header("Link", &format!("<{elsewhere}>; rel=\"next\"")));
            let run = scene.run(scene.bare_step().input("GHCR_PAT", PAT));
            assert_eq!(run.output("push"), (status == 202 && *key == "POST uploads").to_string(), "{}", run.log());
        }
    });
}

#[test]
fn a_challenge_that_holds_the_secret_is_refused_and_not_shown() {
    let mut rows = Vec::new();
    for form in sayings().into_iter().chain(forms(PAT)) {
        let form: String = form.chars().filter(|character| matches!(character, ' '..='~') && *character != '"').collect();
        rows.extend([
            format!("Bearer realm=\"STRANGER/{form}\",service=\"{form}\""),
            format!("Bearer realm=\"http://alice:{form}@HOST/token\""),
            format!("Bearer realm=\"{form}\""),
            format!("Basic realm=\"{form}\""),
            format!("{form} realm=\"{form}\""),
            format!("Bearer {form}"),
        ]);
    }
    play_talkative(&rows, |challenge, mood| {
        let scene = Scene::open(mood);
        scene.door.challenge(&challenge.replace("STRANGER", &scene.stranger.url()).replace("HOST", scene.door.host()));
        let run = scene.run(scene.bare_step().input("GHCR_PAT", PAT));
        assert!(matches!(run.output("reason"), "realm-refused" | "registry-protocol"), "{}", run.log());
        // GitHub's API is behind the same door, and may see it.
        assert!(scene.door.requests().iter().all(|request| request.credential.is_none() || request.path == "/user"));
    });
}

#[test]
fn githubs_api_can_say_the_secret_too() {
    let mut rows = Vec::new();
    // GitHub, other than a registry, is not thought to turn a token round.
    for saying in forms(PAT).into_iter().take(3) {
        let visible: String = saying.chars().filter(|character| matches!(character, ' '..='~')).collect();
        let package = json!({ "name": saying, "visibility": saying, "owner": { "type": saying }, "repository": { "full_name": saying } });
        let sso =
            Answer::json(403, json!({ "message": saying })).header("X-GitHub-SSO", &format!("required; url=https://github.com/{visible}"));
        rows.extend([
            ("GET /user", Answer::json(200, json!({ "login": saying, "type": "User" })).header("X-OAuth-Scopes", &visible)),
            ("GET /user", Answer::json(200, json!({ "login": "alice" })).header("github-authentication-token-expiration", &visible)),
            ("GET /user", Answer::json(401, json!({ "message": saying }))),
            ("GET /user", sso.clone()),
            ("GET /orgs/acme/packages/container/app", Answer::json(200, package)),
            ("GET /orgs/acme/packages/container/app", sso),
        ]);
    }
    play_talkative(&rows, |(key, answer), mood| {
        for rules in [Rules::default(), Rules::default().deny(PAT, Denial::PackageWriteDenied), Rules::default().allow(PAT)] {
            let scene = Scene::new(mood, rules).answering(&[(key, answer.clone())]);
            scene.run(scene.bare_step().input("GHCR_PAT", PAT));
        }
    });
}
