//! How far upstream's clock is from ours, read off the `Date` of its answers: tokens are believed
//! within [`SKEW`](crate::server::transmit::SKEW) only, so whoever runs this must hear of clocks
//! that differ before people do.

use std::sync::Mutex;

use http::{HeaderMap, header};

use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::transmit::tokens::claims::SKEW;
use crate::server::transmit::transport::response_headers::date;

/// What the last answers said.
pub(in crate::server::transmit) struct ClockSkew {
    clock: Clock,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Upstream's clock minus ours, in seconds; nothing before the first answer with a date.
    seconds: Option<i64>,
    is_told: bool,
}

impl ClockSkew {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            seen: Mutex::default(),
        }
    }

    /// Looks at an answer to a request that left at `asked_at`. One out of a cache (`Age`) tells an
    /// old time.
    pub fn observe(&self, headers: &HeaderMap, asked_at: Timestamp) {
        if headers.contains_key(header::AGE) {
            return;
        }
        let Some(seconds) =
            date(headers, header::DATE).map(|date| offset(date, asked_at, self.clock.now()))
        else {
            return;
        };
        metrics::gauge!("latchkey_upstream_clock_skew_seconds").set(seconds as f64);
        let is_wide = seconds.unsigned_abs() > SKEW.as_secs();
        let mut seen = lock(&self.seen);
        if is_wide && !seen.is_told {
            tracing::error!(
                skew_seconds = seconds,
                "upstream's clock is {}: its tokens are refused beyond {} seconds; check that this machine keeps time (NTP)",
                skew_in_words(seconds),
                SKEW.as_secs()
            );
        } else if !is_wide && seen.is_told {
            tracing::info!(
                skew_seconds = seconds,
                "upstream's clock and ours agree again"
            );
        }
        *seen = Seen {
            seconds: Some(seconds),
            is_told: is_wide,
        };
    }

    /// Upstream's clock minus ours, in seconds.
    pub fn seconds(&self) -> Option<i64> {
        lock(&self.seen).seconds
    }
}

/// How far upstream's clock is from ours, for operators.
pub fn skew_in_words(seconds: i64) -> String {
    let (apart, side) = (
        seconds.unsigned_abs(),
        if seconds < 0 { "behind" } else { "ahead of" },
    );
    format!("{apart} seconds {side} ours")
}

/// How far `date` lies outside the time in which the answer was made. A date is cut to whole
/// seconds.
fn offset(date: Timestamp, asked_at: Timestamp, now: Timestamp) -> i64 {
    let (date, earliest, latest) = (date.as_secs(), asked_at.as_secs(), now.as_secs());
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
    fn an_answer_made_between_question_and_now_shows_no_skew() {
        let at = Timestamp::from_secs;
        for (date, asked, now, expected) in [
            (100, 100, 100, 0),
            (105, 100, 110, 0),
            (99, 100, 110, -1),
            (111, 100, 110, 1),
            (700, 100, 100, 600),
        ] {
            assert_eq!(
                offset(at(date), at(asked), at(now)),
                expected,
                "{date} {asked} {now}"
            );
        }
    }
}
