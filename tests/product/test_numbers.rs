//! Test numbers: an ordinary sign-in of an ordinary user, whose code the operator reads. They serve
//! app-store reviewers and tests with a real tenant.

use std::sync::Arc;

use latchkey::server::admin::commands::{AdminCommand, AdminReply, run_command};
use latchkey::server::settings::Settings;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{RecordKind, Store};
use latchkey::server::test_numbers::TestMessageError;
use serde_json::json;

use crate::sms_gateway::{Twilio, register, use_gateway};
use crate::support::{
    KNOWN_PHONE, TestApp, UNKNOWN_PHONE, Upstream, different_code, minutes, seconds,
};
use latchkey_testkit::fault_store::{FaultStore, StoreCall};
use latchkey_testkit::log_capture;

fn list_test_numbers(settings: &mut Settings, numbers: &[&str], until: &str) {
    let listed: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number}={until}"))
        .collect();
    settings.test_numbers = listed.join(",").parse().unwrap();
}

/// An app that is its own tenant's gateway and has these test numbers for a month.
async fn app(twilio: &Twilio, store: Arc<dyn Store>, numbers: &[&str]) -> Arc<TestApp> {
    let month = latchkey::server::system::clock::Clock::system().now() + minutes(30 * 24 * 60);
    let app = TestApp::with_store(store, Arc::new(Upstream::start().await), |settings| {
        use_gateway(settings, twilio, "token");
        list_test_numbers(settings, numbers, &month.to_rfc3339());
    });
    register(&app).await;
    app
}

fn memory_store() -> Arc<dyn Store> {
    Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap())
}

