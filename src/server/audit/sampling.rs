//! Limits how often events are written that anyone can cause at will, so that a flood does not fill
//! the disk. Limits are kept by name and outcome, so that one kind of refusal does not displace
//! others.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::system::mutex::lock;

/// How many events of one name and outcome are written in a window.
const MAX_PER_WINDOW: u64 = 60;
const WINDOW: Duration = Duration::from_secs(60);

/// Whether an event is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SamplingDecision {
    /// Write it; `left_out` before it were dropped.
    Write { left_out: u64 },
    /// Do not write it.
    Drop,
}

/// Windows by name and outcome of the event. These have few values, so there are few windows.
#[derive(Debug, Default)]
pub(super) struct Sampler(Mutex<HashMap<(&'static str, String), Window>>);

#[derive(Debug)]
struct Window {
    began_at: Timestamp,
    written: u64,
    left_out: u64,
}

impl Sampler {
    pub(super) fn admit(
        &self,
        name: &'static str,
        outcome: String,
        now: Timestamp,
    ) -> SamplingDecision {
        let mut windows = lock(&self.0);
        let window = windows.entry((name, outcome)).or_insert(Window {
            began_at: now,
            written: 0,
            left_out: 0,
        });
        if now.since(window.began_at) >= WINDOW {
            (window.began_at, window.written) = (now, 0);
        }
        if window.written >= MAX_PER_WINDOW {
            window.left_out += 1;
            return SamplingDecision::Drop;
        }
        window.written += 1;
        SamplingDecision::Write {
            left_out: std::mem::take(&mut window.left_out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l1_a_flood_is_cut_and_counted() {
        let (flood, start) = (Sampler::default(), Timestamp::from_secs(1000));
        let admit = |name, outcome: &str, now| flood.admit(name, outcome.to_owned(), now);
        for number in 0..1000 {
            let expected = if number < MAX_PER_WINDOW {
                SamplingDecision::Write { left_out: 0 }
            } else {
                SamplingDecision::Drop
            };
            assert_eq!(admit("a", "x", start), expected, "{number}");
        }
        assert_eq!(
            admit("b", "x", start),
            SamplingDecision::Write { left_out: 0 },
            "another name is another matter"
        );
        assert_eq!(
            admit("a", "y", start),
            SamplingDecision::Write { left_out: 0 },
            "so is another outcome"
        );
        assert_eq!(
            admit("a", "x", start + WINDOW),
            SamplingDecision::Write { left_out: 940 }
        );
        assert_eq!(
            admit("a", "x", start + WINDOW),
            SamplingDecision::Write { left_out: 0 }
        );
    }
}
