//! `otp/authenticate`: failures that are counted, and the lock that follows.

use reqwest::Method;
use serde_json::json;

use latchkey_testkit::sandbox_client::{
    PHONE, authenticate_body, different_code, percent_encode_plus, send_body, start_sandbox,
    with_field,
};

use crate::otp_refusals::{EXPIRED, LOCKED, WRONG, refused};

const AUTHENTICATE: &str = "/cis/v1/auth/otp/authenticate";

#[tokio::test]
async fn concurrent_wrong_codes_are_each_counted() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let wrong = different_code(&sandbox.newest_code(PHONE).await);
    let request = || {
        sandbox
            .request(Method::POST, AUTHENTICATE)
            .json(&authenticate_body(PHONE, &wrong))
            .send()
    };
    let tries: Vec<_> = (0..50).map(|_| tokio::spawn(request())).collect();
    let mut compared = 0;
    for attempt in tries {
        compared += u32::from(attempt.await.unwrap().unwrap().status() == 400);
    }
    assert_eq!(compared, 3);
}

#[tokio::test]
async fn three_failures_lock_the_user_for_fifteen_minutes() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let wrong = different_code(&sandbox.newest_code(PHONE).await);
    refused(&sandbox.authenticate(PHONE, &wrong).await, WRONG);
    refused(&sandbox.authenticate(PHONE, &wrong).await, WRONG);
    // A new code does not reset the failure count, which belongs to the user.
    sandbox.send_code(PHONE).await;
    let wrong = different_code(&sandbox.newest_code(PHONE).await);
    refused(&sandbox.authenticate(PHONE, &wrong).await, WRONG);
    refused(&sandbox.authenticate_newest(PHONE).await, LOCKED);

    assert_eq!(
        sandbox.send_code(PHONE).await.0,
        200,
        "the vendor does not say that a locked user is refused at send"
    );
    refused(&sandbox.authenticate_newest(PHONE).await, LOCKED);
    sandbox.advance_clock("14m 55s").await;
    sandbox.send_code(PHONE).await;
    refused(&sandbox.authenticate_newest(PHONE).await, LOCKED);
    sandbox.advance_clock("5s").await;
    assert_eq!(sandbox.authenticate_newest(PHONE).await.0, 200);
}

#[tokio::test]
async fn a_success_resets_the_failure_count_of_its_user_only() {
    let sandbox = start_sandbox().await;
    for phone in [PHONE, "+12025550124"] {
        sandbox.set_user_status(phone, "Active").await;
    }
    for _ in 0..3 {
        sandbox.send_code(PHONE).await;
        let code = sandbox.newest_code(PHONE).await;
        for _ in 0..2 {
            assert_eq!(
                sandbox.authenticate(PHONE, &different_code(&code)).await.0,
                400
            );
        }
        assert_eq!(sandbox.authenticate(PHONE, &code).await.0, 200);
    }
    for _ in 0..3 {
        assert_eq!(
            sandbox.authenticate(PHONE, "000000").await.0,
            400,
            "without a code tries count too"
        );
    }
    refused(&sandbox.authenticate(PHONE, "000000").await, LOCKED);
    sandbox.send_code("+12025550124").await;
    assert_eq!(sandbox.authenticate_newest("+12025550124").await.0, 200);
}

#[tokio::test]
async fn the_policy_can_refuse_sends_to_a_locked_user() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Locked").await;
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
    sandbox
        .set_policy(json!({ "lock_refuses_send": true }))
        .await;
    refused(&sandbox.send_code(PHONE).await, LOCKED);
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
}

#[tokio::test]
async fn the_policy_sets_length_lifetime_and_lockout() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let policy =
        json!({ "otp_length": 4, "otp_lifetime": "30s", "max_failures": 1, "lockout": "2m" });
    sandbox.set_policy(policy).await;
    sandbox.send_code(PHONE).await;
    let code = sandbox.newest_code(PHONE).await;
    assert_eq!(code.len(), 4);
    sandbox.advance_clock("31s").await;
    refused(&sandbox.authenticate(PHONE, &code).await, EXPIRED);
    refused(
        &sandbox.authenticate(PHONE, &different_code(&code)).await,
        WRONG,
    );
    refused(&sandbox.authenticate(PHONE, &code).await, LOCKED);
    sandbox.advance_clock("2m").await;
    sandbox.send_code(PHONE).await;
    assert_eq!(sandbox.authenticate_newest(PHONE).await.0, 200);
}

#[tokio::test]
async fn a_lock_makes_the_code_void() {
    let sandbox = start_sandbox().await;
    sandbox.set_policy(json!({ "lockout": "30s" })).await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let code = sandbox.newest_code(PHONE).await;
    for _ in 0..3 {
        refused(
            &sandbox.authenticate(PHONE, &different_code(&code)).await,
            WRONG,
        );
    }
    sandbox.advance_clock("31s").await;
    refused(&sandbox.authenticate(PHONE, &code).await, WRONG);

    // The same of a lock that a test sets.
    sandbox.send_code(PHONE).await;
    let code = sandbox.newest_code(PHONE).await;
    sandbox.set_user_status(PHONE, "Locked").await;
    sandbox.set_user_status(PHONE, "Active").await;
    refused(&sandbox.authenticate(PHONE, &code).await, WRONG);
}

/// Fails `sms` times with a code by SMS, then `email` times with one by e-mail.
async fn fail_on_both_channels(count: &str, sms: usize, email: usize) -> (u16, serde_json::Value) {
    let sandbox = start_sandbox().await;
    sandbox.set_policy(json!({ "failure_count": count })).await;
    let path = format!("users/{}", percent_encode_plus(PHONE));
    let user = json!({ "status": "Active", "email": "ann@example.org" });
    sandbox.control(Method::PUT, &path, user).await;
    let mut answer = (0, json!(null));
    for (channel, to, failures) in [("sms", PHONE, sms), ("email", "ann@example.org", email)] {
        let body = with_field(send_body(PHONE), "channel", json!(channel));
        sandbox.post("/cis/v1/auth/otp/send", body).await;
        let code = sandbox.newest_code(to).await;
        for _ in 0..failures {
            let wrong = different_code(&code);
            refused(&sandbox.authenticate(PHONE, &wrong).await, WRONG);
        }
        if channel == "email" {
            answer = sandbox.authenticate(PHONE, &code).await;
        }
    }
    answer
}

#[tokio::test]
async fn failures_count_for_all_channels_or_for_each_by_itself() {
    assert_eq!(fail_on_both_channels("shared", 1, 1).await.0, 200);
    refused(&fail_on_both_channels("shared", 2, 1).await, LOCKED);
    assert_eq!(fail_on_both_channels("per_channel", 2, 2).await.0, 200);
    refused(&fail_on_both_channels("per_channel", 0, 3).await, LOCKED);
}
