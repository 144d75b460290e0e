//! docs/reasons.md is generated: from the codes, their meanings, and what the program itself says of each.

use ghcr_auth::{
    credential::Source,
    diagnosis::{
        Fix, Subject, explain,
        situation::{Operation, Situation},
    },
    github::Evidence,
    reason::Reason,
};

use crate::docs::{assert_is_committed, map};

const HEAD: &str = "\
<!-- Generated from src/reason.rs and src/diagnosis/knowledge.rs: GHCR_AUTH_UPDATE_DOCS=1 cargo test --test program docs -->
# Reason codes

Look up the output `reason` of a run: why it happens, and what to do. In a run, the text names your repository, package, and owner, and is
often more specific. If several credentials were rejected, `reason` is that of the first one; `report` has them all, and the event's
own reason, which may also be `trusted`. The codes are [stable](versioning.md).
";

/// What a job's token is refused with most.
const OF_JOBS: [Reason; 5] = [
    Reason::PackagesPermissionMissing,
    Reason::PackageCreationDenied,
    Reason::PackageWriteDenied,
    Reason::PackageReadDenied,
    Reason::ForeignInstallation,
];

/// What only a run knows.
const DETAIL: &str = "the log says how";

const YES: [Reason; 2] = [Reason::Allowed, Reason::Unverified];

#[test]
fn the_page_of_reason_codes_is_generated_from_the_code() {
    assert_is_committed("docs/reasons.md", &page());
}

/// Besides where the codes are declared, explained, recognized and worded.
#[test]
fn every_reason_is_an_answer_of_a_run() {
    let rooms = map::rooms().into_iter().filter(|room| !["reason", "diagnosis", "explain", "report"].contains(&room.as_str()));
    let answers: String = rooms.map(|room| map::source(&room)).collect();
    for reason in Reason::ALL {
        let is_given = answers.contains(&format!("Reason::{reason:?}")) || answers.contains(&format!("Self::{reason:?}"));
        assert!(is_given, "neither src/trust/mod.rs nor src/registry/ answers `{}`", reason.code());
    }
}

fn page() -> String {
    let (event, registry): (Vec<_>, Vec<_>) = Reason::ALL.iter().partition(|reason| reason.is_about_the_event());
    let [event_codes, registry_codes] = [&event, &registry].map(|reasons| codes(reasons));
    let yes: String = YES.iter().map(|reason| format!(" `{}`: {}.", reason.code(), reason.meaning())).collect();
    let [event, registry] = [event, registry].map(|reasons| reasons.into_iter().copied().map(section).collect::<String>());
    format!(
        "{HEAD}\n**The event:** {event_codes}.\n\n**The registry, and everything else:** {registry_codes}.\n\n**A yes:**{yes}\n\n\
         ## The event can't publish\n\n\
         The registry was not asked. [trust.md](trust.md) says which events can publish.\n{event}\n\
         ## The registry, and everything else\n{registry}"
    )
}

/// The codes that have a section, with links to it.
fn codes(reasons: &[&Reason]) -> String {
    let with_section = reasons.iter().filter(|reason| !YES.contains(reason));
    with_section.map(|reason| format!("[`{0}`](#{0})", reason.code())).collect::<Vec<_>>().join(", ")
}

fn section(reason: Reason) -> String {
    if YES.contains(&reason) {
        return String::new();
    }
    let diagnosis = explain(reason, &subject(reason), &Evidence::default());
    let fixes: String = diagnosis.fixes.iter().enumerate().map(|(index, fix)| numbered(index + 1, fix)).collect();
    let title = if diagnosis.title == DETAIL { reason.meaning() } else { &diagnosis.title };
    let (first, rest) = title.split_at(title.len().min(1));
    format!("\n### `{}`\n\n**{}{rest}.** {}\n\n{fixes}", reason.code(), first.to_uppercase(), diagnosis.cause)
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
        detail: DETAIL.into(),
        situation: Situation::own_run(Operation::Push),
        ..Subject::default()
    }
}
