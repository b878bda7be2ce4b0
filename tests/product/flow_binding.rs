//! How a code is bound to its flow and its browser upstream: request ID and device ID (requirement
//! C10).

use std::sync::Arc;

use latchkey::server::settings::Settings;
use latchkey::server::settings::transmit::RequestIdMode;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use serde_json::{Value, json};

use crate::support::browser::USER_AGENT_HEADER;
use crate::support::{KNOWN_PHONE, TestApp, Upstream, seconds, wait_until};
use latchkey_testkit::recording_proxy::RecordingProxy;
use latchkey_testkit::sandbox_client::http_client;

const SEND: &str = "/cis/v1/auth/otp/send";
const VERIFY: &str = "/cis/v1/auth/otp/authenticate";

async fn app_with_request_ids(mode: impl Into<RequestIdMode>) -> Arc<TestApp> {
    let mode = mode.into();
    TestApp::with_settings(|settings| settings.transmit.generate_request_id = mode).await
}

/// An app whose upstream calls are recorded.
async fn recorded_app(change: impl FnOnce(&mut Settings)) -> (Arc<TestApp>, RecordingProxy) {
    let upstream = Arc::new(Upstream::start().await);
    let mut settings = Settings::default();
    upstream.configure(&mut settings);
    let proxy = RecordingProxy::start(
        http_client(),
        settings.transmit.base_url.unwrap().as_str(),
        |_| {},
    )
    .await;
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let app = TestApp::with_store(store, upstream, |settings| {
        settings.transmit.base_url = proxy.base.parse().ok();
        change(settings);
    });
    (app, proxy)
}

fn bodies(proxy: &RecordingProxy, path: &str) -> Vec<Value> {
    let sent: Vec<_> = proxy
        .exchanges()
        .into_iter()
        .filter(|exchange| exchange.path == path)
        .collect();
    assert!(sent.iter().all(
        |exchange| exchange.method == "POST" && exchange.headers.contains_key("authorization")
    ));
    sent.iter()
        .map(latchkey_testkit::recording_proxy::Exchange::request_json)
        .collect()
}

#[tokio::test]
async fn c10_the_request_id_is_bound_to_the_flow_in_either_spelling() {
    for (asks, policy) in [
        (true, json!({ "request_id": "snake" })),
        (true, json!({ "request_id": "camel" })),
        (
            false,
            json!({ "request_id": "snake", "request_id_always": true }),
        ),
        (
            false,
            json!({ "request_id": "camel", "request_id_always": true }),
        ),
    ] {
        let app = app_with_request_ids(asks).await;
        app.upstream.set_policy(policy).await;
        // Upstream accepts no code without its ID.
        app.browser()
            .sign_in(KNOWN_PHONE)
            .await
            .assert_next("/account");
    }
}

#[tokio::test]
async fn c10_auto_signs_in_with_every_tenant() {
    for tenant in ["snake", "camel", "none", "refused"] {
        let app = app_with_request_ids(RequestIdMode::Auto).await;
        app.upstream
            .set_policy(json!({ "request_id": tenant }))
            .await;
        app.browser()
            .sign_in(KNOWN_PHONE)
            .await
            .assert_next("/account");
        let sends = app.upstream.call_count("otp_send").await;
        assert_eq!(sends, if tenant == "refused" { 2 } else { 1 }, "{tenant}");
    }
}

#[tokio::test]
async fn c10_true_verifies_no_code_that_is_not_bound() {
    for (tenant, messages) in [("none", 1), ("refused", 0)] {
        let app = app_with_request_ids(true).await;
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        app.upstream
            .set_policy(json!({ "request_id": tenant }))
            .await;
        let mut browser = app.browser();
        browser.start(KNOWN_PHONE).await;
        app.wait_for_sends().await;
        let sent = app.upstream.messages(KNOWN_PHONE).await;
        assert_eq!(sent.len(), messages, "{tenant}");
        let code = sent
            .last()
            .map_or("123456", |sent| sent["code"].as_str().unwrap());
        let refused = browser.submit_code(code).await;
        refused.assert_code_refused();
        assert_eq!(app.upstream.call_count("otp_authenticate").await, 0);
        assert_eq!(app.audit.events_named("otp_send_result")[0]["sent"], false);
    }
}

