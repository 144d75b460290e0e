//! Dependabot: its login, and the names of its branches.

const LOGIN: &str = "dependabot[bot]";

/// What a branch's name may be put together with
/// (<https://docs.github.com/code-security/dependabot/working-with-dependabot/dependabot-options-reference#pull-request-branch-nameseparator>).
const SEPARATORS: [char; 3] = ['/', '-', '_'];

/// The ecosystems, as dependabot-core's `package_manager` names them in branches and as dependabot.yml does.
const ECOSYSTEMS: [&str; 41] = [
    "bazel",
    "bun",
    "bundler",
    "cargo",
    "composer",
    "conda",
    "deno",
    "devcontainers",
    "docker",
    "docker-compose",
    "docker_compose",
    "dotnet-sdk",
    "dotnet_sdk",
    "elm",
    "github-actions",
    "github_actions",
    "gitsubmodule",
    "go_modules",
    "gomod",
    "gradle",
    "helm",
    "hex",
    "julia",
    "maven",
    "mix",
    "nix",
    "npm",
    "npm_and_yarn",
    "nuget",
    "opentofu",
    "pip",
    "pre-commit",
    "pre_commit",
    "pub",
    "rust-toolchain",
    "rust_toolchain",
    "submodules",
    "swift",
    "terraform",
    "uv",
    "vcpkg",
];

/// Whether an account is Dependabot's; GitHub's logins know no case.
pub(super) fn is_login(login: &str) -> bool {
    login.eq_ignore_ascii_case(LOGIN)
}

/// Whether a branch is one of Dependabot's. People have branches such as `dependabot-config` too, so with another
/// separator than the usual slash an ecosystem has to follow.
pub(super) fn is_branch(branch: &str) -> bool {
    let Some(rest) = branch.strip_prefix("dependabot") else { return false };
    let named = rest.strip_prefix(SEPARATORS).is_some_and(|rest| {
        ECOSYSTEMS.iter().filter_map(|ecosystem| rest.strip_prefix(ecosystem)).any(|rest| rest.is_empty() || rest.starts_with(SEPARATORS))
    });
    named || rest.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependabots_branches_are_told_from_those_of_people() {
        for branch in [
            "dependabot/x",
            "dependabot/npm_and_yarn/lodash-4.17.21",
            "dependabot-npm_and_yarn-lodash-4.17.21",
            "dependabot_npm_and_yarn_lodash",
            "dependabot-cargo-serde-1",
            "dependabot-github_actions-actions-checkout-7",
            "dependabot_go_modules_x",
            "dependabot-docker",
        ] {
            assert!(is_branch(branch), "{branch}");
        }
        for branch in
            ["dependabot", "dependabot-config", "dependabot-dockerfile-fix", "my/dependabot/x", "Dependabot/x", "feature", "dependabots/x"]
        {
            assert!(!is_branch(branch), "{branch}");
        }
        assert!(is_login("dependabot[bot]") && is_login("Dependabot[bot]") && !is_login("dependabot"));
    }
}
