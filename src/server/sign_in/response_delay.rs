//! When the response to a refused code is sent: at one of a few fixed times after its request
//! (`sign_in.refuse_after`). So its time says little about how long upstream needed (requirement
//! E2).
//!
//! The time in use is called the step. It is chosen for the whole service, before an attempt is
//! looked at, and follows the time that upstream recently needed for verifies. All attempts that
//! wait for their response change with it. docs/auditors/disclosure.md says what can still be
//! observed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::settings::HumanDuration;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::system::random::Random;

/// How long before a response time upstream must have answered, so that what follows its answer
/// does not delay the response. A quarter of the delay where that is less.
const MARGIN: Duration = Duration::from_millis(250);
/// How long a call keeps the step where it is.
const WINDOW: Duration = Duration::from_secs(600);
/// The newest calls keep it beyond [`WINDOW`], this many of them …
const MIN_CALLS: usize = 32;
/// … and for at most so long. So without traffic one late answer is followed by many others at the
/// same time.
const MAX_AGE: Duration = Duration::from_secs(6 * 3600);
/// How many calls are remembered.
const MAX_CALLS: usize = 4096;
/// One call in so many may need a later step than the chosen one: the step is from the quantile
/// 0.999. With fewer calls none may.
const CALLS_PER_OUTLIER: usize = 1000;

/// Whether upstream is asked about a passcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UpstreamContact {
    /// The passcode is sent to upstream.
    Verify,
    /// The attempt is refused without upstream, which only has to be reachable.
    ConnectivityCheck,
}

/// The response times of refused codes, for the whole service.
#[derive(Debug)]
pub struct ResponseDelay {
    delays: Vec<Duration>,
    clock: Clock,
    random: Random,
    calls: Mutex<RecentCalls>,
    /// The step that was logged last.
    logged_step: AtomicUsize,
}

/// The response time of one attempt, if it is refused.
#[derive(Debug)]
pub(super) struct AttemptTiming {
    received_at: Timestamp,
    /// Only rises.
    step: AtomicUsize,
}

#[derive(Debug, Default)]
struct RecentCalls {
    /// The oldest first.
    ended: VecDeque<EndedCall>,
    /// When the requests of the calls in flight were received.
    running: BTreeMap<u64, Timestamp>,
    next_id: u64,
}

#[derive(Clone, Copy, Debug)]
struct EndedCall {
    ended_at: Timestamp,
    /// The first step that its answer was in time for.
    step: usize,
}

/// A call in flight, which a dropped future ends too.
struct RunningCall<'a> {
    calls: &'a Mutex<RecentCalls>,
    id: u64,
}

/// Tells the operator which delay holds.
fn show_delay(delay: Duration) {
    metrics::gauge!("latchkey_refusal_delay_seconds").set(delay.as_secs_f64());
}

impl AttemptTiming {
    /// Moves the response to a later step. Returns whether it was at an earlier one.
    fn raise(&self, step: usize) -> bool {
        self.step.fetch_max(step, Ordering::Relaxed) < step
    }
}

impl ResponseDelay {
    /// Starts at the first of the `delays`, which rise.
    pub fn new(delays: &[HumanDuration], clock: Clock, random: Random) -> Self {
        let delays: Vec<Duration> = delays.iter().map(|delay| delay.0).collect();
        show_delay(delays.first().copied().unwrap_or_default());
        Self {
            delays,
            clock,
            random,
            calls: Mutex::default(),
            logged_step: AtomicUsize::new(0),
        }
    }

    /// Chooses the response time of an attempt before anything is known about it.
    pub(super) fn begin(&self, received_at: Timestamp) -> AttemptTiming {
        let step = self.service_step();
        self.report(step);
        AttemptTiming {
            received_at,
            step: AtomicUsize::new(step),
        }
    }

    /// How long upstream may take for an attempt: until the last step.
    pub(super) fn upstream_timeout(&self, timing: &AttemptTiming) -> Duration {
        let last = self.delays.last().copied().unwrap_or_default();
        (timing.received_at + answer_limit(last)).since(self.clock.now())
    }

