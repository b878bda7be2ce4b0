//! Where the second channel is offered, and what is refused.

use http::header::ORIGIN;
use http::{HeaderValue, Method};
use serde_json::json;

use crate::second_channel::*;
use crate::support::{UNKNOWN_PHONE, minutes};

const FORM: &str = "name=\"channel\" value=\"email\"";

fn shows_form(page: &str) -> bool {
    let Some((before, _)) = page.split_once(FORM) else {
        return false;
    };
    let (_, form) = before.rsplit_once("<form").unwrap();
    !form.split('>').next().unwrap().contains("hidden")
}

/// Asserts that a request by e-mail is refused the same for everybody, and sends nothing.
async fn assert_not_offered(app: &Arc<TestApp>) {
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.upstream.set_email(KNOWN_PHONE, EMAIL).await;
    let mut bodies = Vec::new();
    for phone in [KNOWN_PHONE, UNKNOWN_PHONE] {
        let mut browser = app.browser();
        browser.start(phone).await;
        app.advance(seconds(FIRST_WAIT)).await;
        let page = browser.get("/code").await.body;
        assert!(
            !page.contains("channel") && !page.contains("email"),
            "{page}"
        );
        let before = app.upstream.call_count("otp_send").await;
        let response = browser.post("resend-code", &BY_EMAIL).await;
        response.assert_problem(422, "channel_not_offered");
        assert_eq!(response.elapsed, seconds(0));
        assert_eq!(app.upstream.call_count("otp_send").await, before);
        bodies.push(response.body);
        let mut form = browser.without_javascript();
        form.post("resend-code", &BY_EMAIL)
            .await
            .assert_redirect("/code");
        let page = form.get("/code").await.body;
        assert!(page.contains("Get a new one by text message"), "{page}");
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn codes_by_email_are_off_by_default() {
    let app = TestApp::start().await;
    app.product.tenant_policy.refresh().await;
    assert_not_offered(&app).await;
    assert_eq!(app.product.tenant_policy.status().alerts(), [""; 0]);
}

#[tokio::test]
async fn codes_by_email_are_offered_only_where_the_tenant_says_that_it_has_them() {
    for (policy, word) in [
        (json!({ "email_enabled": false }), "switch the method on"),
        (json!({ "is_readable": false }), "not known"),
        (json!({ "email_length": 5 }), "fewer than 6"),
        (json!({ "otp_enabled": false }), "not known"),
    ] {
        let app = TestApp::with_settings(|settings| {
            settings.sign_in.fallback = Fallback::Email;
        })
        .await;
        app.upstream.set_policy(policy.clone()).await;
        app.product.tenant_policy.refresh().await;
        let alerts = app.product.tenant_policy.status().alerts().join("\n");
        assert!(alerts.contains(word), "{policy}: {alerts}");
        app.upstream
            .set_policy(json!({ "otp_enabled": true }))
            .await;
        assert_not_offered(&app).await;
        // A change of the tenant is adopted, and kept when it no longer tells.
        let on = json!({ "email_enabled": true, "is_readable": true, "email_length": 6 });
        app.upstream.set_policy(on).await;
        app.advance(minutes(10)).await;
        app.product.tenant_policy.refresh().await;
        app.upstream
            .set_policy(json!({ "is_readable": false }))
            .await;
        app.advance(minutes(10)).await;
        app.product.tenant_policy.refresh().await;
        let mut browser = app.browser();
        browser.start(UNKNOWN_PHONE).await;
        app.advance(seconds(FIRST_WAIT)).await;
        assert!(shows_form(&browser.get("/code").await.body), "{policy}");
        request_email(&mut browser).await;
    }
}

#[tokio::test]
async fn the_second_channel_appears_after_the_first_wait_and_stays() {
    let app = app().await;
    let mut browser = app.browser().without_javascript();
    browser
        .request_code(UNKNOWN_PHONE)
        .await
        .assert_redirect("/code");
    let page = browser.get("/code").await.body;
    assert!(page.contains(FORM) && !shows_form(&page), "{page}");
    assert!(
        page.contains("You can get the code by email instead"),
        "the help names it"
    );
    let early = browser.post("resend-code", &BY_EMAIL).await;
    early.assert_redirect("/code");
    assert_eq!(
        app.upstream.call_count("otp_send").await,
        1,
        "the server keeps the wait too"
    );
    app.advance(seconds(FIRST_WAIT)).await;
    assert!(shows_form(&browser.get("/code").await.body));
    browser
        .post("resend-code", &[])
        .await
        .assert_redirect("/code");
    assert!(shows_form(&browser.get("/code").await.body));
    app.advance(seconds(60)).await;
    browser
        .post("resend-code", &BY_EMAIL)
        .await
        .assert_redirect("/code");
    let page = browser.get("/code").await.body;
    assert!(
        shows_form(&page) && page.contains("Send a new code by text message"),
        "{page}"
    );
    // Nothing of an address, and no WebOTP for what comes by e-mail.
    assert!(
        page.contains("if your account has an email address"),
        "{page}"
    );
    assert!(!page.contains('@') && !page.contains("data-sms"), "{page}");
    assert!(page.contains("autocomplete=\"one-time-code\""));
    app.advance(minutes(6)).await;
    let page = browser.get("/code").await.body;
    assert!(
        page.contains("Your code has expired") && shows_form(&page),
        "{page}"
    );
}

#[tokio::test]
async fn the_rules_of_a_resend_hold_for_both_channels() {
    let app = app().await;
    let mut nobody = app.browser();
    let response = nobody.post("resend-code", &BY_EMAIL).await;
    response.assert_no_flow();
    let mut browser = waiting(&app).await;
    for value in [
        "fax",
        "Email",
        "email ",
        "sms,email",
        "direct",
        "0",
        "voice",
    ] {
        let response = browser.post("resend-code", &[("channel", value)]).await;
        response.assert_problem(422, "malformed");
    }
    let twice = [("channel", "email"), ("channel", "sms")];
    let response = browser.post("resend-code", &twice).await;
    assert!(response.status.is_client_error(), "{}", response.status);
    let other_flow = [("channel", "email"), ("flow", "0000000000000")];
    let response = browser.post("resend-code", &other_flow).await;
    response.assert_problem(409, "stale_flow");
    let mut foreign = browser.form("resend-code", &BY_EMAIL);
    let origin = HeaderValue::from_static("https://evil.example");
    foreign.headers_mut().insert(ORIGIN, origin);
    let response = app.call(foreign).await;
    assert_eq!(response.status, 403);
    let get = browser.request(Method::GET, "/api/resend-code?channel=email");
    let get = app.call(get.body(axum::body::Body::empty()).unwrap()).await;
    assert_ne!(get.status, 200);
    assert_eq!(app.upstream.call_count("otp_send").await, 1);

    request_email(&mut browser).await;
    let wait = browser.post("resend-code", &BY_EMAIL).await;
    assert!(wait.assert_slow_down()["retry_after"].as_u64() > Some(50));
    app.advance(seconds(60)).await;
    // An empty value is as none, and `sms` is the same as before.
    for value in ["", "sms"] {
        let response = browser.post("resend-code", &[("channel", value)]).await;
        response.assert_next("/code");
        app.wait_for_sends().await;
        app.advance(seconds(120)).await;
    }
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 3);
    assert_eq!(app.upstream.messages(EMAIL).await.len(), 1);
}
