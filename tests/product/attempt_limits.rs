//! Brute-force limits on codes, and whom they affect (requirements C3 to C10, S9). `codes` tests
//! where and how long a code is valid.

mod codes;

use http::StatusCode;
use latchkey::server::admin::commands::{AdminCommand, run_command};

use crate::support::{Browser, KNOWN_PHONE, TestApp, different_code, minutes, seconds};

#[tokio::test]
async fn c4_of_fifty_concurrent_correct_codes_one_succeeds() {
    for max_failures in [3, 20] {
        let app = TestApp::with_settings(|settings| {
            settings.transmit.otp_max_failures = Some(max_failures)
        })
        .await;
        let tries = app
            .settings
            .transmit
            .passcode_limits(None)
            .attempts_per_code() as usize;
        let (browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        app.upstream
            .set_latency("otp_authenticate", "correct", 30)
            .await;
        let responses = app
            .call_all_and_advance(
                (0..50)
                    .map(|_| browser.form("verify-code", &[("code", &code)]))
                    .collect(),
            )
            .await;
        let won: Vec<_> = responses
            .iter()
            .filter(|response| response.status == StatusCode::OK)
            .collect();
        assert_eq!(won.len(), 1);
        assert!(won[0].cookie("latchkey").is_some());
        for response in responses
            .iter()
            .filter(|response| response.status != StatusCode::OK)
        {
            assert!(
                matches!(response.status.as_u16(), 401 | 409 | 429),
                "{} {}",
                response.status,
                response.body
            );
            assert_eq!(response.cookie("latchkey"), None);
        }
        assert_eq!(app.audit.count("session_created"), 1);
        assert!(app.upstream.call_count("otp_authenticate").await as usize <= tries);
    }
}

#[tokio::test]
async fn c5_browsers_at_many_addresses_share_the_attempts_of_a_number() {
    let app = TestApp::with_settings(|settings| settings.guard.number_hourly = 100).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    for _ in 0..8 {
        let mut browser = app.browser();
        browser.request_code(KNOWN_PHONE).await;
        let failures = [
            browser.submit_wrong_code(KNOWN_PHONE).await,
            browser.submit_wrong_code(KNOWN_PHONE).await,
        ];
        // Each flow sees only its own attempts.
        assert_eq!(failures[0].assert_code_refused()["tries_left"], 1);
        assert_eq!(failures[1].assert_code_refused()["tries_left"], 0);
        browser
            .submit_wrong_code(KNOWN_PHONE)
            .await
            .assert_slow_down();
        app.advance(seconds(31)).await;
    }
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 2);
    assert!(app.audit.count("authn_login_lock") > 0);
    // After one lockout period there are as many attempts again.
    app.advance(minutes(15)).await;
    let mut browser = app.browser();
    browser.request_code(KNOWN_PHONE).await;
    browser.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn c5_concurrent_wrong_codes_do_not_exceed_the_limit() {
    let app = TestApp::start().await;
    let (browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    let wrong = different_code(&code);
    let responses = app
        .call_all_and_advance(
            (0..30)
                .map(|_| browser.form("verify-code", &[("code", &wrong)]))
                .collect(),
        )
        .await;
    let refused = responses
        .iter()
        .filter(|response| response.status == StatusCode::UNAUTHORIZED)
        .count();
    assert_eq!(refused, 2);
    assert_eq!(
        responses
            .iter()
            .filter(|response| response.status == StatusCode::TOO_MANY_REQUESTS)
            .count(),
        28
    );
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 2);
}

#[tokio::test]
async fn c6_resend_does_not_reset_the_attempt_count() {
    let app = TestApp::start().await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    browser.fail(KNOWN_PHONE).await;
    app.advance(seconds(30)).await;
    browser.resend_and_wait().await;
    assert_eq!(browser.fail(KNOWN_PHONE).await["tries_left"], 0);
    browser
        .submit_wrong_code(KNOWN_PHONE)
        .await
        .assert_slow_down();
}

#[tokio::test]
async fn c6_the_wait_starts_at_the_last_attempt() {
    let app = TestApp::start().await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    app.advance(minutes(14)).await;
    browser.resend_and_wait().await;
    browser.fail(KNOWN_PHONE).await;
    browser.fail(KNOWN_PHONE).await;
    let problem = browser
        .submit_wrong_code(KNOWN_PHONE)
        .await
        .assert_slow_down();
    let wait = problem["retry_after"].as_u64().unwrap();
    // The page's promise must hold. Before that time, the number's own limit would refuse without
    // disclosure.
    assert!((890..=900).contains(&wait), "{wait}");
    app.advance(seconds(wait)).await;
    browser.resend_and_wait().await;
    browser.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn c7_unrecognised_devices_are_refused_at_their_limit_until_unlocked() {
    let app = TestApp::with_settings(|settings| {
        settings.guard.stranger_failures = 4;
        settings.guard.number_hourly = 100;
        settings.guard.number_daily = 100;
    })
    .await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    for _ in 0..2 {
        let mut browser = app.browser();
        browser.request_code(KNOWN_PHONE).await;
        browser.fail(KNOWN_PHONE).await;
        browser.fail(KNOWN_PHONE).await;
        app.advance(minutes(16)).await;
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    }
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 4);
    // Days later the count still holds, and is not disclosed.
    app.advance(minutes(3 * 24 * 60)).await;
    let mut browser = app.browser();
    browser.request_code(KNOWN_PHONE).await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    browser.submit_code(&code).await.assert_code_refused();
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 4);
    run_command(
        &app.product.admin_services(),
        &AdminCommand::Unlock {
            identifier: KNOWN_PHONE.to_owned(),
        },
    )
    .await;
    browser.submit_code(&code).await.assert_next("/account");
}

