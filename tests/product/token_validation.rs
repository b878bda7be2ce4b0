//! Forged tokens and key rotation, as the user and the operator see them (requirements T1, T2, T3,
//! T5).

use std::sync::Arc;

use futures_util::future::join_all;
use latchkey::server::transmit::InvalidToken;
use latchkey::server::transmit::tokens::jwks_cache::{REFRESH_AFTER, USABLE_FOR};
use latchkey_sandbox::{CLIENT_ID, TENANT_ID};
use serde_json::json;

use crate::support::{KNOWN_PHONE, TestApp, TestResponse, different_code, seconds};
use latchkey_testkit::forged_tokens::{self, ForgedToken, TokenTerms};
use latchkey_testkit::log_capture::process_logs;
use latchkey_testkit::token_signer::TRUSTED;

/// The visible parts of a response: status, names of headers and cookies, and the body.
fn visible_parts(response: &TestResponse) -> (u16, Vec<String>, Vec<String>, String) {
    let mut headers: Vec<_> = response.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    let cookies = response
        .cookies()
        .iter()
        .filter_map(|line| line.split('=').next())
        .map(str::to_owned)
        .collect();
    (
        response.status.as_u16(),
        headers,
        cookies,
        response.body.clone(),
    )
}

/// The response to a wrong code.
async fn wrong_code(app: &Arc<TestApp>, phone: &str) -> TestResponse {
    let (mut browser, code) = app.start_sign_in(phone).await;
    browser.submit_code(&different_code(&code)).await
}

/// A separate number for each case.
fn number(index: usize) -> String {
    format!("+4474001{index:05}")
}

/// Forges a token for a user who signs in now, and makes upstream return it.
async fn return_forged_tokens(app: &Arc<TestApp>, case: &ForgedToken, phone: &str) {
    let terms = TokenTerms {
        issuer: app.upstream.base_url().to_owned(),
        client: CLIENT_ID.to_owned(),
        tenant: TENANT_ID.to_owned(),
        sub: "u-1".to_owned(),
        phone: phone.to_owned(),
        now: app.now().as_secs(),
    };
    let (id, access) = (case.forge)(&terms);
    let body = json!({
        "access_token": access, "id_token": id, "session_id": "s", "token_type": "Bearer",
        "expires_in": 3600,
    });
    let fault = json!({
        "operation": "otp_authenticate", "kind": "status", "status": 200, "body": body,
    });
    app.upstream.put_fault(fault).await;
}

#[tokio::test]
async fn t1_t2_t3_every_forged_token_equals_a_wrong_code_and_is_logged() {
    let app = TestApp::with_settings(|settings| settings.guard.enabled = false).await;
    let wrong = wrong_code(&app, KNOWN_PHONE).await;
    wrong.assert_code_refused();
    // Upstream's keys are now those with which the forged tokens are compared.
    let keys = json!({
        "operation": "jwks", "kind": "status", "status": 200,
        "body": { "keys": [TRUSTED.jwk()] },
    });
    app.upstream.put_fault(keys).await;
    app.advance(REFRESH_AFTER).await;
    let cases = forged_tokens::all();
    for (index, case) in cases.iter().enumerate() {
        let (name, phone) = (&case.name, number(index));
        let (mut browser, code) = app.start_sign_in(&phone).await;
        return_forged_tokens(&app, case, &phone).await;
        let before = app.upstream.call_count("otp_authenticate").await;
        let response = browser.submit_code(&code).await;
        assert_eq!(visible_parts(&response), visible_parts(&wrong), "{name}");
        assert_eq!(response.elapsed, wrong.elapsed, "{name}");
        assert_eq!(
            app.upstream.call_count("otp_authenticate").await,
            before + 1,
            "{name}"
        );
        assert!(!browser.is_signed_in().await, "{name}");
        let event = app.audit.events_named("authn_login_fail").pop().unwrap();
        let fault = InvalidToken {
            token: case.token,
            error: case.flaw,
        };
        assert_eq!(event["reason"], "invalid_token", "{name}");
        assert_eq!(
            event["detail"],
            format!("otp_authenticate: token refused: {fault}"),
            "{name}"
        );
    }
    assert_eq!(app.audit.count("session_created"), 0);
    let log = process_logs().text();
    for case in &cases {
        let fault = InvalidToken {
            token: case.token,
            error: case.flaw,
        };
        assert!(
            log.contains(&format!(
                "upstream call failed: otp_authenticate: token refused: {fault}"
            )),
            "{}",
            case.name
        );
    }
    assert!(!log.contains("eyJ"), "no token in the log");
    println!("{} forged tokens, one response", cases.len());
}

