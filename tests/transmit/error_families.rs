//! A user's sessions upstream, the shapes of error bodies, and the options of a send.

use latchkey::domain::Channel;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::transmit::{
    AuthenticateOtp, ClientAttributes, DeliveryState, FailureKind, Operation, Reason, RetryPolicy,
    SendOtp,
};
use serde_json::json;

use crate::stub_server::Reply;
use crate::test_client::*;
use latchkey_testkit::log_capture::thread_logs;
use tracing::level_filters::LevelFilter;

/// One body of every family.
fn families(status: u16) -> Vec<Reply> {
    [
        json!({"error_code": "some_slug", "message": "text"}),
        json!({"error_code": status, "message": "text"}),
        json!({"error_code": status, "message": ["text", "more"]}),
        json!({"error_code": status.to_string(), "message": "text"}),
        json!({"error_code": status, "message": "text", "ts_error_code": "some_slug"}),
        json!({"error": "some_slug", "error_description": "text"}),
    ]
    .map(|body| Reply::json(status, body))
    .to_vec()
}

#[tokio::test]
async fn a_users_sessions_are_listed() {
    let world = TestClient::new().await;
    let list = json!([
        {
            "session_id": "s-1", "start_time": 1_774_000_000_000_u64,
            "expiration_time": 1_775_209_600, "new": 1,
        },
        {"session_id": "s-2", "start_time": "2026-03-20T09:46:40Z"},
        {"session_id": "s-3", "start_time": null, "expiration_time": {}},
    ]);
    world.stub.always(SESSIONS, Reply::json(200, list));
    let sessions = world.transmit.user_sessions("u-1").await.unwrap();
    let request = &world.stub.seen(SESSIONS)[0];
    assert_eq!(
        (request.method.as_str(), request.body.as_str()),
        ("GET", "")
    );
    let start = Some(Timestamp::from_secs(1_774_000_000));
    let told: Vec<_> = sessions
        .iter()
        .map(|s| (s.session_id.expose(), s.started_at, s.expires_at))
        .collect();
    let end = Some(Timestamp::from_secs(1_775_209_600));
    assert_eq!(
        told,
        [
            ("s-1", start, end),
            ("s-2", start, None),
            ("s-3", None, None)
        ]
    );
    assert!(!format!("{sessions:?}").contains("s-1"));

    for nobody in [
        json!({"error_code": 404, "message": "User not found"}),
        json!({"error_code": "user_not_found"}),
    ] {
        world.stub.always(SESSIONS, Reply::json(404, nobody));
        assert_eq!(world.transmit.user_sessions("u-1").await.unwrap(), []);
    }
    for unknown in [
        Reply::text(404, "text/html", "<html>"),
        Reply::json(200, json!({"result": []})),
        Reply::json(200, json!([{"start_time": 1}])),
        Reply::text(200, "application/json", ""),
        Reply::Flood(50 << 20),
    ] {
        world.stub.always(SESSIONS, unknown);
        let failure = world.transmit.user_sessions("u-1").await.unwrap_err();
        assert_eq!(
            (failure.operation, failure.kind),
            (Operation::SessionsList, FailureKind::NotUnderstood)
        );
    }
}

#[tokio::test]
async fn k10_a_users_sessions_are_ended_by_one_call() {
    let world = TestClient::new().await;
    for done in [
        Reply::text(204, "", ""),
        Reply::json(404, json!({"error_code": 404, "message": "User not found"})),
    ] {
        world.stub.always(SESSIONS, done);
        world.transmit.revoke_user_sessions("u-1").await.unwrap();
    }
    let request = &world.stub.seen(SESSIONS)[0];
    assert_eq!(
        (request.method.as_str(), request.body.as_str()),
        ("DELETE", "")
    );
    world.stub.always(
        SESSIONS,
        Reply::json(403, json!({"error_code": 403, "message": "Forbidden"})),
    );
    let failure = world
        .transmit
        .revoke_user_sessions("u-1")
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused(Reason::Forbidden));
    for id in ["", ".", ".."] {
        assert_eq!(
            world
                .transmit
                .revoke_user_sessions(id)
                .await
                .unwrap_err()
                .delivery,
            DeliveryState::NotWritten
        );
        assert_eq!(
            world.transmit.user_sessions(id).await.unwrap_err().delivery,
            DeliveryState::NotWritten
        );
    }
    world.transmit.user_sessions("../x").await.unwrap_err();
    assert_eq!(world.stub.count("/cis/v1/auth/users/..%2Fx/sessions"), 1);
}

