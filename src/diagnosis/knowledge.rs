//! What each refusal means and what to change: data only.
//!
//! [`ENTRIES`] are tried in order, and the first that fits a code and a situation speaks: the most exact stands first, and
//! each code ends with one that always fits. A `title` has no full stop, a `cause` has one; the first fix is the one that
//! helps most often. docs/reasons.md is generated from this file, docs/troubleshooting.md is compared with it.
//!
//! What stands in braces is filled in by [`super::words`]. `{role}`, `{scope}` and `{level}` follow the operation, so that
//! nobody who only pulls is told to ask for the right to write.

use super::{
    entry::{Entry, Fix, Link, entry, show, tell},
    situation::{Clue, Held, Operation, Place},
};
use crate::reason::Reason::{
    BadCredential, CredentialMalformed, Denied, Dependabot, FineGrainedPat, ForeignInstallation, ForeignNamespace, ForkDeleted, ForkPr,
    Internal, InvalidImage, InvalidInput, LocalRunner, LoginFailed, MergeQueue, MergeQueueRef, MergedPr, MissingScope, NoCredential,
    NotPublic, PackageCreationDenied, PackageReadDenied, PackageWriteDenied, PackagesPermissionMissing, PayloadIncomplete, PayloadMismatch,
    PayloadUnreadable, PrOriginUndeterminable, PrivilegedUntrustedTrigger, RateLimited, RealmRefused, RedirectRefused, RefDeleted,
    RegistryProtocol, RegistryServerMismatch, RegistryTimeout, RegistryUnavailable, RegistryUnreachable, ReleaseAction, SameRepoPr,
    TlsError, UnsupportedEvent, UnsupportedServer, UsePushEvent, WorkflowRun, WorkflowRunNotSuccessful, WorkflowRunUntrustedSource,
};

const PERMISSIONS: &str = "permissions:\n  contents: read\n  packages: {level}\n";
const LOGIN_STEP: &str = "- uses: docker/login-action@v4\n  with:\n    registry: {registry}\n    username: ${{ github.actor }}\n    password: ${{ secrets.GITHUB_TOKEN }}\n";
const ON_PUSH: &str = "on:\n  push:\n    branches: [main]\n";
const OWN_IMAGE: &str = "with:\n  images: ${{ github.repository }}\n";
const PULL_SECRET: &str =
    "kubectl create secret generic ghcr --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=$HOME/.docker/config.json\n";
const RETRY: &str = "for attempt in 1 2 3; do docker push \"$IMAGE\" && break; sleep 20; done\n";

const TOKENS: &[Link] = &[Link { label: "Your tokens", url: "{tokens}" }];
const PACKAGE: &[Link] = &[Link { label: "Package settings", url: "{settings_page}" }];
const VISIBILITY: &[Link] = &[Link {
    label: "Visibility of a package",
    url: "https://docs.github.com/packages/learn-github-packages/configuring-a-packages-access-control-and-visibility",
}];
const TOKEN_PERMISSIONS: &[Link] = &[Link {
    label: "Permissions of GITHUB_TOKEN",
    url: "https://docs.github.com/actions/writing-workflows/choosing-what-your-workflow-does/controlling-permissions-for-github_token",
}];

const PUSH: &[Operation] = &[Operation::Push];
const PULL: &[Operation] = &[Operation::Pull];
const LOGIN: &[Operation] = &[Operation::Login];
const DELETE: &[Operation] = &[Operation::Delete];
const IN_JOBS: &[Place] = &[Place::Actions];
const MAYBE_IN_JOBS: &[Place] = &[Place::Actions, Place::Unknown];
const OUTSIDE: &[Place] = &[Place::Desktop, Place::OtherCi, Place::Cluster, Place::Appliance];
const NOT_IN_JOBS: &[Place] = &[Place::Desktop, Place::OtherCi, Place::Appliance, Place::Unknown];
const CLUSTER: &[Place] = &[Place::Cluster];
const APPLIANCE: &[Place] = &[Place::Appliance];
const JOB_TOKEN: &[Held] = &[Held::JobToken];
const PAT: &[Held] = &[Held::Pat];
const NOTHING: &[Held] = &[Held::Nothing];
const NOT_KNOWN: &[Held] = &[Held::Nothing, Held::Unknown];
const NOT_A_JOB_TOKEN: &[Held] = &[Held::Pat, Held::App, Held::Nothing, Held::Stale, Held::Unknown];

// --- fixes that several entries give ---
const PUBLISHED: Fix = tell("Nothing to do. This run builds the image without pushing it; the `push` event publishes it after the merge.")
    .given(Clue::RunsOnPush);
const PUBLISH_ON_PUSH: Fix = show(
    "This run builds the image without pushing it, and this workflow has no `push` event that publishes after the merge. Add one:",
    ON_PUSH,
)
.given(Clue::NeverRunsOnPush);
const PUBLISH_LATER: Fix =
    tell("Nothing to do: this run builds the image without pushing it. A workflow that runs on `push` can publish it after the merge.")
        .unless(&[Clue::RunsOnPush, Clue::NeverRunsOnPush]);
const AFTER_THE_MERGE: &[Fix] = &[PUBLISHED, PUBLISH_ON_PUSH, PUBLISH_LATER];

const GRANT: Fix = tell("Open {package_settings}. Under Manage Actions access, add {repository} with the role {role}.");
const GRANT_PERSON: Fix = tell("Open {package_settings}. Under Manage access, give the owner of the token the role {role}.");
const GIVE_ROLE: Fix = tell("If the credential is a PAT, give its owner the role {role} under Manage access on the same page.");
const RACE: Fix = tell("If the package is less than a minute old, {again}: access to a new package can lag behind.");
const ADD_PERMISSION: Fix =
    show("Give the job this permission (unlisted ones become `none`); in a reusable workflow, the calling job too:", PERMISSIONS);
const NEW_PAT: Fix =
    tell("Make a new classic PAT with `{scope}` at {new_token} and update the secret that holds {credential}.").at(MAYBE_IN_JOBS);
const NEW_LOGIN: Fix = tell("Make a new classic PAT with `{scope}` at {new_token} and log in with it: {log_in}.").at(OUTSIDE);
const USE_JOB_TOKEN: Fix = show("Or use GITHUB_TOKEN, which needs no secret, with this permission:", PERMISSIONS).at(IN_JOBS);
const WORKFLOWS_USE_JOB_TOKEN: Fix =
    tell("In a GitHub Actions workflow, GITHUB_TOKEN with `packages: {level}` needs no PAT at all.").at(&[Place::Unknown]);
const LOG_OUT: Fix = tell("Log out and pull again; a public image needs no login: {log_out}.");
const CHECK_NAME: Fix = tell(
    "Check owner, name, and tag at {packages}. If the package isn't listed there, it is private, or the name is wrong (renamed, deleted, or never published).",
);
const MAKE_PUBLIC: Fix = tell("If the package is yours and meant for everyone, make it public: {package_settings}, Change visibility.");
const LOG_IN_TO_READ: Fix =
    tell("If it is private, log in with a classic PAT that has `read:packages` and whose owner may read it: {log_in}.");
const UPDATE_HELM: Fix =
    tell("The tool also asks for `user/image`, which GHCR refuses: Helm 3.13.0 does so; update it.").given(Clue::TwoScopes);
const OLD_LOGIN: Fix =
    tell("If an old login for {registry} is stored {here}, remove it; an expired one blocks even public images: {log_out}.");
const AUTHORIZE_SSO: Fix = tell("If {owner} uses single sign-on (SSO), open {tokens}, choose Configure SSO, and authorize the PAT.");
const CREATION: Fix = tell("Check the spelling of the owner, and whether {owner} allows package creation: {package_creation}.");
const STATUS: Fix =
    tell("{Again} in a few minutes: such failures are temporary. If it keeps failing, look at https://www.githubstatus.com (Packages).");

