# shellcheck shell=bash
# What GitHub itself keeps: attestations, and the release's page with its files.

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
        --signer-workflow "$repository/.github/workflows/release.yml" >/dev/null ||
        die "$1 has no attestation of the release workflow for this commit. No tag was made"
}

# A draft is seen by maintainers only. It comes after its tag: publishing it by hand would make one on the default branch.
draft() {
    local files state
    [ "$(remote_tag "v$version")" = "$(recorded commit)" ] || die "the tag v$version is not the commit of this run: run 'tag' first"
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
