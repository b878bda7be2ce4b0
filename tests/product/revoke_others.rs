//! "End all other sessions", repeatedly and across a change of settings (requirement K9).

use std::sync::Arc;

use latchkey::server::admin::commands::SessionOwner;
use latchkey::server::settings::HumanDuration;
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};

use crate::revocation;
use crate::support::{KNOWN_PHONE, TestApp, Upstream, minutes, seconds};

const OTHER: &str = "+447400777888";

async fn revoke(app: &TestApp, sub: &str) -> usize {
    revocation::revoke(app, SessionOwner::User(sub.to_owned())).await
}

/// The same store with a server whose sessions last half an hour at most.
async fn with_shorter_sessions(store: &Arc<dyn Store>, upstream: &Arc<Upstream>) -> Arc<TestApp> {
    let app = TestApp::with_clock_ahead(store.clone(), upstream.clone(), seconds(60), |settings| {
        let session = &mut settings.session;
        (session.idle_timeout, session.stay_idle_timeout) =
            (HumanDuration::minutes(10), HumanDuration::minutes(10));
        (session.absolute_timeout, session.stay_absolute_timeout) =
            (HumanDuration::minutes(30), HumanDuration::minutes(30));
    });
    upstream.advance_clock(seconds(60)).await;
    app
}

fn store() -> Arc<dyn Store> {
    Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap())
}

#[tokio::test]
async fn k9_shorter_sessions_do_not_invalidate_new_sessions_after_revoke_others() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let before = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
    let mut browser = before.browser();
    browser.sign_in(KNOWN_PHONE).await;
    browser
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");

    let app = with_shorter_sessions(&store, &upstream).await;
    let mut other = app.browser();
    other.sign_in(OTHER).await;
    other
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    app.advance(minutes(31)).await;
    for day in 0..3 {
        let mut browser = app.browser();
        browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
        assert!(browser.is_signed_in().await, "day {day}");
        app.advance(minutes(24 * 60)).await;
    }
}

#[tokio::test]
async fn k10_shorter_sessions_do_not_end_sessions_after_an_old_revocation() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let before = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
    let mut browser = before.browser();
    browser.sign_in(KNOWN_PHONE).await;
    let user = browser.user_id().await;
    assert_eq!(revoke(&before, &user).await, 1);

    let app = with_shorter_sessions(&store, &upstream).await;
    let mut other = app.browser();
    other.sign_in(OTHER).await;
    let other = other.user_id().await;
    assert_eq!(revoke(&app, &other).await, 1);
    app.advance(minutes(31)).await;
    let mut browser = app.browser();
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    revoke(&app, &other).await;
    assert!(
        browser.is_signed_in().await,
        "another user was revoked, and KNOWN_PHONE long before"
    );
    assert_eq!(revoke(&app, &user).await, 1);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k9_revoke_others_is_limited_to_ten_an_hour_for_each_session() {
    let app = TestApp::with_settings(|settings| {
        settings.session.idle_timeout = HumanDuration::minutes(120)
    })
    .await;
    let mut thief = app.signed_in().await;
    for _ in 0..10 {
        thief
            .post("revoke-session", &[("id", "others")])
            .await
            .assert_next("/account");
    }
    app.advance(seconds(31)).await;
    let mut owner = app.signed_in().await;
    let problem = thief
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_slow_down();
    assert!(
        (3000..=3600).contains(&problem["retry_after"].as_u64().unwrap()),
        "{problem}"
    );
    assert!(owner.is_signed_in().await, "nothing was ended");
    assert_eq!(
        app.audit.events_named("excess_rate_limit_exceeded")[0]["limit"],
        "others"
    );

    // The owner has a limit of their own.
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    assert_eq!(
        (thief.is_signed_in().await, owner.is_signed_in().await),
        (false, true)
    );
    for _ in 1..10 {
        owner
            .post("revoke-session", &[("id", "others")])
            .await
            .assert_next("/account");
    }
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_slow_down();
    app.advance(minutes(61)).await;
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
}
