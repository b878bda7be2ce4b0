//! Refused tokens and refused credentials under load: one renewal, one line in the log, few
//! requests (requirement T6).

use std::time::Duration;

use futures_util::future::join_all;
use latchkey::server::transmit::auth::client_token::{REFUSAL_PAUSE, RENEWAL_PAUSE};
use latchkey::server::transmit::{DeliveryState, FailureKind, Operation, Reason};
use serde_json::json;

use crate::client_token::refused_client;
use crate::stub_server::Reply;
use crate::test_client::{CALLS, SEND, TOKEN, TestClient, USER, assert_failure, good, grant};
use latchkey_testkit::log_capture::thread_logs;
use tracing::level_filters::LevelFilter;

fn unauthorized() -> Reply {
    Reply::json(401, json!({"error_code": 401, "message": "Unauthorized"}))
}

#[tokio::test]
async fn t6_a_401_renews_once_and_repeats_every_call_once() {
    for (operation, path) in CALLS {
        let world = TestClient::new().await;
        world.stub.in_turn(path, vec![unauthorized(), good(path)]);
        world.call(operation).await.unwrap();
        assert_eq!(world.stub.count(TOKEN), 2, "{operation}");
        let bearers: Vec<_> = world
            .stub
            .seen(path)
            .iter()
            .map(|seen| seen.headers["authorization"].clone())
            .collect();
        assert_eq!(bearers, ["Bearer token-1", "Bearer token-2"], "{operation}");
        let bodies: Vec<_> = world
            .stub
            .seen(path)
            .into_iter()
            .map(|seen| seen.body)
            .collect();
        assert_eq!(bodies[0], bodies[1], "{operation}");
    }
}

#[tokio::test]
async fn t6_a_revoked_token_is_renewed_once_for_200_who_used_it() {
    for (operation, path) in CALLS {
        // All are in flight before the first one hears of it.
        let world = TestClient::with(|settings| settings.max_in_flight = 200).await;
        world.stub.on(path, move |seen| {
            match seen.headers["authorization"].as_str() {
                "Bearer token-1" => unauthorized(),
                _ => good(path),
            }
        });
        let results = join_all((0..200).map(|_| world.call(operation))).await;
        assert!(results.iter().all(Result::is_ok), "{operation}");
        assert_eq!(world.stub.count(TOKEN), 2, "{operation}");
        let bearers: Vec<_> = world
            .stub
            .seen(path)
            .iter()
            .map(|seen| seen.headers["authorization"].clone())
            .collect();
        assert!(
            bearers
                .iter()
                .filter(|bearer| *bearer == "Bearer token-2")
                .count()
                == 200,
            "{operation}"
        );
    }
}

#[tokio::test]
async fn t6_a_storm_of_401_does_not_loop() {
    for (operation, path) in CALLS {
        let world = TestClient::with(|settings| settings.max_in_flight = 200).await;
        world.stub.always(path, unauthorized());
        for result in join_all((0..200).map(|_| world.call(operation))).await {
            let failure = result.unwrap_err();
            assert_eq!(
                failure.kind,
                FailureKind::Refused(Reason::Unauthorized),
                "{operation}"
            );
            assert_eq!(failure.delivery, DeliveryState::Unprocessed, "{operation}");
        }
        assert_eq!(world.stub.count(TOKEN), 2, "{operation}");
        assert!(world.stub.count(path) <= 400, "{operation}");
        for _ in 0..60 {
            world.hand.advance(Duration::from_secs(1));
            world.call(operation).await.unwrap_err();
        }
        let renewals = world.stub.count(TOKEN) - 2;
        assert!(
            (5..=6).contains(&renewals),
            "{operation}: one in ten seconds, not {renewals} in a minute"
        );
    }
}

#[tokio::test]
async fn t6_a_new_token_that_is_refused_as_well_is_not_renewed_again_for_a_while() {
    let world = TestClient::new().await;
    world.stub.always(SEND, unauthorized());
    let failure = world.send().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused(Reason::Unauthorized));
    assert_eq!(
        (failure.delivery, failure.status),
        (DeliveryState::Unprocessed, Some(401))
    );
    assert_eq!((world.stub.count(TOKEN), world.stub.count(SEND)), (2, 2));

    assert_eq!(
        world.send().await.unwrap_err().delivery,
        DeliveryState::Unprocessed
    );
    assert_eq!((world.stub.count(TOKEN), world.stub.count(SEND)), (2, 3));

    world.hand.advance(RENEWAL_PAUSE);
    world.send().await.unwrap_err();
    assert_eq!((world.stub.count(TOKEN), world.stub.count(SEND)), (3, 5));
}

