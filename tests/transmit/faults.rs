//! Faults of the network and of the server. No send and no verify is repeated after any of them
//! (T7, S10).

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use latchkey::server::settings::human_duration::HumanDuration;
use latchkey::server::system::clock::Clock;
use latchkey::server::transmit::{
    DeliveryState, Failure, FailureKind, IN_FLIGHT_WAIT, Operation, SessionId,
};
use serde_json::json;
use tokio::sync::Notify;

use crate::stub_server::Reply;
use crate::test_client::*;

/// Failures in a row that open a breaker, and how long it stays open.
const BREAKER: (usize, Duration) = (10, Duration::from_secs(5));

const ANSWERED: DeliveryState = DeliveryState::Answered;
const UNKNOWN: DeliveryState = DeliveryState::Unknown;

/// Faults after the request was read, with what is to be made of them.
fn faults() -> Vec<(&'static str, Reply, FailureKind, DeliveryState)> {
    use FailureKind::{Broken, NotUnderstood, Server, Throttled};
    let json_kind = "application/json";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n\
                {\"message\"";
    let endless_head = format!("HTTP/1.1 200 OK\r\n{}", "x: y\r\n".repeat(50_000));
    let html = |status, text| Reply::text(status, "text/html", text);
    let sent = "{\"message\": \"OTP sent\"}";
    let broken = vec![
        ("reset", Reply::Reset),
        ("closed without a word", Reply::Raw(Vec::new())),
        (
            "no HTTP",
            Reply::Raw(b"\x16\x03\x01 what?\r\n\r\n".to_vec()),
        ),
        ("endless head", Reply::Raw(endless_head.into_bytes())),
        ("body breaks off", Reply::Raw(head.into())),
    ];
    let not_understood = vec![
        ("JSON by another name", html(200, sent)),
        ("JSON without a name", Reply::text(200, "", sent)),
        (
            "truncated JSON",
            Reply::text(200, json_kind, "{\"message\": \"OT"),
        ),
        ("HTML", html(200, "<html>maintenance</html>")),
        ("empty 200", Reply::text(200, json_kind, "")),
        ("204", Reply::text(204, "", "")),
        ("a JSON text", Reply::text(200, json_kind, "\"ok\"")),
        ("50 MB", Reply::Flood(50_000_000)),
        ("403 of a proxy", html(403, "<html>blocked</html>")),
    ];
    let of_server = vec![
        (
            "500",
            Reply::json(500, json!({"error_code": 500, "message": "x"})),
        ),
        ("502 in HTML", html(502, "<html>bad gateway</html>")),
        (
            "503, empty",
            Reply::text(503, "", "").with("retry-after", "5"),
        ),
    ];
    let slow_down = Reply::text(429, "text/plain", "slow down");
    let throttled = vec![
        ("429", slow_down.with("retry-after", "7")),
        ("429 without a word", Reply::text(429, "", "")),
    ];
    [
        (broken, Broken, UNKNOWN),
        (not_understood, NotUnderstood, UNKNOWN),
        (of_server, Server, ANSWERED),
        (throttled, Throttled, ANSWERED),
    ]
    .into_iter()
    .flat_map(|(replies, kind, delivery)| {
        let with_outcome = move |(name, reply)| (name, reply, kind, delivery);
        replies.into_iter().map(with_outcome)
    })
    .collect()
}

fn check(name: &str, failure: &Failure, kind: FailureKind, delivery: DeliveryState) {
    assert_eq!(
        (failure.kind, failure.delivery),
        (kind, delivery),
        "{name}: {failure}"
    );
}

/// Makes a call once for every fault, and asserts that it is not repeated.
async fn is_never_repeated(operation: Operation, path: &str) {
    for (name, reply, kind, delivery) in faults() {
        let world = TestClient::new().await;
        world.stub.always(path, reply);
        let failure = world.call(operation).await.unwrap_err();
        check(name, &failure, kind, delivery);
        assert_eq!(world.stub.count(path), 1, "{name}");
    }
}

#[tokio::test]
async fn s10_a_send_that_may_have_arrived_is_never_made_again() {
    is_never_repeated(Operation::OtpSend, SEND).await;
}

#[tokio::test]
async fn t7_a_verify_is_never_made_again() {
    is_never_repeated(Operation::OtpAuthenticate, VERIFY).await;
}

#[tokio::test]
async fn t7_a_creation_that_may_have_arrived_is_never_made_again() {
    is_never_repeated(Operation::UserCreate, USERS).await;
}

#[tokio::test]
async fn t7_what_is_idempotent_is_made_again_when_the_network_or_the_server_failed() {
    let good = Reply::json(
        200,
        json!({"result": {"user_id": "u-1", "status": "Active"}}),
    );
    let gone = Reply::text(204, "", "");
    let id = SessionId::new("session-1");
    for bad in [Reply::Reset, Reply::text(503, "text/html", "<html>")] {
        let world = TestClient::new().await;
        world
            .stub
            .in_turn(USER, vec![bad.clone(), bad.clone(), good.clone()]);
        world.transmit.user("u-1").await.unwrap();
        assert_eq!(world.stub.count(USER), 3);
        world.stub.in_turn(LOGOUT, vec![bad.clone(), gone.clone()]);
        world.transmit.logout(&id).await.unwrap();
        assert_eq!(world.stub.count(LOGOUT), 2);
        let alive = tokens(
            &latchkey_testkit::token_signer::TRUSTED.token(&id_claims()),
            &latchkey_testkit::token_signer::TRUSTED.token(&access_claims()),
        );
        world.stub.in_turn(SESSION, vec![bad, alive]);
        world
            .transmit
            .authenticate_session(&id, "u-1")
            .await
            .unwrap();
        assert_eq!(world.stub.count(SESSION), 2);
    }
    let world = TestClient::new().await;
    world.stub.always(USER, Reply::Reset);
    world.transmit.user("u-1").await.unwrap_err();
    assert_eq!(world.stub.count(USER), 4, "and not for ever");
    world.stub.always(USER, Reply::text(429, "", ""));
    let throttled = world.transmit.user("u-1").await.unwrap_err();
    assert_eq!(
        (throttled.kind, world.stub.count(USER)),
        (FailureKind::Throttled, 5)
    );
}

#[tokio::test]
async fn t7_silence_ends_at_the_deadline_and_was_perhaps_delivered() {
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"a\""
            .to_vec();
    for stall in [Vec::new(), b"HTTP/1.1 200".to_vec(), head] {
        let world = TestClient::new().await;
        world.transmit.prepare().await.unwrap();
        for path in [SEND, VERIFY, USER] {
            world.stub.always(path, Reply::Stall(stall.clone()));
        }
        let early = async {
            world.stub.wait_for(SEND, 1).await;
            world.stub.wait_for(VERIFY, 1).await;
            world.stub.wait_for(USER, 1).await;
            world.hand.advance(TIMEOUT);
        };
        let (sent, verified, user, ()) = tokio::join!(
            world.send(),
            world.verify(),
            world.transmit.user("u-1"),
            early
        );
        for failure in [sent.unwrap_err(), verified.unwrap_err(), user.unwrap_err()] {
            check("stall", &failure, FailureKind::Timeout, UNKNOWN);
        }
        assert_eq!(world.stub.total(), 5, "token, keys, and one each");
    }
}

#[tokio::test]
async fn t7_a_verify_has_a_deadline_of_its_own() {
    let mut world = TestClient::new().await;
    world.transmit = world
        .transmit
        .clone()
        .with_verify_timeout(Duration::from_secs(2));
    world.transmit.prepare().await.unwrap();
    world.stub.always(VERIFY, Reply::Stall(Vec::new()));
    let wait = async {
        world.stub.wait_for(VERIFY, 1).await;
        world.hand.advance(Duration::from_secs(2));
    };
    let (verified, ()) = tokio::join!(world.verify(), wait);
    check(
        "stall",
        &verified.unwrap_err(),
        FailureKind::Timeout,
        UNKNOWN,
    );
}

#[tokio::test]
async fn t7_a_refused_connection_proves_that_nothing_was_delivered() {
    let mut world = TestClient::new().await;
    world.transmit.prepare().await.unwrap();
    world.stub.stop().await;
    check(
        "send",
        &world.send().await.unwrap_err(),
        FailureKind::Connect,
        DeliveryState::NotWritten,
    );
    check(
        "verify",
        &world.verify().await.unwrap_err(),
        FailureKind::Connect,
        DeliveryState::NotWritten,
    );
    let failure = world.transmit.user("u-1").await.unwrap_err();
    check(
        "user",
        &failure,
        FailureKind::Connect,
        DeliveryState::NotWritten,
    );
}

#[tokio::test]
async fn t7_nothing_is_called_before_a_client_token_is_in_hand() {
    let mut world = TestClient::new().await;
    world.stub.stop().await;
    let failure = world.verify().await.unwrap_err();
    check(
        "verify",
        &failure,
        FailureKind::NoClientToken,
        DeliveryState::NotWritten,
    );
    assert_eq!(failure.cause.unwrap().kind, FailureKind::Connect);
}

#[tokio::test]
async fn t7_a_connection_that_died_while_idle_costs_nothing() {
    let world = TestClient::new().await;
    let reply = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
        .to_vec();
    world.stub.in_turn(
        SEND,
        vec![
            Reply::Raw(reply),
            Reply::json(200, json!({"message": "OTP sent"})),
        ],
    );
    world.send().await.unwrap();
    tokio::task::yield_now().await;
    world.send().await.unwrap();
    assert_eq!(world.stub.count(SEND), 2);
}

#[tokio::test]
async fn t7_a_wait_that_upstream_asks_for_is_passed_on() {
    let world = TestClient::new().await;
    for (value, seconds) in [
        ("7", Some(7)),
        ("999999", Some(3600)),
        ("soon", None),
        ("-1", None),
    ] {
        world
            .stub
            .always(SEND, Reply::text(429, "", "").with("retry-after", value));
        assert_eq!(
            world.send().await.unwrap_err().retry_after,
            seconds.map(Duration::from_secs),
            "{value}"
        );
    }
}

#[tokio::test]
async fn t7_a_breaker_opens_for_failures_and_not_for_refusals() {
    let world = TestClient::new().await;
    world.stub.always(
        SEND,
        Reply::json(404, json!({"error_code": "user_not_found", "message": "x"})),
    );
    for _ in 0..BREAKER.0 * 2 {
        world.send().await.unwrap_err();
    }
    assert_eq!(world.transmit.check_available(Operation::OtpSend), Ok(()));

    world.stub.always(SEND, Reply::text(500, "", ""));
    for _ in 0..BREAKER.0 {
        assert_eq!(world.send().await.unwrap_err().kind, FailureKind::Server);
    }
    let before = world.stub.total();
    assert_eq!(
        world
            .transmit
            .check_available(Operation::OtpSend)
            .unwrap_err()
            .kind,
        FailureKind::BreakerOpen
    );
    check(
        "open",
        &world.send().await.unwrap_err(),
        FailureKind::BreakerOpen,
        DeliveryState::NotWritten,
    );
    assert_eq!(world.stub.total(), before);
    world.transmit.user("u-1").await.unwrap();

    world
        .stub
        .always(SEND, Reply::json(200, json!({"message": "OTP sent"})));
    world.hand.advance(BREAKER.1);
    assert_eq!(world.transmit.check_available(Operation::OtpSend), Ok(()));
    world.send().await.unwrap();
    world.send().await.unwrap();
}

#[tokio::test]
async fn t7_a_firewall_that_dislikes_one_persons_input_shuts_nobody_else_out() {
    let world = TestClient::new().await;
    let blocked = || Reply::text(403, "text/html", "<html>blocked</html>");
    for (operation, path) in CALLS {
        world.stub.always(path, blocked());
        for _ in 0..BREAKER.0 * 2 {
            check(
                "blocked",
                &world.call(operation).await.unwrap_err(),
                FailureKind::NotUnderstood,
                UNKNOWN,
            );
        }
        assert_eq!(
            world.transmit.check_available(operation),
            Ok(()),
            "{operation}"
        );
    }
    // What carries nothing of a person is left alone all the same.
    let world = TestClient::new().await;
    world.stub.always(TOKEN, blocked());
    for _ in 0..BREAKER.0 * 2 {
        world.send().await.unwrap_err();
    }
    assert_eq!(world.stub.count(TOKEN), BREAKER.0);
}

#[tokio::test]
async fn t7_a_half_open_breaker_lets_one_of_a_hundred_callers_probe() {
    for (probe, is_mended) in [(good(SEND), true), (Reply::text(500, "", ""), false)] {
        let world = TestClient::new().await;
        world.stub.always(SEND, Reply::text(500, "", ""));
        for _ in 0..BREAKER.0 {
            world.send().await.unwrap_err();
        }
        world.hand.advance(BREAKER.1);
        let gate = Arc::new(Notify::new());
        world.stub.in_turn(
            SEND,
            vec![Reply::Gate(gate.clone(), Box::new(probe.clone())), probe],
        );
        let open = async {
            world.stub.wait_for(SEND, BREAKER.0 + 1).await;
            // Everybody else has been turned away by now, or never will be.
            Clock::system().sleep(Duration::from_millis(50)).await;
            assert_eq!(
                world
                    .transmit
                    .check_available(Operation::OtpSend)
                    .unwrap_err()
                    .kind,
                FailureKind::BreakerOpen
            );
            gate.notify_one();
        };
        let (results, ()) = tokio::join!(join_all((0..100).map(|_| world.send())), open);
        assert_eq!(
            world.stub.count(SEND),
            BREAKER.0 + 1,
            "exactly one went out"
        );
        let turned_away = |failure: &Failure| failure.kind == FailureKind::BreakerOpen;
        assert_eq!(
            results
                .iter()
                .filter(|result| result.as_ref().err().is_some_and(turned_away))
                .count(),
            99
        );
        assert_eq!(
            world.transmit.check_available(Operation::OtpSend).is_ok(),
            is_mended
        );
    }
}

#[tokio::test]
async fn t7_calls_in_flight_are_bounded_and_so_is_the_wait_for_a_place() {
    let world = TestClient::with(|settings| {
        settings.max_in_flight = 1;
        settings.timeout = HumanDuration::seconds(10);
    })
    .await;
    world.transmit.prepare().await.unwrap();
    world.stub.always(SEND, Reply::Stall(Vec::new()));
    let second = async {
        world.stub.wait_for(SEND, 1).await;
        let advance = async {
            tokio::task::yield_now().await;
            world.hand.advance(IN_FLIGHT_WAIT);
        };
        let (refused, ()) = tokio::join!(world.verify(), advance);
        world.hand.advance(TIMEOUT);
        refused.unwrap_err()
    };
    let (first, second) = tokio::join!(world.send(), second);
    check("first", &first.unwrap_err(), FailureKind::Timeout, UNKNOWN);
    check(
        "second",
        &second,
        FailureKind::Overloaded,
        DeliveryState::NotWritten,
    );
    assert_eq!(world.stub.count(VERIFY), 0);
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t7_every_call_is_counted_with_its_outcome() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let world = TestClient::new().await;
    world.send().await.unwrap();
    world.stub.always(SEND, Reply::text(500, "", ""));
    world.send().await.unwrap_err();
    let text = handle.render();
    for line in [
        r#"latchkey_upstream_calls_total{operation="otp_send",outcome="ok"} 1"#,
        r#"latchkey_upstream_calls_total{operation="otp_send",outcome="server"} 1"#,
        r#"latchkey_upstream_calls_total{operation="token",outcome="ok"} 1"#,
        r#"latchkey_upstream_call_duration_seconds_count{operation="otp_send"} 2"#,
    ] {
        assert!(text.contains(line), "{line} not in\n{text}");
    }
}
