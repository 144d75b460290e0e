use std::collections::BTreeSet;

use super::{
    entry::MOST_FIXES,
    knowledge::ENTRIES,
    situation::{Clue, Held, Operation, Place, Situation},
    *,
};
use crate::{
    github::{
        Fact, OwnerKind,
        account::{Account, Expiry, TokenKind},
        package::Package,
    },
    registry::failure::{Dates, Distrust},
};

fn subject(credential: Source) -> Subject {
    Subject {
        credential: Some(credential),
        image: "ghcr.io/acme/app/cache".into(),
        owner: "acme".into(),
        package: "app/cache".into(),
        registry: "ghcr.io".into(),
        repository: "acme/app".into(),
        server: "https://github.com".into(),
        event: "push".into(),
        detail: "`timeout` must be a number".into(),
        situation: Situation::own_run(Operation::Push),
        ..Subject::default()
    }
}

/// Every situation that a log can show, without further clues.
fn of_logs() -> impl Iterator<Item = Situation> {
    Operation::ALL.into_iter().flat_map(|operation| {
        Place::ALL
            .into_iter()
            .flat_map(move |place| Held::ALL.into_iter().map(move |held| Situation { operation, place, held, ..Situation::default() }))
    })
}

/// What a log that names neither image nor repository is explained with.
fn of_log(reason: Reason, situation: &Situation) -> Diagnosis {
    let subject =
        Subject { registry: "ghcr.io".into(), said: "denied: by policy".into(), situation: situation.clone(), ..Subject::default() };
    explain(reason, &subject, &Evidence::default())
}

fn all_of(diagnosis: &Diagnosis) -> String {
    let fixes = diagnosis.fixes.iter().map(Fix::with_paste);
    [diagnosis.title.clone(), diagnosis.cause.clone()].into_iter().chain(fixes).collect::<Vec<_>>().join("\n")
}

fn account(kind: TokenKind) -> Account {
    Account { kind, login: Some("octo".into()), is_persons: true, scopes: Vec::new(), expiry: Expiry::Never, needs_sso: false }
}

fn with_account(account: Account) -> Evidence {
    Evidence { account: Fact::Known(account), ..Evidence::default() }
}

fn with_package(repository: Option<&str>) -> Evidence {
    let package = Package::Exists { repository: repository.map(str::to_owned), visibility: "private".into(), owner: None };
    Evidence { package: Fact::Known(package), ..Evidence::default() }
}

fn refusals() -> impl Iterator<Item = Reason> {
    Reason::ALL.iter().copied().filter(|reason| !matches!(reason, Reason::Allowed | Reason::Unverified))
}

#[test]
fn every_refusal_is_explained_and_nothing_else_is() {
    let codes: BTreeSet<_> = refusals().collect();
    let explained: BTreeSet<_> = ENTRIES.iter().flat_map(|entry| entry.codes.iter().copied()).collect();
    let odd: Vec<_> = codes.symmetric_difference(&explained).collect();
    assert!(odd.is_empty(), "src/diagnosis/knowledge.rs has no entry for {odd:?}, or one for no refusal");
}

#[test]
fn every_situation_gets_a_short_answer_that_is_whole() {
    for (reason, situation) in refusals().flat_map(|reason| of_logs().map(move |situation| (reason, situation))) {
        let diagnosis = of_log(reason, &situation);
        let text = all_of(&diagnosis);
        assert!(
            text.len() < 1600 && (1..=MOST_FIXES).contains(&diagnosis.fixes.len()),
            "src/diagnosis/knowledge.rs, {} {situation:?}\n{text}",
            reason.code()
        );
        assert!(!text.contains(['\u{0}', '\t']) && !text.contains("  .") && !text.contains("``"), "{text}");
        assert!(!text.replace("${{", "").replace("${GITHUB", "").contains('{'), "{text}");
    }
}

