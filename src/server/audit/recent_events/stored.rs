//! The record of the recent events of one number.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{Event, EventSource};
use crate::server::store::format::LaterFields;

/// How long an event is kept.
pub(super) const KEPT_FOR: Duration = Duration::from_secs(7 * 86_400);
/// The most events of one number.
pub(super) const MAX_EVENTS: usize = 20;
/// The most of them that anybody can cause at will. They displace no others.
pub(super) const MAX_UNBOUNDED: usize = 8;
/// The longest detail, in characters. Upstream's error codes and providers' responses are shorter.
const MAX_DETAIL: usize = 300;

/// An event as it is kept: what the support team needs, and no client address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentEvent {
    /// When it happened.
    pub at: Timestamp,
    /// Its name in the audit log.
    pub event: String,
    /// Its `outcome` in metrics; empty if it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    /// Why a code was requested; empty if none was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// How the code was sent; empty if the event says nothing of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// What upstream or the providers said, without numbers and codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The request that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whether anybody can cause it at will, for no limit by number counts it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_unbounded: bool,
    /// Kept for later versions.
    #[serde(flatten)]
    later: LaterFields,
}

impl RecentEvent {
    pub(super) fn new(source: &EventSource, event: &Event, at: Timestamp) -> Self {
        let cut = |text: String| text.chars().take(MAX_DETAIL).collect();
        Self {
            at,
            event: event.name().to_owned(),
            outcome: event.outcome(),
            purpose: event.purpose(),
            channel: event.channel().to_owned(),
            detail: event.detail().map(cut),
            request_id: source.request_id.clone(),
            is_unbounded: event.is_unbounded(),
            later: LaterFields::default(),
        }
    }

    /// Whether anybody can cause it at will.
    pub(super) fn is_unbounded(&self) -> bool {
        self.is_unbounded
    }
}

/// The recent events of one number. Stored encrypted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredEvents {
    /// The country of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The oldest first.
    pub events: Vec<RecentEvent>,
    /// Kept for later versions.
    #[serde(flatten)]
    later: LaterFields,
}

impl StoredEvents {
    /// Forgets events that are too old.
    pub fn forget_old(&mut self, now: Timestamp) {
        self.events.retain(|event| now.since(event.at) < KEPT_FOR);
    }

    /// Adds events, and returns those that they displace.
    pub fn add(&mut self, added: impl IntoIterator<Item = RecentEvent>) -> Vec<RecentEvent> {
        self.events.extend(added);
        self.events.sort_by_key(|event| event.at);
        let mut displaced = Vec::new();
        while let Some(index) = displaced_index(&self.events, |event| event.is_unbounded) {
            displaced.push(self.events.remove(index));
        }
        displaced
    }

    /// The requests that a write must make lead here, and until when: those that `added` events
    /// name, and those of events that are kept for longer than before, as of a number that was
    /// named for an hour and was then sent a code.
    pub fn requests_to_link(
        &self,
        added: &BTreeSet<&str>,
        kept_until: Timestamp,
        until: Timestamp,
    ) -> BTreeMap<&str, Timestamp> {
        let newest: BTreeMap<&str, Timestamp> = self
            .events
            .iter()
            .filter_map(|event| Some((event.request_id.as_deref()?, event.at)))
            .collect();
        let linked = newest.into_iter().filter_map(|(request, at)| {
            let expiry = |until: Timestamp| until.min(at + KEPT_FOR);
            let is_due = added.contains(request) || expiry(kept_until) < expiry(until);
            is_due.then(|| (request, expiry(until)))
        });
        linked.collect()
    }

    /// The requests that caused the events.
    pub fn request_ids(&self) -> impl Iterator<Item = &str> {
        self.events
            .iter()
            .filter_map(|event| event.request_id.as_deref())
    }
}

/// Which of the events of one number, the oldest first, must go because there are too many.
pub(super) fn displaced_index<T>(events: &[T], is_unbounded: impl Fn(&T) -> bool) -> Option<usize> {
    let unbounded = events.iter().filter(|event| is_unbounded(event)).count();
    if unbounded > MAX_UNBOUNDED {
        return events.iter().position(is_unbounded);
    }
    (events.len() > MAX_EVENTS).then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: u64, is_unbounded: bool) -> RecentEvent {
        RecentEvent {
            at: Timestamp::from_secs(at),
            event: "otp_requested".to_owned(),
            outcome: String::new(),
            purpose: String::new(),
            channel: String::new(),
            detail: None,
            request_id: Some(at.to_string()),
            is_unbounded,
            later: LaterFields::default(),
        }
    }

    fn times(events: &[RecentEvent]) -> Vec<u64> {
        events.iter().map(|event| event.at.as_secs()).collect()
    }

    #[test]
    fn events_that_anybody_can_cause_displace_no_others() {
        let mut stored = StoredEvents::default();
        assert_eq!(stored.add([event(1, false), event(2, false)]), []);
        let displaced = stored.add((10..110).map(|at| event(at, true)));
        assert_eq!(times(&displaced), (10..102).collect::<Vec<_>>());
        assert_eq!(
            times(&stored.events),
            [1, 2, 102, 103, 104, 105, 106, 107, 108, 109]
        );
    }

    #[test]
    fn the_newest_events_are_kept_in_the_order_of_their_times() {
        let mut stored = StoredEvents::default();
        let displaced = stored.add((1..=25).rev().map(|at| event(at, false)));
        assert_eq!(times(&displaced), [1, 2, 3, 4, 5]);
        assert_eq!(times(&stored.events), (6..=25).collect::<Vec<_>>());
        stored.forget_old(Timestamp::from_secs(24) + KEPT_FOR);
        assert_eq!(times(&stored.events), [25]);
    }
}