#[tokio::test]
async fn t1_t3_tampered_tokens_are_refused_until_they_are_valid_again() {
    let changes = [
        (
            json!({ "token": "id", "signature": "none" }),
            "ID token: algorithm not allowed",
        ),
        (
            json!({ "token": "id", "signature": "hs256" }),
            "ID token: algorithm not allowed",
        ),
        (
            json!({ "token": "id", "signature": "foreign" }),
            "ID token: wrong signature",
        ),
        (
            json!({ "token": "access", "signature": "stripped" }),
            "access token: wrong signature",
        ),
        (
            json!({ "token": "id", "header": { "kid": "k" } }),
            "ID token: unknown signing key",
        ),
        (
            json!({ "token": "id", "header": { "kid": null } }),
            "ID token: no key id",
        ),
        (
            json!({ "token": "access", "header": { "jku": "http://a" } }),
            "access token: header member not allowed",
        ),
        (
            json!({ "token": "id", "claims": { "aud": "another" } }),
            "ID token: wrong audience",
        ),
        (
            json!({ "token": "id", "claims": { "exp": null } }),
            "ID token: no `exp` claim",
        ),
        (
            json!({ "token": "id", "claims": { "phone_number": "+447400999999" } }),
            "ID token: another phone number",
        ),
        (
            json!({ "token": "access", "claims": { "sub": "somebody" } }),
            "access token: another subject",
        ),
        (
            json!({ "token": "access", "claims": { "tid": "another" } }),
            "access token: wrong tenant",
        ),
        (
            json!({ "token": "id", "claims": { "at_hash": "x" } }),
            "ID token: made out for another access token",
        ),
    ];
    let app = TestApp::with_settings(|settings| settings.guard.enabled = false).await;
    let wrong = wrong_code(&app, KNOWN_PHONE).await;
    for (index, (change, flaw)) in changes.into_iter().enumerate() {
        let phone = number(index);
        let (mut browser, code) = app.start_sign_in(&phone).await;
        app.upstream.tamper_with_tokens(change.clone()).await;
        let response = browser.submit_code(&code).await;
        assert_eq!(visible_parts(&response), visible_parts(&wrong), "{change}");
        let detail = app.audit.events_named("authn_login_fail").pop().unwrap()["detail"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(detail.ends_with(flaw), "{change}: {detail}");
        // The code is used up; the next one works once tokens are valid.
        app.upstream
            .tamper_with_tokens(json!({ "token": change["token"], "times": 0 }))
            .await;
        app.advance(seconds(60)).await;
        browser.start(&phone).await;
        let code = app.upstream.newest_code(&phone).await;
        browser.submit_code(&code).await.assert_next("/account");
    }
}

async fn assert_signs_in(app: &Arc<TestApp>, phone: &str, case: &str) {
    let (mut browser, code) = app.start_sign_in(phone).await;
    let response = browser.submit_code(&code).await;
    assert_eq!(response.status, 200, "{case}: {}", response.body);
    assert!(browser.is_signed_in().await, "{case}");
}

#[tokio::test]
async fn t5_key_rotations_between_sign_ins_fail_no_sign_in() {
    let app = TestApp::with_settings(|settings| settings.guard.enabled = false).await;
    assert_signs_in(&app, &number(0), "before").await;
    let rotations = [
        json!({}),
        json!({ "algorithm": "PS256" }),
        json!({ "algorithm": "PS256", "keep_old": false }),
        json!({ "algorithm": "RS256", "keep_old": false }),
        json!({ "algorithm": "RS256" }),
    ];
    for (index, how) in rotations.into_iter().enumerate() {
        app.upstream.rotate_keys_with(how.clone()).await;
        assert_signs_in(&app, &number(index + 1), &how.to_string()).await;
    }
    assert_eq!(
        app.upstream.call_count("jwks").await,
        6,
        "one fetch a rotation"
    );
    assert_eq!(app.audit.count("authn_login_fail"), 0);
}

#[tokio::test]
async fn t5_key_rotations_during_sign_ins_fail_no_sign_in() {
    let app = TestApp::with_settings(|settings| settings.guard.enabled = false).await;
    let mut waiting = Vec::new();
    for index in 0..24 {
        waiting.push(app.start_sign_in(&number(index)).await);
    }
    // Keys rotate while responses are delayed, so that tokens of several keys arrive interleaved.
    app.upstream
        .set_latency("otp_authenticate", "correct", 30)
        .await;
    for batch in waiting.chunks_mut(8) {
        let sign_ins = join_all(batch.iter_mut().map(|(browser, code)| {
            let request = browser.form("verify-code", &[("code", code)]);
            app.spawn_call(request)
        }));
        let (responses, ()) = tokio::join!(sign_ins, app.upstream.rotate_keys());
        for response in responses {
            let response = response.unwrap();
            assert_eq!(response.status, 200, "{}", response.body);
        }
    }
    assert_eq!(app.audit.count("session_created"), 24);
    assert!(app.upstream.call_count("jwks").await <= 1 + 3 + 3);
}

#[tokio::test]
async fn t5_cached_keys_bridge_a_jwks_outage_for_a_day() {
    let app = TestApp::with_settings(|settings| settings.guard.enabled = false).await;
    assert_signs_in(&app, &number(0), "before").await;
    app.upstream.inject_fault("jwks", "reset", None).await;
    assert_signs_in(&app, &number(1), "keys in hand").await;
    app.advance(REFRESH_AFTER).await;
    assert_signs_in(&app, &number(2), "old keys").await;
    app.advance(USABLE_FOR - REFRESH_AFTER - seconds(60)).await;
    assert_signs_in(&app, &number(3), "very old keys").await;
    app.advance(seconds(60)).await;
    app.upstream.set_user_status(&number(4), "Active").await;
    let sent = app.upstream.call_count("otp_send").await;
    app.browser()
        .request_code(&number(4))
        .await
        .assert_unavailable();
    assert_eq!(
        app.upstream.call_count("otp_send").await,
        sent,
        "no code is sent that could not be checked"
    );
    app.upstream.inject_fault("jwks", "reset", Some(0)).await;
    app.advance(seconds(60)).await;
    assert_signs_in(&app, &number(5), "after").await;
}

#[tokio::test]
async fn t5_an_unpublished_key_causes_few_jwks_requests() {
    let app = TestApp::with_settings(|settings| settings.guard.enabled = false).await;
    assert_signs_in(&app, &number(0), "before").await;
    app.upstream
        .rotate_keys_with(json!({ "publish": false }))
        .await;
    let wrong = wrong_code(&app, KNOWN_PHONE).await.json();
    for index in 1..=10 {
        let (mut browser, code) = app.start_sign_in(&number(index)).await;
        assert_eq!(browser.submit_code(&code).await.json(), wrong);
    }
    let fetched = app.upstream.call_count("jwks").await;
    assert!(fetched <= 1 + 5 + 1, "{fetched}");
    app.upstream.rotate_keys().await;
    app.advance(seconds(30)).await;
    assert_signs_in(&app, &number(11), "after").await;
}