#[test]
fn who_only_pulls_is_never_told_to_get_the_right_to_write() {
    let reasons = [
        Reason::BadCredential,
        Reason::MissingScope,
        Reason::FineGrainedPat,
        Reason::PackageReadDenied,
        Reason::ForeignInstallation,
        Reason::Denied,
        Reason::NoCredential,
        Reason::RateLimited,
        Reason::RegistryUnreachable,
        Reason::RegistryTimeout,
        Reason::RegistryUnavailable,
        Reason::TlsError,
    ];
    let pulls = || of_logs().filter(|situation| situation.operation == Operation::Pull);
    for (reason, situation) in reasons.into_iter().flat_map(|reason| pulls().map(move |situation| (reason, situation))) {
        let text = all_of(&of_log(reason, &situation));
        for word in ["write:packages", "packages: write", "role Write", "docker push"] {
            assert!(!text.contains(word), "{} {situation:?}\n{text}", reason.code());
        }
    }
}

#[test]
fn outside_a_workflow_nobody_is_told_of_inputs_jobs_and_permissions() {
    let reasons = || refusals().filter(|reason| !reason.is_about_the_event() && *reason != Reason::InvalidInput);
    let outside = of_logs().filter(|situation| matches!(situation.place, Place::Desktop | Place::Cluster | Place::Appliance));
    for (situation, reason) in outside.flat_map(|situation| reasons().map(move |reason| (situation.clone(), reason))) {
        if matches!(reason, Reason::PackagesPermissionMissing | Reason::PackageCreationDenied | Reason::LoginFailed) {
            continue;
        }
        let text = all_of(&of_log(reason, &situation));
        for word in [
            "permissions:\n",
            "secrets.",
            "/secrets",
            "the job again",
            "erun the job",
            "inputs",
            "` input",
            "`registry`",
            "allow:",
            "the runner",
        ] {
            assert!(!text.contains(word), "{word}: {} {situation:?}\n{text}", reason.code());
        }
    }
}

#[test]
fn clusters_and_only_they_are_told_of_pull_secrets() {
    for (reason, situation) in [Reason::BadCredential, Reason::Denied, Reason::NoCredential]
        .into_iter()
        .flat_map(|reason| of_logs().map(move |situation| (reason, situation)))
        .filter(|(_, situation)| situation.operation == Operation::Pull)
    {
        let told = all_of(&of_log(reason, &situation)).contains("imagePullSecrets");
        assert_eq!(told, situation.place == Place::Cluster, "{} {situation:?}", reason.code());
    }
}

#[test]
fn what_is_not_known_is_named_in_general_words() {
    let diagnosis = of_log(Reason::PackageWriteDenied, &Situation { operation: Operation::Push, ..Situation::default() });
    assert!(diagnosis.fixes[0].text.contains("the repository that runs the workflow"), "{diagnosis:?}");
    assert!(!all_of(&diagnosis).contains("github.com/orgs/") && diagnosis.links.is_empty(), "{diagnosis:?}");
}

#[test]
fn an_owner_of_unknown_kind_is_given_both_addresses() {
    let diagnosis = explain(Reason::PackageWriteDenied, &subject(Source::GithubToken), &Evidence::default());
    assert!(diagnosis.fixes[0].text.contains("/orgs/acme/packages/") && diagnosis.fixes[0].text.contains("/users/acme/"), "{diagnosis:?}");
}

#[test]
fn every_explanation_is_whole_and_short_has_a_fix_and_well_formed_links() {
    for reason in refusals() {
        let diagnosis = explain(reason, &subject(Source::GhcrPat), &Evidence::default());
        assert_eq!(diagnosis.code, reason);
        let fits = !diagnosis.title.is_empty() && !diagnosis.title.ends_with('.') && diagnosis.title.len() < 120;
        assert!(fits, "src/diagnosis/knowledge.rs, {}: `{}`", reason.code(), diagnosis.title);
        assert!(diagnosis.cause.ends_with('.') && diagnosis.cause.len() < 400, "{}", diagnosis.cause);
        assert!(!diagnosis.fixes.is_empty(), "{}", reason.code());
        let texts = diagnosis.fixes.iter().map(|fix| &fix.text).chain([&diagnosis.title, &diagnosis.cause]);
        assert!(texts.into_iter().all(|text| !text.contains(['\n', '{', '}'])), "{diagnosis:?}");
        for link in &diagnosis.links {
            let url = reqwest::Url::parse(&link.url).unwrap();
            assert!(url.scheme() == "https" && !link.url.contains(['{', ' ']), "{}", link.url);
        }
    }
}

