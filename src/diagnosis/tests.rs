use std::collections::BTreeSet;

use super::*;
use crate::{
    github::{
        Fact,
        account::{Account, Expiry, TokenKind},
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
        permission: Permission::Unknown,
        failure: None,
    }
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
    let codes: BTreeSet<_> = refusals().map(|reason| reason.code().to_owned()).collect();
    assert_eq!(knowledge().unwrap().into_keys().collect::<BTreeSet<_>>(), codes);
}

#[test]
fn every_variant_that_can_be_chosen_is_there_and_no_other() {
    let known = knowledge().unwrap().into_iter().flat_map(|(code, entry)| entry.variants.into_keys().map(move |name| (code.clone(), name)));
    let named =
        variant::VARIANTS.iter().flat_map(|(reason, names)| names.iter().map(|name| (reason.code().to_owned(), (*name).to_owned())));
    assert_eq!(known.collect::<BTreeSet<_>>(), named.collect());
}

#[test]
fn every_explanation_is_whole_and_short_has_a_fix_and_well_formed_links() {
    for reason in refusals() {
        let diagnosis = explain(reason, &subject(Source::GhcrPat), &Evidence::default());
        assert_eq!(diagnosis.code, reason);
        assert!(!diagnosis.title.is_empty() && !diagnosis.title.ends_with('.') && diagnosis.title.len() < 120, "{}", diagnosis.title);
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
fn every_variant_is_whole_too() {
    for (code, entry) in knowledge().unwrap() {
        for (name, variant) in entry.variants {
            assert!(variant.title.is_none_or(|title| !title.ends_with('.')), "{code} {name}");
            assert!(variant.cause.is_none_or(|cause| cause.ends_with('.') || cause.ends_with('}')), "{code} {name}");
            assert!(variant.fixes.is_none_or(|fixes| !fixes.is_empty()), "{code} {name}");
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
    assert!(of(&with_package(None)).title.contains("not linked to a repository"));
    assert!(of(&with_package(Some("acme/old"))).title.contains("belongs to acme/old"));
    assert!(of(&with_package(Some("Acme/App"))).cause.contains("linked to acme/app, but does not let its jobs write"));
    assert!(
        explain(Reason::PackageWriteDenied, &subject(Source::GhcrPat), &with_package(None)).cause.contains("its owner has no Write role")
    );
}

#[test]
fn a_credential_that_is_not_known_is_not_guessed_at() {
    for reason in [Reason::PackageWriteDenied, Reason::PackageReadDenied, Reason::PackageCreationDenied, Reason::PackagesPermissionMissing]
    {
        let unknown = Subject { credential: None, ..subject(Source::GhcrPat) };
        assert_eq!(variant::of(reason, &unknown, &Evidence::default()), None, "{}", reason.code());
    }
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
    for told in ["has expired", "This one's limit is 2026-01-01 00:00 UTC, and the clock of this machine says 2026-11-26 ", "`date -u`"] {
        assert!(expired.contains(told), "{expired}");
    }
    assert!(cause(Distrust::NotYetValid(dates)).contains("is not valid yet"));
    assert!(cause(Distrust::NotYetValid(None)).contains("This machine's clock may be wrong."));
    assert!(cause(Distrust::OtherHost).contains("is not one of ghcr.io"));
    assert!(cause(Distrust::UnknownRoot).contains("trusted here"));
    assert!(cause(Distrust::Other).starts_with("no trusted TLS connection"));
}

#[test]
fn single_sign_on_is_named_with_its_page() {
    let evidence = with_account(Account { needs_sso: true, ..account(TokenKind::Classic) });
    for reason in
        [Reason::BadCredential, Reason::Denied, Reason::PackageWriteDenied, Reason::PackageReadDenied, Reason::PackageCreationDenied]
    {
        let diagnosis = explain(reason, &subject(Source::GhcrPat), &evidence);
        assert_eq!(diagnosis.title, "single sign-on of acme is not authorised for GHCR_PAT");
        assert!(diagnosis.fixes[0].text.contains("https://github.com/orgs/acme/sso "));
    }
}

#[test]
fn tokens_that_are_dead_alive_fine_grained_or_an_apps_are_told_apart() {
    let bad = |kind| explain(Reason::BadCredential, &subject(Source::GhcrPat), &with_account(account(kind))).cause;
    assert!(bad(TokenKind::Dead).starts_with("GitHub's API does not accept the token either"));
    assert!(bad(TokenKind::Classic).starts_with("GitHub's API accepts the token but the registry does not"));
    assert_title(
        Reason::MissingScope,
        Source::GhcrPat,
        &with_account(account(TokenKind::FineGrained)),
        "GHCR_PAT is a fine-grained token, which ghcr.io does not take",
    );
    assert_title(
        Reason::PackagesPermissionMissing,
        Source::GhcrPat,
        &with_account(account(TokenKind::Installation)),
        "GHCR_PAT is a GitHub App's token, which cannot write container packages",
    );
    assert_title(
        Reason::PackagesPermissionMissing,
        Source::GithubToken,
        &Evidence::default(),
        "the job has no permission to write packages",
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
    assert_eq!(diagnosis.title, "the job asks for `packages: write` but does not get it");
}

#[test]
fn what_was_found_out_is_shown_and_what_was_not_is_said() {
    let diagnosis = explain(Reason::Denied, &subject(Source::GhcrPat), &with_account(account(TokenKind::Classic)));
    let lines: Vec<_> = diagnosis.evidence.iter().map(|(name, finding)| format!("{name}: {finding}")).collect();
    assert_eq!(lines, ["Token: a classic token", "Token's owner: octo", "Scopes: none", "Package: not asked", "Owner: not asked"]);
}
