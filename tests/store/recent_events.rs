//! The recent events of numbers, over each engine, with two nodes.

use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{Channel, Identifier};
use latchkey::server::audit::{
    AuditLog, AuditSubject, Event, EventSource, LimitDecision, Pseudonyms, Purpose, RecentEvents,
    Retention, SignInFailure,
};
use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::store::{RecordKind, Store};
use latchkey::server::system::clock::{Clock, ClockHandle};
use latchkey::server::system::random::Random;

use crate::builders::{at, engines, number};

const DAY: Duration = Duration::from_secs(86_400);

/// A node with a clock of its own.
struct Node {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    pseudonyms: Pseudonyms,
    audit: AuditLog,
    events: RecentEvents,
    clock: Clock,
    hand: ClockHandle,
}

impl Node {
    fn new(store: Arc<dyn Store>) -> Self {
        let keys = Arc::new(DerivedKeys::derive(&[1; 32].into(), Random::system()).unwrap());
        let (clock, hand) = Clock::manual(at(1_000_000));
        let audit = AuditLog::to(std::io::sink(), clock.clone());
        let pseudonyms = Pseudonyms::new(store.clone(), keys.clone(), Random::system());
        let events = RecentEvents::new(
            store.clone(),
            keys.clone(),
            pseudonyms.clone(),
            clock.clone(),
            audit.unsaved().clone(),
        );
        Self {
            store,
            keys,
            pseudonyms,
            audit,
            events,
            clock,
            hand,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn name(&self, of: &Identifier) -> AuditSubject {
        let now = self.now();
        self.pseudonyms
            .name_subject(of, Retention::CodeSent, now)
            .await
    }

    fn emit(&self, subject: &AuditSubject, request: &str, decision: LimitDecision) {
        let source = EventSource {
            request_id: Some(request.to_owned()),
            ..EventSource::default()
        };
        let event = Event::CodeRequested {
            subject: subject.clone(),
            purpose: Purpose::SignIn,
            channel: Channel::Sms,
            decision,
        };
        self.audit.emit(&source, &event);
    }

    /// A send that is withheld: it leaves a name, and events, for an hour.
    async fn withhold(&self, of: &Identifier) {
        let now = self.now();
        let name = self.pseudonyms.name(of, Retention::CodeSent, now).await;
        self.pseudonyms.shorten(of, &name.unwrap(), now).await;
        let subject = self.pseudonyms.subject(of, now).await;
        let limit = "sends_hour".to_owned();
        self.emit(&subject, "withheld", LimitDecision::Withheld { limit });
        self.events.save().await;
    }

    async fn requests(&self, of: &Identifier) -> Vec<String> {
        let found = self.events.find(self.keys.identifier_index(of)).await;
        let ids = found.unwrap().events.into_iter();
        ids.map(|event| event.request_id.unwrap()).collect()
    }

    async fn counts(&self) -> [usize; 2] {
        let mut counts = [0; 2];
        let kinds = [RecordKind::RecentEvents, RecordKind::RequestEvents];
        for (count, kind) in counts.iter_mut().zip(kinds) {
            let stored = self.store.scan(kind, 1000, self.now()).await.unwrap();
            *count = stored.len();
        }
        counts
    }
}

#[tokio::test]
async fn events_of_two_nodes_are_kept_in_order_and_lead_from_their_requests() {
    let (engines, _redis) = engines(Node::new);
    for [one, other] in engines {
        let subject = one.name(&number(1)).await;
        for round in 0..3 {
            one.emit(&subject, &format!("one-{round}"), LimitDecision::Queued);
            other.hand.advance(Duration::from_secs(1));
            other.emit(&subject, &format!("other-{round}"), LimitDecision::Queued);
            // At the same moment, so that the writes conflict.
            tokio::join!(one.events.save(), other.events.save());
            one.hand.advance(Duration::from_secs(2));
            other.hand.advance(Duration::from_secs(1));
        }
        let expected = ["one-0", "other-0", "one-1", "other-1", "one-2", "other-2"];
        assert_eq!(other.requests(&number(1)).await, expected);
        let key = one.keys.identifier_index(&number(1));
        for request in expected {
            assert_eq!(other.events.find_request(request).await, Ok(Some(key)));
        }
        assert_eq!(other.events.find_request("one-9").await, Ok(None));
        assert_eq!(one.requests(&number(2)).await, [""; 0]);
    }
}

#[tokio::test]
async fn neither_the_events_of_a_number_nor_their_time_grow_without_bound() {
    let (engines, _redis) = engines(Node::new);
    for [node, _] in engines {
        let subject = node.name(&number(1)).await;
        for request in 0..50 {
            node.emit(&subject, &request.to_string(), LimitDecision::Queued);
            node.events.save().await;
        }
        let kept: Vec<String> = (30..50).map(|request| request.to_string()).collect();
        assert_eq!(node.requests(&number(1)).await, kept);
        assert_eq!(
            node.counts().await,
            [1, 20],
            "and no request leads to another"
        );
        // What anybody can cause at will displaces no more than its share.
        let limit = "sends_hour".to_owned();
        for request in 100..150 {
            let decision = LimitDecision::Withheld {
                limit: limit.clone(),
            };
            node.emit(&subject, &request.to_string(), decision);
            node.events.save().await;
        }
        let found = node.requests(&number(1)).await;
        assert_eq!(found.len(), 20);
        assert_eq!(found[11..13], ["49".to_owned(), "142".to_owned()]);
        assert_eq!(node.counts().await, [1, 20]);
        node.hand.advance(7 * DAY);
        assert_eq!(node.requests(&number(1)).await, [""; 0]);
        assert_eq!(node.counts().await, [0, 0]);
    }
}

#[tokio::test]
async fn an_event_without_a_send_before_it_is_not_stored() {
    let (engines, _redis) = engines(Node::new);
    for [node, _] in engines {
        for which in 0..100 {
            let nameless = node.pseudonyms.subject(&number(which), node.now()).await;
            node.emit(&nameless, "r", LimitDecision::Queued);
        }
        node.events.save().await;
        assert_eq!(node.counts().await, [0, 0]);
        let of = number(1);
        node.withhold(&of).await;
        assert_eq!(node.counts().await, [1, 1]);
        node.hand.advance(Duration::from_secs(3600));
        assert_eq!(node.counts().await, [0, 0]);
    }
}

#[tokio::test]
async fn a_request_leads_to_its_number_as_long_as_its_event_is_kept() {
    let (engines, _redis) = engines(Node::new);
    for [node, _] in engines {
        let of = number(1);
        let key = node.keys.identifier_index(&of);
        node.withhold(&of).await;
        // A code is sent within the hour, so the events are kept for longer.
        node.hand.advance(Duration::from_secs(1800));
        let subject = node.name(&of).await;
        node.emit(&subject, "sent", LimitDecision::Queued);
        node.events.save().await;
        for wait in [
            Duration::from_secs(7200),
            7 * DAY - Duration::from_secs(9001),
        ] {
            node.hand.advance(wait);
            assert_eq!(node.requests(&of).await, ["withheld", "sent"]);
            for request in ["withheld", "sent"] {
                assert_eq!(node.events.find_request(request).await, Ok(Some(key)));
            }
        }
        node.hand.advance(Duration::from_secs(1));
        assert_eq!(node.requests(&of).await, ["sent"]);
        assert_eq!(node.events.find_request("withheld").await, Ok(None));
        assert_eq!(node.events.find_request("sent").await, Ok(Some(key)));
    }
}

#[tokio::test]
async fn what_is_written_during_an_erasure_does_not_outlive_it() {
    let (engines, _redis) = engines(Node::new);
    for [node, other] in engines {
        let (of, key) = (number(1), node.keys.identifier_index(&number(1)));
        for round in 0..20 {
            let subject = node.name(&of).await;
            node.emit(&subject, "before", LimitDecision::Queued);
            node.events.save().await;
            node.emit(&subject, "during", LimitDecision::Queued);
            other.emit(&subject, "elsewhere", LimitDecision::Queued);
            let erase = async {
                node.pseudonyms.forget(key).await.unwrap();
                node.events.forget(key).await.unwrap();
            };
            tokio::join!(erase, node.events.save(), other.events.save());
            node.emit(&subject, "after", LimitDecision::Queued);
            node.events.save().await;
            assert_eq!(node.counts().await, [0, 0], "round {round}");
        }
        // A person who comes back has a new name, and only new events.
        let old = node.name(&of).await;
        node.pseudonyms.forget(key).await.unwrap();
        let new = node.name(&of).await;
        node.emit(&old, "old", LimitDecision::Queued);
        node.emit(&new, "new", LimitDecision::Queued);
        node.events.save().await;
        assert_eq!(node.requests(&of).await, ["new"]);
        assert_eq!(node.events.find_request("old").await, Ok(None));
    }
}

#[tokio::test]
async fn what_is_stored_shows_neither_number_nor_request() {
    let (engines, _redis) = engines(Node::new);
    for [node, _] in engines {
        let subject = node.name(&number(1)).await;
        let source = EventSource {
            request_id: Some("request-of-somebody".to_owned()),
            ..EventSource::default()
        };
        let event = Event::LoginFail {
            subject,
            channel: Channel::Sms,
            reason: SignInFailure::Refused,
            detail: Some("x".repeat(10_000)),
        };
        node.audit.emit(&source, &event);
        node.events.save().await;
        let found = node.events.find(node.keys.identifier_index(&number(1)));
        let found = found.await.unwrap();
        assert_eq!(found.country.as_deref(), Some("GB"));
        assert_eq!(found.events[0].outcome, "refused");
        assert_eq!(found.events[0].detail.as_ref().unwrap().len(), 300);
        for kind in [RecordKind::RecentEvents, RecordKind::RequestEvents] {
            let stored = node.store.scan(kind, 10, node.now()).await.unwrap();
            assert_eq!(stored.len(), 1);
            let text = String::from_utf8_lossy(&stored[0].1.bytes).into_owned();
            for part in ["request-of", "authn", "xxxx", "7400"] {
                assert!(!text.contains(part), "{kind:?}: {part}");
            }
        }
    }
}
