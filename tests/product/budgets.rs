//! Limits shared by many numbers (requirements S2, S4, S5), each with a total that is never
//! refunded. `failures` tests delays between failures and limits of devices (C7, C8, S9).

mod failures;

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, minutes, seconds, wait_until};

/// A number whose prefix depends on `near`; `which` selects one of its ten thousand numbers.
fn number(near: u32, which: u32) -> String {
    format!("+447400{near:02}{which:04}")
}

async fn request_code_from(app: &Arc<TestApp>, phone: &str, address: &str) -> TestResponse {
    let mut browser = app.browser().with_address(address);
    browser.request_code(phone).await
}

/// Submits a code without a flow.
async fn verify(app: &Arc<TestApp>, browser: &Browser) -> StatusCode {
    let request = browser.form("verify-code", &[("code", "123456")]);
    app.call(request).await.status
}

/// Waits for so many alerts that a limit is nearly exhausted, and returns the newest.
async fn wait_for_alerts(app: &TestApp, count: usize) -> Value {
    let alerts = || app.audit.events_named("excess_rate_limit_near");
    wait_until("the alert", async || alerts().len() == count).await;
    alerts().pop().unwrap()
}

async fn sent_count(app: &TestApp, phones: impl Iterator<Item = String>) -> usize {
    let mut sent = 0;
    for phone in phones {
        sent += app.upstream.messages(&phone).await.len();
    }
    sent
}

fn event_limits(app: &TestApp, event: &str) -> Vec<String> {
    app.audit
        .events_named(event)
        .iter()
        .filter_map(|event| event["limit"].as_str().map(str::to_owned))
        .collect()
}

/// Whether the sentence of a problem document begins like this.
fn says(problem: &serde_json::Value, beginning: &str) -> bool {
    let title = problem["title"].as_str();
    title.is_some_and(|title| title.starts_with(beginning))
}

#[tokio::test]
async fn s4_numbers_with_one_prefix_share_an_undisclosed_limit() {
    let app = TestApp::with_settings(|settings| settings.guard.prefix_hourly = 3).await;
    for which in 0..5 {
        let phone = number(10, which);
        app.upstream.set_user_status(&phone, "Active").await;
        let response = app.browser().request_code(&phone).await;
        response.assert_next("/code");
        assert_eq!(
            response.elapsed,
            seconds(1),
            "a withheld send looks like a sent one"
        );
    }
    assert_eq!(
        sent_count(&app, (0..5).map(|which| number(10, which))).await,
        3
    );
    assert!(app.audit.text().contains("sends_prefix_hour"));
    let far = number(11, 0);
    app.upstream.set_user_status(&far, "Active").await;
    app.browser().start(&far).await;
    assert_eq!(
        sent_count(&app, std::iter::once(far)).await,
        1,
        "another prefix has its own"
    );
}

#[tokio::test]
async fn s4_a_sign_in_refunds_unverified_sends_and_never_the_total() {
    let change = |settings: &mut latchkey::server::settings::Settings| {
        let guard = &mut settings.guard;
        (
            guard.prefix_hourly,
            guard.country_hourly,
            guard.service_hourly,
            guard.address_hourly,
        ) = (2, 2, 2, 2);
        guard.country_daily_total = 9;
    };
    let app = TestApp::with_settings(change).await;
    for which in 0..6 {
        let phone = number(10, which);
        app.upstream.set_user_status(&phone, "Active").await;
        let mut browser = app.browser().with_address("203.0.113.7");
        browser.start(&phone).await;
        browser.finish(&phone).await;
    }
    request_code_from(&app, &number(20, 1), "203.0.113.7")
        .await
        .assert_slow_down();
    assert_eq!(
        event_limits(&app, "excess_rate_limit_exceeded"),
        ["sends_country_day_total"],
        "verified sends count up to the share of unrecognised devices"
    );
}

#[tokio::test]
async fn s4_resends_and_sends_from_previous_addresses_are_refunded() {
    let app = TestApp::with_settings(|settings| settings.guard.address_hourly = 2).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut browser = app.browser().with_address("203.0.113.7");
    browser.start(KNOWN_PHONE).await;
    app.advance(seconds(31)).await;
    browser.resend().await;
    request_code_from(&app, &number(20, 1), "203.0.113.7")
        .await
        .assert_slow_down();
    app.wait_for_sends().await;
    // The address changes between code and verification.
    let mut moved = browser.clone().with_address("198.51.100.9");
    moved.finish(KNOWN_PHONE).await;
    request_code_from(&app, &number(20, 2), "203.0.113.7")
        .await
        .assert_next("/code");
    request_code_from(&app, &number(21, 3), "203.0.113.7")
        .await
        .assert_next("/code");
    let problem = request_code_from(&app, &number(22, 4), "203.0.113.7")
        .await
        .assert_slow_down();
    assert!(
        says(&problem, "Many requests have come from your network."),
        "{problem}"
    );
}

#[tokio::test]
async fn s4_the_country_limit_is_disclosed_to_everybody_in_the_same_way() {
    let app = TestApp::with_settings(|settings| settings.guard.country_hourly = 2).await;
    for which in 0..2 {
        app.browser().start(&number(10, which)).await;
    }
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let known = app.browser().request_code(KNOWN_PHONE).await;
    let unknown = app.browser().request_code(&number(30, 1)).await;
    let problem = known.assert_slow_down();
    assert_eq!(problem, unknown.assert_slow_down());
    assert!(
        says(&problem, "Many codes have gone to this country"),
        "{problem}"
    );
    app.browser().start("+4915112345678").await;
}

