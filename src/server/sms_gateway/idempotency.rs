//! Remembers deliveries of the last minute, so that a repeated one is not sent again.
//!
//! Transmit does not specify whether it repeats a delivery that got no response. A repeated
//! delivery gets the outcome of the first one. The cache is in memory only, and empty after a
//! restart.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::sms_gateway::delivery_outcome::DeliveryOutcome;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;

/// How long a delivery is remembered after its end.
const LIFETIME: Duration = Duration::from_secs(60);

/// Most deliveries that are remembered. Beyond that new ones are refused, because forgetting one
/// could send it twice.
const MAX_ENTRIES: usize = 20_000;

/// The cache. It contains keyed hashes, never a number or a text.
pub(super) struct IdempotencyCache {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    deliveries: HashMap<Digest, CacheEntry>,
    /// Finished deliveries in the order of their end.
    finished: VecDeque<(Timestamp, Digest)>,
}

enum CacheEntry {
    InProgress(watch::Receiver<Option<DeliveryOutcome>>),
    Finished(DeliveryOutcome),
}

/// The result of looking up a delivery.
pub(super) enum Lookup<'a> {
    /// The delivery is new, and now in progress.
    New(ReservedDelivery<'a>),
    /// The same delivery is in progress.
    InProgress(PendingDelivery),
    /// The same delivery has finished.
    Finished(DeliveryOutcome),
    /// The cache is full.
    Full,
}

/// A delivery in progress. Its owner calls [`ReservedDelivery::finish`]. If it is dropped instead,
/// the outcome is unknown.
pub(super) struct ReservedDelivery<'a> {
    cache: &'a IdempotencyCache,
    digest: Digest,
    sender: watch::Sender<Option<DeliveryOutcome>>,
    outcome: DeliveryOutcome,
}

/// Waits for the end of a delivery.
pub(super) struct PendingDelivery(watch::Receiver<Option<DeliveryOutcome>>);

impl IdempotencyCache {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    /// Looks up a delivery, and reserves a new one.
    pub fn reserve(&self, digest: Digest) -> Lookup<'_> {
        let mut state = lock(&self.state);
        state.remove_expired(self.clock.now());
        let is_full = state.deliveries.len() >= MAX_ENTRIES;
        match state.deliveries.entry(digest) {
            Entry::Occupied(slot) => match slot.get() {
                CacheEntry::InProgress(receiver) => {
                    Lookup::InProgress(PendingDelivery(receiver.clone()))
                }
                CacheEntry::Finished(outcome) => Lookup::Finished(*outcome),
            },
            Entry::Vacant(_) if is_full => Lookup::Full,
            Entry::Vacant(slot) => {
                let (sender, receiver) = watch::channel(None);
                slot.insert(CacheEntry::InProgress(receiver));
                Lookup::New(ReservedDelivery {
                    cache: self,
                    digest,
                    sender,
                    outcome: DeliveryOutcome::Unknown,
                })
            }
        }
    }
}

impl State {
    fn remove_expired(&mut self, now: Timestamp) {
        while let Some((at, digest)) = self.finished.front().copied()
            && now.since(at) >= LIFETIME
        {
            self.finished.pop_front();
            self.deliveries.remove(&digest);
        }
    }
}

impl ReservedDelivery<'_> {
    /// Ends the delivery with its outcome.
    pub fn finish(mut self, outcome: DeliveryOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for ReservedDelivery<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.cache.state);
        if self.outcome == DeliveryOutcome::NotSent {
            // Nothing was sent, so a repeated delivery is a new attempt.
            state.deliveries.remove(&self.digest);
        } else {
            state
                .deliveries
                .insert(self.digest, CacheEntry::Finished(self.outcome));
            state
                .finished
                .push_back((self.cache.clock.now(), self.digest));
        }
        drop(state);
        self.sender.send_replace(Some(self.outcome));
    }
}

impl PendingDelivery {
    /// Waits for the outcome.
    pub async fn outcome(mut self) -> DeliveryOutcome {
        match self.0.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.unwrap_or(DeliveryOutcome::Unknown),
            Err(_) => DeliveryOutcome::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finish(cache: &IdempotencyCache, digest: Digest, outcome: DeliveryOutcome) {
        match cache.reserve(digest) {
            Lookup::New(entry) => entry.finish(outcome),
            _ => panic!("not new"),
        }
    }

    #[test]
    fn a_delivery_that_may_have_been_sent_is_remembered_for_a_minute() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(1000));
        let cache = IdempotencyCache::new(clock);
        finish(&cache, [1; 32], DeliveryOutcome::Accepted);
        finish(&cache, [2; 32], DeliveryOutcome::Unknown);
        finish(&cache, [3; 32], DeliveryOutcome::NotSent);
        hand.advance(LIFETIME - Duration::from_millis(1));
        assert!(matches!(
            cache.reserve([1; 32]),
            Lookup::Finished(DeliveryOutcome::Accepted)
        ));
        assert!(matches!(
            cache.reserve([2; 32]),
            Lookup::Finished(DeliveryOutcome::Unknown)
        ));
        finish(&cache, [3; 32], DeliveryOutcome::NotSent);
        hand.advance(Duration::from_millis(1));
        finish(&cache, [1; 32], DeliveryOutcome::Accepted);
        assert_eq!(
            lock(&cache.state).deliveries.len(),
            1,
            "the others are forgotten"
        );
    }

    #[tokio::test]
    async fn a_repeated_delivery_waits_for_the_first_and_a_dropped_one_is_unknown() {
        let cache = IdempotencyCache::new(Clock::manual(Timestamp::from_secs(1000)).0);
        let Lookup::New(entry) = cache.reserve([1; 32]) else {
            panic!("not new")
        };
        let Lookup::InProgress(pending) = cache.reserve([1; 32]) else {
            panic!("not in progress")
        };
        entry.finish(DeliveryOutcome::NotSent);
        assert_eq!(pending.outcome().await, DeliveryOutcome::NotSent);
        let Lookup::New(entry) = cache.reserve([1; 32]) else {
            panic!("not new")
        };
        let Lookup::InProgress(pending) = cache.reserve([1; 32]) else {
            panic!("not in progress")
        };
        drop(entry);
        assert_eq!(pending.outcome().await, DeliveryOutcome::Unknown);
    }

    #[test]
    fn a_full_cache_refuses_new_deliveries() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(1000));
        let cache = IdempotencyCache::new(clock);
        for number in 0..MAX_ENTRIES {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_be_bytes());
            finish(&cache, digest, DeliveryOutcome::Accepted);
        }
        assert!(matches!(cache.reserve([1; 32]), Lookup::Full));
        assert!(matches!(
            cache.reserve([0; 32]),
            Lookup::Finished(DeliveryOutcome::Accepted)
        ));
        hand.advance(LIFETIME);
        assert!(matches!(cache.reserve([1; 32]), Lookup::New(_)));
    }
}
