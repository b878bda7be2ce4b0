//! Delays between failures, and what failures cost a recognised device (requirements C7, C8, S9).

use std::sync::Arc;

use latchkey::server::settings::human_duration::HumanDuration;

use crate::budgets::event_limits;
use crate::support::{Browser, KNOWN_PHONE, TestApp, minutes, seconds};

/// A tenant that does not lock, and a guard that limits neither sends nor attempts of a number.
async fn app_without_lockouts() -> Arc<TestApp> {
    let app = TestApp::with_settings(|settings| {
        settings.transmit.otp_max_failures = Some(20);
        settings.transmit.otp_lockout = Some(HumanDuration::seconds(1));
        let guard = &mut settings.guard;
        (
            guard.number_hourly,
            guard.number_daily,
            guard.number_daily_total,
        ) = (1000, 1000, 3000);
        (
            guard.prefix_hourly,
            guard.prefix_daily,
            guard.prefix_daily_total,
        ) = (1000, 1000, 1000);
        (guard.country_hourly, guard.country_daily) = (1000, 1000);
        guard.alert_failures = 4;
        guard.delay_after = 3;
        guard.delays = vec![HumanDuration::seconds(30), HumanDuration::minutes(10)];
    })
    .await;
    let policy = serde_json::json!({"max_failures": 20});
    app.upstream.set_policy(policy).await;
    app
}

/// One more failure from a new browser: requests a code and submits a wrong one.
async fn fail_once(app: &Arc<TestApp>) -> Browser {
    let mut attacker = app.browser();
    attacker.start(KNOWN_PHONE).await;
    attacker.fail(KNOWN_PHONE).await;
    app.advance(seconds(31)).await;
    attacker
}

#[tokio::test]
async fn c8_the_delay_between_failures_grows_without_disclosure() {
    let app = app_without_lockouts().await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    for _ in 0..4 {
        fail_once(&app).await;
    }
    let attempts = async || app.upstream.call_count("otp_authenticate").await;
    assert_eq!(
        attempts().await,
        4,
        "three at will, and the fourth begins a wait of 30 s, which is over"
    );
    assert_eq!(
        app.audit
            .events_named("authn_login_fail_max")
            .pop()
            .unwrap()["failures"],
        4
    );
    fail_once(&app).await;
    assert_eq!(attempts().await, 5);
    // The fifth failure started a delay of ten minutes, which also applies to a right code.
    let mut owner = app.browser();
    owner.start(KNOWN_PHONE).await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    owner.submit_code(&code).await.assert_code_refused();
    assert_eq!(attempts().await, 5);
    assert_eq!(event_limits(&app, "authn_login_lock"), ["delay"]);
    app.advance(minutes(10)).await;
    owner.resend_and_wait().await;
    owner.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn c8_s9_failures_of_others_do_not_delay_recognised_devices() {
    let app = app_without_lockouts().await;
    let mut owner = app.browser();
    owner.sign_in(KNOWN_PHONE).await.assert_next("/account");
    owner.post("sign-out", &[]).await;
    for _ in 0..6 {
        fail_once(&app).await;
    }
    owner.start(KNOWN_PHONE).await;
    owner.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn s9_a_recognised_device_with_too_many_failures_is_unrecognised() {
    let app = app_without_lockouts().await;
    let mut thief = app.browser();
    thief.sign_in(KNOWN_PHONE).await.assert_next("/account");
    thief.post("sign-out", &[]).await;
    for _ in 0..10 {
        thief.request_code(KNOWN_PHONE).await;
        thief.fail(KNOWN_PHONE).await;
        app.advance(minutes(11)).await;
    }
    let before = app.upstream.messages(KNOWN_PHONE).await.len();
    // An unrecognised device requests a code first, so that the thief, now unrecognised, meets the
    // cool-down.
    app.browser().start(KNOWN_PHONE).await;
    thief.cookies.remove("latchkey-flow");
    thief.start(KNOWN_PHONE).await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), before + 1);
}

#[tokio::test]
async fn s9_the_number_of_recognised_devices_is_limited() {
    let app = TestApp::with_settings(|settings| settings.guard.browsers_per_number = 2).await;
    let mut browsers = Vec::new();
    for _ in 0..3 {
        let mut browser = app.browser();
        browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
        browsers.push(browser);
        app.advance(minutes(2)).await;
    }
    let sends = async |browser: &mut Browser| {
        let before = app.upstream.messages(KNOWN_PHONE).await.len();
        browser.post("sign-out", &[]).await;
        browser.start(KNOWN_PHONE).await;
        app.upstream.messages(KNOWN_PHONE).await.len() - before
    };
    // Unrecognised devices have started the cool-down that they share.
    app.browser().start(KNOWN_PHONE).await;
    let mut sent = Vec::new();
    for browser in &mut browsers {
        sent.push(sends(browser).await);
    }
    assert_eq!(
        sent,
        [0, 1, 1],
        "the device that signed in longest ago is unrecognised"
    );
}

#[tokio::test]
async fn c7_failures_expire_400_days_after_the_last_one() {
    let app = TestApp::with_settings(|settings| settings.guard.stranger_failures = 3).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let days = |days: u64| minutes(days * 24 * 60);
    fail_once(&app).await;
    app.advance(days(300)).await;
    fail_once(&app).await;
    app.advance(days(300)).await;
    fail_once(&app).await;
    let attempts = app.upstream.call_count("otp_authenticate").await;
    assert_eq!(attempts, 3);
    app.advance(days(399)).await;
    fail_once(&app).await;
    assert_eq!(
        app.upstream.call_count("otp_authenticate").await,
        attempts,
        "unrecognised devices are refused"
    );
    app.advance(days(2)).await;
    fail_once(&app).await;
    assert_eq!(
        app.upstream.call_count("otp_authenticate").await,
        attempts + 1,
        "400 days after the last"
    );
}
