//! GET and HEAD change nothing, and other methods are refused (H3, H10). SECURITY.md names the
//! exceptions: the ticket for an application's host, and a person's own visit, which extends their
//! session.

use crate::cross_site::*;

/// Every URL that can be read, with all fields that a form would hold.
const READ: [&str; 20] = [
    "https://id.example.com/",
    "https://id.example.com/sign-in?return_to=/x&phone=%2B447400123456",
    "https://id.example.com/sign-up?phone=%2B447400123456&name=Ada",
    "https://id.example.com/code?code=123456",
    "https://id.example.com/account?id=others",
    "https://id.example.com/sign-out?confirm=1",
    "https://id.example.com/api/session",
    "https://id.example.com/forward-auth",
    "https://id.example.com/forward-auth?redirect=true",
    "https://id.example.com/.well-known/jwks.json",
    "https://id.example.com/robots.txt",
    "https://id.example.com/nowhere",
    "https://id.example.com/pkg/latchkey.css",
    "https://id.example.com/.latchkey/ticket",
    "https://id.example.com/.latchkey/sign-out",
    "https://app.example.net/.latchkey/start?to=/x",
    "https://app.example.net/.latchkey/session",
    "https://app.example.net/.latchkey/sign-out",
    "https://app.example.net/.latchkey/enter?ticket=AAAAAAAAAAAAAAAAAAAAAA",
    "https://app.example.net/sign-in",
];

/// Of these, the URLs at which a visit counts as activity.
const VISITED: [&str; 4] = [
    "https://id.example.com/account?id=others",
    "https://id.example.com/sign-out?confirm=1",
    "https://id.example.com/forward-auth",
    "https://id.example.com/forward-auth?redirect=true",
];

/// A subresource request, a navigation without a user gesture, and an old browser without fetch
/// metadata; with the writes that reading everything once causes.
const MODES: [(Option<&str>, &[&str]); 3] = [
    (Some("cors"), &[]),
    (Some("navigate"), &[]),
    (None, &["put Session"]),
];

async fn read(browser: &Browser, method: Method, url: &str, mode: Option<&str>) -> TestResponse {
    let mut sent = request(browser, method, &url.parse().unwrap(), Body::empty());
    if let Some(mode) = mode {
        sent.headers_mut()
            .insert("sec-fetch-mode", HeaderValue::from_str(mode).unwrap());
        sent.headers_mut()
            .insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    }
    browser.app.call(sent).await
}

/// All writes, once there are at least so many: activity is recorded in the background.
async fn written(store: &FaultStore, least: usize) -> Vec<String> {
    let mut written = Vec::new();
    wait_until("the writes", async || {
        written.extend(store.take_writes());
        written.len() >= least
    })
    .await;
    pause(50).await;
    written.extend(store.take_writes());
    written
}

#[tokio::test]
async fn h3_get_and_head_change_nothing() {
    let (app, store) = app().await;
    let (person, mut waiting) = (signed_in(&app).await, app.browser());
    waiting.start("+447400777889").await;
    app.wait_for_sends().await;
    // After this time a visit is recorded again.
    app.advance(minutes(2)).await;
    let before = app.upstream.call_counts().await;
    store.take_writes();
    let endpoints: Vec<String> = endpoints()
        .iter()
        .map(|url| format!("{url}?phone=%2B447400123456&code=123456&id=others"))
        .collect();
    let urls: Vec<&str> = READ
        .into_iter()
        .chain(endpoints.iter().map(String::as_str))
        .collect();
    for (mode, expected_writes) in MODES {
        for browser in [&app.browser(), &waiting, &person] {
            for html in [false, true] {
                let browser = Browser {
                    html,
                    ..browser.clone()
                };
                for url in &urls {
                    for method in [Method::GET, Method::HEAD] {
                        let response = read(&browser, method.clone(), url, mode).await;
                        assert!(
                            response.status.as_u16() < 500,
                            "{method} {url}: {}",
                            response.status
                        );
                        if url.contains("/api/") && !url.ends_with("/session")
                            || url.contains("extend-session")
                        {
                            assert_eq!(response.status, 405, "{method} {url}");
                        }
                    }
                }
            }
        }
        assert_eq!(
            written(&store, expected_writes.len()).await,
            expected_writes,
            "{mode:?}"
        );
    }
    assert!(
        app.upstream.calls_since(&before).await.is_empty(),
        "nothing is sent upstream"
    );
    assert!(person.clone().is_signed_in().await);
}

