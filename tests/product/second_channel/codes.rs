//! Which code is valid once both channels were used.

use latchkey_testkit::sandbox_client::different_code;
use serde_json::json;

use crate::second_channel::*;
use crate::support::{UNKNOWN_PHONE, minutes};

#[tokio::test]
async fn a_sign_in_by_email_makes_three_calls_upstream() {
    let app = app().await;
    let before = app.upstream.call_counts().await;
    let mut browser = waiting(&app).await;
    request_email(&mut browser).await;
    let code = newest_email(&app).await;
    browser.submit_code(&code).await.assert_next("/account");
    let calls = app.upstream.calls_since(&before).await;
    let expected = [("otp_authenticate", 1), ("otp_send", 2)];
    let expected = expected.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(calls, expected.into());
    let session = browser.get("/api/session").await.json();
    assert_eq!(session["amr"], json!(["eotp"]));
}

#[tokio::test]
async fn a_newcomer_has_no_address_and_signs_up_by_sms_all_the_same() {
    let app = app().await;
    let before = app.upstream.call_counts().await;
    let mut browser = app.browser();
    let form = [("phone", UNKNOWN_PHONE)];
    browser.post("sign-up", &form).await.assert_next("/code");
    app.wait_for_sends().await;
    app.advance(seconds(FIRST_WAIT)).await;
    request_email(&mut browser).await;
    // No e-mail could be sent, so the code by SMS is still valid.
    browser.finish(UNKNOWN_PHONE).await;
    let calls = app.upstream.calls_since(&before).await;
    assert_eq!(
        (
            calls["user_create"],
            calls["otp_send"],
            calls["otp_authenticate"]
        ),
        (1, 2, 1)
    );
    let session = browser.get("/api/session").await.json();
    assert_eq!(session["amr"], json!(["sms"]));
}

/// Upstream keeps the newest code alone; the request id of the flow is that of the newest too.
#[tokio::test]
async fn c6_a_code_by_email_replaces_that_by_sms_and_the_other_way_round() {
    for request_id in ["snake", "none", "refused"] {
        let app = app().await;
        app.upstream
            .set_policy(json!({ "request_id": request_id }))
            .await;
        let mut browser = waiting(&app).await;
        let by_sms = app.upstream.newest_code(KNOWN_PHONE).await;
        request_email(&mut browser).await;
        let by_email = newest_email(&app).await;
        if by_sms != by_email {
            browser.submit_code(&by_sms).await.assert_code_refused();
        }
        app.advance(seconds(60)).await;
        browser.resend_and_wait().await;
        browser.finish(KNOWN_PHONE).await;
    }
}

#[tokio::test]
async fn a_code_by_sms_stays_valid_where_no_email_was_sent() {
    // Upstream has none, refuses the call, or our own budget does.
    for (email, budget) in [("", 3), (EMAIL, 0)] {
        let app = app_with(|settings| settings.guard.number_emails_hourly = budget.max(1)).await;
        app.upstream
            .set_policy(json!({ "email_length": 8, "email_lifetime": "10m" }))
            .await;
        app.advance(minutes(10)).await;
        app.product.tenant_policy.refresh().await;
        if budget == 0 {
            let mut other = waiting(&app).await;
            request_email(&mut other).await;
            app.advance(minutes(4)).await;
        }
        let mut browser = waiting(&app).await;
        app.upstream.set_email(KNOWN_PHONE, email).await;
        request_email(&mut browser).await;
        let page = browser.get("/code").await.body;
        assert!(page.contains("data-length=\"8\""), "{page}");
        let code = app.upstream.newest_code(KNOWN_PHONE).await;
        assert_eq!(code.len(), 6);
        browser.submit_code(&code).await.assert_next("/account");
    }
}

#[tokio::test]
async fn c1_each_channel_has_the_length_and_lifetime_that_the_tenant_says() {
    let app = app().await;
    let policy = json!({ "email_length": 8, "email_lifetime": "30m" });
    app.upstream.set_policy(policy).await;
    app.advance(minutes(10)).await;
    app.product.tenant_policy.refresh().await;
    let mut browser = waiting(&app).await;
    let page = browser.get("/code").await.body;
    assert!(
        page.contains("data-length=\"6\"") && page.contains("data-sms"),
        "{page}"
    );
    request_email(&mut browser).await;
    let code = newest_email(&app).await;
    assert_eq!(code.len(), 8);
    let page = browser.get("/code").await.body;
    assert!(
        page.contains("data-length=\"8\"") && page.contains("8‑digit code"),
        "{page}"
    );
    for typed in ["1234567", "12345", "123456789", "abcdefgh"] {
        let refused = browser.submit_code(typed).await;
        refused.assert_problem(422, "invalid_code_format");
    }
    // Ten minutes at most, and longer than the code by SMS.
    app.advance(minutes(9)).await;
    browser.submit_code(&code).await.assert_next("/account");

    let mut browser = waiting(&app).await;
    request_email(&mut browser).await;
    app.advance(minutes(10)).await;
    let late = browser.submit_code(&newest_email(&app).await).await;
    late.assert_problem(410, "flow_expired");
}

#[tokio::test]
async fn c6_attempts_are_counted_over_both_channels() {
    for failure_count in ["shared", "per_channel"] {
        let app = app().await;
        app.upstream
            .set_policy(json!({ "failure_count": failure_count }))
            .await;
        let mut browser = waiting(&app).await;
        assert_eq!(browser.fail(KNOWN_PHONE).await["tries_left"], 1);
        request_email(&mut browser).await;
        let code = newest_email(&app).await;
        let wrong = browser.submit_code(&different_code(&code)).await;
        assert_eq!(wrong.assert_code_refused()["tries_left"], 0);
        let spent = browser.submit_code(&code).await;
        assert_eq!(spent.assert_slow_down()["tries_left"], 0);
        // Nor has another browser any: the count is the number's.
        app.advance(seconds(60)).await;
        let mut other = app.browser();
        other.start(KNOWN_PHONE).await;
        app.advance(seconds(FIRST_WAIT)).await;
        request_email(&mut other).await;
        let code = newest_email(&app).await;
        other.submit_code(&code).await.assert_code_refused();
        assert_eq!(
            app.upstream.call_count("otp_authenticate").await,
            2,
            "{failure_count}"
        );
        app.advance(minutes(16)).await;
        other.resend_and_wait().await;
        other.finish(KNOWN_PHONE).await;
    }
}

/// The tighter maximum of the two channels holds, because upstream may count them together.
#[tokio::test]
async fn s9_a_tighter_maximum_of_codes_by_email_holds_for_both_channels() {
    let app = app().await;
    let policy = json!({ "max_failures": 7, "email_max_failures": 3, "email_lockout": "30m" });
    app.upstream.set_policy(policy).await;
    app.advance(minutes(10)).await;
    app.product.tenant_policy.refresh().await;
    let mut browser = waiting(&app).await;
    assert_eq!(browser.fail(KNOWN_PHONE).await["tries_left"], 1);
    request_email(&mut browser).await;
    let wrong = different_code(&newest_email(&app).await);
    browser.submit_code(&wrong).await.assert_code_refused();
    let spent = browser.submit_code(&wrong).await.assert_slow_down();
    assert!(spent["retry_after"].as_u64() > Some(29 * 60), "{spent}");
}
