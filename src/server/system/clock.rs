//! The clock and the stopwatch. Every rule about time takes a [`Clock`], so that tests can move it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::timestamp::Timestamp;

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

    /// A clock that stands still until its handle advances it. For tests.
    pub fn manual(start: Timestamp) -> (Self, ClockHandle) {
        let sender = Arc::new(watch::Sender::new(start));
        (Self(Source::Manual(sender.clone())), ClockHandle(sender))
    }

    /// The current time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap_or_default()
                .into(),
            Source::Manual(time) => *time.borrow(),
        }
    }

    /// Returns when `deadline` is reached; immediately if it has passed.
    #[expect(clippy::disallowed_methods, reason = "the one place that sleeps")]
    pub async fn sleep_until(&self, deadline: Timestamp) {
        match &self.0 {
            Source::System => tokio::time::sleep(deadline.since(self.now())).await,
            Source::Manual(time) => {
                // `self` holds the sender, so only the deadline can end the wait.
                let _ = time.subscribe().wait_for(|now| *now >= deadline).await;
            }
        }
    }

    /// Returns after `duration`.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now() + duration).await;
    }

    /// Runs `future` for at most `duration`.
    ///
    /// # Errors
    /// [`Elapsed`] when `duration` passed first; `future` is dropped then.
    pub async fn timeout<T>(
        &self,
        duration: Duration,
        future: impl Future<Output = T>,
    ) -> Result<T, Elapsed> {
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = self.sleep(duration) => Err(Elapsed),
        }
    }
}

/// A timeout passed before the future completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("time ran out")]
pub struct Elapsed;

impl ClockHandle {
    /// Moves the clock forward and wakes the sleepers whose deadline is reached.
    pub fn advance(&self, duration: Duration) {
        self.0.send_modify(|now| *now = *now + duration);
    }
}

/// Measures with the monotonic clock, for durations in logs and metrics.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts measuring.
    #[expect(clippy::disallowed_methods, reason = "measures, decides nothing")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// The time since [`Stopwatch::start`].
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn advancing_a_manual_clock_wakes_sleepers_at_their_deadline() {
        let (clock, handle) = Clock::manual(Timestamp::from_secs(100));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(5)).await }
        });
        tokio::task::yield_now().await;
        handle.advance(Duration::from_secs(4));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        handle.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
    }
}
