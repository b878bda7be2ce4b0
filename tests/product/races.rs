//! Ending all sessions wins every race, against updates and against new sessions (requirement K10).

use std::sync::Arc;

use axum::body::Body;
use http::Method;
use latchkey::server::admin::commands::{AdminCommand, AdminReply, SessionOwner, run_command};
use latchkey::server::store::RecordKind;

use crate::support::{Browser, KNOWN_PHONE, TestApp, Upstream, minutes, seconds, wait_until};
use latchkey_testkit::fault_store::{FaultStore, StoreCall};

const OTHER: &str = "+447400777888";
/// How far the clock of the other node is ahead.
const AHEAD: u64 = 7;

async fn app() -> (Arc<TestApp>, Arc<FaultStore>) {
    let store = FaultStore::in_memory();
    (
        TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {}),
        store,
    )
}

/// Both commands that end all sessions of the user.
fn revocations_of(user: &str) -> [SessionOwner; 2] {
    [SessionOwner::User(user.to_owned()), SessionOwner::Everybody]
}

async fn revoke(app: &TestApp, whose: &SessionOwner) -> usize {
    let command = AdminCommand::SessionsRevoke {
        owner: whose.clone(),
    };
    let response = run_command(&app.product.admin_services(), &command).await;
    let AdminReply::Revoked { count } = response else {
        panic!("{response:?}")
    };
    count
}

fn get_request(browser: &Browser, path: &str) -> http::Request<Body> {
    browser
        .request(Method::GET, path)
        .body(Body::empty())
        .unwrap()
}

/// A signed-in browser, and its user's ID.
async fn sign_in_user(app: &Arc<TestApp>) -> (Browser, String) {
    let mut browser = app.signed_in().await;
    let user = browser.user_id().await;
    (browser, user)
}

#[tokio::test]
async fn k10_revocation_ends_a_session_that_is_being_created() {
    for which in 0..2 {
        let (app, store) = app().await;
        let (mut first, user) = sign_in_user(&app).await;
        app.advance(minutes(1)).await;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        // Upstream has accepted the code; the session is not stored yet.
        let hold = store.hold(StoreCall::Put(RecordKind::Session));
        let verifying = app.spawn_call(browser.form("verify-code", &[("code", &code)]));
        hold.wait_until_reached().await;
        assert_eq!(revoke(&app, &revocations_of(&user)[which]).await, 1);
        hold.release();
        let response = verifying.await.unwrap();
        response.assert_no_flow();
        browser.store_cookies(&response);
        assert!(response.cookie("latchkey").is_none() && !browser.is_signed_in().await);
        assert!(!first.is_signed_in().await);
        let failed = app.audit.events_named("authn_login_fail");
        assert_eq!(
            failed
                .iter()
                .map(|event| event["reason"].as_str().unwrap())
                .collect::<Vec<_>>(),
            ["revoked"]
        );
        assert_eq!(
            app.audit.count("session_ended"),
            app.audit.count("session_created")
        );
        wait_until("the upstream session to end", async || {
            app.product
                .transmit
                .user_sessions(&user)
                .await
                .unwrap()
                .is_empty()
        })
        .await;
    }
}

#[tokio::test]
async fn k9_revoke_others_ends_a_session_that_is_being_created() {
    let (app, store) = app().await;
    let (mut owner, user) = sign_in_user(&app).await;
    let mut other_browser = app.browser();
    other_browser.sign_in(OTHER).await;
    app.advance(minutes(1)).await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    // Upstream has accepted the code; the session is in no list yet.
    let hold = store.hold(StoreCall::Put(RecordKind::Session));
    let verifying = app.spawn_call(browser.form("verify-code", &[("code", &code)]));
    hold.wait_until_reached().await;
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    hold.release();
    let response = verifying.await.unwrap();
    response.assert_no_flow();
    browser.store_cookies(&response);
    assert!(response.cookie("latchkey").is_none() && !browser.is_signed_in().await);
    assert!(owner.is_signed_in().await && other_browser.is_signed_in().await);
    assert_eq!(app.audit.events_named("session_ended")[0]["by"], "revoked");
    assert_eq!(
        app.audit.events_named("authn_login_fail")[0]["reason"],
        "revoked"
    );
    wait_until("the upstream session to end", async || {
        app.product
            .transmit
            .user_sessions(&user)
            .await
            .unwrap()
            .len()
            == 1
    })
    .await;

    // Codes of other users, and later codes, are not affected.
    app.advance(minutes(1)).await;
    let (mut browser, code) = app.start_sign_in(OTHER).await;
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    browser.submit_code(&code).await.assert_next("/account");
    app.advance(minutes(1)).await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    browser.submit_code(&code).await.assert_next("/account");
    assert!(browser.is_signed_in().await && owner.is_signed_in().await);
}

