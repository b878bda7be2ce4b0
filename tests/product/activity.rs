//! What counts as activity that extends a session, on our own pages (requirement K6).

use std::sync::Arc;

use axum::body::Body;
use http::Method;
use latchkey::server::settings::SessionActivity;
use latchkey::server::store::RecordKind;

use crate::support::{Browser, TestApp, Upstream, minutes, seconds, wait_until};
use latchkey_testkit::fault_store::{FaultStore, StoreCall};

const PERSON_NAVIGATION: [(&str, &str); 2] =
    [("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1")];
const META_REFRESH: [(&str, &str); 2] = [
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];
const POLL: [(&str, &str); 2] = [("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
const IMAGE: [(&str, &str); 2] = [("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
const IFRAME: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];

/// The end of the session by inactivity, as the API reports it.
async fn idle_expires_at(browser: &mut Browser) -> String {
    browser.get("/api/session").await.json()["idle_expires_at"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn get_with(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> String {
    let request = browser.request(Method::GET, path);
    let mut request = request.body(Body::empty()).unwrap();
    for (name, value) in headers {
        let name = http::HeaderName::try_from(*name).unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let response = browser.send(request).await;
    assert_eq!(response.status, 200);
    response.body
}

#[tokio::test]
async fn k6_only_navigations_by_a_person_extend_a_session() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let at_start = idle_expires_at(&mut browser).await;
    app.advance(minutes(10)).await;
    for headers in [META_REFRESH, POLL, IMAGE, IFRAME] {
        for path in ["/account", "/sign-out"] {
            let page = get_with(&mut browser, path, &headers).await;
            if path == "/account" {
                assert!(
                    page.contains("20 minutes"),
                    "the page shows the time left: {headers:?}"
                );
            }
        }
    }
    // The same pages, requested by a person, and by a client that sends no fetch metadata.
    for path in ["/account", "/sign-out"] {
        let before = idle_expires_at(&mut browser).await;
        assert_eq!(
            before == at_start,
            path == "/account",
            "only a person's navigation extended it"
        );
        app.advance(minutes(2)).await;
        get_with(&mut browser, path, &PERSON_NAVIGATION).await;
        let expected = (app.now() + minutes(30)).to_rfc3339();
        wait_until("the visit to be recorded", async || {
            idle_expires_at(&mut browser).await == expected
        })
        .await;
    }
    app.advance(minutes(2)).await;
    get_with(&mut browser, "/account", &[]).await;
    let expected = (app.now() + minutes(30)).to_rfc3339();
    wait_until("the visit to be recorded", async || {
        idle_expires_at(&mut browser).await == expected
    })
    .await;
}

/// What Safari sends with a link, a typed address and a form; it never sends `Sec-Fetch-User`.
const SAFARI_NAVIGATION: [(&str, &str); 4] = [
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    (
        "user-agent",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    ),
];

#[tokio::test]
async fn k6_a_person_in_safari_stays_signed_in_while_active() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    for _ in 0..4 {
        app.advance(minutes(20)).await;
        get_with(&mut browser, "/account", &SAFARI_NAVIGATION).await;
        let expected = (app.now() + minutes(30)).to_rfc3339();
        wait_until("the visit to be recorded", async || {
            idle_expires_at(&mut browser).await == expected
        })
        .await;
    }
    app.advance(minutes(30)).await;
    assert!(!browser.is_signed_in().await, "nobody was there");
}

#[tokio::test]
async fn k6_a_page_that_polls_cannot_outlast_the_idle_timeout() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    for _ in 0..29 {
        app.advance(minutes(1)).await;
        get_with(&mut browser, "/api/session", &PERSON_NAVIGATION).await;
        get_with(&mut browser, "/account", &POLL).await;
    }
    app.advance(minutes(1)).await;
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k6_every_request_counts_as_activity_when_configured() {
    let app =
        TestApp::with_settings(|settings| settings.session.activity = SessionActivity::Request)
            .await;
    let mut browser = app.signed_in().await;
    app.advance(minutes(10)).await;
    get_with(&mut browser, "/account", &POLL).await;
    let expected = (app.now() + minutes(30)).to_rfc3339();
    wait_until("the poll to be recorded", async || {
        idle_expires_at(&mut browser).await == expected
    })
    .await;
}

#[tokio::test]
async fn k6_a_slow_store_delays_no_page_and_loses_no_activity() {
    let store = FaultStore::in_memory();
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut browser = app.signed_in().await;
    app.advance(minutes(2)).await;
    let hold = store.hold(StoreCall::Put(RecordKind::Session));
    for _ in 0..20 {
        get_with(&mut browser, "/account", &PERSON_NAVIGATION).await;
        app.advance(minutes(1)).await;
    }
    hold.wait_until_reached().await;
    assert_eq!(hold.waiting_calls(), 1, "one write at a time");
    let last = app.now().saturating_sub(minutes(1)) + minutes(30);
    hold.release();
    wait_until("the last visit to be recorded", async || {
        idle_expires_at(&mut browser).await == last.to_rfc3339()
    })
    .await;
}

#[tokio::test]
async fn k6_activity_is_written_at_most_once_a_minute() {
    let store = FaultStore::in_memory();
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut browser = app.signed_in().await;
    let before = store.session_put_count();
    for _ in 0..59 {
        app.advance(seconds(1)).await;
        get_with(&mut browser, "/account", &PERSON_NAVIGATION).await;
    }
    assert_eq!(store.session_put_count(), before);
    app.advance(seconds(1)).await;
    let tabs: Vec<_> = (0..20)
        .map(|_| {
            let request = PERSON_NAVIGATION.iter().fold(
                browser.request(Method::GET, "/account"),
                |request, (name, value)| request.header(*name, *value),
            );
            app.spawn_call(request.body(Body::empty()).unwrap())
        })
        .collect();
    for tab in tabs {
        assert_eq!(tab.await.unwrap().status, 200);
    }
    let expected = (app.now() + minutes(30)).to_rfc3339();
    wait_until("the visit to be recorded", async || {
        idle_expires_at(&mut browser).await == expected
    })
    .await;
    assert_eq!(
        store.session_put_count(),
        before + 1,
        "twenty tabs, one write"
    );
}
