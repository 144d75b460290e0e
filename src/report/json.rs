//! The `report` output: the whole answer for machines, on one line.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Report;
use crate::{diagnosis::Fix, github::account::Expiry, registry::verdict::Verdict};

/// The most images and attempts that are told, so that the output stays below the runner's 1 MiB: a name has at most 255
/// characters and a registry as many, and an attempt some 200 more.
const MOST_IMAGES: usize = 500;
const MOST_ATTEMPTS: usize = 600;

/// The report as JSON. `omitted` says how many images and attempts are not in it, if any.
pub fn of(report: &Report) -> Value {
    let kept = kept(report);
    let all = report.attempts().count();
    let attempts = report.attempts().enumerate().filter(|(index, _)| kept.contains(index)).map(|(_, (source, image, attempt))| {
        json!({
            "credential": source,
            "image": image,
            "verdict": attempt.verdict.word(),
            "reason": attempt.verdict.reason().code(),
            "status": attempt.status,
            "said": attempt.said,
            "requests": attempt.requests,
            "millis": u64::try_from(attempt.duration.as_millis()).unwrap_or(u64::MAX),
        })
    });
    let skipped = report.skipped.iter().map(|skipped| json!({ "credential": skipped.source().name(), "reason": skipped.reason().code() }));
    let fixes = report.diagnosis.iter().flat_map(|diagnosis| &diagnosis.fixes);
    let (expiry, expiry_why) = match &report.expiry {
        Some(Expiry::At(_)) => (json!({ "at": report.expires_at() }), None),
        Some(Expiry::Never) => (json!("never"), None),
        Some(Expiry::Unknown(why)) => (json!("unknown"), Some(why)),
        None => (Value::Null, None),
    };
    let mut object = json!({
        "push": report.decision.push(),
        "reason": report.decision.reason.code(),
        "event": {
            "name": report.event,
            "trusted": report.objection.is_none(),
            "reason": report.objection.map_or("trusted", |reason| reason.code()),
        },
        "images": report.images.iter().take(MOST_IMAGES).collect::<Vec<_>>(),
        "attempts": attempts.collect::<Vec<_>>(),
        "skipped": skipped.collect::<Vec<_>>(),
        "credential": report.credential(),
        "expiry": expiry,
        "expiry_why": expiry_why,
        "fix": fixes.map(Fix::with_paste).collect::<Vec<_>>(),
    });
    if let Some(route) = report.route.json() {
        object["transport"] = route;
    }
    if report.images.len() > MOST_IMAGES || kept.len() < all {
        object["omitted"] = json!({ "images": report.images.len().saturating_sub(MOST_IMAGES), "attempts": all - kept.len() });
    }
    object
}

/// The places of the attempts that are told: those that were not allowed go first.
fn kept(report: &Report) -> BTreeSet<usize> {
    let places = |allowed: bool| {
        let attempts = report.attempts().enumerate();
        attempts.filter(move |(_, (_, _, attempt))| (attempt.verdict == Verdict::Allowed) == allowed).map(|(index, _)| index)
    };
    places(false).chain(places(true)).take(MOST_ATTEMPTS).collect()
}
