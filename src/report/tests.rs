//! What is said of each reason, as one reads it: these snapshots are for people's eyes.

use std::time::Duration;

use super::*;
use crate::{
    candidates::Skipped,
    credential::Malformation,
    diagnosis::{
        self, Subject,
        situation::{Operation, Situation},
    },
    github::{
        Evidence, Fact, Obstacle,
        account::{Account, Expiry, TokenKind},
    },
    registry::{
        Access,
        host::Registry,
        image::Image,
        trial::{Attempt, Trial},
        verdict::Verdict,
    },
};

/// A report of one reason, as a run would make it.
fn report(reason: Reason) -> Report {
    let registry = Registry::parse("ghcr.io").unwrap();
    let image = Image::parse("acme/app", &registry).unwrap();
    let granted = matches!(reason, Reason::Allowed | Reason::Unverified).then_some(Source::GhcrPat);
    let subject = Subject {
        credential: Some(Source::GhcrPat),
        image: image.reference(&registry),
        owner: image.owner().into(),
        package: image.package().into(),
        registry: "ghcr.io".into(),
        repository: "acme/app".into(),
        server: "https://github.com".into(),
        event: "push".into(),
        detail: detail(reason),
        situation: Situation::own_run(Operation::Push),
        ..Subject::default()
    };
    let verdict = verdict(reason);
    let evidence = if matches!(verdict, Some(Verdict::Denied(_))) { evidence() } else { Evidence::default() };
    let attempt = |verdict| Attempt {
        status: Some(if verdict == Verdict::Allowed { 202 } else { 403 }),
        requests: 3,
        duration: Duration::from_millis(85),
        ..Attempt::new(image.clone(), verdict)
    };
    let skipped = (reason == Reason::CredentialMalformed).then_some(Skipped::Malformed(Source::GhcrPat, Malformation::Quoted));
    let why = diagnosis::explain(reason, &subject, &evidence);
    Report {
        diagnosis: granted.is_none().then(|| why.clone()),
        event: "push".into(),
        objection: reason.is_about_the_event().then_some(reason),
        registry: "ghcr.io".into(),
        username: "alice".into(),
        images: vec![image.reference(&registry)],
        trials: verdict.map(|verdict| Trial { source: Some(Source::GhcrPat), attempts: vec![attempt(verdict)] }).into_iter().collect(),
        skipped: skipped.into_iter().collect(),
        login: granted.map(|_| "/home/runner/work/_temp/_github_home/.docker".into()),
        fails_step: matches!(reason, Reason::InvalidInput | Reason::InvalidImage),
        ..Report::bare(Decision { access: Access::Push, granted, reason }, why)
    }
}

fn evidence() -> Evidence {
    let account = Account {
        kind: TokenKind::Classic,
        login: Some("alice".into()),
        is_persons: true,
        scopes: vec!["repo"],
        expiry: Expiry::Never,
        needs_sso: false,
    };
    Evidence { account: Fact::Known(account), package: Fact::Failed(Obstacle::Status(502)), owner: Fact::NotAsked, is_fork: false }
}

fn detail(reason: Reason) -> String {
    match reason {
        Reason::CredentialMalformed => "GHCR_PAT contains quotation marks; save the token without them",
        Reason::InvalidInput => "`timeout` must be a whole number of seconds from 5 to 600",
        Reason::InvalidImage => "`images` entry 1 has no owner; write `owner/name`",
        Reason::LoginFailed => "config.json is not a JSON object with an object under `auths`; it is left as it is",
        _ => "",
    }
    .into()
}

/// What the registry would have said, where it was asked.
fn verdict(reason: Reason) -> Option<Verdict> {
    let unasked = [Reason::Unverified, Reason::NoCredential, Reason::CredentialMalformed, Reason::RegistryServerMismatch];
    let unasked = unasked.contains(&reason) || matches!(reason, Reason::InvalidInput | Reason::InvalidImage | Reason::Internal);
    match reason {
        _ if reason.is_about_the_event() || unasked => None,
        Reason::Allowed | Reason::LoginFailed => Some(Verdict::Allowed),
        Reason::RateLimited | Reason::TlsError | Reason::RealmRefused | Reason::RedirectRefused => Some(Verdict::Unknown(reason)),
        _ if reason.code().starts_with("registry-") => Some(Verdict::Unknown(reason)),
        _ => Some(Verdict::Denied(reason)),
    }
}