    /// Makes a call for an attempt. While it lasts and afterwards, the time it takes counts for the
    /// step of the service. It does not count if it ends in a `disclosed` failure, which is no
    /// refusal of a code.
    pub(super) async fn measure<T, E>(
        &self,
        timing: &AttemptTiming,
        contact: UpstreamContact,
        call: impl Future<Output = Result<T, E>>,
        is_disclosed: impl FnOnce(&E) -> bool,
    ) -> Result<T, E> {
        let running = RunningCall::start(&self.calls, timing.received_at);
        let result = call.await;
        drop(running);
        if result.as_ref().is_err_and(is_disclosed) {
            return result;
        }
        let now = self.clock.now();
        let step = self.step_in_time(now.since(timing.received_at));
        timing.raise(step);
        // A check in time says nothing about verifies, so it must not lower their quantile.
        if contact == UpstreamContact::Verify || step > 0 {
            lock(&self.calls).record(EndedCall {
                ended_at: now,
                step,
            });
        }
        if contact == UpstreamContact::ConnectivityCheck {
            timing.raise(self.random_recent_step());
        }
        result
    }

    /// Waits until the response to a refused code is due. While it waits, the response moves to a
    /// later step with the service.
    pub(super) async fn wait(&self, timing: &AttemptTiming) {
        timing.raise(self.service_step());
        // None if this server was so slow that no step is left.
        while let Some(time) = self.next_time(timing) {
            self.clock.sleep_until(time).await;
            if !timing.raise(self.service_step()) {
                break;
            }
        }
    }

    fn next_time(&self, timing: &AttemptTiming) -> Option<Timestamp> {
        let now = self.clock.now();
        let times = self.delays.iter().map(|delay| timing.received_at + *delay);
        times
            .skip(timing.step.load(Ordering::Relaxed))
            .find(|time| *time >= now)
    }

    /// The first step for which an answer after `elapsed` is in time.
    fn step_in_time(&self, elapsed: Duration) -> usize {
        self.delays
            .iter()
            .position(|delay| elapsed <= answer_limit(*delay))
            .unwrap_or_else(|| self.delays.len().saturating_sub(1))
    }

    /// The first step that all recent calls but the outliers were in time for, or still can be.
    fn service_step(&self) -> usize {
        let now = self.clock.now();
        let calls = lock(&self.calls);
        let running = calls
            .running
            .values()
            .map(|received_at| self.step_in_time(now.since(*received_at)))
            .filter(|step| *step > 0);
        let mut steps: Vec<usize> = calls.recent(now).map(|call| call.step).collect();
        steps.extend(running);
        let outliers = steps.len() / CALLS_PER_OUTLIER;
        steps.sort_unstable_by(|a, b| b.cmp(a));
        steps.get(outliers).copied().unwrap_or(0)
    }

    /// The step of one recent call. An attempt that upstream never sees takes it, so that it is as
    /// often an outlier as others are.
    fn random_recent_step(&self) -> usize {
        let now = self.clock.now();
        let calls = lock(&self.calls);
        let count = u64::try_from(calls.recent(now).count()).unwrap_or_default();
        let drawn = usize::try_from(self.random.below(count)).unwrap_or_default();
        calls.recent(now).nth(drawn).map_or(0, |call| call.step)
    }

    /// Tells the operator when the step changes.
    fn report(&self, step: usize) {
        let delay = self.delays.get(step).copied().unwrap_or_default();
        show_delay(delay);
        if self.logged_step.swap(step, Ordering::Relaxed) != step {
            tracing::info!(
                delay_secs = delay.as_secs_f64(),
                "the delay of refused codes follows the time that upstream needs for verifies"
            );
        }
    }
}

/// How long after the request an answer is in time for a response after `delay`.
fn answer_limit(delay: Duration) -> Duration {
    delay.saturating_sub(MARGIN.min(delay / 4))
}

impl RecentCalls {
    fn record(&mut self, call: EndedCall) {
        if self.ended.len() >= MAX_CALLS {
            self.ended.pop_front();
        }
        self.ended.push_back(call);
    }

    /// The calls that the step follows, the newest first.
    fn recent(&self, now: Timestamp) -> impl Iterator<Item = &EndedCall> {
        let newest_first = self.ended.iter().rev().enumerate();
        newest_first
            .take_while(move |(index, call)| {
                let age = now.since(call.ended_at);
                age < WINDOW || (*index < MIN_CALLS && age < MAX_AGE)
            })
            .map(|(_, call)| call)
    }
}

impl<'a> RunningCall<'a> {
    fn start(calls: &'a Mutex<RecentCalls>, received_at: Timestamp) -> Self {
        let mut locked = lock(calls);
        let id = locked.next_id;
        locked.next_id += 1;
        locked.running.insert(id, received_at);
        Self { calls, id }
    }
}

impl Drop for RunningCall<'_> {
    fn drop(&mut self) {
        lock(self.calls).running.remove(&self.id);
    }
}

#[cfg(test)]
mod tests;
