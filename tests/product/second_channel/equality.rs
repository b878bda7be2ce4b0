//! Who has no address, no account or no budget sees what everybody sees (E1).

use http::StatusCode;
use latchkey_testkit::masking::mask_random_parts;

use crate::second_channel::*;
use crate::support::TestResponse;

/// Numbers whose users differ, each with a prefix of its own.
const PHONES: [&str; 6] = [
    "+447400113456", // has an address
    "+447400123456", // has none
    "+447400133456", // has no user
    "+447400143456", // is disabled
    "+447400153456", // is locked
    "+447400163456", // has no e-mails left in this hour
];

async fn prepare(app: &Arc<TestApp>) {
    for (phone, email) in [
        (PHONES[0], "a@example.org"),
        (PHONES[3], "d@example.org"),
        (PHONES[4], "e@example.org"),
        (PHONES[5], "f@example.org"),
    ] {
        app.upstream.set_email(phone, email).await;
    }
    for (phone, status) in [
        (PHONES[0], "Active"),
        (PHONES[1], "Active"),
        (PHONES[3], "Disabled"),
        (PHONES[4], "Locked"),
        (PHONES[5], "Active"),
    ] {
        app.upstream.set_user_status(phone, status).await;
    }
    let mut other = app.browser();
    other.start(PHONES[5]).await;
    app.advance(seconds(FIRST_WAIT)).await;
    request_email(&mut other).await;
    app.advance(seconds(60)).await;
    for (case, millis) in [
        ("known", 5),
        ("unknown", 40),
        ("inactive", 80),
        ("wrong", 60),
    ] {
        app.upstream.set_latency("otp_send", case, millis).await;
    }
}

fn visible(response: &TestResponse) -> String {
    let headers = response.headers.iter();
    let headers: String = headers
        .map(|(name, value)| format!("\n{name}: {}", value.to_str().unwrap()))
        .collect();
    mask_random_parts(&format!("{}{headers}", response.status), &response.body)
}

#[track_caller]
fn assert_same(what: &str, responses: &[TestResponse]) {
    for (phone, response) in PHONES.iter().zip(responses) {
        assert_eq!(visible(response), visible(&responses[0]), "{what}: {phone}");
        assert_eq!(response.elapsed, responses[0].elapsed, "{what}: {phone}");
    }
}

/// Every browser posts at the same time, so that their flows have the same age.
async fn post(browsers: &mut [Browser], function: &str, fields: &[(&str, &str)], status: u16) {
    let app = browsers[0].app.clone();
    let forms = browsers.iter().zip(PHONES).map(|(browser, phone)| {
        let fields = [&[("phone", phone)], fields].concat();
        browser.form(function, &fields)
    });
    let responses = app.call_all_and_advance(forms.collect()).await;
    let status = if browsers[0].html {
        StatusCode::SEE_OTHER
    } else {
        StatusCode::from_u16(status).unwrap()
    };
    assert_eq!(
        responses[0].status, status,
        "{function}: {}",
        responses[0].body
    );
    assert_same(function, &responses);
    app.wait_for_sends().await;
    let mut pages = Vec::new();
    for (browser, response) in browsers.iter_mut().zip(&responses) {
        browser.store_cookies(response);
        pages.push(browser.get("/code").await);
    }
    assert_same(&format!("/code after {function}"), &pages);
}

async fn compare(html: bool, language: &'static str) {
    let app = app_with(|settings| settings.guard.number_emails_hourly = 1).await;
    prepare(&app).await;
    let browser = || Browser {
        html,
        language,
        ..app.browser()
    };
    let mut browsers: Vec<Browser> = PHONES.iter().map(|_| browser()).collect();
    let (sms, emails) = (
        app.upstream.call_count("otp_send").await,
        app.audit.events().len(),
    );
    post(&mut browsers, "send-code", &[], 200).await;
    app.advance(seconds(FIRST_WAIT)).await;
    post(&mut browsers, "resend-code", &BY_EMAIL, 200).await;
    post(&mut browsers, "verify-code", &[("code", "000000")], 401).await;
    app.advance(seconds(60)).await;
    post(&mut browsers, "resend-code", &[("channel", "sms")], 200).await;
    post(&mut browsers, "verify-code", &[("code", "000000")], 401).await;
    // Not the same merely because nothing happened: one e-mail was withheld, and one was sent.
    assert_eq!(app.upstream.call_count("otp_send").await - sms, 17);
    assert_eq!(app.upstream.messages("a@example.org").await.len(), 1);
    let events = &app.audit.events()[emails..];
    let withheld = |event: &&serde_json::Value| event["limit"] == "number_emails_hour";
    assert_eq!(events.iter().filter(withheld).count(), 1);
}

#[tokio::test]
async fn e1_a_request_by_email_tells_nothing_of_the_account_in_json() {
    compare(false, "en").await;
}

#[tokio::test]
async fn e1_a_request_by_email_tells_nothing_of_the_account_in_pages() {
    compare(true, "de").await;
}
