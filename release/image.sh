# shellcheck shell=bash
# The image: built and pushed for each architecture on a machine of its own, then joined under one digest.

# How the kernel calls an architecture's machines.
machine_of() {
    case $1 in
        amd64) echo x86_64 ;;
        arm64) echo aarch64 ;;
        *) die "no such architecture: '$1' (amd64 or arm64)" ;;
    esac
}

# How an architecture is customarily called in the names of programs.
target_of() {
    echo "$(machine_of "$1")-unknown-linux-gnu"
}

program_of() {
    echo "ghcr-auth-$(target_of "$1")"
}

build() {
    target_of "${1:-}" >/dev/null
    refuse_existing_tag
    git diff --quiet HEAD -- || die "there are uncommitted changes: the tag would not be what the image is built from"
    # Attestations of the builder's own would make an index of one architecture's image, which no other index can hold.
    BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --build-arg "SOURCE=$server/$repository" --tag "$image:$version-$1" .
    c_library "$1"
    package "$1"
}

# The version of the C library that is linked into the program, from the stage that it was linked in.
c_library() {
    local stage
    stage=$(docker build --quiet --build-arg "SOURCE=$server/$repository" --target build .)
    mkdir -p "$dist/$1"
    docker run --rm --entrypoint ldd "$stage" --version | sed -n '1s/^ldd (.* GLIBC \(.*\)) .*$/\1/p' >"$dist/$1/glibc"
    [ -s "$dist/$1/glibc" ] || die "the build stage does not say which glibc it has"
}

package() {
    local program
    program=$dist/${1:-}/$(program_of "${1:-}")
    refuse_existing_tag
    mkdir -p "${program%/*}"
    take_program "$1" "$image:$version-$1" "$program"
    check_program "$program" "$(machine_of "$1")"
    push "$1"
}

# `take_program ARCH IMAGE FILE`
take_program() {
    local container
    container=$(docker create --platform "linux/$1" "$2")
    docker cp "$container:/ghcr-auth" "$3" >/dev/null
    docker rm "$container" >/dev/null
}

# The program must be for its architecture, need no library of the host, and say the version that is released.
check_program() {
    local program=$1 machine=$2 said
    readelf --file-header "$program" | tr _ - | grep --quiet --ignore-case "machine:.*${machine/_/-}" || die "$program is not for $machine"
    if readelf --program-headers "$program" | grep --quiet INTERP; then
        die "$program is linked dynamically: it would not start in an empty image"
    fi
    if [ "$(uname -m)" = "$machine" ]; then
        said=$("$program" --version)
        [ "$said" = "ghcr-auth $version" ] || die "$program says it is '$said', not $version"
    fi
}

# Pushes one architecture's image under a tag that only this script reads, and records its digest.
push() {
    local digest
    digest=$(docker push "$image:$version-$1" | sed -n 's/^.*digest: \(sha256:[0-9a-f]\{64\}\) .*$/\1/p')
    [ -n "$digest" ] || die "docker push named no digest"
    echo "$digest" >"$dist/$1/digest"
    echo "$image@$digest"
}

# Whether the registry is on this machine, where it has no TLS.
is_loopback() {
    [[ $registry =~ ^(127\.|localhost:) ]]
}

# `digest ARCH`: what `package` recorded, for the job's output.
digest() {
    recorded "${1:-}/digest"
}

index() {
    local list=$image:$version digest options=()
    refuse_existing_tag
    ! is_loopback || options+=(--insecure)
    # What an earlier attempt left on this machine.
    docker manifest rm "$list" >/dev/null 2>&1 || true
    docker manifest create "${options[@]}" "$list" \
        "$image@$(recorded amd64/digest)" "$image@$(recorded arm64/digest)" >/dev/null
    digest=$(docker manifest push --purge "${options[@]}" "$list" | tail -n 1)
    [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || die "docker manifest push named no digest"
    echo "$digest" >"$dist/index.digest"
    echo "$image@$digest"
}

# Copies the index and all that it names, as somebody without a login: what a user's runner will do.
require_pullable() {
    local copy platforms options=(--all --src-no-creds)
    ! is_loopback || options+=(--src-tls-verify=false)
    copy=$(mktemp --directory)
    if ! skopeo --insecure-policy copy --quiet "${options[@]}" "docker://$image@$1" "dir:$copy"; then
        rm -r "$copy"
        die "$(not_pullable "$1")"
    fi
    platforms=$(jq --raw-output '[.manifests[].platform | "\(.os)/\(.architecture)"] | sort | join(" ")' "$copy/manifest.json")
    rm -r "$copy"
    [ "$platforms" = "linux/amd64 linux/arm64" ] || die "$image@$1 is for '$platforms', not for linux/amd64 and linux/arm64"
}

pullable() {
    require_pullable "$(recorded index.digest)"
}

not_pullable() {
    cat <<END
$image@$1 cannot be pulled without a login, so no user's runner could start it. No tag was made.
  If it was just published for the first time, it may be private: open $server/$repository/pkgs/container/${repository##*/},
  Package settings, Danger Zone, Change visibility, Public. Then choose Re-run failed jobs. Where Public is not offered,
  the organization's owner allows it first: Settings, Packages, Package creation.
END
}
