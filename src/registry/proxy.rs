//! The proxy that the environment names. `HTTP_PROXY` is for http, which is spoken to this machine only, and never through a proxy.

use reqwest::{NoProxy, Proxy};

use super::host::Registry;
use crate::{job::environment::Environment, text::redact};

/// Hosts that no proxy is asked for.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// The client could not be made: the proxy variable does not hold a proxy's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HTTPS_PROXY does not hold the URL of an http proxy")]
pub struct BadProxy;

/// `HTTPS_PROXY` and `NO_PROXY`; the upper-case variable goes before the other one, as in Go's `httpproxy`.
#[derive(Clone, Debug, Default)]
pub struct ProxySettings {
    https: Option<String>,
    exceptions: String,
}

impl ProxySettings {
    /// What the environment says.
    pub fn of(environment: &Environment) -> Self {
        let either = |upper: &str| environment.text(upper).or_else(|| environment.text(&upper.to_ascii_lowercase())).map(str::to_owned);
        Self { https: either("HTTPS_PROXY"), exceptions: either("NO_PROXY").unwrap_or_default() }
    }

    /// The proxy that a registry is asked through.
    ///
    /// # Errors
    /// [`BadProxy`].
    pub(super) fn of_registry(&self, registry: &Registry) -> Result<Option<Proxy>, BadProxy> {
        let Some(url) = self.url(registry) else { return Ok(None) };
        let port = registry.url("/").port_or_known_default();
        let listed = self.exceptions.split(',').filter_map(|entry| known_form(entry.trim(), port));
        let bypass: Vec<_> = LOOPBACK.split(',').chain(listed).collect();
        let is_http = url.split_once("://").is_none_or(|(scheme, _)| matches!(scheme, "http" | "https"));
        let proxy = Proxy::https(url).ok().filter(|_| is_http).ok_or(BadProxy)?;
        Ok(Some(proxy.no_proxy(NoProxy::from_string(&bypass.join(",")))))
    }

    /// Its host and port; never its user and password.
    pub fn name(&self, registry: &Registry) -> Option<String> {
        let url = self.url(registry)?;
        let url = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        // A password that was put there alone has neither a dot nor a port, and one with a slash ends the authority.
        let is_host = host.contains(['.', ':'])
            && !url[authority.len()..].contains('@')
            && !redact::is_secret_like(host)
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
        Some(if is_host { host.to_owned() } else { "of an odd name".to_owned() })
    }

    /// The variable's value, for a registry that is not on this machine.
    fn url(&self, registry: &Registry) -> Option<&str> {
        self.https.as_deref().filter(|_| !registry.is_loopback())
    }
}

/// An entry of `NO_PROXY` without its port and `*.`, which the transport does not know; `None` when that is another port
/// than ours (<https://docs.github.com/actions/how-tos/manage-runners/use-proxy-servers> has `myserver.local:443`).
fn known_form(entry: &str, ours: Option<u16>) -> Option<&str> {
    // A domain includes its hosts.
    let entry = entry.strip_prefix("*.").unwrap_or(entry);
    // More than one colon is an IPv6 address, which has a port only behind brackets.
    match entry.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']')) {
        Some((host, port)) => (port.parse().ok() == ours).then(|| host.trim_start_matches('[').trim_end_matches(']')),
        None => Some(entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_user_and_password() {
        let registry = |name| Registry::parse(name).unwrap();
        for (url, name) in [
            ("http://user:pass@word@proxy.example:3128/x", Some("proxy.example:3128")),
            ("proxy.example", Some("proxy.example")),
            ("http://[::1]:80", Some("[::1]:80")),
            ("http://pass\u{1b}word", Some("of an odd name")),
            ("hunterhorse", Some("of an odd name")),
            ("http://user:3128/horse@proxy.example:80", Some("of an odd name")),
            ("", None),
        ] {
            let proxy = ProxySettings::of(&[("https_proxy", url)].into_iter().collect());
            assert_eq!(proxy.name(&registry("ghcr.io")).as_deref(), name, "{url}");
            assert_eq!(proxy.name(&registry("127.0.0.1:5000")), None);
        }
    }

    #[test]
    fn a_port_in_no_proxy_counts_if_it_is_ours() {
        for (entry, known) in [
            ("myserver.local", Some("myserver.local")),
            ("myserver.local:443", Some("myserver.local")),
            ("myserver.local:8443", None),
            ("myserver.local:", None),
            (".local:443", Some(".local")),
            ("*", Some("*")),
            ("*.local", Some("local")),
            ("*.local:443", Some("local")),
            ("", Some("")),
            ("10.0.0.0/8", Some("10.0.0.0/8")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("2001:db8::/32", Some("2001:db8::/32")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[2001:db8::1]:8443", None),
        ] {
            assert_eq!(known_form(entry, Some(443)), known, "{entry}");
        }
    }
}
