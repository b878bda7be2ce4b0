//! The listener's limits on connections: number, time and size.
//!
//! - `open_gauge`: how many are open, in metrics.
//! - `stop`: what a listener that stops still answers.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use latchkey::server::system::clock::Clock;
use latchkey::server::system::listener::{self, ConnectionLimits, MAX_HEAD};
use latchkey::server::system::random::Random;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::wait_until;

mod open_gauge;
mod stop;

const HEAD_TIMEOUT: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(10);
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

struct Server {
    address: std::net::SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn limits(connections: usize, head_timeout: Duration) -> ConnectionLimits {
    ConnectionLimits {
        listener: "public",
        connections,
        per_address: connections,
        trusted: [].into(),
        first_head_timeout: head_timeout,
        head_timeout,
    }
}

impl Server {
    async fn start(connections: usize, head_timeout: Duration) -> Self {
        Self::with_limits(limits(connections, head_timeout)).await
    }

    async fn with_limits(limits: ConnectionLimits) -> Self {
        Self::with_clock(limits, Clock::system()).await
    }

    async fn with_clock(limits: ConnectionLimits, clock: Clock) -> Self {
        let large = get(async || vec![b'x'; 64 << 20]);
        let router = Router::new()
            .route("/", get(async || "here"))
            .route("/large", large)
            .route(
                "/slow",
                get(async || {
                    Clock::system().sleep(Duration::from_millis(100)).await;
                    "late"
                }),
            );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let task = tokio::spawn(listener::serve(
            listener,
            router,
            limits,
            clock,
            Random::system(),
            stop.clone(),
        ));
        Self {
            address,
            stop,
            task,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Connects from a loopback address.
    async fn connect_from(&self, address: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind(format!("{address}:0").parse().unwrap())
            .unwrap();
        socket.connect(self.address).await.unwrap()
    }
}

/// Reads everything until the server closes the connection.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset also ends the connection.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("the server closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn read_some(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let count = timeout(PATIENCE, stream.read(&mut bytes))
        .await
        .expect("a response")
        .unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

#[tokio::test]
async fn incomplete_heads_and_idle_connections_are_closed() {
    let server = Server::start(10, HEAD_TIMEOUT).await;
    let (mut silent, mut dribbling, mut idle_client) = (
        server.connect().await,
        server.connect().await,
        server.connect().await,
    );
    dribbling
        .write_all(b"GET / HTTP/1.1\r\nhost")
        .await
        .unwrap();
    idle_client.write_all(GET).await.unwrap();
    assert!(read_some(&mut idle_client).await.ends_with("here"));
    for stream in [&mut silent, &mut dribbling, &mut idle_client] {
        let received = read_to_end(stream).await;
        assert!(
            received.is_empty() || received.starts_with("HTTP/1.1 408"),
            "{received}"
        );
    }
}

#[tokio::test]
async fn connections_over_the_limit_wait() {
    let server = Server::start(2, PATIENCE).await;
    let (first, _second) = (server.connect().await, server.connect().await);
    let mut third = server.connect().await;
    third.write_all(GET).await.unwrap();
    let mut byte = [0];
    timeout(Duration::from_millis(100), third.read(&mut byte))
        .await
        .expect_err("no connection is free yet");
    drop(first);
    assert!(read_some(&mut third).await.starts_with("HTTP/1.1 200"));
}

/// Limits of which only those by address and of the first head are short.
fn limits_by_address(per_address: usize) -> ConnectionLimits {
    ConnectionLimits {
        listener: "public",
        connections: 100,
        per_address,
        trusted: ["127.0.0.9/32".parse().unwrap()].into(),
        first_head_timeout: HEAD_TIMEOUT,
        head_timeout: PATIENCE,
    }
}

#[tokio::test]
async fn one_address_cannot_hold_all_connections() {
    let limits = ConnectionLimits {
        first_head_timeout: PATIENCE,
        ..limits_by_address(3)
    };
    let server = Server::with_limits(limits).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = server.connect_from("127.0.0.2").await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost").await.unwrap();
        held.push(stream);
    }
    for _ in 0..20 {
        let mut refused = server.connect_from("127.0.0.2").await;
        assert_eq!(read_to_end(&mut refused).await, "", "closed at once");
    }
    for other in ["127.0.0.3", "127.0.0.1"] {
        let mut stream = server.connect_from(other).await;
        stream.write_all(GET).await.unwrap();
        assert!(read_some(&mut stream).await.ends_with("here"), "{other}");
    }
    held.pop();
    wait_until("a place of the address to be free", async || {
        let mut stream = server.connect_from("127.0.0.2").await;
        // The listener may not have seen yet that a connection ended.
        stream.write_all(GET).await.is_ok() && is_answered(&mut stream).await
    })
    .await;
}

#[tokio::test]
async fn s8_a_trusted_proxy_may_hold_more_connections_than_a_client() {
    let limits = ConnectionLimits {
        first_head_timeout: PATIENCE,
        ..limits_by_address(1)
    };
    let server = Server::with_limits(limits).await;
    let mut held = Vec::new();
    for _ in 0..10 {
        let mut stream = server.connect_from("127.0.0.9").await;
        stream.write_all(GET).await.unwrap();
        assert!(read_some(&mut stream).await.ends_with("here"));
        held.push(stream);
    }
}

#[tokio::test]
async fn the_first_head_has_a_shorter_time_than_the_next() {
    let server = Server::with_limits(limits_by_address(100)).await;
    let (mut silent, mut dribbling) = (server.connect().await, server.connect().await);
    dribbling
        .write_all(b"GET / HTTP/1.1\r\nhost")
        .await
        .unwrap();
    let mut kept = server.connect().await;
    kept.write_all(GET).await.unwrap();
    assert!(read_some(&mut kept).await.ends_with("here"));
    let mut slow = server.connect().await;
    slow.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    for stream in [&mut silent, &mut dribbling] {
        assert_eq!(read_to_end(stream).await, "");
    }
    // Those that were closed came first, so the time of these has passed too.
    assert!(
        read_some(&mut slow).await.ends_with("late"),
        "it is answered"
    );
    kept.write_all(GET).await.unwrap();
    assert!(read_some(&mut kept).await.ends_with("here"), "it is kept");
}

/// Whether a response comes, and not the end of the connection.
async fn is_answered(stream: &mut TcpStream) -> bool {
    let mut bytes = vec![0; 4096];
    let count = timeout(PATIENCE, stream.read(&mut bytes)).await;
    matches!(count, Ok(Ok(count)) if count > 0)
}

#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected() {
    let server = Server::start(1, HEAD_TIMEOUT).await;
    let mut stalled = server.connect().await;
    stalled
        .write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut next = server.connect().await;
    next.write_all(GET).await.unwrap();
    assert!(
        read_some(&mut next).await.ends_with("here"),
        "its connection is free again"
    );
    drop(stalled);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let server = Server::start(10, PATIENCE).await;
    let mut stream = server.connect().await;
    stream
        .write_all(format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(2 * MAX_HEAD)).as_bytes())
        .await
        .unwrap();
    assert!(read_some(&mut stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn a_client_that_ends_its_side_after_the_request_gets_its_response() {
    let server = Server::start(10, PATIENCE).await;
    for (path, end) in [("/", "here"), ("/slow", "late")] {
        let mut stream = server.connect().await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let response = read_to_end(&mut stream).await;
        assert!(response.ends_with(end), "{path}: {response}");
    }
    // One that ends its side in the middle of a head gets none, and its connection is closed.
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost").await.unwrap();
    stream.shutdown().await.unwrap();
    let response = read_to_end(&mut stream).await;
    assert!(!response.contains("200 OK"), "{response}");
}
