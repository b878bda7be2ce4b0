//! Stops calling what keeps failing, and tries again carefully: one breaker for each operation, so
//! that a broken SMS provider does not shut out those who are signed in.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::transmit::transport::operation::Operation;

/// Failures in a row after which an operation is left alone.
const FAILURES: u32 = 10;

/// How long it is left alone before one call may probe it.
const OPEN_FOR: Duration = Duration::from_secs(5);

/// The breakers of all operations.
pub(in crate::server::transmit) struct Breakers {
    clock: Clock,
    states: Mutex<HashMap<Operation, State>>,
}

#[derive(Clone, Copy)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Timestamp,
    },
    /// One probe is on its way.
    HalfOpen,
}

/// Permission for one call, to be handed back with its verdict. One that is dropped, as when the
/// caller gave up, says nothing.
pub(in crate::server::transmit) struct Permit<'a> {
    breakers: &'a Breakers,
    operation: Operation,
    is_probe: bool,
    verdict: Option<CallResult>,
}

#[derive(Clone, Copy)]
enum CallResult {
    Works,
    Fails,
}

impl Breakers {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            states: Mutex::default(),
        }
    }

    /// Leave to call, or `None` while the breaker is open.
    pub fn enter(&self, operation: Operation) -> Option<Permit<'_>> {
        let now = self.clock.now();
        let mut states = lock(&self.states);
        let state = states
            .entry(operation)
            .or_insert(State::Closed { failures: 0 });
        let is_probe = match *state {
            State::Closed { .. } => false,
            State::Open { until } if now >= until => {
                *state = State::HalfOpen;
                true
            }
            State::Open { .. } | State::HalfOpen => return None,
        };
        Some(Permit {
            breakers: self,
            operation,
            is_probe,
            verdict: None,
        })
    }

    /// Whether [`Breakers::enter`] would refuse just now.
    pub fn is_open(&self, operation: Operation) -> bool {
        match lock(&self.states).get(&operation) {
            None | Some(State::Closed { .. }) => false,
            Some(State::Open { until }) => self.clock.now() < *until,
            Some(State::HalfOpen) => true,
        }
    }
}

impl Permit<'_> {
    /// The call was answered.
    pub fn works(mut self) {
        self.verdict = Some(CallResult::Works);
    }

    /// The server or the network failed.
    pub fn fails(mut self) {
        self.verdict = Some(CallResult::Fails);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let now = self.breakers.clock.now();
        let mut states = lock(&self.breakers.states);
        let Some(state) = states.get_mut(&self.operation) else {
            return;
        };
        *state = match (*state, self.verdict, self.is_probe) {
            (State::Closed { failures }, Some(CallResult::Fails), _) if failures + 1 < FAILURES => {
                State::Closed {
                    failures: failures + 1,
                }
            }
            (State::Closed { .. }, Some(CallResult::Fails), _)
            | (State::HalfOpen, Some(CallResult::Fails), true) => {
                tracing::warn!(operation = %self.operation, open_secs = OPEN_FOR.as_secs(), "upstream breaker opened");
                State::Open {
                    until: now + OPEN_FOR,
                }
            }
            (State::Closed { .. }, Some(CallResult::Works), _) => State::Closed { failures: 0 },
            (State::HalfOpen, Some(CallResult::Works), true) => {
                tracing::info!(operation = %self.operation, "upstream breaker closed");
                State::Closed { failures: 0 }
            }
            // A probe that was given up: the next call may probe.
            (State::HalfOpen, None, true) => State::Open { until: now },
            // Calls that began before the breaker opened decide nothing any more.
            (state, ..) => state,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEND: Operation = Operation::OtpSend;

    fn fail(breakers: &Breakers, times: u32) {
        for _ in 0..times {
            breakers.enter(SEND).unwrap().fails();
        }
    }

    #[test]
    fn t7_opens_after_failures_in_a_row_and_closes_after_one_good_probe() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(1000));
        let breakers = Breakers::new(clock);
        fail(&breakers, FAILURES - 1);
        breakers.enter(SEND).unwrap().works();
        fail(&breakers, FAILURES - 1);
        assert!(!breakers.is_open(SEND));
        fail(&breakers, 1);
        assert!(breakers.is_open(SEND) && breakers.enter(SEND).is_none());
        assert!(breakers.enter(Operation::UserGet).is_some());

        hand.advance(OPEN_FOR);
        let probe = breakers.enter(SEND).unwrap();
        assert!(breakers.enter(SEND).is_none(), "one probe at a time");
        probe.fails();
        assert!(breakers.enter(SEND).is_none());

        hand.advance(OPEN_FOR);
        drop(breakers.enter(SEND).unwrap());
        breakers.enter(SEND).unwrap().works();
        assert!(!breakers.is_open(SEND));
        fail(&breakers, FAILURES - 1);
        assert!(!breakers.is_open(SEND));
    }

    #[test]
    fn t7_a_late_verdict_does_not_close_an_open_breaker() {
        let (clock, _hand) = Clock::manual(Timestamp::from_secs(1000));
        let breakers = Breakers::new(clock);
        let late = breakers.enter(SEND).unwrap();
        fail(&breakers, FAILURES);
        late.works();
        assert!(breakers.is_open(SEND));
    }
}
