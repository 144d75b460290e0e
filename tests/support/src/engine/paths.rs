//! Host paths in variables become paths in the container.

use std::path::PathBuf;

/// A host path as the container has it: the last mount that is the path or a parent of it decides.
pub(super) fn translated(value: &str, mounts: &[(PathBuf, &'static str)]) -> String {
    let inside = |(host, container): &(PathBuf, &'static str)| {
        let rest = value.strip_prefix(host.to_str()?)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{container}{rest}"))
    };
    mounts.iter().rev().find_map(inside).unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_paths_are_translated_and_the_deepest_mount_first() {
        let mounts = [(PathBuf::from("/work/_temp"), "/github/runner_temp"), (PathBuf::from("/work/_temp/_github_home"), "/github/home")];
        let rows = [
            ("/work/_temp", "/github/runner_temp"),
            ("/work/_temp/x", "/github/runner_temp/x"),
            ("/work/_temp/_github_home/.docker", "/github/home/.docker"),
            ("/work/_temporary", "/work/_temporary"),
            ("host:/work/_temp", "host:/work/_temp"),
            ("/work", "/work"),
        ];
        for (host, container) in rows {
            assert_eq!(translated(host, &mounts), container);
        }
    }
}
