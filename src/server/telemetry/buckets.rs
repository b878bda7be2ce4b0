//! The buckets of request durations.
//!
//! Some responses wait on purpose: that to "send me a code" for `sign_in.answer_after`, that to a
//! refused code for one of `sign_in.refuse_after`. Each of these delays has a bucket of its own, so
//! that the ones which were answered in time can be told from work that took longer.

use std::time::Duration;

/// The metric with these buckets.
pub(super) const REQUEST_DURATION: &str = "latchkey_http_request_duration_seconds";

/// The buckets of work, in milliseconds.
const WORK: [u64; 12] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

/// A response that waits leaves in this time before its delay, because the clock has milliseconds…
const BEFORE: u64 = 50;
/// … and in this time after it on a machine that is not overloaded.
const AFTER: u64 = 100;

/// Upper bounds in seconds, in ascending order. No bound of work divides the bucket of a delay.
pub(super) fn request_buckets(delays: &[Duration]) -> Vec<f64> {
    let delays = delays.iter().filter(|delay| !delay.is_zero());
    let of_delays: Vec<(u64, u64)> = delays
        .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX / 2))
        .map(|delay| (delay.saturating_sub(BEFORE).max(1), delay + AFTER))
        .collect();
    let divides = |bound: u64| {
        of_delays
            .iter()
            .any(|(first, last)| *first < bound && bound < *last)
    };
    let work = WORK.into_iter().filter(|bound| !divides(*bound));
    let edges = of_delays.iter().flat_map(|(first, last)| [*first, *last]);
    let mut bounds: Vec<u64> = work.chain(edges).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let seconds = |bound| Duration::from_millis(bound).as_secs_f64();
    bounds.into_iter().map(seconds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(delays: &[u64]) -> Vec<f64> {
        let delays: Vec<Duration> = delays.iter().copied().map(Duration::from_millis).collect();
        request_buckets(&delays)
    }

    /// The bucket of a duration: between which bounds it lies.
    fn bucket(bounds: &[f64], seconds: f64) -> usize {
        bounds.iter().filter(|bound| **bound < seconds).count()
    }

    #[test]
    fn each_delay_has_a_bucket_that_holds_nothing_else() {
        for delays in [
            &[1000, 1500, 5000, 10_000][..],
            &[800, 2000, 7500],
            &[30_000, 60_000],
            &[20],
            // Nearer to each other than a bucket is wide.
            &[1000, 1080],
        ] {
            let bounds = buckets(delays);
            assert!(bounds.is_sorted() && bounds.iter().all(|bound| *bound > 0.0));
            for delay in delays {
                let delay = Duration::from_millis(*delay).as_secs_f64();
                let own = bucket(&bounds, delay + 0.003);
                assert!(own > 0 && own < bounds.len(), "{delay} in {bounds:?}");
                // 20 ms are among the shortest work, and no bucket lies before them.
                if delay > 0.06 {
                    assert_ne!(own, bucket(&bounds, delay - 0.06), "{delay} in {bounds:?}");
                }
                assert_ne!(own, bucket(&bounds, delay + 0.11), "{delay} in {bounds:?}");
            }
        }
    }

    #[test]
    fn the_reference_lists_the_buckets_of_the_default_settings() {
        let reference = include_str!("../../../docs/operators/metrics.md");
        let delays = crate::server::settings::Settings::default()
            .sign_in
            .delays();
        let bounds: Vec<String> = request_buckets(&delays)
            .iter()
            .map(ToString::to_string)
            .collect();
        let words = reference.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&bounds.join(", ")), "{bounds:?}");
    }

    #[test]
    fn without_delays_the_bounds_are_those_of_work() {
        assert_eq!(buckets(&[0]).len(), WORK.len());
    }
}
