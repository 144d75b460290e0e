//! GitHub's REST API, through octocrab on the one HTTP client.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Limited};
use octocrab::Octocrab;
use reqwest::{Client, Url};

use super::{
    Fact, Obstacle, Owner, OwnerKind,
    account::Account,
    package::{Known, Package},
    reply::Reply,
};
use crate::{
    credential::token::Token,
    inputs::Inputs,
    job::run::Run,
    registry::{
        ghcr,
        host::{Registry, is_loopback},
        image::Image,
    },
};

/// The most calls in a run.
const CALLS: u32 = 4;

/// For all calls of an explanation together.
const BUDGET: Duration = Duration::from_secs(5);

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 256 * 1024;

/// The API of the registry's server, if it is known.
#[derive(Clone, Debug)]
pub struct GitHub {
    client: Client,
    api: Option<Url>,
    deadline: Instant,
    /// The accounts that the run names, and its repository.
    known_logins: Rc<[String]>,
    repository: Rc<str>,
    calls: Rc<Cell<u32>>,
    is_limited: Rc<Cell<bool>>,
}

impl GitHub {
    /// The API that belongs to the registry. A credential must not reach another server's.
    pub fn new(client: Client, inputs: &Inputs, run: &Run, deadline: Instant) -> Self {
        let logins = run.accounts.iter().chain([&inputs.username]);
        Self {
            client,
            api: api_url(&inputs.registry, inputs.is_home().then_some(inputs.api.as_str())),
            deadline,
            known_logins: logins.cloned().collect(),
            repository: run.repository.as_str().into(),
            calls: Rc::default(),
            is_limited: Rc::default(),
        }
    }

    /// Whose a token is.
    pub async fn account(&self, token: &Token) -> Fact<Account> {
        self.fact(token, "/user", |reply| Account::of(reply, &self.known_logins)).await
    }

    /// What a package is to a token.
    pub async fn package(&self, token: &Token, image: &Image, owner: OwnerKind) -> Fact<Package> {
        let kind = if owner == OwnerKind::User { "users" } else { "orgs" };
        let path = format!("/{kind}/{}/packages/container/{}", image.owner(), image.package().replace('/', "%2F"));
        let known = Known { repository: &self.repository, owner: image.owner(), token };
        self.fact(token, &path, |reply| Package::of(reply, known)).await
    }

    /// Whether a name is a user's or an organization's.
    pub async fn owner(&self, token: &Token, login: &str) -> Fact<OwnerKind> {
        self.fact(token, &format!("/users/{login}"), |reply| OwnerKind::parse(&reply.json::<Owner>()?.kind)).await
    }

    /// What an answer tells, or why there is none.
    pub async fn fact<T>(&self, token: &Token, path: &str, read: impl Fn(&Reply) -> Option<T>) -> Fact<T> {
        match self.get(token, path).await {
            Ok(reply) if reply.is_rate_limited() => {
                self.is_limited.set(true);
                Fact::Failed(Obstacle::RateLimited)
            }
            Ok(reply) => match read(&reply) {
                Some(fact) => Fact::Known(fact),
                None if reply.status == 200 => Fact::Failed(Obstacle::Unreadable),
                None => Fact::Failed(Obstacle::Status(reply.status)),
            },
            Err(obstacle) => Fact::Failed(obstacle),
        }
    }

    async fn get(&self, token: &Token, path: &str) -> Result<Reply, Obstacle> {
        let api = self.api.as_ref().ok_or(Obstacle::OtherServer)?;
        if self.is_limited.get() {
            return Err(Obstacle::RateLimited);
        }
        if self.calls.get() >= CALLS {
            return Err(Obstacle::CallsUsedUp);
        }
        self.calls.set(self.calls.get() + 1);
        let call = async {
            let builder = Octocrab::builder().base_uri(api.as_str().trim_end_matches('/')).map_err(|_| Obstacle::Silent)?;
            // A token of visible ASCII is a header value, so building does not panic.
            let octocrab = builder.personal_token(token.expose()).build_with_reqwest(self.client.clone()).map_err(|_| Obstacle::Silent)?;
            let response = octocrab._get(path).await.map_err(|_| Obstacle::Silent)?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LARGEST_BODY).collect().await.map_err(|_| Obstacle::Unreadable)?;
            let reply = Reply { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes().into() };
            if reply.repeats(token) { Err(Obstacle::Unreadable) } else { Ok(reply) }
        };
        tokio::time::timeout_at(self.deadline.into(), call).await.unwrap_or(Err(Obstacle::Silent))
    }

    /// When everything that is asked for must be over.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The same API, for what an explanation may take from now on.
    #[must_use]
    pub fn within_budget(&self) -> Self {
        Self { deadline: self.deadline.min(Instant::now() + BUDGET), ..self.clone() }
    }
}

