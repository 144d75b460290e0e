# shellcheck shell=bash
# The commit that names the image by its digest, and the tags on it.

# action.yml as users get it.
pinned_action() {
    [ "$(git show HEAD:action.yml | grep --count '^  image: Dockerfile$')" = 1 ] || die "action.yml must say 'image: Dockerfile' once"
    git show HEAD:action.yml | sed "s,^  image: Dockerfile\$,  image: docker://$image@$1,"
}

# A commit on top of HEAD and on no branch. The same input makes the same commit, so that a second attempt changes nothing.
# It has no workflows: they would never run there, and GitHub lets no job push a tag on workflows that no branch has (any more).
commit_pinned_to() (
    blob=$(pinned_action "$1" | git hash-object -w --stdin)
    date=$(git show --no-patch --format=%cI HEAD)
    export GIT_AUTHOR_NAME="github-actions[bot]" GIT_AUTHOR_EMAIL="41898282+github-actions[bot]@users.noreply.github.com"
    export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
    export GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date
    GIT_INDEX_FILE=$(mktemp --dry-run)
    export GIT_INDEX_FILE
    git read-tree HEAD
    git update-index --cacheinfo "100644,$blob,action.yml"
    git rm -r --cached --quiet --ignore-unmatch .github/workflows
    git commit-tree -p HEAD -m "Release $version" -m "The image is $image@$1." "$(git write-tree)"
    rm "$GIT_INDEX_FILE"
)

pin() {
    local digest commit
    digest=$(recorded index.digest)
    require_pullable "$digest"
    commit=$(commit_pinned_to "$digest")
    echo "$commit" | tee "$dist/commit"
}

# Everything is asked once more here, whatever ran before: after this step there is no way back.
tag() {
    local commit digest existing
    commit=$(recorded commit)
    digest=$(recorded index.digest)
    existing=$(remote_tag "v$version")
    if [ "$existing" = "$commit" ]; then
        echo "v$version is this very commit already"
        return
    fi
    [ -z "$existing" ] || die "the tag v$version exists already and is another commit: a version is released once"
    git show "$commit:action.yml" | grep --quiet --line-regexp --fixed-strings "  image: docker://$image@$digest" ||
        die "action.yml of $commit does not name $image@$digest"
    require_pullable "$digest"
    require_attested "$digest"
    push_tags "$commit"
}

# All tags or none. The major version's moves forward only, and only from where it was seen.
push_tags() {
    local commit=$1 major=v${version%%.*} seen
    local refs=("$commit:refs/tags/v$version") lease=()
    if ! is_prerelease && is_highest_of "${version%%.*}."; then
        seen=$(remote_tag "$major")
        refs+=("$commit:refs/tags/$major")
        lease+=("--force-with-lease=refs/tags/$major:$seen")
    fi
    git push --quiet --atomic "${lease[@]}" "$remote" "${refs[@]}"
    echo "pushed ${refs[*]##*/}"
}
