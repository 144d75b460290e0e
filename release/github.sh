# shellcheck shell=bash
# What GitHub itself keeps: attestations, and the release's page with its files.

# That the image and every file were made by the release workflow of this repository.
require_attested() {
    local subject files
    read -ra files <<<"$(downloads)"
    for subject in "oci://$image@$1" "${files[@]/#/$dist/}"; do
        gh attestation verify "$subject" --repo "$repository" \
            --signer-workflow "$repository/.github/workflows/release.yml" >/dev/null ||
            die "$subject has no attestation of the release workflow. No tag was made"
    done
}

# A draft is seen by maintainers only and makes no tag.
draft() {
    local files state
    read -ra files <<<"$(downloads) SHA256SUMS"
    files=("${files[@]/#/$dist/}")
    state=$(gh release view "v$version" --json isDraft --jq .isDraft 2>/dev/null || echo none)
    case $state in
        none) gh release create "v$version" --draft --title "v$version" --notes "$(notes)" "${files[@]}" ;;
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
