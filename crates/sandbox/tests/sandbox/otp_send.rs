//! `otp/send`: sent messages, and every documented error.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{
    PHONE, percent_encode_plus, read_json, send_body, start_sandbox, with_field,
};

const SEND: &str = "/cis/v1/auth/otp/send";

#[tokio::test]
async fn a_code_of_six_digits_arrives() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(
        sandbox.send_code(PHONE).await,
        (200, json!({ "message": "OTP sent" }))
    );
    let inbox = sandbox.inbox(PHONE).await;
    let message = inbox[0].as_object().unwrap();
    let mut fields: Vec<&str> = message.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["code", "sender_id", "sent_at", "text", "to"]);
    let code = message["code"].as_str().unwrap();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(message["to"], PHONE);
    assert_eq!(
        message["text"],
        format!("Your Latchkey verification code is {code}.")
    );
    let sent_at = message["sent_at"].as_str().unwrap();
    assert!(sent_at.ends_with('Z') && sent_at.parse::<jiff::Timestamp>().is_ok());
}

#[tokio::test]
async fn placeholders_of_a_custom_message_are_replaced() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let custom = json!({ "custom_message": "{app} sagt {otp}\n@id.example #{otp}",
        "sender_id": "ELEVENCHARS" });
    assert_eq!(
        sandbox
            .post(
                SEND,
                with_field(send_body(PHONE), "custom_sms_input", custom)
            )
            .await
            .0,
        200
    );
    let message = &sandbox.inbox(PHONE).await[0];
    let code = message["code"].as_str().unwrap();
    assert_eq!(
        message["text"],
        format!("Latchkey sagt {code}\n@id.example #{code}")
    );
    assert_eq!(message["sender_id"], "ELEVENCHARS");
}

#[tokio::test]
async fn every_documented_error_is_returned() {
    let sandbox = start_sandbox().await;
    let refused = |answer: (u16, Value), status: u16, slug: &str| {
        assert_eq!((answer.0, &answer.1["error_code"]), (status, &json!(slug)));
        assert!(answer.1["message"].is_string());
    };
    refused(sandbox.send_code(PHONE).await, 404, "user_not_found");
    sandbox.set_user_status(PHONE, "Disabled").await;
    refused(sandbox.send_code(PHONE).await, 403, "user_not_active");
    sandbox
        .control(
            Method::PUT,
            &format!("users/{}", percent_encode_plus(PHONE)),
            json!({ "status": "Active", "in_app": false }),
        )
        .await;
    refused(sandbox.send_code(PHONE).await, 404, "user_not_found");

    let mail = json!({ "email": "ann@example.org" });
    assert_eq!(sandbox.post("/cis/v1/users", mail).await.0, 201);
    let by_mail =
        json!({ "channel": "sms", "identifier_type": "email", "identifier": "Ann@example.org" });
    refused(
        sandbox.post(SEND, by_mail.clone()).await,
        404,
        "user_phone_number_missing",
    );
    sandbox
        .control(
            Method::PUT,
            &format!("users/{}", percent_encode_plus(PHONE)),
            json!({ "status": "Active", "in_app": true }),
        )
        .await;
    refused(
        sandbox
            .post(
                SEND,
                with_field(send_body(PHONE), "channel", json!("email")),
            )
            .await,
        404,
        "user_email_address_missing",
    );

    sandbox
        .control(
            Method::PUT,
            "policy",
            json!({ "sms_provider_configured": false }),
        )
        .await;
    refused(
        sandbox.send_code(PHONE).await,
        400,
        "external_provider_configuration_error",
    );
    let (status, _) = sandbox
        .post(SEND, with_field(by_mail, "channel", json!("email")))
        .await;
    assert_eq!(status, 200);
    sandbox
        .control(
            Method::PUT,
            "policy",
            json!({ "sms_provider_configured": true, "otp_enabled": false }),
        )
        .await;
    refused(
        sandbox.send_code(PHONE).await,
        403,
        "auth_login_preferences_missing",
    );
    assert!(sandbox.inbox(PHONE).await.is_empty());
}

