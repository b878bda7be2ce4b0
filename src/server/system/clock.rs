//! The one source of time. Every rule about time takes a [`Clock`], so that tests can move it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// A time that many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// A time that many seconds after the Unix epoch.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// How long it is from `earlier` to this time; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whole seconds until this time, rounded up; zero when it has come.
    pub fn seconds_from(self, now: Self) -> u64 {
        self.0.saturating_sub(now.0).div_ceil(1000)
    }

    /// This time moved back, not before the epoch.
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(millis(by)))
    }

    /// RFC 3339 in UTC, whole seconds: `2026-11-22T09:30:00Z`.
    pub fn rfc3339(self) -> String {
        let seconds = i64::try_from(self.as_secs()).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds)
            .unwrap_or(jiff::Timestamp::MAX)
            .to_string()
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(millis(by)))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}ms", self.rfc3339(), self.0 % 1000)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Tells the time and sleeps. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<watch::Sender<Timestamp>>),
}

/// Moves a clock made by [`Clock::manual`].
#[derive(Clone, Debug)]
pub struct ClockHandle(Arc<watch::Sender<Timestamp>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until its hand is moved: for tests.
    pub fn manual(start: Timestamp) -> (Self, ClockHandle) {
        let sender = Arc::new(watch::Sender::new(start));
        (Self(Source::Manual(sender.clone())), ClockHandle(sender))
    }

    /// The time now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                let since_epoch =
                    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                Timestamp(millis(since_epoch.unwrap_or_default()))
            }
            Source::Manual(time) => *time.borrow(),
        }
    }

    /// Returns when `deadline` has come; at once if it has passed.
    #[expect(clippy::disallowed_methods, reason = "the one place that sleeps")]
    pub async fn sleep_until(&self, deadline: Timestamp) {
        match &self.0 {
            Source::System => tokio::time::sleep(deadline.since(self.now())).await,
            Source::Manual(time) => {
                // The sender lives in `self`, so waiting can only end with the deadline.
                let _ = time.subscribe().wait_for(|now| *now >= deadline).await;
            }
        }
    }

    /// Returns after `duration`.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now() + duration).await;
    }

    /// Runs `work` for at most `duration`.
    ///
    /// # Errors
    /// [`Elapsed`] when time ran out first; `work` is dropped then.
    pub async fn timeout<T>(
        &self,
        duration: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Elapsed> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.sleep(duration) => Err(Elapsed),
        }
    }
}

/// Time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("time ran out")]
pub struct Elapsed;

impl ClockHandle {
    /// Moves the clock forward and wakes whoever sleeps on it.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = *now + by);
    }
}

/// A value that is measured against a monotonic clock, for durations in logs and metrics.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "measures, decides nothing")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Takes a lock whose data is valid even if another holder panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_print_as_rfc3339() {
        assert_eq!(
            Timestamp::from_secs(1_774_000_000).rfc3339(),
            "2026-03-20T09:46:40Z"
        );
    }

    #[test]
    fn waiting_rounds_up() {
        let now = Timestamp::from_millis(10_500);
        assert_eq!(Timestamp::from_millis(12_000).seconds_from(now), 2);
        assert_eq!(Timestamp::from_millis(10_500).seconds_from(now), 0);
        assert_eq!(Timestamp::from_millis(1).seconds_from(now), 0);
    }

    #[tokio::test]
    async fn a_moved_hand_wakes_sleepers() {
        let (clock, hand) = Clock::manual(Timestamp::from_secs(100));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(5)).await }
        });
        tokio::task::yield_now().await;
        hand.advance(Duration::from_secs(4));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        hand.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
    }
}
