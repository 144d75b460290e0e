//! The one HTTP client: what it trusts, which proxies it uses, how often and how long it asks.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, Url, redirect};
use rustls::RootCertStore;
use tracing::debug;

use super::{
    answer::Answer,
    failure::Failure,
    host::Registry,
    proxy::{BadProxy, ProxySettings},
    retry, tls,
};
use crate::random;

/// For one request, answer included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// How many images are asked about at one time, and how many idle connections are kept.
pub const CONNECTIONS: usize = 8;

/// The address of `localhost`, whatever a resolver says: it never leaves the machine (RFC 6761 section 6.3). The port is the
/// URL's.
const THIS_MACHINE: [SocketAddr; 2] =
    [SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0), SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0)];

/// Makes the client for a registry: HTTP/1.1, no redirects, no cookies, no decoding, the built-in roots and `extra_roots`.
///
/// # Errors
/// [`BadProxy`].
pub fn client(proxy: &ProxySettings, registry: &Registry, extra_roots: &RootCertStore) -> Result<Client, BadProxy> {
    let builder = Client::builder()
        .user_agent(concat!("ghcr-auth/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls::config(extra_roots))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .http1_only()
        .pool_max_idle_per_host(CONNECTIONS)
        .resolve_to_addrs("localhost", &THIS_MACHINE)
        .no_proxy();
    proxy.of_registry(registry)?.into_iter().fold(builder, reqwest::ClientBuilder::proxy).build().map_err(|_| BadProxy)
}

/// Sends requests, each as often as [`retry`] says, all before one deadline.
#[derive(Clone, Debug)]
pub struct Transport {
    client: Client,
    deadline: Instant,
}

/// A request, and how it ended.
#[derive(Debug)]
pub struct Exchange {
    /// The last attempt's answer or failure.
    pub outcome: Result<Answer, Failure>,
    /// How often it was sent.
    pub requests: u32,
}

impl Transport {
    /// A transport whose every request is over at `deadline`.
    pub const fn new(client: Client, deadline: Instant) -> Self {
        Self { client, deadline }
    }

    /// Sends what `request` builds until there is an answer that another attempt would not change.
    pub async fn send(&self, request: impl Fn(&Client) -> RequestBuilder) -> Exchange {
        let mut exchange = Exchange { outcome: Err(Failure::Timeout), requests: 0 };
        while Instant::now() < self.deadline {
            exchange.requests += 1;
            exchange.outcome = self.attempt(request(&self.client), exchange.requests).await;
            // Without randomness the wait is just not varied.
            let random = u32::from_ne_bytes(random::bytes().unwrap_or_default());
            let Some(wait) = retry::wait(exchange.requests, &exchange.outcome, random) else { break };
            if !self.wait(wait).await {
                break;
            }
        }
        exchange
    }

    /// Waits; `false` at once where the deadline comes before.
    pub async fn wait(&self, wait: Duration) -> bool {
        let in_time = Instant::now() + wait < self.deadline;
        if in_time {
            tokio::time::sleep(wait).await;
        }
        in_time
    }

    async fn attempt(&self, request: RequestBuilder, number: u32) -> Result<Answer, Failure> {
        let request = request.build().map_err(|error| Failure::of(&error))?;
        let (method, path) = (request.method().clone(), shown_path(request.url()));
        let begun = Instant::now();
        let until = self.deadline.min(begun + REQUEST_TIMEOUT);
        let exchange = async {
            let response = self.client.execute(request).await.map_err(|error| Failure::of(&error))?;
            Answer::read(response).await
        };
        let outcome = tokio::time::timeout_at(until.into(), exchange).await.unwrap_or(Err(Failure::Timeout));
        let millis = begun.elapsed().as_millis();
        match &outcome {
            Ok(answer) => debug!(%method, path, number, status = answer.status, millis, "answered"),
            Err(failure) => debug!(%method, path, number, %failure, millis, "not answered"),
        }
        outcome
    }

    /// Puts a request on the wire and does not wait for what comes back. Waiting would cost a round trip: the fifth one in a run
    /// that needs four of them (TCP, TLS, token, upload session).
    pub async fn send_and_forget(&self, request: impl Fn(&Client) -> RequestBuilder) {
        /// Enough turns for the connection's task to write the request; a new connection takes longer.
        const TURNS: usize = 16;
        let mut sending = Box::pin(request(&self.client).send());
        for _ in 0..TURNS {
            if futures_util::future::poll_immediate(&mut sending).await.is_some() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// The path, if it is ours. That of the address where tokens are asked for, which has a scope, is the registry's own text.
fn shown_path(url: &Url) -> String {
    if url.query().is_some_and(|query| query.contains("scope=")) { "(the realm)".to_owned() } else { url.path().to_owned() }
}

#[cfg(test)]
mod tests {
    use ghcr_auth_testbed::{
        front_door::{self, FrontDoor, Rules},
        tls_proxy::TlsProxy,
    };

    use super::*;
    use crate::registry::failure::Distrust;

    #[test]
    fn only_a_path_of_ours_is_shown() {
        let shown = |url: &str| shown_path(&Url::parse(url).unwrap());
        assert_eq!(shown("https://ghcr.io/v2/acme/app/tags/list?n=1"), "/v2/acme/app/tags/list");
        assert_eq!(shown("https://ghcr.io/6768705f?x=1&scope=repository%3Aacme%2Fapp%3Apull"), "(the realm)");
    }

    /// Asks `https://localhost:PORT/` directly, with these roots.
    fn ask(port: u16, roots: &RootCertStore) -> Exchange {
        let registry = Registry::parse("ghcr.io").unwrap();
        let client = client(&ProxySettings::default(), &registry, roots).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let transport = Transport::new(client, Instant::now() + Duration::from_secs(10));
        runtime.block_on(transport.send(|client| client.get(format!("https://localhost:{port}/v2/"))))
    }

    fn root(proxy: &TlsProxy) -> RootCertStore {
        use rustls::pki_types::{CertificateDer, pem::PemObject as _};
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(proxy.ca_pem().as_bytes()).unwrap()).unwrap();
        roots
    }

    #[test]
    fn tls_that_cannot_be_trusted_is_told_from_a_host_that_is_not_there_and_not_tried_again() {
        let door = FrontDoor::start(Rules::default());
        let server = TlsProxy::direct(&door, &["localhost"]);
        let other_name = TlsProxy::direct(&door, &["registry.example"]);
        let plain: u16 = door.host().rsplit(':').next().unwrap().parse().unwrap();
        for (port, roots, distrust) in [
            (server.port(), RootCertStore::empty(), Distrust::UnknownRoot),
            (other_name.port(), root(&other_name), Distrust::OtherHost),
            (plain, RootCertStore::empty(), Distrust::Other),
        ] {
            let exchange = ask(port, &roots);
            assert_eq!((exchange.outcome.map(|answer| answer.status), exchange.requests), (Err(Failure::Tls(distrust)), 1));
        }
        assert_eq!(ask(server.port(), &root(&server)).outcome.map(|answer| answer.status), Ok(401));
    }

    #[test]
    fn a_redirect_is_an_answer_and_no_secret_follows_it() {
        let (door, elsewhere) = (FrontDoor::start(Rules::default()), FrontDoor::spare());
        let registry = Registry::parse(door.host()).unwrap();
        let client = client(&ProxySettings::default(), &registry, &RootCertStore::empty()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let transport = Transport::new(client, Instant::now() + Duration::from_secs(10));
        for (status, place) in [(301, "/there"), (302, "/there"), (303, "/there"), (307, "/there"), (308, "/there"), (307, "")] {
            door.always("GET /v2/", front_door::Answer::status(status).header("Location", &format!("{}{place}", elsewhere.url())));
            door.always("POST /v2/", front_door::Answer::status(status).header("Location", place));
            let with_basic = |client: &Client| client.get(registry.url("/v2/")).basic_auth("alice", Some("ghp_x"));
            let with_bearer = |client: &Client| client.post(registry.url("/v2/")).bearer_auth("ghp_x");
            let outcomes = [runtime.block_on(transport.send(with_basic)), runtime.block_on(transport.send(with_bearer))];
            assert_eq!(outcomes.map(|exchange| exchange.outcome.map(|answer| answer.status)), [Ok(status), Ok(status)]);
        }
        assert_eq!((elsewhere.connections(), door.requests().len()), (0, 12));
    }

    #[test]
    fn only_a_proxy_that_speaks_http_is_taken_and_loopback_needs_none() {
        let with = |url: &str, registry: &str| {
            let proxy = ProxySettings::of(&[("HTTPS_PROXY", url)].into_iter().collect());
            client(&proxy, &Registry::parse(registry).unwrap(), &RootCertStore::empty()).map(drop)
        };
        for url in ["http://proxy.example:3128", "https://proxy.example", "proxy.example:3128", "http://user:pw@proxy.example"] {
            assert_eq!(with(url, "ghcr.io"), Ok(()), "{url}");
        }
        for url in ["http://[bad", "socks5://proxy.example", "ftp://proxy.example"] {
            assert_eq!(with(url, "ghcr.io"), Err(BadProxy), "{url}");
            assert_eq!(with(url, "127.0.0.1:5000"), Ok(()), "{url}");
        }
    }
}
