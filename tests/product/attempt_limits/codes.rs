//! Where, how often and for how long a code is valid (requirements C2, C3, C10).

use latchkey::server::crypto::opaque_token::Token;
use latchkey::server::settings::human_duration::HumanDuration;
use serde_json::json;

use crate::support::{Browser, KNOWN_PHONE, TestApp, minutes, wait_until};

#[tokio::test]
async fn c3_a_code_is_single_use() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    let replay = browser.clone();
    browser.submit_code(&code).await.assert_next("/account");
    replay.clone().submit_code(&code).await.assert_no_flow();
    let mut second = app.browser();
    second.request_code(KNOWN_PHONE).await;
    assert_ne!(app.upstream.newest_code(KNOWN_PHONE).await, code);
    second.submit_code(&code).await.assert_code_refused();
    assert_eq!(app.audit.count("session_created"), 1);
}

#[tokio::test]
async fn c10_a_code_is_valid_only_in_the_browser_that_requested_it() {
    let app = TestApp::start().await;
    let (browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.browser().submit_code(&code).await.assert_no_flow();
    // A thief with a flow of their own, for their own number.
    let (mut thief, own) = app.start_sign_in("+447400777888").await;
    thief.submit_code(&code).await.assert_code_refused();
    // The cookie of an ended flow is worthless.
    let stale = thief.clone();
    thief.submit_code(&own).await.assert_next("/account");
    stale.clone().submit_code(&own).await.assert_no_flow();
    stale
        .clone()
        .post("resend-code", &[])
        .await
        .assert_no_flow();
    // Starting over with another number ends the previous flow.
    let mut changed = browser.clone();
    changed.request_code("+447400999000").await;
    assert_ne!(
        changed.cookie("latchkey-flow"),
        browser.cookie("latchkey-flow")
    );
    browser.clone().submit_code(&code).await.assert_no_flow();
}

#[tokio::test]
async fn c2_a_withheld_resend_does_not_extend_the_previous_code() {
    let app = TestApp::with_settings(|settings| {
        settings.transmit.otp_lifetime = Some(HumanDuration::minutes(20));
        settings.guard.number_hourly = 1;
    })
    .await;
    app.upstream
        .set_policy(json!({ "otp_lifetime": "20m" }))
        .await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.advance(minutes(9)).await;
    browser.resend().await;
    app.advance(minutes(2)).await;
    let before = app.upstream.call_counts().await;
    browser.submit_code(&code).await.assert_code_refused();
    assert!(app.upstream.calls_since(&before).await.is_empty());
}

#[tokio::test]
async fn an_attempt_counts_for_a_number_only_if_a_code_was_sent() {
    let app = TestApp::start_with_user().await;
    app.upstream
        .set_user_status("+447400777888", "Disabled")
        .await;
    let mut browser = app.browser();
    browser.start("+447400777888").await;
    wait_until("the outcome to be stored", async || {
        is_send_outcome_stored(&browser).await
    })
    .await;
    let before = app.upstream.call_counts().await;
    let response = browser.submit_code("123456").await;
    assert_eq!(response.assert_code_refused()["tries_left"], 1);
    assert_eq!(response.elapsed.as_millis(), 1500);
    assert!(app.upstream.calls_since(&before).await.is_empty());
}

/// Whether the browser's flow knows the outcome of its send.
async fn is_send_outcome_stored(browser: &Browser) -> bool {
    let deps = browser.app.product.state.services.sign_in.deps();
    let id = Token::parse(browser.cookie("latchkey-flow").unwrap())
        .unwrap()
        .hash();
    deps.flow_store
        .get(id, browser.app.now())
        .await
        .unwrap()
        .unwrap()
        .codes
        .newest()
        .is_none()
}