#[tokio::test]
async fn every_family_of_error_bodies_is_read() {
    let world = TestClient::new().await;
    for status in [400, 403, 409, 418] {
        for reply in families(status) {
            world.stub.always(SESSIONS, reply.clone());
            let failures = [
                world.transmit.user_sessions("u-1").await.unwrap_err(),
                world
                    .transmit
                    .revoke_user_sessions("u-1")
                    .await
                    .unwrap_err(),
            ];
            for failure in failures {
                assert!(matches!(failure.kind, FailureKind::Refused(_)), "{failure}");
                assert_eq!(
                    (failure.delivery, failure.status),
                    (DeliveryState::Answered, Some(status))
                );
            }
        }
    }
}

#[tokio::test]
async fn t7_what_may_be_asked_twice_is_asked_again() {
    for (operation, retry) in [
        (Operation::SessionsList, RetryPolicy::Idempotent),
        (Operation::SessionsRevoke, RetryPolicy::Idempotent),
    ] {
        assert_eq!(operation.retry(), retry, "{operation}");
    }
    let names: std::collections::HashSet<_> = Operation::ALL
        .iter()
        .map(|operation| operation.as_str())
        .collect();
    assert_eq!(names.len(), Operation::ALL.len());
}

#[tokio::test]
async fn t7_each_of_them_has_a_breaker_of_its_own() {
    let world = TestClient::new().await;
    world.stub.always(SESSIONS, Reply::text(500, "", ""));
    while world.transmit.user_sessions("u-1").await.unwrap_err().kind != FailureKind::BreakerOpen {
        assert!(world.stub.count(SESSIONS) < 100, "it never opens");
    }
    assert_eq!(
        world
            .transmit
            .user_sessions("u-1")
            .await
            .unwrap_err()
            .delivery,
        DeliveryState::NotWritten
    );
    assert_eq!(
        world
            .transmit
            .check_available(Operation::SessionsList)
            .unwrap_err()
            .kind,
        FailureKind::BreakerOpen
    );
    for other in [
        Operation::SessionsRevoke,
        Operation::SessionLogout,
        Operation::OtpSend,
    ] {
        world.transmit.check_available(other).unwrap();
    }
}

#[tokio::test]
async fn c10_a_request_id_is_asked_for_and_the_operator_is_told_once_when_none_comes() {
    let (logs, _guard) = thread_logs(LevelFilter::INFO);
    let told = || logs.text().matches("request id and returned none").count();
    let world = TestClient::new().await;
    world.stub.always(
        SEND,
        Reply::json(200, json!({"message": "OTP sent", "requestId": "r-1"})),
    );
    assert_eq!(
        world.send().await.unwrap().request_id.as_deref(),
        Some("r-1")
    );
    assert_eq!(world.stub.seen(SEND)[0].json()["generate_request_id"], true);
    assert_eq!(told(), 0);
    world
        .stub
        .always(SEND, Reply::json(200, json!({"message": "OTP sent"})));
    for _ in 0..3 {
        assert_eq!(world.send().await.unwrap().request_id, None);
    }
    assert_eq!(told(), 1);
}

#[tokio::test]
async fn a_device_id_goes_out_where_the_setting_says_so() {
    let identifier = phone();
    let client = ClientAttributes {
        device_id: Some("device-1"),
        ..ClientAttributes::default()
    };
    for is_on in [true, false] {
        let world = TestClient::with(|settings| settings.device_id = is_on).await;
        let send = SendOtp {
            identifier: &identifier,
            channel: Channel::Sms,
            message: None,
            sender_id: None,
            client,
        };
        world.transmit.send_otp(&send).await.unwrap();
        let passcode = latchkey::domain::Passcode::parse("123456", 6).unwrap();
        let not_before = Timestamp::from_secs(NOW);
        let verify = AuthenticateOtp {
            identifier: &identifier,
            passcode: &passcode,
            request_id: None,
            client,
            channels: &[Channel::Sms],
            not_before,
        };
        world.transmit.authenticate_otp(&verify).await.unwrap();
        for path in [SEND, VERIFY] {
            let body = world.stub.seen(path)[0].json();
            assert_eq!(body.get("device_id"), is_on.then_some(&json!("device-1")));
            assert_eq!(
                body.get("client_attributes"),
                None,
                "an empty object says nothing"
            );
        }
    }
}
