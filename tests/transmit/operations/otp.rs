//! Sends and verifies.

use std::net::IpAddr;

use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{Channel, Identifier, IdentifierType, Passcode};
use latchkey::server::transmit::{AuthenticateOtp, ClientAttributes, SendOtp};
use serde_json::json;

use crate::stub_server::Reply;
use crate::test_client::*;

#[tokio::test]
async fn send_says_no_more_than_it_must() {
    let world = TestClient::with(|settings| settings.generate_request_id = false.into()).await;
    assert_eq!(world.send().await.unwrap().request_id, None);
    let request = &world.stub.seen(SEND)[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["authorization"], "Bearer token-1");
    assert!(request.headers["user-agent"].starts_with("latchkey/"));
    assert_eq!(
        request.json(),
        json!({"channel": "sms", "identifier_type": "phone_number", "identifier": PHONE})
    );
}

#[tokio::test]
async fn send_passes_on_message_sender_and_client() {
    let world = TestClient::with(|settings| settings.generate_request_id = false.into()).await;
    let identifier = Identifier::canonical(IdentifierType::Email, "ada@example.com".into(), None);
    let long_agent = "é".repeat(400);
    let ip_address = Some("2001:db8::1".parse::<IpAddr>().unwrap());
    let client = ClientAttributes {
        user_agent: Some(&long_agent),
        ip_address,
        device_id: None,
    };
    let message = Some("{app}: {otp}");
    let send = SendOtp {
        identifier: &identifier,
        channel: Channel::Sms,
        message,
        sender_id: Some("ACME"),
        client,
    };
    world.transmit.send_otp(&send).await.unwrap();
    assert_eq!(
        world.stub.seen(SEND)[0].json(),
        json!({"channel": "sms", "identifier_type": "email", "identifier": "ada@example.com",
            "custom_sms_input": {"custom_message": "{app}: {otp}", "sender_id": "ACME"},
            "client_attributes": {"user_agent": "é".repeat(256), "ip_address": "2001:db8::1"}})
    );
}

#[tokio::test]
async fn a_code_by_email_has_the_text_of_the_tenant_and_no_address_of_ours() {
    let world = TestClient::with(|settings| settings.generate_request_id = false.into()).await;
    let identifier = phone();
    let send = SendOtp {
        identifier: &identifier,
        channel: Channel::Email,
        message: Some("{app}: {otp}"),
        sender_id: Some("ACME"),
        client: ClientAttributes::default(),
    };
    world.transmit.send_otp(&send).await.unwrap();
    assert_eq!(
        world.stub.seen(SEND)[0].json(),
        json!({"channel": "email", "identifier_type": "phone_number", "identifier": PHONE})
    );
}

#[tokio::test]
async fn c10_a_request_id_is_taken_in_either_spelling_and_sent_back() {
    let world = TestClient::new().await;
    for (body, id) in [
        (
            json!({"message": "OTP sent", "request_id": "r-1"}),
            Some("r-1"),
        ),
        (
            json!({"message": "OTP sent", "requestId": "r-2"}),
            Some("r-2"),
        ),
        (
            json!({"message": "OTP sent", "request_id": "", "requestId": "r-3"}),
            Some("r-3"),
        ),
        (
            json!({"message": "OTP sent", "request_id": "x".repeat(257)}),
            None,
        ),
        (json!({"message": "OTP sent", "request_id": null}), None),
        (json!({"message": "OTP sent", "request_id": ""}), None),
        (json!({"message": "OTP sent", "request_id": 7}), None),
    ] {
        world.stub.always(SEND, Reply::json(200, body));
        assert_eq!(world.send().await.unwrap().request_id.as_deref(), id);
    }
    let (identifier, passcode) = (phone(), Passcode::parse("123456", 6).unwrap());
    let client = ClientAttributes {
        user_agent: Some("browser"),
        ..ClientAttributes::default()
    };
    let not_before = Timestamp::from_secs(NOW);
    let verify = AuthenticateOtp {
        identifier: &identifier,
        passcode: &passcode,
        request_id: Some("r-1"),
        client,
        channels: &[Channel::Sms],
        not_before,
    };
    world.transmit.authenticate_otp(&verify).await.unwrap();
    assert_eq!(
        world.stub.seen(VERIFY)[0].json(),
        json!({
            "passcode": "123456", "identifier_type": "phone_number", "identifier": PHONE,
            "request_id": "r-1",
            "claims": {
                "id_token": {"phone_number": null, "phone_number_verified": null, "roles": null,
                    "last_auth": null},
            },
            "client_attributes": {"user_agent": "browser"},
        })
    );
}

#[tokio::test]
async fn t4_a_success_brings_an_identity_and_no_token() {
    let world = TestClient::new().await;
    let identity = world.verify().await.unwrap();
    assert_eq!(
        (identity.issuer.as_str(), identity.subject.as_str()),
        (ISSUER, "u-1")
    );
    assert_eq!(identity.session_id.expose(), "session-1");
    assert_eq!(
        (identity.amr.as_slice(), identity.roles.as_slice()),
        (&["sms".into()][..], &["admin".into()][..])
    );
    assert_eq!(identity.auth_time, Timestamp::from_secs(NOW - 5));
    assert_eq!(identity.phone_number.as_deref(), Some(PHONE));
    let debug = format!("{identity:?} {:?}", identity.session_id);
    assert!(
        !debug.contains("7400") && !debug.contains("session-1"),
        "{debug}"
    );
    assert_eq!(world.stub.total(), 3, "token, keys, authenticate");
}