#[tokio::test]
async fn t6_no_new_token_after_a_401_no_longer_passes_for_unseen() {
    let world = TestClient::new().await;
    world.transmit.prepare().await.unwrap();
    world.stub.always(SEND, unauthorized());
    world.stub.always(TOKEN, refused_client());
    let failure = world.send().await.unwrap_err();
    assert_failure(
        &failure,
        FailureKind::NoClientToken,
        DeliveryState::Unprocessed,
    );
}

#[tokio::test]
async fn t6_a_wrong_secret_is_said_once_and_does_not_hammer() {
    let (logs, _guard) = thread_logs(LevelFilter::TRACE);

    let world = TestClient::new().await;
    world.stub.always(TOKEN, refused_client());
    for result in join_all((0..20).map(|_| world.transmit.user("u-1"))).await {
        let failure = result.unwrap_err();
        assert_failure(
            &failure,
            FailureKind::NoClientToken,
            DeliveryState::NotWritten,
        );
        assert_eq!(failure.operation, Operation::UserGet);
        let cause = failure.cause.unwrap();
        assert_eq!(cause.kind, FailureKind::Refused(Reason::InvalidClient));
        assert_eq!(
            (cause.status, cause.error_code.as_deref()),
            (Some(401), Some("invalid_client"))
        );
    }
    assert_eq!(
        world.transmit.prepare().await.unwrap_err().kind,
        FailureKind::NoClientToken
    );
    assert_eq!(
        world
            .transmit
            .check_available(Operation::OtpSend)
            .unwrap_err()
            .kind,
        FailureKind::NoClientToken
    );
    assert_eq!((world.stub.count(TOKEN), world.stub.count(USER)), (1, 0));

    world.hand.advance(REFUSAL_PAUSE.0);
    assert_eq!(world.transmit.check_available(Operation::OtpSend), Ok(()));
    world.transmit.user("u-1").await.unwrap_err();
    assert_eq!(world.stub.count(TOKEN), 2);
    assert_eq!(logs.text().matches("ERROR").count(), 1, "{}", logs.text());
    assert!(
        logs.text()
            .contains("check transmit.client_id and transmit.client_secret")
    );
    assert!(!logs.text().contains("s3cret"));

    // Mended at the other end.
    world.stub.always(TOKEN, grant("good"));
    world.hand.advance(REFUSAL_PAUSE.1);
    world.transmit.user("u-1").await.unwrap();
    assert!(!logs.text().contains("good"));
}

#[tokio::test]
async fn t6_a_wrong_secret_costs_a_dozen_requests_and_one_line_in_ten_minutes_of_traffic() {
    let (logs, _guard) = thread_logs(LevelFilter::INFO);
    let world = TestClient::new().await;
    world.stub.always(TOKEN, refused_client());
    for _ in 0..600 {
        let failure = world.send().await.unwrap_err();
        assert_failure(
            &failure,
            FailureKind::NoClientToken,
            DeliveryState::NotWritten,
        );
        world.transmit.prepare().await.unwrap_err();
        world.hand.advance(Duration::from_secs(1));
    }
    // At 0, 10, 30 and 70 seconds, and then once a minute.
    assert_eq!((world.stub.count(TOKEN), world.stub.count(SEND)), (12, 0));
    assert_eq!(logs.text().lines().count(), 1, "{}", logs.text());

    // Mended at the other end: it works again within a minute, without a restart; and a second
    // episode is said again.
    world.stub.always(TOKEN, grant("good"));
    world.hand.advance(REFUSAL_PAUSE.1);
    world.send().await.unwrap();
    world.stub.always(TOKEN, refused_client());
    world.hand.advance(Duration::from_secs(3600));
    world.send().await.unwrap_err();
    assert_eq!(logs.text().matches("ERROR").count(), 2, "{}", logs.text());
}

#[tokio::test]
async fn t6_a_token_endpoint_that_throttles_is_left_alone_for_as_long_as_it_says() {
    for (reply, seconds) in [
        (Reply::text(429, "", ""), 10),
        (Reply::text(429, "", "").with("retry-after", "25"), 25),
        (Reply::text(429, "", "").with("retry-after", "86400"), 60),
    ] {
        let world = TestClient::new().await;
        world.stub.always(TOKEN, reply);
        for _ in 0..20 {
            let failure = world.send().await.unwrap_err();
            assert_failure(
                &failure,
                FailureKind::NoClientToken,
                DeliveryState::NotWritten,
            );
            assert_eq!(failure.cause.unwrap().kind, FailureKind::Throttled);
        }
        assert_eq!(world.stub.count(TOKEN), 1);
        world.hand.advance(Duration::from_secs(seconds - 1));
        world.send().await.unwrap_err();
        assert_eq!(world.stub.count(TOKEN), 1);
        world.stub.always(TOKEN, grant("good"));
        world.hand.advance(Duration::from_secs(1));
        world.send().await.unwrap();
    }
}
