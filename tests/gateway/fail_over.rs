//! Which provider is asked, how often, and what upstream is told.

use std::time::Duration;

use latchkey::server::settings::gateway::ProviderName::{Twilio, Webhook};

use crate::fake_provider::{Reply, StandIn};
use crate::test_gateway::{BOTH, TEXT, TestGateway, created, problem};

/// What goes wrong with the first provider.
#[derive(Clone, Debug)]
enum First {
    Down,
    Answers(Reply),
    Hangs,
}

use First::{Answers, Down, Hangs};

/// Fault of the first provider, requests that each of the two got, status for upstream, outcome on
/// record.
fn table() -> Vec<(First, (usize, usize), u16, &'static str)> {
    let html = |status| Answers(Reply::html(status));
    let twilio = |status, code| Answers(problem(status, code));
    vec![
        (Answers(created()), (1, 0), 200, "accepted"),
        (Down, (0, 1), 200, "accepted"),
        (html(400), (1, 1), 200, "accepted"),
        (html(401), (1, 1), 200, "accepted"),
        (html(403), (1, 1), 200, "accepted"),
        (html(404), (1, 1), 200, "accepted"),
        (html(429), (1, 1), 200, "accepted"),
        (twilio(400, 21211), (1, 1), 200, "accepted"),
        (twilio(429, 20429), (1, 1), 200, "accepted"),
        (Answers(Reply::Huge(400)), (1, 1), 200, "accepted"),
        (html(408), (1, 0), 502, "unknown"),
        (html(409), (1, 0), 502, "unknown"),
        (html(302), (1, 0), 502, "unknown"),
        (html(500), (1, 0), 502, "unknown"),
        (html(503), (1, 0), 502, "unknown"),
        (twilio(503, 20503), (1, 0), 502, "unknown"),
        (html(200), (1, 0), 502, "unknown"),
        (Answers(Reply::Huge(200)), (1, 0), 502, "unknown"),
        (Answers(Reply::Truncated), (1, 0), 502, "unknown"),
        (Answers(Reply::Reset), (1, 0), 502, "unknown"),
        (Hangs, (1, 0), 502, "unknown"),
    ]
}

async fn spoil(first: &mut StandIn, fault: &First) {
    match fault {
        Down => first.close().await,
        Answers(reply) => first.answers(reply.clone()),
        Hangs => first.answers(Reply::Hang),
    }
}

/// Sends one message; a provider that hangs is waited for until `gateway.timeout`.
async fn deliver(world: &TestGateway, first: &StandIn, fault: &First) -> u16 {
    let moved = async {
        if matches!(fault, Hangs) {
            first.wait_for(1).await;
            world.hand.advance(Duration::from_secs(10));
        }
    };
    tokio::join!(world.deliver(TEXT), moved).0.status
}

#[tokio::test]
async fn s10_the_second_is_asked_only_when_the_first_surely_refused() {
    assert_eq!(table().len(), 21);
    for order in [BOTH, [Twilio, Webhook]] {
        for (fault, (first_count, second_count), status, outcome) in table() {
            let mut world = TestGateway::new(&order).await;
            // Each is the first in turn; the fields are borrowed one by one, so the world is taken
            // apart for a moment.
            let mut first = std::mem::replace(
                if order[0] == Webhook {
                    &mut world.webhook
                } else {
                    &mut world.twilio
                },
                StandIn::start().await,
            );
            spoil(&mut first, &fault).await;
            let told = deliver(&world, &first, &fault).await;
            let second = if order[0] == Webhook {
                &world.twilio
            } else {
                &world.webhook
            };
            let counts = (first.count(), second.count());
            assert_eq!(
                (counts, told),
                ((first_count, second_count), status),
                "{order:?} {fault:?}"
            );
            assert_eq!(world.outcomes(), [outcome], "{order:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn when_both_refuse_nothing_was_sent_and_upstream_may_try_again() {
    let mut world = TestGateway::new(&BOTH).await;
    world.webhook.close().await;
    world.twilio.answers(problem(401, 20003));
    let answer = world.deliver(TEXT).await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "not_sent"));
    // It was surely not sent, so the same again is a new try.
    world.twilio.answers(created());
    assert_eq!(world.deliver(TEXT).await.status, 200);
    assert_eq!(world.twilio.count(), 2);
    assert_eq!(world.outcomes(), ["not_sent", "accepted"]);
    let events = world.audit.events();
    assert_eq!(
        events[0]["detail"],
        "webhook refused: no connection; twilio refused: status 401, code 20003"
    );
    assert_eq!(events[1]["provider"], "twilio");
}

#[tokio::test]
async fn the_second_may_leave_it_unknown_too() {
    let mut world = TestGateway::new(&BOTH).await;
    world.webhook.close().await;
    world.twilio.answers(Reply::html(500));
    assert_eq!(world.deliver(TEXT).await.status, 502);
    assert_eq!(world.deliver(TEXT).await.status, 502);
    assert_eq!(world.twilio.count(), 1);
    assert_eq!(world.outcomes(), ["unknown", "repeated"]);
}
