//! Requests as bytes, which no HTTP library would send: a client that ends its side after the
//! request, and requests without or with several `Host`.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::process::{ChildProcess, TestEnvironment};
use latchkey::server::system::listener::MAX_HEAD;

const PATIENCE: Duration = Duration::from_secs(20);
const PHONE: &str = "+447400135790";

/// Sends a request, ends the client's side of the connection, and reads the response to its end.
async fn send_and_half_close(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    read_to_end(&mut stream).await
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    timeout(PATIENCE, read).await.expect("an end").unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The status of the response to a request that asks to close the connection.
async fn status(address: SocketAddr, version: &str, path: &str, hosts: &[&str]) -> u16 {
    let hosts: String = hosts
        .iter()
        .map(|host| format!("Host: {host}\r\n"))
        .collect();
    let request = format!("GET {path} HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let response = read_to_end(&mut stream).await;
    let status = response.split(' ').nth(1).unwrap_or_default();
    status.parse().unwrap_or_else(|_| panic!("{response:?}"))
}

#[tokio::test]
async fn a_client_that_ends_its_side_after_the_request_gets_its_response() {
    let env = TestEnvironment::new();
    let _server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let host = env.application;
    let form = format!("phone={}", PHONE.replace('+', "%2B"));
    let post = |endpoint: &str| {
        format!(
            "POST /api/{endpoint} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        )
    };
    let get = |path: &str, host: SocketAddr| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for (address, request, part) in [
        (env.operations, get("/livez", env.operations), "ok\n"),
        (
            env.operations,
            get("/readyz", env.operations),
            "store: ok\n",
        ),
        (host, get("/sign-in", host), "</html>"),
        (host, post("sign-up"), "{\"next\":\"/code\"}"),
    ] {
        let response = send_and_half_close(address, &request).await;
        let head = response.lines().next().unwrap_or_default();
        assert_eq!(head, "HTTP/1.1 200 OK", "{request}: {response}");
        assert!(response.ends_with(part), "{request}: {response}");
    }
    let path = format!("/inbox.json?phone={}", PHONE.replace('+', "%2B"));
    let inbox = async || env.get_sandbox(&path).await.unwrap();
    crate::support::wait_until("the message", async || {
        inbox().await.as_array().unwrap().len() == 1
    })
    .await;
}

#[tokio::test]
async fn a_request_without_or_with_several_hosts_is_refused_except_a_health_check() {
    let env = TestEnvironment::new();
    let _server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let (application, operations) = (env.application, env.operations);
    let own = application.to_string();
    for (address, version, path, hosts, expected) in [
        (application, "1.1", "/sign-in", &[own.as_str()][..], 200),
        (application, "1.0", "/sign-in", &[&own], 200),
        (application, "1.1", "/sign-in", &[], 400),
        (application, "1.0", "/sign-in", &[], 400),
        (application, "1.1", "/sign-in", &[&own, &own], 400),
        (application, "1.1", "/sign-in", &[&own, "evil.example"], 400),
        (application, "1.1", "/sign-in", &["evil.example", &own], 400),
        (application, "1.1", "/forward-auth", &[], 400),
        (application, "1.1", "/forward-auth", &[&own, "x"], 400),
        (application, "1.1", "/.well-known/jwks.json", &[], 400),
        (application, "1.1", "/robots.txt", &["a b"], 400),
        (
            application,
            "1.1",
            "/api/session",
            &["user@id.example"],
            400,
        ),
        (operations, "1.0", "/livez", &[], 200),
        (operations, "1.0", "/readyz", &[], 200),
        (operations, "1.1", "/livez", &[], 400),
        (operations, "1.1", "/readyz", &[], 400),
        (
            operations,
            "1.0",
            "/livez",
            &["127.0.0.1", "127.0.0.1"],
            400,
        ),
        (operations, "1.0", "/metrics", &[], 400),
        (operations, "1.1", "/metrics", &[], 400),
        (operations, "1.1", "/metrics", &["127.0.0.1"], 200),
        (operations, "1.1", "/metrics", &["127.0.0.1", "x"], 400),
    ] {
        let found = status(address, version, path, hosts).await;
        assert_eq!(found, expected, "HTTP/{version} {path} {hosts:?}");
    }
}

/// The response to these bytes, on a connection of their own.
async fn response(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    read_to_end(&mut stream).await
}

#[track_caller]
fn request_id(response: &str) -> String {
    let mut lines = response.lines();
    let id = lines.find_map(|line| line.strip_prefix("x-request-id: "));
    let id = id.unwrap_or_else(|| panic!("no id: {response}"));
    assert_eq!(id.len(), 16, "{response}");
    id.to_owned()
}

#[tokio::test]
async fn l4_every_listener_names_every_request_that_it_answers() {
    let env = TestEnvironment::new();
    let _server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let mut ids = Vec::new();
    for (address, path, host) in [
        (env.application, "/sign-in", "127.0.0.1"),
        (env.application, "/sign-in", "a@127.0.0.1"),
        (env.operations, "/livez", "127.0.0.1"),
        (env.operations, "/metrics", "127.0.0.1"),
        (env.operations, "/metrics", "evil.example"),
        (env.operations, "/no-such-path", "127.0.0.1"),
        (env.operations, "/livez", "two hosts"),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        ids.push(request_id(&response(address, &request).await));
    }
    // Bytes that are no request, which hyper answers by itself.
    // As long as the limit and without an end. A longer one might meet a closed connection.
    let beginning = "GET / HTTP/1.1\r\nA: ";
    let long_header = format!("{beginning}{}", "a".repeat(MAX_HEAD - beginning.len()));
    let many_headers = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(200));
    for (bytes, statuses) in [
        ("\x16\x03\x01 is TLS\r\n\r\n", &["400"][..]),
        ("GET / HTTP/3.0\r\n\r\n", &["400", "505"]),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", &["400"]),
        (
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            &["400"],
        ),
        (long_header.as_str(), &["431"]),
        (many_headers.as_str(), &["431"]),
    ] {
        for address in [env.application, env.operations] {
            let response = response(address, bytes).await;
            let status = response.split(' ').nth(1).unwrap_or_default();
            assert!(statuses.contains(&status), "{bytes:.40}: {response}");
            ids.push(request_id(&response));
        }
    }
    let number = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), number);
}

#[tokio::test]
async fn a_body_in_an_unknown_coding_is_not_taken_for_a_form() {
    let env = TestEnvironment::new();
    let _server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let host = env.application;
    for (coding, status) in [
        ("chunked", "409"),
        ("Chunked", "409"),
        ("gzip, chunked", "501"),
        ("identity, chunked", "501"),
    ] {
        let request = format!(
            "POST /api/verify-code HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
             Connection: close\r\nTransfer-Encoding: {coding}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n\
             b\r\ncode=123456\r\n0\r\n\r\n"
        );
        let response = response(host, &request).await;
        assert_eq!(
            response.split(' ').nth(1),
            Some(status),
            "{coding}: {response}"
        );
    }
}
