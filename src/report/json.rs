//! The `report` output: the whole answer for machines, on one line.

use serde_json::{Value, json};

use super::Report;
use crate::{diagnosis::Fix, github::account::Expiry};

/// The report as JSON (contract, section 6).
pub fn of(report: &Report) -> Value {
    let attempts = report.attempts().map(|(source, image, attempt)| {
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
    json!({
        "push": report.decision.push(),
        "reason": report.decision.reason.code(),
        "event": {
            "name": report.event,
            "trusted": report.objection.is_none(),
            "reason": report.objection.map_or("trusted", |reason| reason.code()),
        },
        "images": report.images,
        "attempts": attempts.collect::<Vec<_>>(),
        "skipped": skipped.collect::<Vec<_>>(),
        "credential": report.credential(),
        "expiry": expiry,
        "expiry_why": expiry_why,
        "fix": fixes.map(Fix::with_paste).collect::<Vec<_>>(),
    })
}
