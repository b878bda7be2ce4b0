//! Connections: bounded in number, in the size of a request's head, and in the time that it may
//! take to come and an answer may take to be read (`impatient`).
//!
//! `axum::serve` bounds none of these, so that a few thousand clients that send one byte a minute
//! would hold the server.

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

/// Longest head of a request, in bytes; a longer one is answered 431.
pub const MAX_HEAD: usize = 32 * 1024;

/// Rest after the system had no file descriptor or memory for a connection.
const EXHAUSTED: Duration = Duration::from_secs(1);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections at once; further ones wait in the system's queue.
    pub connections: usize,
    /// Longest wait for the head of a request, longest rest between two of one connection, and
    /// longest wait for a client to take more of an answer.
    pub head_timeout: Duration,
}

/// Serves until `stop`; then takes no more connections and returns when requests under way are
/// answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    clock: Clock,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(
        limits.connections.min(Semaphore::MAX_PERMITS),
    ));
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(MAX_HEAD);
    let accepting = async {
        // The semaphore is never closed.
        while let Ok(place) = places.clone().acquire_owned().await {
            let Some((stream, peer)) = accept(&listener, &clock).await else {
                continue;
            };
            let router = router.clone();
            let service = service_fn(move |request| answer(router.clone(), peer, request));
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
                drop(place);
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
            // Small answers leave at once; a connection that keeps its delay is only slower.
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
            clock.sleep(EXHAUSTED).await;
            None
        }
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}
