//! The stand-in's own time: the system's, moved forward by `/control/clock`.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A point in time: milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// The moment `by` later.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(by)))
    }

    /// What lies between `earlier` and this moment; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since the epoch, as tokens carry them.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds since the epoch, as users carry them.
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// As RFC 3339 in UTC.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .unwrap_or_default()
            .to_string()
    }
}

/// The system's time plus an offset.
#[derive(Debug, Default)]
pub struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// How far the clock may be moved in all: ten years.
    pub const MAX_OFFSET: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

    /// The present moment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the stand-in has a clock of its own, and this is it"
    )]
    pub fn now(&self) -> Moment {
        let system = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Moment(milliseconds(system).saturating_add(self.offset.load(Ordering::Relaxed)))
    }

    /// Moves the clock forward; `false`, and no move, when it would go further than
    /// [`Clock::MAX_OFFSET`].
    pub fn advance(&self, by: Duration) -> bool {
        let moved = |offset: i64| {
            let sum = offset.saturating_add(milliseconds(by));
            (sum <= milliseconds(Self::MAX_OFFSET)).then_some(sum)
        };
        self.offset
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, moved)
            .is_ok()
    }

    /// Back to the system's time.
    pub fn reset(&self) {
        self.offset.store(0, Ordering::Relaxed);
    }
}

/// Waits in real time: a slow answer is slow for the client, whatever the clock says.
#[expect(
    clippy::disallowed_methods,
    reason = "latency is real time, not the moved clock's"
)]
pub async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

fn milliseconds(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
