//! A store that fails at some writes or at all calls.

use std::sync::Arc;

use latchkey::server::store::RecordKind;

use crate::support::{KNOWN_PHONE, TestApp, Upstream, minutes};
use latchkey_testkit::fault_store::{FaultStore, StoreCall};

/// What is written after a success and may be lost: the reset of counters and the device cookie.
const AFTER_SUCCESS: [StoreCall; 2] = [
    StoreCall::Reset,
    StoreCall::Put(RecordKind::RecognisedDevice),
];

#[tokio::test]
async fn a_right_code_signs_in_although_later_writes_fail() {
    let store = FaultStore::in_memory();
    store.set_failing(&AFTER_SUCCESS);
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    browser.submit_code(&code).await.assert_next("/account");
    assert_eq!(store.failure_count(), 2, "counters and browser");
    assert!(browser.is_signed_in().await);
    assert_eq!(browser.cookie("latchkey-browser"), None);
    assert_eq!(
        (
            app.audit.count("authn_login_success"),
            app.audit.count("session_created")
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn k7_a_session_that_cannot_be_stored_is_ended_upstream() {
    let store = FaultStore::in_memory();
    let [reset, device_cookie] = AFTER_SUCCESS;
    store.set_failing(&[reset, device_cookie, StoreCall::Put(RecordKind::Session)]);
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    browser.submit_code(&code).await.assert_unavailable();
    app.upstream.wait_for_calls("session_logout", 1).await;
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn s9_a_device_stays_recognised_when_its_new_cookie_cannot_be_stored() {
    let store = FaultStore::in_memory();
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut browser = app.signed_in().await;
    app.advance(minutes(1)).await;
    store.set_failing(&AFTER_SUCCESS);
    browser.sign_in(KNOWN_PHONE).await;
    store.set_failing(&[]);
    app.advance(minutes(16)).await;

    let mut other_browser = app.browser();
    other_browser.request_code(KNOWN_PHONE).await;
    other_browser.submit_wrong_code(KNOWN_PHONE).await;
    other_browser.submit_wrong_code(KNOWN_PHONE).await;
    // The last attempt is reserved for a recognised device.
    app.advance(minutes(1)).await;
    browser.sign_in(KNOWN_PHONE).await;
}
