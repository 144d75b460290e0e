//! A long way to a server: everything arrives late, a new connection's first bytes by one round trip more.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::background::Background;

/// How much is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// A running proxy on the TCP level; dropping it ends its thread and its connections.
pub struct DelayProxy {
    address: SocketAddr,
    _server: Background,
}

impl DelayProxy {
    /// Listens on `listen` and passes everything on to `target`, as if that were a round trip of `rtt` away.
    pub fn start(listen: &str, target: &str, rtt: Duration) -> Self {
        let listener = std::net::TcpListener::bind(listen).expect("a free address");
        let address = listener.local_addr().expect("a bound listener has an address");
        let target = target.to_owned();
        Self { address, _server: Background::serve(listener, move |client| carry(client, target.clone(), rtt)) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The kernel has accepted the connection at once; over a long way the handshake alone takes a round trip.
async fn carry(client: TcpStream, target: String, rtt: Duration) -> std::io::Result<()> {
    let open = Instant::now() + rtt;
    let server = TcpStream::connect(target).await?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::spawn(late(from_client, to_server, rtt / 2, open));
    tokio::spawn(late(from_server, to_client, rtt / 2, open));
    Ok(())
}

/// Carries one way; bytes sent before `open` are sent then.
async fn late(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Duration, open: Instant) {
    let (sender, mut under_way) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reader = async move {
        let mut buffer = vec![0; CHUNK];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            if sender.send((Instant::now().max(open) + way, buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    };
    let writer = async move {
        while let Some((arrival, bytes)) = under_way.recv().await {
            tokio::time::sleep_until(arrival).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(reader, writer);
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;
    use crate::front_door::{FrontDoor, Rules};

    #[test]
    fn a_request_on_a_new_connection_takes_two_round_trips_and_the_next_one() {
        let rtt = Duration::from_millis(60);
        let door = FrontDoor::start(Rules::default());
        let proxy = DelayProxy::start("127.0.0.1:0", door.host(), rtt);
        let begun = std::time::Instant::now();
        let mut stream = std::net::TcpStream::connect(proxy.address()).expect("a listener");
        let mut ask = || {
            stream.write_all(b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").expect("an open connection");
            assert!(stream.read(&mut [0; 4096]).expect("an answer") > 0);
            begun.elapsed()
        };
        let (first, second) = (ask(), ask());
        assert!(first >= 2 * rtt && second >= 3 * rtt, "{first:?} {second:?}");
    }
}
