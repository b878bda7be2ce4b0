//! `otp/authenticate`: correct codes, expiry, and what is refused.

use reqwest::Method;
use serde_json::json;

use latchkey_testkit::sandbox_client::{
    PHONE, authenticate_body, send_body, start_sandbox, with_field,
};

use crate::otp_refusals::{EXPIRED, INACTIVE, MALFORMED, WRONG, refused};

const SEND: &str = "/cis/v1/auth/otp/send";
const AUTHENTICATE: &str = "/cis/v1/auth/otp/authenticate";

#[tokio::test]
async fn the_correct_code_signs_in_once() {
    let sandbox = start_sandbox().await;
    assert_eq!(
        sandbox.set_user_status(PHONE, "Pending").await["phone_number"]["phone_number_verified"],
        false
    );
    sandbox.send_code(PHONE).await;
    let code = sandbox.newest_code(PHONE).await;
    let (status, body) = sandbox.authenticate(PHONE, &code).await;
    assert_eq!(
        (status, &body["token_type"], &body["expires_in"]),
        (200, &json!("Bearer"), &json!(3600))
    );
    for field in ["access_token", "id_token", "refresh_token", "session_id"] {
        assert!(
            body[field].as_str().is_some_and(|value| !value.is_empty()),
            "{field}"
        );
    }
    let user = sandbox
        .get("/cis/v1/users/phone-number/%2B12025550123")
        .await
        .1["result"]
        .clone();
    assert_eq!(
        (
            &user["status"],
            &user["phone_number"]["phone_number_verified"]
        ),
        (&json!("Active"), &json!(true))
    );
    refused(&sandbox.authenticate(PHONE, &code).await, WRONG);
}

#[tokio::test]
async fn of_fifty_concurrent_correct_codes_one_signs_in() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.set_policy(json!({ "max_failures": 20 })).await;
    sandbox.send_code(PHONE).await;
    let code = sandbox.newest_code(PHONE).await;
    let request = || {
        sandbox
            .request(Method::POST, AUTHENTICATE)
            .json(&authenticate_body(PHONE, &code))
            .send()
    };
    let tries: Vec<_> = (0..50).map(|_| tokio::spawn(request())).collect();
    let mut won = 0;
    for attempt in tries {
        let status = attempt.await.unwrap().unwrap().status().as_u16();
        won += u32::from(status == 200);
        assert!(matches!(status, 200 | 400 | 403), "{status}");
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_code_expires_after_five_minutes() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    sandbox.advance_clock("4m 55s").await;
    let code = sandbox.newest_code(PHONE).await;
    sandbox.advance_clock("5s").await;
    for _ in 0..5 {
        // An expired code is not counted as a failure.
        refused(&sandbox.authenticate(PHONE, &code).await, EXPIRED);
    }
    sandbox.send_code(PHONE).await;
    sandbox.advance_clock("4m 50s").await;
    assert_eq!(sandbox.authenticate_newest(PHONE).await.0, 200);

    let (status, _) = sandbox
        .post(SEND, with_field(send_body(PHONE), "expires_in", json!(10)))
        .await;
    assert_eq!(status, 200);
    sandbox.advance_clock("9m 50s").await;
    assert_eq!(sandbox.authenticate_newest(PHONE).await.0, 200);
}

#[tokio::test]
async fn a_resend_invalidates_the_previous_code() {
    let sandbox = start_sandbox().await;
    sandbox.set_policy(json!({ "otp_length": 8 })).await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let former = sandbox.newest_code(PHONE).await;
    sandbox.send_code(PHONE).await;
    refused(&sandbox.authenticate(PHONE, &former).await, WRONG);
    assert_eq!(sandbox.authenticate_newest(PHONE).await.0, 200);
}

#[tokio::test]
async fn unknown_and_disabled_users_are_refused() {
    let sandbox = start_sandbox().await;
    refused(&sandbox.authenticate(PHONE, "123456").await, WRONG);
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    sandbox.set_user_status(PHONE, "Disabled").await;
    let code = sandbox.newest_code(PHONE).await;
    refused(&sandbox.authenticate(PHONE, &code).await, INACTIVE);
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(sandbox.authenticate(PHONE, &code).await.0, 200);
}

#[tokio::test]
async fn malformed_input_is_refused_and_not_counted() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let code = sandbox.newest_code(PHONE).await;
    let body = || authenticate_body(PHONE, &code);
    let cases = [
        json!({}),
        json!({ "identifier_type": "phone_number", "identifier": PHONE }),
        json!({ "identifier_type": "phone_number", "passcode": code }),
        with_field(body(), "passcode", json!(123_456)),
        with_field(body(), "passcode", json!("")),
        with_field(body(), "identifier_type", json!("phone")),
        with_field(body(), "identifier", json!("12025550123")),
        with_field(body(), "code", json!(code)),
        with_field(body(), "resource", json!("not a uri")),
        with_field(body(), "claims", json!({ "id_token": ["phone_number"] })),
        with_field(
            body(),
            "claims",
            json!({ "id_token": { "phone_number": true } }),
        ),
        with_field(body(), "org_id", json!("org")),
        with_field(body(), "session_id", json!("unknown")),
        with_field(body(), "device_id", json!("x".repeat(81))),
        with_field(body(), "client_attributes", json!("text")),
    ];
    for case in cases {
        refused(&sandbox.post(AUTHENTICATE, case).await, MALFORMED);
    }
    assert_eq!(sandbox.authenticate(PHONE, &code).await.0, 200);
}

#[tokio::test]
async fn a_code_verifies_only_the_contact_it_was_sent_to() {
    let sandbox = start_sandbox().await;
    sandbox
        .post(
            "/cis/v1/users",
            json!({ "phone_number": PHONE, "email": "ann@example.org" }),
        )
        .await;
    let verified = async || {
        let user = sandbox
            .get("/cis/v1/users/phone-number/%2B12025550123")
            .await
            .1["result"]
            .clone();
        let [phone, email] = [
            &user["phone_number"]["phone_number_verified"],
            &user["email"]["email_verified"],
        ];
        (phone == true, email == true)
    };
    let elsewhere = with_field(
        send_body(PHONE),
        "custom_phone_number",
        json!("+12025550199"),
    );
    assert_eq!(sandbox.post(SEND, elsewhere).await.0, 200);
    let (status, _) = sandbox
        .authenticate(PHONE, &sandbox.newest_code("+12025550199").await)
        .await;
    assert_eq!(status, 200);
    assert_eq!(verified().await, (false, false));
    assert_eq!(
        sandbox
            .post(
                SEND,
                with_field(send_body(PHONE), "channel", json!("email"))
            )
            .await
            .0,
        200
    );
    let (status, _) = sandbox
        .authenticate(PHONE, &sandbox.newest_code("ann@example.org").await)
        .await;
    assert_eq!(status, 200);
    assert_eq!(verified().await, (false, true));
    sandbox.send_code(PHONE).await;
    assert_eq!(sandbox.authenticate_newest(PHONE).await.0, 200);
    assert_eq!(verified().await, (true, true));
}
