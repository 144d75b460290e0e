# shellcheck shell=bash
# What GitHub itself keeps: attestations, and the release's page with its files.

# What a release rests on and no step of it can change: asked before anything is built.
ready() {
    require_public_repository
    require_reviewers
    require_public_package
}

require_public_repository() {
    local visibility
    visibility=$(gh api "repos/$repository" --jq .visibility) || die "GitHub does not say whether $repository is public"
    [ "$visibility" = public ] || die "$repository is $visibility. Attestations need a public repository, and nobody could use the action.
  Settings, General, Danger Zone, Change visibility"
}

# A job that names an environment makes it, without rules, where there is none: the release would run unreviewed.
require_reviewers() {
    local reviewers
    reviewers=$(gh api "repos/$repository/environments/release" --jq '[.protection_rules[]? | select(.type == "required_reviewers") | .reviewers[]?] | length') ||
        die "GitHub does not show an environment 'release'. Make it: $server/$repository/settings/environments, New environment, Required reviewers"
    [ "$reviewers" -gt 0 ] || die "the environment 'release' has no required reviewers, so nobody would be asked.
  Add them: $server/$repository/settings/environments"
}

# Whether an organization lets packages be public is not in the API; only what became of a package that is there.
require_public_package() {
    local kind owner=${repository%%/*} name=${repository##*/} visibility
    kind=$(gh api "repos/$repository" --jq .owner.type) || die "GitHub does not say whose repository $repository is"
    local of=users settings=$server/$repository/pkgs/container/${name,,}
    [ "$kind" != Organization ] || of=orgs
    if visibility=$(gh api "$of/$owner/packages/container/${name,,}" --jq .visibility 2>/dev/null); then
        [ "$visibility" = public ] || die "the package ${name,,} is $visibility: no user's runner could pull its images.
  Open $settings, Package settings, Danger Zone, Change visibility, Public"
        return
    fi
    echo "release: this token sees no package ${name,,} of $owner. If it is not there yet, it may be private after the first push:" >&2
    echo "  the job 'publish' ends then, and says where to change that." >&2
    [ "$kind" != Organization ] ||
        echo "  Package creation must allow Public, which the API does not tell: $server/organizations/$owner/settings/packages" >&2
}

# That the image and every file were made by the release workflow of this repository.
require_attested() {
    local subject files
    read -ra files <<<"$(downloads)"
    for subject in "oci://$image@$1" "${files[@]/#/$dist/}"; do
        require_attestation "$subject"
    done
    require_attestation "oci://$image@$1" --predicate-type https://cyclonedx.org/bom
}

require_attestation() {
    gh attestation verify "$@" --repo "$repository" --source-digest "$(git rev-parse HEAD)" \
        --source-ref "$ref" --signer-workflow "$repository/.github/workflows/release.yml" --deny-self-hosted-runners >/dev/null ||
        die "$1 has no attestation of the release workflow for this commit on $ref. No tag was made"
}

# A draft is seen by maintainers only. It comes after its tag: publishing it manually would make one on the default branch.
draft() {
    local files state
    require_checksums
    [ "$(remote_object "refs/tags/v$version")" = "$(recorded commit)" ] || die "the tag v$version is not the commit of this run: run 'tag' first"
    read -ra files <<<"$(downloads) SHA256SUMS"
    files=("${files[@]/#/$dist/}")
    state=$(gh release list --limit 100 --json tagName,isDraft --jq ".[] | select(.tagName == \"v$version\") | .isDraft") ||
        die "GitHub does not say which releases there are"
    case $state in
        '') gh release create "v$version" --draft --title "v$version" --notes "$(notes)" "${files[@]}" ;;
        true)
            gh release edit "v$version" --notes "$(notes)"
            gh release upload "v$version" --clobber "${files[@]}" ;;
        *) echo "v$version is published already" ;;
    esac
}

publish() {
    local prerelease=false latest=false
    is_prerelease && prerelease=true
    ! $prerelease && is_highest_of "" && latest=true
    gh release edit "v$version" --verify-tag --draft=false --prerelease=$prerelease --latest=$latest
}