#[test]
fn every_reason_reads_well() {
    for reason in Reason::ALL {
        let report = report(*reason);
        let annotations: Vec<_> = log::annotations(&report)
            .into_iter()
            .map(|annotation| format!("[{}: {}] {}", annotation.level.word(), annotation.title, annotation.message))
            .collect();
        let log = [vec![report.message()], log::details(&report), log::explanation(&report)].concat().join("\n");
        let shown = format!("{log}\n\n{}\n\n{}", annotations.join("\n"), summary::markdown(&report));
        insta::assert_snapshot!(reason.code(), shown);
    }
}

#[test]
fn outputs_are_one_line_but_for_the_images_and_agree_with_the_report() {
    for reason in Reason::ALL {
        let report = report(*reason);
        for (name, value) in outputs::pairs(&report) {
            assert!(name == "images" || !value.contains(['\n', '\r']), "{name} of {}", reason.code());
        }
        assert_eq!(json::of(&report)["reason"], reason.code());
        assert_eq!(json::of(&report)["push"], report.decision.push());
    }
}

#[test]
fn there_is_one_annotation_for_the_answer_and_one_for_each_thing_to_mend() {
    for reason in Reason::ALL {
        let annotations = log::annotations(&report(*reason));
        let answers = annotations.iter().filter(|annotation| annotation.title.starts_with("No push: ")).count();
        let calls_for_one = !matches!(reason, Reason::Allowed | Reason::Unverified) && !report(*reason).is_routine();
        assert_eq!(answers, usize::from(calls_for_one), "{}", reason.code());
        assert!(annotations.len() <= 2);
    }
}

#[test]
fn a_summary_is_never_longer_than_64_kib() {
    let mut long = report(Reason::Denied);
    long.notes = vec!["ä".repeat(1000); 100];
    let text = summary::markdown(&long);
    assert!(text.len() <= 64 * 1024 && text.ends_with("(cut)\n"));
}

#[test]
fn text_in_a_summary_is_neither_html_nor_the_end_of_a_cell() {
    let mut hostile = report(Reason::Denied);
    hostile.notes = vec!["<img src=x> | a\n# b".into()];
    let text = summary::markdown(&hostile);
    assert!(text.contains("- &lt;img src=x&gt; \\| a \\# b"), "{text}");
}

/// The images of a report and how many of them the first credential was rejected for, the last ones.
fn several(reason: Reason, images: usize, rejected: usize) -> Report {
    let registry = Registry::parse("ghcr.io").unwrap();
    let mut report = report(reason);
    let names: Vec<_> = (0..images).map(|number| Image::parse(&format!("acme/app{number}"), &registry).unwrap()).collect();
    let attempt = report.trials[0].attempts[0].clone();
    let verdict = |number| if number + rejected < images { Verdict::Allowed } else { attempt.verdict };
    report.trials[0].attempts = names
        .iter()
        .enumerate()
        .map(|(number, image)| Attempt { image: image.clone(), verdict: verdict(number), ..attempt.clone() })
        .collect();
    report.images = names.iter().map(|image| image.reference(&registry)).collect();
    report
}

#[test]
fn all_rejected_images_are_named_and_counted() {
    let report = several(Reason::Denied, 12, 2);
    assert!(report.message().ends_with(" (2 of 12 images: ghcr.io/acme/app10, ghcr.io/acme/app11)."), "{}", report.message());
    assert!(summary::markdown(&report).contains("(2 of 12 images: ghcr.io/acme/app10, ghcr.io/acme/app11)"));
    assert_eq!(several(Reason::Denied, 1, 1).rejected(), Vec::<&str>::new());
    assert!(several(Reason::Denied, 50, 50).message().ends_with(" and 38 more)."));
    assert_eq!(several(Reason::Allowed, 3, 0).message(), "Push allowed: ghcr.io accepted GHCR_PAT for acme/app0, acme/app1, acme/app2.");
}

