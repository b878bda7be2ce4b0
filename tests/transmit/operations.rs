//! What goes over the wire, and what each answer means.

use std::net::IpAddr;

use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{Identifier, IdentifierType, Passcode};
use latchkey::server::settings::human_duration::HumanDuration;
use latchkey::server::settings::{self, Secret};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use latchkey::server::transmit::{
    AuthenticateOtp, BuildClientError, ClientAttributes, ClientTokenFacts, DeliveryState,
    FailureKind, IssuerFinding, Operation, Reason, SendOtp, SessionId, SessionState, Transmit,
    UserCreation, UserStatus,
};
use serde_json::{Value, json};

use crate::stub_server::Reply;
use crate::test_client::*;
use latchkey_testkit::token_signer::TRUSTED;

const DISCOVERY: &str = "/cis/oidc/.well-known/openid-configuration";

fn newer(status: u16, code: &str) -> Reply {
    Reply::json(status, json!({"error_code": code, "message": "text"}))
}

fn classic(status: u16, message: Value) -> Reply {
    Reply::json(status, json!({"error_code": status, "message": message}))
}

#[tokio::test]
async fn send_says_no_more_than_it_must() {
    let world = TestClient::new().await;
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
    let world = TestClient::new().await;
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
        not_before,
    };
    world.transmit.authenticate_otp(&verify).await.unwrap();
    assert_eq!(
        world.stub.seen(VERIFY)[0].json(),
        json!({
            "passcode": "123456", "identifier_type": "phone_number", "identifier": PHONE,
            "request_id": "r-1",
            "claims": {
                "id_token": {"phone_number": null, "phone_number_verified": null, "roles": null},
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

#[tokio::test]
async fn a_users_creation_knows_new_from_taken() {
    let world = TestClient::new().await;
    world.stub.always(
        USERS,
        Reply::json(
            201,
            json!({"result": {"user_id": "u-9", "status": "Pending"}}),
        ),
    );
    let created = world.transmit.create_user(&phone()).await.unwrap();
    assert_eq!(
        created,
        UserCreation::New {
            user_id: "u-9".into()
        }
    );
    assert_eq!(
        world.stub.seen(USERS)[0].json(),
        json!({"phone_number": PHONE})
    );

    let email = Identifier::canonical(IdentifierType::Email, "ada@example.com".into(), None);
    world.transmit.create_user(&email).await.unwrap();
    assert_eq!(
        world.stub.seen(USERS)[1].json(),
        json!({"email": "ada@example.com"})
    );

    let taken =
        json!({"message": "taken", "error_code": 409, "ts_error_code": "identifier_is_taken"});
    world.stub.always(USERS, Reply::json(409, taken));
    assert_eq!(
        world.transmit.create_user(&phone()).await.unwrap(),
        UserCreation::Exists
    );

    world.stub.always(
        USERS,
        classic(400, json!(["phone_number must be a valid phone number"])),
    );
    let failure = world.transmit.create_user(&phone()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused(Reason::InvalidInput));

    let id = Identifier::canonical(IdentifierType::UserId, "u-1".into(), None);
    let failure = world.transmit.create_user(&id).await.unwrap_err();
    assert_eq!(
        (failure.delivery, world.stub.count(USERS)),
        (DeliveryState::NotWritten, 4)
    );
}

#[tokio::test]
async fn a_user_is_read_with_status() {
    let world = TestClient::new().await;
    for (word, status) in [
        ("Active", UserStatus::Active),
        ("Disabled", UserStatus::Disabled),
        ("Pending", UserStatus::Pending),
        ("Suspended", UserStatus::Other("Suspended".into())),
    ] {
        world.stub.always(
            USER,
            Reply::json(200, json!({"result": {"user_id": "u-1", "status": word}})),
        );
        assert_eq!(
            world.transmit.user("u-1").await.unwrap().unwrap().status,
            status
        );
    }
    for no_id in [String::new(), "..".into(), "u".repeat(256)] {
        world.stub.always(
            USER,
            Reply::json(
                200,
                json!({"result": {"user_id": no_id, "status": "Active"}}),
            ),
        );
        assert_eq!(
            world.transmit.user("u-1").await.unwrap_err().kind,
            FailureKind::NotUnderstood
        );
    }
    world
        .stub
        .always(USER, classic(404, json!("User not found")));
    assert_eq!(world.transmit.user("u-1").await.unwrap(), None);
    world
        .stub
        .always(USER, Reply::text(404, "text/html", "<html>not here</html>"));
    assert_eq!(
        world.transmit.user("u-1").await.unwrap_err().kind,
        FailureKind::NotUnderstood
    );
}

#[tokio::test]
async fn t8_a_user_id_stays_one_segment_of_the_path() {
    let world = TestClient::new().await;
    world.transmit.user("../a/b?c#d%2e").await.unwrap_err();
    assert_eq!(world.stub.count("/cis/v1/users/..%2Fa%2Fb%3Fc%23d%252e"), 1);
    let long = "u".repeat(256);
    for id in ["", ".", "..", "\t..", "u\n1", long.as_str()] {
        let failure = world.transmit.user(id).await.unwrap_err();
        assert_eq!(failure.delivery, DeliveryState::NotWritten, "{id:?}");
    }
    assert_eq!(world.stub.total(), 2);
}

#[tokio::test]
async fn a_name_is_written() {
    let world = TestClient::new().await;
    world
        .transmit
        .set_name("u-1", "Ada King Lovelace")
        .await
        .unwrap();
    let request = &world.stub.seen(USER)[0];
    assert_eq!(request.method, "PUT");
    assert_eq!(
        request.json(),
        json!({"name": {"first_name": "Ada", "last_name": "King Lovelace"}})
    );
    assert_eq!(
        world
            .transmit
            .set_name("u-1", " ")
            .await
            .unwrap_err()
            .delivery,
        DeliveryState::NotWritten
    );
}

#[tokio::test]
async fn k14_a_session_is_alive_dead_or_unknown() {
    let world = TestClient::new().await;
    let id = SessionId::new("session-1");
    let ask = || world.transmit.authenticate_session(&id, "u-1");
    assert_eq!(
        ask().await.unwrap(),
        SessionState::Active(vec!["admin".into()])
    );
    let request = world.stub.seen(SESSION)[0].json();
    assert_eq!(
        request,
        json!({"session_id": "session-1", "claims": {"id_token": {"roles": null}}})
    );

    let access_only = json!({
        "access_token": TRUSTED.token(&access_claims()), "token_type": "Bearer",
        "expires_in": 3600, "session_id": "session-1",
    });
    world.stub.always(SESSION, Reply::json(200, access_only));
    assert_eq!(
        ask().await.unwrap(),
        SessionState::Active(vec!["reader".into()])
    );

    for dead in [
        classic(400, json!("Session not found")),
        classic(400, json!(["Session not found"])),
        newer(403, "user_not_active"),
        newer(404, "user_not_found"),
    ] {
        world.stub.always(SESSION, dead);
        assert_eq!(ask().await.unwrap(), SessionState::Ended);
    }
    for unknown in [
        classic(400, json!("resource must be a URI")),
        classic(403, json!("Forbidden")),
        classic(404, json!("Cannot POST /cis/v1/auth/session/authenticate")),
        Reply::text(404, "text/html", "<html>"),
        Reply::text(429, "text/plain", "slow down"),
        tokens(&TRUSTED.token(&id_claims()), "not a token"),
    ] {
        world.stub.always(SESSION, unknown);
        ask().await.unwrap_err();
    }
    world.stub.always(
        SESSION,
        tokens(
            &TRUSTED.token(&id_claims()),
            &TRUSTED.token(&access_claims()),
        ),
    );
    let failure = world
        .transmit
        .authenticate_session(&id, "u-2")
        .await
        .unwrap_err();
    assert!(matches!(failure.kind, FailureKind::TokenInvalid(_)));
}

#[tokio::test]
async fn k7_logout_ends_a_session_and_takes_an_ended_one_for_done() {
    let world = TestClient::new().await;
    let id = SessionId::new("session-1");
    for reply in [
        Reply::text(204, "", ""),
        classic(400, json!("Session not found")),
        classic(404, json!("Not Found")),
    ] {
        world.stub.always(LOGOUT, reply);
        world.transmit.logout(&id).await.unwrap();
    }
    assert_eq!(
        world.stub.seen(LOGOUT)[0].json(),
        json!({"session_id": "session-1"})
    );
    world.stub.always(
        LOGOUT,
        classic(400, json!("session_id should not be empty")),
    );
    world.transmit.logout(&id).await.unwrap_err();
}

#[tokio::test]
async fn every_documented_refusal_has_its_reason() {
    let world = TestClient::new().await;
    for (reply, reason) in [
        (newer(400, "system_invalid_input"), Reason::InvalidInput),
        (
            newer(400, "external_provider_configuration_error"),
            Reason::ProviderMisconfigured,
        ),
        (newer(403, "user_not_active"), Reason::UserNotActive),
        (
            newer(403, "auth_login_preferences_missing"),
            Reason::MethodNotConfigured,
        ),
        (
            newer(404, "auth_login_preferences_missing"),
            Reason::MethodNotConfigured,
        ),
        (newer(404, "user_not_found"), Reason::UserNotFound),
        (
            newer(404, "user_phone_number_missing"),
            Reason::NoDestination,
        ),
        (
            newer(404, "user_email_address_missing"),
            Reason::NoDestination,
        ),
        (classic(400, json!(["bad"])), Reason::InvalidInput),
        (classic(403, json!("Forbidden")), Reason::Forbidden),
        (classic(404, json!("Not found")), Reason::UserNotFound),
        (newer(404, "404"), Reason::UserNotFound),
        (newer(418, "teapot"), Reason::Other),
    ] {
        world.stub.always(SEND, reply);
        let failure = world.send().await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.delivery),
            (FailureKind::Refused(reason), DeliveryState::Answered)
        );
    }
    for (reply, reason) in [
        (
            newer(400, "auth_invalid_credentials"),
            Reason::InvalidCredentials,
        ),
        (
            newer(400, "auth_otp_passcode_expired"),
            Reason::PasscodeExpired,
        ),
        (newer(400, "system_invalid_input"), Reason::InvalidInput),
        (newer(403, "auth_locked"), Reason::Locked),
        // It names the passcode, so it was looked at: no second try.
        (
            newer(401, "auth_invalid_credentials"),
            Reason::InvalidCredentials,
        ),
        (newer(401, "auth_passcode_mismatch"), Reason::Other),
    ] {
        let before = world.stub.count(VERIFY);
        world.stub.always(VERIFY, reply);
        let failure = world.verify().await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.delivery),
            (FailureKind::Refused(reason), DeliveryState::Answered)
        );
        assert_eq!(world.stub.count(VERIFY), before + 1);
    }
}