#[tokio::test]
async fn k10_revocation_ends_a_session_stored_during_its_scan() {
    let (app, store) = app().await;
    let (_, user) = sign_in_user(&app).await;
    app.advance(minutes(1)).await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    let lists = store.keys_by_owner_count();
    let writing = store.hold(StoreCall::Put(RecordKind::Session));
    let verifying = app.spawn_call(browser.form("verify-code", &[("code", &code)]));
    writing.wait_until_reached().await;
    // The recognised devices of the number are listed meanwhile, and are not delayed.
    wait_until("the list of recognised devices", async || {
        store.keys_by_owner_count() > lists
    })
    .await;
    let looking = store.hold(StoreCall::KeysByOwner);
    let revoking = {
        let app = app.clone();
        tokio::spawn(async move { revoke(&app, &SessionOwner::User(user)).await })
    };
    looking.wait_until_reached().await;
    writing.release();
    let response = verifying.await.unwrap();
    response.assert_no_flow();
    looking.release();
    revoking.await.unwrap();
    browser.store_cookies(&response);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k10_a_code_submitted_after_a_revocation_creates_a_session() {
    let (app, store) = app().await;
    let (mut first, user) = sign_in_user(&app).await;
    app.advance(minutes(1)).await;
    // Requested before the revocation; submitted after it was stored and before it lists sessions.
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    let looking = store.hold_after(1, StoreCall::KeysByOwner);
    let revoking = {
        let app = app.clone();
        let user = user.clone();
        tokio::spawn(async move {
            let one = revoke(&app, &SessionOwner::User(user.clone())).await;
            let two = revoke(&app, &SessionOwner::User(user)).await;
            (one, two)
        })
    };
    looking.wait_until_reached().await;
    let verifying = app.spawn_call(browser.form("verify-code", &[("code", &code)]));
    app.audit.wait_for("session_created", 2).await;
    looking.release();
    assert_eq!(revoking.await.unwrap(), (1, 0));
    let response = verifying.await.unwrap();
    response.assert_next("/account");
    browser.store_cookies(&response);
    assert!(browser.is_signed_in().await && !first.is_signed_in().await);
}

#[tokio::test]
async fn k10_concurrent_writes_do_not_restore_a_revoked_session() {
    for which in 0..2 {
        for what in ["touch", "extend", "check"] {
            let (app, store) = app().await;
            let (browser, user) = sign_in_user(&app).await;
            app.advance(minutes(if what == "check" { 60 } else { 2 }))
                .await;
            let mut browser = browser;
            if what == "check" {
                // Keeps the session alive until then.
                browser = app.browser();
                browser.sign_in(KNOWN_PHONE).await;
                app.advance(minutes(20)).await;
                browser.post("extend-session", &[]).await;
                app.advance(minutes(20)).await;
                browser.post("extend-session", &[]).await;
                app.advance(minutes(20)).await;
            }
            let hold = store.hold(StoreCall::Put(RecordKind::Session));
            let request = match what {
                "touch" => get_request(&browser, "/account"),
                "extend" => browser.form("extend-session", &[]),
                _ => get_request(&browser, "/api/session"),
            };
            let changing = app.spawn_call(request);
            hold.wait_until_reached().await;
            assert!(revoke(&app, &revocations_of(&user)[which]).await >= 1);
            hold.release();
            let response = changing.await.unwrap();
            if what != "touch" {
                response.assert_not_signed_in();
            }
            for _ in 0..3 {
                assert!(!browser.is_signed_in().await, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn k10_revocation_during_an_upstream_check_holds() {
    let store = FaultStore::in_memory();
    let app = TestApp::with_store(
        store.clone(),
        Arc::new(Upstream::start().await),
        |settings| {
            settings.session.idle_timeout = "12h".parse().unwrap();
        },
    );
    let (browser, user) = sign_in_user(&app).await;
    app.advance(minutes(60)).await;
    // The first put marks the check as started, the second one stores its result.
    let hold = store.hold_after(1, StoreCall::Put(RecordKind::Session));
    let pending_call = app.spawn_call(get_request(&browser, "/api/session"));
    hold.wait_until_reached().await;
    assert_eq!(app.upstream.call_count("session_authenticate").await, 1);
    assert_eq!(revoke(&app, &SessionOwner::User(user)).await, 1);
    hold.release();
    pending_call.await.unwrap().assert_not_signed_in();
}

/// The session starts on a node whose clock is ahead; the operator uses the other node.
#[tokio::test]
async fn k10_revocation_holds_for_nodes_whose_clock_is_ahead() {
    for which in 0..2 {
        let (store, upstream) = (FaultStore::in_memory(), Arc::new(Upstream::start().await));
        let behind = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
        let ahead =
            TestApp::with_clock_ahead(store.clone(), upstream.clone(), seconds(AHEAD), |_| {});
        let (mut first, user) = sign_in_user(&ahead).await;
        ahead.advance(minutes(1)).await;
        behind.catch_up_with(&ahead);
        ahead.advance_app_clock(seconds(AHEAD));
        // And one whose code is being submitted.
        let (mut second, code) = ahead.start_sign_in(KNOWN_PHONE).await;
        let hold = store.hold(StoreCall::Put(RecordKind::Session));
        let verifying = ahead.spawn_call(second.form("verify-code", &[("code", &code)]));
        hold.wait_until_reached().await;
        assert!(ahead.now() > behind.now());
        assert_eq!(revoke(&behind, &revocations_of(&user)[which]).await, 1);
        hold.release();
        let response = verifying.await.unwrap();
        response.assert_no_flow();
        second.store_cookies(&response);
        for browser in [&mut first, &mut second] {
            for node in [&ahead, &behind] {
                browser.app = node.clone();
                assert!(!browser.is_signed_in().await);
            }
        }
        // A later session stays, also on the node that is behind.
        behind.advance(minutes(2)).await;
        let mut third = behind.browser();
        third.sign_in(KNOWN_PHONE).await;
        assert!(third.is_signed_in().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn k10_revocations_under_load_end_every_session() {
    for round in 0..12 {
        let (app, _) = app().await;
        let mut browsers = Vec::new();
        for phone in [KNOWN_PHONE, OTHER, KNOWN_PHONE] {
            let mut browser = app.browser();
            browser.sign_in(phone).await;
            browsers.push(browser);
            app.advance(seconds(61)).await;
        }
        let user = browsers[0].user_id().await;
        let mut busy = Vec::new();
        for browser in &browsers {
            for _ in 0..4 {
                busy.push(app.spawn_call(get_request(browser, "/account")));
                busy.push(app.spawn_call(browser.form("extend-session", &[])));
                busy.push(app.spawn_call(browser.form("revoke-session", &[("id", "others")])));
            }
        }
        let whose = revocations_of(&user)[round % 2].clone();
        let revoking = {
            let app = app.clone();
            tokio::spawn(async move { revoke(&app, &whose).await })
        };
        revoking.await.unwrap();
        for task in busy {
            task.await.unwrap();
        }
        for browser in [0, 2] {
            assert!(!browsers[browser].is_signed_in().await);
        }
        if round % 2 == 1 {
            assert!(!browsers[1].is_signed_in().await);
        }
        // Each ended once, in either order.
        let ended: Vec<_> = app
            .audit
            .events_named("session_ended")
            .iter()
            .map(|event| event["session"].to_string())
            .collect();
        let distinct: std::collections::BTreeSet<_> = ended.iter().collect();
        assert_eq!(distinct.len(), ended.len());
    }
}
