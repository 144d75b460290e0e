//! The HTTP side.

use std::io::{ErrorKind, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::answer::{Content, Ending};
use super::ghcr::{self, Reaction};
use super::{Answer, Request, Shared};
use crate::background::Background;

type Response = hyper::Response<Full<Bytes>>;

/// The connection ends without an answer.
type Hangup = std::io::Error;

/// Serves the front door in the background.
pub(super) fn start(listener: TcpListener, shared: Arc<Shared>) -> Background {
    Background::serve(listener, move |stream| {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        converse(stream.into_std().expect("an open connection"), Arc::clone(&shared))
    })
}

/// Serves one connection; the second handle is for answers that are not HTTP.
async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let raw = Arc::new(stream.try_clone().expect("a second handle"));
    let stream = tokio::net::TcpStream::from_std(stream).expect("a stream of this runtime");
    let service = service_fn(move |request| respond(request, Arc::clone(&shared), Arc::clone(&raw)));
    // Its error is the client's hanging up, or our own: neither is the test's business.
    // A client that sends and leaves has still asked.
    let _ = http1::Builder::new().half_close(true).serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(incoming: hyper::Request<Incoming>, shared: Arc<Shared>, raw: Arc<TcpStream>) -> Result<Response, Hangup> {
    let (head, body) = incoming.into_parts();
    let request = Request::new(&head);
    let number = shared.arrive(request.clone());
    let body = body.collect().await.map_err(Hangup::other)?.to_bytes();

    let scripted = shared.scripted(&request).unwrap_or_else(Answer::usual);
    tokio::time::sleep(scripted.delay).await;
    let answer = match scripted.content {
        Content::Usual => {
            let challenge = shared.record().challenge.clone();
            match (ghcr::react(&request, &shared.rules, &challenge), &shared.storage) {
                (Reaction::Answer(answer), _) => answer,
                (Reaction::Permitted, None) => ghcr::without_storage(&request, number),
                (Reaction::Permitted, Some(storage)) => {
                    let response = forward(head, body, storage).await?;
                    shared.settle(number, response.status().as_u16());
                    return Ok(response);
                }
            }
        }
        _ => scripted,
    };
    shared.settle(number, answer.wire_status());
    send(answer, &raw).await
}

async fn send(answer: Answer, raw: &TcpStream) -> Result<Response, Hangup> {
    match answer.content {
        Content::Message { status, headers, body } => {
            let mut response = hyper::Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Full::from(body)).map_err(Hangup::other)
        }
        Content::Raw { bytes, ending } => {
            write(raw, &bytes).await?;
            end(raw, ending).await?;
            Err(Hangup::other("the end of a raw answer"))
        }
        Content::Usual | Content::Silence => std::future::pending().await,
    }
}

async fn end(raw: &TcpStream, ending: Ending) -> Result<(), Hangup> {
    match ending {
        Ending::Close => Ok(()),
        Ending::Reset => Ok(rustix::net::sockopt::set_socket_linger(raw, Some(Duration::ZERO))?),
        Ending::Hold => std::future::pending().await,
        Ending::Repeat { bytes, pause } => loop {
            tokio::time::sleep(pause).await;
            write(raw, &bytes).await?;
        },
    }
}

/// Writes it all to a socket that never blocks.
async fn write(mut raw: &TcpStream, mut bytes: &[u8]) -> Result<(), Hangup> {
    while !bytes.is_empty() {
        match raw.write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => tokio::time::sleep(Duration::from_millis(1)).await,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sends a permitted request on to the registry with storage, whose relative `Location`s keep the client here.
async fn forward(mut head: Parts, body: Bytes, storage: &str) -> Result<Response, Hangup> {
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = format!("http://{storage}{path}").parse().map_err(Hangup::other)?;
    for hop in [HOST, CONNECTION, TRANSFER_ENCODING] {
        head.headers.remove(hop);
    }
    head.headers.remove("authorization");
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let request = hyper::Request::from_parts(head, Full::from(body));
    let (mut head, body) = client.request(request).await.map_err(Hangup::other)?.into_parts();
    for hop in [CONNECTION, TRANSFER_ENCODING] {
        head.headers.remove(hop);
    }
    let body = body.collect().await.map_err(Hangup::other)?.to_bytes();
    Ok(Response::from_parts(head, Full::from(body)))
}