#[test]
fn a_report_stays_below_the_runners_limit_and_keeps_what_was_rejected() {
    let mut report = several(Reason::Denied, 18_000, 3);
    let long = Image::parse(&format!("{}/{}", "a".repeat(120), "b".repeat(134)), &Registry::parse("ghcr.io").unwrap()).unwrap();
    report.trials[0].attempts.iter_mut().for_each(|attempt| attempt.image = long.clone());
    report.registry = "r".repeat(255);
    report.images = vec![format!("{}/{}", report.registry, long.name()); 18_000];
    let object = json::of(&report);
    assert!(object.to_string().len() < 900 * 1024, "{}", object.to_string().len());
    let denied = object["attempts"].as_array().unwrap().iter().filter(|attempt| attempt["verdict"] == "denied").count();
    assert_eq!((denied, object["omitted"]["attempts"].as_u64()), (3, Some(17_400)));
    assert!(json::of(&several(Reason::Denied, 12, 2)).get("omitted").is_none());
}

#[test]
fn a_yes_is_one_line_and_so_is_a_pull_request() {
    assert_eq!(
        summary::markdown(&report(Reason::Allowed)),
        "### ✅ Push allowed: ghcr.io accepted GHCR\\_PAT for acme/app\n\n".replace("\\_", "_")
    );
    for reason in [Reason::ForkPr, Reason::SameRepoPr, Reason::Dependabot, Reason::MergedPr] {
        let report = report(reason);
        assert!(summary::markdown(&report).starts_with("ℹ️ **No push: ") && log::annotations(&report).is_empty(), "{}", reason.code());
    }
}

#[test]
fn an_outage_is_a_warning_and_no_stop_sign() {
    for reason in [Reason::RateLimited, Reason::RegistryTimeout, Reason::RegistryUnavailable, Reason::RegistryUnreachable] {
        let text = summary::markdown(&report(reason));
        assert!(text.starts_with("### ⚠️ No push: ") && !text.contains('⛔'), "{text}");
    }
    assert!(summary::markdown(&report(Reason::MissingScope)).starts_with("### ⛔ No push: "));
}

#[test]
fn a_rejected_credential_stands_above_everything_else_with_what_to_do() {
    let mut report = report(Reason::Allowed);
    let dead = Attempt { verdict: Verdict::Denied(Reason::BadCredential), ..report.trials[0].attempts[0].clone() };
    report.trials = vec![
        Trial { source: Some(Source::GhcrPat), attempts: vec![dead] },
        Trial { source: Some(Source::GithubToken), ..report.trials[0].clone() },
    ];
    report.decision.granted = Some(Source::GithubToken);
    let why = diagnosis::explain(
        Reason::BadCredential,
        &Subject { server: "https://github.com".into(), ..Subject::default() },
        &Evidence::default(),
    );
    report.others = vec![(Source::GhcrPat, why)];
    let text = summary::markdown(&report);
    let warning = "⚠️ GHCR_PAT was rejected by ghcr.io (bad-credential); this run uses GITHUB_TOKEN instead. ";
    assert!(text.contains(warning) && text.contains("https://github.com/settings/tokens") && !text.contains("<details>"), "{text}");
    let annotations = log::annotations(&report);
    assert_eq!((annotations.len(), annotations[0].title.as_str()), (1, "GHCR_PAT"));
}

#[test]
fn lines_to_paste_do_not_end_their_fence() {
    let mut report = report(Reason::Denied);
    let lines = "a: \"\n```\n<img src=https://evil.example/p.png>\"\n".to_owned();
    report.diagnosis.as_mut().unwrap().fixes[0].paste = Some(lines);
    assert!(summary::markdown(&report).contains("   ````yaml\n   a: \"\n   ```\n   <img"), "{}", summary::markdown(&report));
}
