//! The HTTP listener. It limits the number of connections, the size of a request head, and the time
//! to receive a head or to send a response (`write_timeout`).
//!
//! `axum::serve` limits none of these: a few thousand clients that send one byte a minute would
//! block the server.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use self::write_timeout::WriteTimeout;
use crate::server::system::clock::Clock;

mod write_timeout;

/// The longest request head, in bytes; a longer one gets status 431.
pub const MAX_HEAD: usize = 32 * 1024;

/// How long to wait when the system has no file descriptor or memory for a connection.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_secs(1);

/// The limits of a listener.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Concurrent connections; further ones wait in the system's queue.
    pub connections: usize,
    /// How long a client may take to send a request head, to start the next request, and to read
    /// more of a response.
    pub head_timeout: Duration,
}

/// Serves until `stop`. Then accepts no more connections, and returns when open requests are
/// answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    clock: Clock,
    stop: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(
        limits.connections.min(Semaphore::MAX_PERMITS),
    ));
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(MAX_HEAD);
    let accepting = async {
        // The semaphore is never closed.
        while let Ok(permit) = permits.clone().acquire_owned().await {
            let Some((stream, peer)) = accept(&listener, &clock).await else {
                continue;
            };
            let router = router.clone();
            let service = service_fn(move |request| respond(router.clone(), peer, request));
            let stream = TokioIo::new(WriteTimeout::new(
                stream,
                limits.head_timeout,
                clock.clone(),
            ));
            let connection = connections.watch(http.serve_connection(stream, service));
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended early");
                }
                drop(permit);
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop.cancelled() => {}
    }
    drop(listener);
    connections.shutdown().await;
}

async fn accept(listener: &TcpListener, clock: &Clock) -> Option<(TcpStream, SocketAddr)> {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Small responses are sent without delay. If this fails, the connection is only slower.
            let _ = stream.set_nodelay(true);
            Some((stream, peer))
        }
        Err(error)
            if matches!(
                error.kind(),
                ConnectionAborted | ConnectionRefused | ConnectionReset
            ) =>
        {
            None
        }
        Err(error) => {
            tracing::error!(%error, "no connection can be accepted");
            clock.sleep(ACCEPT_RETRY_DELAY).await;
            None
        }
    }
}

async fn respond(
    router: Router,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}
