//! Many deliveries at the same time, many unauthenticated requests, and the shutdown.

use std::sync::Arc;

use axum::body::Body;
use http::Request;
use latchkey::server::settings::gateway::ProviderName::Webhook;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::fake_provider::Reply;
use crate::test_gateway::{BOTH, TEXT, TestGateway};

fn held() -> (Arc<Semaphore>, Reply) {
    let gate = Arc::new(Semaphore::new(0));
    (
        gate.clone(),
        Reply::Gate(gate, Box::new(Reply::json(200, json!({})))),
    )
}

#[tokio::test]
async fn s10_two_hundred_at_once_are_each_sent_once() {
    let world = TestGateway::new(&BOTH).await;
    let (gate, reply) = held();
    world.webhook.answers(reply);
    let deliveries: Vec<_> = (0..200)
        .map(|number| world.begin(&format!("code {number:06}")))
        .collect();
    world.webhook.wait_for(200).await;
    gate.add_permits(200);
    for delivery in deliveries {
        assert_eq!(delivery.await.unwrap().status, 200);
    }
    let mut texts: Vec<String> = world
        .webhook
        .seen()
        .into_iter()
        .map(|seen| seen.body)
        .collect();
    texts.sort();
    texts.dedup();
    assert_eq!((texts.len(), world.counts()), (200, (200, 0)));
}

#[tokio::test]
async fn more_than_max_in_flight_are_refused_at_once_and_may_come_again() {
    let world = TestGateway::with(&[Webhook], |settings| settings.max_in_flight = 2).await;
    let (gate, reply) = held();
    world.webhook.answers(reply);
    let under_way: Vec<_> = (0..2)
        .map(|number| world.begin(&format!("code {number}")))
        .collect();
    world.webhook.wait_for(2).await;
    let busy = world.deliver(TEXT).await;
    assert_eq!((busy.status, busy.error().as_str()), (429, "busy"));
    assert_eq!(busy.headers["retry-after"], "1");
    // A repetition of one under way needs no place.
    let repetition = world.begin("code 0");
    gate.add_permits(2);
    for delivery in under_way.into_iter().chain([repetition]) {
        assert_eq!(delivery.await.unwrap().status, 200);
    }
    gate.add_permits(1);
    assert_eq!(world.deliver(TEXT).await.status, 200);
    assert_eq!(world.webhook.count(), 3);
}

#[tokio::test]
async fn ten_thousand_wrong_keys_reach_nobody() {
    let world = TestGateway::new(&BOTH).await;
    for number in 0..10_000 {
        let request = Request::builder()
            .method("POST")
            .uri("/sms")
            .header("x-api-key", format!("wrong-key-{number:06}"));
        let request = request
            .header("content-type", "application/json")
            .body(Body::from("{"))
            .unwrap();
        assert_eq!(world.send(request).await.status, 401);
    }
    assert_eq!(world.counts(), (0, 0));
    assert_eq!(world.outcomes(), [""; 0]);
}

#[tokio::test]
async fn the_end_waits_for_deliveries_under_way() {
    let world = TestGateway::new(&[Webhook]).await;
    let (gate, reply) = held();
    world.webhook.answers(reply);
    let delivery = world.begin(TEXT);
    world.webhook.wait_for(1).await;
    // Its caller's connection goes with the listener; the delivery stays.
    delivery.abort();
    let gateway = world.gateway.clone();
    let end = tokio::spawn(async move { gateway.close().await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!end.is_finished());
    gate.add_permits(1);
    end.await.unwrap();
    assert_eq!(world.outcomes(), ["accepted"]);
}