/// A flow that began while codes were not bound.
#[tokio::test]
async fn c10_true_refuses_the_codes_of_flows_from_before() {
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let upstream = Arc::new(Upstream::start().await);
    let before = TestApp::with_store(store.clone(), upstream.clone(), |settings| {
        settings.transmit.generate_request_id = false.into();
    });
    let (browser, code) = before.start_sign_in(KNOWN_PHONE).await;
    let after = TestApp::with_store(store, upstream, |settings| {
        settings.transmit.generate_request_id = true.into();
    });
    after.catch_up_with(&before);
    let mut resumed = after.browser();
    resumed.cookies = browser.cookies;
    let refused = resumed.submit_code(&code).await;
    refused.assert_code_refused();
    assert_eq!(after.upstream.call_count("otp_authenticate").await, 0);
}

#[tokio::test]
async fn c10_a_restart_does_not_ask_again_before_a_day_has_passed() {
    const DAY: u64 = 86_400;
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let upstream = Arc::new(Upstream::start().await);
    upstream
        .set_policy(json!({ "request_id": "refused" }))
        .await;
    let mut before: Option<Arc<TestApp>> = None;
    for sends in [2, 1] {
        let app = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
        if let Some(before) = &before {
            app.catch_up_with(before);
            app.advance(seconds(60)).await;
        }
        let calls = app.upstream.call_count("otp_send").await;
        app.browser().sign_in(KNOWN_PHONE).await;
        assert_eq!(app.upstream.call_count("otp_send").await - calls, sends);
        before = Some(app);
    }
    let app = before.unwrap();
    app.advance(seconds(DAY)).await;
    upstream.set_policy(json!({ "request_id": "snake" })).await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    browser.submit_code(&code).await.assert_next("/account");
    assert!(app.product.transmit.requests_ids());
}