#[tokio::test]
async fn malformed_input_is_refused() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let body = || send_body(PHONE);
    let sms =
        |field: &str, value: Value| with_field(body(), "custom_sms_input", json!({ field: value }));
    let many: Value = (0..11)
        .map(|key| (format!("key{key}"), json!(1)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let cases = [
        json!({}),
        json!([]),
        json!("text"),
        json!({ "identifier_type": "phone_number", "identifier": PHONE }),
        json!({ "channel": "sms", "identifier": PHONE }),
        json!({ "channel": "sms", "identifier_type": "phone_number" }),
        with_field(body(), "channel", json!("SMS")),
        with_field(body(), "channel", json!("voice")),
        with_field(body(), "channel", Value::Null),
        with_field(body(), "identifier_type", json!("phoneNumber")),
        with_field(body(), "identifier", json!(12_025_550_123_u64)),
        with_field(body(), "identifier", json!("")),
        with_field(body(), "identifier", json!("12025550123")),
        with_field(body(), "identifier", json!("+1 202 555 0123")),
        with_field(body(), "custom_message", json!("{app} {otp}")),
        with_field(body(), "sender_id", json!("x")),
        with_field(body(), "locale", json!("de")),
        with_field(body(), "claims", json!({})),
        sms("custom_message", json!("your code is {otp}")),
        sms("custom_message", json!("your code for {app}")),
        sms(
            "custom_message",
            json!(format!("{{otp}}{{app}}{}", "x".repeat(131))),
        ),
        sms("sender_id", json!("TWELVE_CHARS")),
        sms("sender_id", json!("")),
        sms("senderId", json!("x")),
        with_field(body(), "custom_phone_number", json!("0202")),
        with_field(body(), "custom_email", json!("nobody")),
        with_field(body(), "email_content", json!({ "headerText": "x" })),
        with_field(
            body(),
            "email_content",
            json!({ "subject": "x", "base64logo": "x".repeat(20_001) }),
        ),
        with_field(body(), "approval_data", json!({ "a": { "b": 1 } })),
        with_field(body(), "approval_data", json!({ "a": "b c" })),
        with_field(body(), "approval_data", many),
        with_field(body(), "expires_in", json!(0)),
        with_field(body(), "expires_in", json!("5")),
        with_field(body(), "generate_request_id", json!("yes")),
        with_field(body(), "device_id", json!("x".repeat(81))),
        with_field(body(), "client_attributes", json!({ "ip": "192.0.2.1" })),
    ];
    for case in cases {
        let (status, answer) = sandbox.post(SEND, case.clone()).await;
        assert_eq!(
            (status, &answer["error_code"]),
            (400, &json!("system_invalid_input")),
            "{case}"
        );
    }
    let longest = format!("{{otp}}{{app}}{}", "ä".repeat(130));
    let (status, _) = sandbox
        .post(SEND, sms("custom_message", json!(longest)))
        .await;
    assert_eq!(status, 200);
    assert_eq!(sandbox.inbox(PHONE).await.len(), 1);
}

#[tokio::test]
async fn only_json_bodies_are_accepted() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "application/jsonp",
    ] {
        let request = sandbox
            .request(Method::POST, SEND)
            .header(CONTENT_TYPE, content_type);
        let answer = read_json(
            request
                .body(send_body(PHONE).to_string())
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert_eq!(
            (answer.0, &answer.1["error_code"]),
            (400, &json!("system_invalid_input")),
            "{content_type}"
        );
    }
    let request = sandbox
        .request(Method::POST, SEND)
        .header(CONTENT_TYPE, "Application/JSON; charset=utf-8");
    assert_eq!(
        request
            .body(send_body(PHONE).to_string())
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn codes_are_sent_by_email_and_returned_by_the_direct_channel() {
    let sandbox = start_sandbox().await;
    let created = sandbox
        .post(
            "/cis/v1/users",
            json!({ "phone_number": PHONE, "email": "ann@example.org", "username": "ann" }),
        )
        .await;
    let id = created.1["result"]["user_id"].clone();
    for (identifier_type, identifier) in [
        ("user_id", id),
        ("username", json!("ann")),
        ("email", json!("ann@example.org")),
    ] {
        let body = json!({ "channel": "sms", "identifier_type": identifier_type,
            "identifier": identifier });
        assert_eq!(sandbox.post(SEND, body).await.0, 200, "{identifier_type}");
    }
    assert_eq!(sandbox.inbox(PHONE).await.len(), 3);

    let direct = sandbox
        .post(
            SEND,
            with_field(send_body(PHONE), "channel", json!("direct")),
        )
        .await
        .1;
    assert_eq!(sandbox.inbox(PHONE).await.len(), 3);
    let (status, _) = sandbox
        .authenticate(PHONE, direct["code"].as_str().unwrap())
        .await;
    assert_eq!(status, 200);

    let elsewhere = with_field(
        send_body(PHONE),
        "custom_phone_number",
        json!("+12025550199"),
    );
    assert_eq!(sandbox.post(SEND, elsewhere).await.0, 200);
    assert_eq!(sandbox.inbox("+12025550199").await.len(), 1);

    let by_mail = with_field(send_body(PHONE), "channel", json!("email"));
    let by_mail = with_field(by_mail, "email_content", json!({ "subject": "Hello" }));
    assert_eq!(sandbox.post(SEND, by_mail).await.0, 200);
    assert!(
        sandbox.inbox("ann@example.org").await[0]["text"]
            .as_str()
            .unwrap()
            .starts_with("Hello: ")
    );
}

#[tokio::test]
async fn c12_codes_differ_and_keep_their_length() {
    let sandbox = start_sandbox().await;
    for length in 4..=8_usize {
        sandbox.control(Method::POST, "reset", json!({})).await;
        sandbox.set_policy(json!({ "otp_length": length })).await;
        sandbox.set_user_status(PHONE, "Active").await;
        for _ in 0..20 {
            sandbox.send_code(PHONE).await;
        }
        let codes: Vec<Value> = sandbox
            .inbox(PHONE)
            .await
            .into_iter()
            .map(|message| message["code"].clone())
            .collect();
        assert!(
            codes
                .iter()
                .all(|code| code.as_str().unwrap().len() == length)
        );
        assert!(codes.iter().any(|code| *code != codes[0]));
    }
}