#[tokio::test]
async fn h3_only_activity_is_written_and_once_a_minute() {
    let (app, store) = app().await;
    let person = Browser {
        html: true,
        ..signed_in(&app).await
    };
    app.wait_for_sends().await;
    for url in READ {
        app.advance(minutes(1)).await;
        store.take_writes();
        for _ in 0..3 {
            read(&person, Method::GET, url, None).await;
        }
        let expected_writes = vec!["put Session"; usize::from(VISITED.contains(&url))];
        assert_eq!(
            written(&store, expected_writes.len()).await,
            expected_writes,
            "{url}"
        );
    }
}

#[tokio::test]
async fn h3_subresource_requests_of_other_sites_are_no_activity() {
    let (app, store) = app().await;
    let person = signed_in(&app).await;
    app.wait_for_sends().await;
    app.advance(minutes(2)).await;
    store.take_writes();
    for url in READ.into_iter().filter(|url| !url.contains("/enter?")) {
        read(&person, Method::GET, url, Some("cors")).await;
        read(&person, Method::GET, url, Some("no-cors")).await;
    }
    assert_eq!(written(&store, 0).await, [""; 0]);
}

/// The methods of each URL.
const METHODS: [(&str, &[&str]); 15] = [
    ("https://id.example.com/", &["GET"]),
    ("https://id.example.com/sign-in", &["GET"]),
    ("https://id.example.com/sign-up", &["GET"]),
    ("https://id.example.com/code", &["GET"]),
    ("https://id.example.com/account", &["GET"]),
    ("https://id.example.com/sign-out", &["GET"]),
    ("https://id.example.com/api/session", &["GET"]),
    ("https://id.example.com/forward-auth", &["GET"]),
    ("https://id.example.com/.well-known/jwks.json", &["GET"]),
    ("https://id.example.com/.latchkey/ticket", &["GET"]),
    ("https://app.example.net/.latchkey/start", &["GET"]),
    ("https://app.example.net/.latchkey/enter", &["GET"]),
    ("https://app.example.net/.latchkey/session", &["GET"]),
    (
        "https://app.example.net/.latchkey/sign-out",
        &["GET", "POST"],
    ),
    (
        "https://app.example.net/.latchkey/extend-session",
        &["POST"],
    ),
];

#[tokio::test]
async fn h10_other_methods_are_405_with_an_allow_header() {
    let (app, store) = app().await;
    let person = signed_in(&app).await;
    app.wait_for_sends().await;
    store.take_writes();
    let endpoints = endpoints();
    let api = endpoints
        .iter()
        .filter(|url| url.path().starts_with("/api/"))
        .map(|url| (url.as_str(), &["POST"][..]));
    for (url, there) in METHODS.into_iter().chain(api) {
        for name in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
        ] {
            if there.contains(&name) {
                continue;
            }
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            let response = app
                .call(own_request(
                    &person,
                    method,
                    &url.parse().unwrap(),
                    Body::empty(),
                ))
                .await;
            assert_eq!(response.status, 405, "{name} {url}");
            let allowed = response
                .header("allow")
                .unwrap_or_else(|| panic!("{name} {url} does not say what is allowed"));
            let allowed: Vec<&str> = allowed
                .split(',')
                .map(str::trim)
                .filter(|name| *name != "HEAD")
                .collect();
            assert_eq!(allowed, there, "{name} {url}");
        }
    }
    assert_eq!(store.take_writes(), [""; 0]);
}

#[tokio::test]
async fn h10_static_files_accept_only_reads() {
    let (app, _) = app().await;
    // Debug builds serve the folder of the front end, which may not have been built.
    let file: Url = format!("{OWN}/robots.txt").parse().unwrap();
    let there = read(&app.browser(), Method::GET, file.as_str(), None)
        .await
        .status
        == 200;
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let response = app
            .call(own_request(
                &app.browser(),
                method.clone(),
                &file,
                Body::empty(),
            ))
            .await;
        assert_eq!(response.status, if there { 405 } else { 404 }, "{method}");
    }
}
