//! docs/reasons.md is generated: from the codes, their meanings, and what the program itself says of each.

use ghcr_auth::{
    credential::Source,
    diagnosis::{
        Fix, Subject, explain,
        situation::{Operation, Situation},
    },
    github::Evidence,
    inputs::OPT_INS,
    reason::Reason,
};

use crate::docs::assert_is_committed;

const HEAD: &str = "\
<!-- Generated from src/reason.rs and src/diagnosis/knowledge.rs: GHCR_AUTH_UPDATE_DOCS=1 cargo test --test program docs -->
# Reason codes

Look up the output `reason` of a run: what it means, why it happens, and what to do. If several credentials were rejected, `reason` is that
of the first one; `report` has them all, and the event's own reason, which may also be `trusted`. The codes are stable
([versioning.md](versioning.md)).

This page has the general text. In a run it names your repository, package, and owner, and is often more exact.
";

/// What a job's token is refused with most.
const OF_JOBS: [Reason; 5] = [
    Reason::PackagesPermissionMissing,
    Reason::PackageCreationDenied,
    Reason::PackageWriteDenied,
    Reason::PackageReadDenied,
    Reason::ForeignInstallation,
];

const YES: [Reason; 2] = [Reason::Allowed, Reason::Unverified];

#[test]
fn the_page_of_reason_codes_is_generated_from_the_code() {
    assert_is_committed("docs/reasons.md", &page());
}

fn page() -> String {
    let (event, registry): (Vec<_>, Vec<_>) = Reason::ALL.iter().partition(|reason| reason.is_about_the_event());
    let sections: String = Reason::ALL.iter().filter(|reason| !YES.contains(reason)).map(|reason| section(*reason)).collect();
    format!(
        "{HEAD}\n## The event may not publish\n\n{}\n## The answer of the registry, and everything else\n\n{}\n## What to do\n{sections}",
        table(&event, true),
        table(&registry, false),
    )
}

fn table(reasons: &[Reason], with_allow: bool) -> String {
    let head = if with_allow {
        "Nothing was asked of the registry. The last column says whether the input `allow` can lift the refusal.\n\n\
         | Code | Meaning | `allow` |\n|---|---|---|\n"
    } else {
        "| Code | Meaning |\n|---|---|\n"
    };
    let row = |reason: &Reason| {
        let code = reason.code();
        let code = if YES.contains(reason) { format!("`{code}`") } else { format!("[`{code}`](#{code})") };
        let allow = match (with_allow, OPT_INS.contains(reason)) {
            (true, true) => " yes |",
            (true, false) => " never |",
            (false, _) => "",
        };
        format!("| {code} | {} |{allow}\n", reason.meaning())
    };
    head.to_owned() + &reasons.iter().map(row).collect::<String>()
}

fn section(reason: Reason) -> String {
    let diagnosis = explain(reason, &subject(reason), &Evidence::default());
    let fixes: String = diagnosis.fixes.iter().enumerate().map(|(index, fix)| numbered(index + 1, fix)).collect();
    format!("\n### `{}`\n\n{}.\n\n**Why:** {}\n\n{fixes}", reason.code(), reason.meaning(), diagnosis.cause)
}

fn numbered(number: usize, fix: &Fix) -> String {
    let paste = fix.paste.as_ref().map(|lines| {
        let lines: String = lines.lines().map(|line| format!("   {line}\n")).collect();
        format!("\n   ```yaml\n{lines}   ```\n")
    });
    format!("{number}. {}\n{}", fix.text, paste.unwrap_or_default())
}

/// Names that stand for whatever the reader has.
fn subject(reason: Reason) -> Subject {
    Subject {
        credential: Some(if OF_JOBS.contains(&reason) { Source::GithubToken } else { Source::GhcrPat }),
        image: "ghcr.io/OWNER/PACKAGE".into(),
        owner: "OWNER".into(),
        package: "PACKAGE".into(),
        registry: "ghcr.io".into(),
        repository: "OWNER/REPOSITORY".into(),
        server: "https://github.com".into(),
        event: "EVENT".into(),
        detail: "the log says how".into(),
        situation: Situation::own_run(Operation::Push),
        ..Subject::default()
    }
}