/// The message may arrive before upstream's answer, which holds the request id.
#[tokio::test]
async fn c10_a_code_that_is_faster_than_the_answer_to_its_send_works() {
    let app = app_with_request_ids(RequestIdMode::Auto).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.upstream.set_latency("otp_send", "known", 700).await;
    let mut browser = app.browser();
    browser
        .post("send-code", &[("phone", KNOWN_PHONE)])
        .await
        .assert_next("/code");
    wait_until("the message", async || {
        !app.upstream.messages(KNOWN_PHONE).await.is_empty()
    })
    .await;
    browser.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn c10_a_resend_replaces_the_request_id() {
    for first in ["snake", "none"] {
        for second in ["camel", "none"] {
            let app = app_with_request_ids(RequestIdMode::Auto).await;
            app.upstream
                .set_policy(json!({ "request_id": first }))
                .await;
            let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
            app.upstream
                .set_policy(json!({ "request_id": second }))
                .await;
            app.advance(seconds(30)).await;
            browser.resend_and_wait().await;
            let code = app.upstream.newest_code(KNOWN_PHONE).await;
            browser.submit_code(&code).await.assert_next("/account");
        }
    }
}

#[tokio::test]
async fn c10_the_request_id_of_another_flow_is_refused() {
    let app = app_with_request_ids(true).await;
    let (mut first, _) = app.start_sign_in(KNOWN_PHONE).await;
    app.advance(seconds(40)).await;
    let mut second = app.browser();
    second.start(KNOWN_PHONE).await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;

    let before = app.upstream.call_counts().await;
    let refused = first.submit_code(&code).await;
    let wrong = refused.assert_code_refused();
    assert_eq!(
        app.upstream.calls_since(&before).await["otp_authenticate"],
        1,
        "upstream decided"
    );
    second.submit_code(&code).await.assert_next("/account");

    // The sentence and the time are those of any wrong code.
    let other = app_with_request_ids(true).await;
    let (mut browser, _) = other.start_sign_in(KNOWN_PHONE).await;
    let guessed = browser.submit_wrong_code(KNOWN_PHONE).await;
    assert_eq!(
        (guessed.assert_code_refused(), guessed.elapsed),
        (wrong, refused.elapsed)
    );
}

#[tokio::test]
async fn c10_request_ids_are_requested_only_when_configured() {
    for is_on in [true, false] {
        let (app, proxy) =
            recorded_app(|settings| settings.transmit.generate_request_id = is_on.into()).await;
        app.browser()
            .sign_in(KNOWN_PHONE)
            .await
            .assert_next("/account");
        let (send, verify) = (&bodies(&proxy, SEND)[0], &bodies(&proxy, VERIFY)[0]);
        assert_eq!(
            send.get("generate_request_id"),
            is_on.then_some(&json!(true))
        );
        assert_eq!(verify.get("request_id").is_some(), is_on);
    }
}

#[tokio::test]
async fn a_recognised_device_has_a_stable_device_id_that_is_no_cookie() {
    let (app, proxy) = recorded_app(|settings| settings.transmit.device_id = true).await;
    let mut browser = app.browser();
    let mut cookies = Vec::new();
    for _ in 0..3 {
        browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
        cookies.push(browser.cookie("latchkey-browser").unwrap().to_owned());
        browser.post("sign-out", &[]).await.assert_next("/sign-in");
        app.advance(seconds(60)).await;
    }
    let ids = |path| {
        bodies(&proxy, path)
            .iter()
            .map(|body| body.get("device_id").cloned())
            .collect::<Vec<_>>()
    };
    let (sent, tried) = (ids(SEND), ids(VERIFY));
    // An unrecognised device has none. Later it stays the same although the cookie is rotated.
    let id = sent[1].clone().unwrap();
    assert_eq!(sent, [None, Some(id.clone()), Some(id.clone())]);
    assert_eq!(tried, sent);
    let id = id.as_str().unwrap();
    assert_eq!(id.len(), 43);
    assert!(cookies.iter().all(|cookie| cookie != id) && cookies[0] != cookies[1]);

    // Another browser of the same person has another ID.
    let mut second = app.browser();
    for _ in 0..2 {
        second.sign_in(KNOWN_PHONE).await.assert_next("/account");
        second.post("sign-out", &[]).await.assert_next("/sign-in");
        app.advance(seconds(60)).await;
    }
    let all = ids(SEND);
    assert!(all[3].is_none() && all[4].as_ref().is_some_and(|other| other != id));
    // For another number, a recognised device is unrecognised.
    second
        .sign_in("+447400777888")
        .await
        .assert_next("/account");
    assert_eq!(ids(SEND)[5], None);
}

#[tokio::test]
async fn client_attributes_and_device_id_are_sent_as_configured() {
    let (app, proxy) = recorded_app(|_| {}).await;
    let mut browser = app.browser();
    let expected =
        json!({ "user_agent": USER_AGENT_HEADER, "ip_address": browser.address.to_string() });
    for _ in 0..2 {
        browser.sign_in(KNOWN_PHONE).await;
        browser.post("sign-out", &[]).await;
        app.advance(seconds(60)).await;
    }
    for body in [bodies(&proxy, SEND), bodies(&proxy, VERIFY)].concat() {
        assert_eq!(
            (&body["client_attributes"], body.get("device_id")),
            (&expected, None)
        );
    }

    let (app, proxy) = recorded_app(|settings| settings.transmit.client_attributes = false).await;
    app.browser().sign_in(KNOWN_PHONE).await;
    for body in [bodies(&proxy, SEND), bodies(&proxy, VERIFY)].concat() {
        assert_eq!(body.get("client_attributes"), None);
    }
}
