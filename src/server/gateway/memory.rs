//! Deliveries of the last minute: upstream does not say whether it repeats what it got no answer to, so a repetition is answered
//! with what became of the first. In memory alone: a restart forgets.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::watch;

use super::relay::Outcome;
use crate::server::clock::{Clock, Timestamp, lock};
use crate::server::keys::Digest;

/// How long a delivery is remembered after its end.
const LIFETIME: Duration = Duration::from_secs(60);

/// Deliveries remembered at most; beyond that new ones are refused, because forgetting could send one twice.
const MAX: usize = 20_000;

/// What is remembered: keyed hashes, never a number or a text.
pub(super) struct Memory {
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
    UnderWay(watch::Receiver<Option<Outcome>>),
    Ended(Outcome),
}

/// What the memory says of a delivery.
pub(super) enum Recall<'a> {
    /// It is new, and now under way.
    New(Place<'a>),
    /// It is under way.
    UnderWay(Wait),
    /// It was made.
    Ended(Outcome),
    /// There is no place for it.
    Full,
}

/// The place of a delivery under way, to be settled with its outcome. One that is dropped counts as unknown.
pub(super) struct Place<'a> {
    memory: &'a Memory,
    digest: Digest,
    end: watch::Sender<Option<Outcome>>,
    outcome: Outcome,
}

/// Waits for the end of a delivery.
pub(super) struct Wait(watch::Receiver<Option<Outcome>>);

impl Memory {
    pub fn new(clock: Clock) -> Self {
        Self { clock, state: Mutex::default() }
    }

    /// Looks a delivery up, and takes a place for a new one.
    pub fn recall(&self, digest: Digest) -> Recall<'_> {
        let mut state = lock(&self.state);
        state.forget(self.clock.now());
        let is_full = state.deliveries.len() >= MAX;
        match state.deliveries.entry(digest) {
            Entry::Occupied(slot) => match slot.get() {
                Slot::UnderWay(end) => Recall::UnderWay(Wait(end.clone())),
                Slot::Ended(outcome) => Recall::Ended(*outcome),
            },
            Entry::Vacant(_) if is_full => Recall::Full,
            Entry::Vacant(slot) => {
                let (end, receiver) = watch::channel(None);
                slot.insert(Slot::UnderWay(receiver));
                Recall::New(Place { memory: self, digest, end, outcome: Outcome::Unknown })
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
    pub fn settle(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.memory.state);
        if self.outcome == Outcome::NotSent {
            // Nothing went out, so a repetition is a new try.
            state.deliveries.remove(&self.digest);
        } else {
            state.deliveries.insert(self.digest, Slot::Ended(self.outcome));
            state.ended.push_back((self.memory.clock.now(), self.digest));
        }
        drop(state);
        self.end.send_replace(Some(self.outcome));
    }
}

impl Wait {
    /// The outcome, when it is there.
    pub async fn outcome(mut self) -> Outcome {
        match self.0.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.unwrap_or(Outcome::Unknown),
            Err(_) => Outcome::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(memory: &Memory, digest: Digest, outcome: Outcome) {
        match memory.recall(digest) {
            Recall::New(place) => place.settle(outcome),
            _ => panic!("not new"),
        }
    }

    #[test]
    fn what_may_have_gone_out_is_remembered_for_a_minute() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(1000));
        let memory = Memory::new(clock);
        settle(&memory, [1; 32], Outcome::Accepted);
        settle(&memory, [2; 32], Outcome::Unknown);
        settle(&memory, [3; 32], Outcome::NotSent);
        hand.advance(LIFETIME - Duration::from_millis(1));
        assert!(matches!(memory.recall([1; 32]), Recall::Ended(Outcome::Accepted)));
        assert!(matches!(memory.recall([2; 32]), Recall::Ended(Outcome::Unknown)));
        settle(&memory, [3; 32], Outcome::NotSent);
        hand.advance(Duration::from_millis(1));
        settle(&memory, [1; 32], Outcome::Accepted);
        assert_eq!(lock(&memory.state).deliveries.len(), 1, "the others are forgotten");
    }

    #[tokio::test]
    async fn a_repetition_waits_for_the_first_and_a_lost_one_is_unknown() {
        let memory = Memory::new(Clock::manual(Timestamp::from_secs(1000)).0);
        let Recall::New(place) = memory.recall([1; 32]) else { panic!("not new") };
        let Recall::UnderWay(wait) = memory.recall([1; 32]) else { panic!("not under way") };
        place.settle(Outcome::NotSent);
        assert_eq!(wait.outcome().await, Outcome::NotSent);
        let Recall::New(place) = memory.recall([1; 32]) else { panic!("not new") };
        let Recall::UnderWay(wait) = memory.recall([1; 32]) else { panic!("not under way") };
        drop(place);
        assert_eq!(wait.outcome().await, Outcome::Unknown);
    }

    #[test]
    fn a_full_memory_refuses_rather_than_forgets() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(1000));
        let memory = Memory::new(clock);
        for number in 0..MAX {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&number.to_be_bytes());
            settle(&memory, digest, Outcome::Accepted);
        }
        assert!(matches!(memory.recall([1; 32]), Recall::Full));
        assert!(matches!(memory.recall([0; 32]), Recall::Ended(Outcome::Accepted)));
        hand.advance(LIFETIME);
        assert!(matches!(memory.recall([1; 32]), Recall::New(_)));
    }
}