#[tokio::test]
async fn s2_an_address_may_send_to_a_limited_number_of_countries() {
    let app = TestApp::with_settings(|settings| settings.guard.address_countries_daily = 3).await;
    for phone in [
        "+447400123456",
        "+4915112345678",
        "+33612345678",
        "+447400654321",
    ] {
        request_code_from(&app, phone, "203.0.113.7")
            .await
            .assert_next("/code");
    }
    request_code_from(&app, "+12015550123", "203.0.113.7")
        .await
        .assert_slow_down();
    assert_eq!(
        event_limits(&app, "excess_rate_limit_exceeded"),
        ["countries_address_day"]
    );
    request_code_from(&app, "+12015550123", "203.0.113.8")
        .await
        .assert_next("/code");
    app.advance(minutes(24 * 60 + 1)).await;
    request_code_from(&app, "+12015550123", "203.0.113.7")
        .await
        .assert_next("/code");
}

#[tokio::test]
async fn s4_the_operator_is_alerted_once_before_a_limit_is_exhausted() {
    let app = TestApp::with_settings(|settings| settings.guard.service_hourly = 5).await;
    for which in 0..3 {
        app.browser().start(&number(10 + which, 0)).await;
    }
    app.wait_for_sends().await;
    assert_eq!(app.audit.count("excess_rate_limit_near"), 0);
    for which in 3..5 {
        app.browser().start(&number(10 + which, 0)).await;
    }
    let alert = wait_for_alerts(&app, 1).await;
    assert_eq!(
        (
            alert["budget"].as_str(),
            alert["used"].as_u64(),
            alert["limit"].as_u64()
        ),
        (Some("sends_hour"), Some(4), Some(5))
    );
    app.browser()
        .request_code(KNOWN_PHONE)
        .await
        .assert_slow_down();
    app.advance(minutes(61)).await;
    for which in 0..4 {
        app.browser().start(&number(20 + which, 0)).await;
    }
    // The next window's.
    wait_for_alerts(&app, 2).await;
}

#[tokio::test]
async fn s4_the_operator_is_alerted_before_the_unrecognised_share_is_exhausted() {
    let app = TestApp::with_settings(|settings| settings.guard.service_daily_total = 9).await;
    for which in 0..4 {
        request_code_from(&app, &number(10 + which, 0), "203.0.113.7")
            .await
            .assert_next("/code");
    }
    app.wait_for_sends().await;
    assert_eq!(app.audit.count("excess_rate_limit_near"), 0);
    request_code_from(&app, &number(14, 0), "203.0.113.7")
        .await
        .assert_next("/code");
    let alert = wait_for_alerts(&app, 1).await;
    assert_eq!(
        (alert["used"].as_u64(), alert["limit"].as_u64()),
        (Some(5), Some(6)),
        "of nine, three are kept"
    );
}

#[tokio::test]
async fn s4_repeated_requests_for_one_number_do_not_exhaust_its_prefix() {
    let app = TestApp::with_settings(|settings| settings.guard.prefix_hourly = 3).await;
    for _ in 0..5 {
        app.browser().start(&number(10, 0)).await;
    }
    assert_eq!(event_limits(&app, "otp_requested"), ["cool_down"; 4]);
    let neighbour = number(10, 1);
    app.upstream.set_user_status(&neighbour, "Active").await;
    app.browser().start(&neighbour).await;
    assert_eq!(sent_count(&app, std::iter::once(neighbour)).await, 1);
}

#[tokio::test]
async fn the_ip_throttle_refuses_before_the_store_is_read() {
    let app = TestApp::with_settings(|settings| settings.guard.address_requests_at_once = 5).await;
    let flood = app.browser().with_address("203.0.113.7");
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(verify(&app, &flood).await.as_u16());
    }
    assert_eq!(statuses, [409, 409, 409, 409, 409, 429, 429, 429]);
    let other = app.browser().with_address("203.0.113.8");
    assert_eq!(verify(&app, &other).await, 409);
    app.advance(seconds(1)).await;
    assert_eq!(verify(&app, &flood).await, 409);
    assert_eq!(
        app.audit.count("excess_rate_limit_exceeded"),
        0,
        "a flood must not fill the audit log"
    );
}

#[tokio::test]
async fn s2_an_ipv6_site_is_limited_to_three_times_one_network() {
    let app = TestApp::start().await;
    let most = app.settings.guard.address_requests_at_once as usize;
    let (mut passed, mut refused) = (0, 0);
    for network in 0..10 {
        let browser = app
            .browser()
            .with_address(&format!("2001:db8:1:{network}::1"));
        for _ in 0..most {
            match verify(&app, &browser).await.as_u16() {
                409 => passed += 1,
                429 => refused += 1,
                status => panic!("{status}"),
            }
        }
    }
    assert_eq!((passed, refused), (3 * most, 7 * most));
    let neighbour = app.browser().with_address("2001:db8:2::1");
    assert_eq!(verify(&app, &neighbour).await, 409);
}
