//! The difference between upstream's clock and ours, measured from the `Date` of its responses.
//!
//! Tokens are accepted only within [`MAX_CLOCK_SKEW`]. The operator must therefore learn of a
//! difference before sign-ins fail.

use std::sync::Mutex;
use std::time::Duration;

use http::{HeaderMap, header};

use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::transmit::transport::response_headers::date;

/// How far two clocks may differ.
pub const MAX_CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The skew as of the last responses.
pub(in crate::server::transmit) struct ClockSkew {
    clock: Clock,
    last: Mutex<LastSkew>,
}

#[derive(Default)]
struct LastSkew {
    /// Upstream's clock minus ours, in seconds; `None` before the first response with a date.
    seconds: Option<i64>,
    /// Whether the operator was warned.
    is_reported: bool,
}

impl ClockSkew {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            last: Mutex::default(),
        }
    }

    /// Measures a response to a request sent at `requested_at`. A response from a cache (`Age`) is
    /// ignored, because its date is old.
    pub fn observe(&self, headers: &HeaderMap, requested_at: Timestamp) {
        if headers.contains_key(header::AGE) {
            return;
        }
        let Some(seconds) =
            date(headers, header::DATE).map(|date| offset(date, requested_at, self.clock.now()))
        else {
            return;
        };
        metrics::gauge!("latchkey_upstream_clock_skew_seconds").set(seconds as f64);
        let is_wide = seconds.unsigned_abs() > MAX_CLOCK_SKEW.as_secs();
        let mut last = lock(&self.last);
        if is_wide && !last.is_reported {
            tracing::error!(
                skew_seconds = seconds,
                "upstream's clock is {}: its tokens are rejected beyond {} seconds; \
                 check that this machine keeps time (NTP)",
                describe_skew(seconds),
                MAX_CLOCK_SKEW.as_secs()
            );
        } else if !is_wide && last.is_reported {
            tracing::info!(
                skew_seconds = seconds,
                "upstream's clock and ours agree again"
            );
        }
        *last = LastSkew {
            seconds: Some(seconds),
            is_reported: is_wide,
        };
    }

    /// Upstream's clock minus ours, in seconds.
    pub fn seconds(&self) -> Option<i64> {
        lock(&self.last).seconds
    }
}

/// The skew in words, for operators.
pub fn describe_skew(seconds: i64) -> String {
    let (apart, side) = (
        seconds.unsigned_abs(),
        if seconds < 0 { "behind" } else { "ahead of" },
    );
    format!("{apart} seconds {side} ours")
}

/// How far `date` lies outside the interval between request and response. A date has whole
/// seconds only.
fn offset(date: Timestamp, requested_at: Timestamp, now: Timestamp) -> i64 {
    let (date, earliest, latest) = (date.as_secs(), requested_at.as_secs(), now.as_secs());
    let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    if date < earliest {
        -signed(earliest - date)
    } else {
        signed(date.saturating_sub(latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_between_request_and_response_shows_no_skew() {
        let at = Timestamp::from_secs;
        for (date, requested, now, expected) in [
            (100, 100, 100, 0),
            (105, 100, 110, 0),
            (99, 100, 110, -1),
            (111, 100, 110, 1),
            (700, 100, 100, 600),
        ] {
            assert_eq!(
                offset(at(date), at(requested), at(now)),
                expected,
                "{date} {requested} {now}"
            );
        }
    }
}