/// The code that `latchkey test-code` would print, or the error.
async fn test_code(app: &TestApp, phone: &str) -> Result<String, String> {
    match run_command(
        &app.product.admin_services(),
        &AdminCommand::TestCode {
            identifier: phone.to_owned(),
        },
    )
    .await
    {
        AdminReply::TestCode { message: shown, .. } => Ok(shown.code.clone().unwrap()),
        AdminReply::NoMessage => Err(TestMessageError::NoMessage.to_string()),
        AdminReply::Failed(failure) => Err(failure.cause),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_test_number_signs_in_with_the_code_read_by_the_operator() {
    let twilio = Twilio::start().await;
    let app = app(&twilio, memory_store(), &[KNOWN_PHONE]).await;
    for phone in [KNOWN_PHONE, UNKNOWN_PHONE] {
        app.upstream.set_user_status(phone, "Active").await;
    }
    let mut reviewer = app.browser();
    reviewer
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
    let mut person = app.browser();
    person
        .request_code(UNKNOWN_PHONE)
        .await
        .assert_next("/code");
    assert_eq!(
        (
            twilio.texts(KNOWN_PHONE).len(),
            twilio.texts(UNKNOWN_PHONE).len()
        ),
        (0, 1)
    );
    assert_eq!(
        app.upstream.messages(KNOWN_PHONE).await[0]["delivery"],
        "delivered",
        "the tenant sees no difference"
    );

    assert!(
        test_code(&app, UNKNOWN_PHONE)
            .await
            .unwrap_err()
            .contains("no test number")
    );
    let code = test_code(&app, KNOWN_PHONE).await.unwrap();
    assert_eq!(code, app.upstream.newest_code(KNOWN_PHONE).await);
    reviewer.submit_code(&code).await.assert_next("/account");
    assert!(reviewer.is_signed_in().await);
    assert!(
        test_code(&app, KNOWN_PHONE)
            .await
            .unwrap_err()
            .contains("no message")
    );
    assert_eq!(
        app.audit.events_named("sms_delivery")[0]["subject"],
        app.audit.events_named("test_code_read")[0]["subject"]
    );
    assert_eq!(
        app.audit.events_named("test_code_read")[0]["uid"],
        rustix::process::getuid().as_raw()
    );
}

#[tokio::test]
async fn s1_c5_every_limit_applies_to_test_numbers() {
    let twilio = Twilio::start().await;
    let app = app(&twilio, memory_store(), &[KNOWN_PHONE]).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut browser = app.browser();
    browser.request_code(KNOWN_PHONE).await;
    let code = test_code(&app, KNOWN_PHONE).await.unwrap();
    for _ in 0..app
        .settings
        .transmit
        .passcode_limits(None)
        .attempts_per_code()
    {
        browser
            .submit_code(&different_code(&code))
            .await
            .assert_code_refused();
    }
    let before = app.upstream.call_count("otp_authenticate").await;
    browser.submit_code(&code).await.assert_slow_down();
    assert_eq!(
        app.upstream.call_count("otp_authenticate").await,
        before,
        "the right code is refused after the last attempt"
    );
    let mut other_browser = app.browser();
    other_browser
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
    assert_eq!(
        app.audit.events_named("otp_requested")[1]["decision"],
        "withheld",
        "the cool-down of the number"
    );
    // Sends without a success are limited as for any number in an hour.
    for _ in 0..10 {
        app.advance(seconds(125)).await;
        app.browser()
            .request_code(KNOWN_PHONE)
            .await
            .assert_next("/code");
    }
    let kept = app.audit.count_matching(|event| event["outcome"] == "kept");
    assert_eq!(kept, app.settings.guard.number_hourly as usize);
    assert_eq!(twilio.texts(KNOWN_PHONE).len(), 0);
}

#[tokio::test]
async fn a_test_number_does_not_bypass_the_tenant() {
    let twilio = Twilio::start().await;
    let app = app(&twilio, memory_store(), &[KNOWN_PHONE, UNKNOWN_PHONE]).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Disabled").await;
    for phone in [KNOWN_PHONE, UNKNOWN_PHONE] {
        app.browser().request_code(phone).await.assert_next("/code");
        assert!(
            test_code(&app, phone)
                .await
                .unwrap_err()
                .contains("no message"),
            "the tenant sends nothing"
        );
    }
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.advance(minutes(5)).await;
    let mut browser = app.browser();
    browser.request_code(KNOWN_PHONE).await;
    let code = test_code(&app, KNOWN_PHONE).await.unwrap();
    app.upstream
        .tamper_with_tokens(json!({ "token": "id", "signature": "none", "times": 1 }))
        .await;
    browser.submit_code(&code).await.assert_code_refused();
    assert!(
        !browser.is_signed_in().await,
        "tokens are validated as usual"
    );
}

#[tokio::test]
async fn an_expired_test_number_becomes_ordinary_at_runtime() {
    let twilio = Twilio::start().await;
    let app = app(&twilio, memory_store(), &[KNOWN_PHONE]).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.browser().request_code(KNOWN_PHONE).await;
    assert!(test_code(&app, KNOWN_PHONE).await.is_ok());
    app.advance(minutes(30 * 24 * 60)).await;
    app.browser().request_code(KNOWN_PHONE).await;
    assert_eq!(twilio.texts(KNOWN_PHONE).len(), 1, "sent to the phone");
    assert!(
        test_code(&app, KNOWN_PHONE)
            .await
            .unwrap_err()
            .contains("no test number")
    );
}

#[tokio::test]
async fn a_test_message_that_cannot_be_stored_is_not_sent() {
    let twilio = Twilio::start().await;
    let store = FaultStore::in_memory();
    let app = app(&twilio, store.clone(), &[KNOWN_PHONE]).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    store.set_failing(&[StoreCall::Put(RecordKind::TestMessage)]);
    app.browser()
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
    assert_eq!(
        app.upstream.messages(KNOWN_PHONE).await[0]["delivery"],
        "failed"
    );
    assert_eq!(
        app.audit.events_named("sms_delivery")[0]["outcome"],
        "not_sent"
    );
    assert_eq!(twilio.texts(KNOWN_PHONE).len(), 0);
    store.set_all_failing(true);
    assert!(
        test_code(&app, KNOWN_PHONE)
            .await
            .unwrap_err()
            .contains("the store cannot be used")
    );
    store.set_all_failing(false);
    store.set_failing(&[]);
    app.advance(minutes(2)).await;
    let mut browser = app.browser();
    browser.request_code(KNOWN_PHONE).await;
    let code = test_code(&app, KNOWN_PHONE).await.unwrap();
    browser.submit_code(&code).await.assert_next("/account");
}

#[tokio::test]
async fn l2_c11_neither_code_nor_number_is_written() {
    let phone = "+447400918293";
    let twilio = Twilio::start().await;
    let app = app(&twilio, memory_store(), &[phone]).await;
    app.upstream.set_user_status(phone, "Active").await;
    let mut browser = app.browser();
    browser.request_code(phone).await;
    let page = browser.get("/code").await.body;
    let response = run_command(
        &app.product.admin_services(),
        &AdminCommand::TestCode {
            identifier: phone.to_owned(),
        },
    )
    .await;
    let AdminReply::TestCode { message: shown, .. } = &response else {
        panic!()
    };
    let code = shown.code.clone().unwrap();
    browser.submit_code(&code).await.assert_next("/account");
    let written = [
        app.audit.text(),
        log_capture::process_logs().text(),
        page,
        browser.get("/account").await.body,
        format!("{response:?} {:?} {:?}", app.product, app.settings),
    ]
    .concat();
    let words: Vec<&str> = written
        .split(|c: char| !c.is_ascii_alphanumeric())
        .collect();
    assert!(!words.contains(&code.as_str()) && !written.contains("7400918293"));
}
