//! Attackers who try to lock the owner of a number out, and how the owner still signs in
//! (requirements C7, S9).
//!
//! A browser that signed in before signs in immediately. A new phone signs in after the wait that
//! each test names.
//!
//! - here: attackers who submit wrong codes
//! - `sends`: attackers who exhaust the number's codes, or have new ones sent
//! - `failures`: the effect of a year of failures

use std::sync::Arc;

use latchkey::domain::{Channel, Identifier, IdentifierType};
use latchkey::server::settings::{HumanDuration, Settings};
use latchkey::server::transmit::{ClientAttributes, SendOtp};
use serde_json::json;

use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, minutes, seconds};

mod failures;
mod sends;

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

/// A tenant that locks after so many failures and never forgets them, except by its lock or a
/// success.
async fn app_with_tenant(max_failures: u32, change: impl FnOnce(&mut Settings)) -> Arc<TestApp> {
    let app = TestApp::with_settings(|settings| {
        settings.transmit.otp_max_failures = Some(max_failures);
        change(settings);
    })
    .await;
    app.upstream
        .set_policy(json!({ "max_failures": max_failures }))
        .await;
    app
}

/// Removes the send limits, so that only attempts are limited.
fn unlimited_codes(settings: &mut Settings) {
    let guard = &mut settings.guard;
    (
        guard.number_hourly,
        guard.number_daily,
        guard.number_daily_total,
    ) = (10_000, 10_000, 10_000);
    (
        guard.prefix_hourly,
        guard.prefix_daily,
        guard.prefix_daily_total,
    ) = (10_000, 10_000, 10_000);
    (
        guard.country_hourly,
        guard.country_daily,
        guard.country_daily_total,
    ) = (10_000, 10_000, 10_000);
    (guard.service_hourly, guard.service_daily) = (10_000, 10_000);
}

/// Removes the limits by country and service, for many attackers at once.
fn raise_shared_limits(settings: &mut Settings) {
    let guard = &mut settings.guard;
    (
        guard.country_hourly,
        guard.country_daily,
        guard.country_daily_total,
    ) = (10_000, 10_000, 10_000);
    (
        guard.service_minutely,
        guard.service_hourly,
        guard.service_daily,
    ) = (10_000, 10_000, 10_000);
}

/// A browser that has signed in with the number, and out again.
async fn owner(app: &Arc<TestApp>) -> Browser {
    let mut owner = app.browser();
    owner.sign_in(KNOWN_PHONE).await.assert_next("/account");
    owner.post("sign-out", &[]).await.assert_next("/sign-in");
    owner
}

async fn attempt_count(app: &TestApp) -> u64 {
    app.upstream.call_count("otp_authenticate").await
}

async fn code_count(app: &TestApp) -> usize {
    app.upstream.messages(KNOWN_PHONE).await.len()
}

/// How often the tenant responded that the account is locked.
fn lock_count(app: &TestApp) -> usize {
    app.audit.count_matching(|event| {
        event["detail"]
            .as_str()
            .is_some_and(|why| why.contains("auth_locked"))
    })
}

/// Whether the tenant locks the number now. With this policy it would not even send.
async fn is_locked(app: &TestApp) -> bool {
    app.upstream
        .set_policy(json!({ "lock_refuses_send": true }))
        .await;
    let identifier = Identifier::canonical(
        IdentifierType::PhoneNumber,
        KNOWN_PHONE.to_owned(),
        Some("GB".into()),
    );
    let send = SendOtp {
        identifier: &identifier,
        channel: Channel::Sms,
        message: None,
        sender_id: None,
        client: ClientAttributes::default(),
    };
    let sent = app.product.transmit.send_otp(&send).await;
    app.upstream
        .set_policy(json!({ "lock_refuses_send": false }))
        .await;
    sent.is_err_and(|failure| failure.error_code.as_deref() == Some("auth_locked"))
}

/// Requests a code, receives it, and submits it.
async fn sign_in_with_new_code(browser: &mut Browser) -> TestResponse {
    browser.app.follow_real_time();
    let before = code_count(&browser.app).await;
    browser.start(KNOWN_PHONE).await;
    assert_eq!(
        code_count(&browser.app).await,
        before + 1,
        "no code was sent"
    );
    let code = browser.app.upstream.newest_code(KNOWN_PHONE).await;
    browser.submit_code(&code).await
}

/// An unrecognised device with a new address requests a code and submits wrong ones until the flow
/// has no attempts left.
async fn exhaust_flow(app: &Arc<TestApp>) {
    let mut attacker = app.browser();
    attacker.start(KNOWN_PHONE).await;
    while attacker.submit_wrong_code(KNOWN_PHONE).await.status == 401 {}
}

/// A thousand attackers with as many addresses, a hundred at a time.
async fn thousand_attackers(app: &Arc<TestApp>) {
    for _ in 0..10 {
        let mut attackers: Vec<Browser> = (0..100).map(|_| app.browser()).collect();
        let pending_call = attackers
            .iter()
            .map(|attacker| attacker.form("send-code", &[("phone", KNOWN_PHONE)]))
            .collect();
        for (attacker, response) in attackers
            .iter_mut()
            .zip(app.call_all_and_advance(pending_call).await)
        {
            response.assert_next("/code");
            attacker.store_cookies(&response);
        }
        app.wait_for_sends().await;
        let wrong = crate::support::different_code(&app.upstream.newest_code(KNOWN_PHONE).await);
        let typing = attackers
            .iter()
            .map(|attacker| attacker.form("verify-code", &[("code", &wrong)]))
            .collect();
        for response in app.call_all_and_advance(typing).await {
            response.assert_code_refused();
        }
        app.advance(seconds(31)).await;
    }
}

