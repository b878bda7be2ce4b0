//! Request ids and traces (requirements L4, S8). They are taken from trusted proxies alone, and
//! bounded. Every response and every page with an error carries the id. A setting decides whether
//! upstream gets them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use latchkey_testkit::log_capture::process_logs;
use latchkey_testkit::sandbox_client::http_client;
use tokio::net::TcpListener;

use crate::support::{KNOWN_PHONE, TestApp};

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "203.0.113.7";
const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const TRACE_PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn app_behind_a_proxy() -> Arc<TestApp> {
    TestApp::with_settings(|settings| {
        settings.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await
}

/// The id in the response to a peer that sends these ids, and the one of its audit event.
async fn ids(app: &Arc<TestApp>, peer: &str, sent: &[&[u8]]) -> [String; 2] {
    let browser = app.browser().with_address(peer);
    let mut request = browser.form("send-code", &[("phone", "nobody")]);
    for id in sent {
        let value = HeaderValue::from_bytes(id).unwrap();
        request.headers_mut().append("x-request-id", value);
    }
    let response = app.call(request).await;
    let events = app.audit.events_named("input_validation_fail");
    let audited = events.last().unwrap()["request_id"].as_str().unwrap();
    [
        response.header("x-request-id").unwrap().to_owned(),
        audited.to_owned(),
    ]
}

#[tokio::test]
async fn s8_a_request_id_is_taken_from_a_trusted_proxy_if_it_is_a_moderate_word() {
    let app = app_behind_a_proxy().await;
    let longest = "a".repeat(64);
    for id in [
        "b2f1c0de",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "A_b.c-9xyz",
        &longest,
    ] {
        assert_eq!(ids(&app, PROXY, &[id.as_bytes()]).await, [id, id]);
    }
    let own = |ids: [String; 2]| {
        let is_hex = |id: &str| id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(is_hex(&ids[0]) && ids[0] == ids[1], "{ids:?}");
    };
    let too_long = "a".repeat(65);
    for refused in [
        &b""[..],
        b"short",
        b"two words",
        b"with\"quote",
        b"caf\xe9-cafe",
        b"+447400123456",
        b"a@example.com",
        too_long.as_bytes(),
    ] {
        own(ids(&app, PROXY, &[refused]).await);
    }
    own(ids(&app, PROXY, &[b"first-id-1", b"second-id-2"]).await);
    own(ids(&app, STRANGER, &[b"chosen-by-a-client"]).await);
}

#[tokio::test]
async fn s8_a_trace_is_logged_if_a_trusted_proxy_names_it() {
    let app = app_behind_a_proxy().await;
    for (peer, id, header, is_logged) in [
        (PROXY, "trace-request-1", TRACE_PARENT, true),
        (STRANGER, "trace-request-2", TRACE_PARENT, false),
        (PROXY, "trace-request-3", "00-forged", false),
    ] {
        let browser = app.browser().with_address(peer);
        let request = browser
            .request(Method::GET, "/sign-in")
            .header("traceparent", header)
            .header("x-request-id", id)
            .body(axum::body::Body::empty())
            .unwrap();
        let response = app.call(request).await;
        let id = response.header("x-request-id").unwrap();
        let logs = process_logs().text();
        let line = logs.lines().find(|line| line.contains(id)).unwrap();
        assert_eq!(line.contains(TRACE_ID), is_logged, "{line}");
    }
}

#[tokio::test]
async fn l4_every_page_with_an_error_shows_the_id_of_its_request_in_the_footer() {
    let app = TestApp::start().await;
    let mut browser = app.browser().without_javascript();
    let refused = browser.post("send-code", &[("phone", "nobody")]).await;
    assert_eq!(refused.status, 303);
    let post_id = refused.header("x-request-id").unwrap().to_owned();
    let form = browser.get("/sign-in").await;
    let missing = browser.get("/no-such-page").await;
    let mut cross = browser.form("send-code", &[("phone", KNOWN_PHONE)]);
    let evil = HeaderValue::from_static("https://evil.example");
    cross.headers_mut().insert("origin", evil);
    let refused = app.call(cross).await;
    let statuses = [&form, &missing, &refused].map(|page| page.status.as_u16());
    assert_eq!(statuses, [200, 404, 403]);
    for (page, id) in [(form, Some(post_id)), (missing, None), (refused, None)] {
        let id = id.unwrap_or_else(|| page.header("x-request-id").unwrap().to_owned());
        let (_, footer) = page.body.split_once("<footer").unwrap();
        assert!(
            footer.contains(&format!("<code dir=\"ltr\">{id}</code>")),
            "{footer}"
        );
    }
    let plain = browser.get("/sign-up").await;
    let id = plain.header("x-request-id").unwrap();
    assert!(!plain.body.contains(id), "a page without an error");
}

#[tokio::test]
async fn l4_a_page_that_shows_a_refusal_names_the_refused_request() {
    let app = TestApp::start().await;
    let mut browser = app.browser().without_javascript();
    let sent = browser.post("send-code", &[("phone", KNOWN_PHONE)]).await;
    assert_eq!(sent.status, 303);
    for (endpoint, fields) in [
        ("verify-code", &[("code", "12")][..]),
        ("verify-code", &[("code", "000000")]),
        ("resend-code", &[]),
    ] {
        let refused = browser.post(endpoint, fields).await;
        refused.assert_redirect("/code");
        let id = refused.header("x-request-id").unwrap();
        // Another page does not take it.
        assert!(!browser.get("/sign-in").await.body.contains(id));
        let page = browser.get("/code").await;
        let (_, footer) = page.body.split_once("<footer").unwrap();
        assert!(footer.contains(id), "{endpoint}: {footer}");
        // A page that is loaded again is a request of its own.
        let again = browser.get("/code").await;
        let own = again.header("x-request-id").unwrap();
        assert!(again.body.contains(own) && !again.body.contains(id));
    }
}

/// Forwards what it receives to the sandbox, and keeps the headers.
#[derive(Clone, Default)]
struct RecordingProxy {
    target: String,
    seen: Arc<Mutex<Vec<(String, HeaderMap)>>>,
}

async fn forward(
    State(proxy): State<RecordingProxy>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().unwrap().as_str();
    let mut request = http_client().request(method, format!("{}{path}", proxy.target));
    for name in [AUTHORIZATION, CONTENT_TYPE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    proxy.seen.lock().unwrap().push((path.to_owned(), headers));
    let answer = request.body(body).send().await.unwrap();
    let (status, kind) = (answer.status(), answer.headers().get(CONTENT_TYPE).cloned());
    let kind = kind.unwrap_or(HeaderValue::from_static("application/json"));
    let status = StatusCode::from_u16(status.as_u16()).unwrap();
    (
        status,
        [(CONTENT_TYPE, kind)],
        answer.bytes().await.unwrap(),
    )
        .into_response()
}

#[tokio::test]
async fn l4_upstream_gets_id_and_trace_only_by_the_setting() {
    for propagate in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut target = String::new();
        let app = TestApp::with_settings(|settings| {
            settings.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
            settings.telemetry.propagate_trace = propagate;
            let transmit = &mut settings.transmit;
            target = transmit.base_url.as_ref().unwrap().to_string();
            transmit.base_url = Some(format!("http://{address}/").parse().unwrap());
        })
        .await;
        let proxy = RecordingProxy {
            target: target.trim_end_matches('/').to_owned(),
            seen: Arc::default(),
        };
        let router = Router::new().fallback(forward).with_state(proxy.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        let browser = app.browser().with_address(PROXY);
        let mut request = browser.form("send-code", &[("phone", KNOWN_PHONE)]);
        for (name, value) in [
            ("x-request-id", "from-the-proxy"),
            ("traceparent", TRACE_PARENT),
        ] {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        app.call_and_advance(request).await.assert_next("/code");
        app.wait_for_sends().await;
        let seen = proxy.seen.lock().unwrap().clone();
        let of = |headers: &HeaderMap| {
            ["x-request-id", "traceparent"].map(|name| {
                let value = headers.get(name)?;
                Some(value.to_str().unwrap().to_owned())
            })
        };
        let sends: Vec<_> = seen
            .iter()
            .filter(|(path, _)| path.contains("otp"))
            .collect();
        assert!(!sends.is_empty(), "{seen:?}");
        for (path, headers) in sends {
            let expected = propagate.then(|| ["from-the-proxy", TRACE_PARENT].map(str::to_owned));
            let expected = expected.map_or([None, None], |values| values.map(Some));
            assert_eq!(of(headers), expected, "{path}");
        }
        // What requests share belongs to none of them.
        let shared = seen.iter().filter(|(path, _)| path.contains("token"));
        for (path, headers) in shared {
            assert_eq!(of(headers), [None, None], "{path}");
        }
        serving.abort();
    }
}
