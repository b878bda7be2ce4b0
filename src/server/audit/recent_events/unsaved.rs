//! Events that wait to be stored with their number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::recent_events::stored::{RecentEvent, displaced_index};
use crate::server::audit::{Event, EventSource};
use crate::server::crypto::hash::Digest;
use crate::server::system::mutex::lock;

/// Events that may wait, of all numbers. More are left out, as in a flood: the audit log has them
/// all.
const MAX_UNSAVED: usize = 1024;

/// An event about a number that has a pseudonym.
#[derive(Clone, Debug)]
pub(super) struct UnsavedEvent {
    /// The key of the number.
    pub identifier: Digest,
    /// By which name the event calls the number.
    pub pseudonym: String,
    /// The country of the number.
    pub country: Option<String>,
    pub event: RecentEvent,
}

impl UnsavedEvent {
    /// The event, if it is kept: about a number that has a name. A number without one has not been
    /// sent a code, so requests that cost nothing store nothing.
    fn new(source: &EventSource, event: &Event, at: Timestamp) -> Option<Self> {
        let subject = event.subject().filter(|_| event.is_kept_for_support())?;
        Some(Self {
            identifier: subject.key?,
            pseudonym: subject.identifier.clone()?,
            country: subject.country.clone(),
            event: RecentEvent::new(source, event, at),
        })
    }
}

/// Events that wait to be stored. Cheap to clone. They are taken by [`RecentEvents`].
///
/// [`RecentEvents`]: crate::server::audit::RecentEvents
#[derive(Clone, Debug, Default)]
pub struct UnsavedEvents {
    waiting: Arc<Mutex<WaitingEvents>>,
    added: Arc<Notify>,
}

#[derive(Debug, Default)]
struct WaitingEvents {
    /// By the keys of their numbers, the oldest first.
    by_identifier: BTreeMap<Digest, Vec<UnsavedEvent>>,
    /// How many they are.
    count: usize,
}

impl WaitingEvents {
    /// Adds an event, and returns whether it was taken. Events of one number displace each other as
    /// they do in its record, so a flood at one number leaves the places of others free.
    fn add(&mut self, event: UnsavedEvent) -> bool {
        let identifier = event.identifier;
        let of_number = self.by_identifier.entry(identifier).or_default();
        of_number.push(event);
        let is_unbounded = |one: &UnsavedEvent| one.event.is_unbounded();
        let displaced = match displaced_index(of_number, is_unbounded) {
            Some(index) => Some(of_number.remove(index)),
            None if self.count >= MAX_UNSAVED => of_number.pop(),
            None => {
                self.count += 1;
                return true;
            }
        };
        if of_number.is_empty() {
            self.by_identifier.remove(&identifier);
        }
        displaced.is_none()
    }
}

impl UnsavedEvents {
    /// Adds an event if it is one that is kept, and if not too many wait.
    pub(in crate::server::audit) fn add(&self, source: &EventSource, event: &Event, at: Timestamp) {
        let Some(event) = UnsavedEvent::new(source, event, at) else {
            return;
        };
        if lock(&self.waiting).add(event) {
            self.added.notify_one();
        } else {
            super::count_unsaved(1);
        }
    }

    /// Takes all events, by the keys of their numbers.
    pub(super) fn take(&self) -> BTreeMap<Digest, Vec<UnsavedEvent>> {
        std::mem::take(&mut *lock(&self.waiting)).by_identifier
    }

    /// Waits until an event was added.
    pub(super) async fn wait(&self) {
        self.added.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::domain::{Channel, IdentifierType};
    use crate::server::audit::{AuditSubject, LimitDecision, Purpose};
    use crate::server::crypto::hash::sha256;

    fn add(unsaved: &UnsavedEvents, number: usize, second: u64, decision: &LimitDecision) {
        let kind = IdentifierType::PhoneNumber;
        let event = Event::CodeRequested {
            subject: AuditSubject::of_pseudonym(kind, number.to_string(), None)
                .with_key(sha256(number.to_string().as_bytes())),
            purpose: Purpose::SignIn,
            channel: Channel::Sms,
            decision: decision.clone(),
        };
        unsaved.add(
            &EventSource::default(),
            &event,
            Timestamp::from_secs(second),
        );
    }

    #[test]
    fn a_flood_at_one_number_leaves_the_places_of_others_free() {
        let unsaved = UnsavedEvents::default();
        let limit = "sends_hour".to_owned();
        let withheld = LimitDecision::Withheld { limit };
        add(&unsaved, 0, 0, &LimitDecision::Queued);
        for second in 1..10_000 {
            add(&unsaved, 0, second, &withheld);
        }
        for number in 1..=100 {
            add(&unsaved, number, 0, &LimitDecision::Queued);
        }
        let taken = unsaved.take();
        assert_eq!(taken.len(), 101);
        let key = sha256(b"0");
        let times = taken[&key].iter().map(|one| one.event.at.as_secs());
        let expected: Vec<u64> = std::iter::once(0).chain(9992..10_000).collect();
        assert_eq!(times.collect::<Vec<_>>(), expected);
        assert!(unsaved.take().is_empty());
    }

    #[test]
    fn further_numbers_than_there_are_places_for_are_left_out_and_counted() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let unsaved = UnsavedEvents::default();
        metrics::with_local_recorder(&recorder, || {
            for round in 0..2 {
                for number in 0..MAX_UNSAVED + 7 {
                    add(&unsaved, number, round, &LimitDecision::Queued);
                }
                assert_eq!(unsaved.take().len(), MAX_UNSAVED);
            }
        });
        let counted = recorder.handle().render();
        let expected = "latchkey_recent_events_dropped_total 14";
        assert!(counted.contains(expected), "{counted}");
    }
}
