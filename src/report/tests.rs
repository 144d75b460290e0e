//! What is said of each reason, as one reads it: these snapshots are for people's eyes.

use std::time::Duration;

use super::*;
use crate::{
    candidates::Skipped,
    credential::Malformation,
    diagnosis::{self, Subject},
    github::{
        Evidence, Fact, Obstacle,
        account::{Account, Expiry, TokenKind},
    },
    registry::{
        Access,
        host::Registry,
        image::Image,
        probe::{Attempt, Trial},
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
    Report {
        decision: Decision { access: Access::Push, granted, reason },
        diagnosis: granted.is_none().then(|| diagnosis::explain(reason, &subject, &evidence)),
        others: Vec::new(),
        event: "push".into(),
        objection: reason.is_about_the_event().then_some(reason),
        registry: "ghcr.io".into(),
        username: "alice".into(),
        images: vec![image.reference(&registry)],
        trials: verdict.map(|verdict| Trial { source: Some(Source::GhcrPat), attempts: vec![attempt(verdict)] }).into_iter().collect(),
        skipped: skipped.into_iter().collect(),
        login: granted.map(|_| "/home/runner/work/_temp/_github_home/.docker".into()),
        expiry: None,
        package_settings: None,
        notes: Vec::new(),
        remarks: Vec::new(),
        warnings: Vec::new(),
        fails_step: matches!(reason, Reason::InvalidInput | Reason::InvalidImage),
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
        Reason::CredentialMalformed => "GHCR_PAT has quotation marks in it; save the bare token",
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
        let annotations: Vec<_> = log::annotations(&report).into_iter().map(|(level, text)| format!("[{}] {text}", level.word())).collect();
        let shown = format!("{}\n\n{}\n\n{}", log::text(&report), annotations.join("\n"), summary::markdown(&report));
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
        let answers = annotations.iter().filter(|(_, text)| text.starts_with("No push: ")).count();
        assert_eq!(answers, usize::from(!matches!(reason, Reason::Allowed | Reason::Unverified)), "{}", reason.code());
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
    assert!(text.contains("- &lt;img src=x> \\| a # b"), "{text}");
}