const CLOCK: Fix = tell("Check the clock of this machine: `date -u` must show the present time.");
const COMPANY_ROOT: Fix = show(
    "If a company's proxy intercepts the connection, pass the company's root certificate as a PEM file:",
    "with:\n  ca-file: company-root.pem\n",
)
.at(MAYBE_IN_JOBS);
const COMPANY_ROOT_FILE: Fix =
    tell("If a company's proxy intercepts the connection, set SSL_CERT_FILE to a PEM file with the company's root certificate.")
        .at(OUTSIDE);

/// What is known, the most exact first.
pub(super) const ENTRIES: &[Entry] = &[
    // === the event ===
    entry(
        &[ForkPr],
        "this pull request comes from a fork",
        "Code from a fork must not be published. By default, GitHub gives these runs no secrets and a read-only token.",
        AFTER_THE_MERGE,
    ),
    entry(
        &[ForkDeleted],
        "this pull request comes from a fork that was deleted",
        "Nobody can tell anymore where its code comes from, so it counts as a fork's.",
        AFTER_THE_MERGE,
    ),
    entry(
        &[SameRepoPr],
        "this is a pull request, and pull requests don't publish by default",
        "The branch is in this repository, but its code hasn't been reviewed yet.",
        &[
            PUBLISHED,
            PUBLISH_ON_PUSH,
            PUBLISH_LATER,
            show("To publish from pull requests of this repository (never of forks), add this to the ghcr-auth step:", "with:\n  allow: same-repo-pr\n"),
        ],
    ),
    entry(
        &[Dependabot],
        "Dependabot started this run",
        "Dependabot's branches hold other people's code, and by default, GitHub treats their runs like a fork's.",
        AFTER_THE_MERGE,
    ),
    entry(
        &[PrivilegedUntrustedTrigger],
        "`pull_request_target` runs never publish",
        "A stranger's pull request can start such a run, which has the repository's secrets. Checking out the head is enough to publish the stranger's code.",
        &[show("Build pull requests on `pull_request` and publish on `push`.", "on:\n  pull_request:\n  push:\n    branches: [main]\n")],
    ),
    entry(
        &[PrOriginUndeterminable],
        "`{event}` runs never publish",
        "Anybody can comment on or review a pull request, even one from a fork, and a comment's run has the repository's secrets.",
        &[show(
            "Publish on `push`, or from a `workflow_dispatch` that only people with write access can start.",
            "on:\n  push:\n    branches: [main]\n  workflow_dispatch:\n",
        )],
    ),
    entry(
        &[WorkflowRunUntrustedSource],
        "the workflow that this one follows was not started by trusted code",
        "That run came from a pull request, a comment, a fork, or the merge queue; its artifacts and code may be a stranger's.",
        &[show("Publish only after runs of trusted events.", "jobs:\n  publish:\n    if: github.event.workflow_run.event == 'push'\n")],
    ),
    entry(
        &[WorkflowRunNotSuccessful],
        "the workflow that this one follows did not succeed",
        "Nothing is published from a run that failed, was canceled, or hasn't ended.",
        &[show(
            "Fix the earlier run, or skip the job when it fails.",
            "jobs:\n  publish:\n    if: github.event.workflow_run.conclusion == 'success'\n",
        )],
    ),
    entry(
        &[WorkflowRun],
        "this run follows another workflow, and such runs don't publish by default",
        "That run was trusted and succeeded, but artifacts taken from it are only as good as that workflow.",
        &[show("To publish from it, add this to the ghcr-auth step:", "with:\n  allow: workflow-run\n")],
    ),
    entry(
        &[MergeQueue],
        "this run tests a merge queue entry, and such runs don't publish by default",
        "The entry may still be removed from the queue, and it may come from a fork.",
        &[
            PUBLISHED,
            PUBLISH_ON_PUSH,
            PUBLISH_LATER,
            show("To publish from the merge queue anyway, add this to the ghcr-auth step:", "with:\n  allow: merge-queue\n"),
        ],
    ),
    entry(
        &[MergeQueueRef],
        "this push is to the merge queue's temporary branch",
        "GitHub deletes that branch; what gets merged is pushed to the real branch later.",
        &[show("Keep the workflow from running there.", "on:\n  push:\n    branches-ignore: ['gh-readonly-queue/**']\n")],
    ),
    entry(
        &[ReleaseAction],
        "this change to a release doesn't publish",
        "Only the actions `published`, `released`, and `prereleased` make a release public.",
        &[
            show("Run the workflow only when a release is published.", "on:\n  release:\n    types: [published]\n"),
            show(
                "To publish when a release is created or edited, add this to the ghcr-auth step (deleting or unpublishing never publishes):",
                "with:\n  allow: release-action\n",
            ),
        ],
    ),
    entry(
        &[RefDeleted],
        "this push deleted a branch or tag",
        "There is nothing left to build.",
        &[show("Nothing to do. To skip the job next time, add this to it.", "if: ${{ !github.event.deleted }}\n")],
    ),
    entry(
        &[MergedPr],
        "this pull request was merged, and merged pull requests don't publish by default",
        "A merge is also a push to the base branch; publishing from both would publish the same code twice.",
        &[
            tell("Nothing to do. The `push` event of the merge runs this workflow too, and publishes.").given(Clue::RunsOnPush),
            show("Run the workflow on `push`, which publishes:", ON_PUSH).given(Clue::NeverRunsOnPush),
            show("Nothing to do if the workflow also runs on `push`; that run publishes. If it doesn't, add `push`:", ON_PUSH)
                .unless(&[Clue::RunsOnPush, Clue::NeverRunsOnPush]),
            show("To publish from merged pull requests instead (never from forks), add this to the ghcr-auth step:", "with:\n  allow: merged-pr\n"),
        ],
    ),
    entry(
        &[UsePushEvent],
        "this pull request was closed without being merged",
        "Its code was not accepted, so there is nothing to publish.",
        &[show(
            "Nothing to do. To keep the job from running, add this to it.",
            "if: github.event.action != 'closed' || github.event.pull_request.merged\n",
        )],
    ),
    entry(
        &[ForeignNamespace],
        "this repository is a fork, and an image belongs to another owner than {repository}'s",
        "A fork that pushes into somebody else's namespace has usually just kept the original's image name.",
        &[
            show("Name the image after the repository that runs the workflow; you can also leave `images` out.", OWN_IMAGE),
            show("If the fork is meant to publish there, add this to the ghcr-auth step:", "with:\n  allow: foreign-namespace\n"),
        ],
    ),
    entry(
        &[LocalRunner],
        "this run is local (nektos/act) and has no LOCAL_RUNNER_FALLBACK_TOKEN",
        "act passes the developer's own GitHub token to the workflow, and ghcr-auth never publishes with it.",
        &[show(
            "Nothing to do for a local build. To push from here, give act a service account's PAT and pass it to the ghcr-auth step.",
            "with:\n  LOCAL_RUNNER_FALLBACK_TOKEN: ${{ secrets.LOCAL_RUNNER_FALLBACK_TOKEN }}\n",
        )],
    ),
    entry(
        &[PayloadUnreadable],
        "the event's data can't be read",
        "The runner's event.json is missing, broken, far too large, or has a key twice, so nothing is known about the event.",
        &[tell("Rerun the job. If it happens again, look for a step that changes GITHUB_EVENT_PATH or the file it points to.")],
    ),
    entry(
        &[PayloadIncomplete],
        "the event's data doesn't say where the code comes from",
        "The runner's event.json for `{event}` lacks the repository or the head of the pull request, which GitHub always sends.",
        &[tell("Rerun the job. With act, use an event file that has `repository` and `pull_request.head.repo`.")],
    ),
    entry(
        &[PayloadMismatch],
        "the event's data contradicts the runner",
        "The repository, ref, or kind of event in event.json is not what the runner's own variables say.",
        &[tell("Look for a step or a workflow-level `env` that sets GITHUB_EVENT_PATH, GITHUB_EVENT_NAME, or another GITHUB_ variable.")],
    ),
    entry(
        &[UnsupportedEvent],
        "`{event}` runs don't publish",
        "Only events that are known to come from trusted code can publish, and this is not one of them.",
        &[show(
            "Publish on one of the events that can.",
            "on:\n  push:\n    branches: [main]\n    tags: ['v*']\n  schedule:\n    - cron: '0 4 * * 1'\n  workflow_dispatch:\n  release:\n    types: [published]\n",
        )],
    ),
    entry(
        &[UnsupportedServer],
        "this is a Gitea or Forgejo runner",
        "Its events and tokens are not GitHub's, so they can't be relied on.",
        &[tell("Run this workflow on GitHub, or log in with docker/login-action here.")],
    ),
    // === single sign-on, as GitHub's API told it ===
    entry(
        &[BadCredential, PackageCreationDenied, PackageWriteDenied, PackageReadDenied, Denied],
        "{credential} is not authorized for {owner}'s single sign-on",
        "{owner} requires single sign-on (SSO), and this token was never authorized for it.",
        &[tell("Open {tokens} as the owner of the token, choose Configure SSO beside it, and authorize {owner}; {sso} signs you in first."), USE_JOB_TOKEN],
    )
    .given(Clue::Sso),
    // === the credential has expired or was revoked ===
    entry(
        &[BadCredential],
        "{registry} rejected GITHUB_TOKEN",
        "GITHUB_TOKEN is valid as long as its job runs, so either it belongs to another server than the registry, or GHCR has a temporary problem.",
        &[tell("Rerun the job. If it happens again, check the `registry` and `GITHUB_TOKEN` inputs of ghcr-auth.")],
    )
    .with(JOB_TOKEN)
    .given(Clue::OwnRun),
    entry(
        &[BadCredential],
        "{registry} rejected {credential}",
        "GitHub's API accepts the token but the registry doesn't: {owner} may require single sign-on for it, or GHCR has a temporary problem.",
        &[AUTHORIZE_SSO, tell("{Again}; GHCR sometimes rejects a valid request.")],
    )
    .given(Clue::Alive),
    entry(
        &[BadCredential, Denied],
        "{registry} rejected {credential}",
        "GitHub's API doesn't accept the token either: it has expired, was revoked, or the secret holds something else.",
        &[NEW_PAT, NEW_LOGIN, USE_JOB_TOKEN],
    )
    .given(Clue::Dead)
    .see(TOKENS),
    entry(
        &[BadCredential],
        "{registry} rejected the cluster's pull secret",
        "The credential in the pull secret has expired or been revoked; GHCR then refuses even public images.",
        &[
            show("Log in with a new classic PAT that has `read:packages` ({new_token}), delete the old pull secret, and make it again:", PULL_SECRET),
            tell("If {image} is public, remove the secret from `imagePullSecrets` of the pod and its service account; no credential is needed."),
            tell("Also look for a login for {registry} on the node itself (containerd's registry config, or the kubelet's credential provider)."),
        ],
    )
    .to(PULL)
    .at(CLUSTER),
    entry(
        &[BadCredential],
        "{registry} refused to give a token for {image}",
        "The tool doesn't show why. Either the image is private or doesn't exist under this name, or a stored login has expired; GHCR then refuses even public images.",
        &[LOG_OUT, CHECK_NAME, LOG_IN_TO_READ],
    )
    .to(PULL)
    .given(Clue::NoReason),
    entry(
        &[BadCredential],
        "{registry} rejected the stored login",
        "A login for {registry} is stored on the runner or was made by an earlier step, and its token has expired or been revoked. GHCR then refuses even public images.",
        &[
            tell("On a self-hosted runner, log out as the user of the runner; a public image needs no login: {log_out}."),
            tell("If a step of this job logs in to {registry}, its secret is out of date: use GITHUB_TOKEN, or a new classic PAT with `read:packages`."),
            tell("For a private image, GITHUB_TOKEN needs `packages: read`, and the package has to give this repository the role Read (Manage Actions access)."),
        ],
    )
    .to(PULL)
    .at(IN_JOBS),
    entry(
        &[BadCredential],
        "{registry} rejected the stored login",
        "A login for {registry} is stored {here}, and its token has expired or been revoked. GHCR then refuses even public images.",
        &[
            LOG_OUT,
            tell("If the package is private, log in again with a new classic PAT that has `read:packages` (make one at {new_token}): {log_in}."),
            tell("Every user has their own logins: log out as the one that runs the tool, often root (`sudo docker logout {registry}`)."),
            tell("If it still fails without a login, the package is private, or there is none of this name: check {packages}."),
        ],
    )
    .to(PULL),
    entry(
        &[BadCredential, NoCredential],
        "the signature was pushed without a valid login",
        "The signing tool found no login, or one whose token has expired or been revoked.",
        &[
            tell("Log in right before signing, in the same job and as the same user: `docker login {registry}` or `cosign login {registry}`. A `helm registry login` doesn't count: cosign doesn't read it."),
            tell("Make sure that DOCKER_CONFIG is the same for the login and for the tool: it reads the login from config.json there."),
            tell("If the login is a PAT, make a new classic one with `write:packages` at {new_token}."),
        ],
    )
    .to(PUSH)
    .given(Clue::Signing),
    entry(
        &[BadCredential],
        "{registry} rejected {credential}",
        "The push had no login, or one whose token has expired or been revoked. A successful `docker login` proves nothing: GHCR accepts it for any package.",
        &[
            show("Log in in the same job, before the push:", LOGIN_STEP).at(IN_JOBS),
            tell("Log in before the push, as the same user and in the same job: {log_in}.").at(&[Place::Unknown]),
            NEW_PAT,
            NEW_LOGIN,
            tell("Check that the PAT has `write:packages`, and that its owner has the role Write on the package.").at(OUTSIDE),
            AUTHORIZE_SSO,
            tell("Check that the tool reads the login that was made: same DOCKER_CONFIG, same user, and no later step that logs in to {registry} again.")
                .at(MAYBE_IN_JOBS),
        ],
    )
    .to(PUSH)
    .unless(&[Clue::OwnRun])
    .see(TOKENS),
    entry(
        &[BadCredential],
        "{registry} rejected the login",
        "The token has expired, was revoked, or is not a token of this server. GHCR never accepts the password of an account.",
        &[
            tell("Make a new classic PAT with `write:packages` (`read:packages` to pull only) at {new_token}, update the secret that holds the old one, and log in again.").at(MAYBE_IN_JOBS),
            tell("Make a new classic PAT at {tokens}, with `read:packages` to pull and the scope to write if you push, and log in again: {log_in}.")
                .at(OUTSIDE),
            show("Or log in with GITHUB_TOKEN, which needs no secret; the job needs `packages: write` (`read` to pull only):", LOGIN_STEP).at(IN_JOBS),
            WORKFLOWS_USE_JOB_TOKEN,
            tell("If the secret was changed a moment ago, look for a second one of the same name (repository, organization, environment).")
                .at(IN_JOBS),
        ],
    )
    .to(LOGIN)
    .unless(&[Clue::OwnRun])
    .see(TOKENS),
    entry(
        &[BadCredential],
        "{registry} rejected {credential}",
        "The token has expired, was revoked, or is not a token of this server; for a PAT, expiry is by far the most common cause.",
        &[NEW_PAT, NEW_LOGIN, USE_JOB_TOKEN, WORKFLOWS_USE_JOB_TOKEN],
    )
    .see(TOKENS),
    // === the kind of token, and its scope ===
    entry(
        &[FineGrainedPat, MissingScope],
        "GITHUB_TOKEN was replaced by a token that {registry} doesn't accept",
        "The input GITHUB_TOKEN contains a different token.",
        &[show("Leave the input GITHUB_TOKEN out of the ghcr-auth step: its default is right. It needs this permission:", PERMISSIONS)],
    )
    .with(JOB_TOKEN)
    .given(Clue::OwnRun),
    entry(
        &[MissingScope],
        "{registry} and GitHub's API disagree about the scopes of {credential}",
        "GitHub's API shows the scope `write:packages` for this token; it may have been added a moment ago, or GHCR means another restriction.",
        &[tell("{Again}. If it happens again, make a new classic PAT with `write:packages` at {new_token}.")],
    )
    .given(Clue::HasScope)
    .see(TOKENS),
    entry(
        &[FineGrainedPat],
        "{credential} is a fine-grained PAT, which {registry} doesn't accept",
        "GitHub Packages accepts classic PATs and GITHUB_TOKEN only.",
        &[NEW_PAT, NEW_LOGIN, USE_JOB_TOKEN, WORKFLOWS_USE_JOB_TOKEN],
    )
    .see(TOKENS),
    entry(
        &[MissingScope],
        "{credential} is a fine-grained PAT, which {registry} doesn't accept",
        "GitHub Packages accepts classic PATs and GITHUB_TOKEN only.",
        &[NEW_PAT, NEW_LOGIN, USE_JOB_TOKEN],
    )
    .given(Clue::FineGrained)
    .see(TOKENS),
    entry(
        &[MissingScope],
        "{credential} lacks the scope `{scope}`",
        "The token is valid, but it was made without the scope that this needs, or it is a fine-grained PAT, which GHCR doesn't accept.",
        &[
            tell("Open {tokens}, choose the classic PAT, select `{scope}`, and save; its value stays the same."),
            tell("If it begins with `github_pat_`, it is fine-grained: make a classic PAT with `{scope}` at {new_token} instead."),
            tell("With GitHub CLI's token, run `gh auth refresh -s {scope}` and log in again.").at(OUTSIDE),
            USE_JOB_TOKEN,
            WORKFLOWS_USE_JOB_TOKEN,
        ],
    )
    .see(TOKENS),
    // === the job may not write ===
    entry(
        &[PackagesPermissionMissing],
        "the calling workflow doesn't let this one write packages",
        "A reusable workflow gets at most the permissions of the job that calls it. GitHub refuses to start the run, so no step can say more.",
        &[show("Give the calling job this permission, next to `uses:` (unlisted ones become `none`):", PERMISSIONS)],
    )
    .given(Clue::CalledWorkflow),
    entry(
        &[PackagesPermissionMissing],
        "the job lacks `packages: write`",
        "{workflow}",
        &[show("{detail}", "{permission_lines}")],
    )
    .given(Clue::PermissionMissing)
    .see(TOKEN_PERMISSIONS),
    entry(
        &[PackagesPermissionMissing],
        "the job asks for `packages: write` but doesn't get it",
        "{workflow} Something above the file takes it away: a calling workflow, the organization's policy, or a run that counts as a fork's.",
        &[
            show("In a reusable workflow, add the permission to the calling job too.", PERMISSIONS),
            tell("Check the organization's workflow permissions at {server}/organizations/{owner}/settings/actions."),
        ],
    )
    .given(Clue::PermissionGranted)
    .see(TOKEN_PERMISSIONS),
    entry(
        &[PackagesPermissionMissing, PackageCreationDenied],
        "{credential} is a GitHub App's token, which can't write container packages",
        "App tokens can log in to the registry, but not write an organization's container packages. GITHUB_TOKEN is the only exception.",
        &[show("Use GITHUB_TOKEN with this permission, or a classic PAT of a machine user or service account.", PERMISSIONS)],
    )
    .with(&[Held::App])
    .at(MAYBE_IN_JOBS),
    entry(
        &[PackagesPermissionMissing, PackageCreationDenied],
        "{credential} is a GitHub App's token, which can't write container packages",
        "App tokens can log in to the registry, but not write an organization's container packages.",
        &[NEW_LOGIN, tell("Or push from a GitHub Actions workflow with GITHUB_TOKEN.")],
    )
    .at(OUTSIDE),
    entry(
        &[PackagesPermissionMissing],
        "this pull request's GITHUB_TOKEN can't write packages",
        "The run is of a pull request. From a fork, its token stays read-only whatever the workflow says; otherwise the job lacks `packages: write`.",
        &[
            show("From a fork, no setting helps: build without pushing on pull requests, and push after the merge.", "push: ${{ github.event_name != 'pull_request' }}\n"),
            show("From a branch of the same repository, give the job this permission:", PERMISSIONS),
        ],
    )
    .given(Clue::PullRequest),
    entry(
        &[PackagesPermissionMissing],
        "GITHUB_TOKEN can't write packages in this job",
        "The job lacks `packages: write`, or the run is a pull request from a fork, whose token stays read-only whatever the workflow says. {read_only}",
        &[
            ADD_PERMISSION,
            tell("If it has that and the pull request comes from a fork, no line of the workflow helps: build without pushing there, and push after the merge."),
            tell("If it is not a pull request, check the organization's workflow permissions at {workflow_settings}."),
            tell("If the credential comes from a GitHub App, use GITHUB_TOKEN or a classic PAT: App tokens can't write container packages.")
                .with(&[Held::Unknown]),
        ],
    )
    .unless(&[Clue::OwnRun])
    .see(TOKEN_PERMISSIONS),
    entry(
        &[PackagesPermissionMissing],
        "GITHUB_TOKEN can't write packages in this job",
        "GITHUB_TOKEN gets only the permissions that the workflow requests and that the repository and organization settings allow.",
        &[ADD_PERMISSION],
    )
    .with(JOB_TOKEN)
    .see(TOKEN_PERMISSIONS),
    entry(
        &[PackagesPermissionMissing],
        "{credential} has no permission to write packages",
        "The token is a GITHUB_TOKEN or a GitHub App's, and its installation can't write packages.",
        &[show("Use GITHUB_TOKEN with this permission, or a classic PAT; a GitHub App's token can't write container packages.", PERMISSIONS)],
    )
    .see(TOKEN_PERMISSIONS),
    // === the package doesn't exist yet ===
    entry(
        &[PackageCreationDenied],
        "GITHUB_TOKEN can't create {image}",
        "The package doesn't exist yet. {workflow}",
        &[show("{detail}", "{permission_lines}")],
    )
    .given(Clue::PermissionMissing),
    entry(
        &[PackageCreationDenied],
        "GITHUB_TOKEN can't create {image}",
        "The package doesn't exist yet. {workflow} So {owner} keeps this repository from creating packages.",
        &[CREATION],
    )
    .given(Clue::PermissionGranted),
    entry(
        &[PackageCreationDenied],
        "{credential} can't create {image}",
        "The package doesn't exist yet, and {owner} doesn't let the token's owner create packages: not a member, an outside collaborator, or a policy.",
        &[
            tell("Check the owner in the image name: a user can create packages under their own name and in organizations that they are a member of."),
            tell("If the owner is right, have an admin of {owner} allow members to create packages ({package_creation}), or create the package once for you."),
            tell("Or push with GITHUB_TOKEN from a workflow in a repository of {owner}."),
        ],
    )
    .with(PAT),
    entry(
        &[PackageCreationDenied],
        "{credential} can't create {image}",
        "The package doesn't exist yet, and the job lacks `packages: write`, or {owner} restricts package creation. A pull request from a fork never can.",
        &[ADD_PERMISSION, CREATION],
    ),
    // === the package exists ===
    entry(
        &[PackageWriteDenied],
        "{image} isn't linked to a repository, so {credential} can't write it",
        "The package was first pushed manually or with a PAT. GITHUB_TOKEN can only write packages that are linked to its repository or that grant the repository access.",
        &[GRANT, RACE],
    )
    .given(Clue::Unlinked)
    .see(PACKAGE),
    entry(
        &[PackageWriteDenied],
        "{image} belongs to {linked}, so {credential} can't write it",
        "The package takes its access from {linked}, and {repository} has no access to it.",
        &[GRANT],
    )
    .given(Clue::LinkedElsewhere)
    .see(PACKAGE),
    entry(
        &[PackageWriteDenied],
        "{credential} can't write {image}",
        "The package is linked to {repository}, but doesn't let its jobs write: the role is Read, or access isn't inherited from the repository.",
        &[
            tell("Open {package_settings}. Under Manage Actions access, set the role of {repository} to Write, or select Inherit access from source repository."),
            RACE,
        ],
    )
    .given(Clue::LinkedHere)
    .see(PACKAGE),
    entry(
        &[PackageWriteDenied],
        "the signature of {image} can't be written",
        "Signatures go into the package of the image, and that gives the credential of the signing tool no Write access: the package isn't linked to this repository, or the tool uses another login than the push.",
        &[
            GRANT,
            tell("If the image itself was pushed just now, the tool uses another login: {log_in} in the same job, same DOCKER_CONFIG, no other login in between."),
            GIVE_ROLE,
            RACE,
        ],
    )
    .given(Clue::Signing)
    .see(PACKAGE),
    entry(
        &[PackageWriteDenied],
        "{credential} can't write {image}",
        "The token is valid, but its owner has no Write role on the package; often it was first pushed by somebody else or belongs to another repository.",
        &[
            GRANT_PERSON,
            show("Or use GITHUB_TOKEN and give {repository} the role Write on the same page, under Manage Actions access:", PERMISSIONS).at(IN_JOBS),
            AUTHORIZE_SSO,
        ],
    )
    .with(PAT)
    .see(PACKAGE),
    entry(
        &[PackageReadDenied],
        "{credential} can't read {image}",
        "The token is valid, but the package is private and its owner gives the token's owner no access.",
        &[
            tell("Ask an admin of the package to give you the role {role} under Manage access: {package_settings}."),
            MAKE_PUBLIC.to(PULL),
            tell("Check that the classic PAT has `{scope}`, and that it is authorized for {owner}'s single sign-on (SSO): {tokens}."),
        ],
    )
    .with(PAT)
    .see(PACKAGE),
    entry(
        &[PackageWriteDenied, PackageReadDenied],
        "{credential} can't write {image}",
        "The package exists, but this repository has no Write access to it. Usually that's because it was first pushed manually or with a PAT and isn't linked to the repository.",
        &[
            GRANT,
            GIVE_ROLE.with(NOT_A_JOB_TOKEN),
            tell("If it was pushed from here before, the repository may have been renamed, moved, or recreated: that removes its access.").with(NOT_A_JOB_TOKEN),
            RACE,
        ],
    )
    .to(&[Operation::Push, Operation::Login, Operation::Other, Operation::Delete])
    .unless(&[Clue::OwnRun])
    .see(PACKAGE),
    entry(
        &[PackageWriteDenied],
        "{credential} can't write {image}",
        "The package exists, but this repository can't write to it. Usually that's because it was first pushed manually or with a PAT.",
        &[GRANT, GIVE_ROLE.with(NOT_A_JOB_TOKEN), RACE],
    )
    .see(PACKAGE),
    entry(
        &[PackageReadDenied],
        "the cluster's credential can't read {image}",
        "The credential works, but the package is private and gives its owner no access.",
        &[
            tell("Open {package_settings}. Under Manage access, give the owner of the pull secret's token the role Read, or make the package public."),
            show("Or make a new pull secret from a login with a classic PAT that has `read:packages`:", PULL_SECRET),
        ],
    )
    .to(PULL)
    .at(CLUSTER)
    .see(PACKAGE),
    entry(
        &[PackageReadDenied],
        "{image} is private",
        "GHCR says this to a login that has no access to a private package, and to those who aren't logged in.",
        &[
            MAKE_PUBLIC,
            tell("If it is meant to be private, log in with a classic PAT that has `read:packages` and whose owner may read it: {log_in}."),
            tell("If its owner may not read it yet, ask an admin of the package for the role Read under Manage access: {package_settings}."),
        ],
    )
    .to(PULL)
    .at(NOT_IN_JOBS)
    .with(NOT_KNOWN)
    .see(PACKAGE),
    entry(
        &[PackageReadDenied],
        "{credential} can't read {image}",
        "The credential works, but the package is private and gives it no access.",
        &[
            GRANT.at(IN_JOBS),
            GRANT_PERSON,
            MAKE_PUBLIC.to(PULL),
            show("Check that the job has the permission.", PERMISSIONS).at(IN_JOBS),
            tell("Check that the PAT is a classic one with `read:packages`: {tokens}.").at(OUTSIDE).to(PULL),
        ],
    )
    .see(PACKAGE),
    entry(
        &[ForeignInstallation],
        "{credential} belongs to another owner than {image}",
        "{repository} is a fork, and GITHUB_TOKEN only reaches packages of the fork's own owner.",
        &[
            show("Push to the fork's own owner:", OWN_IMAGE),
            tell("Or pass a classic PAT (`{scope}`) of somebody who has access to packages of {owner} as GHCR_PAT."),
        ],
    )
    .given(Clue::Fork),
    entry(
        &[ForeignInstallation],
        "{credential} belongs to another owner than {image}",
        "GITHUB_TOKEN only reaches packages of the owner of its repository. The repository may also have been moved or renamed.",
        &[
            show("Push to the owner of the repository:", OWN_IMAGE),
            tell("Or pass a classic PAT (`{scope}`) of somebody who has access to packages of {owner} as GHCR_PAT."),
        ],
    )
    .given(Clue::OwnRun),
    entry(
        &[ForeignInstallation],
        "GITHUB_TOKEN belongs to another owner than {image}",
        "GITHUB_TOKEN only reaches packages of the owner of its repository. Often a fork kept the original's image name, the repository moved, or a cache (`cache-from`, `cache-to`) names another owner.",
        &[
            tell("Use the repository's owner in the image name, in lowercase; in a workflow, `ghcr.io/${{ github.repository }}`. Check caches and mounts too."),
            tell("To use packages of {owner} anyway, log in with a classic PAT (`{scope}`) of somebody who has access to them."),
        ],
    ),
    // === refused without a reason ===
    entry(
        &[Denied],
        "{registry} is having problems",
        "GHCR did not reach another service of GitHub's, so it could not look the permission up. There is nothing to change.",
        &[STATUS],
    )
    .given(Clue::Intermediary),
    entry(
        &[Denied],
        "the owner in the image name does not exist",
        "GitHub knows no user or organization of this name: it is misspelled, or the account was renamed or deleted.",
        &[
            tell("Check the spelling of the owner in the image name: it has to be the account that the package belongs to, in lowercase."),
            tell("After a rename of the account, use the new name everywhere; GHCR doesn't redirect."),
        ],
    )
    .given(Clue::OwnerNotFound),
    entry(
        &[Denied],
        "a policy of {owner} or GitHub forbids it",
        "GitHub says: {said}",
        &[
            tell("Show this sentence to an admin of {owner}: it names the policy, and only they can change it ({package_creation})."),
            AUTHORIZE_SSO,
        ],
    )
    .given(Clue::Policy),
    entry(
        &[Denied],
        "{registry} doesn't take this form of login",
        "The client sent the credential itself instead of a token for it.",
        &[
            tell("Update the client, and give it the username and classic PAT of a login, not a header."),
            tell("If the image is public, remove the credential for {registry}."),
        ],
    )
    .given(Clue::BasicAuth),
    entry(
        &[Denied],
        "{image} can't be deleted",
        "Deleting needs the scope `delete:packages` (or `packages: write` for GITHUB_TOKEN) and the role Admin on the package. Without them, GitHub may say that there is no such package.",
        &[
            tell("Open {package_settings} and give {repository} (Manage Actions access) or the token's owner (Manage access) the role Admin."),
            tell("Check that the classic PAT has `delete:packages`: {tokens}. The package's name is what follows the owner."),
        ],
    )
    .to(DELETE),
    entry(
        &[Denied],
        "{registry} refused {image} for this login",
        "The login works, but it can't read this package: the PAT lacks `read:packages`, isn't authorized for single sign-on, or its owner has no access. GHCR says the same if the package doesn't exist.",
        &[
            tell("Open {tokens} and check that it is a classic PAT with `read:packages`; a fine-grained one never works."),
            AUTHORIZE_SSO,
            tell("If the package is private, ask its admins for the role Read (Manage access), or to make it public."),
            CHECK_NAME,
        ],
    )
    .to(PULL)
    .with(PAT)
    .at(&[Place::Desktop, Place::Unknown, Place::OtherCi]),
    entry(
        &[Denied, NoCredential],
        "{image} can't be pulled: private, or not there under this name",
        "This device pulls without a login, so the package must be public and published under exactly this name. Only its owner can change that.",
        &[
            CHECK_NAME,
            tell("If it is private or missing, tell its publisher: they have to make the package public, or publish this tag for this architecture."),
            tell("If a login for {registry} was added here, remove it; an expired one blocks even public images."),
        ],
    )
    .to(PULL)
    .at(APPLIANCE),
    entry(
        &[Denied, NoCredential],
        "{image} can't be pulled: private, or not there under this name",
        "The cluster had no credential that GHCR accepts for this image. GHCR gives the same answer for a private package and for one that doesn't exist.",
        &[
            CHECK_NAME,
            show("If it is private, make a pull secret from a login with a classic PAT that has `read:packages`, and name it in the pod's `imagePullSecrets`:", PULL_SECRET),
            tell("A pull secret works only in its own namespace; Flux, Argo CD, and operators need it in their own field (such as `secretRef`)."),
            MAKE_PUBLIC,
        ],
    )
    .to(PULL)
    .at(CLUSTER),
    entry(
        &[Denied, NoCredential],
        "{image} can't be pulled: private, or not there under this name",
        "GHCR gives the same answer for a private package, for a name that doesn't exist, and without a login.",
        &[
            CHECK_NAME,
            show("If it is private, log in before the pull (the job needs `packages: read`):", LOGIN_STEP).unless(&[Clue::OwnRun]),
            tell("If it belongs to another repository, give {repository} the role Read: {package_settings}, Manage Actions access."),
            OLD_LOGIN.unless(&[Clue::OwnRun]),
        ],
    )
    .to(PULL)
    .at(IN_JOBS)
    .unless(&[Clue::OwnRun]),
    entry(
        &[Denied, NoCredential],
        "{image} can't be pulled: private, or not there under this name",
        "No login was sent, and GHCR gives strangers the same answer for a private package and for a name that doesn't exist.",
        &[CHECK_NAME, UPDATE_HELM, LOG_IN_TO_READ, MAKE_PUBLIC],
    )
    .to(PULL)
    .with(NOTHING)
    .unless(&[Clue::OwnRun]),
    entry(
        &[Denied, NoCredential],
        "{image} can't be pulled: private, or not there under this name",
        "GHCR gives the same answer for a private package, for a name that doesn't exist, and for a login that has expired.",
        &[CHECK_NAME, LOG_IN_TO_READ, OLD_LOGIN],
    )
    .to(PULL)
    .unless(&[Clue::OwnRun]),
    entry(
        &[NoCredential],
        "the push of {image} had no login",
        "The tool found no credential for {registry}, so it sent none. A login doesn't carry over to other jobs, other users, or another DOCKER_CONFIG.",
        &[
            show("Log in in the same job, before the push (the job needs `packages: write`):", LOGIN_STEP).at(IN_JOBS),
            tell("Log in first, in the same job and as the same user: {log_in}.").at(&[Place::Unknown, Place::Desktop, Place::OtherCi, Place::Cluster, Place::Appliance]),
            tell("If you did, the tool reads another file: look at DOCKER_CONFIG, at `sudo`, and at the config.json that it names."),
            tell("Look for a later step that logs out or logs in to {registry} again.").at(MAYBE_IN_JOBS),
        ],
    )
    .to(PUSH)
    .unless(&[Clue::OwnRun]),
    entry(
        &[Denied],
        "the push of {image} had no login that {registry} accepts",
        "Either the tool found no login for {registry}, or it has expired or can't write this package. A login doesn't carry over to other jobs, other users, or another DOCKER_CONFIG.",
        &[
            show("Log in in the same job, before the push (the job needs `packages: write`):", LOGIN_STEP).at(IN_JOBS),
            tell("Log in first, in the same job and as the same user: {log_in}.").at(&[Place::Unknown, Place::Desktop, Place::OtherCi, Place::Cluster, Place::Appliance]),
            tell("If you did, the tool reads another file: look at DOCKER_CONFIG, at `sudo`, and at the config.json that it names."),
            tell("If the login is right, the package has to let it write: {package_settings}, Manage Actions access (or Manage access for a PAT), role Write."),
        ],
    )
    .to(PUSH)
    .given(Clue::NotLoggedIn)
    .unless(&[Clue::OwnRun]),
    entry(
        &[Denied],
        "{registry} refused the push of {image} without a reason",
        "Layers or another tag were accepted. Usually the package gives this repository no Write access, or it is so new that access lags behind.",
        &[
            show("Rerun the job once. If it fails again, check that it has this permission:", PERMISSIONS).at(IN_JOBS),
            tell("{Again} once. If it fails again, check the credential: `packages: write` for GITHUB_TOKEN, `write:packages` for a classic PAT.")
                .at(&[Place::Unknown, Place::Desktop, Place::OtherCi, Place::Cluster, Place::Appliance]),
            GRANT,
            GIVE_ROLE,
        ],
    )
    .to(PUSH)
    .given(Clue::ManifestOnly)
    .unless(&[Clue::OwnRun])
    .see(PACKAGE),
    entry(
        &[Denied],
        "{registry} refused the push of {image} without a reason",
        "Usually the PAT lacks `write:packages`, or its owner has no Write role on the package. GHCR gives the same answer when the login has expired.",
        &[
            tell("Open {tokens}: it has to be a classic PAT with `write:packages`, not expired."),
            GRANT_PERSON,
            AUTHORIZE_SSO,
            tell("{Again} once: GHCR sometimes rejects a valid request."),
        ],
    )
    .to(PUSH)
    .at(OUTSIDE)
    .see(TOKENS),
    entry(
        &[Denied],
        "{registry} refused the push of {image} without a reason",
        "Usually the job lacks `packages: write`, or the package gives its repository no Write access. A pull request from a fork never gets it.",
        &[
            ADD_PERMISSION,
            GRANT,
            tell("If you push with a PAT, it has to be a classic one with `write:packages`, whose owner has the role Write on the package.").with(NOT_A_JOB_TOKEN),
            tell("On a fork's or Dependabot's pull request, build without pushing. Otherwise {again} once: new packages lag, and GHCR sometimes rejects a valid request."),
        ],
    )
    .to(PUSH)
    .unless(&[Clue::OwnRun])
    .see(PACKAGE),
    entry(
        &[NoCredential],
        "the login to {registry} had an empty username or password",
        "A secret that isn't defined for this repository or environment is empty. So are all secrets in runs of forks, and those that are not Dependabot secrets in Dependabot's runs.",
        &[
            show("Use GITHUB_TOKEN, which is always there:", LOGIN_STEP),
            tell("For a PAT, check the spelling of the secret's name, and that this repository, environment, or Dependabot has it."),
            tell("On pull requests from forks, skip the login and build without pushing."),
        ],
    )
    .at(IN_JOBS)
    .unless(&[Clue::OwnRun]),
    entry(
        &[NoCredential],
        "the login to {registry} had no password",
        "The secret, variable, or file that should hold the token is empty or missing, so nothing came in on standard input.",
        &[
            tell("Check that the variable or file is set where the command runs, and that its name is spelled right."),
            tell("Pass the token on standard input: `printf %s \"$TOKEN\" | docker login {registry} -u NAME --password-stdin`."),
            tell("The password is a classic PAT (`read:packages` to pull), not that of your account: {tokens}."),
        ],
    )
    .unless(&[Clue::OwnRun]),
    entry(
        &[NoCredential],
        "there is no credential to try",
        "None of the credential inputs has a value; a secret that does not exist is empty.",
        &[
            show("Use GITHUB_TOKEN, which is there by default:", PERMISSIONS),
            tell("For a PAT, check the name of the secret, and that this repository (and environment) can use it."),
        ],
    ),
    entry(
        &[Denied],
        "{registry} refused {image} without a reason",
        "The log doesn't show whether it was a push or a pull. GHCR gives this answer to strangers, to expired logins, and to those that lack access.",
        &[
            tell("For a pull: check owner, name, and tag at {packages}; if the package is private, log in with a classic PAT that has `read:packages`."),
            tell("For a push in a workflow: give the job `packages: write`, and {repository} the role Write in {package_settings}, Manage Actions access."),
            tell("For a push elsewhere: log in with a classic PAT that has `write:packages`."),
            OLD_LOGIN,
        ],
    )
    .to(&[Operation::Other, Operation::Login])
    .unless(&[Clue::OwnRun]),
    entry(
        &[Denied],
        "{registry} rejected {credential} for {image}",
        "The registry gives no reason that is known. Organization policies, single sign-on, and new packages can be behind it.",
        &[
            tell("Check who has access to the package: {package_settings}."),
            AUTHORIZE_SSO.with(NOT_A_JOB_TOKEN),
            tell("{Again}; GHCR sometimes rejects a valid request."),
        ],
    )
    .see(PACKAGE),
    // === limits, network, and failures: they say nothing about permissions ===
    entry(
        &[RateLimited],
        "{registry} is limiting requests",
        "This account or IP address sent too many requests. Your permissions may be fine; GHCR didn't get as far as checking them.",
        &[tell("Rerun the job in a few minutes. If many jobs run in parallel, check once in a separate job and share its outputs.")],
    )
    .given(Clue::OwnRun),
    entry(
        &[RateLimited],
        "{registry} is limiting pulls of {image}",
        "Everybody who pulls this package shares the limit. Your permissions are not the problem.",
        &[
            tell("Wait a minute, then {again}; with a few retries it usually works."),
            tell("Use a mirror or another registry that has the same artifact, or cache it (Trivy: `--db-repository public.ecr.aws/aquasecurity/trivy-db`)."),
        ],
    )
    .given(Clue::SharedLimit),
    entry(
        &[RateLimited],
        "{registry} is limiting requests",
        "Too many requests in a short time. It says nothing about permissions.",
        &[
            tell("Wait a minute, then {again}."),
            tell("Push fewer images or signatures at once: lower the parallelism, or spread the jobs over time.").to(PUSH),
            tell("Pull through a cache or mirror, and fewer images in parallel.").to(PULL),
        ],
    ),
    entry(
        &[RegistryUnreachable, RegistryTimeout],
        "the proxy for {registry} can't be used",
        "The client is set up to use a proxy, and that proxy can't be reached or doesn't answer. It says nothing about permissions.",
        &[
            tell("Check the proxy's address, name, and port where the client that connects is configured: HTTPS_PROXY and NO_PROXY, Docker Desktop (Settings > Resources > Proxies), or the Docker daemon's own settings."),
            tell("If no proxy is needed, remove it there and restart Docker; otherwise start the proxy and {again}."),
        ],
    )
    .given(Clue::Proxy),
    entry(
        &[RegistryUnreachable, RegistryTimeout],
        "{registry} can't be resolved",
        "DNS gave no address for the name {here}. It says nothing about permissions.",
        &[
            tell("Check DNS on the machine that connects: `nslookup {registry}`, its resolver (/etc/resolv.conf), and what the Docker daemon, node, or VPN uses."),
            tell("DNS faults are often temporary: {again}. If it keeps failing, set a working resolver and restart Docker or the node's runtime."),
            tell("A firewall, VPN, or ad blocker may filter the name."),
        ],
    )
    .given(Clue::Dns),
    entry(
        &[RegistryUnreachable],
        "{registry} can't be reached",
        "Its name has no address, nothing listens there, the connection broke, or a proxy refused it. That says nothing about permissions.",
        &[tell("Rerun the job. On a self-hosted runner, check that {registry} is reachable and that HTTPS_PROXY and NO_PROXY are right.")],
    )
    .given(Clue::OwnRun),
    entry(
        &[RegistryTimeout],
        "{registry} did not answer in time",
        "The network or the registry is slow. That says nothing about permissions.",
        &[tell("Rerun the job, or give ghcr-auth longer with its `timeout` input (seconds).")],
    )
    .given(Clue::OwnRun),
    entry(
        &[RegistryUnreachable],
        "the connection to {registry} failed",
        "The connection was refused or broke on the way. It says nothing about permissions.",
        &[
            tell("{Again}: broken connections are usually temporary. Retry a large push or pull a few times."),
            tell("If it keeps failing, check the network {here}: DNS, route, firewall, VPN, and proxy (HTTPS_PROXY, NO_PROXY)."),
            tell("Blobs come from pkg-containers.githubusercontent.com: a firewall has to let that through as well as {registry}."),
        ],
    ),
    entry(
        &[RegistryTimeout],
        "{registry} did not answer in time",
        "The network or the registry is slow. It says nothing about permissions.",
        &[
            tell("{Again}: it is usually temporary."),
            tell("If it keeps failing, check the network {here}: DNS, route, firewall, VPN, and proxy (HTTPS_PROXY, NO_PROXY)."),
            tell("If only large layers time out, push or pull fewer at once (Docker: `max-concurrent-uploads`, `max-concurrent-downloads`)."),
        ],
    ),
    entry(
        &[RegistryUnavailable],
        "{registry} is having problems",
        "It kept answering with a server error. That says nothing about permissions.",
        &[STATUS],
    )
    .given(Clue::OwnRun),
    entry(
        &[RegistryUnavailable],
        "{registry} lost the upload",
        "An upload broke off inside the registry or on the way to it. It says nothing about permissions, and it is usually temporary.",
        &[
            show("{Again}; what was uploaded is reused. In a script, retry:", RETRY),
            tell("If it keeps failing, look at https://www.githubstatus.com (Packages), and push fewer layers at once."),
            tell("If it always fails at the same layer, check the disk, and update Docker and buildx: some versions break on large or resumed uploads."),
        ],
    )
    .given(Clue::Upload),
    entry(
        &[RegistryUnavailable],
        "{registry} is having problems",
        "It, or a proxy in between, answered with a server error. That says nothing about permissions, and it is usually temporary.",
        &[STATUS, show("If it happens often, retry in the script:", RETRY).to(PUSH)],
    ),
    entry(
        &[TlsError],
        "the certificate of {registry} has expired",
        "A certificate is valid only between two dates. {dates}",
        &[
            CLOCK,
            tell("If the clock is right, the certificate has to be renewed by whoever runs {registry} or the proxy before it."),
        ],
    )
    .given(Clue::Expired),
    entry(&[TlsError], "the certificate of {registry} is not valid yet", "A certificate is valid only between two dates. {dates}", &[CLOCK])
        .given(Clue::NotYetValid),
    entry(
        &[TlsError],
        "the certificate belongs to another host than {registry}",
        "Another host answered: a proxy, a firewall, a login page, or a wrong name. Trusting its root certificate doesn't help.",
        &[tell("Check {registry_name} and its DNS, and look for a proxy or login page in front of {registry}.")],
    )
    .given(Clue::OtherHost),
    entry(
        &[TlsError],
        "the certificate of {registry} isn't signed by a CA that is trusted here",
        "Often a corporate proxy intercepts TLS with its own certificate.",
        &[COMPANY_ROOT, COMPANY_ROOT_FILE],
    )
    .given(Clue::UnknownRoot),
    entry(
        &[TlsError],
        "no TLS version or cipher suite in common with {registry}",
        "The handshake failed: {registry}, or a proxy before it, offers neither TLS 1.2 nor TLS 1.3 with AES-GCM, or wants a client certificate.",
        &[tell("Have whoever runs {registry} or the proxy allow TLS 1.2 or 1.3 with AES-GCM and no client certificate.")],
    )
    .given(Clue::NothingInCommon),
    entry(
        &[TlsError],
        "no trusted TLS connection to {registry}",
        "The connection failed before anything was sent: the certificate, the protocol, or what answers there is not what it should be.",
        &[tell("Check the `registry` input, and look for a proxy between the runner and {registry}."), COMPANY_ROOT],
    )
    .given(Clue::OwnRun),
    entry(
        &[TlsError],
        "no trusted TLS connection to {registry}",
        "The certificate isn't signed by a CA that is trusted {here}. Usually a proxy, VPN, or firewall inspects TLS with a certificate of its own.",
        &[
            tell("Add the root certificate of that proxy to the system's trusted CAs, and restart Docker or containerd; it reads them at start."),
            tell("Or exempt {registry} and pkg-containers.githubusercontent.com from inspection."),
            tell("Check the clock and update the system's CA certificates; a certificate is valid only between two dates."),
        ],
    ),
    entry(
        &[NotPublic],
        "not everybody can pull {image}",
        "{registry} asked for a login or knows no such image, and doesn't tell strangers which. The package is private, or its name or tag isn't there.",
        &[
            tell("Open {package_settings}, and under Danger Zone choose Change visibility, Public. Only a person can do that, on this page: no API changes it."),
            tell("If Public can't be chosen, an owner of {owner} has to allow it at {package_creation}."),
            tell("If the package is public already, check the spelling of the image and its tag, and that the push of this tag has finished."),
        ],
    )
    .see(VISIBILITY),
    entry(
        &[RealmRefused],
        "{registry} asks to send the credential to another server",
        "The token endpoint that it names is on another host, so nothing was sent.",
        &[tell("Check {registry_name}. GitHub's own registries never do this; report it if this one is GitHub's.")],
    ),
    entry(
        &[RedirectRefused],
        "{registry} redirects instead of answering",
        "Redirects are not followed, because the credential would go with them.",
        &[tell("Check {registry_name}, and look for a login page or proxy in front of the registry.")],
    ),
    entry(
        &[RegistryProtocol],
        "{registry} doesn't answer like a container registry",
        "The answer neither allows nor denies; often the host is wrong, or a login page or proxy answers in its place.",
        &[tell("Check the `registry` and `images` inputs, and look for a proxy between the runner and the registry.")],
    )
    .given(Clue::OwnRun),
    entry(
        &[RegistryProtocol],
        "the image name lacks its owner",
        "GHCR's images are called `{registry}/OWNER/NAME`; this name has one part only.",
        &[tell("Put the owner before the name, in lowercase; in a workflow, `{registry}/${{ github.repository }}`.")],
    )
    .given(Clue::NoOwner),
    entry(
        &[RegistryProtocol],
        "{registry} doesn't answer like a container registry",
        "The answer neither allows nor denies; often a login page or proxy answers in the registry's place.",
        &[tell("Check the host's name, and look for a proxy or login page in between; then {again}.")],
    ),
    // === what was given ===
    entry(
        &[CredentialMalformed],
        "{detail}",
        "What {credential} holds can't be a token, so it was not sent.",
        &[
            tell("Copy the token again and save it at {server}/{repository}/settings/secrets/actions, with nothing around it.").at(MAYBE_IN_JOBS),
            tell("Copy the token again, and set {credential} to it with nothing around it.").at(OUTSIDE),
        ],
    ),
    entry(
        &[RegistryServerMismatch],
        "GITHUB_TOKEN belongs to {server}, not to {registry}",
        "GITHUB_TOKEN is only ever sent to the registry of its own server.",
        &[
            tell("Leave the `registry` input out to use the server's own registry.").at(MAYBE_IN_JOBS),
            tell("Or pass a classic PAT of the other server as GHCR_PAT.").at(MAYBE_IN_JOBS),
            tell("Set GHCR_PAT to a classic PAT of the server that {registry} belongs to.").at(OUTSIDE),
        ],
    ),
    entry(
        &[InvalidInput],
        "{detail}",
        "An input is invalid, so no credential was tried.",
        &[tell("Correct the input in the ghcr-auth step; docs/reference.md in its repository lists them all.")],
    ),
    entry(
        &[InvalidImage],
        "{detail}",
        "An image name has to be `owner/name` in lowercase; this one is invalid.",
        &[show(
            "Use ghcr-auth's output `image` for tags; in the input `images` write `owner/name` without a tag, or leave it out for the repository's own name.",
            OWN_IMAGE,
        )],
    )
    .given(Clue::OwnRun),
    entry(
        &[InvalidImage],
        "a part of the image name is empty",
        "The owner or the name is missing: a variable, secret, or input that should hold it has no value here.",
        &[
            tell("Print the variable that the name is made of, and set it. Secrets are empty in runs of forks; `env` of one job is unset in another."),
            tell("Write the name in full, such as `{registry}/owner/name:tag`, all in lowercase."),
        ],
    )
    .given(Clue::EmptyName),
    entry(
        &[InvalidImage],
        "the tag has a character that tags can't have",
        "A tag consists of letters, digits, `_`, `.`, and `-`, at most 128; a `+` or `/` as in version or branch names isn't allowed. The registry was never asked.",
        &[
            tell("Replace the character: `+` and `/` by `-`. In a shell: `TAG=$(printf %s \"$VERSION\" | tr '+/' '--')`."),
            tell("In a workflow, docker/metadata-action makes valid tags in lowercase.").at(MAYBE_IN_JOBS),
        ],
    )
    .given(Clue::BadTag),
    entry(
        &[InvalidImage],
        "the image name has uppercase letters",
        "Image names are in lowercase, whatever the account or repository is called. The registry was never asked.",
        &[
            tell("Write the name in lowercase: {lower}."),
            tell("In a workflow, `${GITHUB_REPOSITORY,,}` in bash is the repository in lowercase; docker/metadata-action does it too, and so does ghcr-auth's output `image`.")
                .at(IN_JOBS),
            tell("In a script, put the name through `tr '[:upper:]' '[:lower:]'`.").at(&[Place::Unknown, Place::OtherCi]),
        ],
    )
    .given(Clue::UpperCase),
    entry(
        &[InvalidImage],
        "the image name is not valid",
        "A name is `host/owner/name:tag` in lowercase, with no part empty; a tag has letters, digits, `_`, `.`, and `-` only (no `+`). The registry was never asked.",
        &[
            tell("Write the name in lowercase and without spaces or quotes: {lower}."),
            tell("Print the variables that it is made of: one of them may be empty or unset."),
        ],
    ),
    entry(
        &[LoginFailed],
        "Docker can't be logged in",
        "The registry allows it, but the login could not be stored: {detail}.",
        &[show("Repair or remove the file, or log in with docker/login-action and tell ghcr-auth not to.", "with:\n  login: none\n")],
    ),
    entry(
        &[Internal],
        "ghcr-auth itself failed",
        "This is a bug.",
        &[tell("Please report it with the `report` output at {source}/issues.")],
    ),
];
