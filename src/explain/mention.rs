//! Which registries and images a line names.

use std::{net::Ipv4Addr, sync::LazyLock};

use super::{phrases::Phrases, text::Line};
use crate::{registry::ghcr, text::redact};

/// GitHub's registries of other things than containers, whose words are the same.
const OTHER_PACKAGES: [&str; 4] = ["npm.pkg.github.com", "maven.pkg.github.com", "nuget.pkg.github.com", "rubygems.pkg.github.com"];

/// Hosts that are registries wherever they are named.
const KNOWN_REGISTRIES: [&str; 12] = [
    "docker.io",
    "quay.io",
    "gcr.io",
    "pkg.dev",
    "amazonaws.com",
    "azurecr.io",
    "registry.k8s.io",
    "mcr.microsoft.com",
    "cgr.dev",
    "registry.gitlab.com",
    "icr.io",
    "lscr.io",
];

/// What stands before an image name that says where it belongs: without a host in it, that is Docker Hub.
const BEFORE_IMAGE: [&str; 11] = [
    "failed to push ",
    "failed to pull image \"",
    "pulling image \"",
    "docker push ",
    "docker pull ",
    "podman push ",
    "podman pull ",
    "unable to find image '",
    "access denied for ",
    "tags: ",
    "--tag ",
];

/// GitHub's limit for the name of an account.
const LONGEST_OWNER: usize = 39;

/// How much of a path is looked at.
const LONGEST_PATH: usize = 1024;

/// Whose registry a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// GitHub's container registry.
    Github,
    /// GitHub's registry of npm, Maven or other packages.
    OtherPackages,
    /// Somebody else's registry.
    Foreign,
    /// A host that is named in passing: a page, an API, a repository.
    NoRegistry,
}

/// A host named in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    /// Where it begins.
    pub at: usize,
    /// Whose it is.
    pub whose: Whose,
    /// The GitHub registry's name.
    pub registry: Option<String>,
    /// The image that is named with it.
    pub image: Option<ImageName>,
}

/// An image as a log names it, in lower case, without tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageName {
    /// The registry's host.
    pub registry: String,
    /// The user or organisation.
    pub owner: String,
    /// What follows the owner.
    pub package: String,
}

impl ImageName {
    /// `registry/owner/package`.
    pub fn reference(&self) -> String {
        format!("{}/{}/{}", self.registry, self.owner, self.package)
    }

    /// Reads `owner/name[:tag][@digest]`.
    fn parse(registry: &str, path: &str) -> Option<Self> {
        let path = path.split(['@', ':']).next().unwrap_or(path).trim_end_matches(['.', '/']).to_ascii_lowercase();
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        let (owner, package) = path.split_once('/')?;
        let usable = path.len() <= 255 && owner.len() <= LONGEST_OWNER && path.split('/').all(plain) && path != "user/image";
        usable.then(|| Self { registry: registry.to_owned(), owner: owner.to_owned(), package: package.to_owned() })
    }
}

/// Every host that a line names, in order.
pub(super) fn of_line(line: &Line) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut at = 0;
    while let Some(start) = line.lower[at..].find(|byte: char| byte.is_ascii_alphanumeric() || byte == '[').map(|found| at + found) {
        let end = start + line.lower[start..].bytes().take_while(|byte| is_of_host(*byte)).count().max(1);
        let (mention, after) = at_token(line, start, end);
        mentions.extend(mention);
        at = after;
    }
    mentions.extend(without_host(line));
    mentions.sort_by_key(|mention| mention.at);
    mentions
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_:*[]".contains(&byte)
}

