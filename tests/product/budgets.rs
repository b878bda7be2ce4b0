//! Limits shared by many numbers (requirements S2, S4, S5), each with a total that is never
//! refunded, and delays between failures (C7, C8).

use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, minutes, seconds, wait_until};
use latchkey::server::settings::human_duration::HumanDuration;

/// A number whose prefix depends on `near`; `which` selects one of its ten thousand numbers.
fn number(near: u32, which: u32) -> String {
    format!("+447400{near:02}{which:04}")
}

async fn request_code_from(
    app: &std::sync::Arc<TestApp>,
    phone: &str,
    address: &str,
) -> TestResponse {
    app.browser()
        .with_address(address)
        .request_code(phone)
        .await
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
    app.browser().request_code(&far).await.assert_next("/code");
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
        browser.request_code(&phone).await.assert_next("/code");
        browser
            .submit_code(&app.upstream.newest_code(&phone).await)
            .await
            .assert_next("/account");
    }
    request_code_from(&app, &number(20, 1), "203.0.113.7")
        .await
        .assert_problem(429, "slow_down");
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
    browser.request_code(KNOWN_PHONE).await.assert_next("/code");
    app.advance(seconds(31)).await;
    browser.post("resend-code", &[]).await.assert_next("/code");
    request_code_from(&app, &number(20, 1), "203.0.113.7")
        .await
        .assert_problem(429, "slow_down");
    app.wait_for_sends().await;
    // The address changes between code and verification.
    let mut moved = browser.clone().with_address("198.51.100.9");
    moved
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_next("/account");
    request_code_from(&app, &number(20, 2), "203.0.113.7")
        .await
        .assert_next("/code");
    request_code_from(&app, &number(21, 3), "203.0.113.7")
        .await
        .assert_next("/code");
    request_code_from(&app, &number(22, 4), "203.0.113.7")
        .await
        .assert_problem(429, "slow_down");
}

#[tokio::test]
async fn s4_the_country_limit_is_disclosed_to_everybody_in_the_same_way() {
    let app = TestApp::with_settings(|settings| settings.guard.country_hourly = 2).await;
    for which in 0..2 {
        app.browser()
            .request_code(&number(10, which))
            .await
            .assert_next("/code");
    }
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let known = app.browser().request_code(KNOWN_PHONE).await;
    let unknown = app.browser().request_code(&number(30, 1)).await;
    assert_eq!(
        known.assert_problem(429, "slow_down"),
        unknown.assert_problem(429, "slow_down")
    );
    app.browser()
        .request_code("+4915112345678")
        .await
        .assert_next("/code");
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
        .assert_problem(429, "slow_down");
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
        app.browser()
            .request_code(&number(10 + which, 0))
            .await
            .assert_next("/code");
    }
    app.wait_for_sends().await;
    assert_eq!(app.audit.count("excess_rate_limit_near"), 0);
    for which in 3..5 {
        app.browser()
            .request_code(&number(10 + which, 0))
            .await
            .assert_next("/code");
    }
    wait_until("the alert", async || {
        app.audit.count("excess_rate_limit_near") == 1
    })
    .await;
    let alert = app
        .audit
        .events_named("excess_rate_limit_near")
        .pop()
        .unwrap();
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
        .assert_problem(429, "slow_down");
    app.advance(minutes(61)).await;
    for which in 0..4 {
        app.browser()
            .request_code(&number(20 + which, 0))
            .await
            .assert_next("/code");
    }
    wait_until("the next window's", async || {
        app.audit.count("excess_rate_limit_near") == 2
    })
    .await;
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
    wait_until("the alert", async || {
        app.audit.count("excess_rate_limit_near") == 1
    })
    .await;
    let alert = app
        .audit
        .events_named("excess_rate_limit_near")
        .pop()
        .unwrap();
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
        app.browser()
            .request_code(&number(10, 0))
            .await
            .assert_next("/code");
    }
    assert_eq!(event_limits(&app, "otp_requested"), ["cool_down"; 4]);
    let neighbour = number(10, 1);
    app.upstream.set_user_status(&neighbour, "Active").await;
    app.browser()
        .request_code(&neighbour)
        .await
        .assert_next("/code");
    assert_eq!(sent_count(&app, std::iter::once(neighbour)).await, 1);
}