#[tokio::test]
async fn c11_a_failure_tells_neither_number_nor_code() {
    let world = TestClient::new().await;
    let chatty = json!({
        "error_code": PHONE, "message": [format!("{PHONE} with 123456 is unknown"), "token-1"],
    });
    for status in [400, 401, 403, 404, 409, 500] {
        world
            .stub
            .always(VERIFY, Reply::json(status, chatty.clone()));
        let failure = world.verify().await.unwrap_err();
        let told = format!("{failure} {failure:?}");
        for secret in ["7400", "123456", "token-", "s3cret"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test]
async fn probe_tells_each_part_by_itself() {
    let world = TestClient::new().await;
    world.stub.always(
        DISCOVERY,
        Reply::json(200, json!({"issuer": ISSUER, "jwks_uri": "x"})),
    );
    let probe = world.transmit.probe().await;
    assert_eq!(
        (probe.token, probe.keys, probe.issuer),
        (
            Ok(ClientTokenFacts::default()),
            Ok(1),
            Ok(IssuerFinding::Matches)
        )
    );

    world.stub.always(
        DISCOVERY,
        Reply::json(200, json!({"issuer": "https://other.example"})),
    );
    world
        .stub
        .always(JWKS, Reply::json(200, json!({"keys": []})));
    world.stub.always(TOKEN, classic(400, json!("no")));
    let probe = world.transmit.probe().await;
    assert_eq!(
        probe.token.unwrap_err().kind,
        FailureKind::Refused(Reason::InvalidClient)
    );
    assert_eq!(probe.keys.unwrap_err().operation, Operation::Jwks);
    assert_eq!(
        probe.issuer,
        Ok(IssuerFinding::Differs {
            found: "https://other.example".into()
        })
    );
}

#[tokio::test]
async fn t8_redirects_are_not_followed() {
    let (world, elsewhere) = (TestClient::new().await, TestClient::new().await);
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}{SEND}", elsewhere.stub.base);
        world.stub.always(
            SEND,
            Reply::text(status, "text/html", "moved").with("location", &target),
        );
        let failure = world.send().await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.status),
            (FailureKind::NotUnderstood, Some(status))
        );
    }
    assert_eq!(elsewhere.stub.total(), 0);
}

