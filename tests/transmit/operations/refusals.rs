//! Refusals and their reasons, and what the probe of `latchkey check` finds.

use latchkey::server::transmit::{
    ClientTokenFacts, DeliveryState, FailureKind, IssuerFinding, Operation, Reason,
};
use serde_json::json;

use crate::stub_server::Reply;
use crate::test_client::*;

const DISCOVERY: &str = "/cis/oidc/.well-known/openid-configuration";

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
        assert_failure(
            &failure,
            FailureKind::Refused(reason),
            DeliveryState::Answered,
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
        assert_failure(
            &failure,
            FailureKind::Refused(reason),
            DeliveryState::Answered,
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
