//! Bodies that are longer than declared, have no length, break off or never end, and endpoints that
//! read no body (H9).

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cross_site::*;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::listener::{self, ConnectionLimits};
use latchkey::server::system::random::Random;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use crate::support::seconds;

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

fn form(browser: &Browser, endpoint: &Url, body: Body) -> Request<Body> {
    let mut request = own_request(browser, Method::POST, endpoint, body);
    request.headers_mut().insert(CONTENT_TYPE, FORM);
    request
}

/// A stream of 1 KiB chunks, and the number of chunks that were read.
fn kibibytes(
    count: usize,
    taken: &Arc<AtomicUsize>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let taken = taken.clone();
    stream::iter(0..count).map(move |_| {
        taken.fetch_add(1, Ordering::SeqCst);
        Ok(Bytes::from(vec![b'a'; 1024]))
    })
}

fn own_endpoints() -> impl Iterator<Item = Url> {
    endpoints()
        .into_iter()
        .filter(|url| url.path().starts_with("/api/"))
}

#[tokio::test]
async fn h9_bodies_are_read_no_further_than_the_limit() {
    let (app, store) = app().await;
    for endpoint in own_endpoints() {
        for length in [None, Some("9"), Some("8192")] {
            let (browser, taken) = (app.browser(), Arc::default());
            let mut request = form(
                &browser,
                &endpoint,
                Body::from_stream(kibibytes(1 << 20, &taken)),
            );
            if let Some(length) = length {
                request
                    .headers_mut()
                    .insert(CONTENT_LENGTH, HeaderValue::from_static(length));
            }
            app.call(request).await.assert_problem(413, "too_large");
            assert!(
                taken.load(Ordering::SeqCst) <= 10,
                "{endpoint}: {} KiB were read",
                taken.load(Ordering::SeqCst)
            );
        }
        // A body whose declared length is too large is not read at all.
        for length in ["8193", "1000000000000"] {
            let (browser, taken) = (app.browser(), Arc::default());
            let mut request = form(&browser, &endpoint, Body::from_stream(kibibytes(1, &taken)));
            request
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from_static(length));
            app.call(request).await.assert_problem(413, "too_large");
            assert_eq!(taken.load(Ordering::SeqCst), 0, "{endpoint}");
        }
    }
    assert_eq!(store.take_writes(), [""; 0]);
}

#[tokio::test]
async fn h9_a_body_that_breaks_off_or_never_ends_is_refused() {
    let (app, store) = app().await;
    for endpoint in own_endpoints() {
        let broken = stream::iter([
            Ok(Bytes::from_static(b"phone=")),
            Err(io::Error::other("gone")),
        ]);
        let response = app
            .call(form(&app.browser(), &endpoint, Body::from_stream(broken)))
            .await;
        response.assert_problem(400, "malformed_body");

        let endless = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"phone="))])
            .chain(stream::pending());
        let waiting = app.spawn_call(form(&app.browser(), &endpoint, Body::from_stream(endless)));
        wait_until("the endpoint to lose patience", async || {
            app.advance(seconds(10)).await;
            waiting.is_finished()
        })
        .await;
        assert_eq!(waiting.await.unwrap().status, 408, "{endpoint}");
    }
    assert_eq!(store.take_writes(), [""; 0]);
}

#[tokio::test]
async fn h9_application_endpoints_read_no_body() {
    let (app, _) = app().await;
    for endpoint in endpoints()
        .into_iter()
        .filter(|url| url.path().starts_with("/.latchkey/"))
    {
        let taken = Arc::default();
        let response = app
            .call(form(
                &app.browser(),
                &endpoint,
                Body::from_stream(kibibytes(1 << 20, &taken)),
            ))
            .await;
        assert!(
            response.status.as_u16() < 500,
            "{endpoint}: {}",
            response.status
        );
        assert_eq!(taken.load(Ordering::SeqCst), 0, "{endpoint}");
    }
}

/// The same on a TCP connection, where HTTP framing sets the length.
#[tokio::test]
async fn h9_framing_errors_and_smuggled_requests_are_refused() {
    let app = TestApp::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let limits = ConnectionLimits {
        listener: "public",
        connections: 16,
        per_address: 16,
        trusted: [].into(),
        first_head_timeout: seconds(5),
        head_timeout: seconds(5),
    };
    let router = app.product.router();
    let server = tokio::spawn(listener::serve(
        listener,
        router,
        limits,
        Clock::system(),
        Random::system(),
        stop.clone(),
    ));
    let chunked = format!(
        "{}0\r\n\r\n",
        format!("400\r\n{}\r\n", "a".repeat(1024)).repeat(12)
    );
    let smuggled = "phone=1\r\n\r\nGET /api/session HTTP/1.1\r\nhost: x\r\n\r\n";
    for (lengths, body, statuses) in [
        (
            "transfer-encoding: chunked\r\n",
            chunked.as_str(),
            &["413"][..],
        ),
        (
            "content-length: 7\r\ncontent-length: 8\r\n",
            "phone=12",
            &["400"],
        ),
        ("content-length: +7\r\n", "phone=1", &["400"]),
        ("content-length: -1\r\n", "", &["400"]),
        (
            "content-length: 99999999999999999999999\r\n",
            "phone=1",
            &["400"],
        ),
        ("transfer-encoding: gzip\r\n", "phone=1", &["400"]),
        // Bytes after the declared length are another request, without any header that authorises
        // it.
        ("content-length: 7\r\n", smuggled, &["422", "401"]),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /api/send-code HTTP/1.1\r\nhost: 127.0.0.1:3000\r\norigin: http://127.0.0.1:3000\r\n\
             content-type: application/x-www-form-urlencoded\r\n{lengths}\r\n"
        );
        // The server may close the connection before everything is written.
        let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        let _ = stream.shutdown().await;
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response).await;
        let response = String::from_utf8_lossy(&response).into_owned();
        let seen: Vec<&str> = response
            .split("HTTP/1.1 ")
            .skip(1)
            .map(|rest| &rest[..3])
            .collect();
        assert_eq!(seen, statuses, "{lengths:?}: {response}");
    }
    stop.cancel();
    server.await.unwrap();
    assert_eq!(app.upstream.call_count("otp_send").await, 0);
}