#[test]
fn the_settings_page_of_a_nested_package_is_one_click_away() {
    let fix = |owner| {
        let evidence = Evidence { owner: Fact::Known(owner), ..Evidence::default() };
        explain(Reason::PackageWriteDenied, &subject(Source::GithubToken), &evidence).fixes[0].text.clone()
    };
    assert!(fix(OwnerKind::Organization).contains("https://github.com/orgs/acme/packages/container/app%2Fcache/settings"));
    assert!(fix(OwnerKind::User).contains("https://github.com/users/acme/packages/container/app%2Fcache/settings"));
}

#[track_caller]
fn assert_title(reason: Reason, source: Source, evidence: &Evidence, title: &str) {
    assert_eq!(explain(reason, &subject(source), evidence).title, title);
}

#[test]
fn packages_that_are_linked_here_elsewhere_or_not_at_all_are_told_apart() {
    let of = |evidence: &Evidence| explain(Reason::PackageWriteDenied, &subject(Source::GithubToken), evidence);
    assert!(of(&with_package(None)).title.contains("isn't linked to a repository"));
    assert!(of(&with_package(Some("acme/old"))).title.contains("belongs to acme/old"));
    assert!(of(&with_package(Some("Acme/App"))).cause.contains("linked to acme/app, but doesn't let its jobs write"));
    assert!(
        explain(Reason::PackageWriteDenied, &subject(Source::GhcrPat), &with_package(None)).cause.contains("its owner has no Write role")
    );
}

