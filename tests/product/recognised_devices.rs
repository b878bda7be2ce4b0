//! Limits of recognised devices, and the share of common limits that is reserved for them
//! (requirements C6, S4, S9). Attackers who request codes for other numbers do not block anybody
//! who has signed in before.

use std::sync::Arc;

use latchkey::server::settings::{GuardSettings, Settings};
use serde_json::json;

use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, minutes, seconds};

const OTHER: &str = "+447400777888";
const DAY: u64 = 24 * 60;

/// A number that differs from the owner's in the last four digits alone.
fn neighbour(which: u32) -> String {
    format!(
        "{}{:04}",
        &KNOWN_PHONE[..KNOWN_PHONE.len() - 4],
        9000 + which
    )
}

/// A browser that has signed in with the number, and out again.
async fn owner(app: &Arc<TestApp>) -> Browser {
    let mut owner = app.browser();
    owner.sign_in(KNOWN_PHONE).await.assert_next("/account");
    owner.post("sign-out", &[]).await.assert_next("/sign-in");
    owner
}

/// Whether a new phone receives a code, which is then not submitted.
async fn receives_code(app: &Arc<TestApp>) -> bool {
    let before = app.upstream.messages(KNOWN_PHONE).await.len();
    app.browser().start(KNOWN_PHONE).await;
    app.wait_for_sends().await;
    app.upstream.messages(KNOWN_PHONE).await.len() > before
}

/// Signs in and out again.
async fn sign_in_and_out(browser: &mut Browser, phone: &str) {
    browser.sign_in(phone).await.assert_next("/account");
    browser.post("sign-out", &[]).await.assert_next("/sign-in");
}

/// An attacker with one address requests codes for so many neighbouring numbers, none of which has
/// a user.
async fn request_neighbour_codes(app: &Arc<TestApp>, first: u32, many: u32) -> Vec<TestResponse> {
    let attacker = app.browser();
    let pending_call = (first..first + many)
        .map(|which| attacker.form("send-code", &[("phone", &neighbour(which))]));
    let responses = app.call_all_and_advance(pending_call.collect()).await;
    app.wait_for_sends().await;
    responses
}

#[tokio::test]
async fn s9_requests_for_neighbouring_numbers_do_not_block_a_recognised_device() {
    let app = TestApp::start().await;
    let mut owner = owner(&app).await;
    let withheld = |limit: &str| app.audit.count_matching(|event| event["limit"] == limit);
    let mut first = 0;
    // Twenty an hour, fifty a day: the limits of a single address.
    for (many, limit) in [
        (20, "sends_prefix_hour"),
        (20, "sends_prefix_hour"),
        (10, "sends_prefix_day"),
    ] {
        request_neighbour_codes(&app, first, many)
            .await
            .iter()
            .for_each(|response| response.assert_next("/code"));
        first += many;
        assert!(
            !receives_code(&app).await,
            "a new phone gets no code until the hour or day is over"
        );
        assert!(withheld(limit) > 0, "{limit}");
        sign_in_and_out(&mut owner, KNOWN_PHONE).await;
        app.advance(minutes(61)).await;
    }
    sign_in_and_out(&mut owner, KNOWN_PHONE).await;
    app.advance(minutes(DAY - 2 * 61)).await;
    assert!(receives_code(&app).await);
}

#[tokio::test]
async fn s9_exhausted_country_and_service_limits_do_not_block_a_recognised_device() {
    let of_country = |settings: &mut Settings| {
        (settings.guard.country_hourly, settings.guard.country_daily) = (10, 15);
    };
    let of_service = |settings: &mut Settings| {
        (settings.guard.service_hourly, settings.guard.service_daily) = (10, 15);
    };
    let closings: [&dyn Fn(&mut Settings); 2] = [&of_country, &of_service];
    for close in closings {
        let app = TestApp::with_settings(|settings| close(settings)).await;
        let mut owner = owner(&app).await;
        for (first, many) in [(0, 10), (10, 5)] {
            request_neighbour_codes(&app, first, many)
                .await
                .iter()
                .for_each(|response| response.assert_next("/code"));
            // The limit is disclosed to everybody without a recognised device, including the owner
            // on a new phone.
            app.browser()
                .request_code(KNOWN_PHONE)
                .await
                .assert_slow_down();
            sign_in_and_out(&mut owner, KNOWN_PHONE).await;
            app.advance(minutes(61)).await;
        }
        app.browser()
            .request_code(KNOWN_PHONE)
            .await
            .assert_slow_down();
        sign_in_and_out(&mut owner, KNOWN_PHONE).await;
        app.advance(minutes(DAY)).await;
        assert!(receives_code(&app).await);
    }
}

