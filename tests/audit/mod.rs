//! The audit on workflows as people write them: exact findings, and none where there is nothing to find.

#![expect(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

use std::{collections::BTreeMap, fs, path::Path};

use ghcr_auth::{
    audit::{Finding, Severity, audit, edit, rules::Rule},
    workflow::{Workflow, permissions::Packages},
};

mod changes;
mod random;

/// Every workflow of the directory beside this file, as if it were in a repository.
fn workflows(directory: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(directory) else { return BTreeMap::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let name = |path: &Path| format!(".github/workflows/{}", path.file_name().unwrap().to_str().unwrap());
    paths.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

fn findings() -> Vec<Finding> {
    let files = workflows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/workflows"));
    audit(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>(), &|_| None)
}

fn one(file: &str, rule: Rule) -> Finding {
    let mut found = findings().into_iter().filter(|finding| finding.file.ends_with(file) && finding.rule == rule);
    found.next().unwrap()
}

fn shown(finding: &Finding) -> String {
    format!("{}:{} {}\n{}\n\n{}", finding.file, finding.line, finding.rule.code(), finding.message, finding.fix)
}

#[test]
fn every_workflow_has_exactly_its_findings() {
    let lines = findings().into_iter().map(|finding| {
        let file = finding.file.trim_start_matches(".github/workflows/").to_owned();
        format!("{file}:{} {}\n", finding.line, finding.rule.code())
    });
    insta::assert_snapshot!(lines.collect::<String>(), @r"
    app-token.yml:20 app-token
    app-token.yml:20 unguarded-login
    app-token.yml:27 unguarded-cache
    around-ghcr-auth.yml:13 step-before-ghcr-auth
    around-ghcr-auth.yml:20 push-outside-images
    around-ghcr-auth.yml:33 attestation-login
    around-ghcr-auth.yml:39 login-overwritten
    around-ghcr-auth.yml:41 upper-case-owner
    around-ghcr-auth.yml:43 runner-without-docker
    around-ghcr-auth.yml:48 name-without-registry
    broken.yml:4 unreadable-workflow
    build-by-input.yml:25 unguarded-login
    by-sound.yml:5 packages-write-missing
    by-sound.yml:5 packages-write-missing
    by-sound.yml:5 packages-write-missing
    by-sound.yml:5 packages-write-missing
    by-sound.yml:15 unguarded-login
    by-sound.yml:29 unguarded-login
    callers.yml:5 packages-write-missing
    calling-by-input.yml:4 packages-write-missing
    calling.yml:3 packages-write-missing
    comment-command.yml:27 personal-token
    comment-command.yml:29 privileged-trigger-push
    dependabot-actor.yml:20 unguarded-login
    dependabot-actor.yml:23 actor-guard
    digest-matrix.yml:7 packages-write-missing
    digest-matrix.yml:20 packages-write-missing
    digest-matrix.yml:27 unguarded-login
    digest-matrix.yml:43 unguarded-login
    docker-hub.yml:6 private-job-container
    event-name-guard.yml:32 unguarded-login
    fine-grained.yml:12 fine-grained-token
    fine-grained.yml:12 unguarded-login
    fine-grained.yml:15 fine-grained-token
    fork-flag.yml:19 unguarded-login
    fork-flag.yml:22 fork-flag-guard
    guarded.yml:39 privileged-trigger-push
    guarded.yml:39 pull-request-push
    never.yml:10 never-pushes
    never.yml:16 visibility-by-api
    no-registry.yml:16 login-without-registry
    no-registry.yml:25 login-without-registry
    odd.yml:10 packages-write-missing
    odd.yml:10 pull-request-push
    odd.yml:10 unguarded-login
    odd.yml:13 packages-write-missing
    odd.yml:19 unguarded-login
    odd.yml:23 pull-request-push
    parallel.yml:6 packages-write-missing
    parallel.yml:11 unguarded-login
    parallel.yml:12 pull-request-push
    pat-fallback.yml:17 token-fallback
    pat-fallback.yml:17 unguarded-login
    pat-fallback.yml:30 unguarded-login
    preview-target.yml:26 unguarded-login
    preview-target.yml:29 privileged-trigger-push
    publish-image.yml:14 packages-write-missing
    publish-image.yml:25 unguarded-login
    publish-image.yml:37 pull-request-push
    release-tools.yml:8 packages-write-missing
    release-tools.yml:16 packages-write-missing
    release-tools.yml:22 packages-write-missing
    reusable-build.yml:16 unguarded-login
    set-later.yml:16 unguarded-login
    set-later.yml:39 unguarded-login
    set-later.yml:60 unguarded-login
    several.yml:9 packages-write-missing
    several.yml:19 unguarded-login
    several.yml:41 token-fallback
    several.yml:41 unguarded-login
    several.yml:43 pull-request-push
    several.yml:46 pull-request-push
    several.yml:50 pull-request-push
    unnamed.yml:19 pull-request-push
    upper-case.yml:17 upper-case-image
    upper-case.yml:21 upper-case-image
    upper-case.yml:27 upper-case-image
    ");
}

#[test]
fn a_missing_permission_is_said_with_the_lines_to_paste() {
    insta::assert_snapshot!(shown(&one("digest-matrix.yml", Rule::PackagesWriteMissing)), @r"
    .github/workflows/digest-matrix.yml:7 packages-write-missing
    Job `merge` pushes to ghcr.io (docker buildx imagetools create) with GITHUB_TOKEN, but its `permissions` leave out `packages`, which sets it to `none`: GHCR rejects the push, after the build.

    In .github/workflows/digest-matrix.yml, job `merge`, add after line 35:
        permissions:
          contents: read
          packages: write
    The job's permissions replace the workflow's, which are repeated here.
    ");
    insta::assert_snapshot!(shown(&one("publish-image.yml", Rule::PackagesWriteMissing)), @r"
    .github/workflows/publish-image.yml:14 packages-write-missing
    Job `build-and-push-image` pushes to ghcr.io (docker/build-push-action) with GITHUB_TOKEN, and no `permissions` are set: the default of the repository or organization decides, and if that is read-only, GHCR rejects the push.

    In .github/workflows/publish-image.yml, job `build-and-push-image`, add after line 14:
        permissions:
          contents: read
          packages: write
    ");
    insta::assert_snapshot!(shown(&one("callers.yml", Rule::PackagesWriteMissing)), @r"
    .github/workflows/callers.yml:5 packages-write-missing
    Job `starved` calls .github/workflows/reusable-build.yml, which pushes to ghcr.io with GITHUB_TOKEN, but its `permissions` leave out `packages`, which sets it to `none`: GHCR rejects the push, after the build.

    In .github/workflows/callers.yml, job `starved`, replace lines 5 to 6 with:
        permissions:
          contents: read
          packages: write
    ");
}

#[test]
fn a_push_by_strangers_is_said_with_the_guard_to_paste() {
    insta::assert_snapshot!(shown(&one("preview-target.yml", Rule::PrivilegedTriggerPush)), @r"
    .github/workflows/preview-target.yml:29 privileged-trigger-push
    Job `image` pushes to ghcr.io (docker/build-push-action) on `pull_request_target`: anybody can start such a run, and it has the secrets and a token that can write: one checkout of the pull request's head publishes a stranger's code.

    Build pull requests on `pull_request`, publish on `push`, and let ghcr-auth decide about the push, which it never allows on this event.
          - uses: org/ghcr-auth@v1
            id: ghcr
            with:
              images: ghcr.io/acme/web
    and in each step that pushes:
              push: ${{ steps.ghcr.outputs.push == 'true' }}
              # or, for a script: if: steps.ghcr.outputs.push == 'true'
    ");
    insta::assert_snapshot!(shown(&one("comment-command.yml", Rule::PrivilegedTriggerPush)), @r"
    .github/workflows/comment-command.yml:29 privileged-trigger-push
    Job `build` pushes to ghcr.io (docker push) on `issue_comment`: anybody can start such a run, and it has the secrets and a token that can write: one checkout of the pull request's head publishes a stranger's code.

    Build pull requests on `pull_request`, publish on `push`, and let ghcr-auth decide about the push, which it never allows on this event.
          - uses: org/ghcr-auth@v1
            id: ghcr
            with:
              images: ghcr.io/${{ github.repository_owner }}/app
    and in each step that pushes:
              push: ${{ steps.ghcr.outputs.push == 'true' }}
              # or, for a script: if: steps.ghcr.outputs.push == 'true'
    ");
    insta::assert_snapshot!(shown(&one("publish-image.yml", Rule::PullRequestPush)), @r"
    .github/workflows/publish-image.yml:37 pull-request-push
    Job `build-and-push-image` pushes to ghcr.io (docker/build-push-action) on `pull_request` without a guard: a fork's run gets no secrets and a read-only token, so it fails after the build, and branches of this repository publish code before its review.

    Let ghcr-auth decide about the push: it looks at the event's ids and keeps forks and Dependabot out. `allow` keeps what your own branches publish today; leave it out to publish only what was merged.
    In .github/workflows/publish-image.yml, replace lines 20 to 25 with:
          - uses: org/ghcr-auth@v1
            id: ghcr
            with:
              allow: same-repo-pr
    In .github/workflows/publish-image.yml, replace line 37 with:
              push: ${{ steps.ghcr.outputs.push == 'true' }}
    ");
    insta::assert_snapshot!(shown(&one("dependabot-actor.yml", Rule::ActorGuard)), @r"
    .github/workflows/dependabot-actor.yml:23 actor-guard
    Job `image` pushes to ghcr.io (docker/build-push-action) on `pull_request`, guarded against Dependabot by `github.actor`: the actor is whoever caused the run, not the author of the code: another commit to the pull request makes that person the actor, a re-run changes `github.triggering_actor`, and forks are not kept out by either.

    Let ghcr-auth decide about the push: it looks at the event's ids and keeps forks and Dependabot out. `allow` keeps what your own branches publish today; leave it out to publish only what was merged.
    In .github/workflows/dependabot-actor.yml, replace lines 16 to 20 with:
          - uses: org/ghcr-auth@v1
            id: ghcr
            with:
              images: ghcr.io/acme/app
              allow: same-repo-pr
    In .github/workflows/dependabot-actor.yml, replace line 23 with:
              push: ${{ steps.ghcr.outputs.push == 'true' }}
    ");
    insta::assert_snapshot!(shown(&one("fork-flag.yml", Rule::ForkFlagGuard)), @r"
    .github/workflows/fork-flag.yml:22 fork-flag-guard
    Job `docker` pushes to ghcr.io (docker/build-push-action) on `pull_request`, guarded by a `.fork` flag: the flag tells that a repository is a fork, not that the code is another repository's: it is empty when the fork was deleted, and true for every pull request within a fork.

    Let ghcr-auth decide about the push: it looks at the event's ids and keeps forks and Dependabot out. `allow` keeps what your own branches publish today; leave it out to publish only what was merged.
    In .github/workflows/fork-flag.yml, replace lines 14 to 19 with:
          - uses: org/ghcr-auth/host@v1
            id: ghcr
            if: env.PUSH == 'true'
            with:
              images: ghcr.io/acme/web
              allow: same-repo-pr
    In .github/workflows/fork-flag.yml, replace line 22 with:
              push: ${{ steps.ghcr.outputs.push == 'true' && format('{0}', env.PUSH) == 'true' }}
    In .github/workflows/fork-flag.yml, replace line 25 with:
            if: steps.ghcr.outputs.push == 'true' && (github.event_name == 'push')
    ");
}

#[test]
fn ghcr_auth_without_an_id_is_given_one_and_what_was_merged_is_not_called_unreviewed() {
    insta::assert_snapshot!(shown(&one("unnamed.yml", Rule::PullRequestPush)), @r"
    .github/workflows/unnamed.yml:19 pull-request-push
    Job `unnamed` pushes to ghcr.io (docker/build-push-action) on `pull_request` without a guard: the run of a fork's merged pull request gets no secrets and a read-only token, so it fails after the build.

    Let ghcr-auth decide about the push: it looks at the event's ids and keeps forks and Dependabot out. `allow` keeps publishing what was merged.
    In .github/workflows/unnamed.yml, add after line 14:
            id: ghcr
    In .github/workflows/unnamed.yml, replace line 19 with:
              push: ${{ steps.ghcr.outputs.push == 'true' }}
    In .github/workflows/unnamed.yml, replace line 20 with:
              tags: ${{ steps.ghcr.outputs.image }}:${{ github.sha }}
    ");
}

#[test]
fn a_wrong_credential_is_said_with_the_right_one() {
    insta::assert_snapshot!(shown(&one("pat-fallback.yml", Rule::TokenFallback)), @r"
    .github/workflows/pat-fallback.yml:17 token-fallback
    Job `image` logs in to ghcr.io with a fallback: `GHCR_PAT || GITHUB_TOKEN` falls back only when GHCR_PAT is empty; an expired or revoked PAT is not empty, so it wins and the login fails.

    Give both to ghcr-auth, which tries them in order and uses the first that GHCR accepts.
    In .github/workflows/pat-fallback.yml, replace lines 13 to 17 with:
          - uses: org/ghcr-auth@v1
            id: ghcr
            with:
              GHCR_PAT: ${{ secrets.GHCR_PAT }}
              images: ghcr.io/acme/app
    In .github/workflows/pat-fallback.yml, replace line 20 with:
              push: ${{ steps.ghcr.outputs.push == 'true' }}
    ");
    insta::assert_snapshot!(shown(&one("comment-command.yml", Rule::PersonalToken)), @r"
    .github/workflows/comment-command.yml:27 personal-token
    Job `build` logs in to ghcr.io as `jane-doe` with CR_PAT, which looks like a person's PAT: a person's PAT stops working when they lose access, reaches everything they reach, and pushes in their name.

    If the package belongs to this repository's owner, give the job `packages: write` and log in with GITHUB_TOKEN, `${{ github.token }}`.
    Otherwise use a classic PAT of a service account with only `write:packages`.
    ");
    insta::assert_snapshot!(shown(&one("fine-grained.yml", Rule::FineGrainedToken)), @r"
    .github/workflows/fine-grained.yml:12 fine-grained-token
    Job `image` logs in to ghcr.io with FINE_GRAINED_TOKEN, a fine-grained PAT, judging by its name: GHCR accepts only classic PATs and GITHUB_TOKEN.

    Create a classic PAT with `write:packages` for a service account (https://github.com/settings/tokens/new?scopes=write:packages) and store it as a secret.
    ");
    insta::assert_snapshot!(shown(&one("publish-image.yml", Rule::UnguardedLogin)), @r"
    .github/workflows/publish-image.yml:25 unguarded-login
    Job `build-and-push-image` logs in to ghcr.io without ghcr-auth before it: if the credential is missing, expired or revoked, or can't push, the job fails here or after the build, and the log doesn't say why.

    Replace the login with ghcr-auth, and let its answer decide whether to push.
    In .github/workflows/publish-image.yml, replace lines 20 to 25 with:
          - uses: org/ghcr-auth@v1
            id: ghcr
            with:
              allow: same-repo-pr
    In .github/workflows/publish-image.yml, replace line 37 with:
              push: ${{ steps.ghcr.outputs.push == 'true' }}
    ");
}

#[test]
fn a_container_is_given_a_login_and_its_job_a_permission_only_if_it_has_none() {
    let fix = |permissions: &str| {
        let text = format!(
            "on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n{permissions}    container: ghcr.io/acme/tools:1\n    steps:\n      - run: make\n"
        );
        audit(&[(".github/workflows/a.yml", &text)], &|_| None).remove(0).fix
    };
    let login = "give the container a login:\n    container:\n      credentials:\n        username: ${{ github.actor }}\n        password: ${{ github.token }}";
    for has in ["", "    permissions: write-all\n", "    permissions:\n      contents: read\n      packages: write\n"] {
        assert_eq!(fix(has), format!("If the package is private, {login}"));
    }
    let added = format!("If the package is private, add `packages: read` to the job's `permissions`, and {login}");
    assert_eq!(fix("    permissions:\n      contents: read\n"), added);
}

#[test]
fn an_upper_case_name_and_an_unreadable_file_are_said_shortly() {
    insta::assert_snapshot!(shown(&one("upper-case.yml", Rule::UpperCaseImage)), @r"
    .github/workflows/upper-case.yml:17 upper-case-image
    Job `action` names ghcr.io/Acme/App: registries accept only lowercase image names, so the command or the push fails.

    Write ghcr.io/acme/app.
    ");
    insta::assert_snapshot!(shown(&one("broken.yml", Rule::UnreadableWorkflow)), @r"
    .github/workflows/broken.yml:4 unreadable-workflow
    The file is not YAML that GitHub reads, so it was not audited.

    Fix the file; GitHub cannot run it. If it is not a workflow, move it out of .github/workflows.
    ");
}

#[test]
fn no_finding_repeats_a_token_that_is_written_into_a_file() {
    assert!(findings().iter().all(|finding| !format!("{finding:?}").contains("EXAMPLE_EXAMPLE")));
}

#[test]
fn every_rule_is_found_somewhere() {
    let found = findings();
    for rule in Rule::ALL {
        assert!(found.iter().any(|finding| finding.rule == *rule), "no file in tests/audit/workflows has a `{}`", rule.code());
    }
}

#[test]
fn the_findings_do_not_depend_on_the_order_of_the_files() {
    let files = workflows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/workflows"));
    let reversed: Vec<(&str, &str)> = files.iter().rev().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(audit(&reversed, &|_| None), findings());
}

#[test]
fn the_projects_own_workflows_have_no_findings() {
    let files = workflows(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows"));
    let found = audit(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>(), &|_| None);
    assert!(found.iter().all(|finding| finding.severity == Severity::Advice), "{found:?}");
}

#[test]
fn every_change_leaves_a_workflow_that_github_starts_without_the_finding_and_without_a_new_one() {
    let files = workflows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/workflows"));
    let all: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let before = findings();
    let changing: Vec<&Finding> = before.iter().filter(|finding| !finding.edits.is_empty()).collect();
    assert!(changing.len() >= 12, "{}", changing.len());
    for finding in changing {
        let text = &files[&finding.file];
        let changed = edit::apply(text, &finding.edits).unwrap();
        let after = audit(
            &all.iter().map(|(path, text)| (*path, if *path == finding.file { &changed } else { *text })).collect::<Vec<_>>(),
            &|_| None,
        );
        let count = |found: &[Finding], rule: Rule| found.iter().filter(|other| other.file == finding.file && other.rule == rule).count();
        // A change of a job may settle what was said of each of its pushes.
        assert!(count(&after, finding.rule) < count(&before, finding.rule), "{}\n{changed}", shown(finding));
        for rule in Rule::ALL {
            assert!(count(&after, *rule) <= count(&before, *rule), "{} brought {}\n{changed}", shown(finding), rule.code());
        }
        keeps_its_jobs(text, &changed);
    }
}

#[test]
fn no_change_is_made_of_what_a_later_step_sets_or_on_windows_and_steps_stay_apart() {
    let found: Vec<Finding> = findings().into_iter().filter(|finding| finding.file.ends_with("set-later.yml")).collect();
    let is_certain: Vec<bool> = found.iter().map(|finding| !finding.edits.is_empty()).collect();
    assert_eq!(is_certain, [false, true, false], "the third runs where ghcr-auth does not");
    assert!(found[2].fix.ends_with("decide in a job on `ubuntu-latest` and pass its outputs on."), "{}", found[2].fix);
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/workflows/set-later.yml")).unwrap();
    let changed = edit::apply(&text, &found[1].edits).unwrap();
    insta::assert_snapshot!(changed.split_once("actions").unwrap().1.split_once("\n\n  windows").unwrap().0, @r"
    /checkout@v5

          - uses: org/ghcr-auth@v1
            id: ghcr
            with:
              images: ghcr.io/acme/app

          - uses: docker/setup-buildx-action@v4

          - uses: docker/build-push-action@v7
            with:
              push: ${{ steps.ghcr.outputs.push == 'true' }}
              tags: ghcr.io/${{ env.OWNER }}/app:1
              cache-to: ${{ steps.ghcr.outputs.push == 'true' && format('type=registry,ref=ghcr.io/{0}/app:cache', env.OWNER) || '' }}
    ");
}

/// Nothing of a job is gone but its login, and no permission is less than it was.
fn keeps_its_jobs(old: &str, new: &str) {
    let (old, new) = (Workflow::parse(old).unwrap(), Workflow::parse(new).unwrap());
    assert_eq!(old.events(), new.events());
    for job in old.jobs() {
        let changed = new.job(job.key).unwrap();
        let granted = |workflow: &Workflow, job| workflow.effective_permission(job).packages;
        assert!(granted(&new, changed) == granted(&old, job) || granted(&new, changed) == Packages::Write);
        for (key, access) in job.node.get("permissions").into_iter().flat_map(ghcr_auth::workflow::node::Node::entries) {
            let now = changed.node.get("permissions").unwrap().text_at(key);
            assert!(now == access.text() || now == Some("write"), "{key}");
        }
        assert_eq!(job.steps().len(), changed.steps().len(), "{}", job.key);
        let known = ["id", "if", "name", "uses", "run", "with", "env", "background", "working-directory", "shell"];
        for step in changed.steps() {
            assert!(step.uses().is_some() != step.run().is_some());
            assert!(step.node.entries().all(|(key, _)| known.contains(&key)), "{:?}", step.node);
        }
    }
}

#[test]
fn what_is_definite_is_told_from_what_depends_and_from_advice() {
    let severity = |file, rule| one(file, rule).severity;
    assert_eq!(severity("digest-matrix.yml", Rule::PackagesWriteMissing), Severity::Error);
    assert_eq!(severity("publish-image.yml", Rule::PackagesWriteMissing), Severity::Warning);
    assert_eq!(severity("publish-image.yml", Rule::UnguardedLogin), Severity::Advice);
}

#[test]
fn the_documentation_has_a_row_for_each_rule_and_no_other() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/audit.md")).unwrap();
    // A code that links to its source, then what was found.
    let rows = page.lines().filter_map(|line| line.strip_prefix("| [`")?.split_once("`]("));
    let rows: BTreeMap<&str, &str> = rows.filter_map(|(code, rest)| Some((code, rest.split_once(") | ")?.1.strip_suffix(" |")?))).collect();
    let rules: BTreeMap<&str, &str> = Rule::ALL.iter().map(|rule| (rule.code(), rule.summary())).collect();
    let escaped: BTreeMap<&str, String> = rules.iter().map(|(code, summary)| (*code, summary.replace('|', "\\|"))).collect();
    let expected: BTreeMap<&str, &str> = escaped.iter().map(|(code, summary)| (*code, summary.as_str())).collect();
    let odd: Vec<_> = expected.iter().chain(&rows).filter(|(code, _)| expected.get(*code) != rows.get(*code)).collect();
    assert!(odd.is_empty(), "docs/audit.md and src/audit/rules/mod.rs differ: {odd:?}");
}
