//! The stop of a listener: what has arrived is answered, and nothing else is awaited for long.

use std::io::Write;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::system::clock::Clock;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{GET, PATIENCE, Server, limits, read_some, read_to_end};
use crate::support::wait_until;

/// Connects and sends a request without giving the server a chance to run.
fn connect_and_send(server: &Server) -> TcpStream {
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    stream.write_all(GET).unwrap();
    stream.set_nonblocking(true).unwrap();
    TcpStream::from_std(stream).unwrap()
}

/// Waits until a stopped server has closed its listener.
async fn until_closed(server: &Server) {
    wait_until("the listener to close", async || {
        TcpStream::connect(server.address).await.is_err()
    })
    .await;
}

#[tokio::test]
async fn l6_a_stop_answers_all_that_the_system_has_accepted() {
    // More than the runtime takes without a pause. It has learned of none of them at the stop.
    const WAITING: usize = 120;
    let server = Server::start(WAITING, PATIENCE).await;
    let waiting: Vec<_> = (0..WAITING).map(|_| connect_and_send(&server)).collect();
    server.stop.cancel();
    for mut stream in waiting {
        assert!(read_to_end(&mut stream).await.ends_with("here"));
    }
    timeout(PATIENCE, server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn l6_a_stop_takes_no_more_connections_than_the_limit() {
    let server = Server::start(2, PATIENCE).await;
    let waiting: Vec<_> = (0..3).map(|_| connect_and_send(&server)).collect();
    server.stop.cancel();
    let mut answered = 0;
    for mut stream in waiting {
        answered += usize::from(read_to_end(&mut stream).await.ends_with("here"));
    }
    assert_eq!(answered, 2);
}

#[tokio::test]
async fn l6_a_first_request_may_come_for_a_second_after_the_stop() {
    let (clock, handle) = Clock::manual(Timestamp::from_secs(0));
    let server = Server::with_clock(limits(10, PATIENCE), clock).await;
    let (mut late, mut silent) = (server.connect().await, server.connect().await);
    server.stop.cancel();
    until_closed(&server).await;
    handle.advance(Duration::from_millis(900));
    late.write_all(GET).await.unwrap();
    assert!(read_to_end(&mut late).await.ends_with("here"));
    assert!(!server.task.is_finished(), "one connection is awaited");
    handle.advance(Duration::from_millis(100));
    assert_eq!(read_to_end(&mut silent).await, "");
    timeout(PATIENCE, server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn l6_a_request_on_a_kept_connection_that_came_with_the_stop_is_answered() {
    let server = Server::start(10, PATIENCE).await;
    let mut kept = server.connect().await;
    kept.write_all(GET).await.unwrap();
    assert!(read_some(&mut kept).await.ends_with("here"));
    // Both happen while the server does not run.
    let mut kept = kept.into_std().unwrap();
    kept.write_all(GET).unwrap();
    server.stop.cancel();
    let mut kept = TcpStream::from_std(kept).unwrap();
    assert!(read_to_end(&mut kept).await.ends_with("here"));
    timeout(PATIENCE, server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn shutdown_completes_requests_and_accepts_no_more() {
    let server = Server::start(10, PATIENCE).await;
    let (mut busy, mut idle) = (server.connect().await, server.connect().await);
    idle.write_all(GET).await.unwrap();
    read_some(&mut idle).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    // The request is in progress once its connection was accepted: the idle one came later and has
    // its response.
    Clock::system().sleep(Duration::from_millis(30)).await;
    server.stop.cancel();
    assert!(read_to_end(&mut busy).await.ends_with("late"));
    assert_eq!(read_to_end(&mut idle).await, "");
    timeout(PATIENCE, server.task)
        .await
        .expect("it ends")
        .unwrap();
    TcpStream::connect(server.address).await.unwrap_err();
}
