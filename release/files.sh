# shellcheck shell=bash
# What users download beside the image.

cyclonedx=0.5.9

tools() {
    [ "$(cargo-cyclonedx cyclonedx --version 2>/dev/null)" = "cargo-cyclonedx-cyclonedx $cyclonedx" ] && return
    cargo install --quiet --locked "cargo-cyclonedx@$cyclonedx"
}

# One list for both architectures. It is made in a copy, because the tool writes beside every manifest.
sbom() {
    local copy arch
    copy=$(mktemp --directory)
    git archive HEAD | tar --extract --directory "$copy"
    for arch in amd64 arm64; do
        cargo-cyclonedx cyclonedx --quiet --manifest-path "$copy/Cargo.toml" --target "$(target_of $arch)" \
            --format json --spec-version 1.5 --override-filename $arch
    done
    cmp <(jq .components "$copy/amd64.json") <(jq .components "$copy/arm64.json") || die "the programs are not made of the same crates"
    mv "$copy/amd64.json" "$dist/ghcr-auth.cdx.json"
    rm -r "$copy"
}

downloads() {
    echo "ghcr-auth-$(target_of amd64)" "ghcr-auth-$(target_of arm64)" ghcr-auth.cdx.json
}

checksums() {
    local files
    read -ra files <<<"$(downloads)"
    (cd "$dist" && sha256sum "${files[@]}" >SHA256SUMS)
}
