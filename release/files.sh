# shellcheck shell=bash
# What users download beside the image.

cyclonedx=0.5.9

tools() {
    [ "$(cargo-cyclonedx cyclonedx --version 2>/dev/null)" = "cargo-cyclonedx-cyclonedx $cyclonedx" ] && return
    # Without optimisation it is there in half the time, and its work here takes seconds.
    cargo install --quiet --locked --debug --force "cargo-cyclonedx@$cyclonedx"
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
    mkdir -p "$dist/sbom"
    mv "$copy/amd64.json" "$dist/sbom/ghcr-auth.cdx.json"
    rm -r "$copy"
}

# Takes over what the other jobs made: `collect DIGEST-OF-AMD64 DIGEST-OF-ARM64`, the digests as the builds themselves gave them.
# What is signed afterwards is what the registry holds: each program is taken out of its image once more.
collect() {
    local arch program image_program
    [ $# -eq 2 ] || die "collect needs the digests of amd64 and arm64"
    only "$dist/sbom" ghcr-auth.cdx.json
    for arch in amd64 arm64; do
        program=$(program_of $arch)
        only "$dist/$arch" "$program" digest glibc
        [ "$(recorded $arch/digest)" = "$1" ] || die "the digest of $arch is not the one that its build gave"
        image_program=$(mktemp)
        docker pull --quiet --platform "linux/$arch" "$image@$1" >/dev/null
        take_program $arch "$image@$1" "$image_program"
        cmp "$image_program" "$dist/$arch/$program" || die "$program is not the program in $image@$1"
        rm "$image_program"
        # An artifact does not keep it.
        chmod 755 "$dist/$arch/$program"
        check_program "$dist/$arch/$program" "$(machine_of $arch)"
        cp "$dist/$arch/$program" "$dist/$program"
        shift
    done
    list_c_library
}

# Refuses a directory in which there is anything but these files.
only() {
    local directory=$1 found wanted
    shift
    found=$(cd "$directory" && find . -mindepth 1 -printf '%P %y\n' | sort)
    wanted=$(printf '%s f\n' "$@" | sort)
    [ "$found" = "$wanted" ] || die "$directory must hold just these files: $*. There is: $(tr '\n' ',' <<<"$found")"
}

# The list of crates does not know the C library, which is in the program, too.
list_c_library() {
    local glibc whole
    whole=$(mktemp)
    glibc=$(recorded amd64/glibc)
    [ "$glibc" = "$(recorded arm64/glibc)" ] || die "the programs are linked with different versions of glibc"
    [[ $glibc =~ ^[0-9][0-9A-Za-z.+~-]*$ ]] || die "this is no version of glibc: '$glibc'"
    jq --arg glibc "$glibc" --arg version "$version" '
        if .bomFormat != "CycloneDX" or .metadata.component.name != "ghcr-auth" or .metadata.component.version != $version
        then error("this is no list of what ghcr-auth \($version) is made of") else . end
        | "pkg:deb/debian/glibc@\($glibc)?arch=source&distro=debian-12" as $purl
        | .components += [{type: "library", "bom-ref": $purl, name: "glibc", version: $glibc, purl: $purl,
            description: "The GNU C Library, linked statically", licenses: [{license: {id: "LGPL-2.1-or-later"}}]}]
        | .metadata.component."bom-ref" as $root
        | .dependencies |= map(if .ref == $root then .dependsOn += [$purl] else . end) + [{ref: $purl}]
    ' "$dist/sbom/ghcr-auth.cdx.json" >"$whole" || die "the list of parts is broken"
    cat "$whole" >"$dist/ghcr-auth.cdx.json"
    rm "$whole"
}

downloads() {
    echo "$(program_of amd64)" "$(program_of arm64)" ghcr-auth.cdx.json
}

checksums() {
    local files
    read -ra files <<<"$(downloads)"
    (cd "$dist" && sha256sum "${files[@]}" >SHA256SUMS)
}

require_checksums() {
    local files
    read -ra files <<<"$(downloads)"
    (cd "$dist" && sha256sum "${files[@]}" | cmp --quiet - SHA256SUMS) || die "SHA256SUMS does not have the sums of these files"
}
