//! Where this program comes from, and how workflows name it.

/// The address of its repository. A build for another owner sets `GHCR_AUTH_SOURCE`; the image's build argument SOURCE does.
pub const SOURCE: &str = match option_env!("GHCR_AUTH_SOURCE") {
    Some(address) => address,
    None => "https://github.com/org/ghcr-auth",
};

/// The tag that follows the releases of this major version.
pub const TAG: &str = concat!("v", env!("CARGO_PKG_VERSION_MAJOR"));

/// What stands after `uses:`, for example `org/ghcr-auth@v1`.
pub fn action() -> String {
    let owner_and_name: Vec<_> = SOURCE.rsplitn(3, '/').take(2).collect();
    format!("{}@{TAG}", owner_and_name.into_iter().rev().collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_is_named_after_its_repository() {
        let (server, name) = SOURCE.split_at(SOURCE.len() + "@v1".len() - action().len());
        assert_eq!(format!("{name}@{TAG}"), action());
        assert!(server.starts_with("https://") && server.ends_with('/'), "{server}");
    }
}