#[tokio::test]
async fn c9_a_success_resets_the_failure_count() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        assert_eq!(browser.fail(KNOWN_PHONE).await["tries_left"], 1);
        browser.submit_code(&code).await.assert_next("/account");
    }
    assert_eq!(app.audit.count("session_created"), 3);
}

#[tokio::test]
async fn s9_the_last_attempt_is_reserved_for_recognised_devices() {
    let app = TestApp::start().await;
    let mut owner = app.signed_in().await;
    owner.post("sign-out", &[]).await;
    assert!(owner.cookie("latchkey-browser").is_some());
    let mut attacker = app.browser();
    attacker.request_code(KNOWN_PHONE).await;
    for _ in 0..2 {
        attacker.fail(KNOWN_PHONE).await;
    }
    // Neither the cool-down of the number nor its exhausted attempts block the owner.
    owner.start(KNOWN_PHONE).await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 3);
    owner.finish(KNOWN_PHONE).await;
    // The cookie is rotated at each success, and is not valid for another number.
    let mut thief = app.browser();
    thief.cookies.insert(
        "latchkey-browser".to_owned(),
        owner.cookie("latchkey-browser").unwrap().to_owned(),
    );
    thief.start("+447400777888").await;
}

#[tokio::test]
async fn attempts_per_code_are_limited_with_the_guard_off() {
    let app = TestApp::with_settings(|settings| settings.guard.enabled = false).await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    for _ in 0..3 {
        browser.resend().await;
    }
    app.wait_for_sends().await;
    assert_eq!(
        app.upstream.messages(KNOWN_PHONE).await.len(),
        4,
        "no cool-down"
    );
    browser.fail(KNOWN_PHONE).await;
    browser.fail(KNOWN_PHONE).await;
    browser
        .submit_wrong_code(KNOWN_PHONE)
        .await
        .assert_slow_down();
    let mut second: Browser = app.browser();
    second.request_code(KNOWN_PHONE).await;
    second.fail(KNOWN_PHONE).await;
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 2);
}