/// The API of a registry's server: the job's, if it is that, or github.com's for `ghcr.io`. Only https, loopback apart.
fn api_url(registry: &Registry, of_job: Option<&str>) -> Option<Url> {
    let of_job = of_job.and_then(|text| Url::parse(text).ok()).filter(|url| is_api_of(registry, url));
    of_job.or_else(|| Url::parse("https://api.github.com").ok().filter(|url| is_api_of(registry, url)))
}

/// Whether an API may see the registry's credentials: `api.HOST`, or `HOST` for GHES, of the server HOST.
fn is_api_of(registry: &Registry, api: &Url) -> bool {
    let Some(host) = api.host_str().filter(|_| api.username().is_empty() && api.password().is_none()) else { return false };
    if is_loopback(host) {
        return matches!(api.scheme(), "http" | "https");
    }
    let server = match registry.name() {
        ghcr::NAME => ghcr::SERVER,
        name => name.strip_prefix("containers.").unwrap_or_default(),
    };
    api.scheme() == "https" && !server.is_empty() && (host.strip_prefix("api.") == Some(server) || host == server && server != ghcr::SERVER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::client;

    #[test]
    fn the_jobs_api_is_asked_only_where_the_registry_is_of_the_jobs_server() {
        let api = |server: &str, registry: &str| {
            let environment = [
                ("GITHUB_REPOSITORY", "acme/app"),
                ("GITHUB_SERVER_URL", server),
                ("GITHUB_API_URL", "http://127.0.0.1:1"),
                ("INPUT_REGISTRY", registry),
            ]
            .into_iter()
            .collect();
            let inputs = Inputs::parse(&environment).unwrap();
            let client = client::client(&inputs.proxy, &inputs.registry, &inputs.extra_roots.roots).unwrap();
            GitHub::new(client, &inputs, &Run::of(&environment), Instant::now()).api.map(|url| url.to_string())
        };
        assert_eq!(api("https://github.com", "ghcr.io").as_deref(), Some("http://127.0.0.1:1/"));
        assert_eq!(api("https://ghe.example", "127.0.0.1:5000").as_deref(), Some("http://127.0.0.1:1/"));
        assert_eq!(api("https://ghe.example", "ghcr.io").as_deref(), Some("https://api.github.com/"));
        assert_eq!(api("https://github.com", "containers.ghe.example"), None);
    }

    #[test]
    fn a_credential_reaches_only_the_api_of_its_registrys_server() {
        let api = |registry: &str, of_job| api_url(&Registry::parse(registry).unwrap(), of_job).map(|url| url.to_string());
        let github = Some("https://api.github.com/".to_owned());
        assert_eq!(api("ghcr.io", Some("https://api.github.com")), github);
        assert_eq!(api("ghcr.io", None), github);
        for other in
            ["https://ghe.example/api/v3", "http://api.github.com", "https://user:pw@api.github.com", "https://github.com", "nonsense"]
        {
            assert_eq!(api("ghcr.io", Some(other)), github, "{other}");
        }
        assert_eq!(api("containers.ghe.example", Some("https://ghe.example/api/v3")).as_deref(), Some("https://ghe.example/api/v3"));
        assert_eq!(api("containers.acme.ghe.com", Some("https://api.acme.ghe.com")).as_deref(), Some("https://api.acme.ghe.com/"));
        assert_eq!(api("containers.ghe.example", Some("https://api.github.com")), None);
        assert_eq!(api("containers.ghe.example", None), None);
        assert_eq!(api("127.0.0.1:5000", Some("https://api.github.com")), None);
        assert_eq!(api("127.0.0.1:5000", Some("http://127.0.0.1:5000")).as_deref(), Some("http://127.0.0.1:5000/"));
    }
}
