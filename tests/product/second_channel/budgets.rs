//! What codes by e-mail are charged to (S1, S2).

use crate::second_channel::*;
use crate::support::minutes;

/// Starts a flow and requests a code by e-mail; returns the status.
async fn ask(app: &Arc<TestApp>, number: u32, address: &str) -> u16 {
    let phone = format!("+4474001{number:05}");
    let mut browser = app.browser().with_address(address);
    browser.start(&phone).await;
    app.advance(seconds(FIRST_WAIT)).await;
    let response = browser.post("resend-code", &BY_EMAIL).await;
    app.wait_for_sends().await;
    if response.status == 429 {
        assert_eq!(response.elapsed, seconds(0));
        response.assert_slow_down();
    }
    response.status.as_u16()
}

#[tokio::test]
async fn s1_emails_of_an_identifier_are_limited_without_disclosure() {
    let app = app().await;
    for _ in 0..4 {
        let mut browser = waiting(&app).await;
        let response = browser.post("resend-code", &BY_EMAIL).await;
        response.assert_next("/code");
        assert_eq!(response.elapsed, seconds(1));
        app.wait_for_sends().await;
        app.advance(minutes(11)).await;
    }
    assert_eq!(
        app.upstream.messages(EMAIL).await.len(),
        2,
        "five codes an hour in all"
    );
    let app = app_with(|settings| settings.guard.number_hourly = 100).await;
    for _ in 0..4 {
        let mut browser = waiting(&app).await;
        request_email(&mut browser).await;
        app.advance(minutes(5)).await;
    }
    assert_eq!(
        app.upstream.messages(EMAIL).await.len(),
        3,
        "three e-mails an hour"
    );
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 4);
    let withheld = app.audit.count_matching(|event| {
        event["limit"] == "number_emails_hour" && event["channel"] == "email"
    });
    assert_eq!(withheld, 1);
    // A sign-in begins it again, and the total of the day goes on.
    app.browser().sign_in(KNOWN_PHONE).await;
    app.advance(seconds(60)).await;
    let mut browser = waiting(&app).await;
    request_email(&mut browser).await;
    assert_eq!(app.upstream.messages(EMAIL).await.len(), 4);
}

#[tokio::test]
async fn s2_emails_of_an_address_and_of_the_service_are_limited_and_disclosed() {
    let app = app_with(|settings| settings.guard.address_emails_hourly = 2).await;
    let statuses = [
        ask(&app, 1, "203.0.113.7").await,
        ask(&app, 2, "203.0.113.7").await,
        ask(&app, 3, "203.0.113.7").await,
        ask(&app, 4, "203.0.113.8").await,
    ];
    assert_eq!(statuses, [200, 200, 429, 200]);
    // Codes by SMS go on.
    let mut browser = app.browser().with_address("203.0.113.7");
    browser.start("+447400100005").await;

    let app = app_with(|settings| settings.guard.service_emails_hourly = 2).await;
    let statuses = [
        ask(&app, 1, "203.0.113.7").await,
        ask(&app, 2, "203.0.113.8").await,
        ask(&app, 3, "203.0.113.9").await,
    ];
    assert_eq!(statuses, [200, 200, 429]);
    app.browser().start("+447400100005").await;
    let events = app.audit.events_named("excess_rate_limit_exceeded");
    assert_eq!(events[0]["limit"], "emails_hour");
}

#[tokio::test]
async fn s6_a_sign_in_by_email_refunds_what_was_charged_as_unverified() {
    let app = app_with(|settings| {
        settings.guard.address_emails_hourly = 1;
        settings.guard.service_emails_hourly = 1;
    })
    .await;
    for _ in 0..2 {
        let mut browser = waiting(&app).await.with_address("203.0.113.7");
        request_email(&mut browser).await;
        let code = newest_email(&app).await;
        browser.submit_code(&code).await.assert_next("/account");
        app.advance(minutes(1)).await;
    }
}

/// Ranges of numbers are what fraud with SMS is made of.
#[tokio::test]
async fn s4_emails_are_charged_to_no_country_and_no_number_prefix() {
    let app = app_with(|settings| {
        settings.guard.prefix_hourly = 1;
        settings.guard.country_hourly = 1;
    })
    .await;
    let mut browser = waiting(&app).await;
    request_email(&mut browser).await;
    assert_eq!(app.upstream.messages(EMAIL).await.len(), 1);
    app.advance(seconds(60)).await;
    browser.post("resend-code", &[]).await.assert_slow_down();
}
