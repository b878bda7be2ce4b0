//! Send limits: what is counted, disclosed and refunded (requirements S1 to S6, S10).

use std::collections::BTreeMap;

use crate::support::{Browser, KNOWN_PHONE, TestApp, UNKNOWN_PHONE, minutes, seconds};

#[tokio::test]
async fn s1_codes_of_a_number_are_limited_by_hour_and_day_without_disclosure() {
    let app = TestApp::start_with_user().await;
    let mut sent = Vec::new();
    for _ in 0..4 {
        for _ in 0..7 {
            let response = app.browser().request_code(KNOWN_PHONE).await;
            response.assert_next("/code");
            assert_eq!(response.elapsed, seconds(1));
            app.advance(seconds(60)).await;
        }
        sent.push(app.upstream.messages(KNOWN_PHONE).await.len());
        app.advance(minutes(60)).await;
    }
    assert_eq!(sent, [5, 10, 10, 10], "five an hour, ten a day");
    app.advance(minutes(20 * 60)).await;
    app.browser().request_code(KNOWN_PHONE).await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 11);
    let withheld: BTreeMap<_, _> = app
        .audit
        .events_named("otp_requested")
        .iter()
        .filter_map(limit)
        .collect();
    assert_eq!(
        withheld.keys().collect::<Vec<_>>(),
        ["sends_day", "sends_hour"]
    );
}

fn limit(event: &serde_json::Value) -> Option<(String, ())> {
    (event["decision"] == "withheld").then(|| (event["limit"].as_str().unwrap().to_owned(), ()))
}

#[tokio::test]
async fn s1_unrecognised_devices_share_the_undisclosed_cool_down_of_a_number() {
    let app = TestApp::start().await;
    let (_, _) = app.start_sign_in(KNOWN_PHONE).await;
    for _ in 0..3 {
        let mut other_browser = app.browser();
        other_browser.start(KNOWN_PHONE).await;
        // The flow's own resend timer counts down as usual.
        other_browser
            .post("resend-code", &[])
            .await
            .assert_slow_down();
    }
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 1);
    app.advance(seconds(30)).await;
    app.browser().start(KNOWN_PHONE).await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 2);
}

#[tokio::test]
async fn s2_s6_the_hourly_limit_of_an_address_is_disclosed() {
    let app = TestApp::with_settings(|settings| settings.guard.address_hourly = 3).await;
    let ask = async |number: u32, address: &str| {
        let phone = format!("+4474001{number:05}");
        app.browser()
            .with_address(address)
            .request_code(&phone)
            .await
    };
    for number in 0..3 {
        ask(number, "203.0.113.7").await.assert_next("/code");
    }
    let refused = ask(3, "203.0.113.7").await;
    let wait = refused.assert_slow_down()["retry_after"].as_u64().unwrap();
    assert!((3590..=3600).contains(&wait), "{wait}");
    assert_eq!(refused.elapsed, seconds(0));
    assert_eq!(refused.cookies(), Vec::<&str>::new());
    ask(4, "::ffff:203.0.113.7").await.assert_slow_down();
    ask(5, "203.0.113.8").await.assert_next("/code");
    let mut form = app
        .browser()
        .with_address("203.0.113.7")
        .without_javascript();
    form.request_code(KNOWN_PHONE)
        .await
        .assert_redirect("/sign-in");
    app.advance(seconds(wait)).await;
    ask(6, "203.0.113.7").await.assert_next("/code");
    assert!(
        app.audit
            .events_named("excess_rate_limit_exceeded")
            .iter()
            .all(|event| event["limit"] == "sends_address_hour")
    );
    assert!(
        !app.audit.text().contains("sends_address_hour 203"),
        "a limit's name holds no address"
    );
}

#[tokio::test]
async fn s2_addresses_of_an_ipv6_network_share_its_limit() {
    let app = TestApp::with_settings(|settings| {
        settings.guard.address_hourly = 2;
        settings.guard.network_hourly = 3;
    })
    .await;
    for (number, address, status) in [
        (0, "2001:db8:1:1::1", 200),
        (1, "2001:db8:1:1::2", 200),
        (2, "2001:db8:1:1:ffff::3", 429),
        (3, "2001:db8:1:2::1", 200),
        (4, "2001:db8:1:3::1", 429),
        (5, "2001:db8:2:1::1", 200),
    ] {
        let response = app
            .browser()
            .with_address(address)
            .request_code(&format!("+4474001{number:05}"))
            .await;
        assert_eq!(response.status.as_u16(), status, "{address}");
    }
}

