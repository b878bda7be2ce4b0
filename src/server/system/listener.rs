//! The HTTP listener. It limits the number of connections, in all and by address (`per_address`).
//! It also limits the size of a request head, and the time to receive a head or to send a response
//! (`write_timeout`). Every request has one `Host` (`host_header`), and every response an id, also
//! that to bytes that are no request (`error_response_id`). A stop loses no request that has
//! arrived (`stop`).
//!
//! `axum::serve` limits none of these: a few thousand clients that send one byte a minute would
//! block the server.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::IntoResponse;
use http::header::{Entry, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use metrics::Gauge;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use self::error_response_id::ErrorResponseId;
use self::per_address::AddressConnections;
use self::write_timeout::WriteTimeout;
use crate::server::system::clock::{Clock, Elapsed};
use crate::server::system::host_header::check_host;
use crate::server::system::random::Random;
use crate::server::system::trace_context::REQUEST_ID;

mod error_response_id;
mod per_address;
mod stop;
mod write_timeout;

/// The longest request head, in bytes; a longer one gets status 431.
pub const MAX_HEAD: usize = 32 * 1024;

/// How long to wait when the system has no file descriptor or memory for a connection.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_secs(1);

/// The limits of a listener.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// The name of the listener in metrics.
    pub listener: &'static str,
    /// Concurrent connections; further ones wait in the system's queue.
    pub connections: usize,
    /// Concurrent connections of one IPv4 address or IPv6 /64; further ones are closed.
    pub per_address: usize,
    /// Proxies to which `per_address` does not apply.
    pub trusted: Arc<[IpNet]>,
    /// How long a client may take to send the first request head. Longer than `head_timeout` it
    /// has no effect.
    pub first_head_timeout: Duration,
    /// How long a client may take to send a request head, to start the next request, and to read
    /// more of a response.
    pub head_timeout: Duration,
}

impl ConnectionLimits {
    /// The same limits for another listener.
    #[must_use]
    pub fn named(&self, listener: &'static str) -> Self {
        Self {
            listener,
            ..self.clone()
        }
    }
}

/// Serves until `stop`. Then accepts no more connections, and returns when open requests are
/// answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    clock: Clock,
    random: Random,
    stop: CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(
        limits.connections.min(Semaphore::MAX_PERMITS),
    ));
    let by_address = AddressConnections::new(limits.per_address, limits.trusted);
    let gauge = open_connections(limits.listener, limits.connections);
    let connections = TaskTracker::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        // A client may end its side after the request and wait for the response.
        .half_close(true)
        .max_buf_size(MAX_HEAD);
    let serve_connection = |(permit, stream, peer): Accepted| {
        let Some(counted) = by_address.admit(peer.ip()) else {
            return count_closed("address_limit");
        };
        let open = OpenConnection::count(&gauge);
        let has_request = Arc::new(AtomicBool::new(false));
        let received = has_request.clone();
        let error_id = new_id(&random);
        let (router, random) = (router.clone(), random.clone());
        let service = service_fn(move |request| {
            received.store(true, Ordering::Relaxed);
            respond(router.clone(), random.clone(), peer, request)
        });
        let stream = WriteTimeout::new(stream, limits.head_timeout, clock.clone());
        let stream = TokioIo::new(ErrorResponseId::new(stream, error_id.clone()));
        let connection = http.serve_connection(stream, service);
        let (clock, first_head_timeout) = (clock.clone(), limits.first_head_timeout);
        let stop = stop.clone();
        connections.spawn(async move {
            let _held = (counted, permit, open);
            let connection = stop::serve_until(&stop, connection, &has_request, &clock);
            let mut connection = std::pin::pin!(connection);
            let ended = match clock.timeout(first_head_timeout, &mut connection).await {
                Ok(ended) => ended,
                Err(Elapsed) if has_request.load(Ordering::Relaxed) => connection.await,
                Err(Elapsed) => return count_closed("first_head_timeout"),
            };
            if let Err(error) = ended {
                if error.is_parse() {
                    count_closed("malformed_request");
                    tracing::debug!(request_id = error_id, %error, "no HTTP request; answered");
                } else {
                    tracing::debug!(%error, "a connection ended early");
                }
            }
        });
    };
    let accepting = async {
        loop {
            if let Some(accepted) = accept(&listener, &permits, &clock).await {
                serve_connection(accepted);
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop.cancelled() => {}
    }
    stop::take_waiting(listener, &permits).for_each(serve_connection);
    connections.close();
    connections.wait().await;
}

/// The gauge of a listener's open connections, beside the one of its limit.
fn open_connections(listener: &'static str, limit: usize) -> Gauge {
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are at most 2^53 connections"
    )]
    metrics::gauge!("latchkey_connections_limit", "listener" => listener).set(limit as f64);
    let gauge = metrics::gauge!("latchkey_connections_open", "listener" => listener);
    gauge.set(0.0);
    gauge
}

/// A connection that is counted for as long as this lives.
struct OpenConnection(Gauge);

impl OpenConnection {
    fn count(gauge: &Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge.clone())
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Counts a connection that a limit closed.
fn count_closed(reason: &'static str) {
    metrics::counter!("latchkey_connections_closed_total", "reason" => reason).increment(1);
}

/// An open connection, its peer, and what counts it.
type Accepted = (OwnedSemaphorePermit, TcpStream, SocketAddr);

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
    clock: &Clock,
) -> Option<Accepted> {
    // The semaphore is never closed.
    let permit = permits.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((permit, without_delay(stream), peer)),
        Err(error) if is_of_one_connection(&error) => None,
        Err(error) => {
            tracing::error!(%error, "no connection can be accepted");
            clock.sleep(ACCEPT_RETRY_DELAY).await;
            None
        }
    }
}

/// Small responses are sent without delay. If this fails, the connection is only slower.
fn without_delay(stream: TcpStream) -> TcpStream {
    let _ = stream.set_nodelay(true);
    stream
}

/// Whether a connection ended before it was taken, and others can be accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Responds to a request. Every response has an id: that of the router, or one of its own.
async fn respond(
    router: Router,
    random: Random,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut response = route(router, peer, request).await;
    let status = response.status().as_u16();
    if let Entry::Vacant(entry) = response.headers_mut().entry(REQUEST_ID) {
        let id = new_id(&random);
        if let Ok(value) = HeaderValue::from_str(&id) {
            entry.insert(value);
        }
        tracing::debug!(request_id = id, status, "answered");
    }
    Ok(response)
}

fn new_id(random: &Random) -> String {
    format!("{:016x}", u64::from_be_bytes(random.bytes()))
}

async fn route(router: Router, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let mut request = request.map(Body::new);
    if let Err(error) = check_host(&mut request) {
        return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response();
    }
    if has_unknown_coding(request.headers()) {
        return StatusCode::NOT_IMPLEMENTED.into_response();
    }
    request.extensions_mut().insert(ConnectInfo(peer));
    router
        .oneshot(request)
        .await
        .unwrap_or_else(|never| match never {})
}

/// Whether the body has a transfer coding besides `chunked` (RFC 9112 §6.1), which nobody here
/// would decode.
fn has_unknown_coding(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    codings.any(|coding| {
        !coding
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"chunked")
    })
}
