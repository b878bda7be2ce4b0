//! Where the pages lead, with and without a flow and a session.

use latchkey::server::settings::SignUpMode;

use crate::support::{KNOWN, World, minutes, seconds};

#[tokio::test]
async fn pages_lead_a_stranger_to_the_start() {
    let world = World::start().await;
    let mut browser = world.browser().without_script();
    browser.get("/").await.leads_to("/sign-in");
    browser.get("/account").await.leads_to("/sign-in");
    browser.get("/code").await.leads_to("/sign-in");
    for page in ["/sign-in", "/sign-up", "/sign-out"] {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.body.starts_with("<!DOCTYPE html>"), "{page}");
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
    assert!(
        browser.cookies.is_empty(),
        "a visit sets no cookie: {:?}",
        browser.cookies
    );
}

#[tokio::test]
async fn pages_lead_a_signed_in_person_to_the_account() {
    let world = World::start().await;
    let mut browser = world.browser().without_script();
    browser.sign_in(KNOWN).await.leads_to("/account");
    browser.get("/").await.leads_to("/account");
    browser.get("/sign-in").await.leads_to("/account");
    browser.get("/sign-up").await.leads_to("/account");
    browser.get("/code").await.leads_to("/sign-in");
    let account = browser.get("/account").await;
    assert_eq!(account.status, 200);
    // Requirement K8: the way out is on the page.
    assert!(account.body.contains("/api/sign-out"));
    assert!(account.body.contains("+44 ••• ••• 56") && !account.body.contains("7400"));
    browser.post("sign-out", &[]).await.leads_to("/sign-in");
    browser.get("/account").await.leads_to("/sign-in");
}

#[tokio::test]
async fn w5_the_code_page_is_a_function_of_the_flow_and_the_clock() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    let page = browser.get("/code").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("+44 ••• ••• 56"));
    assert!(
        !page.body.contains(&code) && !page.body.contains("7400123456"),
        "C11: no code, no number"
    );
    assert!(page.body.contains("autocomplete=\"one-time-code\""));
    world.advance(seconds(40)).await;
    let resendable = browser.get("/code").await.body;
    world.advance(minutes(5)).await;
    let expired = browser.get("/code").await.body;
    assert_ne!(resendable, expired);
    assert!(
        expired.contains("/api/resend-code"),
        "another code can be had"
    );
    // The flow itself ends half an hour after its last send.
    world.advance(minutes(25)).await;
    browser.get("/code").await.leads_to("/sign-in");
    assert_eq!(
        browser.cookie("latchkey-flow"),
        None,
        "the dead cookie is cleared"
    );
}

#[tokio::test]
async fn e1_the_code_page_does_not_tell_what_became_of_the_send() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let (mut known, mut unknown) = (world.browser(), world.browser());
    known.ask(KNOWN).await;
    unknown.ask("+447400654356").await;
    let (a, b) = (
        known.get("/code").await.body,
        unknown.get("/code").await.body,
    );
    assert_eq!(mask(&a), mask(&b));
}

/// Without nonces and times: the two flows began at different seconds.
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
async fn sign_up_closed_has_no_page_no_link_and_no_endpoint() {
    let world = World::with(|settings| settings.sign_up.mode = SignUpMode::Closed).await;
    let mut browser = world.browser();
    assert!(!browser.get("/sign-in").await.body.contains("/sign-up"));
    assert_eq!(browser.get("/sign-up").await.status, 404);
    assert_eq!(
        browser.post("sign-up", &[("phone", KNOWN)]).await.status,
        404
    );
    assert_eq!(world.upstream.count("user_create").await, 0);
    let open = World::start().await;
    assert!(
        open.browser()
            .get("/sign-in")
            .await
            .body
            .contains("/sign-up")
    );
}

#[tokio::test]
async fn h10_nothing_beside_the_public_files_is_served() {
    let world = World::start().await;
    let mut browser = world.browser();
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
