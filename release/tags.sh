# shellcheck shell=bash
# The commit that names the image by its digest, the branch that it is on, and the tags on it.

# action.yml as users get it.
pinned_action() {
    [ "$(git show HEAD:action.yml | grep --count '^  image: Dockerfile$')" = 1 ] || die "action.yml must say 'image: Dockerfile' once"
    git show HEAD:action.yml | sed "s,^  image: Dockerfile\$,  image: docker://$image@$1,"
}

# The branch of release commits that this version belongs on: that of its major version, or of its minor version where a higher
# one is released already. So no branch goes back to what is older.
release_branch() {
    local core=${version%%-*}
    if is_highest_of "${core%%.*}."; then echo "releases/v${core%%.*}"; else echo "releases/v${core%.*}"; fi
}

# Fetches what a ref of the remote names, and prints the commit; nothing when there is no such ref.
fetched() {
    local object
    object=$(remote_object "$1")
    [ -n "$object" ] || return 0
    git fetch --quiet --no-tags "$remote" "$1" || die "$remote does not give $1"
    git rev-parse --verify --quiet "$object^{commit}"
}

# The release commit that this one follows, empty for the first. Once this version's tag is there, what that one follows.
previous_release() {
    local existing branch tip
    existing=$(fetched "refs/tags/v$version")
    if [ -n "$existing" ]; then
        git rev-parse --verify --quiet "$existing^2" >/dev/null || return 0
        git rev-parse --verify "$existing^1"
        return
    fi
    branch=$(release_branch)
    tip=$(fetched "refs/heads/$branch")
    [ -n "$tip" ] || tip=$(fetched "refs/tags/v$(highest_of "${branch#releases/v}.")")
    echo "$tip"
}

# Puts a file into the release commit: `stage MODE FILE PATH`.
stage() {
    git update-index --add --cacheinfo "$1,$(git hash-object -w --no-filters "$2"),$3"
}

# A commit on top of HEAD and of the release before: whoever has locked or pinned that one finds the new one to be its
# descendant. The same input makes the same commit, so that a second attempt changes nothing.
# It has no workflows: they would never run there, and GitHub lets no job push a change of them.
commit_pinned_to() (
    previous=$(previous_release)
    parents=(-p HEAD)
    [ -z "$previous" ] || parents=(-p "$previous" "${parents[@]}")
    date=$(git show --no-patch --format=%cI HEAD)
    export GIT_AUTHOR_NAME="github-actions[bot]" GIT_AUTHOR_EMAIL="41898282+github-actions[bot]@users.noreply.github.com"
    export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
    export GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date
    GIT_INDEX_FILE=$(mktemp --dry-run)
    export GIT_INDEX_FILE
    git read-tree HEAD
    pinned_action "$1" >"$dist/action.yml"
    stage 100644 "$dist/action.yml" action.yml
    stage 100755 "$dist/$(program_of amd64)" host/ghcr-auth-x86_64
    stage 100755 "$dist/$(program_of arm64)" host/ghcr-auth-aarch64
    git rm -r --cached --quiet --ignore-unmatch .github/workflows
    git commit-tree "${parents[@]}" -m "Release $version" -m "The image is $image@$1." "$(git write-tree)"
    rm "$GIT_INDEX_FILE"
)

pin() {
    local digest commit
    digest=$(recorded index.digest)
    require_pullable "$digest"
    commit=$(commit_pinned_to "$digest")
    echo "$commit" | tee "$dist/commit"
}

# The commit runs the image and the programs of this release and nothing else.
require_pinned() {
    local commit=$1 arch
    git show "$commit:action.yml" | grep --quiet --line-regexp --fixed-strings "  image: docker://$image@$2" ||
        die "action.yml of $commit does not name $image@$2"
    for arch in amd64 arm64; do
        git show "$commit:host/ghcr-auth-$(machine_of $arch)" | cmp --quiet - "$dist/$(program_of $arch)" ||
            die "host/ghcr-auth-$(machine_of $arch) of $commit is not the released program"
    done
}

# Everything is asked once more here, whatever ran before: after this step there is no way back.
tag() {
    local commit digest existing
    commit=$(recorded commit)
    digest=$(recorded index.digest)
    existing=$(remote_object "refs/tags/v$version")
    if [ "$existing" = "$commit" ]; then
        echo "v$version is this very commit already"
        return
    fi
    [ -z "$existing" ] || die "the tag v$version exists already and is another commit: a version is released once"
    require_pinned "$commit" "$digest"
    require_pullable "$digest"
    require_attested "$digest"
    push_tags "$commit"
}

# The branch and all tags or none of them. The major version's moves forward only, and only from where it was seen; the branch
# too, because git refuses everything else.
push_tags() {
    local commit=$1 major=v${version%%.*} seen before
    local refs=("$commit:refs/heads/$(release_branch)" "$commit:refs/tags/v$version") lease=()
    if ! is_prerelease && is_highest_of "${version%%.*}."; then
        seen=$(remote_object "refs/tags/$major")
        before=$(fetched "refs/tags/$major")
        [ -z "$before" ] || git merge-base --is-ancestor "$before" "$commit" ||
            die "$major is at $before, which is not part of this release's history: lockfiles would call the move tampering"
        refs+=("$commit:refs/tags/$major")
        lease+=("--force-with-lease=refs/tags/$major:$seen")
    fi
    git push --quiet --atomic "${lease[@]}" "$remote" "${refs[@]}"
    echo "pushed ${refs[*]##*:refs/}"
}
