//! Counts of recent events by minute, and the locks in force, for the dashboard. In memory, for
//! this process, since its start.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::event::Event;
use crate::server::system::mutex::lock;

/// How long counts are kept.
pub const RETENTION: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);
/// How many kinds of events are counted separately; further ones are counted by name alone.
const MAX_KINDS: usize = 1024;
/// How many locks are kept; the oldest is dropped.
const MAX_LOCKS: usize = 200;

/// What distinguishes events in counts. Nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct EventKind {
    pub event: &'static str,
    /// As in metrics.
    pub outcome: String,
    /// ISO 3166 alpha-2; `other` for those that are not served; or empty.
    pub country: String,
    /// How a code was sent: `sms`, `email`, or empty.
    pub channel: &'static str,
}

/// An identifier that reached a limit of failures.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct NumberLock {
    /// Keyed hash of the identifier.
    pub identifier: String,
    /// ISO 3166 alpha-2, or empty.
    pub country: String,
    pub limit: String,
    pub until: Timestamp,
}

/// Counts of one kind of event over time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct EventCounts {
    pub kind: EventKind,
    /// One count for each bucket, the oldest first.
    pub counts: Vec<u32>,
}

/// Counts of recent events. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RollingCounts(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    kinds: Vec<EventKind>,
    numbers: HashMap<EventKind, usize>,
    minutes: VecDeque<Minute>,
    locks: VecDeque<NumberLock>,
}

/// Counts by index of their kind.
#[derive(Debug)]
struct Minute {
    number: u64,
    counts: Vec<(usize, u32)>,
}

impl RollingCounts {
    /// Counts an event.
    pub(super) fn record(&self, event: &Event, now: Timestamp) {
        let kind = EventKind {
            event: event.name(),
            outcome: event.outcome(),
            country: event.country(),
            channel: event.channel(),
        };
        let mut state = lock(&self.0);
        state.count(kind, minute_of(now));
        state.update_locks(event);
    }

    /// Counts of every kind in `bucket_count` buckets of length `step`. The last one ends with the
    /// minute of `now`.
    pub fn counts(&self, bucket_count: usize, step: Duration, now: Timestamp) -> Vec<EventCounts> {
        let minutes = (step.as_secs() / MINUTE.as_secs()).max(1);
        let state = lock(&self.0);
        let mut counts: Vec<EventCounts> = state
            .kinds
            .iter()
            .map(|kind| EventCounts {
                kind: kind.clone(),
                counts: vec![0; bucket_count],
            })
            .collect();
        for minute in &state.minutes {
            let age = usize::try_from(minute_of(now).saturating_sub(minute.number) / minutes)
                .unwrap_or(usize::MAX);
            let Some(bucket) = bucket_count.checked_sub(age.saturating_add(1)) else {
                continue;
            };
            for (kind, count) in &minute.counts {
                if let Some(sum) = counts
                    .get_mut(*kind)
                    .and_then(|counts| counts.counts.get_mut(bucket))
                {
                    *sum = sum.saturating_add(*count);
                }
            }
        }
        counts
    }

    /// The locks in force at `now`, the newest first.
    pub fn locks(&self, now: Timestamp) -> Vec<NumberLock> {
        lock(&self.0)
            .locks
            .iter()
            .rev()
            .filter(|lock| now < lock.until)
            .cloned()
            .collect()
    }
}

impl State {
    fn count(&mut self, kind: EventKind, now: u64) {
        let kind = self.number(kind);
        // After a clock is set back, the last minute is used.
        if self.minutes.back().is_none_or(|minute| minute.number < now) {
            self.minutes.push_back(Minute {
                number: now,
                counts: Vec::new(),
            });
        }
        let oldest = now.saturating_sub(RETENTION.as_secs() / MINUTE.as_secs());
        while self
            .minutes
            .front()
            .is_some_and(|minute| minute.number <= oldest)
        {
            self.minutes.pop_front();
        }
        let Some(minute) = self.minutes.back_mut() else {
            return;
        };
        match minute.counts.iter_mut().find(|(number, _)| *number == kind) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => minute.counts.push((kind, 1)),
        }
    }

    fn number(&mut self, kind: EventKind) -> usize {
        if let Some(number) = self.numbers.get(&kind) {
            return *number;
        }
        let kind = if self.kinds.len() < MAX_KINDS {
            kind
        } else {
            EventKind {
                event: kind.event,
                outcome: String::new(),
                country: String::new(),
                channel: "",
            }
        };
        *self.numbers.entry(kind).or_insert_with_key(|kind| {
            self.kinds.push(kind.clone());
            self.kinds.len() - 1
        })
    }

    fn update_locks(&mut self, event: &Event) {
        let Some(subject) = event.subject() else {
            return;
        };
        // A lock of a number that has no name could not be told from others.
        let Some(identifier) = &subject.identifier else {
            return;
        };
        match event {
            Event::LoginLock {
                limit, retry_at, ..
            } => {
                self.locks
                    .retain(|lock| lock.identifier != *identifier || lock.limit != *limit);
                self.locks.push_back(NumberLock {
                    identifier: identifier.clone(),
                    country: subject.country.clone().unwrap_or_default(),
                    limit: limit.clone(),
                    until: *retry_at,
                });
                if self.locks.len() > MAX_LOCKS {
                    self.locks.pop_front();
                }
            }
            Event::LoginSuccess { .. } | Event::LoginUnlock { .. } => {
                self.locks.retain(|lock| lock.identifier != *identifier);
            }
            _ => {}
        }
    }
}

fn minute_of(time: Timestamp) -> u64 {
    time.as_secs() / MINUTE.as_secs()
}
