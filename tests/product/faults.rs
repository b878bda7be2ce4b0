//! Upstream faults: down, refusing, hanging, breaking off or returning invalid data; what the user
//! gets, and what is counted.
//!
//! - `table`: every call with every fault, compared with `docs/developers/faults.md`; `scenarios`
//!   plays them.
//! - `voided_codes`: what is refunded after a 401.
//! - `client_authentication`: the client authenticates with a private key.
//! - `clock_skew`: clocks that differ.

mod client_authentication;
mod clock_skew;
mod scenarios;
mod table;
mod voided_codes;

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::store::redb::{RedbOptions, RedbStore};

use crate::support::{
    Browser, KNOWN_PHONE, TestApp, TestResponse, UNKNOWN_PHONE, Upstream, different_code, seconds,
};

/// Sends a form whose response may wait for a hanging upstream. The clock is advanced in steps
/// until the response is sent.
async fn post_and_advance(
    browser: &Browser,
    endpoint: &str,
    fields: &[(&str, &str)],
) -> TestResponse {
    call_in_steps(&browser.app, endpoint, browser.form(endpoint, fields)).await
}

/// Sends a request and advances the clock until the response is sent.
async fn call_in_steps(
    app: &Arc<TestApp>,
    endpoint: &str,
    request: http::Request<axum::body::Body>,
) -> TestResponse {
    let waiting = app.spawn_call(request);
    for _ in 0..60 {
        for _ in 0..20 {
            if waiting.is_finished() {
                return waiting.await.unwrap();
            }
            crate::support::pause(5).await;
        }
        app.advance(Duration::from_millis(500)).await;
    }
    panic!("{endpoint} was not answered within half a minute");
}

#[tokio::test]
async fn an_upstream_that_is_down_gives_equal_503_and_keeps_pages() {
    let upstream = Arc::new(Upstream::start().await);
    let store = || Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let app = TestApp::with_store(store(), upstream.clone(), |settings| {
        // Nothing listens on port 1.
        settings.transmit.base_url = Some("http://127.0.0.1:1/".parse().unwrap());
    });
    let mut browser = app.browser();
    assert_eq!(browser.get("/sign-in").await.status, 200);
    let known = post_and_advance(&browser, "send-code", &[("phone", KNOWN_PHONE)]).await;
    let unknown = post_and_advance(&browser, "send-code", &[("phone", UNKNOWN_PHONE)]).await;
    assert_eq!(known.assert_unavailable(), unknown.assert_unavailable());
    assert_eq!(known.cookies(), Vec::<&str>::new());
    post_and_advance(&browser, "sign-up", &[("phone", UNKNOWN_PHONE)])
        .await
        .assert_unavailable();
    browser.post("sign-out", &[]).await.assert_next("/sign-in");
}

#[tokio::test]
async fn nothing_is_sent_without_a_client_token_or_key_set() {
    for (operation, kind) in [
        ("token", "status"),
        ("token", "reset"),
        ("token", "garbage"),
        ("token", "hang"),
        ("jwks", "status"),
        ("jwks", "reset"),
        ("jwks", "garbage"),
        ("jwks", "hang"),
    ] {
        let app = TestApp::start_with_user().await;
        app.upstream.inject_fault(operation, kind, None).await;
        let browser = app.browser();
        let response = post_and_advance(&browser, "send-code", &[("phone", KNOWN_PHONE)]).await;
        response.assert_unavailable();
        assert!(
            response.elapsed <= seconds(11),
            "{operation} {kind}: {:?}",
            response.elapsed
        );
        assert_eq!(
            app.upstream.call_count("otp_send").await,
            0,
            "{operation} {kind}"
        );
        // It recovers without a restart, and nothing was charged.
        app.upstream.inject_fault(operation, kind, Some(0)).await;
        app.advance(seconds(15)).await;
        app.browser().start(KNOWN_PHONE).await;
        assert_eq!(
            app.upstream.messages(KNOWN_PHONE).await.len(),
            1,
            "{operation} {kind}"
        );
    }
}

#[tokio::test]
async fn t9_refused_credentials_are_not_retried_immediately() {
    let app = TestApp::start().await;
    app.upstream.fail_with_status("token", 401).await;
    for _ in 0..5 {
        app.browser()
            .request_code(KNOWN_PHONE)
            .await
            .assert_unavailable();
    }
    assert_eq!(app.upstream.call_count("token").await, 1);
    app.advance(seconds(11)).await;
    app.browser()
        .request_code(KNOWN_PHONE)
        .await
        .assert_unavailable();
    assert_eq!(app.upstream.call_count("token").await, 2);
}

/// Another process with the same store: flows are kept, the client token and keys are not.
async fn restarted(
    app: &TestApp,
    store: &Arc<RedbStore>,
    operation: &str,
    browser: &Browser,
) -> Browser {
    let upstream = app.upstream.clone();
    upstream.inject_fault(operation, "reset", None).await;
    let ahead = app
        .now()
        .since(latchkey::server::system::clock::Clock::system().now());
    let app = TestApp::with_clock_ahead(store.clone(), upstream, ahead, |_| {});
    Browser {
        app,
        ..browser.clone()
    }
}

