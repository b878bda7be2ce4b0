//! The authentication method: of whose codes upstream must speak, and what applications learn.

use serde_json::json;

use crate::second_channel::*;

#[tokio::test]
async fn t3_a_token_of_another_method_than_the_flows_signs_nobody_in() {
    for (by_email, amr, is_accepted) in [
        (false, json!(["sms"]), true),
        (false, json!(["eotp"]), false),
        (false, json!(["pwd"]), false),
        (false, json!([]), false),
        (true, json!(["eotp", "mfa"]), true),
        (true, json!(["sms"]), true),
        (true, json!(["eml"]), false),
        (true, json!(["webauthn", "mfa"]), false),
        (true, json!(null), false),
    ] {
        let app = app().await;
        let mut browser = waiting(&app).await;
        let mut code = app.upstream.newest_code(KNOWN_PHONE).await;
        if by_email {
            request_email(&mut browser).await;
            code = newest_email(&app).await;
        }
        let forged = json!({ "token": "id", "claims": { "amr": amr } });
        app.upstream.tamper_with_tokens(forged).await;
        let response = browser.submit_code(&code).await;
        if is_accepted {
            response.assert_next("/account");
            let session = browser.get("/api/session").await.json();
            assert_eq!(session["amr"], amr, "handed on as upstream gives it");
        } else {
            response.assert_code_refused();
            assert!(!browser.is_signed_in().await);
            let failed = app.audit.events_named("authn_login_fail");
            assert_eq!(failed[0]["reason"], "invalid_token", "{amr}");
        }
    }
}

#[tokio::test]
async fn s4_events_and_counts_say_how_the_code_came() {
    let app = app().await;
    let mut browser = waiting(&app).await;
    request_email(&mut browser).await;
    let code = newest_email(&app).await;
    let wrong = latchkey_testkit::sandbox_client::different_code(&code);
    browser.submit_code(&wrong).await;
    browser.submit_code(&code).await.assert_next("/account");
    for (event, channels) in [
        ("otp_requested", &["sms", "email"][..]),
        ("otp_send_result", &["sms", "email"]),
        ("authn_login_fail", &["email"]),
        ("authn_login_success", &["email"]),
    ] {
        let events = app.audit.events_named(event);
        let said: Vec<&str> = events
            .iter()
            .map(|event| event["channel"].as_str().unwrap())
            .collect();
        assert_eq!(said, channels, "{event}");
    }
    let sends = |channel| {
        app.count_events(|kind| {
            kind.event == "otp_send_result" && kind.outcome == "sent" && kind.channel == channel
        })
    };
    assert_eq!((sends("sms"), sends("email")), (1, 1));
    let text = app.audit.text();
    assert!(!text.contains("ann@"), "no address is logged");
    let page = crate::dashboard::get_dashboard(&app, "/console").await.body;
    assert!(
        page.contains("sends by email") && page.contains("codes by email"),
        "{page}"
    );
    assert!(page.contains("emails_day_total"), "{page}");
}
