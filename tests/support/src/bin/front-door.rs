//! GHCR's front door over TLS, as far away as wanted: `front-door LISTEN NAME RTT_MS DIRECTORY TOKEN`; without TLS if NAME
//! is LISTEN.
//!
//! Serves until its standard input ends. Leaves the CA's certificate and what was asked in DIRECTORY.

#![expect(clippy::expect_used, reason = "a tool of the benchmarks: it ends where it cannot go on")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use ghcr_auth_testbed::delay::DelayProxy;
use ghcr_auth_testbed::front_door::{FrontDoor, Rules};
use ghcr_auth_testbed::tls_proxy::TlsProxy;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [listen, name, rtt, directory, token] = arguments.as_slice() else {
        panic!("usage: front-door LISTEN NAME RTT_MS DIRECTORY TOKEN");
    };
    let door = FrontDoor::start(Rules::default().allow(token));
    let tls = TlsProxy::direct(&door, &[name]);
    let directory = Path::new(directory);
    std::fs::write(directory.join("ca.pem"), tls.ca_pem()).expect("a writable directory");
    let (scheme, target) = if name == listen { ("http", door.host().to_owned()) } else { ("https", format!("127.0.0.1:{}", tls.port())) };
    door.realm(&format!("{scheme}://{name}/token"));
    let rtt = Duration::from_millis(rtt.parse().expect("a number of milliseconds"));
    let _way = DelayProxy::start(listen, &target, rtt);
    writeln!(std::io::stdout(), "ready").expect("a reader");
    std::io::stdin().read_to_end(&mut Vec::new()).expect("standard input");
    let mut log = format!("connections {}\n", tls.targets().len().max(door.connections()));
    for request in door.requests() {
        writeln!(log, "{} {} {}", request.method, request.path, request.status).expect("memory");
    }
    std::fs::write(directory.join("requests.txt"), log).expect("a writable directory");
}
