//! A 401 proves that nothing was processed: reservations are refunded, and the response does not
//! disclose it.

use crate::support::{KNOWN_PHONE, TestApp, different_code, seconds};

#[tokio::test]
async fn t7_a_401_counts_no_attempt() {
    let reference = {
        let app = TestApp::start().await;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        let response = browser.submit_code(&different_code(&code)).await;
        (response.assert_code_refused(), response.elapsed)
    };
    for renewal in ["granted", "status", "reset", "hang"] {
        let app = TestApp::start().await;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        app.upstream.fail_with_status("otp_authenticate", 401).await;
        if renewal != "granted" {
            app.upstream.inject_fault("token", renewal, None).await;
        }
        // An unrecognised device has two attempts.
        for _ in 0..4 {
            let response = if renewal == "hang" {
                crate::faults::post_and_advance(&browser, "verify-code", &[("code", &code)]).await
            } else {
                browser.submit_code(&code).await
            };
            // Without a client token the next request is refused before it is sent.
            if response.status == 503 {
                response.assert_unavailable();
                continue;
            }
            assert_eq!(response.assert_code_refused(), reference.0, "{renewal}");
            assert!(response.elapsed >= reference.1, "{renewal}");
        }
        let failed = app.audit.events_named("authn_login_fail");
        assert!(
            failed.iter().all(|event| event["reason"] == "upstream"),
            "{failed:?}"
        );
        assert!(!failed.is_empty());
        app.upstream
            .inject_fault("otp_authenticate", "reset", Some(0))
            .await;
        app.upstream.inject_fault("token", "reset", Some(0)).await;
        app.advance(seconds(61)).await;
        assert_eq!(
            browser
                .submit_code(&different_code(&code))
                .await
                .assert_code_refused()["tries_left"],
            1,
            "{renewal}"
        );
        browser.submit_code(&code).await.assert_next("/account");
    }
}

#[tokio::test]
async fn c6_an_upstream_that_always_returns_401_gives_no_endless_attempts() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.upstream.fail_with_status("otp_authenticate", 401).await;
    let mut guesses = 0;
    let spent = loop {
        let response = browser.submit_code(&different_code(&code)).await;
        if response.status == 429 {
            break response;
        }
        response.assert_code_refused();
        guesses += 1;
        assert!(
            guesses < 30,
            "a flow has two tries, and so many that come back"
        );
    };
    assert_eq!(spent.assert_slow_down()["tries_left"], 0);
    // The number's own count holds as well: another flow does not get the remaining attempts.
    app.upstream
        .inject_fault("otp_authenticate", "reset", Some(0))
        .await;
    app.advance(seconds(61)).await;
    let before = app.upstream.call_count("otp_authenticate").await;
    let mut other = app.browser();
    other.start(KNOWN_PHONE).await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    other.submit_code(&code).await.assert_code_refused();
    assert_eq!(
        app.upstream.call_count("otp_authenticate").await,
        before,
        "upstream is not asked"
    );
}

#[tokio::test]
async fn s10_a_401_counts_no_send_of_the_number() {
    let app = TestApp::start_with_user().await;
    app.upstream.fail_with_status("otp_send", 401).await;
    // A number has five codes an hour.
    for _ in 0..8 {
        app.browser().start(KNOWN_PHONE).await;
        app.advance(seconds(1)).await;
    }
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 0);
    assert!(
        app.audit
            .events_named("otp_requested")
            .iter()
            .all(|event| event["decision"] == "queued")
    );
    app.upstream
        .inject_fault("otp_send", "reset", Some(0))
        .await;
    app.advance(seconds(11)).await;
    let mut browser = app.browser();
    browser.start(KNOWN_PHONE).await;
    browser.finish(KNOWN_PHONE).await;
}
