//! What keeps a session from ending idle, on our own pages (requirement K6).

use std::sync::Arc;

use axum::body::Body;
use http::Method;
use latchkey::server::settings::SessionActivity;
use latchkey::server::store::RecordKind;

use crate::support::fault_store::{Call, Gate};
use crate::support::{Browser, KNOWN, Upstream, World, minutes, seconds, wait_until};

const PERSON: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1")];
const META_REFRESH: [(&str, &str); 2] = [
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];
const POLL: [(&str, &str); 2] = [("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
const IMAGE: [(&str, &str); 2] = [("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
const IFRAME: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];

/// When the session ends without activity, as it is written down.
async fn idle_end(browser: &mut Browser) -> String {
    browser.get("/api/session").await.json()["idle_expires_at"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn asks(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> String {
    let request = browser.request(Method::GET, path);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    answer.body
}

#[tokio::test]
async fn k6_only_a_person_keeps_a_session_alive() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let begun = idle_end(&mut browser).await;
    world.advance(minutes(10)).await;
    for by_itself in [META_REFRESH, POLL, IMAGE, IFRAME] {
        for path in ["/account", "/sign-out"] {
            let page = asks(&mut browser, path, &by_itself).await;
            if path == "/account" {
                assert!(
                    page.contains("20 minutes"),
                    "the page tells what is left: {by_itself:?}"
                );
            }
        }
    }
    // The same page, asked for by a person, and by a client that tells nothing of itself.
    for path in ["/account", "/sign-out"] {
        let before = idle_end(&mut browser).await;
        assert_eq!(
            before == begun,
            path == "/account",
            "nothing but a person moved it"
        );
        world.advance(minutes(2)).await;
        asks(&mut browser, path, &PERSON).await;
        let noted = (world.now() + minutes(30)).to_rfc3339();
        wait_until("the visit to be noted", async || {
            idle_end(&mut browser).await == noted
        })
        .await;
    }
    world.advance(minutes(2)).await;
    asks(&mut browser, "/account", &[]).await;
    let noted = (world.now() + minutes(30)).to_rfc3339();
    wait_until("the visit to be noted", async || {
        idle_end(&mut browser).await == noted
    })
    .await;
}

#[tokio::test]
async fn k6_a_page_that_polls_cannot_outlast_the_idle_timeout() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    for _ in 0..29 {
        world.advance(minutes(1)).await;
        asks(&mut browser, "/api/session", &PERSON).await;
        asks(&mut browser, "/account", &POLL).await;
    }
    world.advance(minutes(1)).await;
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k6_the_operator_may_let_every_request_count() {
    let world = World::with(|settings| settings.session.activity = SessionActivity::Request).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    world.advance(minutes(10)).await;
    asks(&mut browser, "/account", &POLL).await;
    let noted = (world.now() + minutes(30)).to_rfc3339();
    wait_until("the poll to be noted", async || {
        idle_end(&mut browser).await == noted
    })
    .await;
}

#[tokio::test]
async fn k6_a_store_that_cannot_write_delays_no_page_and_forgets_no_visit() {
    let gate = Gate::new();
    let world = World::over(gate.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    world.advance(minutes(2)).await;
    let hold = gate.hold(Call::Put(RecordKind::Session));
    for _ in 0..20 {
        asks(&mut browser, "/account", &PERSON).await;
        world.advance(minutes(1)).await;
    }
    hold.reached().await;
    assert_eq!(hold.waiting(), 1, "one note at a time");
    let last = world.now().saturating_sub(minutes(1)) + minutes(30);
    hold.release();
    wait_until("the last visit to be noted", async || {
        idle_end(&mut browser).await == last.to_rfc3339()
    })
    .await;
}

#[tokio::test]
async fn k6_activity_is_written_at_most_once_a_minute() {
    let gate = Gate::new();
    let world = World::over(gate.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let before = gate.session_puts();
    for _ in 0..59 {
        world.advance(seconds(1)).await;
        asks(&mut browser, "/account", &PERSON).await;
    }
    assert_eq!(gate.session_puts(), before);
    world.advance(seconds(1)).await;
    let tabs: Vec<_> = (0..20)
        .map(|_| {
            let request = PERSON.iter().fold(
                browser.request(Method::GET, "/account"),
                |request, (name, value)| request.header(*name, *value),
            );
            world.begin(request.body(Body::empty()).unwrap())
        })
        .collect();
    for tab in tabs {
        assert_eq!(tab.await.unwrap().status, 200);
    }
    let noted = (world.now() + minutes(30)).to_rfc3339();
    wait_until("the visit to be noted", async || {
        idle_end(&mut browser).await == noted
    })
    .await;
    assert_eq!(gate.session_puts(), before + 1, "twenty tabs, one note");
}