#[tokio::test]
async fn t8_plain_http_is_for_loopback_only() {
    let build = |base: &str, jwks: Option<&str>| {
        let settings = settings::TransmitSettings {
            base_url: Some(base.parse().unwrap()),
            jwks_url: jwks.map(|url| url.parse().unwrap()),
            issuer: Some(ISSUER.into()),
            ..settings::TransmitSettings::default()
        };
        Transmit::new(
            &settings,
            Secret::new("x"),
            Clock::system(),
            Random::system(),
        )
    };
    assert!(matches!(
        build("http://api.example.com", None),
        Err(BuildClientError::NotHttps(_))
    ));
    let keys_in_the_clear = build("https://api.example.com", Some("http://keys.example.com/"));
    assert!(matches!(
        keys_in_the_clear,
        Err(BuildClientError::NotHttps(_))
    ));
    assert!(build("https://api.example.com", None).is_ok());
    assert!(build("http://localhost:4100", None).is_ok());
}

#[tokio::test]
async fn t8_a_token_path_cannot_name_another_host() {
    let world =
        TestClient::with(|settings| settings.token_path = "//127.0.0.2:1/token".into()).await;
    world.transmit.prepare().await.unwrap_err();
    assert_eq!(world.stub.count("//127.0.0.2:1/token"), 1);
}