/// Looks at one token; returns where to go on as well, so that no path is taken for a host.
fn at_token(line: &Line, start: usize, end: usize) -> (Option<Mention>, usize) {
    let before = &line.lower[..start];
    let token = &line.lower[start..end];
    if let Some(prefix) = transport(token) {
        return (None, start + prefix);
    }
    let is_url = before.ends_with("://");
    if before.ends_with("+docker://") {
        // Python's address of the Docker daemon.
        return (None, end);
    }
    if before.ends_with('/') && !is_url
        || before.ends_with(|last: char| last.is_ascii_alphanumeric() || "%&\\".contains(last))
        || is_query(before)
    {
        return (None, end);
    }
    if token.ends_with(':') && line.lower[end..].starts_with("//") {
        return (None, end + 2);
    }
    if !token.contains(['.', ':']) && token != "localhost" {
        return (None, end);
    }
    let path = line.lower[end..].strip_prefix('/').map_or("", path_of);
    let host = token.trim_end_matches(['.', ':', ']']).trim_start_matches('[');
    let (host, port) = host.split_once(':').unwrap_or((host, ""));
    let is_reference = before.ends_with("docker://") || before.ends_with("oci://");
    let is_local = !is_url && !path.is_empty() && (2..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    let whose = match whose(host, path, is_url) {
        None if is_local => Whose::Foreign,
        Some(Whose::NoRegistry) if is_reference => Whose::Foreign,
        Some(whose) => whose,
        None => return (None, end),
    };
    let after = end + if path.is_empty() { 0 } else { path.len() + 1 };
    let registry = (whose == Whose::Github).then(|| if host == ghcr::BLOBS { ghcr::NAME } else { host }.to_owned());
    let may_show = !redact::is_secret_like(&line.text[start..after]);
    let registry = registry.filter(|registry| !registry.split('.').any(is_long) && !redact::is_secret_like(registry));
    let image = registry.as_ref().filter(|_| may_show).and_then(|registry| image_of(registry, path, before));
    (Some(Mention { at: start, whose, registry, image }), after)
}

/// `ostree-unverified-registry:ghcr.io`, `image=ghcr.io`: the length of what stands before a host and its colon.
fn transport(token: &str) -> Option<usize> {
    let (prefix, host) = token.split_once(':')?;
    let begins_host = host.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) && host.contains('.');
    (begins_host && !prefix.contains('.')).then_some(prefix.len() + 1)
}

/// Whether a part of a host is no company's name, but could be a token.
fn is_long(label: &str) -> bool {
    label.len() >= 20 && label.bytes().any(|byte| byte.is_ascii_digit())
}

/// What of a text is still the path; the limit keeps the search linear in the line's length.
fn path_of(text: &str) -> &str {
    let ends = |(at, character): &(usize, char)| *at > LONGEST_PATH || character.is_whitespace() || "\"'`,;)]}>|".contains(*character);
    let end = text.char_indices().find(ends).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

fn whose(host: &str, path: &str, is_url: bool) -> Option<Whose> {
    let is_under = |domain: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    if host == ghcr::NAME || host == ghcr::BLOBS || host.strip_prefix("containers.").is_some_and(|server| server.contains('.')) {
        return Some(Whose::Github);
    }
    if OTHER_PACKAGES.contains(&host) {
        return Some(Whose::OtherPackages);
    }
    if KNOWN_REGISTRIES.iter().any(|registry| is_under(registry)) {
        return Some(Whose::Foreign);
    }
    let named = host.contains('.') || host == "localhost";
    let speaks_registry = path == "v2" || path.starts_with("v2/") || path.starts_with("token?");
    match (named, is_url) {
        (true, true) => Some(if speaks_registry { Whose::Foreign } else { Whose::NoRegistry }),
        (true, false) if looks_like_registry(host, path) => Some(Whose::Foreign),
        _ => None,
    }
}

/// Whether `host/path` outside a URL is an image reference rather than a file, a module or a page.
fn looks_like_registry(host: &str, path: &str) -> bool {
    let modules = ["github.com", "golang.org", "gopkg.in", "google.golang.org", "k8s.io", "sigs.k8s.io", "go.uber.org"];
    let domain = host.rsplit('.').next().unwrap_or(host);
    let is_domain = (2..=8).contains(&domain.len()) && domain.bytes().all(|byte| byte.is_ascii_lowercase());
    !path.is_empty() && (is_domain || host == "localhost" || host.parse::<Ipv4Addr>().is_ok()) && !modules.contains(&host)
}

/// The image in a reference's path, in a URL of the registry, in a token's scope, or in the words before `in ghcr.io`.
fn image_of(registry: &str, path: &str, before: &str) -> Option<ImageName> {
    if path.is_empty() {
        let from = before.ceil_char_boundary(before.len().saturating_sub(LONGEST_PATH));
        let name = before[from..].strip_suffix("/ in ")?.rsplit_once("/v2/")?.1;
        return ImageName::parse(registry, name.split("/blobs").next().unwrap_or(name));
    }
    if let Some(api) = path.strip_prefix("v2/") {
        let end = ["/blobs/", "/manifests/", "/tags/", "/referrers/"].iter().filter_map(|end| api.find(end)).min()?;
        return ImageName::parse(registry, &api[..end]);
    }
    if let Some((_, scope)) = path.split_once("scope=repository%3a").or_else(|| path.split_once("scope=repository:")) {
        let name = scope.split("%3a").next().unwrap_or(scope).replace("%2f", "/");
        return ImageName::parse(registry, &name);
    }
    (!path.starts_with("token") && path != "v2").then(|| ImageName::parse(registry, path)).flatten()
}

/// Whether a text ends in a query's `?name=`, whose value is no host that was asked.
fn is_query(before: &str) -> bool {
    // The image that the Docker daemon is asked for is.
    before.strip_suffix('=').filter(|name| !name.ends_with("fromimage")).is_some_and(|name| {
        name.trim_end_matches(|of_name: char| of_name.is_ascii_alphanumeric() || "_-".contains(of_name)).ends_with(['?', '&'])
    })
}

/// An image reference without a host means Docker Hub.
fn without_host(line: &Line) -> Option<Mention> {
    static TEXTS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(BEFORE_IMAGE));
    TEXTS.of(&line.lower).into_iter().find_map(|(index, at)| {
        let before = BEFORE_IMAGE[index];
        let at = at + before.len();
        let word = line.lower[at..].split(|end: char| end.is_whitespace() || "\"'`,".contains(end)).next()?;
        let host = word.split_once('/').map_or("", |(host, _)| host);
        let is_image = word.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric()) && !word.contains(['$', '=', '*']);
        let is_image = is_image && (word.contains('/') || !before.contains("tag"));
        let is_hub = is_image && !host.contains(['.', ':']) && host != "localhost";
        is_hub.then_some(Mention { at, whose: Whose::Foreign, registry: None, image: None })
    })
}

