# shellcheck shell=bash
# What users download beside the image.

cyclonedx=0.5.9

tools() {
    [ "$(cargo-cyclonedx cyclonedx --version 2>/dev/null)" = "cargo-cyclonedx-cyclonedx $cyclonedx" ] && return
    cargo install --quiet --locked "cargo-cyclonedx@$cyclonedx"
}

# In a copy, because the tool writes beside every manifest. Both architectures are made of the same.
sbom() {
    local copy
    copy=$(mktemp --directory)
    git archive HEAD | tar --extract --directory "$copy"
    cargo-cyclonedx cyclonedx --quiet --manifest-path "$copy/Cargo.toml" --target "$(target_of amd64)" \
        --format json --spec-version 1.5 --override-filename sbom
    mv "$copy/sbom.json" "$dist/ghcr-auth.cdx.json"
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
