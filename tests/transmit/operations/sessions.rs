//! Sessions: the check and the logout.

use latchkey::server::transmit::{FailureKind, SessionId, SessionState};
use latchkey_testkit::token_signer::TRUSTED;
use serde_json::json;

use crate::stub_server::Reply;
use crate::test_client::*;

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
