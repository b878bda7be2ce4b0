//! The sandbox's clock: the system time, moved forward by `/control/clock`.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A point in time: milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// This time plus a duration.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(by)))
    }

    /// The duration since `earlier`; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since the epoch, as in tokens.
    pub fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds since the epoch, as in users.
    pub fn as_milliseconds(self) -> i64 {
        self.0
    }

    /// RFC 3339 in UTC.
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .unwrap_or_default()
            .to_string()
    }
}

/// The system time plus an offset.
#[derive(Debug, Default)]
pub struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// The largest offset: ten years.
    pub const MAX_OFFSET: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

    /// The current time.
    #[expect(clippy::disallowed_methods, reason = "this is the sandbox's clock")]
    pub fn now(&self) -> Timestamp {
        let system = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(milliseconds(system).saturating_add(self.offset.load(Ordering::Relaxed)))
    }

    /// Moves the clock forward. Returns `false`, and changes nothing, if the offset would exceed
    /// [`Clock::MAX_OFFSET`].
    pub fn advance(&self, by: Duration) -> bool {
        let add = |offset: i64| {
            let sum = offset.saturating_add(milliseconds(by));
            (sum <= milliseconds(Self::MAX_OFFSET)).then_some(sum)
        };
        self.offset
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add)
            .is_ok()
    }

    /// Returns to the system time.
    pub fn reset(&self) {
        self.offset.store(0, Ordering::Relaxed);
    }
}

/// Waits in real time, independent of the moved clock.
#[expect(
    clippy::disallowed_methods,
    reason = "latency is in real time, not by the moved clock"
)]
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