/// One of the settings for a total limit.
type Total = fn(&mut GuardSettings) -> &mut u32;

#[tokio::test]
async fn s9_a_third_of_every_total_is_reserved_for_recognised_devices() {
    let totals: [(Total, bool); 5] = [
        (|guard| &mut guard.prefix_daily_total, false),
        (|guard| &mut guard.country_daily_total, true),
        (|guard| &mut guard.service_minutely, true),
        (|guard| &mut guard.service_hourly_total, true),
        (|guard| &mut guard.service_daily_total, true),
    ];
    for (number, (total, is_disclosed)) in totals.into_iter().enumerate() {
        let app = TestApp::with_settings(|settings| *total(&mut settings.guard) = 9).await;
        // The first of nine was the owner's own, as an unrecognised device.
        let mut owner = owner(&app).await;
        request_neighbour_codes(&app, 0, 5)
            .await
            .iter()
            .for_each(|response| response.assert_next("/code"));
        let refused = async |mut browser: Browser| {
            let before = app.upstream.messages(KNOWN_PHONE).await.len();
            let response = browser.request_code(KNOWN_PHONE).await;
            assert_eq!(
                response.status,
                if is_disclosed { 429 } else { 200 },
                "total {number}"
            );
            assert_eq!(
                app.upstream.messages(KNOWN_PHONE).await.len(),
                before,
                "total {number}"
            );
        };
        refused(app.browser()).await;
        for _ in 0..3 {
            sign_in_and_out(&mut owner, KNOWN_PHONE).await;
        }
        refused(owner).await;
    }
}

/// A tenant with the highest number of failures before it locks.
async fn patient_tenant() -> Arc<TestApp> {
    let app =
        TestApp::with_settings(|settings| settings.transmit.otp_max_failures = Some(20)).await;
    app.upstream.set_policy(json!({ "max_failures": 20 })).await;
    app
}

#[tokio::test]
async fn c6_s9_a_recognised_device_has_one_attempt_limit_for_all_its_flows() {
    let app = patient_tenant().await;
    let mut stolen = owner(&app).await;
    let before = app.upstream.call_count("otp_authenticate").await;
    let guessed = async || app.upstream.call_count("otp_authenticate").await - before;
    for _ in 0..4 {
        stolen.cookies.remove("latchkey-flow");
        stolen.start(KNOWN_PHONE).await;
        for _ in 0..4 {
            stolen.fail(KNOWN_PHONE).await;
        }
        app.advance(seconds(31)).await;
    }
    assert_eq!(guessed().await, 5);
    // One lock period after the last of them the device has as many attempts again, including the
    // right code.
    app.advance(minutes(16)).await;
    stolen.cookies.remove("latchkey-flow");
    stolen.start(KNOWN_PHONE).await;
    for _ in 0..4 {
        stolen.fail(KNOWN_PHONE).await;
    }
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    stolen.submit_code(&code).await.assert_next("/account");
    assert_eq!(guessed().await, 10);
}

#[tokio::test]
async fn s9_a_device_that_is_recognised_again_starts_with_no_failures() {
    for is_recognised_for_another in [false, true] {
        let app = patient_tenant().await;
        app.upstream.set_user_status(OTHER, "Active").await;
        let mut tablet = app.browser();
        if is_recognised_for_another {
            sign_in_and_out(&mut tablet, OTHER).await;
        }
        sign_in_and_out(&mut tablet, KNOWN_PHONE).await;
        for _ in 0..2 {
            tablet.start(KNOWN_PHONE).await;
            for _ in 0..5 {
                tablet.fail(KNOWN_PHONE).await;
            }
            app.advance(minutes(16)).await;
        }
        sign_in_and_out(&mut tablet, KNOWN_PHONE).await;
        // A single wrong code, much later.
        app.advance(minutes(DAY)).await;
        tablet.start(KNOWN_PHONE).await;
        tablet.fail(KNOWN_PHONE).await;
        tablet.finish(KNOWN_PHONE).await;
        let new: Vec<_> = app
            .audit
            .events_named("authn_login_success")
            .iter()
            .map(|event| event["new_browser"] == true)
            .collect();
        let [.., while_unrecognised, at_last] = new.as_slice() else {
            panic!("{new:?}")
        };
        assert_eq!(
            (*while_unrecognised, *at_last),
            (true, false),
            "{is_recognised_for_another}"
        );
    }
}
