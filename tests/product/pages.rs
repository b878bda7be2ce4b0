//! Where pages redirect, with and without a flow and a session.

use latchkey::server::settings::SignUpMode;

use crate::support::{KNOWN_PHONE, TestApp, minutes, seconds};

#[tokio::test]
async fn pages_redirect_signed_out_visitors_to_sign_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser().without_javascript();
    browser.get("/").await.assert_redirect("/sign-in");
    browser.get("/account").await.assert_redirect("/sign-in");
    browser.get("/code").await.assert_redirect("/sign-in");
    for page in ["/sign-in", "/sign-up", "/sign-out"] {
        let response = browser.get(page).await;
        assert_eq!(response.status, 200, "{page}");
        assert!(response.body.starts_with("<!DOCTYPE html>"), "{page}");
    }
    assert!(
        browser
            .get("/sign-out")
            .await
            .body
            .contains("action=\"/api/sign-out\"")
    );
    let missing = browser.get("/nowhere").await;
    assert_eq!(missing.status, 404);
    assert!(missing.body.starts_with("<!DOCTYPE html>"));
    let names: Vec<&str> = browser.cookies.keys().map(String::as_str).collect();
    assert_eq!(names, ["latchkey-probe"], "a visit sets no other cookie");
}

#[tokio::test]
async fn pages_redirect_signed_in_users_to_the_account() {
    let app = TestApp::start().await;
    let mut browser = app.browser().without_javascript();
    browser
        .sign_in(KNOWN_PHONE)
        .await
        .assert_redirect("/account");
    browser.get("/").await.assert_redirect("/account");
    browser.get("/sign-in").await.assert_redirect("/account");
    browser.get("/sign-up").await.assert_redirect("/account");
    browser.get("/code").await.assert_redirect("/sign-in");
    let account = browser.get("/account").await;
    assert_eq!(account.status, 200);
    // Requirement K8: the sign-out button is on the page.
    assert!(account.body.contains("/api/sign-out"));
    assert!(account.body.contains("+44 ••• ••• 56") && !account.body.contains("7400"));
    browser
        .post("sign-out", &[])
        .await
        .assert_redirect("/sign-in");
    browser.get("/account").await.assert_redirect("/sign-in");
}

#[tokio::test]
async fn w5_the_code_page_depends_on_the_flow_and_the_clock_only() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    let page = browser.get("/code").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("+44 ••• ••• 56"));
    assert!(
        !page.body.contains(&code) && !page.body.contains("7400123456"),
        "C11: no code, no number"
    );
    assert!(page.body.contains("autocomplete=\"one-time-code\""));
    app.advance(seconds(40)).await;
    let resendable = browser.get("/code").await.body;
    app.advance(minutes(5)).await;
    let expired = browser.get("/code").await.body;
    assert_ne!(resendable, expired);
    assert!(
        expired.contains("/api/resend-code"),
        "another code can be had"
    );
    // The flow itself ends half an hour after its last send.
    app.advance(minutes(25)).await;
    browser.get("/code").await.assert_redirect("/sign-in");
    assert_eq!(
        browser.cookie("latchkey-flow"),
        None,
        "the cookie of the ended flow is cleared"
    );
}

#[tokio::test]
async fn e1_the_code_page_does_not_disclose_the_outcome_of_the_send() {
    let app = TestApp::start_with_user().await;
    let (mut known, mut unknown) = (app.browser(), app.browser());
    known.request_code(KNOWN_PHONE).await;
    unknown.request_code("+447400654356").await;
    let (a, b) = (
        known.get("/code").await.body,
        unknown.get("/code").await.body,
    );
    assert_eq!(mask(&a), mask(&b));
}

/// Masks nonces and times, because the two flows started at different seconds.
fn mask(body: &str) -> String {
    let mut kept = String::new();
    let mut last_was_digit = false;
    let mut rest = body;
    while let Some(at) = rest.find("nonce=\"") {
        kept.push_str(&rest[..at]);
        rest = &rest[at + 7..];
        rest = &rest[rest.find('"').unwrap()..];
    }
    kept.push_str(rest);
    kept.chars()
        .filter_map(|c| {
            let digit = c.is_ascii_digit();
            let shown = if digit && last_was_digit {
                None
            } else {
                Some(if digit { '#' } else { c })
            };
            last_was_digit = digit;
            shown
        })
        .collect()
}

#[tokio::test]
async fn closed_sign_up_has_no_page_no_link_and_no_endpoint() {
    let app = TestApp::with_settings(|settings| settings.sign_up.mode = SignUpMode::Closed).await;
    let mut browser = app.browser();
    assert!(!browser.get("/sign-in").await.body.contains("/sign-up"));
    assert_eq!(browser.get("/sign-up").await.status, 404);
    assert_eq!(
        browser
            .post("sign-up", &[("phone", KNOWN_PHONE)])
            .await
            .status,
        404
    );
    assert_eq!(app.upstream.call_count("user_create").await, 0);
    let open = TestApp::start().await;
    assert!(
        open.browser()
            .get("/sign-in")
            .await
            .body
            .contains("/sign-up")
    );
}

#[tokio::test]
async fn h10_only_public_files_are_served() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/pkg/../../Cargo.toml",
        "/public/",
        "/pkg/",
        "/.env",
        "/pkg",
    ] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    for path in [
        "/livez",
        "/readyz",
        "/metrics",
        "/console",
        "/control/reset",
        "/inbox.json",
    ] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}
