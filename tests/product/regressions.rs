//! Regression tests for defects that an attack on the whole product found.

use latchkey::server::admin::commands::{AdminCommand, AdminReply, SessionOwner, run_command};

use crate::support::{KNOWN_PHONE, TestApp, UNKNOWN_PHONE, seconds};

#[tokio::test]
async fn e1_the_attempt_limit_by_address_does_not_disclose_a_number() {
    let app = TestApp::with_settings(|settings| settings.guard.address_tries_hourly = 2).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut statuses = Vec::new();
    for (phone, address) in [
        (KNOWN_PHONE, "203.0.113.77"),
        (UNKNOWN_PHONE, "203.0.113.78"),
    ] {
        // The address exhausts its attempts on a number of its own.
        let mut attacker = app.browser().with_address(address);
        attacker.sign_in("+447400777888").await;
        attacker.post("sign-out", &[]).await;
        app.advance(seconds(61)).await;
        attacker.request_code("+447400777889").await;
        attacker.submit_code("000000").await.assert_code_refused();
        // Then it probes another number.
        app.advance(seconds(61)).await;
        attacker.request_code(phone).await;
        statuses.push(attacker.submit_code("000000").await.status);
    }
    assert_eq!(statuses, [429, 429]);
}

#[tokio::test]
async fn e1_an_outage_after_the_send_is_the_same_for_every_number() {
    let app = TestApp::start_with_user().await;
    let mut known = app.browser();
    known.request_code(KNOWN_PHONE).await;
    let mut unknown = app.browser();
    unknown.request_code(UNKNOWN_PHONE).await;
    app.upstream.stop().await;
    known.submit_code("000000").await.assert_unavailable();
    unknown.submit_code("000000").await.assert_unavailable();
}

#[tokio::test]
async fn a_form_submitted_twice_starts_one_flow() {
    let app = TestApp::start_with_user().await;
    let page = app.browser().get("/sign-in").await.body;
    let form = page
        .split("name=\"form\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    // Two submissions of one form: neither carries a flow cookie yet.
    let fields = [("phone", KNOWN_PHONE), ("form", form)];
    let (mut first, mut second) = (app.browser(), app.browser());
    let taps = vec![
        first.form("send-code", &fields),
        second.form("send-code", &fields),
    ];
    let responses = app.call_all_and_advance(taps).await;
    first.store_cookies(&responses[0]);
    second.store_cookies(&responses[1]);
    app.wait_for_sends().await;
    assert_eq!(
        first.cookie("latchkey-flow"),
        second.cookie("latchkey-flow")
    );
    assert_eq!(app.upstream.call_count("otp_send").await, 1);
    // The same form for another number is another flow.
    let mut third = app.browser();
    third
        .post("send-code", &[("phone", "+447400777888"), ("form", form)])
        .await
        .assert_next("/code");
    assert_ne!(third.cookie("latchkey-flow"), first.cookie("latchkey-flow"));
    second.finish(KNOWN_PHONE).await;
}

/// A client that holds a flow while it ends must not find another number's flow under the same
/// cookie.
#[tokio::test]
async fn c10_a_form_never_reuses_the_flow_cookie_of_another_number() {
    let app = TestApp::start_with_user().await;
    let (form, other) = ("f0f0f0f0", "+447400777888");
    let mut browser = app.browser();
    browser
        .post("send-code", &[("phone", KNOWN_PHONE), ("form", form)])
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    let held = browser.clone();
    browser.post("sign-out", &[]).await;
    let mut another = app.browser();
    another
        .post("send-code", &[("phone", other), ("form", form)])
        .await
        .assert_next("/code");
    assert_ne!(
        another.cookie("latchkey-flow"),
        held.cookie("latchkey-flow")
    );
    held.clone()
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_no_flow();
    // The same number again, from a cached page.
    app.advance(seconds(31)).await;
    let mut back = app.browser();
    back.post("send-code", &[("phone", KNOWN_PHONE), ("form", form)])
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    back.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn sign_up_after_sign_in_creates_the_user_with_the_next_code() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.start(UNKNOWN_PHONE).await;
    browser
        .post("sign-up", &[("phone", UNKNOWN_PHONE), ("name", "Ada")])
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    assert_eq!(
        app.upstream.call_count("user_create").await,
        0,
        "within the cool-down nothing is sent upstream"
    );
    app.advance(seconds(30)).await;
    browser.resend_and_wait().await;
    assert_eq!(app.upstream.call_count("user_create").await, 1);
    browser.finish(UNKNOWN_PHONE).await;
}

#[tokio::test]
async fn k10_revoking_everybody_takes_effect_immediately() {
    let app = TestApp::start().await;
    let (mut one, mut other) = (app.browser(), app.browser());
    one.sign_in(KNOWN_PHONE).await;
    other.sign_in("+447400777888").await;
    let user = app.audit.events_named("session_created").len();
    let response = run_command(
        &app.product.admin_services(),
        &AdminCommand::SessionsRevoke {
            owner: SessionOwner::Everybody,
        },
    )
    .await;
    assert!(
        matches!(response, AdminReply::Revoked { count } if count == user),
        "{response:?}"
    );
    assert!(!one.is_signed_in().await && !other.is_signed_in().await);
    app.advance(seconds(31)).await;
    one.sign_in(KNOWN_PHONE).await;
    assert!(one.is_signed_in().await, "later sessions stay");
}

#[tokio::test]
async fn persistent_sessions_require_the_setting() {
    let app = TestApp::with_settings(|settings| settings.session.offer_stay = false).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut browser = app.browser();
    browser
        .post("send-code", &[("phone", KNOWN_PHONE), ("stay", "1")])
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    let response = browser
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await;
    assert!(
        !response.cookie("latchkey").unwrap().contains("Max-Age"),
        "{:?}",
        response.cookies()
    );
}
