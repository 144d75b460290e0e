//! The `images` and `registry` inputs: what is taken fits the distribution's grammar, and URLs made of it lead nowhere else.

use ghcr_auth::registry::{host::Registry, image::Images};

/// The first line is the registry, ghcr.io if it cannot be one; the rest is `images`.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (registry, images) = text.split_once('\n').unwrap_or(("", &text));
    let registry = Registry::parse(registry).unwrap_or_else(|_| crate::ghcr());
    assert_one_origin(&registry);
    let Ok(images) = Images::parse(images, &registry, ghcr_auth::registry::Access::Push) else { return };
    let named: usize = images.names.iter().map(|image| image.name().len()).sum();
    assert!(
        named + images.names.len() <= data.len() + 1,
        "{} names of {named} bytes are asked about for {}",
        images.names.len(),
        data.len()
    );
    for image in &images.names {
        let name = image.name();
        assert!(name.len() <= 255 && name.split('/').count() >= 2 && name.split('/').all(is_component), "{name:?}");
        let path = format!("/v2/{name}/blobs/uploads/");
        let url = registry.url(&path);
        assert_eq!((url.path(), registry.owns(&url)), (path.as_str(), true), "the URL is not the image's");
    }
}

fn assert_one_origin(registry: &Registry) {
    let url = registry.url("/v2/?n=1");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    assert_eq!((url.path(), url.query()), ("/v2/", Some("n=1")));
    let host = url.host_str().expect("a registry has a host");
    assert!(registry.name().starts_with(host), "{} is not {host}", registry.name());
    let loopback = host == "localhost" || host.starts_with("127.") || host == "[::1]" || host.starts_with("[::ffff:7f");
    assert!(url.scheme() == "https" || loopback, "http to {host}");
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, with the next byte deciding.
fn is_component(component: &str) -> bool {
    let mut rest = component;
    loop {
        let word = rest.find(|c: char| !matches!(c, 'a'..='z' | '0'..='9')).unwrap_or(rest.len());
        if word == 0 {
            return false;
        }
        rest = &rest[word..];
        if rest.is_empty() {
            return true;
        }
        let dashes = rest.len() - rest.trim_start_matches('-').len();
        let separator = if dashes > 0 { dashes } else { ["__", "_", "."].iter().find(|s| rest.starts_with(**s)).map_or(0, |s| s.len()) };
        if separator == 0 {
            return false;
        }
        rest = &rest[separator..];
    }
}
