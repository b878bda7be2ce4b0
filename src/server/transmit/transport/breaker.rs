//! Circuit breakers, one for each operation. An operation that keeps failing is not called for a
//! while; then one call probes it.
//!
//! They are separate so that a broken SMS provider does not affect people who are signed in.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::transmit::transport::operation::Operation;

/// Consecutive failures that open a breaker.
const FAILURE_THRESHOLD: u32 = 10;

/// How long a breaker stays open before one call may probe the operation.
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
    /// One probe is in flight.
    HalfOpen,
}

/// Permission for one call, which the caller ends by reporting a result. A permit that is dropped
/// without a result, because the caller was cancelled, does not count.
pub(in crate::server::transmit) struct Permit<'a> {
    breakers: &'a Breakers,
    operation: Operation,
    is_probe: bool,
    result: Option<CallResult>,
}

#[derive(Clone, Copy)]
enum CallResult {
    Success,
    Failure,
}

impl Breakers {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            states: Mutex::default(),
        }
    }

    /// Permission to call, or `None` while the breaker is open.
    pub fn acquire(&self, operation: Operation) -> Option<Permit<'_>> {
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
            result: None,
        })
    }

    /// Whether the latest calls failed: it is open, or nobody has probed it successfully since.
    pub fn has_tripped(&self, operation: Operation) -> bool {
        match lock(&self.states).get(&operation) {
            None | Some(State::Closed { .. }) => false,
            Some(State::Open { .. } | State::HalfOpen) => true,
        }
    }

    /// Whether [`Breakers::acquire`] would refuse now.
    pub fn is_open(&self, operation: Operation) -> bool {
        match lock(&self.states).get(&operation) {
            None | Some(State::Closed { .. }) => false,
            Some(State::Open { until }) => self.clock.now() < *until,
            Some(State::HalfOpen) => true,
        }
    }
}

impl Permit<'_> {
    /// Upstream responded to the call.
    pub fn record_success(mut self) {
        self.result = Some(CallResult::Success);
    }

    /// The server or the network failed.
    pub fn record_failure(mut self) {
        self.result = Some(CallResult::Failure);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let now = self.breakers.clock.now();
        let mut states = lock(&self.breakers.states);
        let Some(state) = states.get_mut(&self.operation) else {
            return;
        };
        *state = match (*state, self.result, self.is_probe) {
            (State::Closed { failures }, Some(CallResult::Failure), _)
                if failures + 1 < FAILURE_THRESHOLD =>
            {
                State::Closed {
                    failures: failures + 1,
                }
            }
            (State::Closed { .. }, Some(CallResult::Failure), _)
            | (State::HalfOpen, Some(CallResult::Failure), true) => {
                tracing::warn!(
                    operation = %self.operation,
                    open_secs = OPEN_FOR.as_secs(),
                    "upstream breaker opened"
                );
                State::Open {
                    until: now + OPEN_FOR,
                }
            }
            (State::Closed { .. }, Some(CallResult::Success), _) => State::Closed { failures: 0 },
            (State::HalfOpen, Some(CallResult::Success), true) => {
                tracing::info!(operation = %self.operation, "upstream breaker closed");
                State::Closed { failures: 0 }
            }
            // The probe was cancelled, so the next call may probe.
            (State::HalfOpen, None, true) => State::Open { until: now },
            // The call began before the breaker opened, so its result no longer counts.
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
            breakers.acquire(SEND).unwrap().record_failure();
        }
    }

    #[test]
    fn t7_a_breaker_opens_after_consecutive_failures_and_closes_after_one_good_probe() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(1000));
        let breakers = Breakers::new(clock);
        fail(&breakers, FAILURE_THRESHOLD - 1);
        breakers.acquire(SEND).unwrap().record_success();
        fail(&breakers, FAILURE_THRESHOLD - 1);
        assert!(!breakers.is_open(SEND));
        fail(&breakers, 1);
        assert!(breakers.is_open(SEND) && breakers.acquire(SEND).is_none());
        assert!(breakers.acquire(Operation::UserGet).is_some());

        hand.advance(OPEN_FOR);
        // It may be probed, and still nothing has succeeded.
        assert!(!breakers.is_open(SEND) && breakers.has_tripped(SEND));
        let probe = breakers.acquire(SEND).unwrap();
        assert!(breakers.acquire(SEND).is_none(), "one probe at a time");
        probe.record_failure();
        assert!(breakers.acquire(SEND).is_none());

        hand.advance(OPEN_FOR);
        drop(breakers.acquire(SEND).unwrap());
        breakers.acquire(SEND).unwrap().record_success();
        assert!(!breakers.is_open(SEND) && !breakers.has_tripped(SEND));
        fail(&breakers, FAILURE_THRESHOLD - 1);
        assert!(!breakers.is_open(SEND));
    }

    #[test]
    fn t7_a_late_result_does_not_close_an_open_breaker() {
        let (clock, _hand) = Clock::manual(Timestamp::from_secs(1000));
        let breakers = Breakers::new(clock);
        let late = breakers.acquire(SEND).unwrap();
        fail(&breakers, FAILURE_THRESHOLD);
        late.record_success();
        assert!(breakers.is_open(SEND));
    }
}