#[tokio::test]
async fn the_ip_throttle_refuses_before_the_store_is_read() {
    let app = TestApp::with_settings(|settings| settings.guard.address_requests_at_once = 5).await;
    let flood = app.browser().with_address("203.0.113.7");
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(
            app.call(flood.form("verify-code", &[("code", "123456")]))
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(statuses, [409, 409, 409, 409, 409, 429, 429, 429]);
    let other = app.browser().with_address("203.0.113.8");
    assert_eq!(
        app.call(other.form("verify-code", &[("code", "123456")]))
            .await
            .status,
        409
    );
    app.advance(seconds(1)).await;
    assert_eq!(
        app.call(flood.form("verify-code", &[("code", "123456")]))
            .await
            .status,
        409
    );
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
            match app
                .call(browser.form("verify-code", &[("code", "123456")]))
                .await
                .status
                .as_u16()
            {
                409 => passed += 1,
                429 => refused += 1,
                status => panic!("{status}"),
            }
        }
    }
    assert_eq!((passed, refused), (3 * most, 7 * most));
    let neighbour = app.browser().with_address("2001:db8:2::1");
    assert_eq!(
        app.call(neighbour.form("verify-code", &[("code", "123456")]))
            .await
            .status,
        409
    );
}

/// A tenant that does not lock, and a guard that limits neither sends nor attempts of a number.
async fn app_without_lockouts() -> std::sync::Arc<TestApp> {
    TestApp::with_settings(|settings| {
        settings.transmit.otp_max_failures = 20;
        settings.transmit.otp_lockout = HumanDuration::seconds(1);
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
    .await
}

/// One more failure from a new browser: requests a code and submits a wrong one.
async fn fail_once(app: &std::sync::Arc<TestApp>) -> Browser {
    let mut attacker = app.browser();
    attacker
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
    attacker
        .submit_wrong_code(KNOWN_PHONE)
        .await
        .assert_problem(401, "code_refused");
    app.advance(seconds(31)).await;
    attacker
}

#[tokio::test]
async fn c8_the_delay_between_failures_grows_without_disclosure() {
    let app = app_without_lockouts().await;
    app.upstream
        .set_policy(serde_json::json!({"max_failures": 20}))
        .await;
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
    owner.request_code(KNOWN_PHONE).await.assert_next("/code");
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    owner
        .submit_code(&code)
        .await
        .assert_problem(401, "code_refused");
    assert_eq!(attempts().await, 5);
    assert_eq!(event_limits(&app, "authn_login_lock"), ["delay"]);
    app.advance(minutes(10)).await;
    owner.post("resend-code", &[]).await.assert_next("/code");
    app.wait_for_sends().await;
    owner
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn c8_s9_failures_of_others_do_not_delay_recognised_devices() {
    let app = app_without_lockouts().await;
    app.upstream
        .set_policy(serde_json::json!({"max_failures": 20}))
        .await;
    let mut owner = app.browser();
    owner.sign_in(KNOWN_PHONE).await.assert_next("/account");
    owner.post("sign-out", &[]).await;
    for _ in 0..6 {
        fail_once(&app).await;
    }
    owner.request_code(KNOWN_PHONE).await.assert_next("/code");
    owner
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn s9_a_recognised_device_with_too_many_failures_is_unrecognised() {
    let app = app_without_lockouts().await;
    app.upstream
        .set_policy(serde_json::json!({"max_failures": 20}))
        .await;
    let mut thief = app.browser();
    thief.sign_in(KNOWN_PHONE).await.assert_next("/account");
    thief.post("sign-out", &[]).await;
    for _ in 0..10 {
        thief.request_code(KNOWN_PHONE).await;
        thief
            .submit_wrong_code(KNOWN_PHONE)
            .await
            .assert_problem(401, "code_refused");
        app.advance(minutes(11)).await;
    }
    let before = app.upstream.messages(KNOWN_PHONE).await.len();
    // An unrecognised device requests a code first, so that the thief, now unrecognised, meets the
    // cool-down.
    app.browser()
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
    thief.cookies.remove("latchkey-flow");
    thief.request_code(KNOWN_PHONE).await.assert_next("/code");
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
        browser.request_code(KNOWN_PHONE).await.assert_next("/code");
        app.upstream.messages(KNOWN_PHONE).await.len() - before
    };
    // Unrecognised devices have started the cool-down that they share.
    app.browser()
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
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
