# shellcheck shell=bash
# Which version is released, and whether it may be.

# The object that a ref of the remote repository names; empty when there is no such ref.
remote_object() {
    local line
    line=$(git ls-remote "$remote" "$1") || die "$remote does not say which tags and branches it has"
    line=${line%%$'\n'*}
    echo "${line%%[[:space:]]*}"
}

refuse_existing_tag() {
    local existing
    existing=$(remote_object "refs/tags/v$version")
    [ -z "$existing" ] || die "the tag v$version exists already: a version is released once. Raise the version in Cargo.toml"
}

is_prerelease() {
    [[ $version == *-* ]]
}

# The highest released version without a suffix that begins so, such as `1.` or (for all) nothing; empty when there is none.
highest_of() {
    local tags
    tags=$(git ls-remote --refs "$remote" 'refs/tags/v*') || die "$remote does not say which tags and branches it has"
    sed -n 's,^.*refs/tags/v\([0-9]*\.[0-9]*\.[0-9]*\)$,\1,p' <<<"$tags" | { grep "^${1//./\\.}" || true; } | sort --version-sort | tail -n 1
}

# Whether no released version without a suffix that begins so is higher.
is_highest_of() {
    local released
    released=$(highest_of "$1")
    [ -z "$released" ] || [ "$(printf '%s\n' "$released" "${version%%-*}" | sort --version-sort | tail -n 1)" = "${version%%-*}" ]
}

# The changelog's section of this version, without its heading and the links at the end of the file.
notes() {
    awk -v heading="## [$version]" 'index($0, "## [") == 1 { inside = index($0, heading) == 1; next }
        inside && !/^\[[^]]*\]: /' CHANGELOG.md
}

# The pages name the action as its users have to write it: every owner is another one, and the major version may be, too. The
# owner's name may end with the old one; so nothing is replaced twice.
refuse_foreign_name() {
    local wanted=$repository@v${version%%.*} named
    named=$(sed -n 's,^ *- uses: \([^/]*/[^/@]*@v[0-9]*\)$,\1,p' README.md)
    named=${named%%$'\n'*}
    [ "$named" = "$wanted" ] || die "README.md tells users to write '$named', but this will be $wanted. Commit what this changes:
  git grep -lz '${named%@*}' | xargs -0 sed -i 's,ghcr\.io/${named%@*},ghcr.io/\n,g; s,$named,${named%@*}@${wanted#*@},g; s,${named%@*},$repository,g; s,ghcr\.io/\n,ghcr.io/${repository,,},g'"
}

version() {
    local number='(0|[1-9][0-9]*)'
    [[ $version =~ ^$number\.$number\.$number(-[0-9A-Za-z.-]+)?$ ]] || die "Cargo.toml has no version that can be a tag: '$version'"
    [ -z "$repository" ] || refuse_foreign_name
    if [ $# -gt 0 ] && [ "${1#v}" != "$version" ]; then
        die "asked for ${1#v}, but Cargo.toml says $version: one of them is wrong"
    fi
    [[ $(notes) =~ [^[:space:]] ]] || die "CHANGELOG.md says nothing under '## [$version]': move what is under Unreleased there"
    refuse_existing_tag
    echo "$version"
}
