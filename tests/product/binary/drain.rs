//! The end of a server: the drain, what is awaited after it, and how long.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment};
use crate::support::{KNOWN_PHONE, wait_until};
use latchkey::server::system::clock::{Clock, Stopwatch};

fn setting(name: &str, value: &str) -> (String, String) {
    (format!("LATCHKEY_{name}"), value.to_owned())
}

async fn started(env: &TestEnvironment, settings: &[(&str, &str)]) -> ChildProcess {
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| setting(name, value))
        .collect();
    ChildProcess::start_server_with(env, &["serve", "--sandbox"], &settings).await
}

/// Sends a request on a kept connection, and returns the head of the response.
async fn request(connection: &mut TcpStream) -> String {
    let request = b"GET /sign-out HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    connection.write_all(request).await.unwrap();
    let mut bytes = vec![0; 1024];
    let count = connection.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..count]).to_lowercase()
}

#[tokio::test]
async fn l6_on_sigterm_readiness_ends_first_and_work_goes_on_for_the_drain() {
    let env = TestEnvironment::new();
    let mut server = started(&env, &[("SERVER__DRAIN", "6s")]).await;
    let mut kept = TcpStream::connect(env.application).await.unwrap();
    let first = request(&mut kept).await;
    assert!(
        first.starts_with("http/1.1 ") && !first.contains("connection: close"),
        "{first}"
    );
    let (status, body) = env.get_operations("/readyz").await;
    assert_eq!((status, body.as_str()), (200, "server: ok\nstore: ok\n"));

    let watch = Stopwatch::start();
    server.send_signal("TERM");
    env.wait_for_readiness(503).await;
    let (_, body) = env.get_operations("/readyz").await;
    assert_eq!(body, "server: stopping\nstore: ok\n");
    assert_eq!(env.get_operations("/livez").await.0, 200);
    let last = request(&mut kept).await;
    assert!(last.contains("connection: close"), "{last}");
    let mut new_person = NetworkBrowser::without_keep_alive(&env);
    assert_eq!(new_person.get("/sign-in").await.0, 200, "new work is done");
    new_person.sign_in(KNOWN_PHONE).await;
    assert_eq!(server.wait(), Some(0));
    assert!(watch.elapsed() >= Duration::from_secs(6));
}

#[tokio::test]
async fn l6_without_a_drain_and_on_ctrl_c_the_server_stops_at_once() {
    for (drain, signal) in [("0s", "TERM"), ("1m", "INT")] {
        let env = TestEnvironment::new();
        let mut server = started(&env, &[("SERVER__DRAIN", drain)]).await;
        let watch = Stopwatch::start();
        server.send_signal(signal);
        assert_eq!(server.wait(), Some(0));
        assert!(watch.elapsed() < Duration::from_secs(20), "{signal}");
    }
    // A second signal ends the drain.
    let env = TestEnvironment::new();
    let mut server = started(&env, &[("SERVER__DRAIN", "1m")]).await;
    let watch = Stopwatch::start();
    server.send_signal("TERM");
    env.wait_for_readiness(503).await;
    assert_eq!(server.terminate(), Some(0));
    assert!(watch.elapsed() < Duration::from_secs(20));
}

/// Asks for a code, and returns once the request is being answered. Gives the status, if any.
async fn slow_request(env: &TestEnvironment) -> JoinHandle<Option<u16>> {
    let mut person = NetworkBrowser::new(env);
    let pending = tokio::spawn(async move {
        let response = person.try_post("send-code", &[("phone", KNOWN_PHONE)]);
        response.await.map(|(status, _)| status)
    });
    wait_until("the request", async || {
        let (_, metrics) = env.get_operations("/metrics").await;
        metrics.contains("otp_requested")
    })
    .await;
    pending
}

#[tokio::test]
async fn l6_the_whole_grace_is_for_a_request_and_the_operations_listener_is_last() {
    let env = TestEnvironment::new();
    let mut server = started(
        &env,
        &[
            ("SIGN_IN__ANSWER_AFTER", "4s"),
            ("SERVER__SHUTDOWN_GRACE", "6s"),
        ],
    )
    .await;
    let pending = slow_request(&env).await;
    server.send_signal("TERM");
    wait_until("the public listener to close", async || {
        TcpStream::connect(env.application).await.is_err()
    })
    .await;
    assert_eq!(env.get_operations("/readyz").await.0, 503);
    assert_eq!(env.get_operations("/livez").await.0, 200);
    assert_eq!(
        pending.await.unwrap(),
        Some(200),
        "it needed more than half of the grace"
    );
    assert_eq!(server.wait(), Some(0));
    assert!(!server.stderr().contains("shutdown_grace"));
}

#[tokio::test]
async fn l6_the_grace_ends_the_wait_for_a_request() {
    let env = TestEnvironment::new();
    let mut server = started(
        &env,
        &[
            ("SIGN_IN__ANSWER_AFTER", "25s"),
            ("SERVER__SHUTDOWN_GRACE", "1s"),
        ],
    )
    .await;
    let pending = slow_request(&env).await;
    let watch = Stopwatch::start();
    server.send_signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(watch.elapsed() < Duration::from_secs(10));
    assert!(server.stderr().contains("server.shutdown_grace"));
    let ended = Clock::system()
        .timeout(Duration::from_secs(5), pending)
        .await;
    assert!(ended.is_ok(), "the connection ended with the server");
}

#[tokio::test]
async fn k10_the_admin_socket_is_there_before_the_server_listens() {
    let env = TestEnvironment::new();
    let _server = started(&env, &[]).await;
    assert!(env.folder.path().join("data/control.sock").exists());
}
