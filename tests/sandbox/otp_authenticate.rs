//! `otp/authenticate`: the policy of tries, locks and deadlines.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PHONE, authenticate_body, other_than, send_body, stand, with};

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
    let stand = stand().await;
    assert_eq!(
        stand.user(PHONE, "Pending").await["phone_number"]["phone_number_verified"],
        false
    );
    stand.send(PHONE).await;
    let code = stand.code(PHONE).await;
    let (status, body) = stand.authenticate(PHONE, &code).await;
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
    let user = stand
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
        &stand.authenticate(PHONE, &code).await,
        400,
        "auth_invalid_credentials",
    );
}

#[tokio::test]
async fn fifty_at_once_one_winner() {
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    stand
        .control(Method::PUT, "policy", json!({ "max_failures": 20 }))
        .await;
    stand.send(PHONE).await;
    let code = stand.code(PHONE).await;
    let request = || {
        stand
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
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    stand.send(PHONE).await;
    let wrong = other_than(&stand.code(PHONE).await);
    let request = || {
        stand
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
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    stand.send(PHONE).await;
    let wrong = other_than(&stand.code(PHONE).await);
    refused(
        &stand.authenticate(PHONE, &wrong).await,
        400,
        "auth_invalid_credentials",
    );
    refused(
        &stand.authenticate(PHONE, &wrong).await,
        400,
        "auth_invalid_credentials",
    );
    // A new code does not refill the tries: they belong to the user.
    stand.send(PHONE).await;
    let wrong = other_than(&stand.code(PHONE).await);
    refused(
        &stand.authenticate(PHONE, &wrong).await,
        400,
        "auth_invalid_credentials",
    );
    refused(
        &stand.authenticate(PHONE, &stand.code(PHONE).await).await,
        403,
        "auth_locked",
    );

    assert_eq!(
        stand.send(PHONE).await.0,
        200,
        "the vendor does not say that a locked user is refused at send"
    );
    refused(
        &stand.authenticate(PHONE, &stand.code(PHONE).await).await,
        403,
        "auth_locked",
    );
    stand.advance("14m 55s").await;
    stand.send(PHONE).await;
    refused(
        &stand.authenticate(PHONE, &stand.code(PHONE).await).await,
        403,
        "auth_locked",
    );
    stand.advance("5s").await;
    assert_eq!(
        stand.authenticate(PHONE, &stand.code(PHONE).await).await.0,
        200
    );
}

#[tokio::test]
async fn a_success_resets_the_count_and_other_users_have_their_own() {
    let stand = stand().await;
    for phone in [PHONE, "+12025550124"] {
        stand.user(phone, "Active").await;
    }
    for _ in 0..3 {
        stand.send(PHONE).await;
        let code = stand.code(PHONE).await;
        for _ in 0..2 {
            assert_eq!(stand.authenticate(PHONE, &other_than(&code)).await.0, 400);
        }
        assert_eq!(stand.authenticate(PHONE, &code).await.0, 200);
    }
    for _ in 0..3 {
        assert_eq!(
            stand.authenticate(PHONE, "000000").await.0,
            400,
            "without a code tries count too"
        );
    }
    refused(
        &stand.authenticate(PHONE, "000000").await,
        403,
        "auth_locked",
    );
    stand.send("+12025550124").await;
    assert_eq!(
        stand
            .authenticate("+12025550124", &stand.code("+12025550124").await)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_locked_user_may_be_refused_at_send() {
    let stand = stand().await;
    stand.user(PHONE, "Locked").await;
    assert_eq!(stand.send(PHONE).await.0, 200);
    stand
        .control(Method::PUT, "policy", json!({ "lock_refuses_send": true }))
        .await;
    refused(&stand.send(PHONE).await, 403, "auth_locked");
    stand.user(PHONE, "Active").await;
    assert_eq!(stand.send(PHONE).await.0, 200);
}

#[tokio::test]
async fn a_code_lives_five_minutes() {
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    stand.send(PHONE).await;
    stand.advance("4m 55s").await;
    let code = stand.code(PHONE).await;
    stand.advance("5s").await;
    for _ in 0..5 {
        // Too late is no guess: it is not counted.
        refused(
            &stand.authenticate(PHONE, &code).await,
            400,
            "auth_otp_passcode_expired",
        );
    }
    stand.send(PHONE).await;
    stand.advance("4m 50s").await;
    assert_eq!(
        stand.authenticate(PHONE, &stand.code(PHONE).await).await.0,
        200
    );

    assert_eq!(
        stand
            .post(SEND, with(send_body(PHONE), "expires_in", json!(10)))
            .await
            .0,
        200
    );
    stand.advance("9m 50s").await;
    assert_eq!(
        stand.authenticate(PHONE, &stand.code(PHONE).await).await.0,
        200
    );
}

#[tokio::test]
async fn a_resend_voids_the_former_code() {
    let stand = stand().await;
    stand
        .control(Method::PUT, "policy", json!({ "otp_length": 8 }))
        .await;
    stand.user(PHONE, "Active").await;
    stand.send(PHONE).await;
    let former = stand.code(PHONE).await;
    stand.send(PHONE).await;
    refused(
        &stand.authenticate(PHONE, &former).await,
        400,
        "auth_invalid_credentials",
    );
    assert_eq!(
        stand.authenticate(PHONE, &stand.code(PHONE).await).await.0,
        200
    );
}

#[tokio::test]
async fn a_policy_of_ones_own() {
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    let policy =
        json!({ "otp_length": 4, "otp_lifetime": "30s", "max_failures": 1, "lockout": "2m" });
    stand.control(Method::PUT, "policy", policy).await;
    stand.send(PHONE).await;
    let code = stand.code(PHONE).await;
    assert_eq!(code.len(), 4);
    stand.advance("31s").await;
    refused(
        &stand.authenticate(PHONE, &code).await,
        400,
        "auth_otp_passcode_expired",
    );
    refused(
        &stand.authenticate(PHONE, &other_than(&code)).await,
        400,
        "auth_invalid_credentials",
    );
    refused(&stand.authenticate(PHONE, &code).await, 403, "auth_locked");
    stand.advance("2m").await;
    stand.send(PHONE).await;
    assert_eq!(
        stand.authenticate(PHONE, &stand.code(PHONE).await).await.0,
        200
    );
}

#[tokio::test]
async fn strangers_and_disabled_users_are_refused() {
    let stand = stand().await;
    refused(
        &stand.authenticate(PHONE, "123456").await,
        400,
        "auth_invalid_credentials",
    );
    stand.user(PHONE, "Active").await;
    stand.send(PHONE).await;
    stand.user(PHONE, "Disabled").await;
    let code = stand.code(PHONE).await;
    refused(
        &stand.authenticate(PHONE, &code).await,
        403,
        "user_not_active",
    );
    stand.user(PHONE, "Active").await;
    assert_eq!(stand.authenticate(PHONE, &code).await.0, 200);
}

#[tokio::test]
async fn a_request_id_is_needed_once_asked_for() {
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    let sent = stand
        .post(
            SEND,
            with(send_body(PHONE), "generate_request_id", json!(true)),
        )
        .await
        .1;
    let request_id = sent["request_id"].as_str().unwrap();
    let body = authenticate_body(PHONE, &stand.code(PHONE).await);
    refused(
        &stand.post(AUTHENTICATE, body.clone()).await,
        400,
        "system_invalid_input",
    );
    let other = with(body.clone(), "request_id", json!("other"));
    refused(
        &stand.post(AUTHENTICATE, other).await,
        400,
        "auth_invalid_credentials",
    );
    assert_eq!(
        stand
            .post(AUTHENTICATE, with(body, "request_id", json!(request_id)))
            .await
            .0,
        200
    );

    stand.send(PHONE).await;
    let body = with(
        authenticate_body(PHONE, &stand.code(PHONE).await),
        "request_id",
        json!(request_id),
    );
    refused(
        &stand.post(AUTHENTICATE, body).await,
        400,
        "auth_invalid_credentials",
    );
}

#[tokio::test]
async fn the_policy_says_how_a_request_id_is_spelt_and_when_it_is_given() {
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    let asking = with(send_body(PHONE), "generate_request_id", json!(true));
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
        stand.control(Method::PUT, "policy", policy).await;
        let sent = stand.post(SEND, body).await.1;
        let body = authenticate_body(PHONE, &stand.code(PHONE).await);
        let names: Vec<_> = sent
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| *name != "message")
            .collect();
        assert_eq!(names, name.as_slice());
        let tried = stand.post(AUTHENTICATE, body.clone()).await;
        match name {
            None => assert_eq!(tried.0, 200),
            Some(name) => {
                refused(&tried, 400, "system_invalid_input");
                assert_eq!(
                    stand
                        .post(AUTHENTICATE, with(body, "request_id", sent[name].clone()))
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
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    stand.send(PHONE).await;
    let code = stand.code(PHONE).await;
    let body = || authenticate_body(PHONE, &code);
    let cases = [
        json!({}),
        json!({ "identifier_type": "phone_number", "identifier": PHONE }),
        json!({ "identifier_type": "phone_number", "passcode": code }),
        with(body(), "passcode", json!(123_456)),
        with(body(), "passcode", json!("")),
        with(body(), "identifier_type", json!("phone")),
        with(body(), "identifier", json!("12025550123")),
        with(body(), "code", json!(code)),
        with(body(), "resource", json!("not a uri")),
        with(body(), "claims", json!({ "id_token": ["phone_number"] })),
        with(
            body(),
            "claims",
            json!({ "id_token": { "phone_number": true } }),
        ),
        with(body(), "claims", json!({ "idtoken": {} })),
        with(body(), "org_id", json!("org")),
        with(body(), "session_id", json!("unknown")),
        with(body(), "device_id", json!("x".repeat(81))),
        with(body(), "client_attributes", json!("text")),
    ];
    for case in cases {
        refused(
            &stand.post(AUTHENTICATE, case).await,
            400,
            "system_invalid_input",
        );
    }
    assert_eq!(stand.authenticate(PHONE, &code).await.0, 200);
}

#[tokio::test]
async fn a_code_proves_only_the_contact_that_it_went_to() {
    let stand = stand().await;
    stand
        .post(
            "/cis/v1/users",
            json!({ "phone_number": PHONE, "email": "ann@example.org" }),
        )
        .await;
    let verified = async || {
        let user = stand
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
    let elsewhere = with(
        send_body(PHONE),
        "custom_phone_number",
        json!("+12025550199"),
    );
    assert_eq!(stand.post(SEND, elsewhere).await.0, 200);
    assert_eq!(
        stand
            .authenticate(PHONE, &stand.code("+12025550199").await)
            .await
            .0,
        200
    );
    assert_eq!(verified().await, (false, false));
    assert_eq!(
        stand
            .post(SEND, with(send_body(PHONE), "channel", json!("email")))
            .await
            .0,
        200
    );
    assert_eq!(
        stand
            .authenticate(PHONE, &stand.code("ann@example.org").await)
            .await
            .0,
        200
    );
    assert_eq!(verified().await, (false, true));
    stand.send(PHONE).await;
    assert_eq!(
        stand.authenticate(PHONE, &stand.code(PHONE).await).await.0,
        200
    );
    assert_eq!(verified().await, (true, true));
}