/// Runs `send_says_no_more_than_it_must` in a process with these variables.
fn send_in_another_process(variables: &[(&str, &str)]) {
    let mut test = std::process::Command::new(std::env::current_exe().unwrap());
    test.env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .envs(variables.iter().copied());
    let output = test
        .args(["operations::send_says_no_more_than_it_must", "--exact"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[test]
fn t8_proxy_variables_are_ignored() {
    let nowhere = "http://127.0.0.1:9";
    send_in_another_process(
        &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].map(|name| (name, nowhere)),
    );
}

#[test]
fn a_machine_without_root_certificates_can_run_against_the_sandbox() {
    send_in_another_process(&[
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_DIR", "/nonexistent"),
    ]);
}

#[tokio::test]
async fn t8_an_upstream_that_does_not_speak_tls_is_not_spoken_to() {
    let world = TestClient::new().await;
    let settings = settings::TransmitSettings {
        base_url: Some(world.stub.base.replace("http:", "https:").parse().unwrap()),
        issuer: Some(ISSUER.into()),
        connect_timeout: HumanDuration::millis(100),
        ..settings::TransmitSettings::default()
    };
    let transmit = Transmit::new(
        &settings,
        Secret::new("x"),
        Clock::system(),
        Random::system(),
    )
    .unwrap();
    let cause = transmit.prepare().await.unwrap_err().cause.unwrap();
    assert_eq!(
        (cause.kind, cause.delivery),
        (FailureKind::Connect, DeliveryState::NotWritten)
    );
    assert_eq!(world.stub.total(), 0);
}
