//! Logins that buildx keeps for a part of a registry and prefers to config.json, from version 0.31 on
//! (docker/buildx `util/confutil/config.go`; `scope` of docker/login-action).

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Whether buildx has a login of its own for the registry, for one of these `owner/name` or for what contains it:
/// `config/REGISTRY[/OWNER[/NAME]][@SCOPE]/config.json`, in a directory of its `own` or in docker's.
pub(super) fn has_login(own: Option<&Path>, docker: &Path, registry: &str, images: &[String]) -> bool {
    let store = own.map_or_else(|| docker.join("buildx"), Path::to_owned).join("config");
    let whole = PathBuf::from(registry);
    let parts = images.iter().flat_map(|image| Path::new(image).ancestors().map(|part| whole.join(part)).collect::<Vec<_>>());
    parts.chain([whole.clone()]).any(|part| is_logged_in(&store.join(part)))
}

/// With or without a scope.
fn is_logged_in(part: &Path) -> bool {
    let (Some(above), Some(name)) = (part.parent(), part.file_name().and_then(|name| name.to_str())) else { return false };
    let is_part = |entry: &fs::DirEntry| {
        let found = entry.file_name();
        let rest = found.to_str().and_then(|found| found.strip_prefix(name));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('@')) && entry.path().join("config.json").is_file()
    };
    fs::read_dir(above).is_ok_and(|entries| entries.flatten().any(|entry| is_part(&entry)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_for_the_registry_the_image_or_its_owner_counts_and_one_for_another_does_not() {
        for (directory, counts) in [
            ("ghcr.io", true),
            ("ghcr.io@push", true),
            ("ghcr.io/acme", true),
            ("ghcr.io/acme/app", true),
            ("ghcr.io/acme/app@pull,push", true),
            ("ghcr.io/acme/app-two", false),
            ("ghcr.io/other/app", false),
            ("ghcr.io.example/acme/app", false),
            ("quay.io", false),
        ] {
            let docker = tempfile::tempdir().unwrap();
            let path = docker.path().join("buildx/config").join(directory);
            fs::create_dir_all(&path).unwrap();
            let found = |own: Option<&Path>| has_login(own, docker.path(), "ghcr.io", &["acme/app".to_owned()]);
            assert!(!found(None), "{directory}: without a file there is no login");
            fs::write(path.join("config.json"), "{}").unwrap();
            assert_eq!(found(None), counts, "{directory}");
            assert!(!found(Some(Path::new("/nowhere"))));
        }
    }
}
