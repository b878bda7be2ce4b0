//! Repeated deliveries: upstream does not document whether it repeats.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::settings::gateway::ProviderName::Webhook;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::fake_provider::Reply;
use crate::test_gateway::{BOTH, TEXT, TestGateway, post};

#[tokio::test]
async fn s10_a_repetition_within_a_minute_is_answered_from_the_first() {
    for (reply, status) in [
        (Reply::html(200), 502),
        (Reply::json(200, json!({})), 200),
        (Reply::Reset, 502),
    ] {
        let world = TestGateway::new(&BOTH).await;
        world.webhook.answers(reply.clone());
        for seconds in [0, 1, 58] {
            world.hand.advance(Duration::from_secs(seconds));
            assert_eq!(world.deliver(TEXT).await.status, status, "{reply:?}");
        }
        assert_eq!(world.counts(), (1, 0), "{reply:?}");
        world.hand.advance(Duration::from_secs(1));
        world.webhook.answers(Reply::json(200, json!({})));
        assert_eq!(world.deliver(TEXT).await.status, 200, "a minute is over");
        assert_eq!(world.counts(), (2, 0), "{reply:?}");
    }
}

#[tokio::test]
async fn another_number_or_another_text_is_another_delivery() {
    let world = TestGateway::new(&[Webhook]).await;
    assert_eq!(world.deliver(TEXT).await.status, 200);
    assert_eq!(
        world.deliver("Your Latchkey code is 482914.").await.status,
        200
    );
    let other = json!({"phone_number": "+447400123457", "sender_id": "Latchkey", "message": TEXT});
    assert_eq!(world.send(post(other.to_string())).await.status, 200);
    // The sender makes no difference: it is not what the person reads.
    let sender = json!({"phone_number": "+447400123457", "sender_id": "Other", "message": TEXT});
    assert_eq!(world.send(post(sender.to_string())).await.status, 200);
    assert_eq!(world.webhook.count(), 3);
}

#[tokio::test]
async fn s10_repetitions_that_overtake_the_first_wait_for_it() {
    let world = TestGateway::new(&[Webhook]).await;
    let gate = Arc::new(Semaphore::new(0));
    world.webhook.answers(Reply::Gate(
        gate.clone(),
        Box::new(Reply::json(200, json!({}))),
    ));
    let first = world.begin(TEXT);
    world.webhook.wait_for(1).await;
    let repetitions: Vec<_> = (0..50).map(|_| world.begin(TEXT)).collect();
    tokio::task::yield_now().await;
    assert!(!first.is_finished() && repetitions.iter().all(|task| !task.is_finished()));
    gate.add_permits(1);
    assert_eq!(first.await.unwrap().status, 200);
    for repetition in repetitions {
        assert_eq!(repetition.await.unwrap().status, 200);
    }
    assert_eq!(world.webhook.count(), 1);
    assert_eq!(
        world
            .outcomes()
            .iter()
            .filter(|outcome| *outcome == "repeated")
            .count(),
        50
    );
}

#[tokio::test]
async fn a_delivery_goes_on_when_its_client_disconnects() {
    let world = TestGateway::new(&[Webhook]).await;
    let gate = Arc::new(Semaphore::new(0));
    world.webhook.answers(Reply::Gate(
        gate.clone(),
        Box::new(Reply::json(200, json!({}))),
    ));
    let gone = world.begin(TEXT);
    world.webhook.wait_for(1).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    gate.add_permits(1);
    assert_eq!(world.deliver(TEXT).await.status, 200);
    assert_eq!(world.webhook.count(), 1);
}
