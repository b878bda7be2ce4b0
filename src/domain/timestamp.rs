//! A point in time, in milliseconds since the Unix epoch.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch. Arithmetic saturates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The time this many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The time this many seconds after the Unix epoch.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// The time from `earlier` to this one; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whole seconds from `now` to this time, rounded up; zero when it has passed.
    pub fn seconds_from(self, now: Self) -> u64 {
        self.0.saturating_sub(now.0).div_ceil(1000)
    }

    /// This time moved back, but not before the epoch.
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(to_millis(duration)))
    }

    /// RFC 3339 in UTC, whole seconds: `2026-11-22T09:30:00Z`. The browser does not need it, and
    /// it would add a calendar to the WebAssembly.
    #[cfg(feature = "ssr")]
    pub fn to_rfc3339(self) -> String {
        let seconds = i64::try_from(self.as_secs()).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds)
            .unwrap_or(jiff::Timestamp::MAX)
            .to_string()
    }
}

impl From<Duration> for Timestamp {
    fn from(since_epoch: Duration) -> Self {
        Self(to_millis(since_epoch))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(to_millis(duration)))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(feature = "ssr")]
        write!(f, "{}+", self.to_rfc3339())?;
        write!(f, "{}ms", self.0 % 1000)
    }
}

fn to_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn formats_as_rfc3339_in_utc() {
        assert_eq!(
            Timestamp::from_secs(1_774_000_000).to_rfc3339(),
            "2026-03-20T09:46:40Z"
        );
    }

    #[test]
    fn remaining_seconds_round_up() {
        let now = Timestamp::from_millis(10_500);
        assert_eq!(Timestamp::from_millis(12_000).seconds_from(now), 2);
        assert_eq!(Timestamp::from_millis(10_500).seconds_from(now), 0);
        assert_eq!(Timestamp::from_millis(1).seconds_from(now), 0);
    }
}
