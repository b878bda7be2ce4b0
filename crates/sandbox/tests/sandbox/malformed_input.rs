//! Malformed requests never get a status of 500 or more.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{PHONE, start_sandbox};

const ENDPOINTS: [(Method, &str); 22] = [
    (Method::POST, "/oidc/token"),
    (Method::POST, "/cis/oidc/token"),
    (Method::POST, "/cis/oidc/token/introspection"),
    (Method::POST, "/cis/oidc/token/revocation"),
    (Method::POST, "/cis/v1/users"),
    (Method::PUT, "/cis/v1/users/{}"),
    (Method::GET, "/cis/v1/users/{}"),
    (Method::GET, "/cis/v1/users/phone-number/{}"),
    (
        Method::GET,
        "/cis/v1/users/identifier?identifier_name=email&identifier_value={}",
    ),
    (Method::POST, "/cis/v1/users/{}/phone-numbers/{}/verify"),
    (Method::POST, "/cis/v1/auth/otp/send"),
    (Method::POST, "/cis/v1/auth/otp/authenticate"),
    (Method::POST, "/cis/v1/auth/session/authenticate"),
    (Method::POST, "/cis/v1/auth/session/logout"),
    (Method::POST, "/cis/v1/auth/token/refresh"),
    (Method::GET, "/cis/v1/auth/users/{}/sessions"),
    (Method::PUT, "/control/policy"),
    (Method::PUT, "/control/users/{}"),
    (Method::POST, "/control/clock"),
    (Method::GET, "/inbox.json?phone={}"),
    (Method::GET, "/?phone={}"),
    (Method::GET, "/phone/messages?phone={}"),
];

/// Values that are close to valid ones, so that they pass the first checks.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just(PHONE.to_owned()),
        Just("phone_number".to_owned()),
        Just("sms".to_owned()),
        Just("client_credentials".to_owned()),
        "\\PC{0,40}",
        ".{0,40}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Field names that some endpoint accepts.
const NAMES: &[&str] = &[
    "channel",
    "identifier_type",
    "identifier",
    "passcode",
    "session_id",
    "phone_number",
    "claims",
    "id_token",
    "custom_sms_input",
    "custom_message",
    "approval_data",
    "advance",
    "status",
    "otp_length",
    "name",
    "refresh_token",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(NAMES).prop_map(str::to_owned),
        ".{0,12}"
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_never_cause_a_server_error() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let mut runner = TestRunner::default();
    let body = prop_oneof![
        4 => value().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ];
    let content_type = prop::sample::select(vec![
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
    ]);
    let segment = prop::collection::vec(any::<u8>(), 1..20);
    for round in 0..40 {
        for (method, path) in ENDPOINTS {
            let bytes = segment.new_tree(&mut runner).unwrap().current();
            let segment: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
            let path = path.replace("{}", &segment);
            let body = body.new_tree(&mut runner).unwrap().current();
            let kind = content_type.new_tree(&mut runner).unwrap().current();
            let request = sandbox
                .request(method.clone(), &path)
                .header(CONTENT_TYPE, kind)
                .body(body.clone());
            let status = request.send().await.unwrap().status();
            assert!(
                status.as_u16() < 500,
                "round {round}: {method} {path} {kind} {body:?} gave {status}"
            );
        }
    }
}

#[tokio::test]
async fn deep_and_long_bodies_are_refused() {
    let sandbox = start_sandbox().await;
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let nested = format!("{{\"channel\":{deep}}}");
    let long = json!({ "identifier": "x".repeat(200_000) }).to_string();
    for (body, status) in [(deep, 400), (nested, 400), (long, 413)] {
        let request = sandbox
            .request(Method::POST, "/cis/v1/auth/otp/send")
            .header(CONTENT_TYPE, "application/json");
        assert_eq!(request.body(body).send().await.unwrap().status(), status);
    }
    let duplicate = format!(
        "{{\"channel\":\"sms\",\"channel\":\"sms\",\"identifier_type\":\"phone_number\",\
             \"identifier\":\"{PHONE}\"}}"
    );
    let request = sandbox
        .request(Method::POST, "/cis/v1/auth/otp/send")
        .header(CONTENT_TYPE, "application/json");
    assert_eq!(request.body(duplicate).send().await.unwrap().status(), 400);
}
