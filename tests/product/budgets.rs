//! Limits shared by many numbers (requirements S2, S4, S5), each with a total that is never
//! refunded, and delays between failures (C7, C8).

use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, minutes, seconds, wait_until};
use latchkey::server::settings::human_duration::HumanDuration;

/// A number whose prefix depends on `near`; `which` selects one of its ten thousand numbers.
fn number(near: u32, which: u32) -> String {
    format!("+447400{near:02}{which:04}")
}

async fn ask(app: &std::sync::Arc<TestApp>, phone: &str, address: &str) -> TestResponse {
    app.browser()
        .with_address(address)
        .request_code(phone)
        .await
}

async fn sent(app: &TestApp, phones: impl Iterator<Item = String>) -> usize {
    let mut sent = 0;
    for phone in phones {
        sent += app.upstream.messages(&phone).await.len();
    }
    sent
}

fn limits(app: &TestApp, event: &str) -> Vec<String> {
    app.audit
        .events_named(event)
        .iter()
        .filter_map(|event| event["limit"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn s4_numbers_near_each_other_share_a_budget_and_nobody_is_told() {
    let app = TestApp::with_settings(|settings| settings.guard.prefix_hourly = 3).await;
    for which in 0..5 {
        let phone = number(10, which);
        app.upstream.set_user_status(&phone, "Active").await;
        let response = app.browser().request_code(&phone).await;
        response.assert_next("/code");
        assert_eq!(response.elapsed, seconds(1), "withheld looks like sent");
    }
    assert_eq!(sent(&app, (0..5).map(|which| number(10, which))).await, 3);
    assert!(app.audit.text().contains("sends_prefix_hour"));
    let far = number(11, 0);
    app.upstream.set_user_status(&far, "Active").await;
    app.browser().request_code(&far).await.assert_next("/code");
    assert_eq!(
        sent(&app, std::iter::once(far)).await,
        1,
        "another prefix has its own"
    );
}

#[tokio::test]
async fn s4_a_sign_in_gives_back_what_is_counted_as_unverified_and_never_the_total() {
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
    ask(&app, &number(20, 1), "203.0.113.7")
        .await
        .assert_problem(429, "slow_down");
    assert_eq!(
        limits(&app, "excess_rate_limit_exceeded"),
        ["sends_country_day_total"],
        "real use, up to the share of the total that strangers have"
    );
}

#[tokio::test]
async fn s4_a_resend_is_given_back_too_and_so_is_a_send_from_where_the_phone_was_before() {
    let app = TestApp::with_settings(|settings| settings.guard.address_hourly = 2).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut browser = app.browser().with_address("203.0.113.7");
    browser.request_code(KNOWN_PHONE).await.assert_next("/code");
    app.advance(seconds(31)).await;
    browser.post("resend-code", &[]).await.assert_next("/code");
    ask(&app, &number(20, 1), "203.0.113.7")
        .await
        .assert_problem(429, "slow_down");
    app.wait_for_sends().await;
    // The address changes between code and verification.
    let mut moved = browser.clone().with_address("198.51.100.9");
    moved
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_next("/account");
    ask(&app, &number(20, 2), "203.0.113.7")
        .await
        .assert_next("/code");
    ask(&app, &number(21, 3), "203.0.113.7")
        .await
        .assert_next("/code");
    ask(&app, &number(22, 4), "203.0.113.7")
        .await
        .assert_problem(429, "slow_down");
}

#[tokio::test]
async fn s4_a_country_has_a_budget_and_it_is_told_to_everybody_alike() {
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
async fn s2_an_address_may_send_to_so_many_countries() {
    let app = TestApp::with_settings(|settings| settings.guard.address_countries_daily = 3).await;
    for phone in [
        "+447400123456",
        "+4915112345678",
        "+33612345678",
        "+447400654321",
    ] {
        ask(&app, phone, "203.0.113.7").await.assert_next("/code");
    }
    ask(&app, "+12015550123", "203.0.113.7")
        .await
        .assert_problem(429, "slow_down");
    assert_eq!(
        limits(&app, "excess_rate_limit_exceeded"),
        ["countries_address_day"]
    );
    ask(&app, "+12015550123", "203.0.113.8")
        .await
        .assert_next("/code");
    app.advance(minutes(24 * 60 + 1)).await;
    ask(&app, "+12015550123", "203.0.113.7")
        .await
        .assert_next("/code");
}

#[tokio::test]
async fn s4_the_operator_is_told_before_a_budget_is_spent_and_once() {
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
async fn s4_the_operator_is_told_before_strangers_have_used_up_their_share_of_a_total() {
    let app = TestApp::with_settings(|settings| settings.guard.service_daily_total = 9).await;
    for which in 0..4 {
        ask(&app, &number(10 + which, 0), "203.0.113.7")
            .await
            .assert_next("/code");
    }
    app.wait_for_sends().await;
    assert_eq!(app.audit.count("excess_rate_limit_near"), 0);
    ask(&app, &number(14, 0), "203.0.113.7")
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
async fn s4_who_asks_for_one_number_again_and_again_leaves_its_neighbours_their_codes() {
    let app = TestApp::with_settings(|settings| settings.guard.prefix_hourly = 3).await;
    for _ in 0..5 {
        app.browser()
            .request_code(&number(10, 0))
            .await
            .assert_next("/code");
    }
    assert_eq!(limits(&app, "otp_requested"), ["cool_down"; 4]);
    let neighbour = number(10, 1);
    app.upstream.set_user_status(&neighbour, "Active").await;
    app.browser()
        .request_code(&neighbour)
        .await
        .assert_next("/code");
    assert_eq!(sent(&app, std::iter::once(neighbour)).await, 1);
}

#[tokio::test]
async fn a_flood_is_refused_before_the_store_is_asked() {
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
        "a flood does not fill the record"
    );
}

#[tokio::test]
async fn s2_an_ipv6_site_is_refused_at_three_times_what_one_of_its_networks_may() {
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
async fn patient() -> std::sync::Arc<TestApp> {
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
async fn fail(app: &std::sync::Arc<TestApp>) -> Browser {
    let mut stranger = app.browser();
    stranger
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
    stranger
        .submit_wrong_code(KNOWN_PHONE)
        .await
        .assert_problem(401, "code_refused");
    app.advance(seconds(31)).await;
    stranger
}

#[tokio::test]
async fn c8_the_wait_between_failures_grows_and_nobody_is_told() {
    let app = patient().await;
    app.upstream
        .set_policy(serde_json::json!({"max_failures": 20}))
        .await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    for _ in 0..4 {
        fail(&app).await;
    }
    let tried = async || app.upstream.call_count("otp_authenticate").await;
    assert_eq!(
        tried().await,
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
    fail(&app).await;
    assert_eq!(tried().await, 5);
    // The fifth failure started a delay of ten minutes, which also applies to a right code.
    let mut owner = app.browser();
    owner.request_code(KNOWN_PHONE).await.assert_next("/code");
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    owner
        .submit_code(&code)
        .await
        .assert_problem(401, "code_refused");
    assert_eq!(tried().await, 5);
    assert_eq!(limits(&app, "authn_login_lock"), ["delay"]);
    app.advance(minutes(10)).await;
    owner.post("resend-code", &[]).await.assert_next("/code");
    app.wait_for_sends().await;
    owner
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn c8_s9_strangers_failures_make_no_known_browser_wait() {
    let app = patient().await;
    app.upstream
        .set_policy(serde_json::json!({"max_failures": 20}))
        .await;
    let mut owner = app.browser();
    owner.sign_in(KNOWN_PHONE).await.assert_next("/account");
    owner.post("sign-out", &[]).await;
    for _ in 0..6 {
        fail(&app).await;
    }
    owner.request_code(KNOWN_PHONE).await.assert_next("/code");
    owner
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn s9_a_known_browser_that_fails_too_often_is_a_stranger() {
    let app = patient().await;
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
async fn s9_so_many_browsers_are_known_for_a_number() {
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
        "the one that signed in longest ago is a stranger"
    );
}

#[tokio::test]
async fn c7_failures_are_remembered_from_the_last_one() {
    let app = TestApp::with_settings(|settings| settings.guard.stranger_failures = 3).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let days = |days: u64| minutes(days * 24 * 60);
    fail(&app).await;
    app.advance(days(300)).await;
    fail(&app).await;
    app.advance(days(300)).await;
    fail(&app).await;
    let tried = app.upstream.call_count("otp_authenticate").await;
    assert_eq!(tried, 3);
    app.advance(days(399)).await;
    fail(&app).await;
    assert_eq!(
        app.upstream.call_count("otp_authenticate").await,
        tried,
        "strangers have stopped"
    );
    app.advance(days(2)).await;
    fail(&app).await;
    assert_eq!(
        app.upstream.call_count("otp_authenticate").await,
        tried + 1,
        "400 days after the last"
    );
}