#[tokio::test]
async fn s9_a_thousand_attackers_do_not_lock_out_a_recognised_device() {
    // Attackers get as many attempts as a code has; no more reach the tenant.
    for (max_failures, tries) in [(20, 5), (3, 2)] {
        let app = app_with_tenant(max_failures, raise_shared_limits).await;
        let mut owner = owner(&app).await;
        app.advance(seconds(31)).await;
        let before = attempt_count(&app).await;
        thousand_attackers(&app).await;
        assert_eq!(attempt_count(&app).await - before, tries, "{max_failures}");

        // On a new phone the owner is an unrecognised device: no code for the rest of the hour,
        // after five were requested.
        let mut phone = app.browser();
        let sent = code_count(&app).await;
        phone.start(KNOWN_PHONE).await;
        assert_eq!(code_count(&app).await, sent);
        // The recognised device has codes and attempts of its own.
        sign_in_with_new_code(&mut owner)
            .await
            .assert_next("/account");
        assert_eq!(lock_count(&app), 0);
        // After its success, the attackers' failures and sends are reset.
        sign_in_with_new_code(&mut app.browser())
            .await
            .assert_next("/account");
    }
}

#[tokio::test]
async fn s9_a_new_phone_can_sign_in_an_hour_after_an_attack() {
    for max_failures in [20, 3] {
        let app = app_with_tenant(max_failures, |_| {}).await;
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        for _ in 0..5 {
            exhaust_flow(&app).await;
            app.advance(seconds(31)).await;
        }
        let before = code_count(&app).await;
        app.browser().start(KNOWN_PHONE).await;
        assert_eq!(code_count(&app).await, before);
        // An hour after the first of their five codes, which is longer than their attempts are
        // exhausted.
        app.advance(minutes(HOUR)).await;
        sign_in_with_new_code(&mut app.browser())
            .await
            .assert_next("/account");
    }
}

#[tokio::test]
async fn s9_slow_attackers_leave_the_last_attempt_to_recognised_devices() {
    // At 20 by default; at 3 where the settings declare that the tenant remembers for a day.
    for (max_failures, memory) in [(20, None), (3, Some(HumanDuration::days(1)))] {
        let app = app_with_tenant(max_failures, |settings| {
            settings.transmit.otp_failure_memory = memory;
            unlimited_codes(settings);
        })
        .await;
        let mut owner = owner(&app).await;
        app.advance(seconds(31)).await;
        let (start, before) = (app.now(), attempt_count(&app).await);
        while app.now().since(start) < minutes(DAY / 2) {
            exhaust_flow(&app).await;
            app.advance(minutes(16)).await;
        }
        assert_eq!(
            attempt_count(&app).await - before,
            u64::from(max_failures) - 1
        );
        sign_in_with_new_code(&mut owner)
            .await
            .assert_next("/account");
        assert_eq!(lock_count(&app), 0);
    }
}

#[tokio::test]
async fn s9_a_new_phone_waits_for_the_declared_failure_memory() {
    let app = app_with_tenant(3, |settings| {
        settings.transmit.otp_failure_memory = Some(HumanDuration::days(1))
    })
    .await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    exhaust_flow(&app).await;
    // The right code is refused without disclosure. The page of the flow that exhausted the
    // attempts shows when there are more.
    app.advance(minutes(16)).await;
    sign_in_with_new_code(&mut app.browser())
        .await
        .assert_code_refused();
    app.advance(minutes(DAY)).await;
    sign_in_with_new_code(&mut app.browser())
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn s9_slow_attackers_can_lock_a_tenant_of_3_for_its_lock_period() {
    let app = app_with_tenant(3, unlimited_codes).await;
    let mut owner = owner(&app).await;
    app.advance(seconds(31)).await;
    // Attackers have two attempts at once, so that nothing locks however many they are.
    exhaust_flow(&app).await;
    sign_in_with_new_code(&mut owner)
        .await
        .assert_next("/account");
    owner.post("sign-out", &[]).await;
    // An attacker who waits for the lock's length gets the third attempt, and the tenant locks for
    // everybody for that long.
    app.advance(seconds(31)).await;
    exhaust_flow(&app).await;
    app.advance(minutes(16)).await;
    exhaust_flow(&app).await;
    sign_in_with_new_code(&mut owner)
        .await
        .assert_code_refused();
    assert!(lock_count(&app) > 0);
    app.advance(minutes(15)).await;
    owner.resend_and_wait().await;
    owner.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn s9_locks_of_a_tenant_of_3_are_limited_to_six_a_day() {
    let app = app_with_tenant(3, |_| {}).await;
    let mut owner = owner(&app).await;
    app.advance(seconds(31)).await;
    let (start, before) = (app.now(), attempt_count(&app).await);
    let mut locks = 0;
    while app.now().since(start) < minutes(DAY) {
        exhaust_flow(&app).await;
        // Each lock is over before the next wave.
        locks += usize::from(is_locked(&app).await);
        app.advance(minutes(16)).await;
    }
    let made = attempt_count(&app).await - before;
    println!("{made} guesses, {locks} locks");
    // Ten codes a day with two attempts each make at most six locks of a quarter of an hour.
    assert!(
        locks > 0 && locks <= 6 && made <= 20,
        "{made} guesses, {locks} locks"
    );
    sign_in_with_new_code(&mut owner)
        .await
        .assert_next("/account");
}
