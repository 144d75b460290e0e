//! A server in the background: one thread with a runtime of its own, as long as somebody holds it.

use std::convert::Infallible;
use std::thread::JoinHandle;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A running server; dropping it ends its thread and all its connections.
pub(crate) struct Background {
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Has `converse` serve each connection that is made to `listener`. What comes of one is for the client to see.
    pub(crate) fn serve<F>(listener: std::net::TcpListener, converse: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                tokio::select! {
                    () = accept(listener, converse) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server has already shown as a failed request.
            let _ = thread.join();
        }
    }
}

async fn accept<F>(listener: std::net::TcpListener, converse: impl Fn(TcpStream) -> F)
where
    F: Future<Output: Send> + Send + 'static,
{
    listener.set_nonblocking(true).expect("a non-blocking listener");
    let listener = TcpListener::from_std(listener).expect("a listener of this runtime");
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).expect("an open connection");
        tokio::spawn(converse(stream));
    }
}
