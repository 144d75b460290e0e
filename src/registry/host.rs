//! The registry: its name as docker spells it, and the one origin that secrets may go to.

use std::net::IpAddr;

use reqwest::Url;

use super::ghcr;

/// A container registry host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    name: String,
    root: Url,
}

/// Why a text is not a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a host with an optional port, for example `ghcr.io`: no http, user, path or query")]
pub struct NotARegistry;

impl Registry {
    /// Parses `HOST[:PORT]`, in any case, `https://` before it allowed.
    ///
    /// # Errors
    /// [`NotARegistry`] for everything else, and for a host that URLs spell in another way.
    pub fn parse(text: &str) -> Result<Self, NotARegistry> {
        let name = text.to_ascii_lowercase();
        let name = name.strip_prefix("https://").unwrap_or(&name);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(NotARegistry);
        }
        let https = Url::parse(&format!("https://{name}/")).map_err(|_| NotARegistry)?;
        let host = https.host_str().filter(|host| has_host(name, host)).ok_or(NotARegistry)?;
        let root = if is_loopback(host) { Url::parse(&format!("http://{name}/")).map_err(|_| NotARegistry)? } else { https };
        Ok(Self { name: name.to_owned(), root })
    }

    /// The registry of a GitHub server: `ghcr.io`, `containers.SUB.ghe.com`, or `containers.HOST`
    /// (<https://docs.github.com/enterprise-server/packages/working-with-a-github-packages-registry/working-with-the-container-registry>).
    ///
    /// # Errors
    /// [`NotARegistry`] when the server URL has no host.
    pub fn of_server(server_url: &str) -> Result<Self, NotARegistry> {
        let url = Url::parse(server_url).map_err(|_| NotARegistry)?;
        let host = url.host_str().ok_or(NotARegistry)?;
        if host == ghcr::SERVER {
            return Self::parse(ghcr::NAME);
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Self::parse(&format!("containers.{host}{port}"))
    }

    /// The host as image references and docker's config.json spell it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of a path of this registry, with its query if it has one.
    pub fn url(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.root.clone();
        url.set_path(path);
        url.set_query(query);
        url
    }

    /// Whether a URL has this registry's scheme, host and port (RFC 6454) and carries no userinfo.
    pub fn owns(&self, url: &Url) -> bool {
        url.origin() == self.root.origin() && url.username().is_empty() && url.password().is_none()
    }

    /// Whether two names stand for one origin.
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.root.origin() == other.root.origin()
    }

    /// Whether it runs on this machine: `localhost`, `127.0.0.0/8`, `::1`. Only then is http spoken.
    pub fn is_loopback(&self) -> bool {
        self.root.scheme() == "http"
    }
}

/// Whether a host is this machine. RFC 6761 section 6.3, RFC 1122 section 3.2.1.3.
pub fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Whether `name` is exactly `host` or `host:port`: `2130706433` and `0177.1` are not how a URL says 127.0.0.1.
fn has_host(name: &str, host: &str) -> bool {
    name.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':') && rest.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_with_an_optional_port_is_a_registry() {
        for (text, name, url) in [
            ("ghcr.io", "ghcr.io", "https://ghcr.io/v2/"),
            ("GHCR.IO", "ghcr.io", "https://ghcr.io/v2/"),
            ("https://ghcr.io", "ghcr.io", "https://ghcr.io/v2/"),
            ("containers.acme.ghe.com", "containers.acme.ghe.com", "https://containers.acme.ghe.com/v2/"),
            ("registry.example:5000", "registry.example:5000", "https://registry.example:5000/v2/"),
            ("localhost:5000", "localhost:5000", "http://localhost:5000/v2/"),
            ("127.3.2.1:5000", "127.3.2.1:5000", "http://127.3.2.1:5000/v2/"),
            ("[::1]:5000", "[::1]:5000", "http://[::1]:5000/v2/"),
        ] {
            let registry = Registry::parse(text).unwrap();
            assert_eq!((registry.name(), registry.url("/v2/").as_str()), (name, url), "{text}");
        }
    }

    #[test]
    fn anything_with_a_scheme_user_path_or_query_is_not() {
        for text in [
            "",
            " ",
            "http://ghcr.io",
            "http://127.0.0.1:5000",
            "user:pw@ghcr.io",
            "ghcr.io/acme",
            "ghcr.io/",
            "ghcr.io?x",
            "ghcr.io#x",
            "ghcr.io:",
            "ghcr.io:99999",
            "ghcr.io:x",
            "::1",
            "2130706433",
            "127.1",
            "0x7f.0.0.1",
            "ghcr.iо",
            "ghcr.io\n",
            "a b",
        ] {
            assert_eq!(Registry::parse(text), Err(NotARegistry), "{text:?}");
        }
    }

    #[test]
    fn each_github_server_has_its_registry() {
        for (server, name) in [
            ("https://github.com", "ghcr.io"),
            ("https://GitHub.com/", "ghcr.io"),
            ("https://acme.ghe.com", "containers.acme.ghe.com"),
            ("https://ghe.example.com", "containers.ghe.example.com"),
        ] {
            assert_eq!(Registry::of_server(server).unwrap().name(), name);
        }
        assert_eq!(Registry::of_server("not a url"), Err(NotARegistry));
    }

    #[test]
    fn origins_are_compared_not_spellings() {
        let registry = Registry::parse("ghcr.io").unwrap();
        for (url, owned) in [
            ("https://ghcr.io/token", true),
            ("https://GHCR.io:443/token", true),
            ("https://ghcr.io:8443/token", false),
            ("http://ghcr.io/token", false),
            ("https://user@ghcr.io/token", false),
            ("https://ghcr.io.evil.example/token", false),
            ("https://ghcr.io%2eevil.example/token", false),
        ] {
            assert_eq!(Url::parse(url).is_ok_and(|url| registry.owns(&url)), owned, "{url}");
        }
        assert!(registry.is_same_origin(&Registry::parse("ghcr.io:443").unwrap()));
    }
}
