//! New users: created once, and named only by themselves.

use std::collections::BTreeMap;

use crate::support::{KNOWN_PHONE, TestApp, UNKNOWN_PHONE, seconds};

fn calls(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

#[tokio::test]
async fn each_journey_makes_exactly_the_documented_upstream_calls() {
    let app = TestApp::start_with_user().await;

    let before = app.upstream.call_counts().await;
    let mut returning = app.browser();
    returning.request_code(KNOWN_PHONE).await;
    returning.finish(KNOWN_PHONE).await;
    for _ in 0..5 {
        assert!(returning.is_signed_in().await);
    }
    assert_eq!(
        app.upstream.calls_since(&before).await,
        calls(&[("otp_send", 1), ("otp_authenticate", 1)])
    );
    returning.post("sign-out", &[]).await;
    let with_end = calls(&[
        ("otp_send", 1),
        ("otp_authenticate", 1),
        ("session_logout", 1),
    ]);
    assert_eq!(app.upstream.calls_since(&before).await, with_end);

    let before = app.upstream.call_counts().await;
    let mut new = app.browser();
    new.post("sign-up", &[("phone", UNKNOWN_PHONE)])
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    new.finish(UNKNOWN_PHONE).await;
    let three = calls(&[("user_create", 1), ("otp_send", 1), ("otp_authenticate", 1)]);
    assert_eq!(app.upstream.calls_since(&before).await, three);

    let before = app.upstream.call_counts().await;
    let mut named = app.browser();
    named
        .post(
            "sign-up",
            &[
                ("phone", "+447400777888"),
                ("name", " Ada\t\u{7} Lovelace "),
            ],
        )
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    assert_eq!(
        app.upstream.calls_since(&before).await,
        calls(&[("user_create", 1), ("otp_send", 1)]),
        "the name is set after verification"
    );
    named.finish("+447400777888").await;
    app.upstream.wait_for_calls("user_update", 1).await;
    let four = calls(&[
        ("user_create", 1),
        ("otp_send", 1),
        ("otp_authenticate", 1),
        ("user_update", 1),
    ]);
    assert_eq!(app.upstream.calls_since(&before).await, four);
    let user = app
        .upstream
        .set_user_status("+447400777888", "Active")
        .await;
    assert!(user.to_string().contains("Lovelace"), "{user}");

    let shared = app.upstream.call_counts().await;
    assert_eq!(
        (shared["token"], shared["jwks"]),
        (1, 1),
        "shared by all journeys"
    );
    assert_eq!(app.audit.count("user_created"), 2);
}

#[tokio::test]
async fn a_name_is_set_only_for_a_user_created_in_the_flow() {
    let app = TestApp::start_with_user().await;
    let mut browser = app.browser();
    browser
        .post("sign-up", &[("phone", KNOWN_PHONE), ("name", "Mallory")])
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    browser.finish(KNOWN_PHONE).await;

    // An attacker signs a number up with a name; its owner then signs in from elsewhere.
    let mut attacker = app.browser();
    attacker
        .post("sign-up", &[("phone", UNKNOWN_PHONE), ("name", "Mallory")])
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    app.advance(seconds(31)).await;
    let mut owner = app.browser();
    owner.request_code(UNKNOWN_PHONE).await;
    owner.finish(UNKNOWN_PHONE).await;
    app.product.close().await;
    assert_eq!(app.upstream.call_count("user_update").await, 0);
}

#[tokio::test]
async fn a_disabled_user_cannot_sign_up_again() {
    let app = TestApp::start().await;
    app.upstream.set_user_status(KNOWN_PHONE, "Disabled").await;
    let mut browser = app.browser();
    let response = browser
        .post("sign-up", &[("phone", KNOWN_PHONE), ("name", "Ada")])
        .await;
    response.assert_next("/code");
    app.wait_for_sends().await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 0);
    browser.submit_code("123456").await.assert_code_refused();
}

#[tokio::test]
async fn user_creation_has_its_own_limit() {
    let app = TestApp::with_settings(|settings| settings.guard.address_sign_ups_hourly = 2).await;
    let sign_up = async |number: u32| {
        let mut browser = app.browser().with_address("203.0.113.7");
        let response = browser
            .post("sign-up", &[("phone", &format!("+4474001{number:05}"))])
            .await;
        app.wait_for_sends().await;
        response
    };
    sign_up(1).await.assert_next("/code");
    sign_up(2).await.assert_next("/code");
    sign_up(3).await.assert_slow_down();
    app.browser()
        .with_address("203.0.113.7")
        .start(KNOWN_PHONE)
        .await;
    assert_eq!(app.upstream.call_count("user_create").await, 2);
}

#[tokio::test]
async fn a_failed_user_creation_sends_no_code_and_is_not_disclosed() {
    for kind in ["reset", "garbage", "status"] {
        let app = TestApp::start().await;
        app.upstream.inject_fault("user_create", kind, None).await;
        let mut browser = app.browser();
        let response = browser.post("sign-up", &[("phone", UNKNOWN_PHONE)]).await;
        response.assert_next("/code");
        assert_eq!(response.elapsed, seconds(1));
        app.wait_for_sends().await;
        assert_eq!(app.upstream.call_count("user_create").await, 1, "{kind}");
        assert_eq!(app.upstream.call_count("otp_send").await, 0, "{kind}");
        assert_eq!(app.audit.events_named("otp_send_result")[0]["sent"], false);
    }
}