#[tokio::test]
async fn s3_the_resend_schedule_of_a_flow_is_fixed_and_disclosed() {
    let app = TestApp::with_settings(|settings| settings.guard.number_hourly = 100).await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    for wait in [30, 60, 120, 120] {
        // Responses are sent a second after the send.
        app.advance(seconds(wait - 2)).await;
        assert_eq!(
            browser.post("resend-code", &[]).await.assert_slow_down()["retry_after"],
            1
        );
        app.advance(seconds(1)).await;
        browser.resend_and_wait().await;
    }
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 5);
}

#[tokio::test]
async fn s3_of_concurrent_resends_one_is_sent() {
    let app = TestApp::start().await;
    let (browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    app.advance(seconds(30)).await;
    let responses = app
        .call_all_and_advance((0..8).map(|_| browser.form("resend-code", &[])).collect())
        .await;
    app.wait_for_sends().await;
    assert_eq!(
        responses
            .iter()
            .filter(|response| response.status == 200)
            .count(),
        1
    );
    for response in responses.iter().filter(|response| response.status != 200) {
        response.assert_slow_down();
    }
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 2);
    // The charges of the others were refunded: three sends are left in this hour.
    for _ in 0..3 {
        app.advance(minutes(3)).await;
        app.browser().start(KNOWN_PHONE).await;
    }
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 5);
}

#[tokio::test]
async fn s3_of_concurrent_first_sends_one_is_sent() {
    let app = TestApp::start_with_user().await;
    let browser = app.browser();
    let forms = (0..8)
        .map(|_| browser.form("send-code", &[("phone", KNOWN_PHONE)]))
        .collect();
    for response in app.call_all_and_advance(forms).await {
        response.assert_next("/code");
    }
    app.wait_for_sends().await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 1);
}

#[tokio::test]
async fn s4_s6_the_service_limit_is_disclosed_to_everybody_in_the_same_way() {
    let app = TestApp::with_settings(|settings| settings.guard.service_minutely = 2).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    for number in 0..2 {
        app.browser().start(&format!("+4474001{number:05}")).await;
    }
    let (known, unknown) = (
        app.browser().request_code(KNOWN_PHONE).await,
        app.browser().request_code(UNKNOWN_PHONE).await,
    );
    assert_eq!(known.assert_slow_down(), unknown.assert_slow_down());
    // A number that has exhausted its own limit gets the same response, or its owner would be
    // visible.
    let limited = app.browser().request_code("+447400100000").await;
    assert_eq!(limited.assert_slow_down(), known.assert_slow_down());
    app.advance(seconds(60)).await;
    app.browser().start(KNOWN_PHONE).await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 1);
    // A browser's own flow keeps its response whatever the service's limit: nothing is sent for it.
    let mut again: Browser = app.browser();
    again.start("+447400100009").await;
    again.start("+447400100009").await;
}

#[tokio::test]
async fn s10_a_send_that_may_have_arrived_is_never_retried() {
    for (kind, wait) in [("hang", 10), ("reset", 0), ("garbage", 0), ("status", 0)] {
        let app = TestApp::start_with_user().await;
        app.upstream.inject_fault("otp_send", kind, None).await;
        let mut browser = app.browser();
        let response = browser.post("send-code", &[("phone", KNOWN_PHONE)]).await;
        response.assert_next("/code");
        assert_eq!(response.elapsed, seconds(1), "{kind}");
        app.advance(seconds(wait)).await;
        app.wait_for_sends().await;
        assert_eq!(app.upstream.call_count("otp_send").await, 1, "{kind}");
        let result = &app.audit.events_named("otp_send_result")[0];
        assert_eq!(result["sent"], false, "{kind}");
        assert!(
            result["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "the event says why: {result}"
        );
        assert_eq!(browser.get("/code").await.status, 200, "the flow is kept");
    }
}

#[tokio::test]
async fn s10_a_send_refused_with_401_is_retried_once_with_a_new_token() {
    let app = TestApp::start_with_user().await;
    let fault =
        serde_json::json!({ "operation": "otp_send", "kind": "status", "status": 401, "times": 1 });
    app.upstream.put_fault(fault).await;
    app.browser().start(KNOWN_PHONE).await;
    assert_eq!(app.upstream.call_count("otp_send").await, 2);
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 1);
}

#[tokio::test]
async fn limits_are_refunded_when_nothing_was_sent() {
    let app = TestApp::with_settings(|settings| {
        settings.guard.number_hourly = 1;
        settings.guard.service_hourly = 1;
    })
    .await;
    // The client token is cached.
    app.product.transmit.prepare().await.unwrap();
    app.upstream.stop().await;
    let response = app.browser().request_code(KNOWN_PHONE).await;
    assert!(
        matches!(response.status.as_u16(), 200 | 503),
        "{}",
        response.status
    );
    app.upstream.restart().await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.advance(seconds(60)).await;
    app.browser().start(KNOWN_PHONE).await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 1);
}
