//! What happened lately, for the console: counts a minute, and the locks that still hold. In memory
//! alone, of this process, since it started.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::Event;
use crate::server::system::mutex::lock;

/// How far back the counts go.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);
/// Kinds of events that are told apart; further ones are counted under their name alone.
const MOST_KINDS: usize = 1024;
/// Locks that are remembered; the oldest goes.
const MOST_LOCKS: usize = 200;

/// What tells events apart. None of it is personal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventKind {
    /// The event's name.
    pub event: &'static str,
    /// What became of it, as in metrics.
    pub outcome: String,
    /// ISO 3166 alpha-2; `other` for those that are not served; or nothing.
    pub country: String,
}

/// A number that has reached a limit of failures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberLock {
    /// Keyed hash of the identifier.
    pub identifier: String,
    /// ISO 3166 alpha-2, or nothing.
    pub country: String,
    /// Which limit.
    pub limit: String,
    /// When it ends.
    pub until: Timestamp,
}

/// Counts of one kind of event, by stretches of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventCounts {
    /// Which kind.
    pub kind: EventKind,
    /// One count a stretch, the oldest first.
    pub counts: Vec<u32>,
}

/// What happened lately. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RollingCounts(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    kinds: Vec<EventKind>,
    numbers: HashMap<EventKind, usize>,
    minutes: VecDeque<Minute>,
    locks: VecDeque<NumberLock>,
}

/// Counts by number of their kind.
#[derive(Debug)]
struct Minute {
    number: u64,
    counts: Vec<(usize, u32)>,
}

impl RollingCounts {
    /// Notes an event.
    pub(super) fn note(&self, event: &Event, now: Timestamp) {
        let kind = EventKind {
            event: event.name(),
            outcome: event.outcome(),
            country: event.country(),
        };
        let mut memory = lock(&self.0);
        memory.count(kind, minute_of(now));
        memory.note_lock(event);
    }

    /// Counts of every kind in `stretches` of `step` each, the last one ending with the minute of
    /// `now`.
    pub fn counts(&self, stretches: usize, step: Duration, now: Timestamp) -> Vec<EventCounts> {
        let minutes = (step.as_secs() / MINUTE.as_secs()).max(1);
        let memory = lock(&self.0);
        let mut counts: Vec<EventCounts> = memory
            .kinds
            .iter()
            .map(|kind| EventCounts {
                kind: kind.clone(),
                counts: vec![0; stretches],
            })
            .collect();
        for minute in &memory.minutes {
            let age = usize::try_from(minute_of(now).saturating_sub(minute.number) / minutes)
                .unwrap_or(usize::MAX);
            let Some(stretch) = stretches.checked_sub(age.saturating_add(1)) else {
                continue;
            };
            for (kind, count) in &minute.counts {
                if let Some(sum) = counts
                    .get_mut(*kind)
                    .and_then(|counts| counts.counts.get_mut(stretch))
                {
                    *sum = sum.saturating_add(*count);
                }
            }
        }
        counts
    }

    /// The locks that hold at `now`, the newest first.
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

impl Memory {
    fn count(&mut self, kind: EventKind, now: u64) {
        let kind = self.number(kind);
        // A clock that was set back counts in the last minute that there was.
        if self.minutes.back().is_none_or(|minute| minute.number < now) {
            self.minutes.push_back(Minute {
                number: now,
                counts: Vec::new(),
            });
        }
        let oldest = now.saturating_sub(KEPT.as_secs() / MINUTE.as_secs());
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
        let kind = if self.kinds.len() < MOST_KINDS {
            kind
        } else {
            EventKind {
                event: kind.event,
                outcome: String::new(),
                country: String::new(),
            }
        };
        *self.numbers.entry(kind).or_insert_with_key(|kind| {
            self.kinds.push(kind.clone());
            self.kinds.len() - 1
        })
    }

    fn note_lock(&mut self, event: &Event) {
        let Some(subject) = event.subject() else {
            return;
        };
        match event {
            Event::LoginLock {
                limit, retry_at, ..
            } => {
                self.locks
                    .retain(|lock| lock.identifier != subject.identifier || lock.limit != *limit);
                self.locks.push_back(NumberLock {
                    identifier: subject.identifier.clone(),
                    country: subject.country.clone().unwrap_or_default(),
                    limit: limit.clone(),
                    until: *retry_at,
                });
                if self.locks.len() > MOST_LOCKS {
                    self.locks.pop_front();
                }
            }
            Event::LoginSuccess { .. } | Event::LoginUnlock { .. } => {
                self.locks
                    .retain(|lock| lock.identifier != subject.identifier);
            }
            _ => {}
        }
    }
}

fn minute_of(time: Timestamp) -> u64 {
    time.as_secs() / MINUTE.as_secs()
}