#[test]
fn a_job_whose_workflow_runs_on_push_and_only_it_is_promised_that_the_merge_publishes() {
    let fix = |clue: Option<Clue>| {
        let mut situation = Situation::own_run(Operation::Push);
        situation.clues.extend(clue);
        explain(Reason::ForkPr, &Subject { situation, ..subject(Source::GithubToken) }, &Evidence::default()).fixes.remove(0)
    };
    assert!(fix(Some(Clue::RunsOnPush)).text.contains("the `push` event publishes it"));
    assert!(fix(Some(Clue::NeverRunsOnPush)).paste.unwrap().contains("push:"));
    assert!(fix(None).text.contains("A workflow that runs on `push` can publish it"));
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_apart_with_both_dates() {
    let cause = |distrust| {
        let subject = Subject { failure: Some(Failure::Tls(distrust)), detail: String::new(), ..subject(Source::GhcrPat) };
        let diagnosis = explain(Reason::TlsError, &subject, &Evidence::default());
        format!("{}: {} {}", diagnosis.title, diagnosis.cause, diagnosis.fixes[0].text)
    };
    let dates = Some(Dates { now: 1_795_657_080, limit: 1_767_225_600 });
    let expired = cause(Distrust::Expired(dates));
    for told in ["has expired", "This one's limit is 2026-01-01 00:00:00 UTC, and the clock of this machine says 2026-11-26 ", "`date -u`"]
    {
        assert!(expired.contains(told), "{expired}");
    }
    assert!(cause(Distrust::NotYetValid(dates)).contains("is not valid yet"));
    assert!(cause(Distrust::NotYetValid(None)).contains("This machine's clock may be wrong."));
    assert!(cause(Distrust::OtherHost).contains("belongs to another host than ghcr.io"));
    assert!(cause(Distrust::UnknownRoot).contains("trusted here"));
    assert!(cause(Distrust::Other).starts_with("no trusted TLS connection"));
    let nothing = cause(Distrust::NothingInCommon);
    assert!(nothing.starts_with("no TLS version or cipher suite in common with ghcr.io") && nothing.contains("AES-GCM"), "{nothing}");
    assert!(!nothing.contains("trusted") && !nothing.contains("root certificate"), "{nothing}");
}

#[test]
fn single_sign_on_is_named_with_its_page() {
    let evidence = with_account(Account { needs_sso: true, ..account(TokenKind::Classic) });
    for reason in
        [Reason::BadCredential, Reason::Denied, Reason::PackageWriteDenied, Reason::PackageReadDenied, Reason::PackageCreationDenied]
    {
        let diagnosis = explain(reason, &subject(Source::GhcrPat), &evidence);
        assert_eq!(diagnosis.title, "GHCR_PAT is not authorized for acme's single sign-on");
        assert!(diagnosis.fixes[0].text.contains("https://github.com/orgs/acme/sso "));
    }
}

#[test]
fn tokens_that_are_dead_alive_fine_grained_or_an_apps_are_told_apart() {
    let bad = |kind| explain(Reason::BadCredential, &subject(Source::GhcrPat), &with_account(account(kind))).cause;
    assert!(bad(TokenKind::Dead).starts_with("GitHub's API doesn't accept the token either"));
    assert!(bad(TokenKind::Classic).starts_with("GitHub's API accepts the token but the registry doesn't"));
    assert_title(
        Reason::MissingScope,
        Source::GhcrPat,
        &with_account(account(TokenKind::FineGrained)),
        "GHCR_PAT is a fine-grained PAT, which ghcr.io doesn't accept",
    );
    assert_title(
        Reason::PackagesPermissionMissing,
        Source::GhcrPat,
        &with_account(account(TokenKind::Installation)),
        "GHCR_PAT is a GitHub App's token, which can't write container packages",
    );
    assert_title(
        Reason::PackagesPermissionMissing,
        Source::GithubToken,
        &Evidence::default(),
        "GITHUB_TOKEN can't write packages in this job",
    );
}

#[test]
fn nobody_is_told_to_save_a_secret_under_the_jobs_tokens_name() {
    for reason in refusals() {
        let diagnosis = explain(reason, &subject(Source::GithubToken), &Evidence::default());
        let texts: Vec<_> = diagnosis.fixes.iter().map(|fix| fix.text.as_str()).collect();
        assert!(!texts.join(" ").contains("secret GITHUB_TOKEN") && !texts.join(" ").contains("drop GITHUB_TOKEN"), "{}", reason.code());
    }
}

#[test]
fn the_workflow_file_gives_the_place_and_the_lines() {
    let permission = Permission::Missing {
        place: ".github/workflows/ci.yml gives the job `build` no `packages` permission (line 7).".into(),
        instruction: "In .github/workflows/ci.yml, line 7, write:".into(),
        lines: "permissions:\n  packages: write\n".into(),
    };
    let diagnosis =
        explain(Reason::PackagesPermissionMissing, &Subject { permission, ..subject(Source::GithubToken) }, &Evidence::default());
    assert_eq!(diagnosis.title, "the job lacks `packages: write`");
    assert_eq!(diagnosis.cause, ".github/workflows/ci.yml gives the job `build` no `packages` permission (line 7).");
    let fix = Fix { text: "In .github/workflows/ci.yml, line 7, write:".into(), paste: Some("permissions:\n  packages: write\n".into()) };
    assert_eq!(diagnosis.fixes, [fix]);
    let granted = Permission::Granted { place: ".github/workflows/ci.yml gives the job `packages: write`.".into() };
    let diagnosis =
        explain(Reason::PackagesPermissionMissing, &Subject { permission: granted, ..subject(Source::GithubToken) }, &Evidence::default());
    assert_eq!(diagnosis.title, "the job asks for `packages: write` but doesn't get it");
}

#[test]
fn what_was_found_out_is_shown_and_what_was_not_is_said() {
    let diagnosis = explain(Reason::Denied, &subject(Source::GhcrPat), &with_account(account(TokenKind::Classic)));
    let lines: Vec<_> = diagnosis.evidence.iter().map(|(name, finding)| format!("{name}: {finding}")).collect();
    assert_eq!(lines, ["Token: a classic PAT", "Token's owner: octo", "Scopes: none", "Package: not asked", "Owner: not asked"]);
}
