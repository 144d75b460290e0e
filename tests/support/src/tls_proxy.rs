//! A proxy that opens TLS, as companies have them: every host behind it is one front door.
//!
//! With it a test reaches `ghcr.io` and `api.github.com` by their names, without leaving the machine.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::background::Background;
use crate::front_door::FrontDoor;

/// The longest request head that is read, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// A running proxy; dropping it ends its thread and its connections.
pub struct TlsProxy {
    address: SocketAddr,
    ca_pem: String,
    targets: Arc<Mutex<Vec<String>>>,
    _server: Background,
}

impl TlsProxy {
    /// A proxy before `door`, with certificates for `names` of a private CA.
    pub fn before(door: &FrontDoor, names: &[&str]) -> Self {
        Self::start(door.host(), names, Manner::Nothing)
    }

    /// A proxy before `door` that is GitHub's registry and API.
    pub fn as_github(door: &FrontDoor) -> Self {
        Self::before(door, &["ghcr.io", "api.github.com"])
    }

    /// Not a proxy: `door` over TLS on a port of its own.
    pub fn direct(door: &FrontDoor, names: &[&str]) -> Self {
        Self::to(door.host(), names)
    }

    /// The same for a server that need not be there yet.
    pub fn to(target: &str, names: &[&str]) -> Self {
        Self::start(target, names, Manner::IsServer)
    }

    /// A proxy whose certificate ended years ago.
    pub fn expired(door: &FrontDoor, names: &[&str]) -> Self {
        Self::start(door.host(), names, Manner::IsExpired)
    }

    /// A proxy that ends connections without TLS's own goodbye (RFC 8446 section 6.1).
    pub fn cutting(door: &FrontDoor, names: &[&str]) -> Self {
        Self::start(door.host(), names, Manner::Cuts)
    }

    /// A proxy that opens nothing: what it is asked for, it passes on to one address as it is.
    pub fn tunnel(to: &str) -> Self {
        Self::start(to, &[], Manner::PassesOn)
    }

    fn start(target: &str, names: &[&str], manner: Manner) -> Self {
        let (config, ca_pem) = certificates(names, manner == Manner::IsExpired);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let targets = Arc::new(Mutex::new(Vec::new()));
        let proxy =
            Proxy { acceptor: TlsAcceptor::from(Arc::new(config)), target: target.to_owned(), targets: Arc::clone(&targets), manner };
        let server = Background::serve(listener, move |client| proxy.clone().connect(client));
        Self { address, ca_pem, targets, _server: server }
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The proxy's URL, for `HTTPS_PROXY`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The CA's certificate, for `ca-file`.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The `HOST:PORT` of each connection that was asked for, in order.
    pub fn targets(&self) -> Vec<String> {
        self.targets.lock().expect("no thread panics while it records").clone()
    }
}

/// What is odd about a proxy.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Manner {
    Nothing,
    IsServer,
    IsExpired,
    Cuts,
    PassesOn,
}

#[derive(Clone)]
struct Proxy {
    acceptor: TlsAcceptor,
    target: String,
    targets: Arc<Mutex<Vec<String>>>,
    manner: Manner,
}

impl Proxy {
    async fn connect(self, mut client: TcpStream) -> std::io::Result<()> {
        let asked = if self.manner == Manner::IsServer { "direct".to_owned() } else { read_connect(&mut client).await? };
        self.targets.lock().expect("no thread panics while it records").push(asked);
        if self.manner != Manner::IsServer {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        }
        if self.manner == Manner::PassesOn {
            copy_bidirectional(&mut client, &mut self.reach_target().await?).await?;
            return Ok(());
        }
        let mut plain = self.acceptor.accept(client).await?;
        let mut door = self.reach_target().await?;
        if self.manner == Manner::Cuts {
            until_it_ends(&mut plain, door).await
        } else {
            copy_bidirectional(&mut plain, &mut door).await.map(drop)
        }
    }

    async fn reach_target(&self) -> std::io::Result<TcpStream> {
        let target = TcpStream::connect(&self.target).await?;
        target.set_nodelay(true)?;
        Ok(target)
    }
}

/// Carries both ways until the door ends; then both connections are just dropped.
async fn until_it_ends(client: &mut TlsStream<TcpStream>, door: TcpStream) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_door, mut to_door) = door.into_split();
    tokio::select! {
        ended = tokio::io::copy(&mut from_door, &mut to_client) => ended.map(drop),
        ended = tokio::io::copy(&mut from_client, &mut to_door) => ended.map(drop),
    }
}

/// Reads `CONNECT HOST:PORT HTTP/1.1` and the rest of the head.
async fn read_connect(client: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    target.map(str::to_owned).ok_or_else(|| std::io::Error::other("not a CONNECT"))
}

/// A server's configuration for these names, and the certificate of the CA that vouches for it.
fn certificates(names: &[&str], expired: bool) -> (ServerConfig, String) {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // OpenSSL takes a certificate for its own issuer where both have one name.
    ca.distinguished_name.push(DnType::CommonName, "A private CA");
    let ca_key = KeyPair::generate().expect("a key");
    let ca_certificate = ca.self_signed(&ca_key).expect("a certificate");
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().expect("a key");
    let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut server = CertificateParams::new(names).expect("names of hosts");
    server.distinguished_name.push(DnType::CommonName, "A server");
    if expired {
        server.not_after = rcgen::date_time_ymd(2020, 2, 1);
    }
    let server = server.signed_by(&key, &issuer).expect("a certificate");
    let chain = vec![CertificateDer::from(server.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a PKCS #8 key");
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("ring has all versions").with_no_client_auth();
    (builder.with_single_cert(chain, key).expect("a key that fits"), ca_certificate.pem())
}
