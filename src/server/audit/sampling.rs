//! Events that anybody can cause at will are written so many a minute: a flood of them hides
//! nothing and fills no disk. They are told apart by name and outcome, so that a flood of refusals
//! displaces nothing but refusals of its kind.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::system::mutex::lock;

/// Events of one name and outcome that are written in a window.
const MOST: u64 = 60;
/// How long a window is.
const WINDOW: Duration = Duration::from_secs(60);

/// Whether an event is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SamplingDecision {
    /// It is; so many before it were not.
    In { left_out: u64 },
    /// It is not.
    Out,
}

/// What was written lately, by name and outcome of the event: few values, so that there are few
/// windows.
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
        if window.written >= MOST {
            window.left_out += 1;
            return SamplingDecision::Out;
        }
        window.written += 1;
        SamplingDecision::In {
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
            let expected = if number < MOST {
                SamplingDecision::In { left_out: 0 }
            } else {
                SamplingDecision::Out
            };
            assert_eq!(admit("a", "x", start), expected, "{number}");
        }
        assert_eq!(
            admit("b", "x", start),
            SamplingDecision::In { left_out: 0 },
            "another name is another matter"
        );
        assert_eq!(
            admit("a", "y", start),
            SamplingDecision::In { left_out: 0 },
            "so is another outcome"
        );
        assert_eq!(
            admit("a", "x", start + WINDOW),
            SamplingDecision::In { left_out: 940 }
        );
        assert_eq!(
            admit("a", "x", start + WINDOW),
            SamplingDecision::In { left_out: 0 }
        );
    }
}
