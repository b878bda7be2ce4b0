//! What survives a restart of the process, and what its shutdown waits for.

use std::sync::Arc;

use latchkey::server::store::redb::{RedbOptions, RedbStore};

use crate::support::{Browser, KNOWN_PHONE, TestApp, Upstream, minutes, pause, seconds};

#[tokio::test]
async fn flows_sessions_and_counters_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.redb");
    let upstream = Arc::new(Upstream::start().await);
    let open = || Arc::new(RedbStore::open(&path, RedbOptions::default()).unwrap());

    let store = open();
    let first = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
    let mut signed_in = first.browser();
    signed_in.sign_in(KNOWN_PHONE).await;
    let (mut pending, code) = first.start_sign_in("+447400777888").await;
    pending.fail("+447400777888").await;
    let (mut exhausted, _) = first.start_sign_in("+447400777999").await;
    for _ in 0..2 {
        exhausted.submit_wrong_code("+447400777999").await;
    }
    first.product.close().await;
    store.close().unwrap();
    let ahead = first
        .now()
        .since(latchkey::server::system::clock::Clock::system().now());
    drop((first, store));

    let second = TestApp::with_clock_ahead(open(), upstream, ahead, |_| {});
    let moved = |browser: &Browser| Browser {
        app: second.clone(),
        ..browser.clone()
    };
    assert!(moved(&signed_in).is_signed_in().await);
    assert_eq!(moved(&pending).get("/code").await.status, 200);
    // Attempts are counted across the restart, in the flow and for the number.
    moved(&exhausted)
        .submit_wrong_code("+447400777999")
        .await
        .assert_slow_down();
    second.advance(seconds(31)).await;
    let mut other_browser = second.browser().with_address("203.0.113.7");
    other_browser.request_code("+447400777999").await;
    let before = second.upstream.call_counts().await;
    other_browser
        .submit_code(&second.upstream.newest_code("+447400777999").await)
        .await
        .assert_code_refused();
    assert!(second.upstream.calls_since(&before).await.is_empty());
    moved(&pending)
        .submit_code(&code)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn another_key_ends_all_sessions_and_breaks_nothing() {
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let upstream = Arc::new(Upstream::start().await);
    let first = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
    let mut browser = first.browser();
    browser.sign_in(KNOWN_PHONE).await;
    let (pending, _) = first.start_sign_in("+447400777888").await;
    let ahead = first
        .now()
        .since(latchkey::server::system::clock::Clock::system().now());
    let second = TestApp::with_clock_ahead(store, upstream, ahead, |settings| {
        let key = "HxAODQwLCgkIBwYFBAMCAQAfHh0cGxoZGBcWFRQTEhE=";
        settings.secrets.key = Some(latchkey::server::settings::Secret::new(key));
    });
    let mut moved = Browser {
        app: second.clone(),
        ..browser
    };
    assert!(!moved.is_signed_in().await);
    Browser {
        app: second.clone(),
        ..pending
    }
    .submit_code("123456")
    .await
    .assert_no_flow();
    second.advance(minutes(1)).await;
    moved.sign_in(KNOWN_PHONE).await;
    assert!(moved.is_signed_in().await);
}

#[tokio::test]
async fn close_waits_for_queued_sends_and_accepts_no_more() {
    let app = TestApp::start_with_user().await;
    app.upstream.set_latency("otp_send", "known", 300).await;
    let waiting = app.spawn_call(app.browser().form("send-code", &[("phone", KNOWN_PHONE)]));
    app.audit.wait_for("otp_requested", 1).await;
    app.product.close().await;
    assert_eq!(app.audit.events_named("otp_send_result")[0]["sent"], true);
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 1);
    app.advance(seconds(1)).await;
    waiting.await.unwrap().assert_next("/code");
    app.browser()
        .request_code("+447400777888")
        .await
        .assert_unavailable();
}

#[tokio::test]
async fn close_waits_for_upstream_calls() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser
        .post("sign-up", &[("phone", KNOWN_PHONE), ("name", "Ada")])
        .await;
    app.wait_for_sends().await;
    app.upstream.set_latency("user_update", "known", 200).await;
    browser.finish(KNOWN_PHONE).await;
    app.product.close().await;
    assert_eq!(app.upstream.call_count("user_update").await, 1);
}

#[tokio::test]
async fn a_full_queue_refuses_before_anything_is_charged() {
    let app = TestApp::with_settings(|settings| {
        settings.sign_in.send_queue = 1;
        settings.transmit.max_in_flight = 1;
        settings.guard.service_minutely = 1000;
    })
    .await;
    app.upstream.inject_fault("otp_send", "hang", None).await;
    let mut waiting = Vec::new();
    for number in 0..90 {
        waiting.push(
            app.spawn_call(
                app.browser()
                    .form("send-code", &[("phone", &format!("+4474001{number:05}"))]),
            ),
        );
        pause(1).await;
    }
    crate::support::wait_until("refusals", async || {
        waiting.iter().any(|response| response.is_finished())
    })
    .await;
    crate::support::wait_until("decisions", async || {
        app.count_events(|kind| kind.event == "otp_requested") == 90
    })
    .await;
    app.advance(seconds(1)).await;
    let mut statuses = std::collections::BTreeMap::new();
    for response in waiting {
        *statuses
            .entry(response.await.unwrap().status.as_u16())
            .or_insert(0) += 1;
    }
    assert_eq!(
        statuses.keys().copied().collect::<Vec<_>>(),
        [200, 503],
        "{statuses:?}"
    );
}