#[cfg(test)]
mod tests {
    use super::{super::text, *};

    fn named(log: &str) -> Vec<(Whose, Option<String>)> {
        text::lines(log)
            .flat_map(|line| of_line(&line))
            .map(|mention| (mention.whose, mention.image.map(|image| image.reference())))
            .collect()
    }

    fn github(image: &str) -> (Whose, Option<String>) {
        (Whose::Github, Some(image.to_owned()))
    }

    #[test]
    fn images_are_read_wherever_they_are_named() {
        for (text, image) in [
            ("docker://ghcr.io/acme/app:latest: reading", "ghcr.io/acme/app"),
            ("[ghcr.io/Acme/App@sha256:00]", "ghcr.io/acme/app"),
            (r#"Head "https://ghcr.io/v2/acme/app/cache/manifests/1": denied"#, "ghcr.io/acme/app/cache"),
            ("https://ghcr.io/token?scope=repository%3Aacme%2Fapp%3Apull&service=ghcr.io", "ghcr.io/acme/app"),
            ("containers.acme.ghe.com/acme/app:1", "containers.acme.ghe.com/acme/app"),
            ("oci://containers.git.example/acme/app", "containers.git.example/acme/app"),
        ] {
            assert_eq!(named(text), [github(image)], "{text}");
        }
        for text in [
            "ghcr.io",
            "https://ghcr.io/v2/",
            "ghcr.io/***/app",
            "ghcr.io/app",
            "Logging into ghcr.io...",
            "ghcr.io/ghp_0123456789abcdef/x",
            "ghcr.io/9f8e7d6c5b4a39281706f5e4d3c2b1a0deadc0de/x",
        ] {
            assert_eq!(named(text), [(Whose::Github, None)], "{text}");
        }
    }

    #[test]
    fn a_path_query_or_proxy_that_contains_the_name_is_not_the_registry() {
        assert_eq!(named("docker pull reg.example.com/proxy-ghcr.io/acme/app"), [(Whose::Foreign, None)]);
        assert_eq!(named("https://mirror.example/v2/acme/app/manifests/1?ns=ghcr.io"), [(Whose::Foreign, None)]);
        assert_eq!(named("https://mirror.example/ghcr.io/acme"), [(Whose::NoRegistry, None)]);
        assert_eq!(named("https://user:pw@ghcr.io/v2/"), [(Whose::Github, None)]);
    }

    #[test]
    fn other_registries_are_known_by_their_name_or_by_how_they_are_used() {
        for text in [
            "docker.io",
            "https://index.docker.io/v1/",
            "1.dkr.ecr.eu-west-1.amazonaws.com",
            "registry.example/team/app:1",
            "localhost:5000/app",
            "[registry:5000/app]",
            "oci://192.168.64.1:6000/charts",
        ] {
            let found = named(text);
            assert!(found == [(Whose::Foreign, None)], "{text}: {found:?}");
        }
        assert_eq!(named("https://npm.pkg.github.com/@acme%2fapp"), [(Whose::OtherPackages, None)]);
        for text in ["main.go:74: error", "github.com/acme/app", "golang.org/x/net", "sha256:00", "v1.2.3/linux"] {
            assert_eq!(named(text), [], "{text}");
        }
    }

    #[test]
    fn an_image_without_a_host_is_docker_hubs() {
        assert_eq!(named("failed to push acme/app:1: denied"), [(Whose::Foreign, None)]);
        assert_eq!(named("tags: acme/app:latest"), [(Whose::Foreign, None)]);
        for text in ["docker push $IMAGE", "Publishing tags: 1,1.0,latest", "tags: latest"] {
            assert_eq!(named(text), [], "{text}");
        }
        assert_eq!(named("failed to push ghcr.io/acme/app:1: denied"), [github("ghcr.io/acme/app")]);
    }
}
