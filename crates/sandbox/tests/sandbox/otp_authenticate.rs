//! `otp/authenticate`: the policy of tries, locks and deadlines.

use reqwest::Method;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{
    PHONE, authenticate_body, different_code, send_body, start_sandbox, with_field,
};

const SEND: &str = "/cis/v1/auth/otp/send";
const AUTHENTICATE: &str = "/cis/v1/auth/otp/authenticate";

fn refused(answer: &(u16, Value), status: u16, slug: &str) {
    assert_eq!(
        (answer.0, &answer.1["error_code"]),
        (status, &json!(slug)),
        "{}",
        answer.1
    );
    assert!(answer.1["message"].is_string());
}

#[tokio::test]
async fn the_right_code_signs_in_once() {
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
    refused(
        &sandbox.authenticate(PHONE, &code).await,
        400,
        "auth_invalid_credentials",
    );
}

#[tokio::test]
async fn fifty_at_once_one_winner() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox
        .control(Method::PUT, "policy", json!({ "max_failures": 20 }))
        .await;
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
async fn fifty_wrong_at_once_are_counted_one_by_one() {
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
    refused(
        &sandbox.authenticate(PHONE, &wrong).await,
        400,
        "auth_invalid_credentials",
    );
    refused(
        &sandbox.authenticate(PHONE, &wrong).await,
        400,
        "auth_invalid_credentials",
    );
    // A new code does not refill the tries: they belong to the user.
    sandbox.send_code(PHONE).await;
    let wrong = different_code(&sandbox.newest_code(PHONE).await);
    refused(
        &sandbox.authenticate(PHONE, &wrong).await,
        400,
        "auth_invalid_credentials",
    );
    refused(
        &sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await,
        403,
        "auth_locked",
    );

    assert_eq!(
        sandbox.send_code(PHONE).await.0,
        200,
        "the vendor does not say that a locked user is refused at send"
    );
    refused(
        &sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await,
        403,
        "auth_locked",
    );
    sandbox.advance_clock("14m 55s").await;
    sandbox.send_code(PHONE).await;
    refused(
        &sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await,
        403,
        "auth_locked",
    );
    sandbox.advance_clock("5s").await;
    assert_eq!(
        sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_success_resets_the_count_and_other_users_have_their_own() {
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
    refused(
        &sandbox.authenticate(PHONE, "000000").await,
        403,
        "auth_locked",
    );
    sandbox.send_code("+12025550124").await;
    assert_eq!(
        sandbox
            .authenticate("+12025550124", &sandbox.newest_code("+12025550124").await)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_locked_user_may_be_refused_at_send() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Locked").await;
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
    sandbox
        .control(Method::PUT, "policy", json!({ "lock_refuses_send": true }))
        .await;
    refused(&sandbox.send_code(PHONE).await, 403, "auth_locked");
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
}

#[tokio::test]
async fn a_code_lives_five_minutes() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    sandbox.advance_clock("4m 55s").await;
    let code = sandbox.newest_code(PHONE).await;
    sandbox.advance_clock("5s").await;
    for _ in 0..5 {
        // Too late is no guess: it is not counted.
        refused(
            &sandbox.authenticate(PHONE, &code).await,
            400,
            "auth_otp_passcode_expired",
        );
    }
    sandbox.send_code(PHONE).await;
    sandbox.advance_clock("4m 50s").await;
    assert_eq!(
        sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await
            .0,
        200
    );

    assert_eq!(
        sandbox
            .post(SEND, with_field(send_body(PHONE), "expires_in", json!(10)))
            .await
            .0,
        200
    );
    sandbox.advance_clock("9m 50s").await;
    assert_eq!(
        sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_resend_voids_the_former_code() {
    let sandbox = start_sandbox().await;
    sandbox
        .control(Method::PUT, "policy", json!({ "otp_length": 8 }))
        .await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let former = sandbox.newest_code(PHONE).await;
    sandbox.send_code(PHONE).await;
    refused(
        &sandbox.authenticate(PHONE, &former).await,
        400,
        "auth_invalid_credentials",
    );
    assert_eq!(
        sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_policy_of_ones_own() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let policy =
        json!({ "otp_length": 4, "otp_lifetime": "30s", "max_failures": 1, "lockout": "2m" });
    sandbox.control(Method::PUT, "policy", policy).await;
    sandbox.send_code(PHONE).await;
    let code = sandbox.newest_code(PHONE).await;
    assert_eq!(code.len(), 4);
    sandbox.advance_clock("31s").await;
    refused(
        &sandbox.authenticate(PHONE, &code).await,
        400,
        "auth_otp_passcode_expired",
    );
    refused(
        &sandbox.authenticate(PHONE, &different_code(&code)).await,
        400,
        "auth_invalid_credentials",
    );
    refused(
        &sandbox.authenticate(PHONE, &code).await,
        403,
        "auth_locked",
    );
    sandbox.advance_clock("2m").await;
    sandbox.send_code(PHONE).await;
    assert_eq!(
        sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn strangers_and_disabled_users_are_refused() {
    let sandbox = start_sandbox().await;
    refused(
        &sandbox.authenticate(PHONE, "123456").await,
        400,
        "auth_invalid_credentials",
    );
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    sandbox.set_user_status(PHONE, "Disabled").await;
    let code = sandbox.newest_code(PHONE).await;
    refused(
        &sandbox.authenticate(PHONE, &code).await,
        403,
        "user_not_active",
    );
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(sandbox.authenticate(PHONE, &code).await.0, 200);
}

#[tokio::test]
async fn a_request_id_is_needed_once_asked_for() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let sent = sandbox
        .post(
            SEND,
            with_field(send_body(PHONE), "generate_request_id", json!(true)),
        )
        .await
        .1;
    let request_id = sent["request_id"].as_str().unwrap();
    let body = authenticate_body(PHONE, &sandbox.newest_code(PHONE).await);
    refused(
        &sandbox.post(AUTHENTICATE, body.clone()).await,
        400,
        "system_invalid_input",
    );
    let other = with_field(body.clone(), "request_id", json!("other"));
    refused(
        &sandbox.post(AUTHENTICATE, other).await,
        400,
        "auth_invalid_credentials",
    );
    assert_eq!(
        sandbox
            .post(
                AUTHENTICATE,
                with_field(body, "request_id", json!(request_id))
            )
            .await
            .0,
        200
    );

    sandbox.send_code(PHONE).await;
    let body = with_field(
        authenticate_body(PHONE, &sandbox.newest_code(PHONE).await),
        "request_id",
        json!(request_id),
    );
    refused(
        &sandbox.post(AUTHENTICATE, body).await,
        400,
        "auth_invalid_credentials",
    );
}

#[tokio::test]
async fn the_policy_says_how_a_request_id_is_spelt_and_when_it_is_given() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let asking = with_field(send_body(PHONE), "generate_request_id", json!(true));
    for (policy, body, name) in [
        (
            json!({ "request_id": "camel" }),
            asking.clone(),
            Some("requestId"),
        ),
        (json!({ "request_id": "none" }), asking.clone(), None),
        (json!({ "request_id": "snake" }), send_body(PHONE), None),
        (
            json!({ "request_id_always": true }),
            send_body(PHONE),
            Some("request_id"),
        ),
        (json!({ "request_id": "none" }), send_body(PHONE), None),
    ] {
        sandbox.control(Method::PUT, "policy", policy).await;
        let sent = sandbox.post(SEND, body).await.1;
        let body = authenticate_body(PHONE, &sandbox.newest_code(PHONE).await);
        let names: Vec<_> = sent
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| *name != "message")
            .collect();
        assert_eq!(names, name.as_slice());
        let tried = sandbox.post(AUTHENTICATE, body.clone()).await;
        match name {
            None => assert_eq!(tried.0, 200),
            Some(name) => {
                refused(&tried, 400, "system_invalid_input");
                assert_eq!(
                    sandbox
                        .post(
                            AUTHENTICATE,
                            with_field(body, "request_id", sent[name].clone())
                        )
                        .await
                        .0,
                    200
                );
            }
        }
    }
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
        with_field(body(), "claims", json!({ "idtoken": {} })),
        with_field(body(), "org_id", json!("org")),
        with_field(body(), "session_id", json!("unknown")),
        with_field(body(), "device_id", json!("x".repeat(81))),
        with_field(body(), "client_attributes", json!("text")),
    ];
    for case in cases {
        refused(
            &sandbox.post(AUTHENTICATE, case).await,
            400,
            "system_invalid_input",
        );
    }
    assert_eq!(sandbox.authenticate(PHONE, &code).await.0, 200);
}

#[tokio::test]
async fn a_code_proves_only_the_contact_that_it_went_to() {
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
    assert_eq!(
        sandbox
            .authenticate(PHONE, &sandbox.newest_code("+12025550199").await)
            .await
            .0,
        200
    );
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
    assert_eq!(
        sandbox
            .authenticate(PHONE, &sandbox.newest_code("ann@example.org").await)
            .await
            .0,
        200
    );
    assert_eq!(verified().await, (false, true));
    sandbox.send_code(PHONE).await;
    assert_eq!(
        sandbox
            .authenticate(PHONE, &sandbox.newest_code(PHONE).await)
            .await
            .0,
        200
    );
    assert_eq!(verified().await, (true, true));
}
