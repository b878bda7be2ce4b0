//! Attackers who try to lock the owner of a number out, and how the owner still signs in
//! (requirements C7, S9).
//!
//! A browser that signed in before signs in immediately; a new phone when the wait that each test
//! names is over.
//!
//! - here: attackers who submit wrong codes
//! - `sends`: attackers who exhaust the number's codes, or have new ones sent
//! - `failures`: the effect of a year of failures

use std::sync::Arc;

use latchkey::domain::{Identifier, IdentifierType};
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
async fn tenant(max_failures: u32, change: impl FnOnce(&mut Settings)) -> Arc<TestApp> {
    let app = TestApp::with_settings(|settings| {
        settings.transmit.otp_max_failures = max_failures;
        change(settings);
    })
    .await;
    app.upstream
        .set_policy(json!({ "max_failures": max_failures }))
        .await;
    app
}

/// Removes the send limits, so that only attempts are limited.
fn codes_without_end(settings: &mut Settings) {
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
fn room_for_a_thousand(settings: &mut Settings) {
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

async fn guesses(app: &TestApp) -> u64 {
    app.upstream.call_count("otp_authenticate").await
}

async fn codes(app: &TestApp) -> usize {
    app.upstream.messages(KNOWN_PHONE).await.len()
}

/// How often the tenant responded that the account is locked.
fn locked(app: &TestApp) -> usize {
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
async fn signs_in(browser: &mut Browser) -> TestResponse {
    browser.app.follow_real_time();
    let before = codes(&browser.app).await;
    browser.request_code(KNOWN_PHONE).await.assert_next("/code");
    assert_eq!(codes(&browser.app).await, before + 1, "no code came");
    let code = browser.app.upstream.newest_code(KNOWN_PHONE).await;
    browser.submit_code(&code).await
}

/// An unrecognised device with a new address requests a code and submits wrong ones until the flow
/// has no attempts left.
async fn guesses_a_flow(app: &Arc<TestApp>) {
    let mut stranger = app.browser();
    stranger
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
    while stranger.submit_wrong_code(KNOWN_PHONE).await.status == 401 {}
}

/// A thousand attackers with as many addresses, a hundred at a time.
async fn a_thousand_strangers(app: &Arc<TestApp>) {
    for _ in 0..10 {
        let mut strangers: Vec<Browser> = (0..100).map(|_| app.browser()).collect();
        let asking = strangers
            .iter()
            .map(|stranger| stranger.form("send-code", &[("phone", KNOWN_PHONE)]))
            .collect();
        for (stranger, response) in strangers
            .iter_mut()
            .zip(app.call_all_and_advance(asking).await)
        {
            response.assert_next("/code");
            stranger.store_cookies(&response);
        }
        app.wait_for_sends().await;
        let wrong = crate::support::different_code(&app.upstream.newest_code(KNOWN_PHONE).await);
        let typing = strangers
            .iter()
            .map(|stranger| stranger.form("verify-code", &[("code", &wrong)]))
            .collect();
        for response in app.call_all_and_advance(typing).await {
            response.assert_problem(401, "code_refused");
        }
        app.advance(seconds(31)).await;
    }
}

#[tokio::test]
async fn s9_strangers_at_a_thousand_addresses_guess() {
    // Attackers get as many attempts as a code has; no more reach the tenant.
    for (max_failures, tries) in [(20, 5), (3, 2)] {
        let app = tenant(max_failures, room_for_a_thousand).await;
        let mut owner = owner(&app).await;
        app.advance(seconds(31)).await;
        let before = guesses(&app).await;
        a_thousand_strangers(&app).await;
        assert_eq!(guesses(&app).await - before, tries, "{max_failures}");

        // On a new phone the owner is an unrecognised device: no code for the rest of the hour,
        // after five were requested.
        let mut phone = app.browser();
        let sent = codes(&app).await;
        phone.request_code(KNOWN_PHONE).await.assert_next("/code");
        assert_eq!(codes(&app).await, sent);
        // The recognised device has codes and attempts of its own.
        signs_in(&mut owner).await.assert_next("/account");
        assert_eq!(locked(&app), 0);
        // After its success, the attackers' failures and sends are reset.
        signs_in(&mut app.browser()).await.assert_next("/account");
    }
}

#[tokio::test]
async fn s9_a_new_phone_alone_waits_until_the_strangers_have_rested() {
    for max_failures in [20, 3] {
        let app = tenant(max_failures, |_| {}).await;
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        for _ in 0..5 {
            guesses_a_flow(&app).await;
            app.advance(seconds(31)).await;
        }
        let before = codes(&app).await;
        app.browser()
            .request_code(KNOWN_PHONE)
            .await
            .assert_next("/code");
        assert_eq!(codes(&app).await, before);
        // An hour after the first of their five codes, which is longer than their attempts are
        // exhausted.
        app.advance(minutes(HOUR)).await;
        signs_in(&mut app.browser()).await.assert_next("/account");
    }
}

#[tokio::test]
async fn s9_strangers_who_wait_between_guesses_leave_the_last_try_to_known_browsers() {
    // At 20 by default; at 3 where the settings declare that the tenant remembers for a day.
    for (max_failures, memory) in [(20, None), (3, Some(HumanDuration::days(1)))] {
        let app = tenant(max_failures, |settings| {
            settings.transmit.otp_failure_memory = memory;
            codes_without_end(settings);
        })
        .await;
        let mut owner = owner(&app).await;
        app.advance(seconds(31)).await;
        let (begun, before) = (app.now(), guesses(&app).await);
        while app.now().since(begun) < minutes(DAY / 2) {
            guesses_a_flow(&app).await;
            app.advance(minutes(16)).await;
        }
        assert_eq!(guesses(&app).await - before, u64::from(max_failures) - 1);
        signs_in(&mut owner).await.assert_next("/account");
        assert_eq!(locked(&app), 0);
    }
}

#[tokio::test]
async fn s9_a_new_phone_waits_a_day_where_the_tenant_is_said_to_remember_for_one() {
    let app = tenant(3, |settings| {
        settings.transmit.otp_failure_memory = Some(HumanDuration::days(1))
    })
    .await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    guesses_a_flow(&app).await;
    // The right code is refused without disclosure. The page of the flow that exhausted the
    // attempts shows when there are more.
    app.advance(minutes(16)).await;
    signs_in(&mut app.browser())
        .await
        .assert_problem(401, "code_refused");
    app.advance(minutes(DAY)).await;
    signs_in(&mut app.browser()).await.assert_next("/account");
}

#[tokio::test]
async fn s9_what_is_left_at_a_maximum_of_3_by_default_when_strangers_wait_between_guesses() {
    let app = tenant(3, codes_without_end).await;
    let mut owner = owner(&app).await;
    app.advance(seconds(31)).await;
    // Attackers have two attempts at once, so that nothing locks however many they are.
    guesses_a_flow(&app).await;
    signs_in(&mut owner).await.assert_next("/account");
    owner.post("sign-out", &[]).await;
    // An attacker who waits for the lock's length gets the third attempt, and the tenant locks for
    // everybody for that long.
    app.advance(seconds(31)).await;
    guesses_a_flow(&app).await;
    app.advance(minutes(16)).await;
    guesses_a_flow(&app).await;
    signs_in(&mut owner)
        .await
        .assert_problem(401, "code_refused");
    assert!(locked(&app) > 0);
    app.advance(minutes(15)).await;
    owner.post("resend-code", &[]).await.assert_next("/code");
    app.wait_for_sends().await;
    owner
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn s9_the_waits_between_failures_and_the_codes_of_a_day_bound_how_long_strangers_lock_a_tenant_of_3()
 {
    let app = tenant(3, |_| {}).await;
    let mut owner = owner(&app).await;
    app.advance(seconds(31)).await;
    let (begun, before) = (app.now(), guesses(&app).await);
    let mut locks = 0;
    while app.now().since(begun) < minutes(DAY) {
        guesses_a_flow(&app).await;
        // Each lock is over before the next wave.
        locks += usize::from(is_locked(&app).await);
        app.advance(minutes(16)).await;
    }
    let made = guesses(&app).await - before;
    println!("{made} guesses, {locks} locks");
    // Ten codes a day with two attempts each make at most six locks of a quarter of an hour.
    assert!(
        locks > 0 && locks <= 6 && made <= 20,
        "{made} guesses, {locks} locks"
    );
    signs_in(&mut owner).await.assert_next("/account");
}
