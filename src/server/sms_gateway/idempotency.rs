//! Deliveries of the last minute: upstream does not say whether it repeats what it got no answer
//! to, so a repetition is answered with what became of the first. In memory alone: a restart
//! forgets.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::Digest;
use crate::server::sms_gateway::dispatcher::DeliveryOutcome;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;

/// How long a delivery is remembered after its end.
const LIFETIME: Duration = Duration::from_secs(60);

/// Deliveries remembered at most; beyond that new ones are refused, because forgetting could send
/// one twice.
const MAX: usize = 20_000;

/// What is remembered: keyed hashes, never a number or a text.
pub(super) struct IdempotencyCache {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    deliveries: HashMap<Digest, Slot>,
    /// Those that have ended, by time.
    ended: VecDeque<(Timestamp, Digest)>,
}

enum Slot {
    UnderWay(watch::Receiver<Option<DeliveryOutcome>>),
    Ended(DeliveryOutcome),
}

/// What the memory says of a delivery.
pub(super) enum Lookup<'a> {
    /// It is new, and now under way.
    New(Place<'a>),
    /// It is under way.
    UnderWay(Wait),
    /// It was made.
    Ended(DeliveryOutcome),
    /// There is no place for it.
    Full,
}

/// The place of a delivery under way, to be settled with its outcome. One that is dropped counts as
/// unknown.
pub(super) struct Place<'a> {
    memory: &'a IdempotencyCache,
    digest: Digest,
    end: watch::Sender<Option<DeliveryOutcome>>,
    outcome: DeliveryOutcome,
}

/// Waits for the end of a delivery.
pub(super) struct Wait(watch::Receiver<Option<DeliveryOutcome>>);

impl IdempotencyCache {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    /// Looks a delivery up, and takes a place for a new one.
    pub fn recall(&self, digest: Digest) -> Lookup<'_> {
        let mut state = lock(&self.state);
        state.forget(self.clock.now());
        let is_full = state.deliveries.len() >= MAX;
        match state.deliveries.entry(digest) {
            Entry::Occupied(slot) => match slot.get() {
                Slot::UnderWay(end) => Lookup::UnderWay(Wait(end.clone())),
                Slot::Ended(outcome) => Lookup::Ended(*outcome),
            },
            Entry::Vacant(_) if is_full => Lookup::Full,
            Entry::Vacant(slot) => {
                let (end, receiver) = watch::channel(None);
                slot.insert(Slot::UnderWay(receiver));
                Lookup::New(Place {
                    memory: self,
                    digest,
                    end,
                    outcome: DeliveryOutcome::Unknown,
                })
            }
        }
    }
}

impl State {
    fn forget(&mut self, now: Timestamp) {
        while let Some((at, digest)) = self.ended.front().copied()
            && now.since(at) >= LIFETIME
        {
            self.ended.pop_front();
            self.deliveries.remove(&digest);
        }
    }
}

impl Place<'_> {
    /// The delivery has ended.
    pub fn settle(mut self, outcome: DeliveryOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.memory.state);
        if self.outcome == DeliveryOutcome::NotSent {
            // Nothing went out, so a repetition is a new try.
            state.deliveries.remove(&self.digest);
        } else {
            state
                .deliveries
                .insert(self.digest, Slot::Ended(self.outcome));
            state
                .ended
                .push_back((self.memory.clock.now(), self.digest));
        }
        drop(state);
        self.end.send_replace(Some(self.outcome));
    }
}

impl Wait {
    /// The outcome, when it is there.
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

    fn settle(memory: &IdempotencyCache, digest: Digest, outcome: DeliveryOutcome) {
        match memory.recall(digest) {
            Lookup::New(place) => place.settle(outcome),
            _ => panic!("not new"),
        }
    }

    #[test]
    fn what_may_have_gone_out_is_remembered_for_a_minute() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(1000));
        let memory = IdempotencyCache::new(clock);
        settle(&memory, [1; 32], DeliveryOutcome::Accepted);
        settle(&memory, [2; 32], DeliveryOutcome::Unknown);
        settle(&memory, [3; 32], DeliveryOutcome::NotSent);
        hand.advance(LIFETIME - Duration::from_millis(1));
        assert!(matches!(
            memory.recall([1; 32]),
            Lookup::Ended(DeliveryOutcome::Accepted)
        ));
        assert!(matches!(
            memory.recall([2; 32]),
            Lookup::Ended(DeliveryOutcome::Unknown)
        ));
        settle(&memory, [3; 32], DeliveryOutcome::NotSent);
        hand.advance(Duration::from_millis(1));
        settle(&memory, [1; 32], DeliveryOutcome::Accepted);
        assert_eq!(
            lock(&memory.state).deliveries.len(),
            1,
            "the others are forgotten"
        );
    }

    #[tokio::test]
    async fn a_repetition_waits_for_the_first_and_a_lost_one_is_unknown() {
        let memory = IdempotencyCache::new(Clock::manual(Timestamp::from_secs(1000)).0);
        let Lookup::New(place) = memory.recall([1; 32]) else {
            panic!("not new")
        };
        let Lookup::UnderWay(wait) = memory.recall([1; 32]) else {
            panic!("not under way")
        };
        place.settle(DeliveryOutcome::NotSent);
        assert_eq!(wait.outcome().await, DeliveryOutcome::NotSent);
        let Lookup::New(place) = memory.recall([1; 32]) else {
            panic!("not new")
        };
        let Lookup::UnderWay(wait) = memory.recall([1; 32]) else {
            panic!("not under way")
        };
        drop(place);
        assert_eq!(wait.outcome().await, DeliveryOutcome::Unknown);
    }

    #[test]
    fn a_full_memory_refuses_rather_than_forgets() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(1000));
        let memory = IdempotencyCache::new(clock);
        for number in 0..MAX {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_be_bytes());
            settle(&memory, digest, DeliveryOutcome::Accepted);
        }
        assert!(matches!(memory.recall([1; 32]), Lookup::Full));
        assert!(matches!(
            memory.recall([0; 32]),
            Lookup::Ended(DeliveryOutcome::Accepted)
        ));
        hand.advance(LIFETIME);
        assert!(matches!(memory.recall([1; 32]), Lookup::New(_)));
    }
}
