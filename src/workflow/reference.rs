//! How files of workflows are named: `GITHUB_WORKFLOW_REF`, and `uses` of the own repository.

/// A workflow file at a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowRef {
    /// `owner/name` of the repository that holds it.
    pub repository: String,
    /// The file's path in the repository, `.github/workflows/NAME.yml`.
    pub path: String,
    /// The branch, tag or pull request, `refs/...`.
    pub git_ref: String,
}

/// Takes `owner/repo/.github/workflows/ci.yml@refs/heads/main` apart; `None` for anything of another form,
/// so the path never leads out of the workflow directory.
pub fn workflow_path(workflow_ref: &str) -> Option<WorkflowRef> {
    let (file, git_ref) = workflow_ref.split_at(workflow_ref.find("@refs/")?);
    let git_ref = git_ref.strip_prefix('@')?;
    let mut parts = file.splitn(3, '/');
    let (owner, name, path) = (parts.next()?, parts.next()?, parts.next()?);
    let file_name = path.strip_prefix(".github/workflows/")?;
    let is_yaml = [".yml", ".yaml"].iter().any(|extension| file_name.len() > extension.len() && file_name.ends_with(extension));
    let is_plain = !file_name.contains(['/', '\\']) && !workflow_ref.contains(|c: char| c.is_control());
    let is_named = !owner.is_empty() && !name.is_empty();
    (is_yaml && is_plain && is_named).then(|| WorkflowRef {
        repository: format!("{owner}/{name}"),
        path: path.to_owned(),
        git_ref: git_ref.to_owned(),
    })
}

/// The path in the own repository that a `uses` of a job or step names: what follows `./` or `$/`
/// (<https://github.com/actions/runner/pull/4457>). `None` for another repository, and for a path that leads out of this one.
pub fn own_path(uses: &str) -> Option<&str> {
    let uses = uses.trim();
    let path = uses.strip_prefix("./").or_else(|| uses.strip_prefix("$/"))?.trim_matches('/');
    let leads_out = path.split('/').any(|part| part == "..") || path.contains(|c: char| c.is_control() || c == '\\');
    (!leads_out).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_ref_names_repository_file_and_revision() {
        let found = workflow_path("acme/app/.github/workflows/ci.yml@refs/heads/feature/a@b").unwrap();
        assert_eq!(found.repository, "acme/app");
        assert_eq!(found.path, ".github/workflows/ci.yml");
        assert_eq!(found.git_ref, "refs/heads/feature/a@b");
        assert!(workflow_path("acme/app/.github/workflows/a b.yaml@refs/pull/1/merge").is_some());
    }

    #[test]
    fn anything_that_could_lead_elsewhere_is_no_workflow_ref() {
        for text in [
            "",
            "acme/app/.github/workflows/ci.yml",
            "acme/app/.github/workflows/../../etc/passwd.yml@refs/heads/main",
            "acme/app/.github/workflows/sub/ci.yml@refs/heads/main",
            "acme/app/.github/workflows/.yml@refs/heads/main",
            "acme/app/ci.yml@refs/heads/main",
            "acme/app/.github/workflows/ci.txt@refs/heads/main",
            "/app/.github/workflows/ci.yml@refs/heads/main",
            "acme/app/.github/workflows/ci.yml@main",
            "acme/app/.github/workflows/c\ni.yml@refs/heads/main",
        ] {
            assert_eq!(workflow_path(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_own_repository_is_named_in_two_ways() {
        for uses in ["./.github/actions/build", "$/.github/actions/build", " ./.github/actions/build/ "] {
            assert_eq!(own_path(uses), Some(".github/actions/build"), "{uses}");
        }
        for uses in ["actions/checkout@v4", "docker://alpine", "./../other", "$/a/../../b", "./a\nb", "../a"] {
            assert_eq!(own_path(uses), None, "{uses}");
        }
    }
}
