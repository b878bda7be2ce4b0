//! The client access token (requirement T6).

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use latchkey::server::transmit::{DeliveryState, FailureKind, Reason};
use serde_json::json;
use tokio::sync::Notify;

use crate::stub_server::Reply;
use crate::test_client::{CLIENT, SECRET, TOKEN, TestClient, USER, assert_failure, grant};

pub fn refused_client() -> Reply {
    Reply::json(
        401,
        json!({"error": "invalid_client", "error_description": "client authentication failed"}),
    )
}

#[tokio::test]
async fn t6_a_thousand_first_callers_cause_one_request() {
    let world = TestClient::new().await;
    let results = join_all((0..1000).map(|_| world.transmit.user("u-1"))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.stub.count(TOKEN), 1);
    assert_eq!(world.stub.count(USER), 1000);
}

#[tokio::test]
async fn t6_the_request_is_what_the_api_asks_for() {
    let world = TestClient::new().await;
    world.transmit.prepare().await.unwrap();
    let request = &world.stub.seen(TOKEN)[0];
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert!(!request.headers.contains_key("authorization"));
    let fields: Vec<_> = form_urlencoded::parse(request.body.as_bytes())
        .into_owned()
        .collect();
    let expected = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ];
    assert_eq!(
        fields,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn t6_renewed_at_80_percent_of_its_life_and_nobody_waits() {
    let world = TestClient::new().await;
    world.transmit.user("u-1").await.unwrap();
    world.hand.advance(Duration::from_secs(2879));
    world.transmit.user("u-1").await.unwrap();
    assert_eq!(world.stub.count(TOKEN), 1);

    let gate = Arc::new(Notify::new());
    world
        .stub
        .always(TOKEN, Reply::Gate(gate.clone(), Box::new(grant("renewed"))));
    world.hand.advance(Duration::from_secs(1));
    for _ in 0..10 {
        world.transmit.user("u-1").await.unwrap();
    }
    world.stub.wait_for(TOKEN, 2).await;
    assert_eq!(
        world.stub.seen(USER).last().unwrap().headers["authorization"],
        "Bearer token-1"
    );

    gate.notify_one();
    while world.stub.seen(USER).last().unwrap().headers["authorization"] != "Bearer renewed" {
        world.transmit.user("u-1").await.unwrap();
    }
    assert_eq!(world.stub.count(TOKEN), 2);
}

#[tokio::test]
async fn t6_a_renewal_that_fails_leaves_the_old_token_in_use_until_its_end() {
    let world = TestClient::new().await;
    world.transmit.prepare().await.unwrap();
    world.stub.always(TOKEN, refused_client());
    world.hand.advance(Duration::from_secs(2880));
    for _ in 0..5 {
        world.transmit.user("u-1").await.unwrap();
    }
    world.stub.wait_for(TOKEN, 2).await;
    world.hand.advance(Duration::from_secs(719));
    world.transmit.user("u-1").await.unwrap();
    world.stub.wait_for(TOKEN, 3).await;
    world.hand.advance(Duration::from_secs(1));
    let failure = world.transmit.user("u-1").await.unwrap_err();
    assert_failure(
        &failure,
        FailureKind::NoClientToken,
        DeliveryState::NotWritten,
    );
}

#[tokio::test]
async fn t6_the_life_of_a_token_is_read_whatever_it_looks_like() {
    for (expires_in, seconds) in [
        (json!(null), 300),
        (json!(60), 60),
        (json!(90.5), 90),
        (json!("3600"), 3600),
        (json!(1e12), 86_400),
    ] {
        let world = TestClient::new().await;
        let mut answer =
            json!({"access_token": "a", "token_type": "bearer", "expires_in": expires_in});
        if answer["expires_in"].is_null() {
            answer.as_object_mut().unwrap().remove("expires_in");
        }
        world.stub.always(TOKEN, Reply::json(200, answer));
        world.send().await.unwrap();
        world.stub.always(TOKEN, refused_client());
        world.hand.advance(Duration::from_secs(seconds - 1));
        world.send().await.unwrap();
        world.hand.advance(Duration::from_secs(70));
        assert_eq!(
            world.send().await.unwrap_err().kind,
            FailureKind::NoClientToken,
            "{expires_in}"
        );
    }
}

#[tokio::test]
async fn t6_both_error_shapes_of_the_token_endpoint_are_read() {
    for (reply, code) in [
        (refused_client(), "invalid_client"),
        (
            Reply::json(
                400,
                json!({"error": "invalid_grant", "error_description": "x"}),
            ),
            "invalid_grant",
        ),
        (
            Reply::json(400, json!({"error_code": 400, "message": "bad client"})),
            "400",
        ),
        (
            Reply::json(
                400,
                json!({"error_code": "400", "message": ["bad", "client"]}),
            ),
            "400",
        ),
    ] {
        let world = TestClient::new().await;
        world.stub.always(TOKEN, reply);
        let cause = world.transmit.prepare().await.unwrap_err().cause.unwrap();
        assert_eq!(cause.kind, FailureKind::Refused(Reason::InvalidClient));
        assert_eq!(cause.error_code.as_deref(), Some(code));
    }
}

#[tokio::test]
async fn t6_a_grant_that_is_none_is_not_understood() {
    for grant in [
        json!({"access_token": "", "token_type": "Bearer", "expires_in": 3600}),
        json!({"access_token": "a\nb", "token_type": "Bearer", "expires_in": 3600}),
        json!({"access_token": "a", "token_type": "mac", "expires_in": 3600}),
        json!({"access_token": "a", "token_type": "Bearer", "expires_in": 0}),
        json!({"access_token": "a", "token_type": "Bearer", "expires_in": -1}),
        json!({"access_token": "a", "token_type": "Bearer", "expires_in": "soon"}),
        json!({"access_token": "a", "token_type": "Bearer", "expires_in": "NaN"}),
        json!({"access_token": "a", "token_type": "Bearer", "expires_in": [3600]}),
        json!({"token_type": "Bearer", "expires_in": 3600}),
        json!([]),
    ] {
        let world = TestClient::new().await;
        world.stub.always(TOKEN, Reply::json(200, grant.clone()));
        let failure = world.transmit.prepare().await.unwrap_err();
        assert_eq!(
            failure.cause.unwrap().kind,
            FailureKind::NotUnderstood,
            "{grant}"
        );
        for _ in 0..30 {
            world.transmit.prepare().await.unwrap_err();
        }
        assert_eq!(
            world.stub.count(TOKEN),
            10,
            "an endpoint that gives nothing else is left alone: {grant}"
        );
    }
}

#[tokio::test]
async fn t6_a_caller_who_goes_away_does_not_end_the_request_of_the_others() {
    let world = TestClient::new().await;
    let gate = Arc::new(Notify::new());
    world
        .stub
        .always(TOKEN, Reply::Gate(gate.clone(), Box::new(grant("late"))));
    {
        let first = std::pin::pin!(world.transmit.user("u-1"));
        let waiting = world.stub.wait_for(TOKEN, 1);
        tokio::select! { _ = first => unreachable!("the gate is shut"), () = waiting => {} }
    }
    gate.notify_one();
    world.transmit.user("u-1").await.unwrap();
    assert_eq!(world.stub.count(TOKEN), 1);
}