#[tokio::test]
async fn no_attempt_is_counted_without_a_client_token_or_key_set() {
    for operation in ["token", "jwks"] {
        let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        let first = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
        let (browser, code) = first.start_sign_in(KNOWN_PHONE).await;
        let mut browser = restarted(&first, &store, operation, &browser).await;
        for _ in 0..4 {
            post_and_advance(&browser, "verify-code", &[("code", &code)])
                .await
                .assert_unavailable();
        }
        assert_eq!(first.upstream.call_count("otp_authenticate").await, 0);
        first
            .upstream
            .inject_fault(operation, "reset", Some(0))
            .await;
        browser.app.advance(seconds(15)).await;
        assert_eq!(
            browser
                .submit_code(&different_code(&code))
                .await
                .assert_code_refused()["tries_left"],
            1
        );
        browser.submit_code(&code).await.assert_next("/account");
    }
}

#[tokio::test]
async fn an_unsent_verification_is_503_and_its_attempt_is_refunded() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.upstream.stop().await;
    for _ in 0..4 {
        let response = browser.submit_code(&code).await;
        response.assert_unavailable();
        assert_eq!(response.elapsed, seconds(0));
    }
    app.upstream.restart().await;
    assert_eq!(
        browser.submit_code("000000").await.assert_code_refused()["tries_left"],
        1
    );
}

#[tokio::test]
async fn t7_any_fault_after_a_verification_was_sent_equals_a_wrong_code() {
    let mut problems = Vec::new();
    for (kind, leaves) in [
        ("none", 1500),
        ("reset", 1500),
        ("garbage", 1500),
        ("status", 1500),
        ("hang", 10_000),
    ] {
        let app = TestApp::start().await;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        if kind != "none" {
            app.upstream
                .inject_fault("otp_authenticate", kind, None)
                .await;
        }
        let typed = if kind == "none" {
            different_code(&code)
        } else {
            code.clone()
        };
        let response = if kind == "hang" {
            let start = app.now();
            let waiting = app.spawn_call(browser.form("verify-code", &[("code", &typed)]));
            app.upstream.wait_for_calls("otp_authenticate", 1).await;
            for millis in [1500, 5000, 9999] {
                app.advance_to(start, Duration::from_millis(millis)).await;
                crate::support::pause(20).await;
                assert!(
                    !waiting.is_finished(),
                    "left at {millis} before upstream's deadline"
                );
            }
            app.advance_to(start, seconds(10)).await;
            waiting.await.unwrap()
        } else {
            browser.submit_code(&typed).await
        };
        assert_eq!(response.elapsed, Duration::from_millis(leaves), "{kind}");
        let problem = response.assert_code_refused();
        assert_eq!(problem["tries_left"], 1);
        problems.push(problem);
        assert_eq!(
            app.upstream.call_count("otp_authenticate").await,
            1,
            "{kind}: a verify is never made again"
        );
        assert_eq!(
            app.audit.count("session_created"),
            0,
            "{kind}: a failure never signs in"
        );
        // The flow is kept: when upstream has recovered, the code still works, unless it was
        // processed.
        app.upstream
            .inject_fault("otp_authenticate", "reset", Some(0))
            .await;
        browser.submit_code(&code).await.assert_next("/account");
    }
    assert!(
        problems.iter().all(|problem| *problem == problems[0]),
        "{problems:?}"
    );
}

#[tokio::test]
async fn t7_invalid_success_responses_never_sign_in() {
    for body in [
        serde_json::json!({}),
        serde_json::json!({ "access_token": "a.b.c", "id_token": "a.b.c", "session_id": "s" }),
        serde_json::json!({
            "access_token": "", "session_id": "s", "token_type": "Bearer", "expires_in": 3600,
        }),
        serde_json::json!([]),
        serde_json::json!("ok"),
    ] {
        let app = TestApp::start().await;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        let fault = serde_json::json!({
            "operation": "otp_authenticate", "kind": "status", "status": 200, "body": body,
        });
        app.upstream.put_fault(fault).await;
        browser.submit_code(&code).await.assert_code_refused();
        assert!(!browser.is_signed_in().await);
        assert_eq!(app.upstream.call_count("otp_authenticate").await, 1);
    }
}

#[tokio::test]
async fn t5_key_rotation_fails_no_sign_in() {
    let app = TestApp::start().await;
    app.browser().sign_in(KNOWN_PHONE).await;
    app.advance(seconds(120)).await;
    app.upstream.rotate_keys().await;
    app.browser().sign_in(KNOWN_PHONE).await;
    assert_eq!(app.upstream.call_count("jwks").await, 2);
}

#[tokio::test]
async fn sign_out_works_although_upstream_fails() {
    for kind in ["reset", "garbage", "status"] {
        let app = TestApp::start().await;
        let mut browser = app.signed_in().await;
        app.upstream
            .inject_fault("session_logout", kind, None)
            .await;
        let before = browser.clone();
        post_and_advance(&browser, "sign-out", &[])
            .await
            .assert_next("/sign-in");
        assert!(!before.clone().is_signed_in().await, "{kind}");
        browser.cookies.clear();
    }
}
